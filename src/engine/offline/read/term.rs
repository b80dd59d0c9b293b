//! Items, terms and what they are compared with.

use chrono::NaiveDate;
use sqlparser::ast::{BinaryOperator, DataType, Expr, Function, FunctionArgExpr, Ident, UnaryOperator, Value};

use super::scope::{Scope, parts, path};
use super::{blank, clause, verbatim};
use crate::dialect::Dialect;
use crate::engine::offline::ir::{Aggregate, Arithmetic, Figure, Formula, Item, Operand, Term};

/// A value of a row or of a group.
pub(super) fn item(expression: &Expr, scope: &Scope<'_>) -> Option<Item> {
    let expression = blank::bare(expression);
    if let Some(known) = aliased(expression, scope) {
        // Engines differ in which comes first where a column has the name as well.
        let column = path(expression).and_then(|path| scope.column(path)).map(Item::column);
        return column.is_none_or(|column| column == known).then_some(known);
    }
    if let Expr::Function(function) = expression
        && let Some(item) = aggregate(function, scope)
    {
        return Some(item);
    }
    term(expression, scope).map(Item::term)
}

/// The item that the select list calls so.
fn aliased(expression: &Expr, scope: &Scope<'_>) -> Option<Item> {
    let Expr::Identifier(said) = expression else { return None };
    let is_it = |(alias, _): &&(Ident, Item)| alias.value.eq_ignore_ascii_case(&said.value);
    scope.aliases.iter().find(is_it).map(|(_, item)| item.clone())
}

/// `AVG(price)` and the like.
fn aggregate(function: &Function, scope: &Scope<'_>) -> Option<Item> {
    let aggregate = aggregate_name(function)?;
    let (arguments, distinct) = blank::arguments(function)?;
    let [argument] = arguments.as_slice() else { return None };
    let inner = match argument {
        FunctionArgExpr::Wildcard if aggregate == Aggregate::Count && !distinct => return Some(Item::count()),
        FunctionArgExpr::Expr(inner) => blank::bare(inner),
        _ => return None,
    };
    if matches!(inner, Expr::Value(value) if matches!(value.value, Value::Number(..))) {
        return (aggregate == Aggregate::Count && !distinct).then(Item::count);
    }
    let dialect = scope.catalog.schema().dialect;
    let (inner, was_float) = match aggregate {
        Aggregate::Average => floating(inner, dialect),
        _ => (inner, false),
    };
    let term = term(inner, scope)?;
    let is_row_wise = !Item::term(term.clone()).is_aggregate();
    // SQL Server's average of whole numbers is a whole number.
    let is_the_same = dialect != Dialect::Mssql || was_float;
    match aggregate {
        _ if !is_row_wise || matches!(term, Term::Row | Term::Every(_)) => None,
        Aggregate::Sum if distinct => None,
        Aggregate::Average if !is_the_same => None,
        // The largest of different values is the largest.
        Aggregate::Minimum | Aggregate::Maximum => Some(Item::of(aggregate, term)),
        _ => Some(Item { aggregate: Some(aggregate), distinct, term }),
    }
}

fn aggregate_name(function: &Function) -> Option<Aggregate> {
    let [name] = parts(&function.name)?[..] else { return None };
    Some(match name.value.to_ascii_lowercase().as_str() {
        "count" => Aggregate::Count,
        "sum" => Aggregate::Sum,
        "avg" => Aggregate::Average,
        "min" => Aggregate::Minimum,
        "max" => Aggregate::Maximum,
        _ => return None,
    })
}

/// What is made a floating number, as the writer does for averages.
fn floating(inner: &Expr, dialect: Dialect) -> (&Expr, bool) {
    match inner {
        Expr::Cast { expr, data_type, format: None, .. }
            if matches!(
                (dialect, data_type),
                (Dialect::Postgres, DataType::DoublePrecision | DataType::Float8)
                    | (Dialect::Mssql, DataType::Float(_))
            ) =>
        {
            (blank::bare(expr), true)
        }
        Expr::BinaryOp { left, op: BinaryOperator::Multiply, right }
            if dialect == Dialect::Mysql && right.to_string() == "1e0" =>
        {
            (blank::bare(left), true)
        }
        other => (other, false),
    }
}

/// A value of a row, or two figures taken together.
pub(super) fn term(expression: &Expr, scope: &Scope<'_>) -> Option<Term> {
    let expression = blank::bare(expression);
    if let Some(path) = path(expression)
        && let Some(id) = scope.column(path)
    {
        return Some(Term::Column(id));
    }
    if let Expr::BinaryOp { left, op, right } = expression
        && let Some(term) = computed(left, op, right, scope)
    {
        return Some(term);
    }
    verbatim::part(expression, scope).or_else(|| verbatim::read(expression, scope).map(Term::Verbatim))
}

fn computed(left: &Expr, operator: &BinaryOperator, right: &Expr, scope: &Scope<'_>) -> Option<Term> {
    let operator = match operator {
        BinaryOperator::Multiply => {
            return Some(Term::Product(scope.column(path(left)?)?, scope.column(path(right)?)?));
        }
        BinaryOperator::Plus => Arithmetic::Plus,
        BinaryOperator::Minus => Arithmetic::Minus,
        _ => return None,
    };
    let figure = |side: &Expr| {
        let item = item(side, scope)?;
        let is_simple = matches!(item.term, Term::Column(_) | Term::Product(..))
            || item.aggregate.is_some() && item.term == Term::Row;
        is_simple.then_some(Figure::Item(item))
    };
    let (left, right) = (figure(left)?, figure(right)?);
    Some(Term::Formula(Box::new(Formula { left, operator, right })))
}

/// What `left` is compared with.
pub(super) fn operand(expression: &Expr, left: &Item, scope: &Scope<'_>) -> Option<Operand> {
    let expression = blank::bare(expression);
    if let Expr::Subquery(query) = expression {
        let query = clause::select(query, scope.catalog)?;
        let one = query.select.len() == 1 && !matches!(query.select[0].term, Term::Row | Term::Every(_))
            || matches!(query.select.as_slice(), [only] if only.aggregate.is_some());
        return one.then(|| Operand::Query(Box::new(query)));
    }
    literal(expression, left, scope).or_else(|| term(expression, scope).map(Operand::Term))
}

fn literal(expression: &Expr, left: &Item, scope: &Scope<'_>) -> Option<Operand> {
    let negative = |inner: &Expr| match number(inner)? {
        Operand::Number(number) => Some(Operand::Number(-number)),
        _ => None,
    };
    match expression {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => negative(expr),
        Expr::Value(value) => match &value.value {
            Value::Number(..) => number(expression),
            Value::Boolean(flag) => Some(Operand::Flag(*flag)),
            _ => text(expression, scope).map(|text| day_or_text(text, left, scope)),
        },
        Expr::TypedString(typed) if !typed.uses_odbc_syntax && typed.data_type == DataType::Date => {
            let Value::SingleQuotedString(text) = &typed.value.value else { return None };
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Operand::Day)
        }
        Expr::Identifier(_) => text(expression, scope).map(Operand::Text),
        _ => None,
    }
}

/// Digits that a floating number keeps.
const DIGITS: usize = 15;

fn number(expression: &Expr) -> Option<Operand> {
    let Expr::Value(value) = blank::bare(expression) else { return None };
    let Value::Number(digits, false) = &value.value else { return None };
    let few = digits.chars().filter(char::is_ascii_digit).count() <= DIGITS;
    let plain = digits.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
    if few && plain { digits.parse().ok().map(Operand::Number) } else { None }
}

/// A literal text. SQLite takes a name in double quotes for one where no column is called so.
pub(super) fn text(expression: &Expr, scope: &Scope<'_>) -> Option<String> {
    let dialect = scope.catalog.schema().dialect;
    match blank::bare(expression) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::NationalStringLiteral(text) => Some(text.clone()),
            Value::DoubleQuotedString(text) if dialect == Dialect::Mysql => Some(text.clone()),
            _ => None,
        },
        Expr::Identifier(said) if dialect == Dialect::Sqlite && said.quote_style == Some('"') => {
            let is_free = scope.column(std::slice::from_ref(said)).is_none()
                && scope.tables.iter().all(|table| {
                    scope
                        .catalog
                        .columns_of(*table)
                        .all(|id| !scope.catalog.column(id).name.eq_ignore_ascii_case(&said.value))
                })
                && scope.aliases.iter().all(|(alias, _)| !alias.value.eq_ignore_ascii_case(&said.value));
            is_free.then(|| said.value.clone())
        }
        _ => None,
    }
}

/// A day, where a column of days is compared with it; it is written in the same way.
fn day_or_text(text: String, left: &Item, scope: &Scope<'_>) -> Operand {
    let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text);
    let is_dated = matches!(left.term, Term::Column(id) if scope.catalog.is_temporal(id));
    match day.filter(|_| is_dated && matches!(left.aggregate, None | Some(Aggregate::Minimum | Aggregate::Maximum))) {
        Some(day) => Operand::Day(day),
        None => Operand::Text(text),
    }
}
