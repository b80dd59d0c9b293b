//! Turns of phrase: words in a row, of which each has several choices.

use std::collections::HashMap;

use super::text::Word;

/// Words that a `*` stands for at most.
const GAP: usize = 3;

/// Phrases, found by their first word.
pub(super) struct Phrases(HashMap<&'static str, Vec<Vec<Part>>>);

enum Part {
    /// One of these words.
    OneOf(Vec<&'static str>),
    /// Up to [`GAP`] words.
    Gap,
}

impl Phrases {
    /// Phrases as they are written here: `turn|switch * filter|guard off`. None begins with a `*`.
    pub(super) fn new(phrases: &[&'static str]) -> Self {
        let mut by_first: HashMap<&'static str, Vec<Vec<Part>>> = HashMap::new();
        for phrase in phrases {
            let mut parts = phrase.split_ascii_whitespace();
            for first in parts.next().unwrap_or_default().split('|') {
                let part =
                    |part: &'static str| if part == "*" { Part::Gap } else { Part::OneOf(part.split('|').collect()) };
                by_first.entry(first).or_default().push(parts.clone().map(part).collect());
            }
        }
        Self(by_first)
    }

    /// Whether one of them stands in `words`.
    pub(super) fn are_in(&self, words: &[Word<'_>]) -> bool {
        words.iter().enumerate().any(|(at, word)| {
            self.0.get(word.text).is_some_and(|rests| rests.iter().any(|rest| follows(&words[at + 1..], rest)))
        })
    }
}

fn follows(words: &[Word<'_>], rest: &[Part]) -> bool {
    match rest {
        [] => true,
        [Part::Gap, rest @ ..] => (0..=GAP.min(words.len())).any(|gap| follows(&words[gap..], rest)),
        [Part::OneOf(choices), rest @ ..] => {
            words.split_first().is_some_and(|(word, words)| choices.contains(&word.text) && follows(words, rest))
        }
    }
}
