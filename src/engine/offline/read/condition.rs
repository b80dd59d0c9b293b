//! What must hold.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

use super::scope::Scope;
use super::{any, blank, clause, term, verbatim};
use crate::dialect::Dialect;
use crate::engine::offline::ir::{Condition, Item, Operand, Operator, Term};

/// Reads one condition: by its form, or as it is written where no form fits.
pub(super) fn read(expression: &Expr, scope: &Scope<'_>) -> Option<Condition> {
    let expression = blank::bare(expression);
    formed(expression, scope).or_else(|| {
        let is_joined = matches!(expression, Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. });
        (!is_joined).then(|| verbatim::read(expression, scope).map(Condition::holds)).flatten()
    })
}

fn formed(expression: &Expr, scope: &Scope<'_>) -> Option<Condition> {
    match expression {
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            Some(Condition::Any([parts(left, false, scope)?, parts(right, false, scope)?].concat()))
        }
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            Some(Condition::All([parts(left, true, scope)?, parts(right, true, scope)?].concat()))
        }
        Expr::BinaryOp { left, op, right } => compared(left, operator(op)?, right, scope),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => negated(read(expr, scope)?),
        Expr::Between { expr, negated: turned, low, high } => {
            let left = term::item(expr, scope)?;
            let (low, high) = (term::operand(low, &left, scope)?, term::operand(high, &left, scope)?);
            let is_plain = |operand: &Operand| !matches!(operand, Operand::Query(_));
            let between = Condition::Between { left, low, high };
            match &between {
                Condition::Between { low, high, .. } if is_plain(low) && is_plain(high) => {}
                _ => return None,
            }
            if *turned { negated(between) } else { Some(between) }
        }
        Expr::Like { negated, any: false, expr, pattern, escape_char: None }
            if scope.catalog.schema().dialect != Dialect::Postgres =>
        {
            like(expr, pattern, *negated, scope)
        }
        Expr::ILike { negated, any: false, expr, pattern, escape_char: None }
            if scope.catalog.schema().dialect == Dialect::Postgres =>
        {
            like(expr, pattern, *negated, scope)
        }
        Expr::InList { expr, list, negated } => {
            let left = row_wise(expr, scope)?;
            let values: Option<Vec<Operand>> = list.iter().map(|value| term::operand(value, &left, scope)).collect();
            let values = values?;
            let is_plain = |value: &Operand| !matches!(value, Operand::Query(_) | Operand::Term(_));
            (!values.is_empty() && values.iter().all(is_plain)).then_some(Condition::In {
                term: left.term,
                values,
                negated: *negated,
            })
        }
        Expr::InSubquery { expr, subquery, negated } => {
            let Term::Column(column) = row_wise(expr, scope)?.term else { return None };
            let query = clause::select(subquery, scope.catalog)?;
            let is_one =
                matches!(query.select.as_slice(), [only] if only.term != Term::Row || only.aggregate.is_some());
            (is_one && !matches!(query.select[0].term, Term::Every(_))).then(|| Condition::Among {
                column,
                query: Box::new(query),
                negated: *negated,
            })
        }
        Expr::IsNull(inner) => Some(Condition::Null { term: row_wise(inner, scope)?.term, negated: false }),
        Expr::IsNotNull(inner) => Some(Condition::Null { term: row_wise(inner, scope)?.term, negated: true }),
        _ => None,
    }
}

/// The parts of a chain of the same connective.
fn parts(expression: &Expr, and: bool, scope: &Scope<'_>) -> Option<Vec<Condition>> {
    Some(match read(expression, scope)? {
        Condition::All(parts) if and => parts,
        Condition::Any(parts) if !and => parts,
        other => vec![other],
    })
}

fn row_wise(expression: &Expr, scope: &Scope<'_>) -> Option<Item> {
    let item = term::item(expression, scope)?;
    let is_plain = !item.is_aggregate() && matches!(item.term, Term::Column(_) | Term::Part(..) | Term::Verbatim(_));
    is_plain.then_some(item)
}

fn operator(operator: &BinaryOperator) -> Option<Operator> {
    Some(match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::Different,
        BinaryOperator::Lt => Operator::Less,
        BinaryOperator::LtEq => Operator::AtMost,
        BinaryOperator::Gt => Operator::More,
        BinaryOperator::GtEq => Operator::AtLeast,
        _ => return None,
    })
}

fn compared(left: &Expr, operator: Operator, right: &Expr, scope: &Scope<'_>) -> Option<Condition> {
    let (left, right) = (blank::bare(left), blank::bare(right));
    // What is tested stands on the left.
    if is_constant(left) && !is_constant(right) {
        return compared(right, flipped(operator), left, scope);
    }
    if matches!(right, Expr::Value(value) if matches!(value.value, Value::Null)) {
        return None;
    }
    let item = term::item(left, scope)?;
    let right = term::operand(right, &item, scope)?;
    let is_flag = matches!(right, Operand::Flag(_));
    // An expression that is compared with a flag would be taken for one that holds.
    let is_held = is_flag && matches!(item.term, Term::Verbatim(_));
    let has_column = item.is_aggregate() || !item.term.columns().is_empty();
    (!is_held && has_column).then_some(Condition::Compare { left: item, operator, right })
}

fn is_constant(expression: &Expr) -> bool {
    matches!(expression, Expr::Subquery(_))
        || !any(expression, |inner| {
            matches!(inner, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Function(_) | Expr::Subquery(_))
        })
}

fn flipped(operator: Operator) -> Operator {
    match operator {
        Operator::Equal | Operator::Different => operator,
        Operator::Less => Operator::More,
        Operator::AtMost => Operator::AtLeast,
        Operator::More => Operator::Less,
        Operator::AtLeast => Operator::AtMost,
    }
}

fn like(expression: &Expr, pattern: &Expr, negated: bool, scope: &Scope<'_>) -> Option<Condition> {
    let (item, pattern) = (row_wise(expression, scope)?, term::text(pattern, scope)?);
    Some(Condition::Like { term: item.term, pattern, negated })
}

/// What holds where `condition` is known not to.
fn negated(condition: Condition) -> Option<Condition> {
    let all = |parts: Vec<Condition>| parts.into_iter().map(negated).collect::<Option<Vec<Condition>>>();
    let is_said = |item: &Item| matches!(item.term, Term::Verbatim(_));
    Some(match condition {
        Condition::Compare { left, right: Operand::Flag(_), .. } if is_said(&left) => return None,
        Condition::Compare { left, operator, right } => {
            Condition::Compare { left, operator: operator.negated(), right }
        }
        Condition::Between { left, low, high } => Condition::Any(vec![
            Condition::Compare { left: left.clone(), operator: Operator::Less, right: low },
            Condition::Compare { left, operator: Operator::More, right: high },
        ]),
        Condition::Like { term, pattern, negated } => Condition::Like { term, pattern, negated: !negated },
        Condition::In { term, values, negated } => Condition::In { term, values, negated: !negated },
        Condition::Among { column, query, negated } => Condition::Among { column, query, negated: !negated },
        Condition::Null { term, negated } => Condition::Null { term, negated: !negated },
        Condition::Any(parts) => Condition::All(all(parts)?),
        Condition::All(parts) => Condition::Any(all(parts)?),
        Condition::Peak { .. } => return None,
    })
}
