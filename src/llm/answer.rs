//! An answer as it comes together, whole or in pieces.

use serde_json::Value as Json;

use super::{Completion, ToolCall, Usage};
use crate::error::{Code, Error, Result};

/// What is known of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
    /// It ended because it reached the longest length allowed.
    pub(super) cut_off: bool,
    /// The model or its server would not answer.
    pub(super) declined: bool,
    pub(super) usage: Usage,
}

impl Draft {
    /// Takes a call in. A call without a name is none; an id that is missing or was there before is made up, since
    /// results are matched to calls by it.
    pub(super) fn call(&mut self, id: Option<&str>, name: Option<&str>, arguments: String) {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return };
        let known = |id: &str| self.calls.iter().any(|call| call.id == id);
        let id = match id {
            Some(id) if !id.is_empty() && !known(id) => id.to_owned(),
            _ => format!("call_{}", self.calls.len() + 1),
        };
        self.calls.push(ToolCall { id, name: name.to_owned(), arguments });
    }

    /// The completion, or why there is none. `answer` is the tool whose call is the answer.
    pub(super) fn finish(mut self, answer: Option<&str>) -> Result<Completion> {
        if let Some(at) = answer.and_then(|answer| self.calls.iter().position(|call| call.name == answer)) {
            self.text = self.calls.swap_remove(at).arguments;
            self.calls.clear();
        }
        if self.text.trim().is_empty() && self.calls.is_empty() {
            return Err(match (self.declined, self.cut_off) {
                (true, _) => bad("the model declined to answer").with_hint("ask in another way, or use another model"),
                (false, true) => bad("the model reached its longest answer before it said anything")
                    .with_hint("raise `max_tokens`: a model that thinks first needs more"),
                (false, false) => bad("the model's answer is empty"),
            });
        }
        Ok(Completion { text: self.text, calls: self.calls, cut_off: self.cut_off, usage: self.usage })
    }
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
        Json::String(text) if !text.trim().is_empty() => text.clone(),
        Json::Null | Json::String(_) => "{}".to_owned(),
        other => other.to_string(),
    }
}

/// What a server says that its answer cost. The names are those of Chat Completions, of Responses, and DeepSeek's for
/// the tokens it had kept.
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
