//! How what was said and what is queried meet.

use crate::engine::offline::ir::{Aggregate, Condition, Term};
use crate::engine::offline::parse::lattice::Kind;
use crate::grounding::ColumnId;

use super::shape::Parts;
use super::{Sheet, View, flag, number};

/// Adds which links are used and which parts of the query were said.
pub(super) fn said(view: View<'_>, sheet: &mut Sheet) {
    let (catalog, query) = (view.catalog, view.query);
    let mut parts = Parts::default();
    parts.take(query);
    let (mut columns, mut tables, mut values, mut numbers) = (0, 0, 0, 0);
    let mut first_shown = None;
    for (place, chunk) in view.cut.chunks.iter().enumerate() {
        match &chunk.kind {
            Kind::Column(rivals) => {
                let used = rivals.iter().any(|(id, _)| parts.columns.contains(id));
                columns += usize::from(!used);
                if first_shown.is_none()
                    && rivals.iter().any(|(id, _)| query.select.iter().any(|item| item.term.columns().contains(id)))
                {
                    first_shown = Some(place);
                }
            }
            Kind::Table(rivals) => tables += usize::from(!rivals.iter().any(|(id, _)| parts.tables.contains(id))),
            Kind::Value(rivals) => {
                values += usize::from(!rivals.iter().any(|(id, ..)| parts.columns.contains(id)));
            }
            Kind::Number(given) => {
                let limit = query.limit.is_some_and(|limit| (number_of(limit) - given).abs() < 0.5);
                numbers += usize::from(!limit && !parts.numbers.iter().any(|used| (used - given).abs() < 1e-9));
            }
            _ => {}
        }
    }
    let link = |id: ColumnId| {
        let scores = view.cut.chunks.iter().filter_map(|chunk| match &chunk.kind {
            Kind::Column(rivals) => rivals.iter().find(|(rival, _)| *rival == id).map(|(_, score)| *score),
            _ => None,
        });
        scores.fold(0.0, f32::max)
    };
    let named = |table: usize| {
        view.cut.chunks.iter().any(|chunk| matches!(&chunk.kind, Kind::Table(rivals) if rivals[0].0 == table))
    };
    let valued = |id: ColumnId| {
        view.cut
            .chunks
            .iter()
            .any(|chunk| matches!(&chunk.kind, Kind::Value(rivals) if rivals.iter().any(|rival| rival.0 == id)))
    };
    let shown: Vec<ColumnId> = query.select.iter().flat_map(|item| item.term.columns()).collect();
    let links: Vec<f32> = shown.iter().map(|id| link(*id)).collect();
    let plain: Vec<ColumnId> =
        query.select.iter().filter(|item| item.aggregate.is_none()).flat_map(|item| item.term.columns()).collect();
    let tested: Vec<ColumnId> = query.filter.iter().flat_map(Condition::terms).flat_map(Term::columns).collect();
    let label = |id: ColumnId| catalog.names().label(id.table).contains(&id);
    let relations = query.relations();
    let count =
        |ids: &[ColumnId], holds: &dyn Fn(ColumnId) -> bool| number(ids.iter().filter(|id| holds(**id)).count());
    sheet.extend([
        ("columns unused", number(columns)),
        ("tables unused", number(tables)),
        ("values unused", number(values)),
        ("numbers unused", number(numbers)),
        ("first shown at", first_shown.map_or(-1.0, number)),
        ("shown unsaid", number(links.iter().filter(|score| **score == 0.0).count())),
        ("shown link least", links.iter().copied().fold(1.0, f32::min)),
        ("shown link mean", if links.is_empty() { 0.0 } else { links.iter().sum::<f32>() / number(links.len()) }),
        ("shown labels", count(&plain, &label)),
        ("shown labels said", count(&plain, &|id| label(id) && link(id) > 0.0)),
        ("shown keys", count(&plain, &|id| catalog.is_key(id))),
        ("shown keys said", count(&plain, &|id| catalog.is_key(id) && link(id) > 0.5)),
        ("shown references", count(&plain, &|id| catalog.joins().is_reference(id))),
        ("shown numeric", count(&plain, &|id| catalog.is_numeric(id))),
        ("shown temporal", count(&plain, &|id| catalog.is_temporal(id))),
        ("shown tested", count(&plain, &|id| tested.contains(&id))),
        ("shown unnamed table", count(&plain, &|id| !named(id.table))),
        ("tested unsaid", count(&tested, &|id| link(id) == 0.0)),
        ("tested unsaid and unvalued", count(&tested, &|id| link(id) == 0.0 && !valued(id))),
        ("tested keys", count(&tested, &|id| catalog.is_key(id))),
        ("tested unnamed table", count(&tested, &|id| !named(id.table))),
        ("tables unnamed", number(relations.iter().filter(|table| !named(**table)).count())),
        ("main named", flag(relations.first().is_some_and(|table| named(*table)))),
        ("rows shown whole", flag(query.select.iter().any(|item| matches!(item.term, Term::Every(_))))),
        ("everything said", flag(view.draft.everything)),
        ("distinct said", flag(view.draft.distinct)),
        (
            "aggregate column unsaid",
            number(
                query
                    .select
                    .iter()
                    .filter(|item| item.aggregate.is_some_and(|kind| kind != Aggregate::Count))
                    .flat_map(|item| item.term.columns())
                    .filter(|id| link(*id) == 0.0)
                    .count(),
            ),
        ),
        (
            "order unsaid",
            number(
                query.order.iter().flat_map(|order| order.item.term.columns()).filter(|id| link(*id) == 0.0).count(),
            ),
        ),
        ("group unsaid", number(query.group.iter().flat_map(Term::columns).filter(|id| link(*id) == 0.0).count())),
        ("distinct shown repeat", flag(plain.len() == 1 && catalog.values().values(plain[0]).len() < 12)),
    ]);
}

#[expect(clippy::cast_precision_loss, reason = "limits are small")]
fn number_of(limit: u64) -> f64 {
    limit as f64
}
