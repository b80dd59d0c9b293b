//! What a login may do and which fences stand: a superuser against a reader made for the test.

use std::collections::HashMap;

use db_query_agent::agent::{Agent, Events, Question};
use db_query_agent::config::Config;
use db_query_agent::database::{About, Rights, Verdict};
use db_query_agent::dialect::Dialect;
use db_query_agent::error::Code;
use db_query_agent::value::Value;
use serde_json::Value as Json;

use crate::scratch::{Scratch, WIDE, config, run, run_raw, server_url};

const SERVERS: [Dialect; 2] = [Dialect::Postgres, Dialect::Mysql];

/// A login of a test's own, dropped with it.
pub struct Login {
    dialect: Dialect,
    pub name: String,
}

impl Login {
    /// A login that may read what is in `scratch`, and no more than every login may.
    pub async fn reader(scratch: &Scratch) -> Self {
        let login = Self { dialect: scratch.dialect, name: format!("r_{}", &scratch.name[2..22]) };
        let (name, place) = (&login.name, &scratch.name);
        let sql = match scratch.dialect {
            Dialect::Mysql => {
                format!("CREATE USER {name} IDENTIFIED BY 'reader'; GRANT SELECT, SHOW VIEW ON {place}.* TO {name}")
            }
            _ => format!(
                "CREATE ROLE {name} LOGIN PASSWORD 'reader'; GRANT USAGE ON SCHEMA {place} TO {name}; \
                 GRANT SELECT ON ALL TABLES IN SCHEMA {place} TO {name}"
            ),
        };
        run_raw(scratch.dialect, &server_url(scratch.dialect), &sql).await;
        login
    }

    pub async fn grant(&self, sql: &str) {
        run_raw(self.dialect, &server_url(self.dialect), &sql.replace("{login}", &self.name)).await;
    }

    /// The URL of `scratch` for this login.
    pub fn url(&self, scratch: &Scratch) -> String {
        let url = scratch.url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (_login, rest) = rest.split_once('@').unwrap();
        format!("{scheme}://{}:reader@{rest}", self.name)
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        let (dialect, name) = (self.dialect, &self.name);
        let sql = match dialect {
            Dialect::Mysql => format!("DROP USER {name}"),
            _ => format!("DROP OWNED BY {name}; DROP ROLE {name}"),
        };
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run_raw(dialect, &server_url(dialect), &sql));
        });
        dropper.join().unwrap();
    }
}

async fn shop(dialect: Dialect) -> (Scratch, Login) {
    let scratch = Scratch::new(dialect).await;
    scratch
        .execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note VARCHAR(20)); INSERT INTO orders VALUES (1, 'a')")
        .await;
    let login = Login::reader(&scratch).await;
    (scratch, login)
}

async fn rights(url: &str) -> Rights {
    let database = db_query_agent::database::connect(&config(url, &[])).unwrap();
    database.rights().await.unwrap()
}

/// Names of the findings that are a risk or not known.
fn excess(rights: &Rights) -> Vec<&'static str> {
    rights.excess().map(|finding| finding.name).collect()
}

fn agent(url: &str, options: &[(&str, Json)]) -> Agent {
    let mut given = serde_json::Map::new();
    given.insert("database_url".to_owned(), url.into());
    given.extend(options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Agent::new(Config::build(&given, &HashMap::new()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_fence_stands_for_every_login() {
    for dialect in SERVERS {
        let (scratch, login) = shop(dialect).await;
        for url in [scratch.url(), login.url(&scratch)] {
            let rights = rights(&url).await;
            assert!(rights.is_read_only(), "{rights:?}");
            let down: Vec<_> = (rights.findings.iter())
                .filter(|finding| finding.about != About::Login && finding.verdict != Verdict::Holds)
                .collect();
            assert!(down.is_empty(), "{down:?}");
            assert!(rights.findings.iter().filter(|finding| finding.about == About::ReadOnly).count() >= 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_administrator_is_told_from_a_reader() {
    for dialect in SERVERS {
        let (scratch, login) = shop(dialect).await;
        let administrator = rights(&scratch.url()).await;
        assert!(excess(&administrator).contains(&"superuser"), "{administrator:?}");
        assert!(excess(&administrator).contains(&"writes"), "{administrator:?}");
        let reader = rights(&login.url(&scratch)).await;
        assert_eq!(excess(&reader), Vec::<&str>::new(), "{reader:?}");
        assert!(reader.is_least_privilege() && !administrator.is_least_privilege());
        assert!(reader.login.starts_with(&login.name), "{}", reader.login);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn each_right_beyond_reading_is_named() {
    let (scratch, login) = shop(Dialect::Postgres).await;
    let place = &scratch.name;
    let helper = format!("h_{}", login.name);
    for (grant, revoke, finding) in [
        (
            format!("GRANT UPDATE (note) ON {place}.orders TO {{login}}"),
            format!("REVOKE UPDATE (note) ON {place}.orders FROM {{login}}"),
            "writes",
        ),
        (
            format!("GRANT CREATE ON SCHEMA {place} TO PUBLIC"),
            format!("REVOKE CREATE ON SCHEMA {place} FROM PUBLIC"),
            "creates",
        ),
        (
            "GRANT pg_read_server_files TO {login}".to_owned(),
            "REVOKE pg_read_server_files FROM {login}".to_owned(),
            "server_files",
        ),
        ("ALTER ROLE {login} CREATEDB".to_owned(), "ALTER ROLE {login} NOCREATEDB".to_owned(), "role_attributes"),
        (
            format!("CREATE ROLE {helper} SUPERUSER; GRANT {helper} TO {{login}}"),
            format!("DROP ROLE {helper}"),
            "superuser",
        ),
        (
            format!(
                "CREATE FUNCTION {place}.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'"
            ),
            format!("DROP FUNCTION {place}.peek"),
            "definer_functions",
        ),
        (
            format!("CREATE SEQUENCE {place}.s; GRANT USAGE ON SEQUENCE {place}.s TO {{login}}"),
            format!("DROP SEQUENCE {place}.s"),
            "writes",
        ),
    ] {
        login.grant(&grant).await;
        let found = rights(&login.url(&scratch)).await;
        login.grant(&revoke).await;
        assert!(excess(&found).contains(&finding), "{grant}: {found:?}");
        assert!(found.is_read_only(), "{grant}");
    }
    let (scratch, login) = shop(Dialect::Mysql).await;
    let place = &scratch.name;
    let role = format!("h_{}", login.name);
    for (grant, revoke, finding) in [
        (
            format!("GRANT UPDATE (note) ON {place}.orders TO {{login}}"),
            format!("REVOKE UPDATE (note) ON {place}.orders FROM {{login}}"),
            "writes",
        ),
        ("GRANT FILE ON *.* TO {login}".to_owned(), "REVOKE FILE ON *.* FROM {login}".to_owned(), "server_files"),
        (
            format!("GRANT EXECUTE ON {place}.* TO {{login}}"),
            format!("REVOKE EXECUTE ON {place}.* FROM {{login}}"),
            "definer_functions",
        ),
        (
            // A role that is not active, but could be with `SET ROLE`.
            format!("CREATE ROLE {role}; GRANT DELETE ON {place}.* TO {role}; GRANT {role} TO {{login}}"),
            format!("DROP ROLE {role}"),
            "writes",
        ),
    ] {
        login.grant(&grant).await;
        let found = rights(&login.url(&scratch)).await;
        login.grant(&revoke).await;
        assert!(excess(&found).contains(&finding), "{grant}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_privileged_login_is_refused_before_the_first_statement() {
    for dialect in SERVERS {
        let (scratch, login) = shop(dialect).await;
        let required = [("require_least_privilege", Json::from(true)), ("schemas", vec![scratch.name.clone()].into())];
        let refused = agent(&scratch.url(), &required);
        let question = || Question { text: "how many orders are there?".to_owned(), ..Question::default() };
        for error in [
            refused.query(question(), &Events::default()).await.unwrap_err(),
            refused.run_sql("SELECT 1", None).await.unwrap_err(),
            refused.schema(false, None).await.unwrap_err(),
        ] {
            assert_eq!(error.code(), Code::PrivilegedLogin, "{error}");
            assert!(error.to_string().contains("superuser"), "{error}");
        }
        assert!(!refused.security_report().await.unwrap().is_least_privilege());
        let reader = agent(&login.url(&scratch), &required);
        let answer = reader.query(question(), &Events::default()).await.unwrap();
        assert_eq!(answer.rows.cells, [Value::Int(1)]);
    }
}

#[tokio::test]
async fn a_file_is_asked_for_its_fences() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    rusty(&path).await;
    let rights = rights(&format!("sqlite:///{}", path.display())).await;
    assert!(rights.is_read_only(), "{rights:?}");
    let fences: Vec<_> = rights.findings.iter().filter(|finding| finding.about != About::Login).collect();
    assert!(fences.iter().all(|finding| finding.verdict == Verdict::Holds), "{fences:?}");
    assert!(fences.len() >= 7);
    // The test just wrote it.
    assert_eq!(excess(&rights), ["file"]);
    let required = [("require_least_privilege", Json::from(true))];
    let agent = agent(&format!("sqlite:///{}", path.display()), &required);
    assert_eq!(agent.run_sql("SELECT 1", None).await.unwrap_err().code(), Code::PrivilegedLogin);
}

async fn rusty(path: &std::path::Path) {
    use sqlx::{Connection as _, SqliteConnection};
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE orders (id INTEGER)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Whatever path the login comes with, names mean what the schema says and PostgreSQL's own come first.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_search_path_is_pinned() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    let place = &scratch.name;
    scratch
        .execute(&format!(
            "CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (7); \
             CREATE FUNCTION {place}.abs(integer) RETURNS integer LANGUAGE sql AS 'SELECT 666'; \
             CREATE FUNCTION {place}.twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * $1'; \
             CREATE OPERATOR {place}.+ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4mi)"
        ))
        .await;
    // Here the login's own schema stands before PostgreSQL's, and temporary tables before both.
    let url = scratch
        .url()
        .replace(place, &format!("pg_temp,{place},pg_catalog"))
        .replace("&application_name=pg_temp,", "&application_name=");
    let database =
        db_query_agent::database::connect(&config(&url, &[("schemas", vec![place.clone()].into())])).unwrap();
    assert_eq!(database.introspect().await.unwrap().default_namespace, *place);
    let rows = run(&*database, "SELECT abs(-1), id + 1 FROM orders", &WIDE).await.unwrap();
    assert_eq!(rows.cells, [Value::Int(1), Value::Int(8)]);
    let rights = database.rights().await.unwrap();
    let finding = |name: &str| rights.findings.iter().find(|finding| finding.name == name).unwrap();
    assert_eq!(finding("search_path_pinned").detail, format!("pg_catalog, {place}, pg_temp"));
    assert_eq!(finding("search_path_pinned").verdict, Verdict::Holds);
    let shadows = finding("functions_not_shadowed");
    assert_eq!(shadows.verdict, Verdict::Risk);
    assert!(shadows.detail.contains("abs") && shadows.detail.contains('+') && !shadows.detail.contains("twice"));
    assert!(rights.is_read_only());
}
