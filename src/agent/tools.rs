//! Tools that the user has added for models.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Result};
use crate::llm::Tool;

/// Something of the user's own that a model may call.
#[async_trait]
pub trait Callable: Send + Sync {
    /// What a model is told of it.
    fn tool(&self) -> &Tool;

    /// What it gives for `arguments`, for the model to read.
    ///
    /// # Errors
    /// What went wrong, which the model is told.
    async fn call(&self, arguments: &Map<String, Json>) -> Result<String>;
}

/// Every tool that was added.
#[derive(Default)]
pub struct Tools(RwLock<Vec<Arc<dyn Callable>>>);

/// The tools that every agent has.
pub(super) const OWN: [&str; 4] = ["execute_query", "validate_query", "get_schema_info", "search_values"];

impl Tools {
    /// Adds a tool; one of the same name is replaced.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a name that no model can call or that the agent has itself.
    pub fn add(&self, tool: Arc<dyn Callable>) -> Result<()> {
        let name = &tool.tool().name;
        let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(letter) {
            return Err(Error::new(Code::InvalidOption, format!("a tool cannot be called `{name}`"))
                .with_hint("use at most 64 letters, digits, `_` and `-`"));
        }
        if OWN.contains(&name.as_str()) {
            return Err(Error::new(Code::InvalidOption, format!("every agent has a tool `{name}` of its own"))
                .with_hint("give it another name"));
        }
        let mut tools = self.0.write().unwrap_or_else(PoisonError::into_inner);
        tools.retain(|other| other.tool().name != *name);
        tools.push(tool);
        Ok(())
    }

    /// Each of them.
    pub(super) fn all(&self) -> Vec<Arc<dyn Callable>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().iter().map(|tool| tool.tool().name.clone())).finish()
    }
}
