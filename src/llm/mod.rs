//! Language models behind one trait.
//!
//! [`OpenAi`] speaks to any server with OpenAI's Chat Completions or Responses; [`Scripted`] answers what a test
//! wrote down.

mod answer;
mod bill;
mod breaker;
mod chat;
mod endpoint;
mod hearing;
mod keys;
mod openai;
mod prices;
mod refusal;
mod responses;
mod retry;
mod scripted;
mod taken;
mod transport;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::error::Result;

pub use bill::Bill;
pub use openai::OpenAi;
pub use scripted::Scripted;

/// Something that continues a conversation.
#[async_trait]
pub trait Model: Send + Sync {
    /// The name the server knows it by.
    fn name(&self) -> &str;

    /// One answer to `request`, whose cost goes onto the bill of the request.
    ///
    /// # Errors
    /// Any code of the category of models.
    async fn complete(&self, request: &Request) -> Result<Completion>;

    /// The same, telling `heard` each piece of the text as it is written. What was told is the beginning of the
    /// completion's text, also where it fails half way; a model that cannot stream tells it as a whole.
    ///
    /// # Errors
    /// As [`Self::complete`].
    async fn stream(&self, request: &Request, heard: &(dyn for<'t> Fn(&'t str) + Send + Sync)) -> Result<Completion> {
        let completion = self.complete(request).await?;
        heard(&completion.text);
        Ok(completion)
    }

    /// Lets go of connections that wait for the next request.
    fn close(&self) {}
}

/// What a model is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub messages: Vec<Message>,
    /// The JSON schema the answer should have: its name and the schema. A server that cannot hold a
    /// model to a schema is asked without it, so the messages must say the form as well.
    pub schema: Option<(String, serde_json::Value)>,
    /// What the model may call in the place of an answer.
    pub tools: Vec<Tool>,
    /// When nobody waits any more; tries and waits end before it. `None`: the model's own time-out alone.
    pub deadline: Option<Instant>,
    /// Where the cost of each answer is written down.
    pub bill: Bill,
}

/// Something that a model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Letters, digits, `_` and `-`, 64 at most.
    pub name: String,
    /// When to call it and what it gives, for the model.
    pub description: String,
    /// The JSON schema of its arguments, an object.
    pub parameters: serde_json::Value,
}

impl Tool {
    /// The tool whose call is an answer of this schema.
    fn answer(name: &str, schema: &serde_json::Value) -> Self {
        Self { name: name.to_owned(), description: "Gives the answer.".to_owned(), parameters: schema.clone() }
    }
}

/// A call that a model asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// By which the result is matched to the call.
    pub id: String,
    pub name: String,
    /// A JSON object as the model wrote it, so it may be broken.
    pub arguments: String,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    pub content: String,
    /// The calls that an assistant's message asks for.
    pub calls: Vec<ToolCall>,
    /// The call whose result a tool's message holds.
    pub call: Option<String>,
}

impl Message {
    /// What `role` said.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), calls: Vec::new(), call: None }
    }

    /// What a call of the id `call` gave.
    pub fn result(call: impl Into<String>, content: impl Into<String>) -> Self {
        Self { call: Some(call.into()), ..Self::new(Role::Tool, content) }
    }
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    /// The word for it in Chat Completions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// May be empty where there are calls.
    pub text: String,
    /// What the model wants called before it goes on.
    pub calls: Vec<ToolCall>,
    /// The answer ended because it reached the longest length allowed.
    pub cut_off: bool,
    pub usage: Usage,
}

/// What it cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    pub prompt_tokens: u64,
    /// Of the prompt's tokens, those that the server had kept from before.
    pub cached_tokens: u64,
    pub completion_tokens: u64,
    pub calls: u64,
    /// What the calls cost, in billionths of a US dollar, where the price is known.
    pub cost_nanos: u64,
    /// Calls whose price is not known.
    pub unpriced_calls: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens += other.prompt_tokens;
        self.cached_tokens += other.cached_tokens;
        self.completion_tokens += other.completion_tokens;
        self.calls += other.calls;
        self.cost_nanos += other.cost_nanos;
        self.unpriced_calls += other.unpriced_calls;
    }
}
