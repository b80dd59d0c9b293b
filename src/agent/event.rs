//! What an agent tells while it works.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::Answer;
use super::meter::Meter;
use crate::database::Rows;
use crate::llm::Usage;

/// One thing that happened on the way to an answer.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step began: `ground`, `propose`, `approve`, `run`, `answer`; or [`Self::RECALL`].
    Status(&'static str),
    /// The statement that is about to run.
    Sql(String),
    /// Rows came back: how many, the names of their columns, and whether there were more than the limit.
    Rows { count: usize, columns: Vec<String>, truncated: bool },
    /// A piece of the sentence.
    Text(String),
    /// What the question has cost so far; after each call of a model.
    Usage(Usage),
    /// The whole answer; the last event of a question that succeeded.
    Done(Box<Answer>),
}

impl Event {
    /// In the place of a step: the same was asked before, so that no model had to be asked now.
    pub const RECALL: &'static str = "recall";

    /// That `rows` came back.
    pub(super) fn rows(rows: &Rows) -> Self {
        let columns = rows.columns.iter().map(|column| column.name.clone()).collect();
        Self::Rows { count: rows.len(), columns, truncated: rows.truncated }
    }
}

/// Where events go; nowhere by default.
#[derive(Clone, Debug, Default)]
pub struct Events {
    sender: Option<UnboundedSender<Event>>,
    meter: Option<Arc<Meter>>,
}

impl Events {
    /// Sends to `sender`; a receiver that went away is no error.
    #[must_use]
    pub fn to(sender: UnboundedSender<Event>) -> Self {
        Self { sender: Some(sender), meter: None }
    }

    /// The same, heard by `meter`, too.
    pub(super) fn heard_by(&self, meter: Option<Arc<Meter>>) -> Self {
        Self { sender: self.sender.clone(), meter }
    }

    /// Tells that `event` happened.
    pub fn send(&self, event: Event) {
        if let Some(meter) = &self.meter {
            meter.hear(&event);
        }
        if let Some(sender) = &self.sender {
            // The listener may leave at any time; the question goes on.
            let _ = sender.send(event);
        }
    }
}
