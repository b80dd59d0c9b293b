//! What a plan could also mean where the grammar leaves it open: the same clauses, put together in another way.

use crate::engine::offline::ir::{Aggregate, Condition, Item, Operand, Operator, Order, Query, SetOperator, Term};
use crate::engine::offline::parse::draft::{Draft, Noun};
use crate::grounding::{Catalog, ColumnId};

use super::{path, universal};

/// The other queries that a reading may mean beside `query`.
#[must_use]
pub fn others(query: &Query, draft: &Draft, catalog: &Catalog) -> Vec<Query> {
    let mut found = Vec::new();
    if query.set.is_none() {
        found.extend(path::others(query, draft, catalog));
        found.extend(described(query, draft));
        found.extend(apart(query, catalog));
        found.extend(tied(query));
        found.extend(nested_group(query, catalog));
        found.extend(each_peak(query, draft, catalog));
        found.extend(both_numbers(query));
        found.extend(both_ends(query));
        found.extend(by_values(query));
        found.extend(regrouped(query));
        found.extend(joined_lists(query, draft));
        found.extend(barely_absent(query));
        found.extend(each_once(query, catalog));
        found.extend(different(query, draft));
        found.extend(universal::all_of_them(query, draft, catalog));
    }
    found
}

fn with(query: &Query, change: impl FnOnce(&mut Query)) -> Query {
    let mut query = query.clone();
    change(&mut query);
    query
}

fn plain_columns(query: &Query) -> Option<Vec<ColumnId>> {
    query
        .select
        .iter()
        .map(|item| match (item.aggregate, &item.term) {
            (None, Term::Column(id)) => Some(*id),
            _ => None,
        })
        .collect()
}

/// "countries without any friendly match": by what is shown, no row of it may meet the condition.
fn apart(query: &Query, catalog: &Catalog) -> Option<Query> {
    let shown = plain_columns(query)?;
    if !query.group.is_empty() || query.limit.is_some() || shown.iter().any(|id| catalog.is_key(*id)) {
        return None;
    }
    // Names stand for rows, and of two rows with one name only one may meet the condition.
    if shown.iter().any(|id| catalog.names().label(id.table).contains(id)) {
        return None;
    }
    let place = query.filter.iter().position(|condition| positive(condition).is_some())?;
    let met = positive(&query.filter[place])?;
    let mut other = with(query, |query| query.filter[place] = met);
    other.order.clear();
    Some(with(query, |query| {
        query.filter.remove(place);
        query.order.clear();
        query.distinct = false;
        query.set = Some((SetOperator::Except, Box::new(other)));
    }))
}

/// What a negated condition denies.
fn positive(condition: &Condition) -> Option<Condition> {
    Some(match condition {
        Condition::Compare { left, operator: Operator::Different, right } => {
            Condition::Compare { left: left.clone(), operator: Operator::Equal, right: right.clone() }
        }
        Condition::Like { term, pattern, negated: true } => {
            Condition::Like { term: term.clone(), pattern: pattern.clone(), negated: false }
        }
        Condition::Among { column, query, negated: true } => {
            Condition::Among { column: *column, query: query.clone(), negated: false }
        }
        _ => return None,
    })
}

/// "more than the average of those in Ulm": what is said behind a comparison describes what is compared with.
fn described(query: &Query, draft: &Draft) -> Vec<Query> {
    let place = query.filter.iter().position(|condition| match condition {
        Condition::Compare { right: Operand::Query(inner), .. } => inner.filter.is_empty(),
        Condition::Compare { left, right: Operand::Term(term), .. } => left.term == *term,
        _ => false,
    });
    let Some(place) = place.filter(|place| place + 1 < query.filter.len()) else { return Vec::new() };
    let Condition::Compare { left, operator, right } = &query.filter[place] else { return Vec::new() };
    let aggregates: Vec<Aggregate> = match right {
        Operand::Query(inner) => inner.select.iter().filter_map(|item| item.aggregate).collect(),
        _ => Vec::new(),
    };
    let above = matches!(operator, Operator::More | Operator::AtLeast);
    let (all, some) =
        if above { (Aggregate::Maximum, Aggregate::Minimum) } else { (Aggregate::Minimum, Aggregate::Maximum) };
    let open = draft.words.iter().any(|word| matches!(word.as_str(), "any" | "some"));
    let ends =
        if aggregates.is_empty() || open && aggregates != [Aggregate::Average] { vec![all, some] } else { aggregates };
    let ends = ends.into_iter().take(if open || ends_open(right) { 2 } else { 1 });
    ends.map(|aggregate| {
        let inner = Query {
            select: vec![Item::of(aggregate, left.term.clone())],
            tables: left.term.tables().into_vec(),
            filter: query.filter[place + 1..].to_vec(),
            via: query.via.clone(),
            ..Query::default()
        };
        let mut outer = with(query, |query| {
            query.filter.truncate(place);
            query.filter.push(Condition::Compare {
                left: left.clone(),
                operator: *operator,
                right: Operand::Query(Box::new(inner)),
            });
        });
        let main = outer.tables.first().copied();
        let needed = with(&outer, |query| query.tables.clear()).relations();
        outer.tables.retain(|table| Some(*table) == main || needed.contains(table));
        outer
    })
    .collect()
}

/// Whether a comparison of a column with itself leaves open whether all or some are meant.
fn ends_open(right: &Operand) -> bool {
    matches!(right, Operand::Term(_))
}

/// "the oldest": all rows of the greatest age, not one of them.
fn tied(query: &Query) -> Option<Query> {
    let [Order { item: Item { aggregate: None, term: Term::Column(column), .. }, descending }] = query.order.as_slice()
    else {
        return None;
    };
    if query.limit != Some(1) || query.offset > 0 || !query.group.is_empty() {
        return None;
    }
    let aggregate = if *descending { Aggregate::Maximum } else { Aggregate::Minimum };
    let end = Query {
        select: vec![Item::of(aggregate, Term::Column(*column))],
        tables: vec![column.table],
        filter: query.filter.clone(),
        via: query.via.clone(),
        ..Query::default()
    };
    let left = Item::column(*column);
    Some(with(query, |query| {
        (query.order, query.limit) = (Vec::new(), None);
        query.filter.push(Condition::Compare { left, operator: Operator::Equal, right: Operand::Query(Box::new(end)) });
    }))
}

/// "the users of the most common role": the group is found inside, its rows are shown.
fn nested_group(query: &Query, catalog: &Catalog) -> Option<Query> {
    let [Order { item: counted, .. }] = query.order.as_slice() else { return None };
    let shown = plain_columns(query)?;
    if query.limit != Some(1) || counted.aggregate.is_none() || !query.having.is_empty() {
        return None;
    }
    let group = query.group.iter().find_map(|term| match term {
        Term::Column(id) if !shown.contains(id) => Some(*id),
        _ => None,
    })?;
    // What names a row of the group's own table is one row a group anyway.
    if catalog.is_key(group) && shown.iter().all(|id| id.table == group.table) {
        return None;
    }
    let mut tables = vec![group.table];
    tables.extend(counted.term.tables());
    let inside = |condition: &Condition| condition.tables().iter().all(|table| tables.contains(table));
    let inner = Query {
        select: vec![Item::column(group)],
        tables: tables.clone(),
        filter: query.filter.iter().filter(|condition| inside(condition)).cloned().collect(),
        group: vec![Term::Column(group)],
        order: query.order.clone(),
        limit: Some(1),
        via: query.via.clone(),
        ..Query::default()
    };
    let mut outer = with(query, |query| {
        (query.order, query.limit, query.group) = (Vec::new(), None, Vec::new());
        query
            .filter
            .retain(|condition| !inside(condition) || !matches!(condition, Condition::Null { negated: true, .. }));
        query.filter.push(Condition::Compare {
            left: Item::column(group),
            operator: Operator::Equal,
            right: Operand::Query(Box::new(inner)),
        });
    });
    let needed: Vec<usize> = shown.iter().map(|id| id.table).chain([group.table]).collect();
    outer.tables.retain(|table| needed.contains(table));
    Some(outer)
}

/// "the most expensive product of each maker": the end of each group, not of all rows.
fn each_peak(query: &Query, draft: &Draft, catalog: &Catalog) -> Option<Query> {
    let [Order { item: Item { term: Term::Column(column), .. }, descending }] = query.order.as_slice() else {
        return None;
    };
    if query.limit != Some(1) || catalog.is_key(*column) {
        return None;
    }
    let per = draft.groups.iter().find_map(|noun| match noun {
        Noun::Column(mention) => mention.rivals.iter().map(|(id, _)| *id).find(|id| id.table == column.table),
        Noun::Table(table) => {
            let reference = catalog.joins().at(column.table).iter().find(|join| join.to.table == *table);
            reference.map(|join| join.from).or_else(|| {
                let label = catalog.names().label(*table);
                label.first().copied().filter(|_| *table == column.table)
            })
        }
        _ => None,
    })?;
    plain_columns(query)?;
    Some(with(query, |query| {
        (query.order, query.limit, query.group) = (Vec::new(), None, Vec::new());
        query.filter.push(Condition::Peak { column: *column, per, high: *descending });
        if !query.select.contains(&Item::column(*column)) {
            query.select.push(Item::column(*column));
        }
    }))
}

/// Two alternatives of one column.
fn alternatives(query: &Query) -> Option<(usize, [&Condition; 2])> {
    let place = query.filter.iter().position(|condition| matches!(condition, Condition::Any(_)))?;
    let Condition::Any(parts) = &query.filter[place] else { return None };
    let [first, second] = parts.as_slice() else { return None };
    let column = |condition: &Condition| match condition {
        Condition::All(parts) => parts.first().and_then(|part| part.terms().first().map(|term| (*term).clone())),
        other => other.terms().first().map(|term| (*term).clone()),
    };
    let (left, right) = (column(first)?, column(second)?);
    (left == right).then_some((place, [first, second]))
}

/// "in both 2010 and 2011": of years and numbers too, both of them.
fn both_numbers(query: &Query) -> Option<Query> {
    let (place, [first, second]) = alternatives(query)?;
    let text = |condition: &Condition| {
        matches!(condition, Condition::Compare { operator: Operator::Equal, right: Operand::Text(_), .. })
    };
    plain_columns(query)?;
    if text(first) && text(second) || !query.group.is_empty() || query.limit.is_some() {
        return None;
    }
    let mut other = with(query, |query| query.filter[place] = second.clone());
    other.order.clear();
    Some(with(query, |query| {
        query.filter[place] = first.clone();
        query.order.clear();
        query.set = Some((SetOperator::Intersect, Box::new(other)));
    }))
}

/// "shared by those before 1890 and those after 1900": no row is both, so some row is each.
fn both_ends(query: &Query) -> Option<Query> {
    plain_columns(query)?;
    if !query.group.is_empty() || query.limit.is_some() {
        return None;
    }
    let bound = |condition: &Condition| match condition {
        Condition::Compare { left, operator, right: Operand::Number(number) } => match operator {
            Operator::Less | Operator::AtMost => Some((left.clone(), false, *number)),
            Operator::More | Operator::AtLeast => Some((left.clone(), true, *number)),
            _ => None,
        },
        _ => None,
    };
    let bounds: Vec<(usize, (Item, bool, f64))> =
        query.filter.iter().enumerate().filter_map(|(place, condition)| Some((place, bound(condition)?))).collect();
    let [(first, (left, below, low)), (second, (right, above, high))] = bounds.as_slice() else { return None };
    let apart = if *above { low <= high } else { high <= low };
    if left != right || below == above || !apart {
        return None;
    }
    let mut other = with(query, |query| {
        query.filter.remove(*first);
    });
    other.order.clear();
    Some(with(query, |query| {
        query.filter.remove(*second);
        query.order.clear();
        query.set = Some((SetOperator::Intersect, Box::new(other)));
    }))
}

/// "the average age of male and female students": one number for each.
fn by_values(query: &Query) -> Option<Query> {
    let (place, [first, second]) = alternatives(query)?;
    let equal = |condition: &Condition| matches!(condition, Condition::Compare { operator: Operator::Equal, .. });
    let term = first.terms().first().map(|term| (*term).clone())?;
    if !query.is_aggregate() || !query.group.is_empty() || !equal(first) || !equal(second) || place > query.filter.len()
    {
        return None;
    }
    Some(with(query, |query| {
        query.group.push(term.clone());
        query.select.insert(0, Item::term(term));
    }))
}

/// "red and small or blue and large": what stands on each side of "or" belongs together.
fn regrouped(query: &Query) -> Option<Query> {
    let place =
        query.filter.iter().position(|condition| matches!(condition, Condition::Any(parts) if parts.len() == 2))?;
    if query.filter.len() < 2 {
        return None;
    }
    let Condition::Any(parts) = &query.filter[place] else { return None };
    let side = |before: &[Condition], last: &Condition, after: &[Condition]| {
        let mut all: Vec<Condition> = before.to_vec();
        all.push(last.clone());
        all.extend(after.iter().cloned());
        if all.len() == 1 { all.remove(0) } else { Condition::All(all) }
    };
    let left = side(&query.filter[..place], &parts[0], &[]);
    let right = side(&[], &parts[1], &query.filter[place + 1..]);
    Some(with(query, |query| query.filter = vec![Condition::Any(vec![left, right])]))
}

/// "the phones of customers and suppliers": one list of both.
pub(super) fn joined_lists(query: &Query, draft: &Draft) -> Option<Query> {
    let shown = plain_columns(query)?;
    let [first, second] = shown.as_slice() else { return None };
    if first.table == second.table || !query.group.is_empty() || query.limit.is_some() {
        return None;
    }
    let part = |id: ColumnId| Query {
        select: vec![Item::column(id)],
        tables: vec![id.table],
        filter: query
            .filter
            .iter()
            .filter(|condition| condition.tables().iter().all(|table| *table == id.table))
            .cloned()
            .collect(),
        ..Query::default()
    };
    let (left, right) = (part(*first), part(*second));
    if left.filter.len() + right.filter.len() < query.filter.len() {
        return None;
    }
    let operator = if draft.both { SetOperator::Intersect } else { SetOperator::Union };
    Some(with(&left, |query| query.set = Some((operator, Box::new(right)))))
}

/// "how many advisors", kept as numbers: they may be counted, not added up.
fn different(query: &Query, draft: &Draft) -> Option<Query> {
    let many = draft.words.iter().any(|word| matches!(word.as_str(), "many" | "number" | "count"));
    let sum = |item: &Item| item.aggregate == Some(Aggregate::Sum) && matches!(item.term, Term::Column(_));
    let place = query.select.iter().position(sum).filter(|_| many)?;
    let term = query.select[place].term.clone();
    Some(with(query, |query| {
        query.select[place] = Item { aggregate: Some(Aggregate::Count), distinct: true, term };
    }))
}

/// Half of a key repeats: "the buildings with a room of more than 50 seats" are different ones.
fn each_once(query: &Query, catalog: &Catalog) -> Option<Query> {
    let shown = plain_columns(query)?;
    let half = |id: &ColumnId| {
        let key = &catalog.table(id.table).primary_key;
        key.len() > 1 && key.iter().any(|name| name.eq_ignore_ascii_case(&catalog.column(*id).name))
    };
    let orderly = query.order.iter().all(|order| query.select.contains(&order.item));
    let open = !query.distinct && query.group.is_empty() && orderly && shown.iter().any(half);
    open.then(|| with(query, |query| query.distinct = true))
}

/// "students who did not attend any course": not seen in the table of the deed, whatever else is named.
fn barely_absent(query: &Query) -> Option<Query> {
    let place = query.filter.iter().position(
        |condition| matches!(condition, Condition::Among { query: inner, negated: true, .. } if inner.tables.len() > 1),
    )?;
    Some(with(query, |query| {
        if let Condition::Among { query: inner, .. } = &mut query.filter[place] {
            let needed: Vec<usize> = inner
                .select
                .iter()
                .flat_map(|item| item.term.tables())
                .chain(inner.filter.iter().flat_map(Condition::tables))
                .collect();
            inner.tables.retain(|table| needed.contains(table));
        }
    }))
}
