//! Conditions on one column that cannot hold together: "orders in 2024 and 2025" asks for both years,
//! not for days that lie in both.

use chrono::NaiveDate;

use super::super::ir::{Condition, Operand, Operator, Query, Term};

/// Turns conditions that exclude each other into alternatives.
pub(super) fn relax(query: &mut Query) {
    let mut kept: Vec<Condition> = Vec::new();
    for condition in std::mem::take(&mut query.filter) {
        match kept.iter_mut().find(|known| exclude(known, &condition)) {
            Some(Condition::Any(alternatives)) => alternatives.push(condition),
            Some(known) => *known = Condition::Any(vec![known.clone(), condition]),
            None => kept.push(condition),
        }
    }
    query.filter = kept;
}

/// Whether no row can meet both; of alternatives, whether none of them leaves room.
fn exclude(known: &Condition, other: &Condition) -> bool {
    match (known, other) {
        (Condition::Any(alternatives), _) => alternatives.iter().all(|known| exclude(known, other)),
        (
            Condition::Compare { left, operator: Operator::Equal, right: Operand::Number(first) },
            Condition::Compare { left: same, operator: Operator::Equal, right: Operand::Number(second) },
        ) => left == same && (first - second).abs() > f64::EPSILON,
        _ => match (days(known), days(other)) {
            (Some((term, first)), Some((same, second))) => term == same && (first.1 <= second.0 || second.1 <= first.0),
            _ => false,
        },
    }
}

/// The days a condition lets through, as the first one and the one after the last.
fn days(condition: &Condition) -> Option<(&Term, (NaiveDate, NaiveDate))> {
    let Condition::All(parts) = condition else { return None };
    let [Condition::Compare { left, operator, right }, Condition::Compare { left: same, operator: end, right: last }] =
        parts.as_slice()
    else {
        return None;
    };
    match (operator, right, end, last) {
        (Operator::AtLeast, Operand::Day(first), Operator::Less, Operand::Day(last)) if left == same => {
            Some((&left.term, (*first, *last)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::engine::offline::ir::Item;
    use crate::grounding::ColumnId;

    fn year(year: i32) -> Condition {
        let day = |year| Operand::Day(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default());
        let left = || Item::term(Term::Column(ColumnId { table: 0, column: 1 }));
        Condition::All(vec![
            Condition::Compare { left: left(), operator: Operator::AtLeast, right: day(year) },
            Condition::Compare { left: left(), operator: Operator::Less, right: day(year + 1) },
        ])
    }

    fn relaxed(filter: Vec<Condition>) -> Vec<Condition> {
        let mut query = Query { filter, ..Query::default() };
        relax(&mut query);
        query.filter
    }

    #[test]
    fn years_that_exclude_each_other_are_alternatives() {
        assert_eq!(relaxed(vec![year(2024), year(2025)]), [Condition::Any(vec![year(2024), year(2025)])]);
        let three = vec![year(2023), year(2024), year(2025)];
        assert_eq!(relaxed(three.clone()), [Condition::Any(three)]);
    }

    #[test]
    fn numbers_that_exclude_each_other_are_alternatives() {
        let left = Item::term(Term::Column(ColumnId { table: 0, column: 1 }));
        let stars = |number| Condition::Compare {
            left: left.clone(),
            operator: Operator::Equal,
            right: Operand::Number(number),
        };
        assert_eq!(relaxed(vec![stars(4.0), stars(5.0)]), [Condition::Any(vec![stars(4.0), stars(5.0)])]);
    }

    #[test]
    fn conditions_that_can_hold_together_must() {
        let null = Condition::Null { term: Term::Column(ColumnId { table: 0, column: 2 }), negated: true };
        assert_eq!(relaxed(vec![year(2024), null.clone()]), [year(2024), null]);
        assert_eq!(relaxed(vec![year(2024), year(2024)]), [year(2024), year(2024)]);
    }
}
