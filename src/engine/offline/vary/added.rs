//! Named columns that have no part yet: shown, grouped by, counted.

use crate::engine::offline::ir::{Aggregate, Item, Query, Term};
use crate::engine::offline::parse::cue::Cue;
use crate::engine::offline::parse::lattice::{Chunk, Cut, Kind};
use crate::grounding::Catalog;

use super::{Change, unused, with};

/// How well the very name of a table fits.
const WHOLE: f32 = 0.9;

pub(super) fn added(query: &Query, cut: &Cut, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    if query.set.is_some() {
        return;
    }
    let aggregated = query.is_aggregate();
    for id in unused(query, cut) {
        let item = Item::column(id);
        if !aggregated && query.group.is_empty() {
            found.push((Change::Added, with(query, |query| query.select.push(item.clone()))));
        }
        if aggregated || !query.group.is_empty() {
            found.push((
                Change::Added,
                with(query, |query| {
                    query.select.insert(0, item.clone());
                    query.group.push(Term::Column(id));
                }),
            ));
        }
        if catalog.is_numeric(id) && !catalog.is_key(id) && (aggregated || !query.group.is_empty()) {
            for aggregate in [Aggregate::Average, Aggregate::Sum] {
                let measured = Item::of(aggregate, Term::Column(id));
                found.push((Change::Added, with(query, |query| query.select.push(measured))));
            }
        }
        for (place, shown) in query.select.iter().enumerate() {
            if shown.aggregate == Some(Aggregate::Count) && !names_its_table(shown, cut) {
                let counted = Item { aggregate: Some(Aggregate::Count), distinct: true, term: Term::Column(id) };
                found.push((Change::CountDistinct, with(query, |query| query.select[place] = counted)));
            } else if shown.aggregate.is_none() && query.group.is_empty() {
                found.push((Change::Label, with(query, |query| query.select[place] = item.clone())));
            }
        }
    }
    ungrouped(query, cut, found);
}

/// Whether the rows that are counted are of a table that is named: then nothing else is counted.
fn names_its_table(counted: &Item, cut: &Cut) -> bool {
    let tables = counted.term.tables();
    let named = |rivals: &[(usize, f32)]| rivals.iter().any(|(table, score)| tables.contains(table) && *score > WHOLE);
    cut.chunks.iter().any(|chunk| matches!(&chunk.kind, Kind::Table(rivals) if named(rivals)))
}

/// One figure for all rows, instead of one for each group that nobody spoke of.
fn ungrouped(query: &Query, cut: &Cut, found: &mut Vec<(Change, Query)>) {
    let said = |chunk: &Chunk| matches!(chunk.kind, Kind::Cue(Cue::Each | Cue::By | Cue::Grain(_)));
    let computed = query.group.iter().any(|term| matches!(term, Term::Part(..)));
    if computed || cut.chunks.iter().any(said) {
        return;
    }
    let figures = query.select.iter().any(|item| item.aggregate.is_some());
    if figures && !query.group.is_empty() && query.having.is_empty() && query.order.is_empty() {
        found.push((
            Change::Group,
            with(query, |query| {
                query.group.clear();
                query.select.retain(|item| item.aggregate.is_some());
            }),
        ));
    }
}
