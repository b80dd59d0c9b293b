//! What a user meets when the database cannot be reached: the right code, soon, and no password.

use std::time::Duration;

use db_query_agent::database;
use db_query_agent::dialect::Dialect;
use db_query_agent::error::{Code, Error};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;

use crate::scratch::{Scratch, WIDE, config, run, run_raw, server_url};

const SERVERS: [Dialect; 2] = [Dialect::Postgres, Dialect::Mysql];

/// What connecting to `url` comes to. The limit only keeps a test that hangs from hanging for ever.
async fn failure(url: &str, options: &[(&str, Json)]) -> Error {
    let database = match database::connect(&config(url, options)) {
        Ok(database) => database,
        Err(error) => return error,
    };
    let answer = tokio::time::timeout(Duration::from_secs(20), database.ping()).await.expect("it hangs");
    let error = answer.expect_err("there is a server where none should be");
    let shown = format!("{error} {error:?} {}", error.hint());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!error.hint().is_empty());
    error
}

/// The host and port of the real server.
fn place(dialect: Dialect) -> String {
    let url = server_url(dialect);
    let (_, rest) = url.split_once("://").unwrap();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    rest.split('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_refused_at_once() {
    for dialect in SERVERS {
        // The port was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let url = format!("{}://u:hunter2@127.0.0.1:{port}/d", dialect.as_str());
        // Longer than the test waits: a refusal must not be tried again until the wait is over.
        let error = failure(&url, &[("pool_timeout", json!(600))]).await;
        assert_eq!(error.code(), Code::ConnectionFailed, "{error}");
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_within_the_wait() {
    for dialect in SERVERS {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("{}://u:hunter2@127.0.0.1:{port}/d", dialect.as_str());
        let error = failure(&url, &[("pool_timeout", json!(0.3))]).await;
        assert_eq!(error.code(), Code::ConnectionTimeout, "{error}");
    }
}

#[tokio::test]
async fn an_unknown_host_is_named() {
    for dialect in SERVERS {
        let url = format!("{}://u:hunter2@no-such-host.invalid/d", dialect.as_str());
        let error = failure(&url, &[("pool_timeout", json!(15))]).await;
        assert_eq!(error.category().as_str(), "system", "{error}");
        assert_eq!(error.code().exception(), "ConnectionError", "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_from_a_missing_database() {
    let error = failure(&format!("mysql://nobody:hunter2@{}/test", place(Dialect::Mysql)), &[]).await;
    assert_eq!(error.code(), Code::AuthenticationFailed, "{error}");
    let error = failure(&format!("postgresql://nobody:hunter2@{}/test", place(Dialect::Postgres)), &[]).await;
    assert_eq!(error.code(), Code::AuthenticationFailed, "{error}");
    for dialect in SERVERS {
        let (server, _database) =
            server_url(dialect).rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let error = failure(&format!("{server}/no_such_database"), &[]).await;
        assert_eq!(error.code(), Code::DatabaseNotFound, "{error}");
    }
}

#[tokio::test]
async fn a_socket_that_is_not_there() {
    let error = failure("postgresql://u:hunter2@/d?host=/no/such/directory", &[]).await;
    assert_eq!(error.code(), Code::ConnectionFailed, "{error}");
    let error = failure("mysql://u:hunter2@localhost/d?unix_socket=/no/such/socket", &[]).await;
    assert_eq!(error.code(), Code::ConnectionFailed, "{error}");
}

#[tokio::test]
async fn encryption_is_never_silently_left_out() {
    for dialect in SERVERS {
        let server = server_url(dialect);
        // Neither of the test servers has a certificate that leads to a known authority.
        for options in
            [&[("ssl_verify", json!(true))][..], &[("ssl_enabled", json!(true)), ("ssl_verify", json!(true))]]
        {
            let error = failure(&server, options).await;
            assert_eq!(error.code(), Code::TlsFailed, "{dialect}: {error}");
        }
        let error = failure(&format!("{server}?sslmode=hunter2"), &[]).await;
        assert_eq!(error.code(), Code::InvalidOption, "{error}");
        let error = failure(&format!("{server}?ssl_ca=/no/such/file.pem"), &[]).await;
        assert_eq!(error.code(), Code::InvalidOption, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_changed_since_the_schema_was_read_is_said() {
    for dialect in SERVERS {
        let scratch = Scratch::new(dialect).await;
        scratch.execute("CREATE TABLE things (a int, b int)").await;
        let database = scratch.open(&[]);
        let column = crate::scratch::approved(&*database, "SELECT b FROM things").await;
        scratch.execute("ALTER TABLE things DROP COLUMN b").await;
        assert_eq!(database.run(&column, &WIDE).await.unwrap_err().code(), Code::StaleSchema);
        let table = crate::scratch::approved(&*database, "SELECT a FROM things").await;
        scratch.execute("DROP TABLE things").await;
        assert_eq!(database.run(&table, &WIDE).await.unwrap_err().code(), Code::StaleSchema);
        // And it keeps working.
        database.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_database_dropped_between_two_questions() {
    for dialect in SERVERS {
        let name = format!("d_{}", uuid::Uuid::new_v4().simple());
        let server = server_url(dialect);
        run_raw(dialect, &server, &format!("CREATE DATABASE {name}")).await;
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        run_raw(dialect, &url, "CREATE TABLE t (a int)").await;
        let database = database::connect(&config(&url, &[])).unwrap();
        let statement = crate::scratch::approved(&*database, "SELECT a FROM t").await;
        database.run(&statement, &WIDE).await.unwrap();
        let force = if dialect == Dialect::Postgres { " WITH (FORCE)" } else { "" };
        run_raw(dialect, &server, &format!("DROP DATABASE {name}{force}")).await;
        let error = database.run(&statement, &WIDE).await.unwrap_err();
        // MySQL keeps the connection, and finds no table there.
        assert!(matches!(error.code(), Code::DatabaseNotFound | Code::StaleSchema), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_servers_message_repeats_no_value_of_a_row() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    scratch.execute("CREATE TABLE people AS SELECT 'hunter2'::text AS secret").await;
    let error = run(&*scratch.open(&[]), "SELECT CAST(secret AS integer) FROM people", &WIDE).await.unwrap_err();
    assert_eq!(error.code(), Code::ExecutionFailed);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("22P02") && !shown.contains("hunter2"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_right_that_is_missing_is_named() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    let role = &scratch.name[..20];
    scratch.execute(&format!("CREATE TABLE closed (a int); CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {} TO {role}; GRANT SELECT ON closed TO {role}", scratch.name)).await;
    let url = scratch.url().replacen("://postgres", &format!("://{role}"), 1);
    let database = database::connect(&config(&url, &[("schemas", json!([scratch.name]))])).unwrap();
    let statement = crate::scratch::approved(&*database, "SELECT a FROM closed").await;
    scratch.execute(&format!("REVOKE SELECT ON closed FROM {role}")).await;
    let error = database.run(&statement, &WIDE).await.unwrap_err();
    database.close().await;
    scratch.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
    assert_eq!(error.code(), Code::PermissionDenied, "{error}");
}
