//! What an agent is taught: examples, documentation, tools.

use std::sync::Arc;

use super::{Agent, Callable, Tools};
use crate::error::{Code, Error, Result};
use crate::grounding::lessons::{Example, Lectures};
use crate::guard::{Guard, Policy};

/// Longest piece of documentation, in characters: it goes into a prompt whole.
const LONGEST: usize = 4_000;

impl Agent {
    /// The same with lessons and tools that are kept elsewhere, so that they outlive it.
    #[must_use]
    pub fn taught_by(mut self, lectures: Arc<Lectures>, tools: Arc<Tools>) -> Self {
        (self.lectures, self.tools) = (lectures, tools);
        self
    }

    /// Teaches that `sql` answers `question`. Models are shown it for questions like this one, as it stands here,
    /// and this very question is answered by it. A caller who may not run the statement is not shown it.
    ///
    /// # Errors
    /// [`Code::EmptyQuestion`], [`Code::SqlRejected`] for a statement that does more than read or that names what
    /// is not there, or what the database says when it is read.
    pub async fn add_example(&self, question: &str, sql: &str) -> Result<()> {
        let (question, sql) = (question.trim(), sql.trim().trim_end_matches(';').trim_end());
        if question.is_empty() {
            return Err(Error::new(Code::EmptyQuestion, "the question of the example is empty"));
        }
        let work = async {
            let schema = self.knowledge.full_schema().await?;
            // Who may read what is decided when somebody asks.
            let guard = Guard::new(self.database.dialect(), Policy::default());
            guard.approve(sql, &schema).map_err(|rejection| Error::from(rejection).with_sql(sql))
        };
        self.unless_closed(work).await?;
        self.lectures.add_example(Example { question: question.to_owned(), sql: sql.to_owned() });
        Ok(())
    }

    /// Teaches what the data means. Models are shown `text`, as it stands here, for questions that share words
    /// with it.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a text that is empty or longer than a prompt should hold.
    pub fn add_documentation(&self, text: &str) -> Result<()> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST {
            let message = format!("a piece of documentation has 1 to {LONGEST} characters");
            return Err(Error::new(Code::InvalidOption, message)
                .with_hint("add a longer text in pieces, each of which stands alone"));
        }
        self.lectures.add_note(text);
        Ok(())
    }

    /// Lets models call `tool`.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a name that cannot be called.
    pub fn add_tool(&self, tool: Arc<dyn Callable>) -> Result<()> {
        self.tools.add(tool)
    }
}
