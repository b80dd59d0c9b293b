//! The agent: a question in, SQL, rows and a sentence out.
//!
//! [`Agent::query`] walks the steps in [`run`]; everything else here is what surrounds a question:
//! the schema, conversations, statistics.

mod event;

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;

use crate::config::Config;
use crate::database::Rows;
use crate::error::{Code, Error, Result};
use crate::llm::Usage;
use crate::schema::Schema;
use crate::session::Turn;

pub use event::{Event, Events};

/// Answers questions about one database. Cheap to share: every method takes `&self`.
#[derive(Debug)]
pub struct Agent {
    config: Config,
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
    pub cached: bool,
    /// The question was small talk and no SQL was needed.
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

/// Counts since the agent was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub total_queries: u64,
    pub successful_queries: u64,
    pub failed_queries: u64,
    pub cache_hits: u64,
}

impl Agent {
    /// An agent on `config`. Nothing is connected before the first question.
    ///
    /// # Errors
    /// An option that no connector or engine can use.
    pub fn new(config: Config) -> Result<Self> {
        Ok(Self { config })
    }

    /// The configuration it runs on.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Answers `question`; tells `events` about each step as it happens.
    ///
    /// # Errors
    /// Any [`Code`]; the agent stays usable after each of them but [`Code::Closed`].
    pub async fn query(&self, question: Question, events: Events) -> Result<Answer> {
        drop((question, events));
        Err(Error::new(Code::Internal, "not built yet"))
    }

    /// The schema the policy lets through, cached for `schema_ttl`.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub async fn schema(&self, refresh: bool) -> Result<Arc<Schema>> {
        let _ = refresh;
        Err(Error::new(Code::Internal, "not built yet"))
    }

    /// What was counted so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics::default()
    }

    /// How busy the connection pool is.
    #[must_use]
    pub fn pool(&self) -> crate::database::PoolStatus {
        crate::database::PoolStatus::default()
    }

    /// Names of the kept conversations, latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sessions(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The turns of a conversation, oldest first; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, session: &str) -> Result<Option<Vec<Turn>>> {
        let _ = session;
        Ok(None)
    }

    /// Makes the conversation known, so that it is listed before its first question.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn create_session(&self, session: &str) -> Result<()> {
        let _ = session;
        Ok(())
    }

    /// Forgets the turns of a conversation, or with `delete` the conversation itself.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_session(&self, session: &str, delete: bool) -> Result<()> {
        let _ = (session, delete);
        Ok(())
    }

    /// Closes every connection. Later questions fail with [`Code::Closed`].
    pub async fn close(&self) {}
}
