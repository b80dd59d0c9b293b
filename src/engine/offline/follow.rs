//! Follow-up questions: changes to the query before.

use chrono::NaiveDateTime;

use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::ir::{Condition, Item, Query, Term};
use super::parse::draft::{Draft, Noun, Pick};
use super::parse::{Mode, lattice, read_from};
use super::plan::{Planned, plan};

/// Ways to cut the follow-up that are read.
const CUTS: usize = 8;

/// Openings that lean on what was asked before.
const OPENINGS: &[&str] = &[
    "and",
    "what about",
    "how about",
    "only",
    "just",
    "filter",
    "sort",
    "order",
    "now",
    "also",
    "then",
    "but",
    "of those",
    "of these",
    "of them",
    "which of",
    "show only",
    "limit",
    "the same",
    "same",
    "instead",
    "add",
    "include",
    "with their",
    "make it",
    "for those",
    "among",
    "exclude",
    "without the",
    "group",
    "sorted",
    "ordered",
    "top",
    "in descending",
    "in ascending",
    "how many is that",
    "how many are that",
    "how many are those",
    "how many of",
    "what is the average",
    "the average",
    "give me the average",
];
/// Openings after which conditions follow.
const NARROWING: &[&str] = &[
    "filter",
    "only",
    "just",
    "show only",
    "only those",
    "only show",
    "what about",
    "how about",
    "and in",
    "and for",
    "and from",
    "which of",
    "exclude",
    "without",
    "of those",
    "of these",
    "among",
    "for those",
    "but",
    "now",
    "except",
];
const PRONOUNS: &[&str] = &["those", "them", "these", "it", "they", "that", "ones", "their"];

/// The changed query, where the question is a follow-up and changes something.
#[must_use]
pub fn edit(tokens: &[Token], before: &Query, catalog: &Catalog, now: NaiveDateTime) -> Option<(Query, Vec<String>)> {
    let words: Vec<&str> = tokens.iter().map(|token| token.lower.as_str()).collect();
    if !leans(&words) {
        return None;
    }
    let replace = ["what about", "how about", "instead", "and in", "and for", "same"].iter().any(|opening| {
        let text = words.join(" ");
        text.starts_with(opening) || text.contains("instead")
    });
    let text = words.join(" ");
    let mut best: Option<(f32, Query, Vec<String>)> = None;
    for cut in lattice::cuts(tokens, catalog, now, CUTS) {
        let mut draft = read_from(opening(&text), &cut.chunks, tokens, catalog);
        steady(&mut draft, before);
        let Some(planned) = plan(&draft, catalog) else { continue };
        let score = cut.score + planned.fit - draft.loose;
        let unexplained = draft.unexplained.clone();
        if let Some(query) = merged(before, &draft, planned, &words, replace, catalog)
            && best.as_ref().is_none_or(|(known, ..)| score > *known)
        {
            best = Some((score, query, unexplained));
        }
    }
    best.map(|(_, query, unexplained)| (query, unexplained))
}

/// The clause that the first words belong to.
fn opening(text: &str) -> Mode {
    let begins =
        |list: &[&str]| list.iter().any(|opening| text == *opening || text.starts_with(&format!("{opening} ")));
    if begins(NARROWING) {
        Mode::Filter
    } else if begins(&["sort", "order", "sorted", "ordered", "and sort", "now sort", "then sort", "and order"]) {
        Mode::Order
    } else {
        Mode::Head
    }
}

fn leans(words: &[&str]) -> bool {
    let text = words.join(" ");
    let opens = OPENINGS.iter().any(|opening| text == *opening || text.starts_with(&format!("{opening} ")));
    opens || words.iter().any(|word| PRONOUNS.contains(word)) && words.len() <= 12
}

/// The follow-up speaks of the tables before, unless it says otherwise.
fn steady(draft: &mut Draft, before: &Query) {
    let relations = before.relations();
    let Some(main) = relations.first().copied() else { return };
    draft.main = Some(main);
    for table in relations {
        if !draft.tables.contains(&table) {
            draft.tables.push(table);
        }
    }
    draft.picks.retain(|pick| pick.noun != Noun::Table(main) || pick.aggregate.is_some());
}

fn merged(
    before: &Query,
    draft: &Draft,
    planned: Planned,
    words: &[&str],
    replace: bool,
    catalog: &Catalog,
) -> Option<Query> {
    let new = planned.query;
    let mut query = before.clone();
    for condition in new.filter {
        let same = |old: &Condition| !old.tables().is_empty() && old.terms().first() == condition.terms().first();
        if replace || matches!(condition, Condition::Compare { operator: super::ir::Operator::Equal, .. }) {
            query.filter.retain(|old| !same(old));
        }
        query.filter.push(condition);
    }
    query.having.extend(new.having);
    if !new.order.is_empty() {
        query.order = new.order;
    }
    if let Some(limit) = new.limit {
        query.limit = Some(limit);
    }
    let counts = |pick: &Pick| pick.aggregate.is_some();
    let how_many = words.windows(2).any(|pair| pair == ["how", "many"]) || words.contains(&"count");
    if how_many && draft.picks.iter().all(counts) && draft.groups.is_empty() {
        query = counted(query);
    } else if draft.picks.iter().any(counts) {
        query.select = new.select;
        (query.order, query.limit, query.group) = (Vec::new(), None, new.group.clone());
    } else if !draft.picks.is_empty() {
        for item in new.select {
            if !query.select.contains(&item) {
                query.select.push(item);
            }
        }
    }
    if !draft.groups.is_empty() || draft.grain.is_some() {
        let aggregates: Vec<Item> = query.select.iter().filter(|item| item.aggregate.is_some()).cloned().collect();
        let aggregates = if aggregates.is_empty() { vec![Item::count()] } else { aggregates };
        let terms: Vec<Term> = if new.group.is_empty() {
            draft.groups.iter().filter_map(|noun| group_term(noun, catalog)).collect()
        } else {
            new.group
        };
        query.select = terms.iter().cloned().map(Item::term).chain(aggregates).collect();
        query.group = terms;
        query.order.clear();
    }
    (query != *before).then_some(query)
}

fn group_term(noun: &Noun, catalog: &Catalog) -> Option<Term> {
    match noun {
        Noun::Column(mention) => mention.rivals.first().map(|(column, _)| Term::Column(*column)),
        Noun::Table(table) => {
            catalog.names().label(catalog.schema(), *table).first().map(|column| Term::Column(*column))
        }
        _ => None,
    }
}

/// How many rows the query has.
fn counted(mut query: Query) -> Query {
    if !query.group.is_empty() || query.distinct {
        // The number of groups is the number of different keys.
        let key = query.group.first().cloned().or_else(|| query.select.first().map(|item| item.term.clone()));
        if let Some(term) = key.filter(|_| query.having.is_empty()) {
            query.select = vec![Item { aggregate: Some(super::ir::Aggregate::Count), distinct: true, term }];
        }
    } else {
        query.select = vec![Item::count()];
    }
    (query.group, query.order, query.limit, query.distinct) = (Vec::new(), Vec::new(), None, false);
    query
}
