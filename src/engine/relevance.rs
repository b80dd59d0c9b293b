//! Which tables a question is about, when there are more than a prompt should hold.

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::NaiveDateTime;

use super::Ask;
use crate::grounding::Catalog;
use crate::grounding::join::JoinGraph;
use crate::grounding::lexicon::is_stop;
use crate::grounding::link::{Link, Target};
use crate::grounding::words::tokenize;

/// How much a span of the question counts for the table that it means, or that holds what it means.
const TABLE: f64 = 4.0;
const VALUE: f64 = 3.0;
const COLUMN: f64 = 2.0;
const COMMENT: f64 = 1.0;
/// A table of an earlier statement: a follow-up mostly stays with it.
const IN_EARLIER_STATEMENT: f64 = 6.0;
/// Earlier turns that a follow-up looks back on.
const TURNS: usize = 3;
/// The share of the best table's score from which on a table matters.
const MATTERS: f64 = 0.25;
/// A table with more columns than this is shown in part.
pub(super) const WIDE: usize = 12;
/// Columns up to which tables are shown that nothing in the question speaks of.
const FEW_COLUMNS: usize = 24;
/// From this score on a link is the table's own name and not a part of it.
const ITS_NAME: f32 = 0.9;

/// The places of at most `limit` tables, those that matter for the question and those that join them, in
/// the order of the schema; `None`: all. A table that matters little is shown only while there are few columns:
/// each costs the model tokens and attention. What the statement `draft` reads matters.
pub(super) fn relevant(ask: &Ask<'_>, draft: Option<&str>, limit: Option<usize>) -> Vec<usize> {
    let tables = &ask.catalog.schema().tables;
    let width = |table: &usize| tables[*table].columns.len().min(WIDE);
    let all = 0..tables.len();
    let Some(limit) = limit else { return all.collect() };
    if tables.len() <= limit && all.clone().map(|table| width(&table)).sum::<usize>() <= FEW_COLUMNS {
        return all.collect();
    }
    let scores = scores(ask, draft);
    let links = neighbours(ask.catalog.joins(), tables.len());
    let mut order: Vec<usize> = all.collect();
    // Among equals the better connected one: it is more often the one a question needs.
    order.sort_by(|&left, &right| {
        scores[right].total_cmp(&scores[left]).then(links[right].len().cmp(&links[left].len())).then(left.cmp(&right))
    });
    let enough = order.first().map_or(0.0, |best| scores[*best] * MATTERS);
    let mut chosen = HashSet::new();
    for &table in order.iter().filter(|&&table| scores[table] > 0.0 && scores[table] >= enough) {
        let path = path(&links, &chosen, table).filter(|path| chosen.len() + path.len() <= limit);
        match path {
            Some(path) => chosen.extend(path),
            None if chosen.len() < limit => {
                chosen.insert(table);
            }
            None => break,
        }
    }
    let is_near = |table: &usize, chosen: &HashSet<usize>| links[*table].iter().any(|link| chosen.contains(link));
    let near: Vec<usize> = order.iter().copied().filter(|table| is_near(table, &chosen)).collect();
    for table in near.into_iter().chain(order) {
        let shown: usize = chosen.iter().map(width).sum();
        if chosen.len() < limit && (chosen.is_empty() || shown + width(&table) <= FEW_COLUMNS) {
            chosen.insert(table);
        }
    }
    let mut chosen: Vec<usize> = chosen.into_iter().collect();
    chosen.sort_unstable();
    chosen
}

/// The places of at most `limit` tables, best first: those that the question speaks of with those that join them, then
/// those that a join leads to. Where it speaks of none, the first ones.
#[must_use]
pub fn most_relevant(question: &str, catalog: &Catalog, limit: usize) -> Vec<usize> {
    let tables = catalog.schema().tables.len();
    let scores = scores(&Ask::new(question, catalog, NaiveDateTime::default()), None);
    let links = neighbours(catalog.joins(), tables);
    let mut order: Vec<usize> = (0..tables).collect();
    order.sort_by(|&left, &right| scores[right].total_cmp(&scores[left]).then(left.cmp(&right)));
    let enough = order.first().map_or(0.0, |best| scores[*best] * MATTERS);
    let mut best: Vec<usize> = Vec::new();
    for &table in order.iter().filter(|&&table| scores[table] > 0.0 && scores[table] >= enough) {
        let chosen: HashSet<usize> = best.iter().copied().collect();
        match path(&links, &chosen, table).filter(|path| best.len() + path.len() <= limit) {
            Some(path) => best.extend(path),
            None if best.len() < limit => best.push(table),
            None => break,
        }
    }
    if best.is_empty() {
        return (0..tables.min(limit)).collect();
    }
    for place in 0..best.len() {
        for &near in &links[best[place]] {
            if best.len() < limit && !best.contains(&near) {
                best.push(near);
            }
        }
    }
    best.truncate(limit);
    best
}

/// How many tables the question calls by name.
pub(super) fn named_tables(ask: &Ask<'_>) -> usize {
    let named = |link: &Link| match link.target {
        Target::Table(table) if link.score >= ITS_NAME => Some(table),
        _ => None,
    };
    ask.linked().links.iter().filter_map(named).collect::<HashSet<_>>().len()
}

/// How much each table has to do with the question.
fn scores(ask: &Ask<'_>, draft: Option<&str>) -> Vec<f64> {
    let schema = ask.catalog.schema();
    let mut spans: HashMap<(usize, usize), HashMap<usize, f64>> = HashMap::new();
    for link in &ask.linked().links {
        let (table, weight) = match link.target {
            Target::Table(table) => (table, TABLE),
            Target::Column(column) => (column.table, COLUMN),
            Target::Value { column, .. } => (column.table, VALUE),
        };
        let best = spans.entry((link.start, link.end)).or_default().entry(table).or_default();
        *best = best.max(weight * f64::from(link.score));
    }
    let mut scores = vec![0.0; schema.tables.len()];
    for tables in spans.values().chain(&comments(ask)) {
        // A span that means something in every table tells nothing, like `name` or `id`.
        #[expect(clippy::cast_precision_loss, reason = "no schema has 2^52 tables")]
        let shared = tables.len() as f64;
        for (table, weight) in tables {
            scores[*table] += weight / shared;
        }
    }
    let earlier = statements(ask, draft);
    for (score, table) in scores.iter_mut().zip(&schema.tables) {
        let name = table.name.to_lowercase();
        if earlier.iter().any(|sql| mentions(sql, &name)) {
            *score += IN_EARLIER_STATEMENT;
        }
    }
    scores
}

/// The statements that this one may resemble, in lower case: of earlier turns, the one that failed, `draft`.
pub(super) fn statements(ask: &Ask<'_>, draft: Option<&str>) -> Vec<String> {
    let turns = ask.conversation.iter().rev().take(TURNS).filter_map(|turn| turn.sql.as_deref());
    turns.chain(ask.failure.map(|failure| failure.sql.as_str())).chain(draft).map(str::to_lowercase).collect()
}

/// For each telling word of the question the tables that have it in a comment.
fn comments(ask: &Ask<'_>) -> Vec<HashMap<usize, f64>> {
    let linked = ask.linked();
    let mut found: HashMap<&str, HashMap<usize, f64>> = linked
        .tokens
        .iter()
        .filter(|token| token.lemma.chars().count() > 2 && !is_stop(&token.lemma))
        .map(|token| (token.lemma.as_str(), HashMap::new()))
        .collect();
    for (index, table) in ask.catalog.schema().tables.iter().enumerate() {
        for comment in table.columns.iter().filter_map(|column| column.comment.as_ref()).chain(&table.comment) {
            for token in tokenize(comment) {
                if let Some(tables) = found.get_mut(token.lemma.as_str()) {
                    tables.insert(index, COMMENT);
                }
            }
        }
    }
    found.into_values().collect()
}

/// The tables that one join leads to, for each table.
fn neighbours(joins: &JoinGraph, tables: usize) -> Vec<Vec<usize>> {
    (0..tables).map(|table| joins.at(table).iter().map(|join| join.other(table)).collect()).collect()
}

/// The tables to add so that `to` is joined to one that is already chosen; itself alone when none
/// is chosen yet, `None` when no path leads there.
fn path(links: &[Vec<usize>], chosen: &HashSet<usize>, to: usize) -> Option<Vec<usize>> {
    if chosen.is_empty() || chosen.contains(&to) {
        return Some(if chosen.contains(&to) { Vec::new() } else { vec![to] });
    }
    let mut before: HashMap<usize, usize> = HashMap::from([(to, to)]);
    let mut queue = VecDeque::from([to]);
    while let Some(table) = queue.pop_front() {
        if chosen.contains(&table) {
            let mut path = Vec::new();
            let mut step = table;
            while step != to {
                step = before[&step];
                path.push(step);
            }
            return Some(path);
        }
        for &next in &links[table] {
            before.entry(next).or_insert_with(|| {
                queue.push_back(next);
                table
            });
        }
    }
    None
}

/// Whether `name` stands in `sql` as a word of its own.
pub(super) fn mentions(sql: &str, name: &str) -> bool {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    sql.match_indices(name).any(|(at, _)| !sql[..at].ends_with(inside) && !sql[at + name.len()..].starts_with(inside))
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn mentions_whole_names_only() {
        assert!(mentions("select * from \"orders\" o", "orders"));
        assert!(!mentions("select * from customer_orders", "orders"));
    }
}
