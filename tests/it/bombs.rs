//! Statements that ask for more than there is: time, memory, rows. Each stays within its limits, and the agent
//! answers the next question.
//!
//! Memory is measured from outside: the bombs of an engine go off in a process of their own, the same test binary
//! started anew, which says at its end how much it ever held.
#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use db_query_agent::agent::Agent;
use db_query_agent::config::Config;
use db_query_agent::dialect::Dialect;
use db_query_agent::error::Code;
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};

use sqlx::Connection as _;

use crate::scratch::Scratch;

/// What a process may hold at most, in MiB: the result limit of 64 MiB several times over, and the binary itself.
const MOST: u64 = 500;

const TABLES: &str = "CREATE TABLE users (id INTEGER, name VARCHAR(50), email VARCHAR(50)); \
    CREATE TABLE products (id INTEGER, name VARCHAR(50), description VARCHAR(200))";

/// Time for those that end at the clock, space for those that end at a size.
const BOMBS: [(Dialect, &str); 21] = [
    // Never ends.
    (
        Dialect::Sqlite,
        "WITH RECURSIVE t(k) AS (VALUES (7) UNION ALL SELECT k * 3 % 1000003 FROM t) SELECT max(k) FROM t",
    ),
    (Dialect::Sqlite, "SELECT sum(a.id * b.id) FROM users a, users b, users c, users d, users e, users f, products p"),
    (
        Dialect::Sqlite,
        "SELECT count(DISTINCT a.id + b.id * 200 + c.id * 40000) FROM users a, users b, users c, users d",
    ),
    // One value.
    (Dialect::Sqlite, "SELECT hex(randomblob(500000000))"),
    (Dialect::Sqlite, "SELECT group_concat(hex(zeroblob(1000000))) FROM users a, users b"),
    (Dialect::Sqlite, "SELECT replace(printf('%60000d', 1), ' ', printf('%60000d', 2))"),
    (Dialect::Sqlite, "WITH RECURSIVE d(s) AS (SELECT 'xx' UNION ALL SELECT s || s FROM d) SELECT length(s) FROM d"),
    // A pattern.
    (Dialect::Sqlite, "SELECT printf('%.60c', 'b') LIKE '%b%b%b%b%b%b%b%b%b%b%b%b%b%b%b%b%b%b%c'"),
    // Many rows.
    (Dialect::Sqlite, "SELECT printf('%.5000c', 'y'), a.id FROM users a, users b, users c"),
    (Dialect::Postgres, "SELECT max(g) FROM generate_series(1, 90000000000) AS g"),
    (
        Dialect::Postgres,
        "WITH RECURSIVE t(k) AS (VALUES (7) UNION ALL SELECT k * 3 % 1000003 FROM t) SELECT max(k) FROM t",
    ),
    (Dialect::Postgres, "SELECT repeat('ab', 150000000)"),
    (Dialect::Postgres, "SELECT * FROM (SELECT id, lpad(name, 400000000, 'z') AS wide FROM users) AS u"),
    (Dialect::Postgres, "SELECT string_agg(repeat('q', 900000), '') FROM users"),
    (Dialect::Postgres, "SELECT repeat('x', 30000000), repeat('y', 30000000), repeat('z', 30000000), id FROM users"),
    (Dialect::Postgres, "SELECT json_agg(u) FROM (SELECT repeat('w', 2000000) AS w FROM users) AS u"),
    (Dialect::Postgres, "SELECT repeat('b', 60) ~ '^(b|b?)+c$'"),
    (
        Dialect::Mysql,
        "WITH RECURSIVE t AS (SELECT 7 AS k UNION ALL SELECT k * 3 % 1000003 FROM t) SELECT MAX(k) FROM t",
    ),
    (Dialect::Mysql, "SELECT SUM(a.id * b.id) FROM users a, users b, users c, users d, users e, users f, products p"),
    (Dialect::Mysql, "SELECT id, REPEAT('v', 15000000) FROM users"),
    (Dialect::Mysql, "SELECT REPEAT('b', 60) REGEXP '^(b|b?)+c$'"),
];

/// Where the child finds its bombs: the engine's name, then a line a bomb.
const CHILD: &str = "BOMBS_OF";

fn bombs_of(dialect: Dialect) -> Vec<String> {
    BOMBS.iter().filter(|(of, _)| *of == dialect).map(|(_, sql)| (*sql).to_owned()).collect()
}

#[test]
fn a_bomb_on_sqlite_stays_bounded() {
    in_a_child("a_bomb_on_sqlite_stays_bounded", Dialect::Sqlite, &bombs_of(Dialect::Sqlite));
}

#[test]
fn a_bomb_on_postgresql_stays_bounded() {
    in_a_child("a_bomb_on_postgresql_stays_bounded", Dialect::Postgres, &bombs_of(Dialect::Postgres));
}

#[test]
fn a_bomb_on_mysql_stays_bounded() {
    in_a_child("a_bomb_on_mysql_stays_bounded", Dialect::Mysql, &bombs_of(Dialect::Mysql));
}

/// The bombs of a corpus, where the environment names one: `GUARD_CORPUS=folder`, with `resource_bombs.jsonl` in it.
#[test]
fn the_bombs_of_a_corpus_stay_bounded() {
    let Some(folder) = std::env::var_os("GUARD_CORPUS") else {
        println!("GUARD_CORPUS is not set, so no bombs but the test's own were tried");
        return;
    };
    let text = std::fs::read_to_string(Path::new(&folder).join("resource_bombs.jsonl")).expect("a corpus with bombs");
    let cases: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).expect("a case a line")).collect();
    let of = std::env::var(CHILD).ok();
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql] {
        if of.as_ref().is_some_and(|of| of != dialect.as_str()) {
            continue;
        }
        let mine = |case: &&Json| case["dialect"].as_str().and_then(Dialect::from_name) == Some(dialect);
        let bombs: Vec<String> =
            cases.iter().filter(mine).map(|case| case["sql"].as_str().expect("a statement").to_owned()).collect();
        assert!(!bombs.is_empty());
        in_a_child("the_bombs_of_a_corpus_stay_bounded", dialect, &bombs);
    }
}

/// Sets `bombs` off in a new process that runs the test called `name`, or does it when this is that process.
fn in_a_child(name: &str, dialect: Dialect, bombs: &[String]) {
    if std::env::var_os(CHILD).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(set_off(dialect, bombs));
        println!("held {} MiB", peak());
        return;
    }
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("bombs::{name}"), "--nocapture"])
        .env(CHILD, dialect.as_str())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{said}\n{}", String::from_utf8_lossy(&ended.stderr));
    let held: u64 = said.split("held ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).expect(&said);
    print!("{said}");
    assert!(held < MOST, "{held} MiB\n{said}");
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

async fn set_off(dialect: Dialect, bombs: &[String]) {
    let directory = tempfile::tempdir().unwrap();
    let mut scratch = None;
    let url = if dialect == Dialect::Sqlite {
        let path = directory.path().join("bombs.db");
        let mut connection =
            sqlx::SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(TABLES.to_owned())).execute(&mut connection).await.unwrap();
        fill(&mut connection).await;
        format!("sqlite:///{}", path.display())
    } else {
        let place = Scratch::new(dialect).await;
        place.execute(TABLES).await;
        let numbers = if dialect == Dialect::Mysql { "seq_1_to_200" } else { "generate_series(1, 200) AS t (seq)" };
        for table in ["users (id, name, email)", "products (id, name, description)"] {
            place.execute(&format!("INSERT INTO {table} SELECT seq, 'name', 'text' FROM {numbers}")).await;
        }
        scratch.insert(place).url()
    };
    let mut given = json!({"database_url": url, "max_query_timeout": 1});
    if let Some(scratch) = &scratch {
        given["schemas"] = json!([scratch.name]);
    }
    let agent = Agent::new(Config::build(given.as_object().unwrap(), &HashMap::new()).unwrap()).unwrap();
    for sql in bombs {
        let before = peak();
        let outcome = match agent.run_sql(sql, None).await {
            Ok(rows) => {
                let bytes: usize = rows.cells.iter().map(Value::heap_bytes).sum();
                assert!(rows.len() <= 10_000 && bytes <= 64 << 20, "{sql}: {} rows, {bytes} bytes", rows.len());
                format!("{} rows, {bytes} bytes", rows.len())
            }
            Err(error) => {
                let ended = matches!(error.code(), Code::QueryTimeout | Code::ExecutionFailed | Code::SqlRejected);
                assert!(ended, "{sql}: {error:?}");
                error.code().as_str().to_owned()
            }
        };
        println!("{} +{} MiB: {outcome}: {sql}", dialect.as_str(), peak() - before);
        let next = agent.run_sql("SELECT COUNT(*) FROM users", None).await.unwrap();
        assert_eq!(next.cells, [Value::Int(200)], "after {sql}");
    }
    agent.close().await;
}

async fn fill(connection: &mut sqlx::SqliteConnection) {
    let numbers = "WITH RECURSIVE t(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM t WHERE seq < 200)";
    for table in ["users", "products"] {
        let sql = format!("{numbers} INSERT INTO {table} SELECT seq, 'name', 'text' FROM t");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await.unwrap();
    }
}
