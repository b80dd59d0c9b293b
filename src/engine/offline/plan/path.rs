//! Which of several references joins two tables: the one whose words the question says.

use crate::engine::offline::ir::Query;
use crate::engine::offline::parse::draft::Draft;
use crate::grounding::join::Join;
use crate::grounding::words::stem;
use crate::grounding::{Catalog, ColumnId};

/// Other ways to join that are tried.
const PATHS: usize = 3;

/// The references to prefer: those that the question says itself where two tables are joined by more than one, and
/// those of a table that stands between two others that take part.
pub(super) fn said(query: &Query, draft: &Draft, catalog: &Catalog) -> Vec<ColumnId> {
    let mut found = Vec::new();
    let relations = query.relations();
    for table in relations.iter().copied() {
        let own = catalog.joins().at(table).iter().filter(|join| join.from.table == table);
        let out: Vec<&Join> = own.filter(|join| join.declared && relations.contains(&join.to.table)).collect();
        if relations.len() > 2 && out.iter().any(|join| join.to.table != out[0].to.table) {
            found.extend(out.iter().filter(|join| twins(join, catalog).next().is_none()).map(|join| join.from));
        }
        for join in catalog.joins().at(table).iter().filter(|join| join.from.table == table) {
            let rivals = || twins(join, catalog);
            if rivals().next().is_some()
                && rivals().all(|rival| {
                    words_said(join.from, rival.from, draft, catalog)
                        > words_said(rival.from, join.from, draft, catalog)
                })
            {
                found.push(join.from);
            }
        }
    }
    found
}

/// The other references between the same two tables.
fn twins<'a>(join: &'a Join, catalog: &'a Catalog) -> impl Iterator<Item = &'a Join> {
    let same = |other: &&Join| other.from.table == join.from.table && other.to.table == join.to.table;
    catalog.joins().at(join.from.table).iter().filter(same).filter(move |other| *other != join)
}

/// Whether the question says a word of a name in some form: "ended" for `end`.
fn says(draft: &Draft, word: &str) -> bool {
    let root = stem(word);
    draft.words.iter().any(|said| {
        let tail = said.strip_prefix(word).filter(|_| word.len() >= 3);
        stem(said) == root || tail.is_some_and(|tail| matches!(tail, "ed" | "ing" | "d"))
    })
}

/// How many words of a reference that its rival has not are in the question.
fn words_said(column: ColumnId, rival: ColumnId, draft: &Draft, catalog: &Catalog) -> usize {
    let names = catalog.names();
    let own = names.column(column).words.iter().filter(|word| !names.column(rival).words.contains(word));
    own.filter(|word| says(draft, word)).count()
}

/// The query joined in other ways: by another reference, or through another table between.
pub(super) fn others(query: &Query, draft: &Draft, catalog: &Catalog) -> Vec<Query> {
    let relations = query.relations();
    let Some((joins, _)) = catalog.joins().tree(&relations, &query.via) else { return Vec::new() };
    let mut found: Vec<(usize, Query)> = Vec::new();
    for join in &*joins {
        for twin in twins(join, catalog) {
            let mut other = query.clone();
            other.via = vec![twin.from];
            found.push((words_said(twin.from, join.from, draft, catalog), other));
        }
    }
    for bridge in bridges(&relations, &joins, catalog) {
        let said = catalog.names().table(bridge.0).words.iter().filter(|word| says(draft, word)).count();
        let mut other = query.clone();
        other.tables.push(bridge.0);
        other.via.extend(bridge.1);
        found.push((said, other));
    }
    found.sort_by_key(|(said, _)| std::cmp::Reverse(*said));
    found.into_iter().take(PATHS).map(|(_, query)| query).collect()
}

/// Tables that could stand between two of `relations` in place of what joins them now, each with its references.
fn bridges(relations: &[usize], joins: &[Join], catalog: &Catalog) -> Vec<(usize, Vec<ColumnId>)> {
    let used: Vec<usize> = joins.iter().flat_map(|join| [join.from.table, join.to.table]).collect();
    let mut found: Vec<(usize, Vec<ColumnId>)> = Vec::new();
    for (place, left) in relations.iter().enumerate() {
        for right in &relations[place + 1..] {
            for join in catalog.joins().at(*left) {
                let between = join.other(*left);
                if used.contains(&between) || found.iter().any(|(known, _)| *known == between) {
                    continue;
                }
                let onward = catalog.joins().at(between).iter().find(|next| next.other(between) == *right);
                if let Some(onward) = onward {
                    found.push((between, vec![join.from, onward.from]));
                }
            }
        }
    }
    found
}
