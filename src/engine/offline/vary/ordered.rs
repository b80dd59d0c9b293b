//! Other orders: by another measure, from the other end, or none.

use crate::engine::offline::ir::{Aggregate, Item, Order, Query, Term};
use crate::engine::offline::parse::cue::Cue;
use crate::engine::offline::parse::lattice::{Cut, Kind};
use crate::grounding::{Catalog, ColumnId};

use super::{Change, unused, with};

pub(super) fn ordered(query: &Query, cut: &Cut, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    if query.set.is_some() {
        return;
    }
    let measures: Vec<ColumnId> = unused(query, cut)
        .into_iter()
        .filter(|id| (catalog.is_numeric(*id) || catalog.is_temporal(*id)) && !catalog.is_key(*id))
        .collect();
    match query.order.first() {
        Some(order) => {
            for id in measures {
                let aggregates: &[Option<Aggregate>] = if query.group.is_empty() {
                    &[None]
                } else {
                    &[Some(Aggregate::Sum), Some(Aggregate::Average), Some(Aggregate::Maximum)]
                };
                for aggregate in aggregates {
                    let item = Item { aggregate: *aggregate, distinct: false, term: Term::Column(id) };
                    found.push((Change::Order, with(query, |query| query.order[0].item = item)));
                }
            }
            aggregated(query, order, catalog, found);
            found.push((Change::Order, with(query, |query| query.order[0].descending = !order.descending)));
            if query.limit.is_some() {
                found.push((
                    Change::Order,
                    with(query, |query| {
                        query.order.clear();
                        query.limit = None;
                    }),
                ));
                found.push((Change::Order, with(query, |query| query.limit = None)));
            } else if superlative(cut) {
                found.push((Change::Order, with(query, |query| query.limit = Some(1))));
            }
        }
        None if superlative(cut) && !query.is_aggregate() => {
            for id in measures {
                for descending in [true, false] {
                    let order = Order { item: Item::column(id), descending };
                    found.push((
                        Change::Order,
                        with(query, |query| {
                            query.order.push(order);
                            query.limit = Some(1);
                        }),
                    ));
                }
            }
        }
        None => {}
    }
}

/// Whether an end of an order is asked for.
fn superlative(cut: &Cut) -> bool {
    let asks = |cue: &Cue| {
        matches!(
            cue,
            Cue::Extreme(_)
                | Cue::Common(_)
                | Cue::Top
                | Cue::Adjective { superlative: true, .. }
                | Cue::Aggregate(Aggregate::Maximum | Aggregate::Minimum)
        )
    };
    cut.chunks.iter().any(|chunk| matches!(&chunk.kind, Kind::Cue(cue) if asks(cue)))
}

/// The measure of a group, added up, averaged, or of each row.
fn aggregated(query: &Query, order: &Order, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    let Term::Column(id) = order.item.term else { return };
    if query.group.is_empty() || !catalog.is_numeric(id) || catalog.is_key(id) {
        return;
    }
    for aggregate in [Some(Aggregate::Sum), Some(Aggregate::Average), None] {
        if aggregate != order.item.aggregate {
            let item = Item { aggregate, distinct: false, term: order.item.term.clone() };
            found.push((
                Change::Measure,
                with(query, |query| {
                    if item.aggregate.is_none() && query.having.is_empty() && !query.is_aggregate() {
                        query.group.clear();
                    }
                    query.order[0].item = item;
                }),
            ));
        }
    }
}
