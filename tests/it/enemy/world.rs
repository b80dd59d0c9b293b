//! A database with secrets in it, made for one run and dropped after it.

use db_query_agent::dialect::Dialect;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection};

use super::session::Session;

/// The kinds of secrets, by the part of a policy that hides them.
pub const KINDS: [&str; 4] = ["table", "column", "masked", "row"];

/// One of the two worlds of an engine.
pub struct World {
    dialect: Dialect,
    name: String,
    /// Where SQLite keeps its file.
    folder: Option<tempfile::TempDir>,
    server: String,
}

impl World {
    /// A world with its tables. The `other` one differs from the first in the secrets of the `hidden` kinds.
    pub async fn make(dialect: Dialect, other: bool, hidden: &[&str]) -> Self {
        let name = format!("enemy_{}", uuid::Uuid::new_v4().simple());
        let folder = (dialect == Dialect::Sqlite).then(|| tempfile::tempdir().expect("a folder"));
        let world = Self { dialect, name, folder, server: server(dialect) };
        world.administer(&format!("CREATE DATABASE {}", world.name)).await;
        let mut session = world.open().await;
        for statement in script(dialect, other, hidden).split(";\n").filter(|statement| !statement.trim().is_empty()) {
            session.ask(statement).await.unwrap_or_else(|error| panic!("{dialect}: {statement}: {error}"));
        }
        session.close().await;
        world
    }

    pub async fn open(&self) -> Session {
        Session::open(self.dialect, &self.url()).await.expect("a connection to the world just made")
    }

    pub fn url(&self) -> String {
        match &self.folder {
            Some(folder) => format!("sqlite:///{}?mode=rwc", folder.path().join("world.db").display()),
            None => format!("{}/{}", self.server.rsplit_once('/').expect("a database in the URL").0, self.name),
        }
    }

    /// The name of the database, where texts may hold it.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub async fn unmake(self) {
        let force = if self.dialect == Dialect::Postgres { " WITH (FORCE)" } else { "" };
        self.administer(&format!("DROP DATABASE {}{force}", self.name)).await;
    }

    async fn administer(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = match self.dialect {
            Dialect::Postgres => {
                async { PgConnection::connect(&self.server).await?.execute(sql).await.map(drop) }.await
            }
            Dialect::Mysql => {
                async { MySqlConnection::connect(&self.server).await?.execute(sql).await.map(drop) }.await
            }
            Dialect::Sqlite | Dialect::Mssql => Ok(()),
        };
        done.unwrap_or_else(|error| panic!("{}: {error}", self.dialect));
    }

    /// Everything that a statement could have changed, in one text that is equal when nothing did: rows,
    /// objects, sequences, and what belongs to the session.
    pub async fn fingerprint(&self, session: &mut Session, tables: &[String]) -> String {
        let mut parts = Vec::new();
        for sql in questions(self.dialect, &self.name, tables) {
            parts.push(session.ask(&sql).await.unwrap_or_else(|error| error));
        }
        if let Some(folder) = &self.folder {
            let mut files: Vec<_> = std::fs::read_dir(folder.path())
                .map(|entries| entries.flatten().map(|entry| entry.file_name()).collect())
                .unwrap_or_default();
            files.sort();
            parts.push(format!("{files:?}"));
        }
        parts.join("\n")
    }
}

fn server(dialect: Dialect) -> String {
    let variable = match dialect {
        Dialect::Postgres => "TEST_POSTGRES_URL",
        Dialect::Mysql => "TEST_MYSQL_URL",
        Dialect::Sqlite | Dialect::Mssql => return String::new(),
    };
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run this by `make`, or name a server"))
}

fn script(dialect: Dialect, other: bool, hidden: &[&str]) -> String {
    let script = match dialect {
        Dialect::Sqlite => include_str!("world/sqlite.sql"),
        Dialect::Postgres => include_str!("world/postgresql.sql"),
        Dialect::Mysql => include_str!("world/mysql.sql"),
        Dialect::Mssql => unreachable!("there is no SQL Server here"),
    };
    let differs = |kind: &str| other && hidden.contains(&kind);
    let mut text: String = script
        .lines()
        .filter(|line| !line.starts_with("-- "))
        .filter_map(|line| match line.strip_prefix("--other ") {
            Some(rest) => differs("table").then_some(rest),
            None => Some(line),
        })
        .fold(String::new(), |text, line| text + line + "\n");
    for kind in KINDS {
        let world = if differs(kind) { "B" } else { "A" };
        text = text.replace(&format!("{{{kind}}}"), &format!("{}-{world}", canary(kind)));
    }
    text = text.replace("{number}", if differs("column") { "8" } else { "7" });
    text.replace("{row_number}", if differs("row") { "88" } else { "77" })
}

/// The beginning of every secret of a kind.
pub fn canary(kind: &str) -> String {
    format!("S3CR3T-{}", kind.to_ascii_uppercase())
}

/// What a fingerprint is made of.
fn questions(dialect: Dialect, database: &str, tables: &[String]) -> Vec<String> {
    match dialect {
        Dialect::Sqlite => {
            let mut all: Vec<String> = tables.iter().map(|table| format!("SELECT * FROM {table}")).collect();
            all.push("SELECT type, name, sql FROM sqlite_master ORDER BY 2".to_owned());
            all.push("SELECT name, sql FROM sqlite_temp_master ORDER BY 1".to_owned());
            for pragma in ["database_list", "query_only", "foreign_keys", "user_version", "writable_schema", "journal_mode"] {
                all.push(format!("PRAGMA {pragma}"));
            }
            all
        }
        Dialect::Postgres => {
            let mut all: Vec<String> = tables
                .iter()
                .map(|table| format!("SELECT md5(string_agg(x::text, '|' ORDER BY x::text)) FROM {table} x"))
                .collect();
            all.extend(
                [
                    "SELECT oid, relname, relkind, relfilenode FROM pg_class WHERE oid >= 16384 ORDER BY 1",
                    "SELECT oid, proname, md5(prosrc) FROM pg_proc WHERE oid >= 16384 ORDER BY 1",
                    "SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
                    "SELECT rolname FROM pg_roles WHERE rolname ~ '^enemy' ORDER BY 1",
                    "SELECT count(*) FROM pg_largeobject_metadata",
                    "SELECT last_value, is_called FROM invoice_seq",
                    "SELECT md5(string_agg(name || '=' || setting, ',' ORDER BY name)) FROM pg_settings",
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
                    "SELECT name FROM pg_prepared_statements WHERE name !~ '^sqlx' ORDER BY 1",
                    "SELECT name FROM pg_cursors WHERE name <> ''",
                    "SELECT pg_listening_channels()",
                    "SELECT slot_name FROM pg_replication_slots WHERE slot_name ~ '^enemy'",
                ]
                .map(str::to_owned),
            );
            all
        }
        Dialect::Mysql => vec![
            format!("CHECKSUM TABLE {} EXTENDED", tables.join(", ")),
            format!("SELECT table_name, table_type, create_time FROM information_schema.tables WHERE table_schema = '{database}' ORDER BY 1"),
            format!("SELECT routine_name, last_altered FROM information_schema.routines WHERE routine_schema = '{database}' ORDER BY 1"),
            format!("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = '{database}' ORDER BY 1"),
            "SELECT variable_name, variable_value FROM information_schema.user_variables ORDER BY 1".to_owned(),
            "SELECT @@autocommit, @@sql_mode, @@tx_isolation, @@tx_read_only, @@max_statement_time, @@sql_select_limit, \
             @@character_set_client, @@collation_connection, @@time_zone, @@foreign_key_checks, @@sql_log_bin, \
             @@lock_wait_timeout, @@optimizer_switch, @@group_concat_max_len, @@default_storage_engine, @@in_transaction"
                .to_owned(),
            "SELECT IS_USED_LOCK('x')".to_owned(),
        ],
        Dialect::Mssql => Vec::new(),
    }
}
