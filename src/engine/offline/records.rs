//! "Count all records": a count of rows that names no table.

use crate::engine::Outcome;
use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::ir::{Item, Query};

/// What people call rows whatever they hold.
const RECORDS: &[&str] = &["record", "records", "row", "rows", "entry", "entries", "everything"];

/// What may stand around them without naming anything.
const AROUND: &[&str] = &[
    "count", "how", "many", "number", "total", "of", "all", "the", "are", "there", "is", "in", "do", "we", "you",
    "have", "this", "our", "my", "database", "it", "please", "what",
];

/// Choices given at most.
const CHOICES: usize = 8;

/// What is asked: the rows of the only table, or back for a table.
pub(super) enum Records {
    Of(Query),
    OfWhich(Outcome),
}

/// Reads a question that only counts rows; `None` for any other.
pub(super) fn read(tokens: &[Token], catalog: &Catalog) -> Option<Records> {
    let tables = &catalog.schema().tables;
    let mut words = tokens.iter().map(|token| token.lower.as_str()).filter(|word| word.contains(char::is_alphanumeric));
    let counts = tokens.iter().any(|token| matches!(token.lower.as_str(), "count" | "many" | "number" | "total"));
    let rows = tokens.iter().any(|token| RECORDS.contains(&token.lower.as_str()));
    let named = tables.iter().any(|table| RECORDS.contains(&table.name.to_lowercase().as_str()));
    if !counts || !rows || named || !words.all(|word| RECORDS.contains(&word) || AROUND.contains(&word)) {
        return None;
    }
    if tables.len() == 1 {
        return Some(Records::Of(Query { select: vec![Item::count()], tables: vec![0], ..Query::default() }));
    }
    let choices = tables.iter().take(CHOICES).map(|table| format!("How many {} are there?", table.name)).collect();
    let question = "The rows of which table?".to_owned();
    Some(Records::OfWhich(Outcome::Clarify { question, choices, confidence: 0.1 }))
}
