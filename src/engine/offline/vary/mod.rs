//! What a reading could also mean: the same question with one decision of the plan taken the other way.

mod added;
mod ordered;
mod swapped;

use crate::grounding::{Catalog, ColumnId};

use super::features::roles::Roles;
use super::ir::{Aggregate, Condition, Item, Operand, Operator, Query, SetOperator, Term};
use super::parse::lattice::{Chunk, Cut, Kind};

/// Unused columns that are tried.
const UNUSED: usize = 3;
/// How well a name must fit to ask for a part.
const SAID: f32 = 0.6;
/// How much worse a rival may fit whose table takes part already.
const NEAR: f32 = 0.3;
/// Items of a select list that are left out in turn.
const LEFT_OUT: usize = 4;

/// Which decision was taken the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// None: the query as planned.
    Planned,
    /// Another column, value or table for the same words.
    Rival,
    /// Equal rows are shown once, or each.
    Distinct,
    /// Different values are counted, or all.
    CountDistinct,
    /// A column that holds a number is summed, or shown, not counted.
    Measure,
    /// A table that only the words name takes no part.
    Unjoined,
    /// One shown item less.
    Fewer,
    /// What rows are ordered or chosen by is shown as well.
    More,
    /// A row is shown by another column.
    Label,
    /// Groups by the name, or by the key behind it.
    Group,
    /// Both of two values at once, or either.
    Both,
    /// A column that is named and has no part is shown, grouped by or counted.
    Added,
    /// Another order, another end of it, or none.
    Order,
    /// The same clauses, put together in another way.
    Composed,
}

impl Change {
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::Planned, "planned"),
        (Self::Rival, "rival"),
        (Self::Distinct, "other distinct"),
        (Self::CountDistinct, "other count"),
        (Self::Measure, "other measure"),
        (Self::Unjoined, "unjoined"),
        (Self::Fewer, "fewer shown"),
        (Self::More, "more shown"),
        (Self::Label, "other label"),
        (Self::Group, "other group"),
        (Self::Both, "other set"),
        (Self::Added, "added"),
        (Self::Order, "other order"),
        (Self::Composed, "composed"),
    ];
}

/// The queries that differ from `query`, read from `cut`, in one decision.
#[must_use]
pub fn variants(query: &Query, cut: &Cut, catalog: &Catalog) -> Vec<(Change, Query)> {
    let mut found = Vec::new();
    distinct(query, catalog, &mut found);
    counts(query, catalog, &mut found);
    tables(query, &mut found);
    semi_joins(query, &mut found);
    shown(query, cut, catalog, &mut found);
    labels(query, catalog, &mut found);
    groups(query, catalog, &mut found);
    sets(query, &mut found);
    swapped::swapped(query, cut, catalog, &mut found);
    added::added(query, cut, catalog, &mut found);
    ordered::ordered(query, cut, catalog, &mut found);
    found
}

/// The best reading of each column that is named and has no part in the query.
fn unused(query: &Query, cut: &Cut) -> Vec<ColumnId> {
    let roles = Roles::of(query);
    let mut found: Vec<ColumnId> = Vec::new();
    for chunk in &cut.chunks {
        if let Chunk { kind: Kind::Column(rivals), .. } = chunk
            && rivals[0].1 >= SAID
            && rivals.iter().all(|(id, _)| roles.column(*id) == 0)
        {
            // Of its rivals those of a table that takes part come first.
            let near = rivals.iter().find(|(id, score)| roles.table(id.table) != 0 && score + NEAR > rivals[0].1);
            let (id, _) = near.unwrap_or(&rivals[0]);
            if !found.contains(id) {
                found.push(*id);
            }
        }
    }
    found.truncate(UNUSED);
    found
}

fn with(query: &Query, change: impl FnOnce(&mut Query)) -> Query {
    let mut query = query.clone();
    change(&mut query);
    query
}

/// Names and keys stand for rows, and two rows may share a name: those are not made one.
fn distinct(query: &Query, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    if query.is_aggregate() || !query.group.is_empty() || query.set.is_some() {
        return;
    }
    let attribute = |item: &Item| match item.term {
        Term::Column(id) => !catalog.is_key(id) && !catalog.names().label(id.table).contains(&id),
        _ => false,
    };
    let orderly = query.order.iter().all(|order| query.select.contains(&order.item));
    if query.distinct || orderly && query.select.iter().all(attribute) {
        found.push((Change::Distinct, with(query, |query| query.distinct = !query.distinct)));
    }
}

fn counts(query: &Query, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    for (place, item) in query.select.iter().enumerate() {
        let (Some(Aggregate::Count), Term::Column(id)) = (item.aggregate, &item.term) else { continue };
        if catalog.is_key(*id) {
            continue;
        }
        found.push((Change::CountDistinct, with(query, |query| query.select[place].distinct = !item.distinct)));
        if catalog.is_numeric(*id) && !catalog.joins().is_reference(*id) {
            for aggregate in [Some(Aggregate::Sum), None] {
                let measured = Item { aggregate, distinct: false, term: item.term.clone() };
                found.push((Change::Measure, with(query, |query| query.select[place] = measured)));
            }
        }
    }
}

fn tables(query: &Query, found: &mut Vec<(Change, Query)>) {
    for place in 0..query.tables.len() {
        let fewer = with(query, |query| {
            query.tables.remove(place);
        });
        let left = fewer.relations();
        if !left.is_empty() && !left.contains(&query.tables[place]) {
            found.push((Change::Unjoined, fewer));
        }
    }
}

/// Conditions that only say that a partner is there.
fn semi_joins(query: &Query, found: &mut Vec<(Change, Query)>) {
    for (place, condition) in query.filter.iter().enumerate() {
        if let Condition::Among { query: inner, negated: false, .. } = condition
            && inner.filter.iter().all(|condition| matches!(condition, Condition::Null { .. }))
            && inner.having.is_empty()
        {
            found.push((
                Change::Unjoined,
                with(query, |query| {
                    query.filter.remove(place);
                }),
            ));
        }
    }
}

/// Whether something of what is shown but the item at `place` was asked for.
fn leaves_something_said(query: &Query, place: usize, cut: &Cut) -> bool {
    let said = |id: &ColumnId| {
        let named = |rivals: &[(ColumnId, f32)]| rivals.iter().any(|(rival, _)| rival == id);
        cut.chunks.iter().any(|chunk| matches!(&chunk.kind, Kind::Column(rivals) if named(rivals)))
    };
    let others = query.select.iter().enumerate().filter(|(other, _)| *other != place);
    others.into_iter().any(|(_, item)| item.is_aggregate() || item.term.columns().iter().any(said))
}

fn shown(query: &Query, cut: &Cut, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    if query.select.len() > 1 && query.set.is_none() {
        for place in 0..query.select.len().min(LEFT_OUT) {
            let only_figure = query.select.iter().filter(|item| item.is_aggregate()).count() == 1
                && query.select[place].is_aggregate()
                && query.order.is_empty()
                && query.having.is_empty();
            if only_figure
                || !leaves_something_said(query, place, cut)
                || query.order.iter().any(|order| order.item == query.select[place])
                || is_half(&query.select[place], catalog)
            {
                continue;
            }
            found.push((
                Change::Fewer,
                with(query, |query| {
                    query.select.remove(place);
                }),
            ));
        }
    }
    if query.distinct || query.set.is_some() {
        return;
    }
    let ordered = query.order.iter().map(|order| &order.item);
    let tested = query.having.iter().filter_map(|condition| match condition {
        Condition::Compare { left, .. } => Some(left),
        _ => None,
    });
    for item in ordered.chain(tested) {
        let grouped = !query.group.is_empty() || !query.is_aggregate() && item.aggregate.is_none();
        if grouped && !query.select.contains(item) {
            found.push((Change::More, with(query, |query| query.select.push(item.clone()))));
        }
    }
}

/// Whether an item is one part of a name that has several, such as a first name.
fn is_half(item: &Item, catalog: &Catalog) -> bool {
    let (None, Term::Column(id)) = (item.aggregate, &item.term) else { return false };
    let label = catalog.names().label(id.table);
    label.len() > 1 && label.contains(id)
}

fn labels(query: &Query, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    for (place, item) in query.select.iter().enumerate() {
        let (None, Term::Column(id)) = (item.aggregate, &item.term) else { continue };
        let label = catalog.names().label(id.table);
        if !label.contains(id) || label.len() > 1 || query.set.is_some() {
            continue;
        }
        let key = catalog.columns_of(id.table).find(|other| catalog.is_key(*other));
        let texts = catalog.columns_of(id.table).filter(|other| {
            !catalog.is_numeric(*other) && !catalog.is_temporal(*other) && !catalog.joins().is_reference(*other)
        });
        let mut others: Vec<ColumnId> = key.into_iter().chain(texts.take(2)).collect();
        others.retain(|other| other != id && !query.select.contains(&Item::column(*other)));
        others.dedup();
        for other in others {
            found.push((Change::Label, with(query, |query| query.select[place] = Item::column(other))));
        }
    }
}

fn groups(query: &Query, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    let [Term::Column(group)] = query.group.as_slice() else { return };
    let plain: Vec<Term> =
        query.select.iter().filter(|item| item.aggregate.is_none()).map(|item| item.term.clone()).collect();
    if catalog.is_key(*group) && !plain.contains(&query.group[0]) && !plain.is_empty() {
        // Every shown item is a key of the group anyway; without the row's own key, equal names fall together.
        if plain.iter().all(|term| matches!(term, Term::Column(id) if id.table != group.table)) {
            found.push((Change::Group, with(query, |query| query.group = plain)));
        }
    } else if !catalog.is_key(*group) && catalog.names().label(group.table).contains(group) {
        let key = catalog.columns_of(group.table).find(|id| catalog.is_key(*id));
        if let Some(key) = key {
            found.push((Change::Group, with(query, |query| query.group = vec![Term::Column(key)])));
        }
    }
}

fn sets(query: &Query, found: &mut Vec<(Change, Query)>) {
    if let Some((SetOperator::Intersect, other)) = &query.set
        && let (Some(first), Some(second)) = (query.filter.last(), other.filter.last())
    {
        let either = Condition::Any(vec![first.clone(), second.clone()]);
        found.push((
            Change::Both,
            with(query, |query| {
                query.set = None;
                query.filter.pop();
                query.filter.push(either);
            }),
        ));
    }
    if query.set.is_some() || query.is_aggregate() || !query.group.is_empty() || query.limit.is_some() {
        return;
    }
    let equal = |condition: &Condition| {
        matches!(condition, Condition::Compare { operator: Operator::Equal, right: Operand::Text(_), .. })
    };
    for (place, condition) in query.filter.iter().enumerate() {
        let Condition::Any(parts) = condition else { continue };
        if let [first, second] = parts.as_slice()
            && equal(first)
            && equal(second)
        {
            let mut other = with(query, |query| query.filter[place] = second.clone());
            other.order.clear();
            found.push((
                Change::Both,
                with(query, |query| {
                    query.filter[place] = first.clone();
                    query.order.clear();
                    query.set = Some((SetOperator::Intersect, Box::new(other)));
                }),
            ));
        }
    }
}
