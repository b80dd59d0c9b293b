//! Follow-up questions: changes to the query before.

use chrono::NaiveDateTime;

use crate::grounding::words::Token;
use crate::grounding::{Catalog, ColumnId};

use super::ir::{Condition, Item, Operand, Order, Query, Term};
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
    "by",
    "per",
    "for each",
    "broken down",
    "in ascending",
    "how many is that",
    "how many are that",
    "how many are those",
    "how many of",
    "what is the average",
    "the average",
    "give me the average",
];
/// Openings that a question of its own may have, too: "top 5 customers by revenue".
const OF_ITS_OWN: &[&str] = &["top", "how many of", "what is the average", "the average", "give me the average"];
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
/// Words that only say that the query before is changed.
const LEADING: &[&str] = &[
    "filter", "narrow", "restrict", "limit", "remove", "keep", "add", "include", "exclude", "instead", "results",
    "result", "again", "about", "also", "change", "switch", "rows", "drop", "reverse",
];
const PRONOUNS: &[&str] = &["those", "them", "these", "it", "they", "that", "ones", "their"];

/// The changed query, where the question is a follow-up and changes something.
#[must_use]
pub fn edit(tokens: &[Token], before: &Query, catalog: &Catalog, now: NaiveDateTime) -> Option<(Query, Vec<String>)> {
    let words: Vec<&str> = tokens.iter().map(|token| token.lower.as_str()).collect();
    if !leans(&words) {
        return None;
    }
    // What is said of a count of rows is said of these rows.
    let before = before.of.as_deref().unwrap_or(before);
    let replace = ["what about", "how about", "instead", "and in", "and for", "same"].iter().any(|opening| {
        let text = words.join(" ");
        text.starts_with(opening) || text.contains("instead")
    });
    let text = words.join(" ");
    let may_stand_alone = starts_with(&text, OF_ITS_OWN) && !words.iter().any(|word| PRONOUNS.contains(word));
    let mut best: Option<(f32, Query, Vec<String>)> = None;
    for (place, cut) in lattice::cuts(tokens, catalog, now, CUTS).into_iter().enumerate() {
        let mut draft = read_from(opening(&text), &cut.chunks, tokens, catalog);
        if may_stand_alone && place == 0 && names_others(&draft, before) {
            return None;
        }
        steady(&mut draft, before);
        let Some(planned) = plan(&draft, catalog, None) else { continue };
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

/// Whether a word only says that the query before is changed.
#[must_use]
pub fn leads(word: &str) -> bool {
    LEADING.contains(&word) || PRONOUNS.contains(&word) || crate::grounding::lexicon::is_overlooked(word)
}

/// The clause that the first words belong to.
fn opening(text: &str) -> Mode {
    if starts_with(text, NARROWING) {
        Mode::Filter
    } else if starts_with(
        text,
        &["sort", "order", "sorted", "ordered", "and sort", "now sort", "then sort", "and order"],
    ) {
        Mode::Order
    } else {
        Mode::Head
    }
}

/// Whether the question opens like one that means nothing without the one before.
#[must_use]
pub fn opens(tokens: &[Token]) -> bool {
    let words: Vec<&str> = tokens.iter().map(|token| token.lower.as_str()).collect();
    let points = |word: &&str| ["those", "them", "these"].contains(word);
    begins(&words) || words.iter().any(points) && words.len() <= 12
}

fn begins(words: &[&str]) -> bool {
    starts_with(&words.join(" "), OPENINGS)
}

fn starts_with(text: &str, openings: &[&str]) -> bool {
    openings
        .iter()
        .any(|opening| text.strip_prefix(opening).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

/// Whether the words ask for rows of a table that the query before does not read.
fn names_others(draft: &Draft, before: &Query) -> bool {
    let relations = before.relations();
    let asked = draft.picks.iter().filter_map(|pick| match pick.noun {
        Noun::Table(table) => Some(table),
        _ => None,
    });
    asked.chain(draft.main).any(|table| !relations.contains(&table))
}

fn leans(words: &[&str]) -> bool {
    begins(words) || words.iter().any(|word| PRONOUNS.contains(word)) && words.len() <= 12
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
    let unsaid = draft.tests.iter().all(|test| test.subject.is_none());
    for mut condition in new.filter {
        if let (Some(day), Some(known)) = (dated(&condition), before.filter.iter().find_map(dated))
            && unsaid
            && day != known
        {
            // A period without a column is one of what was dated before.
            move_to(&mut condition, known);
        }
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
        if words.first() == Some(&"top") && query.order.is_empty() {
            query.order.push(by_its_figure(&query)?);
        }
    }
    let counts = |pick: &Pick| pick.aggregate.is_some();
    let how_many = words.windows(2).any(|pair| pair == ["how", "many"]) || words.contains(&"count");
    if how_many && draft.picks.iter().all(counts) && draft.groups.is_empty() {
        query = counted(query, catalog);
    } else if draft.picks.iter().any(counts) {
        query.select = new.select;
        (query.order, query.limit, query.group) = (Vec::new(), None, new.group.clone());
    } else if !draft.picks.is_empty() {
        if divides(words) && query.select.iter().all(|item| item.aggregate.is_none()) {
            query = counted(query, catalog);
        }
        for item in new.select {
            shown(&mut query, item);
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

/// The order that "top 3" means where none was said: by the one figure that is shown, largest first.
fn by_its_figure(query: &Query) -> Option<Order> {
    let mut figures = query.select.iter().filter(|item| item.aggregate.is_some());
    let item = figures.next()?.clone();
    figures.next().is_none().then_some(Order { item, descending: true })
}

/// Whether the first words ask for groups: "by country", "for each store".
fn divides(words: &[&str]) -> bool {
    let words = words.strip_prefix(&["and"]).unwrap_or(words);
    matches!(words, ["by" | "per", ..] | ["for", "each" | "every", ..] | ["broken", "down", ..])
}

/// Shows `item` as well: beside an aggregate it is what the rows are divided by, and stands first.
fn shown(query: &mut Query, item: Item) {
    if query.select.contains(&item) {
        return;
    }
    let is_aggregated = query.select.iter().any(|item| item.aggregate.is_some());
    if item.aggregate.is_some() || !is_aggregated {
        query.select.push(item);
        return;
    }
    let place = query.select.iter().take_while(|item| item.aggregate.is_none()).count();
    query.group.push(item.term.clone());
    query.select.insert(place, item);
}

/// The column that a condition compares with days.
fn dated(condition: &Condition) -> Option<ColumnId> {
    match condition {
        Condition::Compare {
            left: Item { aggregate: None, term: Term::Column(id), .. },
            right: Operand::Day(_),
            ..
        }
        | Condition::Between {
            left: Item { aggregate: None, term: Term::Column(id), .. }, low: Operand::Day(_), ..
        } => Some(*id),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().find_map(dated),
        _ => None,
    }
}

/// The same days of another column.
fn move_to(condition: &mut Condition, column: ColumnId) {
    match condition {
        Condition::Compare { left, right: Operand::Day(_), .. }
        | Condition::Between { left, low: Operand::Day(_), .. } => {
            left.term = Term::Column(column);
        }
        Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().for_each(|part| move_to(part, column)),
        _ => {}
    }
}

fn group_term(noun: &Noun, catalog: &Catalog) -> Option<Term> {
    match noun {
        Noun::Column(mention) => mention.rivals.first().map(|(column, _)| Term::Column(*column)),
        Noun::Table(table) => catalog.names().label(*table).first().map(|column| Term::Column(*column)),
        _ => None,
    }
}

/// How many rows the query has.
fn counted(mut query: Query, catalog: &Catalog) -> Query {
    let shown: Vec<Term> = query.select.iter().map(|item| item.term.clone()).collect();
    let keys = if query.group.is_empty() { shown } else { query.group.clone() };
    let is_divided = !query.group.is_empty() || query.distinct;
    let is_one_key = matches!(keys.as_slice(), [Term::Column(id)] if !catalog.column(*id).nullable);
    if query.limit.is_some() || query.set.is_some() || is_divided && !(is_one_key && query.having.is_empty()) {
        return rows_of(query, catalog);
    }
    if query.joined.is_some() && !is_divided {
        // As many as are shown, however often one stands there.
        query.tables = query.relations().into_vec();
        query.select = vec![Item::count()];
    } else if let Some(term) = keys.into_iter().next().filter(|_| is_divided) {
        // The number of groups is the number of different keys.
        query.select = vec![Item { aggregate: Some(super::ir::Aggregate::Count), distinct: true, term }];
    } else {
        let key = query.relations().first().and_then(|table| {
            let mut keys = catalog.columns_of(*table).filter(|id| catalog.is_key(*id));
            keys.next().filter(|_| keys.next().is_none())
        });
        query.select =
            vec![key.map_or_else(Item::count, |key| Item::of(super::ir::Aggregate::Count, Term::Column(key)))];
    }
    (query.group, query.order, query.limit, query.distinct) = (Vec::new(), Vec::new(), None, false);
    query
}

/// A count of the rows of `query`, as many as it gives.
fn rows_of(mut query: Query, catalog: &Catalog) -> Query {
    if query.limit.is_none() {
        query.order.clear();
    }
    if query.group.is_empty() && !query.distinct && query.set.is_none() && !query.is_aggregate() {
        // Columns of joined tables may have one name, which not every engine takes in a query inside.
        query.tables = query.relations().into_vec();
        let first = query.tables.first().and_then(|table| catalog.columns_of(*table).next());
        query.select = first.map(Item::column).into_iter().collect();
    }
    Query { select: vec![Item::count()], of: Some(Box::new(query)), ..Query::default() }
}
