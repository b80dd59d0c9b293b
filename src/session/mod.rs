//! Conversations: what was asked and answered before.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
}
