//! Whether a question is about this database: how much of what it says is there, and how sure its reading is.
//!
//! The weights are fitted by `scripts/fit_grounds.py` on questions that a database can answer, and on the same ones with
//! what they ask for hidden, or put to another database.

use super::doubt::Doubts;
use super::parse::lattice::{Chunk, Kind};

/// What speaks for or against it, and how much.
const WEIGHTS: [(&str, f64); 7] = [
    ("share of words that mean nothing", -2.85),
    ("a word left out", -0.59),
    ("two words left out", -0.65),
    ("a condition left out", -0.82),
    ("no table named", -1.18),
    ("no value named", -0.60),
    ("sureness", 0.45),
];
const BIAS: f64 = 2.01;

/// Below this chance it is about something else.
const LEAST: f64 = 0.25;

/// Sureness beyond this says no more.
const SUREST: f64 = 0.98;

/// What of a question's words is in the database.
#[derive(Clone, Copy, Debug)]
pub struct Grounds {
    /// The share of content words that mean nothing here.
    unknown: f64,
    /// Whether a table or a column is named: without one it is open what is asked for.
    names_thing: bool,
    names_table: bool,
    names_value: bool,
}

impl Grounds {
    /// Those of a reading that leaves out `unexplained` words.
    #[must_use]
    pub fn of(chunks: &[Chunk], unexplained: usize) -> Self {
        let count = |wanted: fn(&Kind) -> bool| chunks.iter().filter(|chunk| wanted(&chunk.kind)).count();
        let tables = count(|kind| matches!(kind, Kind::Table(_)));
        let columns = count(|kind| matches!(kind, Kind::Column(_)));
        let values = count(|kind| matches!(kind, Kind::Value(_)));
        let others = count(|kind| matches!(kind, Kind::Number(_) | Kind::Date(_)));
        let number = |count: usize| u16::try_from(count).map_or(f64::MAX, f64::from);
        let all = unexplained + tables + columns + values + others;
        Self {
            unknown: number(unexplained) / number(all.max(1)),
            names_thing: tables + columns > 0,
            names_table: tables > 0,
            names_value: values > 0,
        }
    }

    /// Those of a query that was not read from words.
    #[must_use]
    pub fn firm() -> Self {
        Self { unknown: 0.0, names_thing: true, names_table: true, names_value: true }
    }

    /// What speaks for or against the question being about this database, each with its name.
    #[must_use]
    pub fn evidence(&self, doubts: &Doubts, confidence: f64) -> [(&'static str, f64); WEIGHTS.len()] {
        let holds = |fact: bool| f64::from(u8::from(fact));
        let sure = confidence.clamp(1.0 - SUREST, SUREST);
        let values = [
            self.unknown,
            holds(!doubts.slight.is_empty()),
            holds(doubts.slight.len() > 1),
            holds(!doubts.grave.is_empty()),
            holds(!self.names_table),
            holds(!self.names_value),
            (sure / (1.0 - sure)).ln(),
        ];
        let mut named = WEIGHTS;
        for (pair, value) in named.iter_mut().zip(values) {
            pair.1 = value;
        }
        named
    }

    /// The chance that it is.
    #[must_use]
    pub fn chance(&self, doubts: &Doubts, confidence: f64) -> f64 {
        let sum: f64 =
            self.evidence(doubts, confidence).iter().zip(WEIGHTS).map(|((_, value), (_, weight))| value * weight).sum();
        1.0 / (1.0 + (-sum - BIAS).exp())
    }

    /// Whether an answer would be to another question.
    #[must_use]
    pub fn are_too_few(&self, doubts: &Doubts, confidence: f64) -> bool {
        // "What is the weather in Paris?", where Paris is all that is known.
        self.unknown > 0.0 && !self.names_thing || self.chance(doubts, confidence) < LEAST
    }
}

#[cfg(test)]
mod tests {
    use super::{Doubts, Grounds};
    use crate::engine::offline::parse::lattice::{Chunk, Kind};

    fn grounds(kinds: &[Kind], unexplained: usize) -> Grounds {
        let chunk = |kind: &Kind| Chunk { start: 0, end: 1, kind: kind.clone(), score: 1.0 };
        Grounds::of(&kinds.iter().map(chunk).collect::<Vec<Chunk>>(), unexplained)
    }

    fn doubts(words: &[&str]) -> Doubts {
        Doubts { grave: Vec::new(), slight: words.iter().map(|word| (*word).to_owned()).collect() }
    }

    #[test]
    fn a_question_all_of_whose_words_are_known_is_about_the_database() {
        assert!(!grounds(&[Kind::Table([(0, 1.0)].into())], 0).are_too_few(&doubts(&[]), 0.8));
        assert!(!Grounds::firm().are_too_few(&doubts(&[]), 0.3));
    }

    #[test]
    fn mostly_unknown_words_are_about_something_else() {
        let found = grounds(&[Kind::Table([(0, 1.0)].into())], 3);
        assert!(found.are_too_few(&doubts(&["dark", "matter", "evidence"]), 0.4));
    }

    #[test]
    fn a_value_alone_does_not_say_what_is_asked_for() {
        let paris = [Kind::Value([].into())];
        assert!(grounds(&paris, 1).are_too_few(&doubts(&["weather"]), 0.9));
        assert!(!grounds(&paris, 0).are_too_few(&doubts(&[]), 0.9));
    }

    #[test]
    fn each_doubt_lowers_the_chance() {
        let found = grounds(&[Kind::Table([(0, 1.0)].into())], 1);
        let chance = |words: &[&str]| found.chance(&doubts(words), 0.6);
        assert!(chance(&[]) > chance(&["late"]) && chance(&["late"]) > chance(&["late", "lost"]));
    }
}
