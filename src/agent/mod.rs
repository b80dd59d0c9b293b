//! The agent: a question in, SQL, rows and a sentence out.
//!
//! [`Agent::query`] walks the steps in `run.rs`; everything else here is what surrounds a question:
//! what is known of the database, conversations, statistics.

mod event;
mod knowledge;
mod privilege;
mod recall;
mod run;
mod statistics;
mod turnstile;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;
use tokio::sync::watch;

use crate::config::Config;
use crate::database::{self, Database, Limits, PoolStatus, Rights, Rows};
use crate::engine::offline::Offline;
use crate::engine::{Engine, Router};
use crate::error::{Code, Error, Result};
use crate::guard::{Guard, Policy};
use crate::llm::Usage;
use crate::schema::Schema;
use crate::session::{self, SessionStore, Turn};

use knowledge::Knowledge;
use recall::Recall;
use statistics::Counters;
use turnstile::Turnstile;

pub use event::{Event, Events};
pub use statistics::Statistics;

/// Answers questions about one database. Cheap to share: every method takes `&self`.
pub struct Agent {
    config: Config,
    database: Arc<dyn Database>,
    guard: Guard,
    engine: Arc<dyn Engine>,
    knowledge: Knowledge,
    recall: Recall,
    sessions: Arc<dyn SessionStore>,
    turnstile: Turnstile,
    counters: Counters,
    closed: watch::Sender<bool>,
}

/// What is asked and how much of the way to go.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub text: String,
    /// The conversation it belongs to; made when there is none of that name.
    pub session: Option<String>,
    /// Propose and approve, but do not run.
    pub dry_run: bool,
    /// The caller's wall clock; `None`: the machine's.
    pub now: Option<NaiveDateTime>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub question: String,
    pub sql: Option<String>,
    pub rows: Rows,
    pub natural_response: String,
    pub execution_time: Duration,
    pub explanation: String,
    /// 0 to 1.
    pub confidence: f64,
    pub clarification: Option<Clarification>,
    /// `offline` or a model's name.
    pub engine: String,
    /// The statement was proposed before; the rows are fresh all the same.
    pub cached: bool,
    /// The question was small talk or about the schema, and no SQL was needed.
    pub is_casual: bool,
    pub warnings: Vec<String>,
    pub usage: Usage,
}

/// What the agent would like to know before it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clarification {
    pub question: String,
    pub choices: Vec<String>,
}

impl Agent {
    /// An agent on `config`. Nothing is connected before the first question.
    ///
    /// # Errors
    /// An option that no connector, store or engine can use.
    pub fn new(config: Config) -> Result<Self> {
        let database = database::connect(&config.database)?;
        let engine = Arc::new(Router::new(&config, Arc::new(Offline))?);
        Self::with_parts(config, database, engine)
    }

    /// An agent over a database and an engine of the caller's own.
    ///
    /// # Errors
    /// A session store that cannot be used.
    pub fn with_parts(config: Config, database: Arc<dyn Database>, engine: Arc<dyn Engine>) -> Result<Self> {
        let policy = Policy {
            allowed_tables: config.safety.allowed_tables.clone(),
            blocked_tables: config.safety.blocked_tables.clone(),
            ..Policy::default()
        };
        let mut guard = Guard::new(database.dialect(), policy);
        if let Some(name) = &config.database.url.database {
            guard = guard.in_database(name);
        }
        Ok(Self {
            knowledge: Knowledge::new(Arc::clone(&database), guard.clone(), &config),
            recall: Recall::new(&config.cache),
            sessions: session::open(&config.session)?,
            turnstile: Turnstile::default(),
            counters: Counters::new(config.enable_statistics),
            closed: watch::Sender::new(false),
            config,
            database,
            guard,
            engine,
        })
    }

    /// The configuration it runs on.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The guard every statement passes.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Answers `question`; tells `events` about each step as it happens.
    ///
    /// Questions of one conversation are answered in the order they came. Dropping the future
    /// stops the model call and the statement on the server.
    ///
    /// # Errors
    /// Any [`Code`]; the agent stays usable after each of them but [`Code::Closed`].
    pub async fn query(&self, question: Question, events: &Events) -> Result<Answer> {
        let asked = self.counters.asked();
        let work = async {
            match question.session.as_deref() {
                None => run::answer(self, &question, &[], events).await,
                Some(name) => self.converse(name, &question, events).await,
            }
        };
        let answer = self.unless_closed(work).await?;
        asked.answered(&answer);
        events.send(Event::Done(Box::new(answer.clone())));
        Ok(answer)
    }

    async fn converse(&self, name: &str, question: &Question, events: &Events) -> Result<Answer> {
        let _turn = self.turnstile.enter(name).await;
        let turns = self.sessions.turns(name).await?.unwrap_or_default();
        run::answer(self, question, &turns, events).await
    }

    /// Runs a statement of the caller's own behind the same guard and limits as a proposed one.
    ///
    /// # Errors
    /// [`Code::SqlRejected`], or what the database says.
    pub async fn run_sql(&self, sql: &str) -> Result<Rows> {
        let work = async {
            let schema = self.knowledge.full_schema().await?;
            let approved =
                self.guard.approve(sql, &schema).map_err(|rejection| Error::from(rejection).with_sql(sql))?;
            self.database.run(&approved, &self.limits()).await
        };
        self.unless_closed(work).await
    }

    /// The schema the policy lets through, cached for `schema_ttl`.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub async fn schema(&self, refresh: bool) -> Result<Arc<Schema>> {
        self.open()?;
        if refresh {
            self.knowledge.forget().await;
        }
        self.unless_closed(self.knowledge.visible_schema()).await
    }

    /// Connects, reads the schema and the stored values, so that the first question is as quick as
    /// the second.
    ///
    /// # Errors
    /// When the database cannot be reached or read.
    pub async fn warm_up(&self) -> Result<()> {
        self.unless_closed(self.knowledge.catalog()).await.map(drop)
    }

    /// What the login could do if the guard and the read-only session were gone, and which fences stand:
    /// each was asked of the database just now.
    ///
    /// # Errors
    /// When the database cannot be reached or does not say.
    pub async fn security_report(&self) -> Result<Rights> {
        self.unless_closed(self.database.rights()).await
    }

    /// What was counted so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }

    /// How many schemas and proposals are remembered; what is over is removed before it is counted.
    pub async fn remembered(&self) -> u64 {
        self.knowledge.count().await + self.recall.count().await
    }

    /// How busy the connection pool is.
    #[must_use]
    pub fn pool(&self) -> PoolStatus {
        self.database.pool()
    }

    /// Names of the kept conversations, latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sessions(&self) -> Result<Vec<String>> {
        self.sessions.names().await
    }

    /// The turns of a conversation, oldest first; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, session: &str) -> Result<Option<Vec<Turn>>> {
        self.sessions.turns(session).await
    }

    /// Makes the conversation known, so that it is listed before its first question.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn create_session(&self, session: &str) -> Result<()> {
        self.sessions.create(session).await
    }

    /// Forgets the turns of a conversation, or with `delete` the conversation itself.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_session(&self, session: &str, delete: bool) -> Result<()> {
        if delete { self.sessions.delete(session).await } else { self.sessions.clear(session).await }
    }

    /// Closes every connection and stops what still runs on the server. Questions under way and later
    /// ones fail with [`Code::Closed`].
    pub async fn close(&self) {
        if !self.closed.send_replace(true) {
            self.knowledge.rest();
            self.database.close().await;
            self.sessions.close().await;
        }
    }

    fn open(&self) -> Result<()> {
        if *self.closed.borrow() {
            return Err(Error::new(Code::Closed, "the agent is closed"));
        }
        Ok(())
    }

    /// Does `work` unless the agent is closed meanwhile; then it is dropped, which stops its
    /// statement on the server.
    async fn unless_closed<T>(&self, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
        self.open()?;
        let mut closed = self.closed.subscribe();
        tokio::select! {
            biased;
            done = work => done,
            _ = closed.wait_for(|closed| *closed) => {
                Err(Error::new(Code::Closed, "the agent was closed before the answer was there"))
            }
        }
    }

    fn limits(&self) -> Limits {
        let safety = &self.config.safety;
        Limits { rows: safety.max_result_rows, bytes: safety.max_result_bytes, timeout: safety.max_query_timeout }
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("database", &self.config.database.url).finish_non_exhaustive()
    }
}
