//! Conversations in a SQLite file, shared by every process that opens it.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use tokio::sync::OnceCell;

use super::{SessionStore, Turn};
use crate::error::{Code, Error, Result};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS db_query_agent_sessions (
        name TEXT PRIMARY KEY,
        -- A counter, not a time: two turns within one tick still have an order.
        touched INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS db_query_agent_turns (
        id INTEGER PRIMARY KEY,
        session TEXT NOT NULL REFERENCES db_query_agent_sessions (name) ON DELETE CASCADE,
        turn TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS db_query_agent_turns_by_session ON db_query_agent_turns (session, id);";

/// The insert of a conversation, latest of all.
macro_rules! touch {
    () => {
        "INSERT INTO db_query_agent_sessions (name, touched)
         SELECT ?1, coalesce(max(touched), 0) + 1 FROM db_query_agent_sessions WHERE true"
    };
}

/// Keeps conversations in one SQLite file (write-ahead log, foreign keys on). The file is made when
/// the first conversation needs it.
#[derive(Debug)]
pub struct SqliteStore {
    path: String,
    pool: OnceCell<SqlitePool>,
}

impl SqliteStore {
    /// A store in the file at `path`.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), pool: OnceCell::new() }
    }

    async fn pool(&self) -> Result<&SqlitePool> {
        self.pool
            .get_or_try_init(|| async {
                let options = SqliteConnectOptions::new()
                    .filename(&self.path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .foreign_keys(true);
                let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.map_err(failed)?;
                sqlx::raw_sql(SCHEMA).execute(&pool).await.map_err(failed)?;
                Ok(pool)
            })
            .await
    }
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn names(&self) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT name FROM db_query_agent_sessions ORDER BY touched DESC, name")
            .fetch_all(self.pool().await?)
            .await
            .map_err(failed)
    }

    async fn turns(&self, name: &str) -> Result<Option<Vec<Turn>>> {
        let pool = self.pool().await?;
        let texts: Vec<String> =
            sqlx::query_scalar("SELECT turn FROM db_query_agent_turns WHERE session = ?1 ORDER BY id")
                .bind(name)
                .fetch_all(pool)
                .await
                .map_err(failed)?;
        if texts.is_empty() {
            let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM db_query_agent_sessions WHERE name = ?1")
                .bind(name)
                .fetch_optional(pool)
                .await
                .map_err(failed)?;
            return Ok(known.map(|_| Vec::new()));
        }
        let parse = |text: &String| {
            serde_json::from_str(text).map_err(|_| Error::new(Code::SessionFailed, "a kept turn cannot be read"))
        };
        texts.iter().map(parse).collect::<Result<_>>().map(Some)
    }

    async fn create(&self, name: &str) -> Result<()> {
        sqlx::query(concat!(touch!(), " ON CONFLICT DO NOTHING"))
            .bind(name)
            .execute(self.pool().await?)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn append(&self, name: &str, turn: Turn) -> Result<()> {
        let text = serde_json::to_string(&turn)
            .map_err(|_| Error::new(Code::SessionFailed, "a turn cannot be written as JSON"))?;
        let mut transaction = self.pool().await?.begin().await.map_err(failed)?;
        sqlx::query(concat!(touch!(), " ON CONFLICT (name) DO UPDATE SET touched = excluded.touched"))
            .bind(name)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        sqlx::query("INSERT INTO db_query_agent_turns (session, turn) VALUES (?1, ?2)")
            .bind(name)
            .bind(text)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    async fn clear(&self, name: &str) -> Result<()> {
        sqlx::query("DELETE FROM db_query_agent_turns WHERE session = ?1")
            .bind(name)
            .execute(self.pool().await?)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<()> {
        sqlx::query("DELETE FROM db_query_agent_sessions WHERE name = ?1")
            .bind(name)
            .execute(self.pool().await?)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn close(&self) {
        if let Some(pool) = self.pool.get() {
            pool.close().await;
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn failed(error: sqlx::Error) -> Error {
    let reason = match &error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.kind().to_string(),
        sqlx::Error::PoolClosed => "it is closed".to_owned(),
        _ => "it does not answer".to_owned(),
    };
    Error::new(Code::SessionFailed, format!("the session store failed: {reason}"))
}
