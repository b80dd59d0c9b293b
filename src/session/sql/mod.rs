//! Conversations in an SQL database, in the tables of the `OpenAI` Agents SDK's `SQLAlchemySession`
//! (and of its `SQLiteSession`), and two of our own beside them.

mod pool;
mod tables;

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use tokio::sync::OnceCell;

use super::message::{self, Kept, Written};
use super::{SessionStore, Turn};
use crate::config::DatabaseUrl;
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::redact::without_quoted;
use pool::{Address, Pool};

/// Messages read at first for each turn that is wanted: those of tools may stand between them.
const MESSAGES: usize = 3;

/// Longest name on MySQL and MariaDB, in characters, so that an index can hold it. The same as the SDK's.
const LONGEST_NAME: usize = 190;

/// Keeps conversations in a database of PostgreSQL, MySQL or `MariaDB`, or in one file of SQLite (write-ahead log,
/// each turn on the disk before its answer is given). File and tables are made when the first conversation needs
/// them.
#[derive(Debug)]
pub struct SqlStore {
    address: Address,
    pool: OnceCell<Pool>,
}

/// Pauses before something is tried again: each is twice as long, together about two seconds.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// One statement with texts for its parameters.
type Step<'a> = (&'static str, &'a [&'a str]);

/// Does the same on whichever pool it is.
macro_rules! each {
    ($pool:expr, $one:ident => $work:expr) => {
        match $pool {
            Pool::Sqlite($one) => $work,
            Pool::Postgres($one) => $work,
            Pool::Mysql($one) => $work,
        }
    };
}

impl SqlStore {
    /// A store in the database at `url`.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] or [`Code::UnsupportedScheme`] for a database that cannot hold conversations.
    pub fn new(url: &DatabaseUrl) -> Result<Self> {
        Ok(Self { address: Address::of(url)?, pool: OnceCell::new() })
    }

    /// A store in the SQLite file at `path`.
    #[must_use]
    pub fn in_file(path: &str) -> Self {
        Self { address: Address::file(path), pool: OnceCell::new() }
    }

    async fn pool(&self) -> Result<&Pool> {
        let open = || async {
            let pool = persist(|| self.address.connect()).await.map_err(failed)?;
            if execute(&pool, tables::ALL_THERE, &[]).await.is_err() {
                // What else is wrong with the database is said by this one.
                transact(&pool, &tables::make(pool.dialect()).map(|sql| (sql, [].as_slice()))).await?;
            }
            Ok(pool)
        };
        self.pool.get_or_try_init(open).await
    }

    /// The latest messages of a conversation, oldest first, and whether these are all.
    async fn latest(&self, name: &str, most: i64) -> Result<(Vec<Kept>, bool)> {
        let pool = self.pool().await?;
        let sql = tables::words(pool.dialect()).latest;
        let rows: Vec<(String, Option<i64>, Option<String>)> =
            each!(pool, pool => sqlx::query_as(sql).bind(name).bind(most).fetch_all(pool).await).map_err(failed)?;
        let is_all = i64::try_from(rows.len()).unwrap_or(i64::MAX) < most;
        let kept = |(item, seconds, details): (_, Option<i64>, _)| Kept {
            item,
            at: seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            details,
        };
        Ok((rows.into_iter().rev().map(kept).collect(), is_all))
    }

    async fn transact(&self, name: &str, steps: &[Step<'_>]) -> Result<()> {
        transact(self.writable(name).await?, steps).await
    }

    /// The pool, where it can keep a conversation of that name.
    async fn writable(&self, name: &str) -> Result<&Pool> {
        let pool = self.pool().await?;
        // Longer ones would be cut, and blanks at the end do not count there: two conversations would become one.
        if pool.dialect() == Dialect::Mysql && (name.chars().count() > LONGEST_NAME || name.ends_with(' ')) {
            let reason = format!("a conversation's name has at most {LONGEST_NAME} characters and no blank at its end");
            return Err(Error::new(Code::SessionFailed, reason).with_hint("give the conversation another name"));
        }
        Ok(pool)
    }
}

#[async_trait]
impl SessionStore for SqlStore {
    async fn names(&self) -> Result<Vec<String>> {
        let pool = self.pool().await?;
        each!(pool, pool => sqlx::query_scalar(tables::NAMES).fetch_all(pool).await).map_err(failed)
    }

    async fn turns(&self, name: &str, last: Option<usize>) -> Result<Option<Vec<Turn>>> {
        let mut most = last.map_or(i64::MAX, |last| i64::try_from(last.saturating_mul(MESSAGES)).unwrap_or(i64::MAX));
        let (messages, is_all) = loop {
            let (messages, is_all) = self.latest(name, most.max(1)).await?;
            if is_all || last.is_none_or(|last| message::count(&messages) >= last) {
                break (messages, is_all);
            }
            most = most.max(1).saturating_mul(2);
        };
        if messages.is_empty() && is_all {
            let pool = self.pool().await?;
            let sql = tables::words(pool.dialect()).is_known;
            let known: Option<i64> =
                each!(pool, pool => sqlx::query_scalar(sql).bind(name).fetch_optional(pool).await).map_err(failed)?;
            return Ok(known.map(|_| Vec::new()));
        }
        let mut turns = message::turns(&messages)?;
        turns.drain(..turns.len().saturating_sub(last.unwrap_or(usize::MAX)));
        Ok(Some(turns))
    }

    async fn create(&self, name: &str) -> Result<()> {
        let pool = self.writable(name).await?;
        execute(pool, tables::words(pool.dialect()).create, &[name]).await.map(|_| ())
    }

    async fn append(&self, name: &str, turn: Turn) -> Result<()> {
        let Written { user, assistant, details } = Written::of(turn)?;
        let words = tables::words(self.address.dialect());
        let steps: [Step<'_>; 4] = [
            // First, since it locks the conversation: neither we nor the SDK put a message between these two.
            (words.touch, &[name]),
            (words.say, &[name, &user]),
            (words.say, &[name, &assistant]),
            (words.explain, &[&details]),
        ];
        self.transact(name, &steps).await
    }

    async fn clear(&self, name: &str) -> Result<()> {
        let words = tables::words(self.address.dialect());
        self.transact(name, &[(words.forget_details, &[name]), (words.forget_messages, &[name])]).await
    }

    async fn delete(&self, name: &str) -> Result<()> {
        let words = tables::words(self.address.dialect());
        let steps: [Step<'_>; 3] =
            [(words.forget_details, &[name]), (words.forget_messages, &[name]), (words.forget, &[name])];
        self.transact(name, &steps).await
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn claim(&self, name: &str, holder: &str, lease: Duration) -> Result<bool> {
        let pool = self.writable(name).await?;
        let words = tables::words(pool.dialect());
        let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        let done = each!(pool, pool => {
            let query = sqlx::query(words.claim).bind(name).bind(holder).bind(lease);
            query.execute(pool).await.map(|done| done.rows_affected())
        });
        if done.map_err(failed)? > 0 {
            return Ok(true);
        }
        let done = each!(pool, pool => {
            let query = sqlx::query(words.take_over).bind(holder).bind(lease).bind(name).bind(holder);
            query.execute(pool).await.map(|done| done.rows_affected())
        });
        done.map(|rows| rows > 0).map_err(failed)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<()> {
        let pool = self.pool().await?;
        execute(pool, tables::words(pool.dialect()).release, &[name, holder]).await.map(|_| ())
    }

    async fn close(&self) {
        if let Some(pool) = self.pool.get() {
            each!(pool, pool => pool.close().await);
        }
    }
}

async fn execute(pool: &Pool, sql: &'static str, parameters: &[&str]) -> Result<u64> {
    each!(pool, pool => {
        let mut query = sqlx::query(sql);
        for parameter in parameters {
            query = query.bind(*parameter);
        }
        query.execute(pool).await.map(|done| done.rows_affected())
    })
    .map_err(failed)
}

/// All of `steps` or none.
async fn transact(pool: &Pool, steps: &[Step<'_>]) -> Result<()> {
    let begin = tables::words(pool.dialect()).begin;
    let work = || async {
        each!(pool, pool => {
            let mut transaction = pool.begin_with(begin).await?;
            for (sql, parameters) in steps {
                let mut query = sqlx::query(*sql);
                for parameter in *parameters {
                    query = query.bind(*parameter);
                }
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await
        })
    };
    persist(work).await.map_err(failed)
}

/// Does `work` again where another one stood in its way, a few times.
async fn persist<T, F: Future<Output = sqlx::Result<T>>>(work: impl Fn() -> F) -> sqlx::Result<T> {
    let mut pause = FIRST_PAUSE;
    loop {
        match work().await {
            Err(sqlx::Error::Database(error)) if pause < LAST_PAUSE && is_collision(error.code().as_deref()) => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            done => return done,
        }
    }
}

/// Deadlocks and failed serialisations, of which PostgreSQL and MySQL undo one and mean it to be tried again; and what
/// SQLite does not wait for by itself: another connection that makes the write-ahead log, or mends it.
fn is_collision(code: Option<&str>) -> bool {
    matches!(code, Some("40001" | "40P01" | "5" | "261" | "517"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn failed(error: sqlx::Error) -> Error {
    let reason = match &error {
        // A server repeats the value it stumbled over between quotation marks.
        sqlx::Error::Database(error) => without_quoted(error.message()),
        sqlx::Error::Io(error) => error.kind().to_string(),
        sqlx::Error::PoolClosed => "it is closed".to_owned(),
        _ => "it does not answer".to_owned(),
    };
    Error::new(Code::SessionFailed, format!("the session store failed: {reason}"))
}
