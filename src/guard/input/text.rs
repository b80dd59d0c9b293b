//! A text as words, with where its clauses begin.

use super::phrases::Phrases;
use super::words::{Meaning, OPENING, meaning};

/// One word.
#[derive(Clone, Debug)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) means: Meaning,
    /// Nothing but openings (`please`, `and then`) stands between it and the beginning of its clause.
    pub(super) opens: bool,
    /// Which clause it is in.
    pub(super) clause: usize,
}

/// A text in lower case and its words.
pub(super) struct Text<'t> {
    pub(super) plain: &'t str,
    pub(super) words: Vec<Word<'t>>,
}

impl<'t> Text<'t> {
    pub(super) fn read(plain: &'t str) -> Self {
        let mut words: Vec<Word<'t>> = Vec::new();
        let (mut clause, mut opens, mut from) = (0, true, None);
        let inside = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '\'' | '-') || is_mark(letter);
        for (at, letter) in plain.char_indices().chain([(plain.len(), '\n')]) {
            match (from, inside(letter)) {
                (None, true) => from = Some(at),
                (Some(begin), false) => {
                    let text = plain[begin..at].trim_matches(['\'', '-']);
                    if !text.is_empty() {
                        let means = meaning(text);
                        words.push(Word { text, means, opens, clause });
                        // A conjunction begins a clause of its own: "show the users and delete them".
                        let joins = matches!(
                            text,
                            "and" | "then" | "y" | "und" | "et" | "e" | "и" | "oraz" | "ve" | "but" | "or"
                        );
                        opens = joins || (opens && means & OPENING != 0);
                    }
                    from = None;
                }
                _ => {}
            }
            if matches!(letter, '.' | '!' | '?' | ';' | ':' | '\n' | ',' | '(' | '¿' | '¡' | '。' | '，' | '、') {
                (clause, opens) = (clause + 1, true);
            }
        }
        Self { plain, words }
    }

    /// Whether a word of the meaning `first` stands before one of `second`, at most `gap` words away.
    pub(super) fn pair(&self, first: Meaning, second: Meaning, gap: usize) -> bool {
        self.pairs(first, second, gap).next().is_some()
    }

    pub(super) fn pairs(&self, first: Meaning, second: Meaning, gap: usize) -> impl Iterator<Item = (usize, usize)> {
        let heads = self.words.iter().enumerate().filter(move |(_, word)| word.means & first != 0);
        heads.flat_map(move |(at, _)| {
            let tail = self.words.iter().enumerate().skip(at + 1).take(gap);
            tail.filter(move |(_, word)| word.means & second != 0).map(move |(end, _)| (at, end))
        })
    }

    pub(super) fn has(&self, meaning: Meaning) -> bool {
        self.words.iter().any(|word| word.means & meaning != 0)
    }

    /// Whether one of `phrases` stands in it.
    pub(super) fn says(&self, phrases: &Phrases) -> bool {
        phrases.are_in(&self.words)
    }

    /// Whether one of `parts` stands in it, be it inside a word.
    pub(super) fn holds(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.plain.contains(part))
    }

    /// Whether it holds a word of each of two lists: for languages that are written without spaces, or whose words take
    /// their sense from what is glued to them.
    pub(super) fn holds_both(&self, pairs: &[(&[&str], &[&str])]) -> bool {
        pairs.iter().any(|(one, other)| self.holds(one) && self.holds(other))
    }

    /// Whether it asks for data from its first word to its last.
    pub(super) fn is_question(&self) -> bool {
        let first = self.words.first().map_or("", |word| word.text);
        let second = self.words.get(1).map_or("", |word| word.text);
        // "How can I trick the validator?" asks for a way.
        if first == "how" && matches!(second, "can" | "do" | "to" | "could" | "would" | "should") {
            return false;
        }
        matches!(first, "which" | "how" | "who" | "when" | "where" | "count" | "list")
            && self.words.last().is_none_or(|last| last.clause <= 1)
    }
}

/// Marks that belong to the letter before: the vowels of Hindi and Arabic.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}'..='\u{e4e}')
}
