//! Databases behind one trait: read the schema, run an approved statement, stop it on the server.

mod collect;
mod error;
mod guest;
mod mask;
mod mysql;
mod opinion;
mod parameter;
mod pool;
mod postgres;
mod rights;
mod row;
mod server;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::guest::{Failure, Header, Host, Stopper, Watch, Wire, visit};
pub use self::mask::{Fetched, MASK};
use self::pool::Pool;
use crate::config::DatabaseConfig;
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;
use crate::value::Value;

pub use self::opinion::{Estimate, Examination, Opinion};
pub use self::rights::{About, Finding, Rights, Verdict};
pub use self::sqlite::Image;

/// A pooled, read-only way to one database.
#[async_trait]
pub trait Database: Send + Sync {
    /// The SQL it speaks.
    fn dialect(&self) -> Dialect;

    /// Reads the whole visible schema, in at most three round trips whatever its size.
    async fn introspect(&self) -> Result<Schema>;

    /// Runs `statement` in a read-only session and returns at most `limits.rows` rows, with a mask in the
    /// place of what the policy says must not be seen.
    ///
    /// Dropping the future stops the statement on the server and gives the connection up.
    async fn run(&self, statement: &ApprovedSql, limits: &Limits) -> Result<Rows> {
        self.fetch(statement, limits, None).await?.masked(statement)
    }

    /// Like [`Database::run`], once `examination` has heard what the database says of the statement. Both
    /// happen in one transaction, so nothing can change between them.
    async fn run_examined(
        &self,
        statement: &ApprovedSql,
        limits: &Limits,
        examination: &Examination<'_>,
    ) -> Result<Rows> {
        self.fetch(statement, limits, Some(examination)).await?.masked(statement)
    }

    /// Runs `statement` and returns rows that only [`Database::run`] can open.
    async fn fetch(
        &self,
        statement: &ApprovedSql,
        limits: &Limits,
        examination: Option<&Examination<'_>>,
    ) -> Result<Fetched>;

    /// Asks what the login could do if the guard and the read-only session were gone, and which fences stand.
    ///
    /// # Errors
    /// When the database cannot be reached or does not say.
    async fn rights(&self) -> Result<Rights>;

    /// Whether every process that is given the same URL reaches this database, so that they may share a cache.
    fn is_known_by_its_url(&self) -> bool {
        true
    }

    /// Answers when a connection can be had and the server replies.
    async fn ping(&self) -> Result<()>;

    /// How busy the pool is.
    fn pool(&self) -> PoolStatus;

    /// Closes every connection; later calls fail with [`Code::Closed`].
    async fn close(&self);
}

/// Where a result stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows returned at most; one more is read to know whether there were more.
    pub rows: usize,
    /// Bytes of cell data kept at most; a result that would pass it is cut there and marked.
    pub bytes: usize,
    /// The time the statement may take on the server.
    pub timeout: Duration,
}

/// Rows as the database gave them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    pub columns: Vec<ResultColumn>,
    /// Row after row, `columns.len()` cells each.
    pub cells: Vec<Value>,
    /// Whether there was more than the limits let through; exact.
    pub truncated: bool,
    /// For the user: types shown as text, and the like.
    pub warnings: Vec<String>,
    /// When they were read, where that was for an earlier question; `None`: just now.
    pub as_of: Option<DateTime<Utc>>,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultColumn {
    pub name: String,
    /// The engine's name of the type; empty where it gives none (a SQLite expression).
    pub type_name: String,
}

/// How busy a pool is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Connections it may keep.
    pub size: u32,
    pub open: u32,
    pub idle: u32,
}

impl Rows {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.columns.is_empty() { 0 } else { self.cells.len() / self.columns.len() }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Bytes that its cells take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.cells.iter().map(|cell| size_of::<Value>() + cell.heap_bytes()).sum()
    }

    /// Each row as a slice of its cells.
    pub fn iter(&self) -> impl Iterator<Item = &[Value]> {
        self.cells.chunks_exact(self.columns.len().max(1))
    }
}

/// The SQLite database whose bytes are in `image`, for as long as somebody replaces them.
#[must_use]
pub fn of_image(image: Arc<Image>, config: &DatabaseConfig) -> Arc<dyn Database> {
    Arc::new(sqlite::Sqlite::of_image(image, config))
}

/// Opens a pool on the database that `config` names. No connection is made before it is needed.
///
/// # Errors
/// [`Code::UnsupportedScheme`], or an option that cannot be used.
pub fn connect(config: &DatabaseConfig) -> Result<Arc<dyn Database>> {
    match config.url.dialect {
        Dialect::Sqlite => Ok(Arc::new(sqlite::Sqlite::new(config)?)),
        Dialect::Postgres => Ok(Arc::new(Pool::new(postgres::PostgresServer::new(config)?, config))),
        Dialect::Mysql => Ok(Arc::new(Pool::new(mysql::MysqlServer::new(config)?, config))),
        dialect @ Dialect::Mssql => {
            Err(Error::new(Code::UnsupportedScheme, format!("no connector serves `{}`", dialect.as_str())))
        }
    }
}
