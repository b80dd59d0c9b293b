//! The engines' own fence alone: what the guard would let through by mistake still changes nothing.

use std::collections::HashMap;
use std::time::Duration;

use super::super::mysql::MysqlServer;
use super::super::pool::Pool;
use super::super::postgres::PostgresServer;
use super::{Limits, Server};
use crate::config::{Config, DatabaseConfig};
use crate::value::Value;

const LIMITS: Limits = Limits { rows: 100, bytes: 1 << 20, timeout: Duration::from_secs(30) };

fn config(variable: &str) -> DatabaseConfig {
    let url = std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run the tests by `make test`"));
    let mut given = serde_json::Map::new();
    given.insert("database_url".to_owned(), url.into());
    Config::build(&given, &HashMap::new()).unwrap().database
}

/// Runs each statement in a fence of its own, past the guard, and demands that it fails.
async fn refuses<S: Server>(pool: &Pool<S>, statements: &[&str]) {
    for sql in statements {
        let mut session = pool.session(LIMITS.timeout).await.unwrap();
        let outcome = pool.server().run(session.connection().unwrap(), sql, &LIMITS).await;
        assert!(outcome.is_err(), "this ran: {sql}");
        session.finish();
    }
}

async fn value<S: Server>(pool: &Pool<S>, sql: &str) -> Value {
    let mut session = pool.session(LIMITS.timeout).await.unwrap();
    let read = pool.server().run(session.connection().unwrap(), sql, &LIMITS).await;
    let read = read.unwrap_or_else(|error| panic!("{sql}: {}", pool.server().explain(error)));
    session.finish();
    read.rows.cells[0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgres_writes_nothing() {
    let config = config("TEST_POSTGRES_URL");
    let pool = Pool::new(PostgresServer::new(&config).unwrap(), &config);
    refuses(
        &pool,
        &[
            "CREATE TABLE fence_broken (a int)",
            "CREATE TEMPORARY TABLE fence_broken (a int)",
            "SELECT 1 AS a INTO fence_broken",
            "SET TRANSACTION READ WRITE",
            "SELECT set_config('transaction_read_only', 'off', true)",
            "SELECT 1; SELECT 2",
            "COMMIT; CREATE TABLE fence_broken (a int)",
            "SELECT nextval('fence_broken')",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgres_forgets_what_a_statement_set() {
    let mut config = config("TEST_POSTGRES_URL");
    (config.pool_size, config.max_overflow) = (1, 0);
    let pool = Pool::new(PostgresServer::new(&config).unwrap(), &config);
    for setting in ["default_transaction_read_only", "standard_conforming_strings", "statement_timeout"] {
        let show = format!("SELECT current_setting('{setting}')");
        let before = value(&pool, &show).await;
        value(&pool, &format!("SELECT set_config('{setting}', '0', false)")).await;
        assert_eq!(value(&pool, &show).await, before, "{setting}");
    }
    assert_eq!(value(&pool, "SELECT current_setting('transaction_read_only')").await, Value::from("on"));
    assert_eq!(value(&pool, "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''").await, Value::Int(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn mysql_writes_nothing() {
    let config = config("TEST_MYSQL_URL");
    let pool = Pool::new(MysqlServer::new(&config).unwrap(), &config);
    refuses(
        &pool,
        &[
            "CREATE TABLE fence_broken (a int)",
            "DROP TABLE IF EXISTS fence_broken",
            "CREATE VIEW fence_broken AS SELECT 1",
            "SELECT 1; SELECT 2",
            "START TRANSACTION READ WRITE; CREATE TABLE fence_broken (a int)",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn mysql_reads_a_text_as_the_guard_did() {
    let mut config = config("TEST_MYSQL_URL");
    (config.pool_size, config.max_overflow) = (1, 0);
    let pool = Pool::new(MysqlServer::new(&config).unwrap(), &config);
    for mode in ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT"] {
        let mut session = pool.session(LIMITS.timeout).await.unwrap();
        let poison = format!("SET SESSION sql_mode = '{mode}'");
        pool.server().run(session.connection().unwrap(), &poison, &LIMITS).await.map_err(|_| mode).unwrap();
        session.finish();
        assert_eq!(value(&pool, r#"SELECT "a\"b""#).await, Value::from("a\"b"), "{mode}");
        assert_eq!(value(&pool, "SELECT 1 || 0").await, Value::Int(1), "{mode}");
    }
}
