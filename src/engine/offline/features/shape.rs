//! What a query is made of.

use crate::engine::offline::ir::{Aggregate, Condition, Figure, Item, Operand, Operator, Query, SetOperator, Term};
use crate::grounding::{Catalog, ColumnId};

use super::{Sheet, flag, number};

/// What a query and the queries in it use.
#[derive(Default)]
pub(super) struct Parts {
    pub columns: Vec<ColumnId>,
    pub tables: Vec<usize>,
    pub numbers: Vec<f64>,
    nested: usize,
}

impl Parts {
    pub fn take(&mut self, query: &Query) {
        self.tables.extend(query.relations());
        let items = query.select.iter().chain(query.order.iter().map(|order| &order.item));
        for item in items {
            self.columns.extend(item.term.columns());
            if let Term::Formula(formula) = &item.term {
                for figure in [&formula.left, &formula.right] {
                    if let Figure::Query(query) = figure {
                        self.take(query);
                    }
                }
            }
        }
        self.columns.extend(query.group.iter().flat_map(Term::columns));
        for condition in query.filter.iter().chain(&query.having) {
            self.condition(condition);
        }
        if let Some((_, other)) = &query.set {
            self.take(other);
        }
    }

    fn condition(&mut self, condition: &Condition) {
        self.columns.extend(condition.terms().into_iter().flat_map(Term::columns));
        match condition {
            Condition::Compare { right, .. } => self.operand(right),
            Condition::Between { low, high, .. } => {
                self.operand(low);
                self.operand(high);
            }
            Condition::In { values, .. } => values.iter().for_each(|value| self.operand(value)),
            Condition::Among { column, query, .. } => {
                self.nested += 1;
                self.columns.push(*column);
                self.take(query);
            }
            Condition::Peak { column, per, .. } => {
                self.nested += 1;
                self.columns.extend([*column, *per]);
            }
            Condition::Any(parts) | Condition::All(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Like { .. } | Condition::Null { .. } => {}
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Number(number) => self.numbers.push(*number),
            Operand::Query(query) => {
                self.nested += 1;
                self.take(query);
            }
            _ => {}
        }
    }
}

/// Adds the counts of the query's parts.
pub(super) fn shape(query: &Query, catalog: &Catalog, sheet: &mut Sheet) {
    let aggregates =
        |wanted: Aggregate| number(query.select.iter().filter(|item| item.aggregate == Some(wanted)).count());
    let relations = query.relations();
    let (joins, cost) = catalog.joins().tree(&relations, &[]).unwrap_or_default();
    let filters = |wanted: fn(&Condition) -> bool| number(query.filter.iter().filter(|part| wanted(part)).count());
    let mut parts = Parts::default();
    parts.take(query);
    let counted = query.select.iter().find(|item| item.aggregate == Some(Aggregate::Count));
    let counts_column = counted.is_some_and(|item| matches!(item.term, Term::Column(id) if !catalog.is_key(id)));
    let group = query.group.first();
    let group_key = matches!(group, Some(Term::Column(id)) if catalog.is_key(*id));
    let group_label = matches!(group, Some(Term::Column(id)) if catalog.names().label(id.table).contains(id));
    let first = query.order.first();
    let order_aggregate = first.and_then(|order| order.item.aggregate);
    let shows = |item: &Item| query.select.contains(item);
    sheet.extend([
        ("shown", number(query.select.len())),
        ("counts", aggregates(Aggregate::Count)),
        ("sums", aggregates(Aggregate::Sum)),
        ("averages", aggregates(Aggregate::Average)),
        ("maxima", aggregates(Aggregate::Maximum)),
        ("minima", aggregates(Aggregate::Minimum)),
        ("plain", number(query.select.iter().filter(|item| item.aggregate.is_none()).count())),
        ("counts a column", flag(counts_column)),
        ("counts different", flag(counted.is_some_and(|item| item.distinct))),
        ("distinct", flag(query.distinct)),
        ("tables", number(relations.len())),
        ("joins", number(joins.len())),
        ("joins inferred", number(joins.iter().filter(|join| !join.declared).count())),
        ("join cost", f32::from(u16::try_from(cost).unwrap_or(u16::MAX))),
        ("tables all", number(catalog.schema().tables.len())),
        ("filters", number(query.filter.len())),
        ("filters text", filters(|part| matches!(part, Condition::Compare { right: Operand::Text(_), .. }))),
        ("filters number", filters(|part| matches!(part, Condition::Compare { right: Operand::Number(_), .. }))),
        ("filters query", filters(|part| matches!(part, Condition::Compare { right: Operand::Query(_), .. }))),
        ("filters term", filters(|part| matches!(part, Condition::Compare { right: Operand::Term(_), .. }))),
        ("filters different", filters(|part| matches!(part, Condition::Compare { operator: Operator::Different, .. }))),
        ("filters equal", filters(|part| matches!(part, Condition::Compare { operator: Operator::Equal, .. }))),
        ("filters between", filters(|part| matches!(part, Condition::Between { .. } | Condition::All(_)))),
        ("filters like", filters(|part| matches!(part, Condition::Like { .. }))),
        ("filters any", filters(|part| matches!(part, Condition::Any(_) | Condition::In { .. }))),
        ("filters null", filters(|part| matches!(part, Condition::Null { .. }))),
        ("filters absent", filters(|part| matches!(part, Condition::Among { negated: true, .. }))),
        ("filters among", filters(|part| matches!(part, Condition::Among { negated: false, .. }))),
        ("having", number(query.having.len())),
        ("group", number(query.group.len())),
        ("group key", flag(group_key)),
        ("group label", flag(group_label)),
        ("group reference", flag(matches!(group, Some(Term::Column(id)) if catalog.joins().is_reference(*id)))),
        (
            "group shown",
            flag(
                query
                    .group
                    .iter()
                    .any(|term| query.select.iter().any(|item| item.aggregate.is_none() && item.term == *term)),
            ),
        ),
        ("order", number(query.order.len())),
        ("order count", flag(order_aggregate == Some(Aggregate::Count))),
        ("order aggregate", flag(order_aggregate.is_some())),
        ("order down", flag(first.is_some_and(|order| order.descending))),
        ("order shown", flag(first.is_some_and(|order| shows(&order.item)))),
        (
            "order temporal",
            flag(first.is_some_and(|order| order.item.term.columns().iter().any(|id| catalog.is_temporal(*id)))),
        ),
        (
            "order text",
            flag(first.is_some_and(|order| {
                order.item.aggregate.is_none()
                    && order.item.term.columns().iter().any(|id| !catalog.is_temporal(*id) && !catalog.is_numeric(*id))
            })),
        ),
        ("limit", flag(query.limit.is_some())),
        ("limit one", flag(query.limit == Some(1))),
        ("union", flag(matches!(query.set, Some((SetOperator::Union, _))))),
        ("intersect", flag(matches!(query.set, Some((SetOperator::Intersect, _))))),
        ("except", flag(matches!(query.set, Some((SetOperator::Except, _))))),
        ("nested", number(parts.nested)),
        ("computed", flag(query.computes())),
        ("passed over", flag(query.offset > 0)),
        ("filters peak", filters(|part| matches!(part, Condition::Peak { .. }))),
        ("joins said", number(query.via.len())),
    ]);
}
