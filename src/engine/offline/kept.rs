//! Whether a changed query keeps the conditions of the one before.

use crate::grounding::ColumnId;

use super::ir::{Condition, Operand, Query};

/// Whether `other` tests nowhere a column that `before` and its change `edited` both test.
pub(super) fn loses(before: &Query, edited: &Query, other: &Query) -> bool {
    let (known, kept) = (tested(before), tested(edited));
    let still = tested(other);
    known.iter().any(|id| kept.contains(id) && !still.contains(id))
}

/// The columns in the conditions of a query, those of queries inside too.
fn tested(query: &Query) -> Vec<ColumnId> {
    let mut columns = Vec::new();
    take(query, &mut columns);
    columns
}

fn take(query: &Query, columns: &mut Vec<ColumnId>) {
    query.filter.iter().chain(&query.having).for_each(|condition| take_condition(condition, columns));
    let inside = query.of.iter().chain(query.set.iter().map(|(_, other)| other));
    inside.for_each(|inner| take(inner, columns));
}

fn take_condition(condition: &Condition, columns: &mut Vec<ColumnId>) {
    columns.extend(condition.terms().into_iter().flat_map(super::ir::Term::columns));
    let operands: Vec<&Operand> = match condition {
        Condition::Compare { right, .. } => vec![right],
        Condition::Between { low, high, .. } => vec![low, high],
        Condition::Among { query, .. } => return take(query, columns),
        Condition::Any(parts) | Condition::All(parts) => {
            return parts.iter().for_each(|part| take_condition(part, columns));
        }
        _ => return,
    };
    for operand in operands {
        if let Operand::Query(query) = operand {
            take(query, columns);
        }
    }
}
