//! A database over connections that the application opens and lends: the same fences, limits and readings as over
//! connections of our own, on whatever driver the application uses.
//!
//! Why: an engine may know what no URL says (a password fetched for each connection, a tunnel, a database in the
//! memory of this process). A lent connection goes back as it came: each fence is put up for one statement and taken
//! down again, and one that was stopped half-way is given up.

mod loan;
mod mysql;
mod postgres;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::loan::Loans;
use super::error::{of_the_catalogue, refuse_zero_bytes};
use super::row::Told;
use super::{Database, Examination, Fetched, Limits, Opinion, PoolStatus, Rights, Rows};
use crate::config::DatabaseConfig;
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;
use crate::value::Value;

/// The time that reading the catalogue may take.
const CATALOGUE_LIMIT: Duration = Duration::from_mins(1);
/// The time that answering a ping may take.
const PING_LIMIT: Duration = Duration::from_secs(10);

/// What lends connections: the application's engine.
pub trait Host: Send + Sync + 'static {
    /// Takes a connection out of the pool. Blocks as long as the pool does.
    ///
    /// # Errors
    /// [`Code::ConnectionFailed`] or [`Code::PoolTimeout`], without any text of the driver: it may hold a password.
    fn lend(&self) -> Result<Box<dyn Wire>>;

    /// Whether all are given the same connection, which the application uses at the same time.
    fn is_shared(&self) -> bool;
}

/// A lent connection. Every call blocks. Dropping it gives it back.
pub trait Wire: Send {
    /// Runs one statement with its parameters, written `?` for SQLite and `%s` else, where `%` is then `%%`.
    ///
    /// # Errors
    /// What the driver says.
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Header>, Failure>;

    /// The next rows of the last statement, at most `rows`, and fewer once they have about `bytes` together; none
    /// when it has ended.
    ///
    /// # Errors
    /// What the driver says.
    fn fetch(&mut self, rows: usize, bytes: usize) -> Result<Vec<Vec<Value>>, Failure>;

    /// Ends the last statement, also where rows are left.
    fn end(&mut self);

    /// Whether statements run outside of a transaction until one is begun.
    fn commits_by_itself(&self) -> bool;

    /// What stops the statement that runs, from any thread; `None` where the driver has nothing of the kind.
    /// Takes the number by which the server knows the session.
    fn stopper(&self, session: u64) -> Option<Stopper>;

    /// Puts `watch` on the connection, or takes it off. Says whether the driver lets it see what a statement does.
    ///
    /// # Errors
    /// What the driver says.
    fn watch(&mut self, watch: Option<Arc<dyn Watch>>) -> Result<bool, Failure>;

    /// Closes the connection instead of giving it back.
    fn give_up(&mut self);
}

/// Stops what runs on a connection; called once, where it may block.
pub type Stopper = Box<dyn FnOnce() + Send>;

/// What SQLite asks while a statement runs.
pub trait Watch: Send + Sync {
    /// Whether the statement may do this: the action's number, its first two names and that of the database.
    fn allows(&self, action: i32, first: &str, second: &str, database: &str) -> bool;

    /// Whether the statement has to end.
    fn is_over(&self) -> bool;
}

/// A column of a result as the driver describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    /// The driver's number of the type, where it gives one.
    pub type_code: Option<i64>,
    /// Its width, where it gives one.
    pub width: Option<i64>,
}

/// What a driver says of a statement that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// SQLSTATE or number; empty where there is none.
    pub code: String,
    pub message: String,
    /// Whether the connection is gone.
    pub is_lost: bool,
}

/// How statements of one engine are run on a lent connection.
trait Manner: Send + Sync + 'static {
    /// What the connection had before.
    type Before: Send;

    const DIALECT: Dialect;

    /// Puts the fence up, for statements that may take `limit`. Answers the number of the session.
    fn begin(&self, wire: &mut dyn Wire, limit: Duration) -> Result<(u64, Self::Before)>;

    /// Runs an approved statement inside the fence.
    fn read(&self, wire: &mut dyn Wire, statement: &ApprovedSql, limits: &Limits, run: &loan::Run) -> Result<Rows>;

    /// Asks what an approved statement reads and, with `estimate`, what it is expected to cost.
    fn consult(&self, wire: &mut dyn Wire, statement: &ApprovedSql, estimate: bool) -> Result<Opinion>;

    /// Reads the catalogue inside the fence.
    fn introspect(&self, wire: &mut dyn Wire) -> Result<Schema>;

    /// Asks what the login may do and which fences stand.
    fn rights(&self, wire: &mut dyn Wire, run: &loan::Run) -> Result<Rights>;

    /// Takes the fence down and leaves the connection as it was.
    fn end(&self, wire: &mut dyn Wire, before: Self::Before) -> Result<()>;
}

/// The database behind `host`, which speaks the dialect of `config`.
///
/// # Errors
/// [`Code::UnsupportedScheme`].
pub fn visit(host: Arc<dyn Host>, config: &DatabaseConfig) -> Result<Arc<dyn Database>> {
    Ok(match config.url.dialect {
        Dialect::Sqlite => Arc::new(Guest::new(sqlite::Sqlite::new(host.is_shared()), host, config)),
        Dialect::Postgres => Arc::new(Guest::new(postgres::Postgres::new(config), host, config)),
        Dialect::Mysql => Arc::new(Guest::new(mysql::Mysql::new(config), host, config)),
        dialect @ Dialect::Mssql => {
            return Err(Error::new(Code::UnsupportedScheme, format!("no connector serves `{}`", dialect.as_str())));
        }
    })
}

struct Guest<M: Manner> {
    loans: Loans<M>,
}

impl<M: Manner> Guest<M> {
    fn new(manner: M, host: Arc<dyn Host>, config: &DatabaseConfig) -> Self {
        Self { loans: Loans::new(manner, host, config) }
    }
}

#[async_trait]
impl<M: Manner> Database for Guest<M> {
    fn dialect(&self) -> Dialect {
        M::DIALECT
    }

    fn is_known_by_its_url(&self) -> bool {
        false
    }

    async fn introspect(&self) -> Result<Schema> {
        let read = self.loans.with(CATALOGUE_LIMIT, |manner, wire, _run| manner.introspect(wire)).await;
        read.map_err(|error| of_the_catalogue(&error))
    }

    async fn fetch(
        &self,
        statement: &ApprovedSql,
        limits: &Limits,
        examination: Option<&Examination<'_>>,
    ) -> Result<Fetched> {
        let failed = |error: Error| error.with_sql(statement.text());
        refuse_zero_bytes(statement.statement()).map_err(failed)?;
        let mut heard = None;
        if let Some(Examination { estimate, judge }) = examination {
            let (asked, estimate) = (statement.clone(), *estimate);
            let consult =
                move |manner: &M, wire: &mut dyn Wire, _run: &loan::Run| manner.consult(wire, &asked, estimate);
            let opinion = self.loans.with(limits.timeout, consult).await.map_err(failed)?;
            judge(opinion.clone()).map_err(failed)?;
            heard = Some(opinion);
        }
        let (asked, limits) = (statement.clone(), *limits);
        let read = move |manner: &M, wire: &mut dyn Wire, run: &loan::Run| {
            // The opinion was judged outside of this transaction, so it must still be the same in it.
            if let Some(heard) = heard {
                let again = manner.consult(wire, &asked, false)?;
                if (&again.relations, &again.views, &again.children)
                    != (&heard.relations, &heard.views, &heard.children)
                {
                    return Err(Error::new(
                        Code::StaleSchema,
                        "what the statement reads changed while it was examined",
                    ));
                }
            }
            manner.read(wire, &asked, &limits, run)
        };
        self.loans.with(limits.timeout, read).await.map(Fetched::new).map_err(failed)
    }

    async fn rights(&self) -> Result<Rights> {
        self.loans.with(CATALOGUE_LIMIT, |manner, wire, run| manner.rights(wire, run)).await
    }

    async fn ping(&self) -> Result<()> {
        // Putting the fence up is a question and an answer.
        self.loans.with(PING_LIMIT, |_manner, _wire, _run| Ok(())).await
    }

    fn pool(&self) -> PoolStatus {
        self.loans.status()
    }

    async fn close(&self) {
        self.loans.close().await;
    }
}

/// Rows of a statement of this module's own, as text.
fn told(wire: &mut dyn Wire, sql: &str, parameters: &[Value]) -> Result<Vec<Told>, Failure> {
    wire.execute(sql, parameters)?;
    rest(wire)
}

/// All rows of the statement that runs, as text.
fn rest(wire: &mut dyn Wire) -> Result<Vec<Told>, Failure> {
    const ROWS: usize = 1000;
    const BYTES: usize = 1 << 20;
    let mut rows = Vec::new();
    loop {
        let some = wire.fetch(ROWS, BYTES)?;
        if some.is_empty() {
            wire.end();
            return Ok(rows);
        }
        rows.extend(some.into_iter().map(|row| Told(row.into_iter().map(as_text).collect())));
    }
}

/// Runs a statement of this module's own that gives no rows.
fn done(wire: &mut dyn Wire, sql: &str, parameters: &[Value]) -> Result<(), Failure> {
    wire.execute(sql, parameters)?;
    wire.end();
    Ok(())
}

/// A value as a server's text protocol writes it.
fn as_text(value: Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(truth) => (if truth { "t" } else { "f" }).to_owned(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Decimal(text) | Value::Text(text) => text.into_string(),
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Value::Json(json) => json.to_string(),
        // A document that the driver has read.
        Value::Array(items) => {
            let items = Vec::from(items).into_iter().map(|item| as_text(item).unwrap_or_else(|| "null".to_owned()));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::DateTimeTz(moment) => moment.to_rfc3339(),
        Value::Uuid(uuid) => uuid.to_string(),
        // The catalogue has none of these.
        Value::Interval(_) | Value::Tuple(_) => return None,
    })
}
