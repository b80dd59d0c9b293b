//! Conversations: what was asked and answered before, kept where the configuration says.
//!
//! A [`SessionStore`] only keeps turns. Which turns a follow-up may see, and that questions of one
//! conversation are answered one after the other, is the agent's business.

mod memory;
mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::SessionConfig;
use crate::error::{Code, Error, Result};

pub use memory::MemoryStore;
pub use sqlite::SqliteStore;

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

    /// The turns of a conversation, oldest first; `None` when there is none of that name.
    async fn turns(&self, name: &str) -> Result<Option<Vec<Turn>>>;

    /// Makes the conversation known; one that exists stays as it is.
    async fn create(&self, name: &str) -> Result<()>;

    /// Adds a turn, and the conversation when there is none of that name.
    async fn append(&self, name: &str, turn: Turn) -> Result<()>;

    /// Forgets the turns but keeps the conversation.
    async fn clear(&self, name: &str) -> Result<()>;

    /// Forgets the conversation.
    async fn delete(&self, name: &str) -> Result<()>;

    /// Closes files and connections.
    async fn close(&self);
}

/// The store that `config` names. `sqlite` without a path lives as long as the process, like
/// `memory`: a library does not drop files into a working directory unasked.
///
/// # Errors
/// [`Code::InvalidOption`] for a back end that is not built in.
pub fn open(config: &SessionConfig) -> Result<Arc<dyn SessionStore>> {
    match (config.backend.as_str(), config.db_path.as_deref()) {
        ("memory", _) | ("sqlite", None | Some(":memory:")) => Ok(Arc::new(MemoryStore::default())),
        ("sqlite", Some(path)) => Ok(Arc::new(SqliteStore::new(path))),
        (other, _) => Err(Error::new(Code::InvalidOption, format!("`session_backend` cannot be `{other}`"))
            .with_hint("use `sqlite` or `memory`")),
    }
}
