//! A model that answers what a test wrote down.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Completion, Model, Request, Usage};
use crate::error::{Code, Error, Result};

/// Gives its answers in order, remembers what it was asked, and counts it a defect of the test when
/// an answer is left over.
///
/// ```
/// use db_query_agent::llm::{Model, Request, Scripted};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let model = Scripted::new("small").answer(r#"{"sql": "SELECT 1"}"#);
/// let completion = model.complete(&Request::default()).await?;
/// assert_eq!(completion.text, r#"{"sql": "SELECT 1"}"#);
/// assert_eq!(model.requests().len(), 1);
/// # Ok::<(), db_query_agent::Error>(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct Scripted {
    name: String,
    script: Mutex<Script>,
}

#[derive(Debug, Default)]
struct Script {
    answers: VecDeque<Result<Completion>>,
    requests: Vec<Request>,
}

impl Scripted {
    /// A model with nothing to say yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), script: Mutex::default() }
    }

    /// Then it answers `text`; each answer costs one call and one token.
    #[must_use]
    pub fn answer(self, text: impl Into<String>) -> Self {
        let usage = Usage { prompt_tokens: 1, completion_tokens: 1, calls: 1, ..Usage::default() };
        self.lock().answers.push_back(Ok(Completion { text: text.into(), usage, ..Completion::default() }));
        self
    }

    /// Then it fails.
    #[must_use]
    pub fn fail(self, error: Error) -> Self {
        self.lock().answers.push_back(Err(error));
        self
    }

    /// What it was asked so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        // Each use leaves the script whole, so a panic elsewhere spoils nothing.
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Model for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        let mut script = self.lock();
        script.requests.push(request.clone());
        let spent =
            || Err(Error::new(Code::ModelBadResponse, "the scripted model was asked more often than written down"));
        let answer = script.answers.pop_front().unwrap_or_else(spent);
        answer.inspect(|completion| request.bill.charge(completion.usage))
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let left = self.lock().answers.len();
        assert!(left == 0 || std::thread::panicking(), "the scripted model `{}` has {left} answers left", self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::{Model, Request, Scripted};
    use crate::error::Code;

    #[tokio::test]
    async fn asked_too_often_is_an_error() {
        let error = Scripted::new("small").complete(&Request::default()).await.unwrap_err();
        assert_eq!(error.code(), Code::ModelBadResponse);
    }

    #[test]
    #[should_panic(expected = "has 1 answers left")]
    fn asked_too_seldom_is_a_defect() {
        drop(Scripted::new("small").answer("unheard"));
    }
}
