//! "products that all shops sell", "common to every shop": rows that have each row of another table as a partner, the
//! division of relational algebra (Codd, 1972).

use crate::engine::offline::ir::{Aggregate, Condition, Item, Operand, Operator, Query, Term};
use crate::engine::offline::parse::draft::Draft;
use crate::grounding::Catalog;

/// The query that asks for all of a table's rows as partners, where `query` only asks for any.
pub(super) fn all_of_them(query: &Query, draft: &Draft, catalog: &Catalog) -> Option<Query> {
    let main = *query.relations().first()?;
    let used = |table: usize| {
        let orders = query.order.iter().flat_map(|order| order.item.term.tables());
        orders.chain(query.filter.iter().flat_map(Condition::tables)).any(|other| other == table)
    };
    let all =
        *draft.universal.iter().find(|table| **table != main && query.tables.contains(table) && !used(**table))?;
    if query.is_aggregate() || !query.group.is_empty() || query.set.is_some() {
        return None;
    }
    // A list that would say whose each row is says it no longer.
    let select: Vec<Item> = query.select.iter().filter(|item| !item.term.tables().contains(&all)).cloned().collect();
    if select.is_empty() {
        return None;
    }
    let key = catalog.key(main)?;
    // A bridge refers to both, by one row for each pair.
    let (own, other) = catalog.joins().at(main).iter().filter(|join| join.to == key).find_map(|join| {
        let others = catalog.joins().at(join.from.table).iter();
        let other = others.clone().find(|other| other.from.table == join.from.table && other.to.table == all)?;
        Some((join.from, other.from))
    })?;
    let every = Query { select: vec![Item::count()], tables: vec![all], ..Query::default() };
    let inner = Query {
        select: vec![Item::column(own)],
        tables: vec![own.table],
        group: vec![Term::Column(own)],
        having: vec![Condition::Compare {
            left: Item { aggregate: Some(Aggregate::Count), distinct: true, term: Term::Column(other) },
            operator: Operator::Equal,
            right: Operand::Query(Box::new(every)),
        }],
        ..Query::default()
    };
    let mut whole = Query { select, ..query.clone() };
    whole.tables.retain(|table| *table != all && *table != own.table);
    whole.filter.push(Condition::Among { column: key, query: Box::new(inner), negated: false });
    Some(whole)
}

/// Whether a query asks for all rows of a table as partners.
#[must_use]
pub fn is_universal(query: &Query) -> bool {
    query.filter.iter().any(|condition| {
        matches!(condition, Condition::Among { query: inner, negated: false, .. }
            if inner.having.iter().any(|having| matches!(having, Condition::Compare { right: Operand::Query(_), .. })))
    })
}
