//! Entries in a SQLite file, which only its owner may read.

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::OnceCell;

use super::{Fault, Looked, Store};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS db_query_agent_cache (
        name TEXT PRIMARY KEY,
        -- Milliseconds since 1970.
        ends INTEGER NOT NULL,
        entry BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS db_query_agent_cache_by_end ON db_query_agent_cache (ends);
    CREATE TABLE IF NOT EXISTS db_query_agent_cache_numbers (
        cause TEXT PRIMARY KEY,
        number INTEGER NOT NULL
    ) WITHOUT ROWID;";

/// Keeps entries in one file, made when the first one comes.
pub(super) struct SqliteStore {
    path: String,
    pool: OnceCell<SqlitePool>,
}

impl SqliteStore {
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), pool: OnceCell::new() }
    }

    async fn pool(&self) -> Result<&SqlitePool, Fault> {
        let open = || async {
            make_private(&self.path).map_err(|error| Fault(error.kind().to_string()))?;
            let options = SqliteConnectOptions::new()
                .filename(&self.path)
                .journal_mode(SqliteJournalMode::Wal)
                // A crash may lose the last entries, which costs time and nothing else.
                .synchronous(SqliteSynchronous::Normal)
                .disable_statement_logging();
            let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.map_err(fault)?;
            sqlx::raw_sql(SCHEMA).execute(&pool).await.map_err(fault)?;
            Ok(pool)
        };
        self.pool.get_or_try_init(open).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn look(&self, name: &str, causes: &[String]) -> Result<Looked, Fault> {
        let pool = self.pool().await?;
        let mut numbers = Vec::with_capacity(causes.len());
        for cause in causes {
            let number: Option<i64> =
                sqlx::query_scalar("SELECT number FROM db_query_agent_cache_numbers WHERE cause = ?1")
                    .bind(cause)
                    .fetch_optional(pool)
                    .await
                    .map_err(fault)?;
            numbers.push(number.unwrap_or_default().cast_unsigned());
        }
        let entry = sqlx::query_scalar("SELECT entry FROM db_query_agent_cache WHERE name = ?1 AND ends > ?2")
            .bind(name)
            .bind(Utc::now().timestamp_millis())
            .fetch_optional(pool)
            .await
            .map_err(fault)?;
        Ok(Looked { entry, numbers })
    }

    async fn put(&self, name: &str, entry: &[u8], keep: Duration) -> Result<(), Fault> {
        let now = Utc::now().timestamp_millis();
        let ends = now.saturating_add(i64::try_from(keep.as_millis()).unwrap_or(i64::MAX));
        let pool = self.pool().await?;
        sqlx::query("DELETE FROM db_query_agent_cache WHERE ends <= ?1")
            .bind(now)
            .execute(pool)
            .await
            .map_err(fault)?;
        sqlx::query("INSERT OR REPLACE INTO db_query_agent_cache (name, ends, entry) VALUES (?1, ?2, ?3)")
            .bind(name)
            .bind(ends)
            .bind(entry)
            .execute(pool)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn forget(&self, name: &str) -> Result<(), Fault> {
        sqlx::query("DELETE FROM db_query_agent_cache WHERE name = ?1")
            .bind(name)
            .execute(self.pool().await?)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn outdate(&self, cause: &str) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO db_query_agent_cache_numbers (cause, number) VALUES (?1, 1)
             ON CONFLICT (cause) DO UPDATE SET number = number + 1",
        )
        .bind(cause)
        .execute(self.pool().await?)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn clear(&self, beginning: &str) -> Result<(), Fault> {
        sqlx::query("DELETE FROM db_query_agent_cache WHERE substr(name, 1, length(?1)) = ?1")
            .bind(beginning)
            .execute(self.pool().await?)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn close(&self) {
        if let Some(pool) = self.pool.get() {
            pool.close().await;
        }
    }
}

/// Makes the file, for its owner alone, unless it is there.
fn make_private(path: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn fault(error: sqlx::Error) -> Fault {
    Fault(match &error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.kind().to_string(),
        _ => "it does not answer".to_owned(),
    })
}
