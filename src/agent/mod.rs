//! The agent: a question in, SQL, rows and a sentence out.
//!
//! [`Agent::query`] walks the steps in `run.rs`; everything else here is what surrounds a question:
//! what is known of the database, conversations, statistics.

mod absence;
mod access;
mod alarm;
mod catalogs;
mod conditions;
mod event;
mod examination;
mod explain;
mod explore;
mod history;
mod knowledge;
mod meter;
mod owners;
mod place;
mod privilege;
mod recall;
mod results;
mod run;
mod statistics;
mod teach;
mod tell;
mod tools;
mod turnstile;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::cache::{Figures, Link};
use crate::config::{Config, SessionConfig};
use crate::database::{self, Database, Limits, PoolStatus, Rights, Rows};
use crate::engine::offline::Offline;
use crate::engine::{self, Engine, Router};
use crate::error::{Code, Error, Result};
use crate::grounding::lessons::Lectures;
use crate::guard::{ApprovedSql, Caller, Guard};
use crate::llm::Usage;
use crate::schema::Schema;
use crate::session::{self, SessionStore, Turn};

use access::{Access, Admitted};
use examination::Examiner;
use knowledge::Knowledge;
use owners::Owners;
use recall::Recall;
use results::Results;
use statistics::Counters;
use turnstile::Turnstile;

pub use event::{Event, Events};
pub use explain::Explanation;
pub use statistics::{Latency, Statistics};
pub use tools::{Callable, Tools};

/// Answers questions about one database. Cheap to share: every method takes `&self`.
pub struct Agent {
    config: Config,
    database: Arc<dyn Database>,
    access: Access,
    engine: Arc<dyn Engine>,
    knowledge: Knowledge,
    /// What other processes may use too.
    link: Option<Arc<Link>>,
    recall: Recall,
    results: Results,
    examiner: Examiner,
    lectures: Arc<Lectures>,
    tools: Arc<Tools>,
    sessions: Arc<dyn SessionStore>,
    owners: Owners,
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
    /// No sentence is wanted, so that no model has to write one.
    pub wordless: bool,
    /// The caller's wall clock; `None`: the machine's.
    pub now: Option<NaiveDateTime>,
    /// On whose behalf; `None` in a conversation: its owner's.
    pub caller: Option<Arc<Caller>>,
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
    /// The statement was proposed before, or the rows were read before (`rows.as_of`).
    pub cached: bool,
    /// The question was small talk or about the schema, and no SQL was needed.
    pub is_casual: bool,
    pub warnings: Vec<String>,
    pub usage: Usage,
}

/// What the caches hold and how often they helped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caches {
    pub schemas: u64,
    /// What models proposed.
    pub proposals: Figures,
    pub results: Figures,
    /// Whether the store that others share was last seen to work, where there is one.
    pub shared: Option<bool>,
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
        Self::over(config, database)
    }

    /// An agent over a database that the caller opened, with the engines that `config` names.
    ///
    /// # Errors
    /// An option that no store or engine can use.
    pub fn over(config: Config, database: Arc<dyn Database>) -> Result<Self> {
        let engine = Arc::new(Router::new(&config, Arc::new(Offline))?);
        Self::with_parts(config, database, engine)
    }

    /// An agent over a database and an engine of the caller's own.
    ///
    /// # Errors
    /// A session store that cannot be used.
    pub fn with_parts(config: Config, database: Arc<dyn Database>, engine: Arc<dyn Engine>) -> Result<Self> {
        let access = Access::new(&config.safety, database.dialect(), config.database.url.database.as_deref())?;
        let link = match place::place(&config.database.url).filter(|_| database.is_known_by_its_url()) {
            Some(place) => Link::open(&config.cache, &place)?,
            None => None,
        };
        Ok(Self {
            knowledge: Knowledge::new(Arc::clone(&database), access.guards(), &config),
            recall: Recall::new(&config, link.clone()),
            results: Results::new(&config, link.clone()),
            link,
            examiner: Examiner::new(Arc::clone(&database), &config),
            lectures: Arc::default(),
            tools: Arc::default(),
            sessions: session::open(&config.session)?,
            owners: Owners::default(),
            turnstile: Turnstile::default(),
            counters: Counters::new(config.enable_statistics),
            closed: watch::Sender::new(false),
            config,
            database,
            access,
            engine,
        })
    }

    /// The configuration it runs on.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The guard that every statement passes, without what roles and callers add to it.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        self.access.everyone()
    }

    /// Answers `question`; tells `events` about each step as it happens.
    ///
    /// Questions of one conversation are answered one at a time, in the order they came, and each sees the turns of
    /// those before it; on a store that others share, also theirs (see `turnstile.rs`). Dropping the future
    /// stops the model call and the statement on the server.
    ///
    /// # Errors
    /// Any [`Code`]; the agent stays usable after each of them but [`Code::Closed`].
    pub async fn query(&self, question: Question, events: &Events) -> Result<Answer> {
        let asked = self.counters.asked();
        let events = &asked.measured(events);
        // All that a question may come to is too large to be moved about.
        let work = Box::pin(async {
            match question.session.as_deref() {
                None => run::answer(self, &question, self.access.admit(question.caller.as_ref())?, &[], events).await,
                Some(name) => self.converse(name, &question, events).await,
            }
        });
        let limit = self.config.effort.question_timeout;
        let late = |_| {
            let message = format!("the question was not answered within {} seconds", limit.as_secs_f64());
            Err(Error::new(Code::QuestionTimeout, message))
        };
        let outcome = self.unless_closed(async { timeout(limit, work).await.unwrap_or_else(late) }).await;
        asked.ended(outcome.as_ref());
        let answer = outcome?;
        events.send(Event::Done(Box::new(answer.clone())));
        Ok(answer)
    }

    async fn converse(&self, name: &str, question: &Question, events: &Events) -> Result<Answer> {
        let pass = self.turnstile.enter(&self.sessions, name).await?;
        let answer = self.reply(name, question, events).await;
        pass.leave().await;
        answer
    }

    /// Answers `question` in the light of what was said in the conversation `name` before.
    async fn reply(&self, name: &str, question: &Question, events: &Events) -> Result<Answer> {
        let SessionConfig { max_turns, max_tokens, .. } = self.config.session;
        // Whose conversation it is, a turn tells, also where none may be looked back on.
        let mut turns = self.sessions.turns(name, Some(max_turns.max(1))).await?.unwrap_or_default();
        let speaker = self.owners.speaker(name, question.caller.as_ref(), &turns)?;
        let admitted = self.access.admit(speaker.as_ref())?;
        // What was said under another role may name what this one hides.
        turns.retain(|turn| turn.role == admitted.role && max_turns > 0);
        let turns = history::within(turns, max_tokens);
        run::answer(self, question, admitted, &turns, events).await
    }

    /// Runs a statement of the user's own behind the same guard and limits as a proposed one.
    ///
    /// # Errors
    /// [`Code::SqlRejected`], [`Code::NoRole`], or what the database says.
    pub async fn run_sql(&self, sql: &str, caller: Option<&Arc<Caller>>) -> Result<Rows> {
        let work = async {
            let admitted = self.access.admit(caller)?;
            let schema = self.knowledge.full_schema().await?;
            let approved = admitted.approve(sql, &schema)?;
            self.run(&admitted, &approved, &schema).await
        };
        self.unless_closed(work).await
    }

    /// The same, or the rows that were read before where results are remembered.
    async fn recalled(&self, admitted: &Admitted, approved: &ApprovedSql, schema: &Schema) -> Result<Rows> {
        let run = || self.run(admitted, approved, schema);
        self.results.get_or_run(approved, admitted.place, schema, run).await
    }

    /// The rows of an approved statement, once the database has said what it thinks of it.
    async fn run(&self, admitted: &Admitted, approved: &ApprovedSql, schema: &Schema) -> Result<Rows> {
        let rows = self.examiner.run(approved, &admitted.guard, schema, &self.limits()).await;
        rows.map_err(|error| error.with_sql(approved.text()))
    }

    /// The schema that the caller's policy lets through, cached for `schema_ttl`.
    ///
    /// # Errors
    /// [`Code::NoRole`], or when the catalogue cannot be read.
    pub async fn schema(&self, refresh: bool, caller: Option<&Arc<Caller>>) -> Result<Arc<Schema>> {
        self.open()?;
        let admitted = self.access.admit(caller)?;
        if refresh {
            self.knowledge.forget().await;
        }
        self.unless_closed(self.knowledge.view(admitted.place)).await.map(|view| view.shown)
    }

    /// The tables that `question` is about, best first and at most `most`, by what people call them: found as for a
    /// question that is answered, by names, comments, stored values and joins. Where it is about none, the first ones.
    ///
    /// # Errors
    /// [`Code::NoRole`], or when the catalogue cannot be read.
    pub async fn relevant_tables(
        &self,
        question: &str,
        most: usize,
        caller: Option<&Arc<Caller>>,
    ) -> Result<Vec<String>> {
        let work = async {
            let admitted = self.access.admit(caller)?;
            let catalog = self.knowledge.catalog(admitted.place, question).await?;
            let schema = catalog.schema();
            let best = engine::most_relevant(question, &catalog, most).into_iter();
            Ok(best.map(|table| schema.display_name(&schema.tables[table])).collect())
        };
        self.unless_closed(work).await
    }

    /// Connects, reads the schema and the stored values, so that the first question is as quick as
    /// the second.
    ///
    /// # Errors
    /// When the database cannot be reached or read.
    pub async fn warm_up(&self) -> Result<()> {
        let work = async {
            for place in 0..self.access.guards().len() {
                self.knowledge.catalog(place, "").await?;
            }
            Ok(())
        };
        self.unless_closed(work).await
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

    /// What the caches hold and how often they helped; what is over is removed before it is counted.
    pub async fn caches(&self) -> Caches {
        Caches {
            schemas: self.knowledge.count().await,
            proposals: self.recall.figures().await,
            results: self.results.figures().await,
            shared: self.link.as_ref().map(|link| link.is_up()),
        }
    }

    /// Results that were read from `table` no longer count, here at once and in other processes after five seconds;
    /// `None`: all results.
    pub async fn outdate(&self, table: Option<&str>) {
        self.results.outdate(table.unwrap_or(results::ANY)).await;
    }

    /// Forgets the schema, proposals and results, also what other processes share about this database.
    pub async fn forget(&self) {
        self.knowledge.forget().await;
        self.recall.clear().await;
        self.results.clear().await;
        if let Some(link) = &self.link {
            link.clear().await;
        }
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
    /// [`Code::OtherCaller`] when a caller is named whose conversation it is not, or when the store cannot be
    /// read.
    pub async fn history(&self, session: &str, caller: Option<&Arc<Caller>>) -> Result<Option<Vec<Turn>>> {
        let turns = self.sessions.turns(session, None).await?;
        if caller.is_some() {
            self.owners.speaker(session, caller, turns.as_deref().unwrap_or_default())?;
        }
        Ok(turns)
    }

    /// Makes the conversation known, so that it is listed before its first question. With a caller it
    /// belongs to that one, and later questions need not name the caller.
    ///
    /// # Errors
    /// [`Code::OtherCaller`] when it is another caller's, or when the store cannot be written.
    pub async fn create_session(&self, session: &str, caller: Option<Arc<Caller>>) -> Result<()> {
        if let Some(caller) = caller {
            let turns = self.sessions.turns(session, Some(1)).await?.unwrap_or_default();
            self.owners.bind(session, caller, &turns)?;
        }
        self.sessions.create(session).await
    }

    /// Forgets the turns of a conversation, or with `delete` the conversation itself.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_session(&self, session: &str, delete: bool) -> Result<()> {
        if !delete {
            return self.sessions.clear(session).await;
        }
        self.sessions.delete(session).await?;
        self.owners.forget(session);
        Ok(())
    }

    /// Closes every connection and stops what still runs on the server. Questions under way and later
    /// ones fail with [`Code::Closed`].
    pub async fn close(&self) {
        if !self.closed.send_replace(true) {
            self.knowledge.rest();
            self.engine.close();
            self.database.close().await;
            self.sessions.close().await;
            if let Some(link) = &self.link {
                link.close().await;
            }
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
