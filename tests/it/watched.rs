//! A database of a test's own on any engine, and one that is as slow or as broken as a test wants it to be.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use db_query_agent::config::Config;
use db_query_agent::database::{self, Database, Examination, Fetched, Limits, PoolStatus, Rights};
use db_query_agent::dialect::Dialect;
use db_query_agent::error::{Code, Error};
use db_query_agent::guard::ApprovedSql;
use db_query_agent::schema::Schema;
use serde_json::{Value as Json, json};

use crate::scratch::Scratch;
use crate::sqlite::File;

/// A database of its own, on any engine.
pub enum Place {
    File(File),
    Scratch(Scratch),
}

impl Place {
    pub async fn new(dialect: Dialect, statements: &str) -> Self {
        if dialect == Dialect::Sqlite {
            return Self::File(File::new(statements).await);
        }
        let scratch = Scratch::new(dialect).await;
        scratch.execute(statements).await;
        Self::Scratch(scratch)
    }

    pub async fn execute(&self, statements: &str) {
        match self {
            Self::File(file) => file.execute(statements).await,
            Self::Scratch(scratch) => scratch.execute(statements).await,
        }
    }

    pub fn config(&self, options: &Json) -> Config {
        let mut given = options.as_object().unwrap().clone();
        match self {
            Self::File(file) => {
                given.insert("database_url".to_owned(), format!("sqlite:///{}", file.path().display()).into());
            }
            Self::Scratch(scratch) => {
                given.insert("database_url".to_owned(), scratch.url().into());
                given.insert("schemas".to_owned(), json!([scratch.name]));
            }
        }
        Config::build(&given, &HashMap::new()).unwrap()
    }

    pub fn open(&self) -> Arc<dyn Database> {
        database::connect(&self.config(&json!({})).database).unwrap()
    }
}

/// What becomes of a statement.
pub enum Deed {
    Run,
    /// It never ends by itself.
    Hang,
    Fail,
}

type Rule = Box<dyn Fn(&str) -> Deed + Send + Sync>;

/// A database that writes down what is asked of it, and is as slow as a test wants it to be.
pub struct Watched {
    inner: Arc<dyn Database>,
    seen: Mutex<Vec<String>>,
    rule: Mutex<Rule>,
    /// Statements that hang now.
    pub hanging: AtomicUsize,
}

impl Watched {
    pub fn new(inner: Arc<dyn Database>, rule: impl Fn(&str) -> Deed + Send + Sync + 'static) -> Arc<Self> {
        let rule = Mutex::new(Box::new(rule) as Rule);
        Arc::new(Self { inner, seen: Mutex::default(), rule, hanging: AtomicUsize::default() })
    }

    pub fn behave(&self, rule: impl Fn(&str) -> Deed + Send + Sync + 'static) {
        *self.rule.lock().unwrap() = Box::new(rule);
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Counts as long as a statement hangs.
struct Hanging<'a>(&'a AtomicUsize);

impl Drop for Hanging<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Database for Watched {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    async fn introspect(&self) -> db_query_agent::Result<Schema> {
        self.inner.introspect().await
    }

    async fn fetch(
        &self,
        statement: &ApprovedSql,
        limits: &Limits,
        examination: Option<&Examination<'_>>,
    ) -> db_query_agent::Result<Fetched> {
        self.seen.lock().unwrap().push(statement.text().to_owned());
        let deed = (self.rule.lock().unwrap())(statement.text());
        match deed {
            Deed::Run => self.inner.fetch(statement, limits, examination).await,
            Deed::Fail => Err(Error::new(Code::ConnectionFailed, "the line is down")),
            Deed::Hang => {
                self.hanging.fetch_add(1, Ordering::SeqCst);
                let _hanging = Hanging(&self.hanging);
                pending().await
            }
        }
    }

    async fn rights(&self) -> db_query_agent::Result<Rights> {
        self.inner.rights().await
    }

    async fn ping(&self) -> db_query_agent::Result<()> {
        self.inner.ping().await
    }

    fn pool(&self) -> PoolStatus {
        self.inner.pool()
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
