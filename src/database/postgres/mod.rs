//! PostgreSQL. Around each statement stands an explicit read-only transaction, always rolled back.

mod bind;
pub(super) mod decode;
pub(super) mod error;
pub(super) mod introspect;
pub(super) mod opinion;
pub(super) mod rights;
mod run;
mod wrap;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, ValueRef as _};

use super::collect::Read;
use super::rights::Rights;
use super::server::Server;
use super::{Limits, Opinion};
use crate::config::{DatabaseConfig, DatabaseUrl};
use crate::dial;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;
use crate::value::Value;

/// Pins the search path: PostgreSQL's own schema first, so that no other can put a function or a table in its
/// place, then the schemas that the path of the URL, the login or the database means right now, so that
/// unqualified names and extensions are found as before, and temporary objects last.
pub(super) const PINNED_PATH: &str = "pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_catalog', \
    (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ' ORDER BY n) \
     FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p (s, n) \
     WHERE s OPERATOR(pg_catalog.<>) 'pg_catalog' AND pg_catalog.left(s, 8) OPERATOR(pg_catalog.<>) 'pg_temp_'), \
    'pg_temp'), true)";

/// Prepared statements live for one question; the plain and the wrapped form of it.
const STATEMENTS: usize = 4;

/// A PostgreSQL server and how to log in there.
pub(super) struct PostgresServer {
    options: PgConnectOptions,
    /// Where it is, for messages.
    place: String,
    /// The schemas to read; `None` for all but the system's.
    schemas: Option<Vec<String>>,
}

impl PostgresServer {
    /// The server that `config` names.
    pub(super) fn new(config: &DatabaseConfig) -> Result<Self> {
        Ok(Self {
            options: dial::postgres(&config.url, &config.tls)?.statement_cache_capacity(STATEMENTS),
            place: place(&config.url),
            schemas: config.schemas.clone(),
        })
    }
}

/// Where the server is, for messages.
fn place(url: &DatabaseUrl) -> String {
    let host = url.host.as_deref().unwrap_or("the local PostgreSQL server");
    url.port.map_or_else(|| format!("`{host}`"), |port| format!("`{host}:{port}`"))
}

/// Milliseconds as `statement_timeout` takes them, where 0 would mean no limit.
pub(super) fn milliseconds(limit: Duration) -> i32 {
    i32::try_from(limit.as_millis()).unwrap_or(i32::MAX).max(1)
}

impl Server for PostgresServer {
    type Connection = PgConnection;

    const DIALECT: Dialect = Dialect::Postgres;

    async fn open(&self) -> Result<PgConnection, sqlx::Error> {
        self.options.connect().await
    }

    /// One round trip. `SET TRANSACTION READ WRITE` is refused once a snapshot was taken, so the
    /// last statement takes one; the same transaction takes back whatever `set_config` changed.
    /// Notices are not sent, because sqlx logs them and a function may put a row into one.
    async fn begin(&self, connection: &mut PgConnection, limit: Duration) -> Result<u64, sqlx::Error> {
        let limit = milliseconds(limit);
        let fence = format!(
            "BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {limit}; \
             SET LOCAL standard_conforming_strings = on; SET LOCAL client_min_messages = error; \
             SELECT pg_catalog.pg_backend_pid(), {PINNED_PATH}"
        );
        let row = sqlx::raw_sql(AssertSqlSafe(fence)).fetch_one(connection).await?;
        let pid = row.try_get_raw(0)?;
        let pid = if pid.is_null() { None } else { pid.as_str().map_err(sqlx::Error::Decode)?.parse().ok() };
        pid.ok_or_else(|| sqlx::Error::Protocol("no process id".to_owned()))
    }

    async fn run(
        &self,
        connection: &mut PgConnection,
        sql: &str,
        parameters: &[Value],
        limits: &Limits,
    ) -> Result<Read, sqlx::Error> {
        run::run(connection, sql, parameters, limits).await
    }

    async fn introspect(&self, connection: &mut PgConnection) -> Result<Schema, sqlx::Error> {
        introspect::introspect(connection, self.schemas.as_deref()).await
    }

    async fn consult(
        &self,
        connection: &mut PgConnection,
        statement: &ApprovedSql,
        estimate: bool,
    ) -> Result<Opinion, sqlx::Error> {
        opinion::consult(connection, statement, estimate).await
    }

    async fn rights(&self, connection: &mut PgConnection) -> Result<Rights, sqlx::Error> {
        rights::rights(connection).await
    }

    /// The statement is closed inside the transaction, because behind a transaction pooler the next
    /// message may go to another server process.
    async fn end(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        connection.clear_cached_statements().await?;
        sqlx::raw_sql("ROLLBACK").execute(connection).await?;
        Ok(())
    }

    async fn stop(&self, session: u64) -> Result<(), sqlx::Error> {
        let mut connection = self.open().await?;
        // Ended rather than cancelled: a request to cancel is lost on a session that is between two
        // messages of the statement, and the connection is given up anyway.
        let stop = format!("SELECT pg_catalog.pg_terminate_backend({session})");
        sqlx::raw_sql(AssertSqlSafe(stop)).execute(&mut connection).await?;
        connection.close().await
    }

    async fn close(&self, connection: PgConnection) {
        // The server cleans up after a connection that ends without a goodbye, too.
        let _ = connection.close().await;
    }

    fn explain(&self, error: sqlx::Error) -> Error {
        error::explain(&error, &self.place)
    }
}
