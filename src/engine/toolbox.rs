//! What a model may call while it works on a question.

use std::fmt;

use async_trait::async_trait;
use serde_json::{Map, Value as Json};

use crate::error::Result;
use crate::llm::Tool;

/// Tools for one question. They run behind the same guard, policy and limits as every statement.
#[async_trait]
pub trait Toolbox: fmt::Debug + Send + Sync {
    /// What may be called: what the user has added, and with `explore` the tools to look around in the database.
    fn tools(&self, explore: bool) -> Vec<Tool>;

    /// What a call gives, for the model to read.
    ///
    /// # Errors
    /// What the model should know as well: that a statement was rejected and why, that there is no such tool. Only
    /// [`crate::error::Code::Closed`] ends the question.
    async fn call(&self, name: &str, arguments: &Map<String, Json>) -> Result<Told>;
}

/// What a tool gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub pieces: Vec<Piece>,
    /// The statement that ran, where one did.
    pub ran: Option<String>,
}

/// A piece of what a tool gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Names, counts, the user's own words.
    Text(String),
    /// A stored value, which a model sees only where it may; a stand-in takes its place otherwise.
    Value(String),
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self { pieces: vec![Piece::Text(text)], ran: None }
    }
}
