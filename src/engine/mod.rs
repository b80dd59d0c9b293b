//! Engines turn a question into SQL.
//!
//! [`Router`] is the one an agent holds; it hands a question to [`ModelEngine`] or to the offline
//! engine.

mod dialogue;
mod difficulty;
mod excerpt;
mod extract;
mod frame;
mod hints;
mod mend;
mod model;
mod narrate;
mod prompt;
mod relevance;
mod reply;
mod router;
mod thoughts;
mod toolbox;
mod veil;

pub mod offline;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::error::Result;
use crate::grounding::Catalog;
use crate::grounding::lessons::Lessons;
use crate::grounding::link::Linked;
use crate::llm::Bill;
use crate::session::Turn;

pub use model::ModelEngine;
pub use narrate::{Listener, Narration, Tale};
pub use prompt::Form;
pub use relevance::most_relevant;
pub use router::{Models, Router};
pub use toolbox::{Piece, Told, Toolbox};

/// Something that proposes SQL for a question.
#[async_trait]
pub trait Engine: Send + Sync {
    /// `offline`, or the model's name.
    fn name(&self) -> &str;

    /// What it makes of the question.
    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed>;

    /// The sentence of an answer in a model's own words, told to `heard` as they are written; `None` where there is no
    /// model.
    async fn tell(&self, _tale: &Tale<'_>, _heard: Listener<'_>) -> Result<Option<Narration>> {
        Ok(None)
    }

    /// Lets go of connections that wait for the next question.
    fn close(&self) {}
}

/// A question with all that may be used to answer it.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub question: &'a str,
    pub catalog: &'a Catalog,
    /// Earlier turns, oldest first.
    pub conversation: &'a [Turn],
    /// The caller's wall clock, for "last month".
    pub now: NaiveDateTime,
    /// The statement before this one and why it failed, when this is a repair.
    pub failure: Option<&'a Failure>,
    /// What was taught about questions like this one.
    pub lessons: Option<&'a Lessons>,
    /// What the offline engine makes of the question, where it was asked already.
    pub draft: Option<&'a Outcome>,
    /// What a model may call.
    pub toolbox: Option<&'a dyn Toolbox>,
    /// When a model's answer comes too late.
    pub deadline: Option<Instant>,
    /// Where the cost of asking models is written down.
    pub bill: Option<&'a Bill>,
    /// Where what the words may mean is kept, so that it is found once for all who look; without it, each time.
    pub linked: Option<&'a OnceLock<Arc<Linked>>>,
}

impl<'a> Ask<'a> {
    /// `question` and nothing around it.
    #[must_use]
    pub fn new(question: &'a str, catalog: &'a Catalog, now: NaiveDateTime) -> Self {
        Self {
            question,
            catalog,
            conversation: &[],
            now,
            failure: None,
            lessons: None,
            draft: None,
            toolbox: None,
            deadline: None,
            bill: None,
            linked: None,
        }
    }

    /// The pieces of the question and what they may mean.
    #[must_use]
    pub fn linked(&self) -> Arc<Linked> {
        let find = || Arc::new(Linked::new(self.question, self.catalog));
        self.linked.map_or_else(find, |kept| Arc::clone(kept.get_or_init(find)))
    }
}

/// A statement that did not run, and why.
#[derive(Clone, Debug)]
pub struct Failure {
    pub sql: String,
    pub reason: String,
}

/// What came of a question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposed {
    pub outcome: Outcome,
    /// Who made it: `offline`, or the model's name.
    pub engine: String,
    /// For the user: that the model was down and the offline engine stood in, and the like.
    pub warnings: Vec<String>,
    /// A model made it, so it is worth remembering.
    pub is_a_models: bool,
}

/// The three things an engine may say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// Statements, best first; never empty.
    Sql(Vec<Proposal>),
    /// It cannot tell which of several readings is meant, or does not understand.
    Clarify { question: String, choices: Vec<String>, confidence: f64 },
    /// It is no question about the data; the text answers it.
    Casual(String),
}

/// One reading of the question as SQL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposal {
    pub sql: String,
    /// What the statement does, in words.
    pub explanation: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// The sentence of the answer with blanks, see [`crate::answer::Evidence::sentence`].
    pub template: Option<String>,
    /// The engine's own form of the query, kept in the session for follow-ups.
    pub plan: Option<serde_json::Value>,
    /// What was assumed where the question was silent.
    pub assumptions: Vec<String>,
}
