//! Rows that a join repeats, counted and shown once.
//!
//! The plan says what a question says: customers, with orders of a year. Joined as it stands, a
//! customer with three such orders is three rows. What is counted is therefore counted by key, and
//! tables that only hold conditions become `key IN (SELECT …)`, so that sums, averages and lists
//! see each row once.

use std::borrow::Cow;

use crate::engine::offline::ir::{Aggregate, Condition, Item, Query, Term};
use crate::grounding::join::Join;
use crate::grounding::{Catalog, ColumnId};

/// The query as it is written: the same question over rows that stand once.
#[must_use]
pub fn rows_once<'q>(query: &'q Query, catalog: &Catalog) -> Cow<'q, Query> {
    let mut query = Cow::Borrowed(query);
    if query.joined.is_some() {
        beside(query.to_mut(), catalog);
        return query;
    }
    let mut relations = query.relations();
    // Which tables two results share decides what an intersection compares: those stay as they are.
    if relations.len() > 1 && query.set.is_none() && !query.distinct {
        set_aside(&mut query, catalog);
        relations = query.relations();
    }
    if !counts_keys(&query, catalog) {
        return query;
    }
    let joins = catalog.joins().tree(&relations, &query.via).map(|(joins, _)| joins).unwrap_or_default();
    let written = query.to_mut();
    let items = written.select.iter_mut().chain(written.order.iter_mut().map(|order| &mut order.item));
    let lefts = written.having.iter_mut().filter_map(|condition| match condition {
        Condition::Compare { left, .. } | Condition::Between { left, .. } => Some(left),
        _ => None,
    });
    for item in items.chain(lefts) {
        let Some(key) = item.counted_key(catalog) else { continue };
        if repeats(key.table, &joins, catalog) {
            item.distinct = true;
        } else if !item.distinct {
            *item = Item::count();
        }
    }
    query
}

/// Whether rows are counted by the key of their table somewhere.
fn counts_keys(query: &Query, catalog: &Catalog) -> bool {
    let items = query.select.iter().chain(query.order.iter().map(|order| &order.item));
    let lefts = query.having.iter().filter_map(|condition| match condition {
        Condition::Compare { left, .. } | Condition::Between { left, .. } => Some(left),
        _ => None,
    });
    items.chain(lefts).any(|item| item.counted_key(catalog).is_some())
}

/// Whether a row of `table` stands several times in these joins.
fn repeats(table: usize, joins: &[Join], catalog: &Catalog) -> bool {
    reach(table, joins, &[]).iter().any(|(join, at)| fans_out(join, *at, catalog))
}

/// The joins on the way from `table` outwards, each with the table it is entered from; those that
/// enter a table of `barred` are left out with all behind them.
fn reach<'a>(table: usize, joins: &'a [Join], barred: &[usize]) -> Vec<(&'a Join, usize)> {
    let (mut seen, mut found, mut next) = (vec![table], Vec::new(), vec![table]);
    while let Some(at) = next.pop() {
        for join in joins.iter().filter(|join| join.from.table == at || join.to.table == at) {
            let other = join.other(at);
            if !seen.contains(&other) && !barred.contains(&other) {
                seen.push(other);
                next.push(other);
                found.push((join, at));
            }
        }
    }
    found
}

/// Whether one row of `at` may meet several of the other side: that side refers to it, by a column that repeats.
fn fans_out(join: &Join, at: usize, catalog: &Catalog) -> bool {
    if join.to.table != at {
        return false;
    }
    let described = catalog.table(join.from.table);
    let name = &catalog.column(join.from).name;
    let only = |columns: &[String]| matches!(columns, [only] if only.eq_ignore_ascii_case(name));
    catalog.key(join.from.table) != Some(join.from)
        && !described.indexes.iter().any(|index| index.unique && only(&index.columns))
}

/// Moves conditions on tables behind a join that repeats rows into `key IN (SELECT …)`.
fn set_aside(query: &mut Cow<'_, Query>, catalog: &Catalog) {
    let kept = kept_tables(query);
    let counts_only = query.is_aggregate() && query.select.iter().all(|item| item.aggregate == Some(Aggregate::Count));
    let Some(main) = kept.first().copied().filter(|_| !counts_only) else { return };
    let Some((joins, _)) = catalog.joins().tree(&query.relations(), &query.via) else { return };
    // Tables on the way between what is kept are kept as well.
    let Some((between, _)) = catalog.joins().tree(&kept, &query.via) else { return };
    if between.iter().any(|join| !joins.contains(join)) {
        return;
    }
    let mut inside = kept;
    for join in &*between {
        for table in [join.from.table, join.to.table] {
            if !inside.contains(&table) {
                inside.push(table);
            }
        }
    }
    let crossing: Vec<(&Join, usize)> = reach(main, &joins, &[])
        .into_iter()
        .filter(|(join, at)| inside.contains(at) && !inside.contains(&join.other(*at)))
        .collect();
    for (join, at) in crossing {
        let first = join.other(at);
        let behind = reach(first, &joins, &[at]);
        if !fans_out(join, at, catalog) && !behind.iter().any(|(join, at)| fans_out(join, *at, catalog)) {
            continue;
        }
        let mut hidden = vec![first];
        hidden.extend(behind.iter().map(|(join, at)| join.other(*at)));
        let belongs = |condition: &Condition| condition.tables().iter().any(|table| hidden.contains(table));
        if query
            .filter
            .iter()
            .any(|condition| belongs(condition) && !condition.tables().iter().all(|table| hidden.contains(table)))
        {
            continue;
        }
        let query = query.to_mut();
        let (inner, outer): (Vec<Condition>, Vec<Condition>) = query.filter.drain(..).partition(belongs);
        query.filter = outer;
        query.tables.retain(|table| !hidden.contains(table));
        if !query.tables.contains(&at) {
            query.tables.push(at);
        }
        let among = Query {
            select: vec![Item::column(join.side(first))],
            tables: hidden,
            filter: inner,
            via: query.via.clone(),
            ..Query::default()
        };
        query.filter.push(Condition::Among { column: join.side(at), query: Box::new(among), negated: false });
    }
}

/// Conditions on tables that a statement did not join become `key IN (SELECT …)`: they add no row to its own.
fn beside(query: &mut Query, catalog: &Catalog) {
    let mut plain = query.clone();
    plain.filter.clear();
    let inside = plain.relations();
    let outside = |condition: &Condition| {
        let tables = condition.tables();
        !tables.is_empty() && tables.iter().all(|table| !inside.contains(table))
    };
    for place in 0..query.filter.len() {
        let condition = query.filter[place].clone();
        if !outside(&condition) {
            continue;
        }
        let tables = condition.tables();
        let ways = inside.iter().filter_map(|known| {
            let mut all = vec![*known];
            all.extend(&tables);
            catalog.joins().tree(&all, &query.via).map(|(joins, cost)| (*known, joins, cost))
        });
        let Some((known, joins, _)) = ways.min_by_key(|(.., cost)| *cost) else { continue };
        let at_known: Vec<&Join> =
            joins.iter().filter(|join| join.from.table == known || join.to.table == known).collect();
        let [only] = at_known.as_slice() else { continue };
        let first = only.other(known);
        let among = Query {
            select: vec![Item::column(only.side(first))],
            tables: vec![first],
            filter: vec![condition],
            via: query.via.clone(),
            ..Query::default()
        };
        query.filter[place] = Condition::Among { column: only.side(known), query: Box::new(among), negated: false };
    }
}

/// Tables whose values are shown, grouped, counted or ordered by.
fn kept_tables(query: &Query) -> Vec<usize> {
    let mut kept = Vec::new();
    let items = query.select.iter().chain(query.order.iter().map(|order| &order.item));
    let terms = items.map(|item| &item.term).chain(&query.group).chain(query.having.iter().flat_map(Condition::terms));
    for term in terms {
        if *term == Term::Row {
            return Vec::new();
        }
        for table in term.tables() {
            if !kept.contains(&table) {
                kept.push(table);
            }
        }
    }
    kept
}

impl Item {
    /// The key of the table whose rows it counts, where it counts rows of one table.
    #[must_use]
    pub fn counted_key(&self, catalog: &Catalog) -> Option<ColumnId> {
        let Term::Column(id) = self.term else { return None };
        let only = catalog.key(id.table) == Some(id);
        (only && self.aggregate == Some(Aggregate::Count)).then_some(id)
    }
}
