//! The database that keeps conversations: where it is, and a few connections to it.

use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::config::{DatabaseUrl, TlsConfig};
use crate::dial;
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};

/// Connections at most. A statement here takes about a millisecond, so four serve thousands of questions.
const CONNECTIONS: u32 = 4;

/// How long a statement waits for a connection, and one on SQLite for those of other processes.
const PATIENCE: Duration = Duration::from_secs(10);

/// `created_at` has no zone, and its default is the clock on the wall of the session's. The driver asks for UTC; the
/// SDK's leaves it to the server, and orders messages by it. So this asks for what the server would have chosen: what
/// is set for the login or the database, else the zone that `initdb` has found, which it also wrote down for the log
/// (`timezone` itself shows what the driver has asked for).
const ZONE: &str = "SELECT set_config('TimeZone', coalesce(
    (SELECT substr(setting, 10) FROM pg_db_role_setting, unnest(setconfig) AS setting
     WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user)) AND setting ILIKE 'timezone=%'
     ORDER BY setrole = 0, setdatabase = 0 LIMIT 1),
    current_setting('log_timezone')), false)";

/// Where the database is.
#[derive(Clone, Debug)]
pub(super) enum Address {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
    Mysql(MySqlConnectOptions),
}

/// Connections to it.
#[derive(Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
    Mysql(MySqlPool),
}

impl Address {
    /// A file, made when it is first written to.
    pub(super) fn file(path: &str) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Every turn is on the disk once it is committed, whatever becomes of the machine.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            .disable_statement_logging();
        Self::Sqlite(options)
    }

    /// The database that `url` names.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] or [`Code::UnsupportedScheme`].
    pub(super) fn of(url: &DatabaseUrl) -> Result<Self> {
        match url.dialect {
            Dialect::Sqlite => Ok(Self::file(url.database.as_deref().unwrap_or(":memory:"))),
            Dialect::Postgres => {
                dial::postgres(url, &TlsConfig::default()).map(Self::Postgres).map_err(|error| named(&error))
            }
            Dialect::Mysql => dial::mysql(url, &TlsConfig::default()).map(Self::Mysql).map_err(|error| named(&error)),
            dialect @ Dialect::Mssql => Err(Error::new(
                Code::UnsupportedScheme,
                format!("`session_url`: conversations cannot be kept in `{}`", dialect.as_str()),
            )
            .with_hint("use `postgresql`, `mysql` or `sqlite`")),
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::Mysql(_) => Dialect::Mysql,
        }
    }

    pub(super) async fn connect(&self) -> sqlx::Result<Pool> {
        Ok(match self.clone() {
            Self::Sqlite(options) => Pool::Sqlite(
                SqlitePoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(PATIENCE)
                    .connect_with(options)
                    .await?,
            ),
            Self::Postgres(options) => {
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
                let pool = pool.after_connect(|connection, _| {
                    Box::pin(async move { sqlx::query(ZONE).execute(connection).await.map(|_| ()) })
                });
                Pool::Postgres(pool.connect_with(options).await?)
            }
            Self::Mysql(options) => Pool::Mysql(
                MySqlPoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(PATIENCE)
                    .connect_with(options)
                    .await?,
            ),
        })
    }
}

impl Pool {
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::Mysql(_) => Dialect::Mysql,
        }
    }
}

/// `error`, saying whose address it is about.
fn named(error: &Error) -> Error {
    Error::new(error.code(), format!("`session_url`: {error}")).with_hint(error.hint().to_owned())
}
