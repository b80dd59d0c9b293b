//! Whether a changed query has the conditions that were asked for.

use crate::grounding::ColumnId;

use super::ir::{Condition, Operand, Query};

/// Whether `other` tests nowhere a column that `before` and its change `edited` both test, or tests nothing new where
/// `edited` does.
pub(super) fn loses(before: &Query, edited: &Query, other: &Query) -> bool {
    let (known, wanted, found) = (tested(before), tested(edited), tested(other));
    let forgets = wanted.iter().any(|id| known.contains(id) && !found.contains(id));
    let is_new = |id: &&ColumnId| !known.contains(id);
    forgets || wanted.iter().any(|id| is_new(&id)) && !found.iter().any(|id| is_new(&id))
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
