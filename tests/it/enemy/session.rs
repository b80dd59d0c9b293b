//! A connection of an administrator, without any of the project's fences.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db_query_agent::dialect::Dialect;
use futures::StreamExt;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection, Row as _, SqliteConnection,
    ValueRef as _,
};

use super::authorizer::{self, Noted};

/// Rows that are kept of a result.
const ROWS: usize = 500;
/// Bytes that are kept of a cell.
const CELL: usize = 4096;
/// How often SQLite may ask whether to go on, a thousand steps of its machine each time.
const PATIENCE: i64 = 3_000;

/// A row: each cell in the engine's own text form.
pub type Row = Vec<Option<String>>;

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Rows(Vec<Row>),
    /// The engine's code, and everything it said.
    Error(String, String),
    TimedOut,
}

/// One connection.
pub enum Session {
    Sqlite { connection: SqliteConnection, noted: Arc<Noted>, patience: Arc<AtomicI64> },
    Postgres(PgConnection),
    Mysql(MySqlConnection),
}

impl Session {
    pub async fn open(dialect: Dialect, url: &str) -> Result<Self, sqlx::Error> {
        Ok(match dialect {
            Dialect::Sqlite => {
                let mut connection = SqliteConnection::connect(url).await?;
                let patience = Arc::new(AtomicI64::new(i64::MAX));
                let left = Arc::clone(&patience);
                let mut handle = connection.lock_handle().await?;
                handle.set_progress_handler(1_000, move || left.fetch_sub(1, Ordering::Relaxed) > 0);
                let noted = authorizer::note_reads(handle.as_raw_handle());
                drop(handle);
                Self::Sqlite { connection, noted, patience }
            }
            Dialect::Postgres => {
                let mut connection = PgConnection::connect(url).await?;
                connection.execute("SET statement_timeout = 1000; SET timezone = 'UTC'").await?;
                Self::Postgres(connection)
            }
            Dialect::Mysql => {
                let mut connection = MySqlConnection::connect(url).await?;
                // The mode that the project's own connections read with.
                connection
                    .execute(
                        "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', max_statement_time = 1",
                    )
                    .await?;
                Self::Mysql(connection)
            }
            Dialect::Mssql => unreachable!("there is no SQL Server here"),
        })
    }

    /// Sends a text by the way that runs every statement in it.
    pub async fn run(&mut self, text: &str) -> Outcome {
        let sql = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let mut rows = Vec::new();
        let mut failure = None;
        macro_rules! read {
            ($connection:expr, $cell:expr) => {{
                let mut stream = sql.fetch($connection);
                while let Some(next) = stream.next().await {
                    match next {
                        Ok(row) if rows.len() < ROWS => {
                            rows.push((0..row.len()).map(|place| $cell(&row, place)).collect());
                        }
                        // A server that waits for its reader hears nothing, no time limit and no DROP DATABASE.
                        Ok(_) => {}
                        Err(error) => {
                            failure = Some(error);
                            break;
                        }
                    }
                }
            }};
        }
        match self {
            Self::Sqlite { connection, patience, .. } => {
                patience.store(PATIENCE, Ordering::Relaxed);
                read!(&mut *connection, |row: &sqlx::sqlite::SqliteRow, place| {
                    text_of(row.try_get_unchecked::<Option<Vec<u8>>, usize>(place).ok().flatten().as_deref())
                });
                patience.store(i64::MAX, Ordering::Relaxed);
            }
            Self::Postgres(connection) => read!(&mut *connection, |row: &sqlx::postgres::PgRow, place| {
                let cell = row.try_get_raw(place).ok().filter(|cell| !cell.is_null());
                text_of(cell.as_ref().and_then(|cell| cell.as_bytes().ok()))
            }),
            Self::Mysql(connection) => read!(&mut *connection, |row: &sqlx::mysql::MySqlRow, place| {
                text_of(row.try_get_unchecked::<Option<Vec<u8>>, usize>(place).ok().flatten().as_deref())
            }),
        }
        match failure {
            None => Outcome::Rows(rows),
            Some(error) => outcome_of(&error),
        }
    }

    /// One text, for this module's own questions.
    pub async fn ask(&mut self, sql: &str) -> Result<String, String> {
        match self.run(sql).await {
            Outcome::Rows(rows) => Ok(format!("{rows:?}")),
            other => Err(format!("{other:?}")),
        }
    }

    /// The relations that the engine says `text` reads, each as `namespace.name`; `None` where it is not asked.
    pub async fn opinion(&mut self, text: &str) -> Option<BTreeSet<String>> {
        match self {
            // SQLite has noted them while it ran.
            Self::Sqlite { connection, noted, .. } => {
                let names = std::mem::take(&mut *noted.lock().ok()?);
                let (sure, open): (BTreeSet<_>, BTreeSet<_>) = names.into_iter().partition(|(_, column)| *column);
                let mut found: BTreeSet<String> = sure.into_iter().map(|(name, _)| name).collect();
                if !open.is_empty() {
                    let opened = opened(connection, text).await.ok()?;
                    found.extend(open.into_iter().map(|(name, _)| name).filter(|name| opened.contains(name)));
                }
                Some(found.into_iter().map(|name| format!("main.{name}")).collect())
            }
            Self::Postgres(connection) => {
                let sql = format!("EXPLAIN (VERBOSE, FORMAT JSON) {text}");
                let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(connection).await.ok()?;
                let plan: serde_json::Value = row.try_get(0).ok()?;
                let mut found = BTreeSet::new();
                relations_of(&plan, &mut found);
                Some(found)
            }
            Self::Mysql(_) => None,
        }
    }

    /// Forgets what SQLite has noted of other statements.
    pub fn forget(&mut self) {
        if let Self::Sqlite { noted, .. } = self
            && let Ok(mut noted) = noted.lock()
        {
            noted.clear();
        }
    }

    pub async fn close(self) {
        // A connection that ends badly has ended.
        let _ = match self {
            Self::Sqlite { connection, .. } => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
            Self::Mysql(connection) => connection.close().await,
        };
    }
}

/// The tables whose pages the program that SQLite makes of `text` opens, or all virtual ones where it opens any.
async fn opened(connection: &mut SqliteConnection, text: &str) -> Result<BTreeSet<String>, sqlx::Error> {
    let mut pages = BTreeSet::new();
    for row in sqlx::query(AssertSqlSafe(format!("EXPLAIN {text}"))).fetch_all(&mut *connection).await? {
        match row.try_get::<String, _>("opcode")?.as_str() {
            "OpenRead" | "ReopenIdx" => _ = pages.insert(row.try_get::<i64, _>("p2")?),
            "VOpen" => _ = pages.insert(0),
            _ => {}
        }
    }
    let rows =
        sqlx::query("SELECT lower(tbl_name), coalesce(rootpage, 0) FROM sqlite_schema").fetch_all(connection).await?;
    let tables = rows.into_iter().map(|row| Ok((row.try_get::<String, _>(0)?, row.try_get::<i64, _>(1)?)));
    let tables: Result<Vec<_>, sqlx::Error> = tables.collect();
    Ok(tables?.into_iter().filter(|(_, page)| pages.contains(page)).map(|(name, _)| name).collect())
}

fn text_of(cell: Option<&[u8]>) -> Option<String> {
    cell.map(|bytes| String::from_utf8_lossy(bytes.get(..CELL).unwrap_or(bytes)).into_owned())
}

fn outcome_of(error: &sqlx::Error) -> Outcome {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned();
    let said = format!("{error:?}");
    // query_canceled; interrupt; max_statement_time was exceeded, under either of its names.
    let timed_out =
        code == "57014" || code == "9" || said.contains("number: 1969") || said.contains("max_statement_time");
    if timed_out { Outcome::TimedOut } else { Outcome::Error(code, said) }
}

fn relations_of(plan: &serde_json::Value, found: &mut BTreeSet<String>) {
    match plan {
        serde_json::Value::Object(node) => {
            if let Some(name) = node.get("Relation Name").and_then(|name| name.as_str()) {
                let namespace = node.get("Schema").and_then(|name| name.as_str()).unwrap_or_default();
                found.insert(format!("{namespace}.{name}"));
            }
            node.values().for_each(|value| relations_of(value, found));
        }
        serde_json::Value::Array(nodes) => nodes.iter().for_each(|node| relations_of(node, found)),
        _ => {}
    }
}
