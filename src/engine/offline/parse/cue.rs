//! The words that tell clauses apart: "how many", "sorted by", "more than", "for each".

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::engine::offline::ir::{Aggregate, Arithmetic, Grain, Operator};
use crate::grounding::words::{Token, TokenKind, are_near};

use super::draft::Noun;

/// What such words ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cue {
    /// "show", "what are", "list"
    Ask,
    HowMany,
    Aggregate(Aggregate),
    Distinct,
    /// "of", "for", "in", "from"
    Of,
    /// "by"
    By,
    /// "who", "that", "with", "whose"
    Relative,
    /// "their", "its"
    Their,
    And,
    Or,
    Both,
    Comma,
    /// The end of a sentence.
    Stop,
    Not,
    Except,
    Each,
    OrderBy,
    /// "in order", "alphabetically": an order whose key may follow
    Ascending,
    Descending,
    Compare(Operator),
    Between,
    /// The largest (`true`) or smallest of what follows.
    Extreme(bool),
    /// "oldest", "older than": an adjective that names a column itself.
    Adjective {
        word: &'static Adjective,
        superlative: bool,
        up: bool,
    },
    /// "earns", "weighs": a verb that names a column before a comparison.
    Measure(&'static Adjective),
    Top,
    /// "most common": by how many rows.
    Common(bool),
    Contains,
    Starts,
    Ends,
    Null,
    /// "all information about"
    Everything,
    /// "3 or more", "3 or fewer"
    OrMore(bool),
    /// "the difference between", "the ratio of", "what percentage of"
    Formula(Arithmetic),
    /// "per month", "by year", "monthly"
    Grain(Grain),
    /// "above average" without a noun between
    AboveAverage(bool),
    /// Says nothing.
    Filler,
}

/// A measure that an adjective speaks of.
#[derive(Debug, PartialEq)]
pub struct Adjective {
    /// Words of columns, best first.
    pub columns: &'static [&'static str],
    /// Words of columns that run the other way: the older, the earlier the birth.
    pub against: &'static [&'static str],
}

impl Adjective {
    /// The measure, of the rows of `owner` where a table was named behind it.
    #[must_use]
    pub fn noun(&self, owner: Option<usize>) -> Noun {
        Noun::Measure { columns: self.columns, against: self.against, owner }
    }
}

static AGE: Adjective = Adjective {
    columns: &["age", "years"],
    against: &[
        "birth date",
        "birthday",
        "birth year",
        "birth",
        "founded",
        "established",
        "opening year",
        "open year",
        "built",
        "year",
        "date",
    ],
};
static LENGTH: Adjective =
    Adjective { columns: &["length", "duration", "distance", "minute", "time", "run", "hour"], against: &[] };
static SHORTNESS: Adjective =
    Adjective { columns: &["length", "duration", "distance", "minute", "time", "height", "run", "hour"], against: &[] };
static HEIGHT: Adjective =
    Adjective { columns: &["height", "elevation", "altitude", "floor", "stories"], against: &[] };
static WEIGHT: Adjective = Adjective { columns: &["weight", "mass"], against: &[] };
static PRICE: Adjective =
    Adjective { columns: &["price", "cost", "fee", "fare", "charge", "rate", "rent", "amount", "value"], against: &[] };
static MONEY: Adjective = Adjective {
    columns: &["money", "wealth", "worth", "balance", "income", "salary", "saving", "asset", "revenue"],
    against: &[],
};
static PAID: Adjective = Adjective { columns: &["salary", "wage", "pay", "earning", "income"], against: &[] };
static RECENT: Adjective =
    Adjective { columns: &["date", "year", "time", "day", "when", "start", "month"], against: &[] };
static SPEED: Adjective =
    Adjective { columns: &["speed", "velocity", "mph"], against: &["time", "duration", "millisecond"] };
static DEPTH: Adjective = Adjective { columns: &["depth"], against: &[] };
static HEAT: Adjective = Adjective { columns: &["temperature"], against: &[] };
static SIZE: Adjective = Adjective {
    columns: &["size", "area", "capacity", "population", "amount", "quantity", "total", "acreage", "height", "number"],
    against: &[],
};
static QUALITY: Adjective = Adjective {
    columns: &["rating", "score", "star", "grade", "point", "quality", "mark"],
    against: &["rank", "position"],
};
static NEAR: Adjective = Adjective { columns: &["distance"], against: &[] };
static PEOPLE: Adjective = Adjective { columns: &["population"], against: &[] };

/// What "best" speaks of when nothing else is said.
#[must_use]
pub fn quality() -> Noun {
    QUALITY.noun(None)
}

/// What "before" and "after" speak of when nothing else is said.
#[must_use]
pub fn recency() -> Noun {
    RECENT.noun(None)
}

/// Whether a measure is that of "best" and "worst".
#[must_use]
pub fn is_quality(columns: &[&str]) -> bool {
    columns == QUALITY.columns
}

/// Whether a measure is that of "newest" and "latest".
#[must_use]
pub fn is_recency(columns: &[&str]) -> bool {
    columns == RECENT.columns
}

/// Adjective, comparative, superlative, measure, whether the superlative is the top end.
const ADJECTIVES: &[(&str, &str, &str, &Adjective, bool)] = &[
    ("old", "older", "oldest", &AGE, true),
    ("young", "younger", "youngest", &AGE, false),
    ("long", "longer", "longest", &LENGTH, true),
    ("short", "shorter", "shortest", &SHORTNESS, false),
    ("tall", "taller", "tallest", &HEIGHT, true),
    ("heavy", "heavier", "heaviest", &WEIGHT, true),
    ("light", "lighter", "lightest", &WEIGHT, false),
    ("cheap", "cheaper", "cheapest", &PRICE, false),
    ("costly", "costlier", "costliest", &PRICE, true),
    ("rich", "richer", "richest", &MONEY, true),
    ("poor", "poorer", "poorest", &MONEY, false),
    ("early", "earlier", "earliest", &RECENT, false),
    ("late", "later", "latest", &RECENT, true),
    ("new", "newer", "newest", &RECENT, true),
    ("fast", "faster", "fastest", &SPEED, true),
    ("slow", "slower", "slowest", &SPEED, false),
    ("deep", "deeper", "deepest", &DEPTH, true),
    ("hot", "hotter", "hottest", &HEAT, true),
    ("cold", "colder", "coldest", &HEAT, false),
    ("good", "better", "best", &QUALITY, true),
    ("bad", "worse", "worst", &QUALITY, false),
    ("near", "nearer", "nearest", &NEAR, false),
    ("close", "closer", "closest", &NEAR, false),
    ("far", "farther", "farthest", &NEAR, true),
    ("large", "larger", "largest", &SIZE, true),
    ("big", "bigger", "biggest", &SIZE, true),
    ("small", "smaller", "smallest", &SIZE, false),
];

/// Adjectives that take "most" and "more": word, measure.
const LONG_ADJECTIVES: &[(&str, &Adjective)] = &[
    ("expensive", &PRICE),
    ("recent", &RECENT),
    ("populous", &PEOPLE),
    ("populated", &PEOPLE),
    ("paid", &PAID),
    ("costly", &PRICE),
    ("valuable", &PRICE),
    ("recently", &RECENT),
    ("wealthy", &MONEY),
    ("affordable", &PRICE),
];

/// Verbs that speak of a measure when a comparison follows: "earns more than the average".
const VERBS: &[(&[&str], &Adjective)] = &[
    (&["earn", "earns", "earned", "earning", "make", "makes", "paid", "pay", "pays"], &PAID),
    (&["cost", "costs", "costing", "priced"], &PRICE),
    (&["weigh", "weighs", "weighing"], &WEIGHT),
    (&["last", "lasts", "lasted", "lasting", "take", "takes", "took"], &LENGTH),
];

/// Whether a comparison begins with these words.
fn compares(first: &str, second: &str) -> bool {
    match first {
        "more" | "less" | "longer" | "higher" | "lower" => second == "than",
        "at" => matches!(second, "least" | "most"),
        "the" => matches!(second, "most" | "least"),
        "above" | "below" | "over" | "under" | "between" | "exactly" => true,
        _ => false,
    }
}

/// By their first word: the words of each phrase, and what it is.
type Phrases = HashMap<&'static str, Vec<(Vec<&'static str>, Cue)>>;

/// Phrases of whole words, folded, by what they are; of two that fit, the longer wins.
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::new();
    let mut cue = None;
    for line in include_str!("cues.txt").lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            cue = named(name);
            continue;
        }
        let Some(cue) = cue else { continue };
        for phrase in line.split(" | ").filter(|phrase| !phrase.is_empty()) {
            let words: Vec<&str> = phrase.split(' ').collect();
            phrases.entry(words[0]).or_default().push((words, cue));
        }
    }
    phrases
});

/// The cue that a heading of the phrase list names.
fn named(heading: &str) -> Option<Cue> {
    Some(match heading {
        "ask" => Cue::Ask,
        "filler" => Cue::Filler,
        "how many" => Cue::HowMany,
        "aggregate average" => Cue::Aggregate(Aggregate::Average),
        "aggregate sum" => Cue::Aggregate(Aggregate::Sum),
        "aggregate maximum" => Cue::Aggregate(Aggregate::Maximum),
        "aggregate minimum" => Cue::Aggregate(Aggregate::Minimum),
        "distinct" => Cue::Distinct,
        "of" => Cue::Of,
        "by" => Cue::By,
        "relative" => Cue::Relative,
        "their" => Cue::Their,
        "and" => Cue::And,
        "or" => Cue::Or,
        "both" => Cue::Both,
        "comma" => Cue::Comma,
        "stop" => Cue::Stop,
        "not" => Cue::Not,
        "except" => Cue::Except,
        "each" => Cue::Each,
        "order by" => Cue::OrderBy,
        "ascending" => Cue::Ascending,
        "descending" => Cue::Descending,
        "compare more" => Cue::Compare(Operator::More),
        "compare at least" => Cue::Compare(Operator::AtLeast),
        "compare less" => Cue::Compare(Operator::Less),
        "compare at most" => Cue::Compare(Operator::AtMost),
        "compare equal" => Cue::Compare(Operator::Equal),
        "or more up" => Cue::OrMore(true),
        "or more down" => Cue::OrMore(false),
        "between" => Cue::Between,
        "extreme up" => Cue::Extreme(true),
        "extreme down" => Cue::Extreme(false),
        "top" => Cue::Top,
        "common up" => Cue::Common(true),
        "common down" => Cue::Common(false),
        "contains" => Cue::Contains,
        "starts" => Cue::Starts,
        "ends" => Cue::Ends,
        "null" => Cue::Null,
        "everything" => Cue::Everything,
        "above average up" => Cue::AboveAverage(true),
        "above average down" => Cue::AboveAverage(false),
        "formula sum" => Cue::Formula(Arithmetic::Plus),
        "formula difference" => Cue::Formula(Arithmetic::Minus),
        "formula ratio" => Cue::Formula(Arithmetic::Over),
        "formula share" => Cue::Formula(Arithmetic::Share),
        "formula percentage" => Cue::Formula(Arithmetic::Percent),
        "grain month" => Cue::Grain(Grain::Month),
        "grain year" => Cue::Grain(Grain::Year),
        "grain day" => Cue::Grain(Grain::Day),
        "grain week" => Cue::Grain(Grain::Week),
        "grain quarter" => Cue::Grain(Grain::Quarter),
        _ => return None,
    })
}

/// The cues that begin at `at`, as (tokens taken, cue), longest first.
#[must_use]
pub fn at(tokens: &[Token], at: usize) -> Vec<(usize, Cue)> {
    let mut found = Vec::new();
    if tokens[at].kind == TokenKind::Quoted {
        return found;
    }
    for (phrase, cue) in PHRASES.get(tokens[at].lower.as_str()).into_iter().flatten() {
        let fits = phrase.iter().enumerate().all(|(offset, word)| {
            tokens.get(at + offset).is_some_and(|token| token.lower == *word && token.kind != TokenKind::Quoted)
        });
        if fits {
            found.push((phrase.len(), *cue));
        }
    }
    adjectives(tokens, at, &mut found);
    if found.is_empty() {
        found.extend(misspelt(&tokens[at]).map(|cue| (1, cue)));
    }
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found
}

/// Long cue words that people misspell.
const LONG_CUES: &[(&str, Cue)] = &[
    ("maximum", Cue::Aggregate(Aggregate::Maximum)),
    ("minimum", Cue::Aggregate(Aggregate::Minimum)),
    ("average", Cue::Aggregate(Aggregate::Average)),
    ("highest", Cue::Extreme(true)),
    ("greatest", Cue::Extreme(true)),
    ("different", Cue::Distinct),
    ("distinct", Cue::Distinct),
    ("ascending", Cue::Ascending),
    ("descending", Cue::Descending),
    ("alphabetical", Cue::Ascending),
    ("between", Cue::Between),
    ("contains", Cue::Contains),
];

/// The cue that an unknown word is one letter away from.
fn misspelt(token: &Token) -> Option<Cue> {
    let word = token.lower.as_str();
    if token.kind != TokenKind::Word || word.len() < 6 || token.is_capitalised() {
        return None;
    }
    LONG_CUES
        .iter()
        .find(|(cue, _)| cue.len().abs_diff(word.len()) <= 1 && *cue != word && are_near(cue, word, 1))
        .map(|(_, cue)| *cue)
}

fn adjectives(tokens: &[Token], at: usize, found: &mut Vec<(usize, Cue)>) {
    let word = |offset: usize| tokens.get(at + offset).map_or("", |token| token.lower.as_str());
    if word(0) == "higher" && word(1) == "than" && word(2) != "or" {
        found.push((2, Cue::Adjective { word: &HEIGHT, superlative: false, up: true }));
    }
    for (_, comparative, superlative, measure, top) in ADJECTIVES {
        if word(0) == *superlative {
            found.push((1, Cue::Adjective { word: measure, superlative: true, up: *top }));
        } else if word(0) == *comparative && word(1) == "than" {
            found.push((2, Cue::Adjective { word: measure, superlative: false, up: *top }));
        }
    }
    // "the first rental", "the last visit": the earliest, the latest.
    let number = tokens.get(at + 1).is_some_and(|token| token.number.is_some());
    let named = (1..5).any(|offset| matches!(word(offset), "name" | "names"));
    if matches!(word(0), "first" | "last" | "final") && !number && !named {
        found.retain(|(_, cue)| *cue != Cue::Top);
        found.push((1, Cue::Adjective { word: &RECENT, superlative: true, up: word(0) != "first" }));
    }
    let next_number = (1..3).any(|offset| tokens.get(at + offset).is_some_and(|token| token.number.is_some()));
    if word(0) == "aged" && next_number {
        found.push((1, Cue::Measure(&AGE)));
    }
    for (verbs, measure) in VERBS {
        if verbs.contains(&word(0)) && compares(word(1), word(2)) {
            found.push((1, Cue::Measure(measure)));
        }
    }
    // "a higher resolution than 500"
    let operator = match word(0) {
        "higher" | "greater" | "larger" | "bigger" => Some(Operator::More),
        "lower" | "smaller" | "fewer" => Some(Operator::Less),
        "more" if word(2) == "than" => Some(Operator::More),
        "less" if word(2) == "than" => Some(Operator::Less),
        _ => None,
    };
    if let Some(operator) = operator.filter(|_| word(1) != "than" && (2..5).any(|offset| word(offset) == "than")) {
        found.push((1, Cue::Compare(operator)));
    }
    for (adjective, measure) in LONG_ADJECTIVES {
        if word(1) != *adjective {
            continue;
        }
        match word(0) {
            "most" | "highest" => found.push((2, Cue::Adjective { word: measure, superlative: true, up: true })),
            "least" | "lowest" => found.push((2, Cue::Adjective { word: measure, superlative: true, up: false })),
            "more" if word(2) == "than" => {
                found.push((3, Cue::Adjective { word: measure, superlative: false, up: true }));
            }
            "less" if word(2) == "than" => {
                found.push((3, Cue::Adjective { word: measure, superlative: false, up: false }));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_of_the_list_is_a_cue() {
        let headings: Vec<&str> =
            include_str!("cues.txt").lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
        assert!(headings.len() > 40);
        for heading in headings {
            assert!(named(heading).is_some(), "{heading}");
        }
    }
}
