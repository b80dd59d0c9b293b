//! An answer as it comes together, whole or in pieces.

use serde_json::Value as Json;

use super::{Completion, ToolCall, Usage};
use crate::error::{Code, Error, Result};

/// What is known of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) calls: Vec<Part>,
    /// Its end was told. A stream without is cut.
    pub(super) ended: bool,
    /// It came as a whole where a stream was asked for.
    pub(super) whole: bool,
    /// It ended because it reached the longest length allowed.
    pub(super) cut_off: bool,
    /// The model or its server would not answer.
    pub(super) declined: bool,
    pub(super) usage: Usage,
}

/// A call as far as it was told.
#[derive(Debug)]
pub(super) struct Part {
    /// Its place in the answer, by which further pieces find it.
    index: u64,
    id: String,
    name: String,
    arguments: String,
}

impl Draft {
    /// Takes a whole call in.
    pub(super) fn call(&mut self, id: Option<&str>, name: Option<&str>, arguments: String) {
        let index = self.calls.len() as u64;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        self.calls.push(Part { index, id: text(id), name: text(name), arguments });
    }

    /// Takes a piece of the call at `index` in. A server that counts all its calls as the first one tells them apart by
    /// their ids.
    pub(super) fn call_piece(&mut self, index: u64, id: Option<&str>, name: Option<&str>, arguments: &str) {
        let id = id.unwrap_or_default();
        let begun = self.calls.iter_mut().rev().find(|part| part.index == index);
        let Some(part) = begun.filter(|part| id.is_empty() || part.id.is_empty() || part.id == id) else {
            self.call(Some(id), name, arguments.to_owned());
            if let Some(part) = self.calls.last_mut() {
                part.index = index;
            }
            return;
        };
        if part.id.is_empty() {
            id.clone_into(&mut part.id);
        }
        if part.name.is_empty() {
            name.unwrap_or_default().clone_into(&mut part.name);
        }
        part.arguments.push_str(arguments);
    }

    /// Whether the model called anything.
    pub(super) fn has_calls(&self) -> bool {
        self.calls.iter().any(|part| !part.name.is_empty())
    }

    /// What a listener may have heard by now. Where the answer is a call of `answer`, that call alone is listened to.
    pub(super) fn heard(&self, answer: Option<&str>) -> &str {
        match answer {
            Some(answer) => {
                self.calls.iter().find(|part| part.name == answer).map_or("", |part| part.arguments.as_str())
            }
            None => &self.text,
        }
    }

    /// The completion, or why there is none. `answer` is the tool whose call is the answer.
    pub(super) fn finish(self, answer: Option<&str>) -> Result<Completion> {
        let Self { mut text, calls, cut_off, declined, usage, .. } = self;
        let mut calls = named(calls);
        if let Some(at) = answer.and_then(|answer| calls.iter().position(|call| call.name == answer)) {
            text = calls.swap_remove(at).arguments;
            calls.clear();
        }
        if text.trim().is_empty() && calls.is_empty() {
            return Err(match (declined, cut_off) {
                (true, _) => bad("the model declined to answer").with_hint("ask in another way, or use another model"),
                (false, true) => bad("the model reached its longest answer before it said anything")
                    .with_hint("raise `max_tokens`: a model that thinks first needs more"),
                (false, false) => bad("the model's answer is empty"),
            });
        }
        Ok(Completion { text, calls, cut_off, usage })
    }
}

/// The calls that have a name. An id that is missing or was there before is made up, since results are matched to calls
/// by it.
fn named(parts: Vec<Part>) -> Vec<ToolCall> {
    let mut calls: Vec<ToolCall> = Vec::with_capacity(parts.len());
    for Part { id, name, arguments, .. } in parts.into_iter().filter(|part| !part.name.is_empty()) {
        let is_known = id.is_empty() || calls.iter().any(|call| call.id == id);
        let id = if is_known { format!("call_{}", calls.len() + 1) } else { id };
        let arguments = if arguments.trim().is_empty() { "{}".to_owned() } else { arguments };
        calls.push(ToolCall { id, name, arguments });
    }
    calls
}

/// A failure to understand what a server sent.
pub(super) fn bad(what: &str) -> Error {
    Error::new(Code::ModelBadResponse, what)
}

/// A message's text; some servers send it in parts.
pub(super) fn content(content: &Json) -> String {
    match content {
        Json::String(text) => text.clone(),
        Json::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// The arguments of a call as text; some servers send the object itself.
pub(super) fn arguments(arguments: &Json) -> String {
    match arguments {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// What a server says that its answer cost. The names are those of Chat Completions, of Responses, and that of
/// `DeepSeek` for the tokens it had kept.
pub(super) fn usage(reported: &Json) -> Usage {
    let count = |pointers: &[&str]| {
        pointers.iter().find_map(|pointer| reported.pointer(pointer).and_then(Json::as_u64)).unwrap_or_default()
    };
    Usage {
        prompt_tokens: count(&["/prompt_tokens", "/input_tokens"]),
        cached_tokens: count(&[
            "/prompt_tokens_details/cached_tokens",
            "/input_tokens_details/cached_tokens",
            "/prompt_cache_hit_tokens",
        ]),
        completion_tokens: count(&["/completion_tokens", "/output_tokens"]),
        calls: 1,
        ..Usage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::Draft;

    #[test]
    fn calls_come_together_from_pieces() {
        let mut draft = Draft::default();
        draft.call_piece(0, Some("a"), Some("run"), "");
        draft.call_piece(1, Some("b"), Some("look"), "{}");
        draft.call_piece(0, None, None, "{\"x\":");
        draft.call_piece(0, Some("a"), Some("run"), "1}");
        // All of one server's calls are its first.
        draft.call_piece(0, Some("c"), Some("run"), "{\"x\":2}");
        draft.call_piece(7, None, None, "{}");
        let calls = draft.finish(None).unwrap().calls;
        let told: Vec<_> = calls.iter().map(|call| (&*call.id, &*call.name, &*call.arguments)).collect();
        assert_eq!(told, [("a", "run", "{\"x\":1}"), ("b", "look", "{}"), ("c", "run", "{\"x\":2}")]);
    }

    #[test]
    fn only_the_answers_call_is_listened_to() {
        let mut draft = Draft { text: "well".to_owned(), ..Draft::default() };
        assert_eq!((draft.heard(None), draft.heard(Some("answer"))), ("well", ""));
        draft.call_piece(0, None, Some("look"), "{}");
        draft.call_piece(1, None, Some("answer"), "{\"n\"");
        assert_eq!(draft.heard(Some("answer")), "{\"n\"");
        let completion = draft.finish(Some("answer")).unwrap();
        assert_eq!((completion.text.as_str(), completion.calls.len()), ("{\"n\"", 0));
    }
}
