//! Conversations: what was asked and answered before, kept where the configuration says.
//!
//! A [`SessionStore`] only keeps turns, and says who is at work in a conversation. How much of it a follow-up may
//! see, and that its questions are answered one after the other, is the agent's business.
//!
//! The stores of SQL and Redis keep messages as the sessions of the `OpenAI` Agents SDK do, so that both may read
//! one store: a message of the user and one of the assistant a turn ([`message`]). What only a turn has, the
//! statement, the plan, the caller, stands beside it, where that SDK does not look.

mod memory;
mod message;
mod redis;
mod sql;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::{SessionConfig, SessionPlace};
use crate::error::Result;

pub use memory::MemoryStore;
pub use redis::RedisStore;
pub use sql::SqlStore;

/// One question and what came of it. Never holds rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub question: String,
    pub sql: Option<String>,
    /// The sentence that was shown.
    pub answer: String,
    /// The offline engine's query, in its own form, so that a follow-up can edit it.
    pub plan: Option<serde_json::Value>,
    pub at: DateTime<Utc>,
    /// The id of the caller who asked.
    #[serde(default)]
    pub caller: Option<String>,
    /// The role under which it was answered.
    #[serde(default)]
    pub role: Option<String>,
}

/// Keeps conversations by name.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Names of the conversations, latest activity first.
    async fn names(&self) -> Result<Vec<String>>;

    /// The turns of a conversation, oldest first, or only the `last` of them; `None` when there is none of that
    /// name.
    async fn turns(&self, name: &str, last: Option<usize>) -> Result<Option<Vec<Turn>>>;

    /// Makes the conversation known; one that exists stays as it is.
    async fn create(&self, name: &str) -> Result<()>;

    /// Adds a turn whole or not at all, and the conversation when there is none of that name.
    async fn append(&self, name: &str, turn: Turn) -> Result<()>;

    /// Forgets the turns but keeps the conversation.
    async fn clear(&self, name: &str) -> Result<()>;

    /// Forgets the conversation.
    async fn delete(&self, name: &str) -> Result<()>;

    /// Whether other processes may have a hand in its conversations; then each question claims its own.
    fn is_shared(&self) -> bool {
        false
    }

    /// Makes the conversation the one of `holder` for as long as `lease`, unless another has it; says whether it
    /// is. Who has it already gets more time.
    async fn claim(&self, name: &str, holder: &str, lease: Duration) -> Result<bool> {
        let _ = (name, holder, lease);
        Ok(true)
    }

    /// Lets the next one at a conversation that `holder` has claimed.
    async fn release(&self, name: &str, holder: &str) -> Result<()> {
        let _ = (name, holder);
        Ok(())
    }

    /// Closes files and connections.
    async fn close(&self);
}

/// The store that `config` names. `sqlite` without a path lives as long as the process, like `memory`: a library
/// does not drop files into a working directory unasked.
///
/// # Errors
/// [`crate::error::Code::InvalidOption`] for an address that cannot be used.
pub fn open(config: &SessionConfig) -> Result<Arc<dyn SessionStore>> {
    Ok(match &config.place {
        SessionPlace::Memory => Arc::new(MemoryStore::default()),
        SessionPlace::File(path) => Arc::new(SqlStore::in_file(path)),
        SessionPlace::Database(url) => Arc::new(SqlStore::new(url)?),
        SessionPlace::Redis(url) => Arc::new(RedisStore::new(url)?),
    })
}
