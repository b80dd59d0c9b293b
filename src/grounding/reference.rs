//! References that no foreign key declares: a column that is called like the key of another table, or like the
//! table, has a type that can be compared, and holds values that the key holds.
//!
//! Names propose and values decide. Where too little was read of either column, the better names stand alone.

use std::collections::HashMap;

use super::ColumnId;
use super::index::ValueIndex;
use super::join::Join;
use super::names::Names;
use crate::dialect::Dialect;
use crate::schema::{Schema, TypeClass};

/// The share of a column's values that a key must hold to speak for a reference, and the one below which it speaks
/// against it: real data has a few dangling values.
const HELD: f64 = 0.95;
const STRANGE: f64 = 0.5;

/// How well names fit, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// `company_id` and `operating_company.id`
    Shortened,
    /// `nurse` and `nurse.employee_id`, also `head_nurse`
    Table,
    /// `ssn` and `patient.ssn`
    Key,
    /// `home_station_id` and `station.id`
    Role,
    /// `customer_id` and `customer.id` or `customers.customer_id`
    Own,
}

/// What the values say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Against,
    Nothing,
    For,
}

/// A key that may be referred to.
struct Target {
    id: ColumnId,
    /// The words of its table, of the key, and of both.
    table: Vec<String>,
    key: Vec<String>,
    full: Vec<String>,
    /// Whether the key's name alone says nothing.
    plain: bool,
}

/// Each column with the key that it refers to most likely; with several where nothing tells them apart.
pub(super) fn inferred(schema: &Schema, names: &Names, values: &ValueIndex) -> Vec<Join> {
    let targets: Vec<Target> = (0..schema.tables.len())
        .flat_map(|table| keys(schema, names, values, table).into_iter().map(move |column| ColumnId { table, column }))
        .map(|id| target(names, id))
        .collect();
    let mut by_last_word: HashMap<&str, Vec<&Target>> = HashMap::new();
    for target in &targets {
        let mut last: Vec<&str> =
            [&target.table, &target.key].into_iter().filter_map(|words| words.last()).map(String::as_str).collect();
        last.dedup();
        for word in last {
            by_last_word.entry(word).or_default().push(target);
        }
    }
    let mut joins = Vec::new();
    for (table, described) in schema.tables.iter().enumerate() {
        let own: Vec<&Target> = targets.iter().filter(|target| target.id.table == table).collect();
        for (column, candidate) in described.columns.iter().enumerate() {
            let from = ColumnId { table, column };
            let words = without_number(&names.column(from).words);
            // The number of a row refers to no other row.
            let is_own = own.iter().any(|own| own.id == from && (own.plain || own.full == words));
            let Some(near) = words.last().and_then(|word| by_last_word.get(word.as_str())).filter(|_| !is_own) else {
                continue;
            };
            let others = near.iter().filter(|target| target.id.table != table);
            let rated: Vec<(Fit, Word, ColumnId)> = others
                .filter_map(|target| {
                    let fit = fit(words, target)?;
                    let word = weigh(schema, values, from, target.id);
                    let comparable = is_comparable(schema, from, target.id, word);
                    (comparable && is_enough(fit, word)).then_some((fit, word, target.id))
                })
                .collect();
            let best = rated.iter().map(|(fit, word, _)| (*fit, *word)).max();
            for (_, _, to) in rated.iter().filter(|(fit, word, _)| Some((*fit, *word)) == best) {
                joins.push(Join { from, to: *to, declared: false, optional: candidate.nullable });
            }
        }
    }
    joins
}

fn target(names: &Names, id: ColumnId) -> Target {
    let (key, own) = (names.column(id).words.clone(), names.table(id.table).words.clone());
    let mut full = own.clone();
    full.extend(key.iter().filter(|word| !own.contains(word)).cloned());
    let plain = matches!(key.as_slice(), [word] if matches!(word.as_str(), "id" | "name" | "code" | "number"));
    Target { id, table: own, key, full, plain }
}

/// The columns that may name a row of `table`: its declared key; where none is declared, each id of its own that never
/// repeats, or else its first column, where all of it was read and nothing in it repeats.
fn keys(schema: &Schema, names: &Names, values: &ValueIndex, table: usize) -> Vec<usize> {
    let described = &schema.tables[table];
    let named = |key: &String| described.columns.iter().position(|column| column.name.eq_ignore_ascii_case(key));
    match described.primary_key.as_slice() {
        [only] => return named(only).into_iter().collect(),
        [] => {}
        _ => return Vec::new(),
    }
    let own = |column: &usize| {
        let name = names.column(ColumnId { table, column: *column });
        let mut others = name.words.iter().zip(&name.implied).filter(|(word, _)| *word != "id");
        name.words.iter().any(|word| word == "id") && others.all(|(_, implied)| *implied)
    };
    let facts = |column: usize| values.facts(ColumnId { table, column });
    let repeats = |column: &usize| facts(*column).is_some_and(|facts| facts.nulls > 0 || facts.distinct < facts.cells);
    let ids: Vec<usize> = (0..described.columns.len()).filter(|column| own(column) && !repeats(column)).collect();
    if !ids.is_empty() || described.columns.len() < 2 {
        return ids;
    }
    let first = facts(0).filter(|facts| facts.whole && facts.cells > 1);
    first.filter(|_| !repeats(&0)).map(|_| 0).into_iter().collect()
}

/// For each table without a declared key the column that names its rows: of those that may, the one that most others
/// refer to.
pub(super) fn unsaid_keys(schema: &Schema, names: &Names, values: &ValueIndex, joins: &[Join]) -> Vec<Option<usize>> {
    let referred = |id: ColumnId| joins.iter().filter(|join| join.to == id).count();
    let tables = schema.tables.iter().enumerate();
    tables
        .map(|(table, described)| {
            let candidates =
                if described.primary_key.is_empty() { keys(schema, names, values, table) } else { Vec::new() };
            candidates.into_iter().rev().max_by_key(|column| referred(ColumnId { table, column: *column }))
        })
        .collect()
}

fn fit(words: &[String], target: &Target) -> Option<Fit> {
    let Target { table, key, full, plain, .. } = target;
    if words == full {
        Some(Fit::Own)
    } else if words.ends_with(full) {
        Some(Fit::Role)
    } else if !plain && (words == key || words.ends_with(key) && key.len() > 1) {
        Some(Fit::Key)
    } else if words.ends_with(table) {
        Some(Fit::Table)
    } else if *plain && words.len() > 1 && full.ends_with(words) {
        Some(Fit::Shortened)
    } else {
        None
    }
}

/// `club_id_2` is one of several references to a club.
fn without_number(words: &[String]) -> &[String] {
    match words {
        [head @ .., last] if !head.is_empty() && last.bytes().all(|sign| sign.is_ascii_digit()) => head,
        _ => words,
    }
}

fn is_enough(fit: Fit, word: Word) -> bool {
    match word {
        Word::For => true,
        Word::Nothing => fit >= Fit::Key,
        Word::Against => false,
    }
}

/// What the values that were read say of a reference.
fn weigh(schema: &Schema, values: &ValueIndex, from: ColumnId, to: ColumnId) -> Word {
    let (Some(own), Some(key)) = (values.facts(from), values.facts(to)) else { return Word::Nothing };
    if own.distinct == 0 || key.distinct == 0 {
        return Word::Nothing;
    }
    if key.whole {
        return match own.share_in(key) {
            Some(share) if share >= HELD && own.distinct > 1 => Word::For,
            Some(share) if share < STRANGE => Word::Against,
            _ => Word::Nothing,
        };
    }
    // Of a key that was read in part only the range is known.
    let is_whole = |id: ColumnId| schema.tables[id.table].columns[id.column].class == TypeClass::Integer;
    match (own.range, key.range) {
        (Some((low, high)), Some((least, most))) if is_whole(from) && is_whole(to) => {
            let room = (most - least) * 0.05;
            let within = low >= least - room && high <= most + room;
            if !within {
                Word::Against
            } else if own.distinct > 1 {
                Word::For
            } else {
                Word::Nothing
            }
        }
        _ => Word::Nothing,
    }
}

/// Whether the database compares the two: with an equal type always, with another only where it converts and the
/// values speak for it.
fn is_comparable(schema: &Schema, from: ColumnId, to: ColumnId, word: Word) -> bool {
    let class = |id: ColumnId| schema.tables[id.table].columns[id.column].class;
    let (left, right) = (class(from), class(to));
    let converts = matches!(schema.dialect, Dialect::Sqlite | Dialect::Mysql);
    left == right || (left.is_numeric() && right.is_numeric()) || (converts && word == Word::For)
}
