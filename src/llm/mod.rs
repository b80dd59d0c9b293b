//! Language models behind one trait.

use async_trait::async_trait;

use crate::error::Result;

/// Something that continues a conversation.
#[async_trait]
pub trait Model: Send + Sync {
    /// The name the server knows it by.
    fn name(&self) -> &str;

    /// One answer to `request`.
    async fn complete(&self, request: &Request) -> Result<Completion>;
}

/// What a model is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub messages: Vec<Message>,
    /// The JSON schema the answer should have: its name and the schema.
    pub schema: Option<(String, serde_json::Value)>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
}

/// What a model answered.
#[derive(Clone, Debug, Default)]
pub struct Completion {
    pub text: String,
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
