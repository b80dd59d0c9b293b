//! What to ask back when no reading is sure enough.

use crate::engine::Outcome;
use crate::grounding::Catalog;
use crate::grounding::link::{Target, links};
use crate::grounding::words::{Token, lemma};

use super::rank::Candidate;
use super::speak;

/// Choices offered at most.
const CHOICES: usize = 4;

/// Asks which reading is meant, or says which words mean nothing here.
#[must_use]
pub fn ask(tokens: &[Token], candidates: &[Candidate], catalog: &Catalog) -> Outcome {
    let confidence = candidates.first().map_or(0.0, |candidate| candidate.confidence);
    let unknown: Vec<String> = candidates.first().map(|candidate| candidate.unexplained.clone()).unwrap_or_default();
    if unknown.is_empty() && candidates.len() > 1 {
        let mut choices: Vec<String> = Vec::new();
        for candidate in candidates.iter().take(CHOICES) {
            let words = speak::explanation(&candidate.query, catalog);
            if !choices.contains(&words) {
                choices.push(words);
            }
        }
        return Outcome::Clarify { question: "I am not sure which of these you mean.".to_owned(), choices, confidence };
    }
    let question = if unknown.is_empty() {
        "I am not sure what you are asking about.".to_owned()
    } else {
        let quoted: Vec<String> = unknown.iter().take(3).map(|word| format!("\u{201c}{word}\u{201d}")).collect();
        let verb = if quoted.len() == 1 { "means" } else { "mean" };
        format!(
            "I am not sure: I cannot tell what {} {verb} in this database. What would you like to know?",
            quoted.join(", ")
        )
    };
    Outcome::Clarify { question, choices: suggestions(tokens, catalog), confidence }
}

/// Questions that can be answered, about the tables nearest to the words.
fn suggestions(tokens: &[Token], catalog: &Catalog) -> Vec<String> {
    let mut tables: Vec<usize> = Vec::new();
    for link in links(tokens, catalog) {
        let table = match link.target {
            Target::Table(table) => table,
            Target::Column(column) | Target::Value { column, .. } => column.table,
        };
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    let all = 0..catalog.schema().tables.len();
    let rest: Vec<usize> = all.filter(|table| !tables.contains(table)).collect();
    tables.extend(rest);
    tables
        .into_iter()
        .take(CHOICES)
        .map(|table| {
            let name = lemma(&catalog.table(table).name.to_lowercase()).replace('_', " ");
            format!("How many {} are there?", plural(&name))
        })
        .collect()
}

fn plural(noun: &str) -> String {
    match noun {
        _ if noun.ends_with('s') || noun.ends_with("ch") || noun.ends_with("sh") || noun.ends_with('x') => {
            format!("{noun}es")
        }
        _ if noun.ends_with('y') && !noun.ends_with("ay") && !noun.ends_with("ey") => {
            format!("{}ies", &noun[..noun.len() - 1])
        }
        _ => format!("{noun}s"),
    }
}
