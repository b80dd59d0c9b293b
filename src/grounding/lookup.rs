//! Looks the words of one question up in the columns themselves, where the index does not hold every value: what
//! has not been read yet, and what is too much to keep.
//!
//! Each statement asks one column for one run of words in the spellings that people store, so that an index of
//! the database answers it, and it ends at the first row that has one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::link::{Target, links};
use super::sample::readable;
use super::words::{Token, TokenKind, tokenize};
use super::{Catalog, ColumnId, lexicon, stratum};
use crate::database::{Database, Limits};
use crate::error::Code;
use crate::guard::Guard;
use crate::schema::TypeClass;

/// From this score on a link names a table or a column for certain.
const CERTAIN: f32 = 0.9;
/// From this score on it may.
const LIKELY: f32 = 0.6;
/// Tables that are looked into at most, and columns of them.
const TABLES: usize = 8;
const COLUMNS: usize = 24;
/// Words of a value at most.
const WORDS: usize = 4;
/// Statements at most.
const STATEMENTS: usize = 160;
/// Statements at once.
const AT_ONCE: usize = 4;
/// Bytes of one value.
const BYTES: usize = 4096;

/// What was found.
#[derive(Debug)]
pub struct Lookup {
    /// The catalogue with it.
    pub catalog: Catalog,
    /// Whether there is anything in it that was not there before.
    pub is_more: bool,
    /// Whether there was no time for some of it, so that what was not found may be there all the same.
    pub is_cut: bool,
}

/// Looks the words of `question` up in columns of the tables that it names, and of those next to them, that
/// `catalog` does not know all values of. Every statement passes `guard`. None when there is nothing to look up.
pub async fn look_up(
    question: &str,
    catalog: &Catalog,
    database: &dyn Database,
    guard: &Guard,
    budget: Duration,
) -> Option<Lookup> {
    let tokens = tokenize(question);
    let columns = columns(&tokens, catalog, guard);
    let phrases = if columns.is_empty() { Vec::new() } else { phrases(&tokens, catalog) };
    let work: Vec<(ColumnId, String)> = phrases
        .iter()
        .flat_map(|phrase| {
            let unknown = columns.iter().filter(|id| catalog.values().stored(**id, phrase).is_none());
            unknown.map(move |id| (*id, statement(*id, phrase, catalog)))
        })
        .take(STATEMENTS)
        .collect();
    if work.is_empty() {
        return None;
    }
    let deadline = Instant::now() + budget;
    let limits = Limits { rows: 1, bytes: BYTES, timeout: budget };
    let limits = &limits;
    let mut answers = stream::iter(work)
        .map(|(id, sql)| async move {
            let Ok(approved) = guard.approve(&sql, catalog.schema()) else { return (id, Ok(None)) };
            match timeout_at(deadline, database.run(&approved, limits)).await {
                Ok(Ok(rows)) => (id, Ok(rows.cells.into_iter().next())),
                Ok(Err(error)) if error.code() != Code::QueryTimeout => {
                    tracing::debug!(code = error.code().as_str(), "a word could not be looked up");
                    (id, Ok(None))
                }
                Ok(Err(_)) | Err(_) => (id, Err(())),
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut found: BTreeSet<(ColumnId, String)> = BTreeSet::new();
    let mut is_cut = false;
    while let Some((id, answer)) = answers.next().await {
        match answer {
            Ok(cell) => found.extend(cell.and_then(|cell| Some((id, cell.as_str()?.to_owned())))),
            Err(()) => is_cut = true,
        }
    }
    drop(answers);
    let (values, is_more) = catalog.values.with(found);
    Some(Lookup { catalog: Catalog { values, ..catalog.clone() }, is_more, is_cut })
}

/// The tables that the words name, or whose columns they name, those most named first.
pub(super) fn tables(tokens: &[Token], catalog: &Catalog) -> Vec<usize> {
    let mut scores: BTreeMap<usize, f32> = BTreeMap::new();
    for link in links(tokens, catalog).into_iter().filter(|link| link.score >= LIKELY) {
        let (table, score) = match link.target {
            Target::Table(table) => (table, 2.0 * link.score),
            Target::Column(column) => (column.table, link.score),
            Target::Value { column, .. } => (column.table, 0.5 * link.score),
        };
        let best = scores.entry(table).or_default();
        *best = best.max(score);
    }
    let mut tables: Vec<(usize, f32)> = scores.into_iter().collect();
    tables.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    tables.into_iter().map(|(table, _)| table).collect()
}

/// The columns of text that may hold what is meant and of which not every value is known.
fn columns(tokens: &[Token], catalog: &Catalog, guard: &Guard) -> Vec<ColumnId> {
    let named = tables(tokens, catalog);
    let next = named.iter().flat_map(|table| catalog.joins().at(*table).iter().map(|join| join.other(*table)));
    let mut places: Vec<usize> = named.iter().copied().take(TABLES).collect();
    for table in next {
        if places.len() < TABLES && !places.contains(&table) {
            places.push(table);
        }
    }
    let text = |id: &ColumnId| catalog.column(*id).class == TypeClass::Text && !catalog.values().is_whole(*id);
    places
        .into_iter()
        .flat_map(|table| {
            let columns = readable(catalog.schema(), catalog.table(table), guard);
            columns.into_iter().map(move |column| ColumnId { table, column })
        })
        .filter(text)
        .take(COLUMNS)
        .collect()
}

/// The runs of words that may be a value, longest first: none that begins or ends with a word that the schema or the
/// language explains.
fn phrases(tokens: &[Token], catalog: &Catalog) -> Vec<String> {
    let links = links(tokens, catalog);
    let is_named = |at: usize| {
        links.iter().any(|link| {
            let certain = link.score >= CERTAIN && (link.start..link.end).contains(&at);
            certain && !matches!(link.target, Target::Value { .. }) && !tokens[at].is_capitalised()
        })
    };
    let is_stored = |start: usize, end: usize| {
        let known = |link: &&super::link::Link| (link.start, link.end) == (start, end);
        catalog.is_complete() && links.iter().filter(known).any(|link| matches!(link.target, Target::Value { .. }))
    };
    let says = |at: usize| match tokens[at].kind {
        TokenKind::Quoted => true,
        TokenKind::Word => !lexicon::is_stop(&tokens[at].lemma) && !is_named(at),
        TokenKind::Number | TokenKind::Sign => false,
    };
    let mut found: Vec<(usize, usize)> = Vec::new();
    for start in (0..tokens.len()).filter(|at| says(*at)) {
        for end in start + 1..=(start + WORDS).min(tokens.len()) {
            let last = &tokens[end - 1];
            if matches!(last.kind, TokenKind::Sign) || (last.kind == TokenKind::Quoted && end > start + 1) {
                break;
            }
            if says(end - 1) || (end > start + 1 && last.kind == TokenKind::Number) {
                found.push((start, end));
            }
        }
    }
    found.retain(|(start, end)| !is_stored(*start, *end));
    found.sort_by_key(|(start, end)| (usize::MAX - (end - start), *start));
    let text = |(start, end): (usize, usize)| {
        let words: Vec<&str> = tokens[start..end].iter().map(|token| token.text.as_str()).collect();
        words.join(" ")
    };
    found.into_iter().map(text).collect()
}

fn statement(id: ColumnId, phrase: &str, catalog: &Catalog) -> String {
    let (schema, table) = (catalog.schema(), catalog.table(id.table));
    let column = schema.dialect.quote(&table.columns[id.column].name);
    let values: Vec<String> = spellings(phrase).iter().map(|value| schema.dialect.literal(value)).collect();
    let from = stratum::from(schema, table);
    format!("SELECT {column} FROM {from} WHERE {column} IN ({}) LIMIT 1", values.join(", "))
}

/// How `phrase` may be stored: in other letter cases, and with other signs between its words.
fn spellings(phrase: &str) -> BTreeSet<String> {
    let title = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect::<String>())
    };
    let lower = phrase.to_lowercase();
    let titled: Vec<String> = lower.split(' ').map(title).collect();
    let cases = [phrase.to_owned(), title(&lower), titled.join(" "), phrase.to_uppercase(), lower];
    let mut spellings = BTreeSet::new();
    for text in cases {
        for sign in ["_", "-"] {
            spellings.insert(text.replace(' ', sign));
        }
        spellings.insert(text);
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn a_phrase_is_spelled_as_people_store_it() {
        let all = spellings("in Progress");
        for spelling in
            ["in Progress", "in progress", "In progress", "In Progress", "IN PROGRESS", "in_progress", "IN-PROGRESS"]
        {
            assert!(all.contains(spelling), "{spelling}");
        }
        assert_eq!(spellings("x").len(), 2);
    }
}
