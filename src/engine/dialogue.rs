//! A model and its tools: it is asked, what it calls is done, and it is told what came of it, until it answers.

use futures::future::join_all;
use serde_json::{Map, Value as Json};

use super::frame::Frame;
use super::toolbox::{Piece, Told, Toolbox};
use super::veil::Veil;
use crate::error::{Code, Error, Result};
use crate::llm::{Completion, Message, Model, Request, Role, ToolCall};

/// Calls of tools done for one message of a model; the rest are refused.
const CALLS: usize = 8;
/// Longest result of a tool that a model is told, in characters.
const LONGEST: usize = 4_000;

/// How long a model may look around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Answers of the model that may call tools; after them it has to answer.
    pub steps: usize,
    /// Tokens that a question may have cost, of prompts and answers together; after them it has to answer.
    pub tokens: u64,
}

/// How a dialogue ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub completion: Completion,
    /// The last statement that a tool ran.
    pub ran: Option<String>,
}

/// Asks `model` until it answers without a call.
pub(super) async fn converse(
    model: &dyn Model,
    mut request: Request,
    toolbox: Option<&dyn Toolbox>,
    veil: &mut Veil,
    frame: &Frame,
    bounds: Bounds,
) -> Result<Ended> {
    let (mut ran, mut steps) = (None, 0);
    loop {
        let completion = model.complete(&request).await?;
        let Some(toolbox) = toolbox.filter(|_| !completion.calls.is_empty() && !request.tools.is_empty()) else {
            return Ok(Ended { completion, ran });
        };
        steps += 1;
        let said = Message { calls: completion.calls.clone(), ..Message::new(Role::Assistant, completion.text) };
        request.messages.push(said);
        let done = join_all(completion.calls.iter().take(CALLS).map(|call| perform(toolbox, call, veil))).await;
        for (call, done) in
            completion.calls.iter().zip(done.into_iter().map(Some).chain(std::iter::repeat_with(|| None)))
        {
            let text = match done {
                Some(Ok(told)) => {
                    ran = told.ran.clone().or(ran);
                    shown(&told, veil)
                }
                Some(Err(error)) if error.code() == Code::Closed => return Err(error),
                Some(Err(error)) => told(&error, veil),
                None => "error: too many calls at once".to_owned(),
            };
            request.messages.push(Message::result(&call.id, frame.around("result", &cut(text))));
        }
        let spent = request.bill.spent();
        if steps >= bounds.steps || spent.prompt_tokens + spent.completion_tokens >= bounds.tokens {
            request.tools.clear();
            request.messages.push(Message::new(Role::User, "No more calls. Answer now."));
        }
    }
}

async fn perform(toolbox: &dyn Toolbox, call: &ToolCall, veil: &Veil) -> Result<Told> {
    let arguments = match call.arguments.trim() {
        "" => Map::new(),
        text => match serde_json::from_str(text) {
            Ok(Json::Object(arguments)) => {
                arguments.into_iter().map(|(name, value)| (name, revealed(value, veil))).collect()
            }
            _ => return Err(Error::new(Code::ModelBadResponse, "the arguments of the call are no JSON object")),
        },
    };
    toolbox.call(&call.name, &arguments).await
}

/// What a model is told of a failure. A database likes to repeat the value it stumbled over; this package and the
/// user's own tools do not.
fn told(error: &Error, veil: &Veil) -> String {
    let said = format!("{error} ({})", error.hint());
    let said = match error.code() {
        Code::ModelBadResponse | Code::ToolFailed => said,
        _ => veil.hide_quoted(&said),
    };
    format!("error {}: {said}", error.code().as_str())
}

/// `value` with the stored values in the place of what stands for them.
fn revealed(value: Json, veil: &Veil) -> Json {
    match value {
        Json::String(text) => Json::String(veil.reveal(&text)),
        Json::Array(items) => items.into_iter().map(|item| revealed(item, veil)).collect(),
        other => other,
    }
}

fn shown(told: &Told, veil: &mut Veil) -> String {
    let shown = told.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value(value) => veil.cover(value),
    });
    shown.collect()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… (cut)", &text[..end]),
        None => text,
    }
}
