//! MySQL and MariaDB. Around each statement stands a read-only transaction in a read-only session,
//! always rolled back.

mod bind;
pub(super) mod decode;
pub(super) mod error;
pub(super) mod introspect;
pub(super) mod opinion;
pub(super) mod rights;
mod run;

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Decode, MySql, Row as _};

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

/// The mode under which statements are read, whatever the server's is: without `ANSI_QUOTES`,
/// `NO_BACKSLASH_ESCAPES` and `PIPES_AS_CONCAT`, which would make another text of the one approved.
pub(super) const SQL_MODE: &str = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";
/// On MySQL also this one: its check knows which columns depend on the key, MariaDB's does not and
/// refuses good statements.
pub(super) const SQL_MODE_MYSQL: &str =
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

/// Modes under which the server would read another text than the guard.
pub(super) const WRONG_MODES: [&str; 3] = ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT"];

/// Prepared statements that a connection keeps at most. Nobody answers when one is closed, so the packet behind it
/// waits for the network's acknowledgement, up to 40 ms where the driver leaves Nagle's algorithm on, as sqlx does:
/// many are closed at once, and seldom.
const STATEMENTS: usize = 64;

/// A MySQL or MariaDB server and how to log in there.
pub(super) struct MysqlServer {
    options: MySqlConnectOptions,
    /// Where it is, for messages.
    place: String,
    /// The database of the URL.
    database: Option<String>,
    /// The databases to read; `None` for the one of the URL, or without one all but the system's.
    schemas: Option<Vec<String>>,
}

/// A connection, and which of the two servers is behind it.
pub(super) struct MysqlConnection {
    wire: MySqlConnection,
    is_mariadb: bool,
}

impl MysqlServer {
    /// The server that `config` names.
    pub(super) fn new(config: &DatabaseConfig) -> Result<Self> {
        Ok(Self {
            options: dial::mysql(&config.url, &config.tls)?.statement_cache_capacity(STATEMENTS),
            place: place(&config.url),
            database: config.url.database.clone(),
            schemas: config.schemas.clone(),
        })
    }
}

/// Where the server is, for messages.
fn place(url: &DatabaseUrl) -> String {
    let host = url.parameter("unix_socket").or(url.host.as_deref()).unwrap_or("localhost");
    url.port.map_or_else(|| format!("`{host}`"), |port| format!("`{host}:{port}`"))
}

impl MysqlConnection {
    /// The fence as one text: the limit, the mode, the session and the transaction read-only.
    ///
    /// The session as well, because DDL commits the transaction and then runs outside of it.
    fn fence(&self, limit: Duration) -> String {
        // 0 would mean no limit to both.
        let (mode, limit) = if self.is_mariadb {
            (SQL_MODE, format!("max_statement_time = {:.3}", limit.as_secs_f64().clamp(0.001, 31_536_000.0)))
        } else {
            (SQL_MODE_MYSQL, format!("max_execution_time = {}", limit.as_millis().clamp(1, 4_294_967_295)))
        };
        format!(
            "SET SESSION sql_mode = '{mode}', SESSION time_zone = '+00:00', SESSION {limit}; \
             SET SESSION TRANSACTION READ ONLY; START TRANSACTION READ ONLY; \
             SELECT CONNECTION_ID(), @@SESSION.sql_mode"
        )
    }
}

impl Server for MysqlServer {
    type Connection = MysqlConnection;

    const DIALECT: Dialect = Dialect::Mysql;

    async fn open(&self) -> Result<MysqlConnection, sqlx::Error> {
        let mut wire = self.options.connect().await?;
        let row = sqlx::raw_sql("SELECT VERSION()").fetch_one(&mut wire).await?;
        let is_mariadb = <&str as Decode<MySql>>::decode(row.try_get_raw(0)?)
            .is_ok_and(|version| version.to_ascii_lowercase().contains("mariadb"));
        Ok(MysqlConnection { wire, is_mariadb })
    }

    async fn begin(&self, connection: &mut MysqlConnection, limit: Duration) -> Result<u64, sqlx::Error> {
        let fence = connection.fence(limit);
        let row = sqlx::raw_sql(AssertSqlSafe(fence)).fetch_one(&mut connection.wire).await?;
        let mode = <&str as Decode<MySql>>::decode(row.try_get_raw(1)?).map_err(sqlx::Error::Decode)?;
        if WRONG_MODES.iter().any(|wrong| mode.contains(wrong)) {
            return Err(sqlx::Error::Protocol("the server does not take the `sql_mode` that is needed".to_owned()));
        }
        let number = <&str as Decode<MySql>>::decode(row.try_get_raw(0)?).map_err(sqlx::Error::Decode)?;
        number.parse().map_err(|_| sqlx::Error::Protocol("no connection id".to_owned()))
    }

    async fn run(
        &self,
        connection: &mut MysqlConnection,
        sql: &str,
        parameters: &[Value],
        limits: &Limits,
    ) -> Result<Read, sqlx::Error> {
        run::run(&mut connection.wire, sql, parameters, limits).await
    }

    async fn introspect(&self, connection: &mut MysqlConnection) -> Result<Schema, sqlx::Error> {
        introspect::introspect(&mut connection.wire, self.database.as_deref(), self.schemas.as_deref()).await
    }

    async fn consult(
        &self,
        connection: &mut MysqlConnection,
        statement: &ApprovedSql,
        _estimate: bool,
    ) -> Result<Opinion, sqlx::Error> {
        opinion::consult(connection, statement).await
    }

    async fn rights(&self, connection: &mut MysqlConnection) -> Result<Rights, sqlx::Error> {
        rights::rights(connection).await
    }

    async fn end(&self, connection: &mut MysqlConnection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("ROLLBACK").execute(&mut connection.wire).await?;
        // A question has a few statements: the plan, its run.
        if connection.wire.cached_statements_size() + 8 < STATEMENTS {
            return Ok(());
        }
        connection.wire.clear_cached_statements().await
    }

    /// Ends the whole session: its connection is thrown away anyway.
    async fn stop(&self, session: u64) -> Result<(), sqlx::Error> {
        let mut wire = self.options.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(format!("KILL {session}"))).execute(&mut wire).await?;
        wire.close().await
    }

    async fn close(&self, connection: MysqlConnection) {
        // The server cleans up after a connection that ends without a goodbye, too.
        let _ = connection.wire.close().await;
    }

    fn explain(&self, error: sqlx::Error) -> Error {
        error::explain(&error, &self.place)
    }
}
