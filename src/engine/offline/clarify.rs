//! What to ask back when no reading is sure enough.

use crate::engine::Outcome;
use crate::grounding::link::{Target, links};
use crate::grounding::words::{Token, lemma};
use crate::grounding::{Catalog, ColumnId};

use super::rank::Candidate;
use super::speak;

/// Choices offered at most.
const CHOICES: usize = 4;
/// Of these, readings that leave a word out at most; the others are questions about the same rows.
const READINGS: usize = 3;
/// How sure a reading can be that leaves out a word that may change it.
const DOUBTFUL: f64 = 0.19;

/// Asks which reading is meant, or says what it does not understand.
#[must_use]
pub fn ask(tokens: &[Token], candidates: &[Candidate], catalog: &Catalog) -> Outcome {
    match candidates.first() {
        Some(best) if !best.is_strange() || unknown(best).iter().any(|word| is_grade(word)) => {
            which(best, candidates, catalog)
        }
        best => refuse(tokens, best, catalog),
    }
}

/// Asks which of its readings the question means, and says which words none of them has.
fn which(best: &Candidate, candidates: &[Candidate], catalog: &Catalog) -> Outcome {
    let unknown = unknown(best);
    let offered = || readings(candidates, catalog).into_iter().map(|(words, _)| words);
    if unknown.is_empty() {
        let question = "I am not sure which of these you mean.".to_owned();
        return Outcome::Clarify { question, choices: offered().collect(), confidence: best.confidence };
    }
    let nearby = nearby(best, unknown, catalog);
    let mut choices: Vec<String> = if unknown.iter().any(|word| is_grade(word)) && !nearby.is_empty() {
        nearby
    } else {
        offered().take(READINGS).chain(nearby).collect()
    };
    choices.truncate(CHOICES);
    let question =
        format!("I am not sure: I cannot tell what {} in this database. Do you mean one of these?", mean(unknown));
    Outcome::Clarify { question, choices, confidence: best.confidence.min(DOUBTFUL) }
}

/// Says what means nothing here, and what could be asked.
fn refuse(tokens: &[Token], best: Option<&Candidate>, catalog: &Catalog) -> Outcome {
    let unknown = best.map_or(&[][..], unknown);
    let question = if unknown.is_empty() {
        "I am not sure what you are asking about.".to_owned()
    } else {
        let mean = mean(unknown);
        format!("I am not sure: I cannot tell what {mean} in this database. What would you like to know?")
    };
    let confidence = best.map_or(0.0, |best| best.confidence).min(DOUBTFUL);
    Outcome::Clarify { question, choices: suggestions(tokens, catalog), confidence }
}

/// The words that keep a reading from being given.
fn unknown(best: &Candidate) -> &[String] {
    if best.doubts.grave.is_empty() { &best.unexplained } else { &best.doubts.grave }
}

/// "“overdue” means", "“late”, “lost” mean".
fn mean(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().take(3).map(|word| format!("\u{201c}{word}\u{201d}")).collect();
    format!("{} {}", quoted.join(", "), if quoted.len() == 1 { "means" } else { "mean" })
}

fn is_grade(word: &str) -> bool {
    matches!(word, "best" | "worst" | "top" | "good" | "bad" | "better" | "worse")
}

/// The readings that are offered where several are as likely, with their words; of those that say the same, the first.
#[must_use]
pub fn readings<'c>(candidates: &'c [Candidate], catalog: &Catalog) -> Vec<(String, &'c Candidate)> {
    let mut found: Vec<(String, &Candidate)> = Vec::new();
    for candidate in candidates.iter().take(CHOICES) {
        let words = speak::explanation(&candidate.query, catalog);
        if found.iter().all(|(known, _)| *known != words) {
            found.push((words, candidate));
        }
    }
    found
}

/// Questions about the same rows that can be answered: what "best" may mean, which kinds of rows there are.
fn nearby(candidate: &Candidate, unknown: &[String], catalog: &Catalog) -> Vec<String> {
    let Some(main) = subject(candidate, catalog) else { return Vec::new() };
    let noun = spoken_table(main, catalog);
    let mut choices = Vec::new();
    if let Some(word) = unknown.iter().find(|word| is_grade(word)) {
        let down = matches!(word.as_str(), "worst" | "bad" | "worse");
        let (most, highest) = if down { ("fewest", "lowest") } else { ("most", "highest") };
        for id in catalog.columns_of(main).filter(|id| is_amount(*id, catalog)).take(2) {
            choices.push(format!("Which {noun} has the {highest} {}?", catalog.column(id).name.replace('_', " ")));
        }
        for join in catalog.joins().at(main).iter().filter(|join| join.to.table == main) {
            let partner = plural(&spoken_table(join.from.table, catalog));
            let choice = format!("Which {noun} has the {most} {partner}?");
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        return choices;
    }
    for id in catalog.columns_of(main).filter(|id| is_kind(*id, catalog)).take(2) {
        let column = catalog.column(id).name.replace('_', " ").to_lowercase();
        choices.push(format!("How many {} are there for each {column}?", plural(&noun)));
    }
    choices.push(format!("How many {} are there?", plural(&noun)));
    choices.push(format!("Show all {}", plural(&noun)));
    choices
}

/// What the question is about: a reference to another table speaks of that table's rows.
fn subject(candidate: &Candidate, catalog: &Catalog) -> Option<usize> {
    let main = candidate.query.relations().first().copied()?;
    let shown = candidate.query.select.first().and_then(|item| item.term.columns().first().copied());
    let referred =
        shown.and_then(|id| catalog.joins().at(main).iter().find(|join| join.from == id).map(|join| join.to.table));
    Some(referred.unwrap_or(main))
}

fn is_amount(id: ColumnId, catalog: &Catalog) -> bool {
    catalog.is_numeric(id) && !catalog.is_key(id) && !catalog.joins().is_reference(id)
}

/// Whether a column sorts rows into a few kinds, by its name.
fn is_kind(id: ColumnId, catalog: &Catalog) -> bool {
    const KINDS: [&str; 12] = [
        "status", "state", "type", "kind", "category", "method", "level", "priority", "gender", "country", "role",
        "reason",
    ];
    let words = &catalog.names().column(id).words;
    !is_amount(id, catalog) && !catalog.is_key(id) && words.iter().any(|word| KINDS.contains(&word.as_str()))
}

fn spoken_table(table: usize, catalog: &Catalog) -> String {
    lemma(&catalog.table(table).name.to_lowercase()).replace('_', " ")
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
        .map(|table| format!("How many {} are there?", plural(&spoken_table(table, catalog))))
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
