//! Turns as the messages that the `OpenAI` Agents SDK keeps, and back.
//!
//! An item of a session there is an item of the Responses API as JSON, and goes back to that API as it stands; a
//! member that the API does not know would be refused by it, so ours stand in [`Details`], beside the message.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Turn;
use crate::error::{Code, Error, Result};

/// What a turn has and a message does not.
#[derive(Serialize, Deserialize)]
struct Details {
    sql: Option<String>,
    plan: Option<Json>,
    at: DateTime<Utc>,
    caller: Option<String>,
    role: Option<String>,
}

/// One kept message.
pub(super) struct Kept {
    /// The item as JSON.
    pub item: String,
    /// When it was kept; not known everywhere.
    pub at: Option<DateTime<Utc>>,
    /// The [`Details`] as JSON, with the assistant's message of a turn of ours.
    pub details: Option<String>,
}

/// A turn in the form it is kept in.
pub(super) struct Written {
    pub user: String,
    pub assistant: String,
    /// Stands beside the assistant's message.
    pub details: String,
}

impl Written {
    /// # Errors
    /// [`Code::SessionFailed`] for what JSON cannot hold.
    pub(super) fn of(turn: Turn) -> Result<Self> {
        let Turn { question, sql, answer, plan, at, caller, role } = turn;
        let details = serde_json::to_string(&Details { sql, plan, at, caller, role })
            .map_err(|_| Error::new(Code::SessionFailed, "a turn cannot be written as JSON"))?;
        Ok(Self {
            user: json!({"role": "user", "content": question}).to_string(),
            assistant: json!({"role": "assistant", "content": answer}).to_string(),
            details,
        })
    }
}

/// Puts messages, oldest first, together to turns. One begins with each message of the user; what others than the
/// assistant say, the calls of tools and what is no message at all is passed over, as is what comes before the first.
///
/// # Errors
/// [`Code::SessionFailed`] for details that cannot be read.
pub(super) fn turns(messages: &[Kept]) -> Result<Vec<Turn>> {
    let mut turns: Vec<Turn> = Vec::new();
    for message in messages {
        match (spoken(&message.item), turns.last_mut()) {
            (Some((Speaker::User, question)), _) => turns.push(begun(question, message.at.unwrap_or_default())),
            (Some((Speaker::Assistant, text)), Some(turn)) => {
                if !turn.answer.is_empty() {
                    turn.answer.push('\n');
                }
                turn.answer.push_str(&text);
                if let Some(details) = &message.details {
                    let unreadable = |_| Error::new(Code::SessionFailed, "a kept turn cannot be read");
                    let Details { sql, plan, at, caller, role } = serde_json::from_str(details).map_err(unreadable)?;
                    (turn.sql, turn.plan, turn.at, turn.caller, turn.role) = (sql, plan, at, caller, role);
                }
            }
            _ => {}
        }
    }
    Ok(turns)
}

/// How many turns begin in `messages`.
pub(super) fn count(messages: &[Kept]) -> usize {
    messages.iter().filter(|message| matches!(spoken(&message.item), Some((Speaker::User, _)))).count()
}

enum Speaker {
    User,
    Assistant,
}

/// Who says what, where a person or the assistant says something.
fn spoken(item: &str) -> Option<(Speaker, String)> {
    let item: Json = serde_json::from_str(item).ok()?;
    let speaker = match item.get("role")?.as_str()? {
        "user" => Speaker::User,
        "assistant" => Speaker::Assistant,
        _ => return None,
    };
    let text = match item.get("content")? {
        Json::String(text) => text.clone(),
        Json::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text").or_else(|| part.get("refusal"))?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => return None,
    };
    Some((speaker, text))
}

/// A question that nothing has been said to.
fn begun(question: String, at: DateTime<Utc>) -> Turn {
    Turn { question, sql: None, answer: String::new(), plan: None, at, caller: None, role: None }
}
