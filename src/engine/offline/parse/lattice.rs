//! Cuts a question into chunks, each one thing or one cue, in the few best ways.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDateTime;

use crate::grounding::dates::{self, Period};
use crate::grounding::lexicon::{MONEY_TAKEN, REVENUE, is_stop};
use crate::grounding::link::{Target, links};
use crate::grounding::words::{Token, TokenKind};
use crate::grounding::{Catalog, ColumnId};

use super::cue::{self, Cue};

/// A piece of the question with one meaning, or with rival columns for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub score: f32,
}

/// What a chunk is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Cue(Cue),
    /// Rival tables, best first.
    Table(Rivals<usize>),
    /// Rival columns, best first.
    Column(Rivals<ColumnId>),
    /// A stored value and the columns that hold it.
    Value(StoredRivals),
    Number(f64),
    Date(Period),
    /// A quotation that is no stored value.
    Quoted(String),
    /// A word that means nothing here.
    Word(String),
}

/// One way to cut the question.
#[derive(Clone, Debug)]
pub struct Cut {
    pub chunks: Vec<Chunk>,
    pub score: f32,
}

/// A column that holds a value, with its spelling there and a score.
type Stored = (ColumnId, String, f32);
/// Things that the same words may name, each with a score; shared by all cuts and what is read from them.
pub type Rivals<T> = Arc<[(T, f32)]>;
/// Columns that hold a value, each with its spelling there and a score.
pub type StoredRivals = Arc<[Stored]>;

/// What an unexplained content word costs.
const UNEXPLAINED: f32 = -0.55;

/// The `count` best ways to cut `tokens`, best first.
#[must_use]
pub fn cuts(tokens: &[Token], catalog: &Catalog, now: NaiveDateTime, count: usize) -> Vec<Cut> {
    fn taken<'p>((_, path, place): &(f32, &'p Vec<usize>, usize)) -> impl Iterator<Item = usize> + use<'p> {
        path.iter().copied().chain([*place])
    }
    let options = options(tokens, catalog, now);
    // For each place the best ways to it, as the options taken.
    let mut best: Vec<Vec<(f32, Vec<usize>)>> = vec![vec![(0.0, Vec::new())]];
    for end in 1..=tokens.len() {
        let mut steps = Vec::new();
        for (place, option) in options.iter().enumerate().filter(|(_, option)| option.end == end) {
            steps.extend(best[option.start].iter().map(|(score, path)| (score + option.score, path, place)));
        }
        steps.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| taken(left).cmp(taken(right))));
        steps.truncate(count);
        let ways = steps.iter().map(|step| (step.0, taken(step).collect())).collect();
        best.push(ways);
    }
    let chunks = |path: Vec<usize>| path.into_iter().map(|place| options[place].clone()).collect();
    best.pop().unwrap_or_default().into_iter().map(|(score, path)| Cut { score, chunks: chunks(path) }).collect()
}

fn options(tokens: &[Token], catalog: &Catalog, now: NaiveDateTime) -> Vec<Chunk> {
    let mut options = Vec::new();
    things(tokens, catalog, &mut options);
    for span in dates::find(tokens, now) {
        let length = content(tokens, span.start, span.end).max(1.0);
        options.push(Chunk { start: span.start, end: span.end, kind: Kind::Date(span.period), score: 0.95 * length });
    }
    for (at, token) in tokens.iter().enumerate() {
        let cues = cue::at(tokens, at);
        // "customers who ordered in 2024", where there are orders, is no order of rows.
        let deed = |cue: &Cue| {
            *cue == Cue::OrderBy
                && token.lower == "ordered"
                && !sorts(tokens, at)
                && named_as_table(tokens, at, &options)
        };
        // "phone number of Ada" asks for a column, not for how many.
        let named = |cue: &Cue| {
            let ends_here = |option: &Chunk| option.start < at && option.end == at + 1;
            *cue == Cue::HowMany
                && options.iter().any(|option| ends_here(option) && matches!(option.kind, Kind::Column(_)))
        };
        let cues: Vec<(usize, Cue)> = cues.into_iter().filter(|(_, cue)| !deed(cue) && !named(cue)).collect();
        let single = cues.iter().any(|(length, _)| *length == 1);
        for (length, cue) in cues {
            let mut score = cue_score(cue) + 0.25 * f32::from(u8::try_from(length).unwrap_or(u8::MAX) - 1);
            if cue == Cue::Ask
                && at > 0
                && matches!(token.lower.as_str(), "name" | "state" | "list" | "report" | "count")
            {
                score = 0.05;
            }
            if matches!(cue, Cue::Extreme(_)) {
                score = 0.8 + 0.5 * f32::from(u8::try_from(length).unwrap_or(u8::MAX) - 1);
            }
            if matches!(token.lower.as_str(), "first" | "last" | "final") && matches!(cue, Cue::Adjective { .. }) {
                score = 0.8;
            } else if matches!(cue, Cue::Adjective { .. }) {
                score = 0.95 * f32::from(u8::try_from(length).unwrap_or(u8::MAX));
            }
            if cue == Cue::Ask && (at == 0 || matches!(tokens[at - 1].lower.as_str(), "." | "?" | ";" | ":" | ",")) {
                score += 1.1;
            }
            options.push(Chunk { start: at, end: at + length, kind: Kind::Cue(cue), score });
        }
        let ordinal = token.kind == TokenKind::Word && !token.lower.starts_with(|sign: char| sign.is_ascii_digit());
        // "the first rental" is no number of rentals.
        let earliest = token.lower == "first" && named_as_table(tokens, at + 1, &options);
        if let Some(number) = token.number.filter(|_| !earliest) {
            options.push(Chunk {
                start: at,
                end: at + 1,
                kind: Kind::Number(number),
                score: if ordinal { 0.7 } else { 0.85 },
            });
        }
        // "the second oldest": elsewhere a second is a time.
        let ends =
            |cue: &Cue| matches!(cue, Cue::Extreme(_) | Cue::Common(_) | Cue::Adjective { superlative: true, .. });
        if token.lower == "second"
            && tokens.get(at + 1).is_some()
            && cue::at(tokens, at + 1).iter().any(|(_, cue)| ends(cue))
        {
            options.push(Chunk { start: at, end: at + 1, kind: Kind::Number(2.0), score: 0.8 });
        }
        let after_letter = at > 0 && tokens[at - 1].lower == "letter";
        let letter = token.text.chars().count() == 1
            && token.kind == TokenKind::Word
            && (token.is_capitalised() || after_letter);
        if letter && at > 0 && matches!(tokens[at - 1].lower.as_str(), "with" | "letter" | "in" | "letters") {
            options.push(Chunk { start: at, end: at + 1, kind: Kind::Quoted(token.text.clone()), score: 0.5 });
        }
        let (kind, score) = match token.kind {
            TokenKind::Quoted => (Kind::Quoted(token.text.clone()), 0.8),
            TokenKind::Sign => (Kind::Cue(Cue::Filler), 0.0),
            TokenKind::Word | TokenKind::Number if is_stop(&token.lemma) => (Kind::Cue(Cue::Filler), 0.0),
            TokenKind::Word | TokenKind::Number => (Kind::Word(token.lower.clone()), UNEXPLAINED),
        };
        if !(single && matches!(kind, Kind::Cue(Cue::Filler))) {
            options.push(Chunk { start: at, end: at + 1, kind, score });
        }
    }
    options
}

/// Whether "ordered" at `at` speaks of an order of rows: "ordered by", "ordered in descending".
fn sorts(tokens: &[Token], at: usize) -> bool {
    let word = |offset: usize| tokens.get(at + offset).map_or("", |token| token.lower.as_str());
    let way = |word: &str| {
        ["asc", "desc", "alphabet", "increas", "decreas", "lexico", "revers", "chrono"]
            .iter()
            .any(|way| word.starts_with(way))
    };
    matches!(word(1), "by" | "according" | "from") || (1..4).any(|offset| way(word(offset)))
}

/// Whether the token at `at` may name a table.
fn named_as_table(tokens: &[Token], at: usize, options: &[Chunk]) -> bool {
    at < tokens.len()
        && options
            .iter()
            .any(|option| option.start == at && option.end == at + 1 && matches!(option.kind, Kind::Table(_)))
}

/// How much a cue explains; connecting words explain little, so that a name holding one wins.
fn cue_score(cue: Cue) -> f32 {
    match cue {
        Cue::Filler => 0.02,
        Cue::Of | Cue::By | Cue::And | Cue::Comma | Cue::Stop | Cue::Ask => 0.1,
        Cue::Relative | Cue::Their => 0.15,
        Cue::Top | Cue::Contains | Cue::Null => 0.6,
        Cue::HowMany => 0.9,
        Cue::Aggregate(_) => 1.06,
        _ => 0.8,
    }
}

fn things(tokens: &[Token], catalog: &Catalog, options: &mut Vec<Chunk>) {
    let mut tables: BTreeMap<(usize, usize), Vec<(usize, f32)>> = BTreeMap::new();
    let mut columns: BTreeMap<(usize, usize), Vec<(ColumnId, f32)>> = BTreeMap::new();
    let mut values: BTreeMap<(usize, usize), Vec<Stored>> = BTreeMap::new();
    for link in links(tokens, catalog) {
        let span = (link.start, link.end);
        match link.target {
            Target::Table(table) => tables.entry(span).or_default().push((table, link.score)),
            Target::Column(column) => columns.entry(span).or_default().push((column, link.score)),
            Target::Value { column, text } => values.entry(span).or_default().push((column, text, link.score)),
        }
    }
    let named: BTreeSet<(usize, usize)> = tables
        .iter()
        .filter(|(_, rivals)| rivals.iter().any(|(_, score)| *score > 0.97))
        .map(|(span, _)| *span)
        .collect();
    for ((start, end), mut rivals) in tables {
        rivals.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let score = rivals[0].1 * content(tokens, start, end) * 1.02;
        options.push(Chunk { start, end, kind: Kind::Table(rivals.into()), score });
    }
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| REVENUE.contains(&token.lemma.as_str())) {
        let known = columns.get(&(at, at + 1)).is_some_and(|rivals| rivals.iter().any(|(_, score)| *score > 0.8));
        if !known && !named.contains(&(at, at + 1)) {
            let money = money_columns(catalog);
            if !money.is_empty() {
                columns.insert((at, at + 1), money);
            }
        }
    }
    for ((start, end), mut rivals) in columns {
        rivals.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let table = named.contains(&(start, end));
        let score = rivals[0].1 * content(tokens, start, end) - if table { 0.25 } else { 0.0 };
        options.push(Chunk { start, end, kind: Kind::Column(rivals.into()), score });
    }
    for ((start, end), mut rivals) in values {
        rivals.sort_by(|left, right| right.2.total_cmp(&left.2).then(left.0.cmp(&right.0)));
        rivals.dedup_by(|right, left| right.0 == left.0);
        let score = rivals[0].2 * content(tokens, start, end).max(1.0);
        options.push(Chunk { start, end, kind: Kind::Value(rivals.into()), score });
    }
}

/// Columns that hold money taken in.
fn money_columns(catalog: &Catalog) -> Vec<(ColumnId, f32)> {
    let mut found = Vec::new();
    for table in 0..catalog.schema().tables.len() {
        for id in catalog.columns_of(table).filter(|id| catalog.is_numeric(*id) && !catalog.is_key(*id)) {
            let words = &catalog.names().column(id).words;
            let lines = catalog
                .columns_of(table)
                .any(|id| catalog.names().column(id).words.iter().any(|word| word == "quantity"));
            if words.iter().any(|word| word == "price") && !lines {
                continue;
            }
            let rank = MONEY_TAKEN.iter().position(|word| words.iter().any(|own| own == word));
            if let Some(rank) = rank {
                let several = if words.len() > 1 { 0.1 } else { 0.0 };
                found.push((id, 0.95 - 0.06 * f32::from(u8::try_from(rank).unwrap_or(u8::MAX)) - several));
            }
        }
    }
    found
}

/// How many words of a span count; filler counts half.
fn content(tokens: &[Token], start: usize, end: usize) -> f32 {
    tokens[start..end]
        .iter()
        .map(|token| match token.lemma.as_str() {
            "the" | "a" | "of" | "in" => 0.3,
            _ => 1.0,
        })
        .sum()
}
