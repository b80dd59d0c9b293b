//! The engines' own fence alone: what the guard would let through by mistake still changes nothing.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{FixedOffset, NaiveDate, TimeZone as _};
use uuid::Uuid;

use super::super::mysql::MysqlServer;
use super::super::pool::Pool;
use super::super::postgres::PostgresServer;
use super::{Limits, Server};
use crate::config::{Config, DatabaseConfig};
use crate::error::{Code, Error};
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
        let outcome = pool.server().run(session.connection().unwrap(), sql, &[], &LIMITS).await;
        assert!(outcome.is_err(), "this ran: {sql}");
        session.finish();
    }
}

async fn value<S: Server>(pool: &Pool<S>, sql: &str) -> Value {
    let mut session = pool.session(LIMITS.timeout).await.unwrap();
    let read = pool.server().run(session.connection().unwrap(), sql, &[], &LIMITS).await;
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
        pool.server().run(session.connection().unwrap(), &poison, &[], &LIMITS).await.map_err(|_| mode).unwrap();
        session.finish();
        assert_eq!(value(&pool, r#"SELECT "a\"b""#).await, Value::from("a\"b"), "{mode}");
        assert_eq!(value(&pool, "SELECT 1 || 0").await, Value::Int(1), "{mode}");
    }
}

/// One value of each kind; the statements of the tests below must find each of them.
fn parameters() -> Vec<Value> {
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let moment = day.and_hms_micro_opt(23, 59, 58, 125_000).unwrap();
    let zone = FixedOffset::east_opt(3_600).unwrap();
    vec![
        Value::Null,
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Float(0.1),
        Value::Decimal("-12345678.25".into()),
        Value::Text("O'Neil \u{fc} -- ?".into()),
        Value::Date(day),
        Value::DateTime(moment),
        Value::DateTimeTz(Box::new(zone.from_local_datetime(&moment).unwrap())),
        Value::Uuid(Box::new(Uuid::from_u128(7))),
    ]
}

async fn bound<S: Server>(pool: &Pool<S>, sql: &str, parameters: &[Value]) -> Result<Vec<Value>, Error> {
    let mut session = pool.session(LIMITS.timeout).await.unwrap();
    let read = pool.server().run(session.connection().unwrap(), sql, parameters, &LIMITS).await;
    session.finish();
    read.map(|read| read.rows.cells).map_err(|error| pool.server().explain(error))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgres_binds_each_kind_as_its_own_type() {
    let config = config("TEST_POSTGRES_URL");
    let pool = Pool::new(PostgresServer::new(&config).unwrap(), &config);
    let sql = "SELECT $1 IS NOT DISTINCT FROM NULL::text, $2 = true, $3 = -9223372036854775808, $4 = 0.1::float8, \
               $5 = -12345678.25, $6 = 'O''Neil ü -- ?', $7 = date '2024-02-29', \
               $8 = timestamp '2024-02-29 23:59:58.125', $9 = timestamptz '2024-02-29 22:59:58.125+00', \
               $10 = uuid '00000000-0000-0000-0000-000000000007'";
    assert_eq!(bound(&pool, sql, &parameters()).await.unwrap(), vec![Value::Bool(true); 10]);
    for digits in ["0", "-0.0001", "10000", "99999999999999999999.5", "0.00000012", "123456.7"] {
        let value = Value::Decimal(digits.into());
        let read = bound(&pool, "SELECT $1::text", std::slice::from_ref(&value)).await.unwrap();
        assert_eq!(read, [Value::from(digits)]);
    }
    // Another type than the column's is an error, not a comparison that holds by accident.
    assert_eq!(bound(&pool, "SELECT 1 = $1", &["1".into()]).await.unwrap_err().code(), Code::ExecutionFailed);
    let error = bound(&pool, "SELECT $1::bytea", &[Value::Bytes((*b"S3CR3T").into())]).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().contains("S3CR3T")), (Code::InvalidCaller, false));
    // The second parse, of a statement some of whose columns are asked for in another type.
    let read = bound(&pool, "SELECT '1'::money, $1::int8", &[Value::Int(7)]).await.unwrap();
    assert_eq!(read, [Value::Decimal("1.00".into()), Value::Int(7)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn mysql_binds_each_kind_as_its_own_type() {
    let config = config("TEST_MYSQL_URL");
    let pool = Pool::new(MysqlServer::new(&config).unwrap(), &config);
    let sql = "SELECT ? IS NULL, ? = 1, ? = -9223372036854775808, ? = 0.1, ? = -12345678.25, ? = 'O''Neil ü -- ?', \
               ? = date '2024-02-29', ? = timestamp '2024-02-29 23:59:58.125', ? = timestamp '2024-02-29 22:59:58.125', \
               ? = '00000000-0000-0000-0000-000000000007'";
    assert_eq!(bound(&pool, sql, &parameters()).await.unwrap(), vec![Value::Int(1); 10]);
    for value in [Value::Decimal("0.12345678901234567".into()), Value::Bytes((*b"S3CR3T").into())] {
        let error = bound(&pool, "SELECT ?", std::slice::from_ref(&value)).await.unwrap_err();
        assert_eq!((error.code(), error.to_string().contains("S3CR3T")), (Code::InvalidCaller, false));
    }
}
