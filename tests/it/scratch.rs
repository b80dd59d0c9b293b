//! A place of its own on a real server for each test, dropped with it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use db_query_agent::config::{Config, DatabaseConfig};
use db_query_agent::database::{self, Database, Limits, Rows};
use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{ApprovedSql, Guard, Policy};
use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};

/// Limits that no test meets by chance.
pub const WIDE: Limits = Limits { rows: 1_000_000, bytes: 1 << 30, timeout: Duration::from_mins(1) };

/// A schema of PostgreSQL or a database of MySQL.
pub struct Scratch {
    pub dialect: Dialect,
    /// Its name, which no other test has.
    pub name: String,
    /// The server's URL without the scratch place.
    server: String,
}

impl Scratch {
    pub async fn new(dialect: Dialect) -> Self {
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        let scratch = Self { dialect, name, server: server_url(dialect) };
        scratch.as_administrator(&format!("CREATE SCHEMA {}", scratch.name)).await;
        scratch
    }

    /// The URL under which unqualified names mean this place.
    pub fn url(&self) -> String {
        match self.dialect {
            Dialect::Mysql => {
                let (server, _database) = self.server.rsplit_once('/').unwrap();
                format!("{server}/{}", self.name)
            }
            _ => format!("{0}?options=-csearch_path%3D{1}&application_name={1}", self.server, self.name),
        }
    }

    /// Runs statements past the agent, separated by semicolons.
    pub async fn execute(&self, sql: &str) {
        match self.dialect {
            Dialect::Mysql => self.as_administrator(&format!("USE {}; {sql}", self.name)).await,
            _ => self.as_administrator(&format!("SET search_path = {}; {sql}", self.name)).await,
        }
    }

    /// The connector on this place alone.
    pub fn open(&self, options: &[(&str, Json)]) -> Arc<dyn Database> {
        let mut all = vec![("schemas", Json::from(vec![self.name.clone()]))];
        all.extend(options.iter().cloned());
        database::connect(&config(&self.url(), &all)).unwrap()
    }

    async fn as_administrator(&self, sql: &str) {
        run_raw(self.dialect, &self.server, sql).await;
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let (dialect, server) = (self.dialect, self.server.clone());
        let cascade = if dialect == Dialect::Postgres { " CASCADE" } else { "" };
        let sql = format!("DROP SCHEMA {}{cascade}", self.name);
        // A runtime of its own, because this one may be on its way out. The test needs a second thread:
        // a connection ends its transaction in the background, and until then it holds the tables.
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run_raw(dialect, &server, &sql));
        });
        dropper.join().unwrap();
    }
}

/// The URL of the real server.
pub fn server_url(dialect: Dialect) -> String {
    let variable = match dialect {
        Dialect::Postgres => "TEST_POSTGRES_URL",
        Dialect::Mysql => "TEST_MYSQL_URL",
        _ => panic!("{dialect} needs no server"),
    };
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run the tests by `make test`"))
}

/// The options of a connection.
pub fn config(url: &str, options: &[(&str, Json)]) -> DatabaseConfig {
    let mut given = serde_json::Map::new();
    given.insert("database_url".to_owned(), url.into());
    given.extend(options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Config::build(&given, &HashMap::new()).unwrap().database
}

/// Runs statements on a server, past everything.
pub async fn run_raw(dialect: Dialect, url: &str, sql: &str) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    if dialect == Dialect::Mysql {
        let mut connection = MySqlConnection::connect(url).await.unwrap();
        sql.execute(&mut connection).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sql.execute(&mut connection).await.unwrap();
    }
}

/// `sql` as the guard lets it through on the database's own schema.
pub async fn approved(database: &dyn Database, sql: &str) -> ApprovedSql {
    let schema = database.introspect().await.unwrap();
    Guard::new(database.dialect(), Policy::default()).approve(sql, &schema).unwrap()
}

pub async fn run(database: &dyn Database, sql: &str, limits: &Limits) -> db_query_agent::Result<Rows> {
    database.run(&approved(database, sql).await, limits).await
}
