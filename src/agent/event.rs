//! What an agent tells while it works.

use tokio::sync::mpsc::UnboundedSender;

use super::Answer;

/// One thing that happened on the way to an answer.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step began: `ground`, `propose`, `approve`, `run`, `answer`.
    Status(&'static str),
    /// The statement that is about to run.
    Sql(String),
    /// How many rows came back.
    Rows(usize),
    /// A piece of the sentence.
    Text(String),
    /// The whole answer; the last event of a question that succeeded.
    Done(Box<Answer>),
}

/// Where events go; nowhere by default.
#[derive(Clone, Debug, Default)]
pub struct Events(Option<UnboundedSender<Event>>);

impl Events {
    /// Sends to `sender`; a receiver that went away is no error.
    #[must_use]
    pub fn to(sender: UnboundedSender<Event>) -> Self {
        Self(Some(sender))
    }

    /// Tells that `event` happened.
    pub fn send(&self, event: Event) {
        if let Some(sender) = &self.0 {
            // The listener may leave at any time; the question goes on.
            let _ = sender.send(event);
        }
    }
}
