//! Language models behind one trait.
//!
//! [`OpenAi`] speaks to any server with OpenAI's Chat Completions; [`Scripted`] answers what a test
//! wrote down.

mod openai;
mod refusal;
mod retry;
mod scripted;
mod transport;

use async_trait::async_trait;

use crate::error::Result;

pub use openai::OpenAi;
pub use scripted::Scripted;

/// Something that continues a conversation.
#[async_trait]
pub trait Model: Send + Sync {
    /// The name the server knows it by.
    fn name(&self) -> &str;

    /// One answer to `request`.
    async fn complete(&self, request: &Request) -> Result<Completion>;
}

/// What a model is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub messages: Vec<Message>,
    /// The JSON schema the answer should have: its name and the schema. A server that cannot hold a
    /// model to a schema is asked without it, so the messages must say the form as well.
    pub schema: Option<(String, serde_json::Value)>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

impl Message {
    /// What `role` said.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
}

impl Role {
    /// The word for it in Chat Completions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    pub text: String,
    /// The answer ended because it reached the longest length allowed.
    pub cut_off: bool,
    pub usage: Usage,
}

/// What it cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    pub calls: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
        self.calls += other.calls;
    }
}
