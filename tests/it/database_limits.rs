//! Where a result stops, and that what is given up is gone from the server.

use std::sync::Arc;
use std::time::Duration;

use db_query_agent::database::{Database, Limits};
use db_query_agent::dialect::Dialect;
use db_query_agent::error::Code;
use db_query_agent::value::Value;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};
use tokio::time::{sleep, timeout};

use crate::scratch::{Scratch, WIDE, approved, run, server_url};

const SERVERS: [Dialect; 2] = [Dialect::Postgres, Dialect::Mysql];

/// A scratch place with a table of the numbers from 1 to 3,000, under a name that no other has, so
/// that its statements can be told apart on the server.
async fn numbers(dialect: Dialect) -> (Scratch, String) {
    let scratch = Scratch::new(dialect).await;
    let table = format!("numbers_{}", scratch.name);
    let digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
                  UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    scratch
        .execute(&format!(
            "CREATE TABLE {table} AS SELECT a.n * 1000 + b.n * 100 + c.n * 10 + d.n + 1 AS n \
             FROM {digits} a, {digits} b, {digits} c, {digits} d WHERE a.n < 3"
        ))
        .await;
    (scratch, table)
}

/// A statement that would take hours.
fn endless(table: &str) -> String {
    format!("SELECT count(*) FROM {table} a, {table} b, {table} c, {table} d WHERE a.n + b.n + c.n + d.n < 0")
}

/// How many statements on `table` the server is working on.
async fn at_work(dialect: Dialect, table: &str) -> i64 {
    let server = server_url(dialect);
    if dialect == Dialect::Mysql {
        let mut connection = MySqlConnection::connect(&server).await.unwrap();
        let sql = format!(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST \
             WHERE INFO LIKE '%{table}%' AND ID <> CONNECTION_ID()"
        );
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE query LIKE '%{table}%' AND state = 'active' AND pid <> pg_backend_pid()"
        );
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap()
    }
}

/// Waits until the server works on that many statements on `table`.
async fn until_at_work(dialect: Dialect, table: &str, wanted: i64) {
    let reached = async {
        while at_work(dialect, table).await != wanted {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), reached).await.unwrap_or_else(|_| panic!("{dialect}: not {wanted} at work"));
}

/// Waits until no connection is lent out and not more than `most` are kept.
async fn until_idle(database: &dyn Database, most: u32) {
    let is_idle = || {
        let status = database.pool();
        status.open == status.idle && status.open <= most
    };
    let reached = async {
        while !is_idle() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), reached).await.unwrap_or_else(|_| panic!("{:?}", database.pool()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_row_limit_is_exact() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let database = scratch.open(&[]);
        let sql = format!("SELECT n FROM {table} ORDER BY n");
        for (limit, truncated) in [(2999, true), (3000, false), (3001, false)] {
            let rows = run(&*database, &sql, &Limits { rows: limit, ..WIDE }).await.unwrap();
            assert_eq!((rows.len(), rows.truncated), (limit.min(3000), truncated));
        }
        let rows = run(&*database, &sql, &Limits { rows: 2, ..WIDE }).await.unwrap();
        assert_eq!(rows.cells, [Value::Int(1), Value::Int(2)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_byte_limit_cuts_whole_rows() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let sql = format!("SELECT n, n AS m FROM {table} ORDER BY n");
        let rows = run(&*scratch.open(&[]), &sql, &Limits { bytes: 1000, ..WIDE }).await.unwrap();
        assert!(rows.truncated);
        assert_eq!(rows.cells.len(), rows.len() * 2);
        assert!((1..100).contains(&rows.len()), "{}", rows.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_rest_of_a_long_result_is_not_computed() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let database = scratch.open(&[]);
        let sql = format!("SELECT a.n FROM {table} a, {table} b, {table} c");
        let rows = run(&*database, &sql, &Limits { rows: 10, ..WIDE }).await.unwrap();
        assert_eq!((rows.len(), rows.truncated), (10, true));
        until_at_work(dialect, &table, 0).await;
        let rows = run(&*database, &format!("SELECT max(n) FROM {table}"), &WIDE).await.unwrap();
        assert_eq!(rows.cells, [Value::Int(3000)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_statement_over_its_time_is_stopped_on_the_server() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let database = scratch.open(&[]);
        let limits = Limits { timeout: Duration::from_millis(200), ..WIDE };
        let error = run(&*database, &endless(&table), &limits).await.unwrap_err();
        assert_eq!(error.code(), Code::QueryTimeout, "{error}");
        assert_eq!(error.sql(), Some(endless(&table).as_str()));
        until_at_work(dialect, &table, 0).await;
        let rows = run(&*database, &format!("SELECT min(n) FROM {table}"), &limits).await.unwrap();
        assert_eq!(rows.cells, [Value::Int(1)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_gives_up_stops_the_statement_on_the_server() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let database = scratch.open(&[]);
        let statement = approved(&*database, &endless(&table)).await;
        let asked = tokio::spawn({
            let database = Arc::clone(&database);
            async move { database.run(&statement, &WIDE).await }
        });
        until_at_work(dialect, &table, 1).await;
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        until_at_work(dialect, &table, 0).await;
        // Its connection is not used again.
        until_idle(&*database, 1).await;
        let rows = run(&*database, &format!("SELECT min(n) FROM {table}"), &WIDE).await.unwrap();
        assert_eq!(rows.cells, [Value::Int(1)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_pool_are_closed_and_a_full_pool_says_so() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let database = scratch.open(&[("pool_size", 1.into()), ("max_overflow", 1.into()), ("pool_timeout", 1.into())]);
        assert_eq!(database.pool().open, 0, "connected before it was needed");
        let statement = approved(&*database, &endless(&table)).await;
        let limits = Limits { timeout: Duration::from_secs(6), ..WIDE };
        let asked: Vec<_> = (0..2)
            .map(|_| {
                let (database, statement) = (Arc::clone(&database), statement.clone());
                tokio::spawn(async move { database.run(&statement, &limits).await })
            })
            .collect();
        until_at_work(dialect, &table, 2).await;
        let error = database.ping().await.unwrap_err();
        assert_eq!(error.code(), Code::PoolTimeout);
        for answer in asked {
            assert_eq!(answer.await.unwrap().unwrap_err().code(), Code::QueryTimeout);
        }
        until_idle(&*database, 1).await;
        database.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_that_the_server_closed_is_replaced() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let database = scratch.open(&[]);
        let sql = format!("SELECT min(n) FROM {table}");
        run(&*database, &sql, &WIDE).await.unwrap();
        kill_all(dialect, &scratch.name).await;
        let rows = run(&*database, &sql, &WIDE).await.unwrap();
        assert_eq!(rows.cells, [Value::Int(1)]);
    }
}

/// Ends the connections whose place is `name`.
async fn kill_all(dialect: Dialect, name: &str) {
    let server = server_url(dialect);
    if dialect == Dialect::Mysql {
        let mut connection = MySqlConnection::connect(&server).await.unwrap();
        let sql = format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{name}'");
        let ids: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        assert!(!ids.is_empty());
        for id in ids {
            sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}"))).execute(&mut connection).await.unwrap();
        }
    } else {
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE application_name = $1 AND pid <> pg_backend_pid()";
        let killed: i64 = sqlx::query_scalar(sql).bind(name).fetch_one(&mut connection).await.unwrap();
        assert!(killed > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_closed_pool_says_so() {
    for dialect in SERVERS {
        let (scratch, table) = numbers(dialect).await;
        let database = scratch.open(&[]);
        let statement = approved(&*database, &format!("SELECT n FROM {table}")).await;
        database.close().await;
        let error = database.run(&statement, &WIDE).await.unwrap_err();
        assert_eq!(error.code(), Code::Closed);
        until_idle(&*database, 1).await;
    }
}
