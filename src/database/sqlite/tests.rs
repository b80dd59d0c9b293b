//! The fence on its own. These tests stand here and not in `tests/it`, because from outside nothing
//! reaches a handle that the guard has not let through, and the fence is for what it lets through
//! by mistake.

use std::path::Path;
use std::time::Duration;

use super::interrupt::Interrupt;
use super::location::Location;
use super::read::read;
use super::session::Session;
use crate::config::DatabaseUrl;
use crate::database::{Limits, Rows};
use crate::dialect::Dialect;
use crate::error::{Code, Result};
use crate::guard::Relation;
use crate::value::Value;

const LIMITS: Limits = Limits { rows: 1_000, bytes: 1 << 20, timeout: Duration::from_secs(20) };

struct File {
    directory: tempfile::TempDir,
    session: Session,
}

impl File {
    fn new(statements: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        write(&directory.path().join("data.db"), statements);
        let session = open(&directory.path().join("data.db"));
        Self { directory, session }
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("data.db")
    }

    fn run(&self, sql: &str) -> Result<Rows> {
        self.run_on(sql, &["t", "page", "old", "box", "later"])
    }

    fn run_on(&self, sql: &str, approved: &[&str]) -> Result<Rows> {
        let relation = |name: &&str| Relation { namespace: "main".to_owned(), name: (*name).to_owned() };
        let approved: Vec<Relation> = approved.iter().map(relation).collect();
        let interrupt = Interrupt::new(LIMITS.timeout);
        self.session.attended(&interrupt, |session| read(session, sql, &[], &approved, &LIMITS))
    }

    fn bound(&self, sql: &str, parameters: &[Value]) -> Result<Rows> {
        let approved = [Relation { namespace: "main".to_owned(), name: "t".to_owned() }];
        let interrupt = Interrupt::new(LIMITS.timeout);
        self.session.attended(&interrupt, |session| read(session, sql, parameters, &approved, &LIMITS))
    }

    fn cells(&self, sql: &str) -> Vec<Value> {
        self.run(sql).unwrap_or_else(|error| panic!("{sql}: {error}")).cells
    }
}

fn open(path: &Path) -> Session {
    let location = Location::from_url(&DatabaseUrl {
        dialect: Dialect::Sqlite,
        user: None,
        password: None,
        host: None,
        port: None,
        database: Some(path.display().to_string()),
        parameters: Vec::new(),
    })
    .unwrap();
    Session::open(&location, location.check().unwrap()).unwrap()
}

fn write(path: &Path, statements: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{Connection, SqliteConnection};
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

fn refused(file: &File, sql: &str) {
    let error = file.run(sql).expect_err(sql);
    assert_eq!((error.code(), error.rule()), (Code::SqlRejected, Some("engine_fence")), "{sql}: {error}");
}

#[test]
fn nothing_but_one_plain_query_runs() {
    let file = File::new("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    let before = std::fs::read(file.path()).unwrap();
    for sql in [
        "DELETE FROM t",
        "INSERT INTO t VALUES (2) RETURNING a",
        "WITH x AS (SELECT 1) UPDATE t SET a = 2",
        "DROP TABLE t",
        "CREATE TEMP TABLE t (a)",
        "CREATE TEMP VIEW t AS SELECT 2 AS a",
        "PRAGMA query_only = OFF",
        "PRAGMA table_info(t)",
        "VACUUM",
        "REINDEX",
        "ANALYZE",
        "BEGIN IMMEDIATE",
        "SAVEPOINT s",
        "EXPLAIN SELECT a FROM t",
        "EXPLAIN QUERY PLAN SELECT a FROM t",
        "SELECT a FROM t; DELETE FROM t",
        "SELECT a FROM t; SELECT a FROM t",
        "SELECT 1 END; DELETE FROM t",
        "SELECT a FROM t WHERE a = ?1",
        "SELECT $1::b(/*), a FROM t --*/ 1)",
        "SELECT a FROM t;\0 DELETE FROM t",
    ] {
        refused(&file, sql);
    }
    let outside = file.directory.path().join("copy.db");
    refused(&file, &format!("ATTACH '{}' AS other", outside.display()));
    refused(&file, &format!("VACUUM INTO '{}'", outside.display()));
    assert!(!outside.exists());
    assert_eq!(std::fs::read(file.path()).unwrap(), before);
    assert_eq!(file.cells("SELECT a FROM t ;\n; "), [Value::Int(1)]);
}

#[test]
fn the_catalogue_and_what_reaches_outside_stay_shut() {
    let file = File::new("CREATE TABLE t (a PRIMARY KEY); INSERT INTO t VALUES (1); ANALYZE");
    for sql in [
        "SELECT sql FROM sqlite_master",
        "SELECT sql FROM main.SQLITE_SCHEMA",
        "SELECT name FROM sqlite_temp_master",
        "SELECT * FROM sqlite_stat1",
        "SELECT * FROM pragma_table_info('t')",
        "SELECT (SELECT count(*) FROM sqlite_master)",
        "WITH t AS (SELECT sql FROM sqlite_master) SELECT * FROM t",
        "SELECT * FROM dbstat",
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM pragma_database_list)",
        "SELECT load_extension('evil')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT sqlite_log(1, 'x')",
        "SELECT last_insert_rowid()",
    ] {
        let error = file.run(sql).expect_err(sql);
        assert!(
            matches!(error.code(), Code::SqlRejected | Code::StaleSchema | Code::ExecutionFailed),
            "{sql}: {error}"
        );
    }
    assert_eq!(file.cells("SELECT upper('x') || abs(-1)"), [Value::from("X1")]);
}

#[test]
fn bombs_are_bounded() {
    let file = File::new("CREATE TABLE t (a)");
    let deep = format!("SELECT {}1", "NOT ".repeat(2_000));
    let flat = format!("SELECT 1{}", " + 1".repeat(20_000));
    let compound = format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(2_000));
    let pattern = format!("SELECT 'a' LIKE '{}'", "%a".repeat(5_000));
    for sql in [
        "SELECT length(zeroblob(1000000000))",
        "SELECT hex(randomblob(500000000))",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT group_concat(hex(zeroblob(99999))) FROM n",
        &deep,
        &flat,
        &compound,
        &pattern,
    ] {
        let error = file.run(sql).expect_err("a bomb");
        assert_eq!(error.code(), Code::ExecutionFailed, "{error}");
    }
    let interrupt = Interrupt::new(Duration::from_millis(30));
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let ended = file.session.attended(&interrupt, |session| read(session, endless, &[], &[], &LIMITS));
    assert_eq!(ended.unwrap_err().code(), Code::QueryTimeout);
}

#[test]
fn virtual_tables_and_table_functions_work_behind_it() {
    let file = File::new(
        "CREATE VIRTUAL TABLE page USING fts5(title, body); INSERT INTO page VALUES ('one', 'red fox'), ('two', 'blue');
         CREATE VIRTUAL TABLE old USING fts4(body); INSERT INTO old VALUES ('red fox');
         CREATE VIRTUAL TABLE box USING rtree(id, a, b); INSERT INTO box VALUES (7, 1, 2);
         CREATE TABLE t (j JSON); INSERT INTO t VALUES ('[1, 2]'); CREATE VIEW found AS SELECT title FROM page",
    );
    assert_eq!(file.cells("SELECT value FROM t, json_each(t.j)"), [Value::Int(1), Value::Int(2)]);
    assert_eq!(file.cells("SELECT title FROM page WHERE page MATCH 'fox' ORDER BY bm25(page)"), [Value::from("one")]);
    assert_eq!(file.cells("SELECT snippet(page, 1, '<', '>', '', 5) FROM page('red')"), [Value::from("<red> fox")]);
    assert_eq!(file.cells("SELECT count(*) FROM old WHERE body MATCH 'fox'"), [Value::Int(1)]);
    assert_eq!(file.cells("SELECT id FROM box WHERE a <= 1 AND b >= 2"), [Value::Int(7)]);
    assert_eq!(file.cells("SELECT count(*) FROM found"), [Value::Int(2)]);
    write(
        &file.path(),
        "INSERT INTO page VALUES ('three', 'fox'); CREATE TABLE later (a); INSERT INTO later VALUES (3)",
    );
    assert_eq!(file.cells("SELECT count(*) FROM page WHERE page MATCH 'fox'"), [Value::Int(2)]);
    assert_eq!(file.cells("SELECT a FROM later"), [Value::Int(3)]);
    let unapproved = file.run_on("SELECT title FROM page WHERE page MATCH 'fox'", &["t"]).unwrap_err();
    assert_eq!(unapproved.rule(), Some("engine_fence"));
    refused(&file, "INSERT INTO page (page) VALUES ('optimize')");
    assert_eq!(
        file.run("SELECT title FROM page WHERE page MATCH '\"'").unwrap_err().to_string(),
        "unterminated string"
    );
}

#[test]
fn a_file_with_ill_will_is_only_data() {
    let file = File::new(
        "CREATE TABLE t (a); INSERT INTO t VALUES (1);
         CREATE VIEW loads AS SELECT load_extension('evil') AS x; CREATE VIEW peeks AS SELECT sql FROM sqlite_master",
    );
    assert!(file.run("SELECT x FROM loads").is_err());
    assert!(file.run("SELECT sql FROM peeks").is_err());
}

#[test]
fn double_quotes_are_names_in_a_question_and_may_be_text_in_an_old_view() {
    let file =
        File::new("CREATE TABLE t (a); INSERT INTO t VALUES ('x'); CREATE VIEW v AS SELECT a FROM t WHERE a = \"x\"");
    assert_eq!(file.run("SELECT a FROM t WHERE a = \"x\"").unwrap_err().code(), Code::StaleSchema);
    assert_eq!(file.cells("SELECT a FROM v"), [Value::from("x")]);
}

#[test]
fn what_was_not_approved_is_not_read_however_it_is_spelt() {
    let file = File::new(
        "CREATE TABLE t (a); CREATE TABLE secrets (id, value); CREATE VIEW v AS SELECT a FROM t;
         CREATE VIEW window AS SELECT value FROM secrets; CREATE VIEW through AS SELECT 1 AS one FROM window",
    );
    for sql in [
        "SELECT value FROM 'secrets'",
        "SELECT value END FROM SECRETS",
        "SELECT count(*) FROM [secrets]",
        "SELECT a FROM t WHERE (a, 1) IN main.secrets",
        "SELECT a FROM t LIMIT (SELECT count(*) FROM secrets)",
        "SELECT 1 -- \n, value FROM secrets",
        "WITH t AS (SELECT value AS a FROM secrets) SELECT a FROM t",
        "WITH v AS (SELECT value AS a FROM secrets) SELECT a FROM v",
        "SELECT value FROM window",
        "SELECT one FROM through",
        "SELECT value FROM json_each((SELECT json_group_array(value) FROM secrets))",
    ] {
        refused(&file, sql);
    }
    assert_eq!(file.cells("SELECT count(*) FROM v"), [Value::Int(0)]);
    assert_eq!(file.cells("WITH secrets AS (SELECT a FROM t) SELECT count(*) FROM secrets"), [Value::Int(0)]);
    assert_eq!(file.run_on("SELECT one FROM through", &["secrets"]).map(|rows| rows.len()).ok(), Some(0));
}

#[test]
fn parameters_are_bound_in_their_order_and_compared_as_the_column_holds_them() {
    let file = File::new(
        "CREATE TABLE t (id INTEGER, tenant TEXT, day TEXT, seen TEXT, amount NUMERIC, ratio REAL);
         INSERT INTO t VALUES (1, 'a?''', '2024-02-29', '2024-02-29 23:59:58', 10.5, 0.25), (2, 'b', '', '', 1, 1);",
    );
    let day = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let parameters = [
        Value::from("a?'"),
        Value::Date(day),
        Value::DateTime(day.and_hms_opt(23, 59, 58).unwrap()),
        Value::Decimal("10.50".into()),
        Value::Float(0.25),
        Value::Int(9),
        // A text against a column of numbers: the column's affinity makes it one.
        Value::from("1"),
        Value::Null,
    ];
    let sql = "SELECT id FROM t WHERE tenant = ? AND day = ? AND seen = ? AND amount = ? AND ratio = ? AND id IN (?, ?) \
               AND ? IS NULL";
    assert_eq!(file.bound(sql, &parameters).unwrap().cells, [Value::Int(1)]);
    let code = |sql, parameters: &[Value]| file.bound(sql, parameters).unwrap_err().code();
    assert_eq!(code("SELECT ?", &[]), Code::SqlRejected, "a placeholder that nobody gave a value");
    assert_eq!(code("SELECT ?", &[Value::Bytes((*b"x").into())]), Code::InvalidCaller);
}
