//! The engine that asks a language model: one call a question.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Ask, Engine, Proposed, prompt, reply};
use crate::error::Result;
use crate::llm::Model;

/// Asks one model. It is shown the schema, the conversation's questions and statements, and the
/// question; never a row.
pub struct ModelEngine {
    model: Arc<dyn Model>,
    /// Tables the model is shown at most.
    tables: usize,
}

impl ModelEngine {
    /// Asks `model` and shows it at most `tables` tables; `None`: all.
    #[must_use]
    pub fn new(model: Arc<dyn Model>, tables: Option<usize>) -> Self {
        Self { model, tables: tables.unwrap_or(usize::MAX) }
    }
}

#[async_trait]
impl Engine for ModelEngine {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        let (request, veil) = prompt::request(ask, self.tables);
        let completion = self.model.complete(&request).await?;
        let outcome = reply::read(&completion, ask.question, &veil)?;
        Ok(Proposed { outcome, engine: self.model.name().to_owned(), warnings: Vec::new(), usage: completion.usage })
    }
}

impl fmt::Debug for ModelEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelEngine").field("model", &self.model.name()).field("tables", &self.tables).finish()
    }
}
