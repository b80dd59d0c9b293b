//! The SQLite connector on real files: values, limits, cancelling, the pool, and what a bad file says.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use db_query_agent::config::{Config, DatabaseConfig};
use db_query_agent::database::{self, Database, Limits, Rows};
use db_query_agent::dialect::Dialect;
use db_query_agent::error::Code;
use db_query_agent::guard::{ApprovedSql, Guard, Policy};
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

/// A database file that others write and the connector reads.
pub(crate) struct File {
    directory: TempDir,
}

pub(crate) const WIDE: Limits = Limits { rows: 10_000, bytes: 64 << 20, timeout: Duration::from_secs(30) };

/// Never ends by itself, and answers nothing until it does.
const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0";

impl File {
    pub(crate) async fn new(statements: &str) -> Self {
        let file = Self { directory: tempfile::tempdir().unwrap() };
        file.execute(statements).await;
        file
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("data.db")
    }

    pub(crate) async fn writer(&self) -> SqliteConnection {
        SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", self.path().display())).await.unwrap()
    }

    pub(crate) async fn execute(&self, statements: &str) {
        let mut connection = self.writer().await;
        execute(&mut connection, statements).await;
        connection.close().await.unwrap();
    }

    pub(crate) fn open(&self) -> Arc<dyn Database> {
        open(&self.path(), "", &[])
    }
}

pub(crate) async fn execute(connection: &mut SqliteConnection, statements: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(connection).await.unwrap();
}

fn config(url: &str, options: &[(&str, Json)]) -> DatabaseConfig {
    let mut given = serde_json::Map::new();
    given.insert("database_url".to_owned(), url.into());
    given.extend(options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Config::build(&given, &HashMap::new()).unwrap().database
}

fn open(path: &Path, parameters: &str, options: &[(&str, Json)]) -> Arc<dyn Database> {
    database::connect(&config(&format!("sqlite:///{}{parameters}", path.display()), options)).unwrap()
}

/// `sql` as the guard lets it through on the database's own schema.
async fn approved(database: &dyn Database, sql: &str) -> ApprovedSql {
    let schema = database.introspect().await.unwrap();
    Guard::new(Dialect::Sqlite, Policy::default()).approve(sql, &schema).unwrap()
}

async fn run(database: &dyn Database, sql: &str) -> db_query_agent::Result<Rows> {
    database.run(&approved(database, sql).await, &WIDE).await
}

#[tokio::test]
async fn stored_values_come_back_exact() {
    let file = File::new(
        "CREATE TABLE kinds (i INTEGER, r REAL, t TEXT, b BLOB, yes BOOLEAN, d DATE, dt DATETIME, n DECIMAL(10, 2), j JSON);
         INSERT INTO kinds VALUES
           (9223372036854775807, 0.1, 'naïve 日本', x'00ff', 1, '2024-02-29', '2024-02-29 10:20:30', 1.10, '{\"a\": [1, null]}'),
           ('text', 1e300, CAST(x'ff' AS TEXT), NULL, 'yes', '29.02.2024', 1709202030, '1.10x', 'no json')",
    )
    .await;
    let rows = run(&*file.open(), "SELECT * FROM kinds ORDER BY rowid").await.unwrap();
    let date = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    assert_eq!(
        rows.cells[..9],
        [
            Value::Int(i64::MAX),
            Value::Float(0.1),
            Value::from("naïve 日本"),
            Value::Bytes(Box::new([0, 255])),
            Value::Bool(true),
            Value::Date(date),
            Value::DateTime(date.and_hms_opt(10, 20, 30).unwrap()),
            Value::Float(1.1),
            Value::Json(Box::new(json!({"a": [1, null]}))),
        ]
    );
    assert_eq!(
        rows.cells[9..],
        [
            Value::from("text"),
            Value::Float(1e300),
            Value::Bytes(Box::new([255])),
            Value::Null,
            Value::from("yes"),
            Value::from("29.02.2024"),
            Value::Int(1_709_202_030),
            Value::from("1.10x"),
            Value::from("no json"),
        ]
    );
    assert_eq!(rows.columns[7].type_name, "DECIMAL(10, 2)");
}

#[tokio::test]
async fn truncation_is_exact_at_every_limit() {
    let file = File::new("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('12345'), ('12345'), ('12345')").await;
    let database = file.open();
    let all = approved(&*database, "SELECT a FROM t").await;
    for (rows, truncated) in [(0, true), (2, true), (3, false), (4, false)] {
        let result = database.run(&all, &Limits { rows, ..WIDE }).await.unwrap();
        assert_eq!((result.len(), result.truncated), (rows.min(3), truncated), "{rows} rows");
    }
    let cell = size_of::<Value>() + 5;
    for (bytes, rows, truncated) in [(cell - 1, 0, true), (2 * cell, 2, true), (3 * cell, 3, false)] {
        let result = database.run(&all, &Limits { bytes, ..WIDE }).await.unwrap();
        assert_eq!((result.len(), result.truncated), (rows, truncated), "{bytes} bytes");
    }
    let none = approved(&*database, "SELECT a FROM t WHERE a = ''").await;
    assert!(!database.run(&none, &Limits { rows: 0, ..WIDE }).await.unwrap().truncated);
}

#[tokio::test]
async fn a_statement_ends_with_its_time() {
    let file = File::new("CREATE TABLE t (a)").await;
    let database = file.open();
    let endless = approved(&*database, ENDLESS).await;
    let limits = Limits { timeout: Duration::from_millis(50), ..WIDE };
    assert_eq!(database.run(&endless, &limits).await.unwrap_err().code(), Code::QueryTimeout);
    assert!(run(&*database, "SELECT count(*) FROM t").await.is_ok());
}

#[tokio::test]
async fn dropping_the_future_stops_the_statement() {
    let file = File::new("CREATE TABLE t (a)").await;
    let one =
        open(&file.path(), "", &[("pool_size", 1.into()), ("max_overflow", 0.into()), ("pool_timeout", 20.into())]);
    let endless = approved(&*one, ENDLESS).await;
    let running = tokio::spawn({
        let one = Arc::clone(&one);
        async move { one.run(&endless, &Limits { timeout: Duration::from_hours(1), ..WIDE }).await }
    });
    while one.pool().idle > 0 {
        tokio::task::yield_now().await;
    }
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // The only connection comes back when the statement has ended, and not before.
    one.ping().await.unwrap();
    assert_eq!(one.pool().open, 1);
}

#[tokio::test]
async fn the_pool_bounds_how_many_run_at_once() {
    let file = File::new("CREATE TABLE t (a)").await;
    let options = [("pool_size", 1.into()), ("max_overflow", 1.into()), ("pool_timeout", json!(0.05))];
    let database = open(&file.path(), "", &options);
    let endless = approved(&*database, ENDLESS).await;
    let (first, second) = (database.run(&endless, &WIDE), database.run(&endless, &WIDE));
    tokio::select! {
        _ = async { tokio::join!(first, second) } => panic!("an endless statement ended"),
        third = async {
            while database.pool().open < 2 { tokio::task::yield_now().await; }
            database.ping().await
        } => assert_eq!(third.unwrap_err().code(), Code::PoolTimeout),
    }
}

#[tokio::test]
async fn what_is_no_database_is_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "dear diary, ".repeat(100)).unwrap();
    for (path, code) in [
        (directory.path().join("missing.db"), Code::DatabaseNotFound),
        (directory.path().to_owned(), Code::DatabaseNotFound),
        (text.join("below.db"), Code::DatabaseNotFound),
        (text, Code::DatabaseNotFound),
        (PathBuf::from("/dev/null"), Code::DatabaseNotFound),
    ] {
        let error = open(&path, "", &[]).ping().await.unwrap_err();
        assert_eq!(error.code(), code, "{}", path.display());
    }
    assert!(!directory.path().join("missing.db").exists());
}

#[tokio::test]
async fn a_broken_file_fails_and_does_not_crash() {
    let file = File::new("CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 5000) INSERT INTO t SELECT hex(randomblob(50)) FROM n").await;
    let mut bytes = std::fs::read(file.path()).unwrap();
    let end = bytes.len();
    bytes[8192..end].fill(0x5a);
    std::fs::write(file.path(), bytes).unwrap();
    let error = run(&*file.open(), "SELECT count(a) FROM t").await.unwrap_err();
    assert_eq!(error.code(), Code::ConnectionFailed);
}

#[tokio::test]
async fn memory_is_one_empty_database() {
    let database = database::connect(&config("sqlite:///:memory:", &[])).unwrap();
    assert!(database.introspect().await.unwrap().tables.is_empty());
    assert_eq!(run(&*database, "SELECT 1 + 1 AS two").await.unwrap().cells, [Value::Int(2)]);
}

#[tokio::test]
async fn what_others_write_is_seen_also_through_a_write_ahead_log() {
    for mode in ["delete", "wal"] {
        let file = File::new(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE t (a)")).await;
        let database = file.open();
        let mut writer = file.writer().await;
        for count in 1..4 {
            execute(&mut writer, "INSERT INTO t VALUES (1)").await;
            let rows = run(&*database, "SELECT count(*) FROM t").await.unwrap();
            assert_eq!(rows.cells, [Value::Int(count)], "{mode}");
        }
        execute(&mut writer, "ALTER TABLE t ADD COLUMN b DEFAULT 'new'").await;
        assert_eq!(run(&*database, "SELECT b FROM t LIMIT 1").await.unwrap().cells, [Value::from("new")]);
    }
}

#[tokio::test]
async fn a_reader_waits_for_a_lock_as_long_as_its_time() {
    let file = File::new("CREATE TABLE t (a)").await;
    let database = file.open();
    let count = approved(&*database, "SELECT count(*) FROM t").await;
    let mut writer = file.writer().await;
    execute(&mut writer, "BEGIN EXCLUSIVE").await;
    let limits = Limits { timeout: Duration::from_millis(50), ..WIDE };
    assert_eq!(database.run(&count, &limits).await.unwrap_err().code(), Code::QueryTimeout);
    let (result, ()) = tokio::join!(database.run(&count, &WIDE), execute(&mut writer, "COMMIT"));
    assert_eq!(result.unwrap().cells, [Value::Int(0)]);
}

#[tokio::test]
async fn another_file_under_the_same_name_is_noticed() {
    let file = File::new("CREATE TABLE t (a); INSERT INTO t VALUES (1)").await;
    let database = file.open();
    let count = approved(&*database, "SELECT count(*) FROM t").await;
    assert_eq!(database.run(&count, &WIDE).await.unwrap().cells, [Value::Int(1)]);
    std::fs::remove_file(file.path()).unwrap();
    assert_eq!(database.run(&count, &WIDE).await.unwrap_err().code(), Code::DatabaseNotFound);
    file.execute("CREATE TABLE t (a)").await;
    assert_eq!(database.run(&count, &WIDE).await.unwrap().cells, [Value::Int(0)]);
    file.execute("DROP TABLE t").await;
    assert_eq!(database.run(&count, &WIDE).await.unwrap_err().code(), Code::StaleSchema);
}

#[tokio::test]
async fn a_closed_pool_stays_closed() {
    let file = File::new("CREATE TABLE t (a)").await;
    let database = file.open();
    database.ping().await.unwrap();
    database.close().await;
    assert_eq!(database.ping().await.unwrap_err().code(), Code::Closed);
    assert_eq!(database.pool().open, 0);
}

#[tokio::test]
async fn odd_paths_are_paths() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["a b.db", "50%25.db", "what?.db", "#1.db", "ü.db"] {
        let file = File::new("CREATE TABLE t (a)").await;
        let path = directory.path().join(name);
        std::fs::copy(file.path(), &path).unwrap();
        let mut config = config("sqlite:///x.db", &[]);
        config.url.database = Some(path.display().to_string());
        database::connect(&config).unwrap().ping().await.unwrap();
    }
}
