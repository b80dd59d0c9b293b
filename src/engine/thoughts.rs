//! What a model thinks aloud before it answers, which is no part of its answer.

use std::sync::{Mutex, PoisonError};

use super::Listener;

/// The tags that open models put around it; servers that know them keep it out of the answer themselves.
const TAGS: [(&str, &str); 3] =
    [("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<reasoning>", "</reasoning>")];

/// The text behind it. Some models are made to think by a tag that they do not repeat, so only its end counts.
pub(super) fn without(text: &str) -> &str {
    TAGS.iter().find_map(|(_, end)| Some(text.rsplit_once(end)?.1)).unwrap_or(text)
}

/// Listens to a model that may think aloud first, and tells on what it says after that.
pub(super) struct Silencer<'l> {
    heard: Listener<'l>,
    beginning: Mutex<Beginning>,
}

#[derive(Default)]
struct Beginning {
    text: String,
    is_over: bool,
}

impl<'l> Silencer<'l> {
    pub(super) fn new(heard: Listener<'l>) -> Self {
        Self { heard, beginning: Mutex::default() }
    }

    /// Takes the next piece of what the model writes.
    pub(super) fn hear(&self, piece: &str) {
        // Nothing under this lock can panic half way.
        let mut beginning = self.beginning.lock().unwrap_or_else(PoisonError::into_inner);
        if beginning.is_over {
            (self.heard)(piece);
            return;
        }
        beginning.text.push_str(piece);
        if let Some(said) = said(&beginning.text) {
            (self.heard)(said);
            beginning.is_over = true;
        }
    }
}

/// What of `text` is said aloud, once it is known whether it begins with a thought.
fn said(text: &str) -> Option<&str> {
    let begun = text.trim_start();
    match TAGS.iter().find(|(open, _)| begun.starts_with(open)) {
        Some((_, end)) => begun.split_once(end).map(|(_, said)| said.trim_start()).filter(|said| !said.is_empty()),
        None if TAGS.iter().any(|(open, _)| open.starts_with(begun)) => None,
        None => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{Silencer, without};

    fn told(pieces: &[&str]) -> String {
        let told = Mutex::new(String::new());
        let heard = |piece: &str| told.lock().unwrap().push_str(piece);
        let silencer = Silencer::new(&heard);
        for piece in pieces {
            silencer.hear(piece);
        }
        drop(silencer);
        told.into_inner().unwrap()
    }

    #[test]
    fn thoughts_are_not_told_on() {
        assert_eq!(told(&["\n<th", "ink>7 or 8?", "</thi", "nk>\n\n", "There ", "are 7."]), "There are 7.");
        assert_eq!(told(&["<reasoning>never ended"]), "");
        assert_eq!(told(&["There ", "are 7 <think> of them."]), "There are 7 <think> of them.");
        assert_eq!(told(&["<", "b>7</b>"]), "<b>7</b>");
    }

    #[test]
    fn the_end_of_a_thought_is_enough() {
        assert_eq!(without("so it is 7</think>There are 7."), "There are 7.");
        assert_eq!(without("There are 7."), "There are 7.");
    }
}
