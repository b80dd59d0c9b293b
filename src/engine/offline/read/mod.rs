//! Reads a statement that somebody else wrote back into a [`Query`], so that a follow-up can change it.
//!
//! It is exact or it is nothing: each clause is either understood or the statement is not read, and what was read is
//! printed by [`super::write`], read again and compared.

mod blank;
mod clause;
mod condition;
mod scope;
mod term;
mod verbatim;

use std::ops::ControlFlow;

use sqlparser::ast::{self, SelectItem, SetExpr, SetQuantifier, Statement, visit_expressions};
use sqlparser::dialect::{Dialect as Grammar, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use super::ir::{Condition, Item, Operand, Query, SetOperator, Term};
use super::write;
use crate::dialect::Dialect;
use crate::grounding::Catalog;

/// Longest statement that is read, in bytes; people ask for less.
const LONGEST: usize = 20_000;

/// The query that `sql` is, where it can be said without losing anything.
#[must_use]
pub fn query(sql: &str, catalog: &Catalog) -> Option<Query> {
    let read = understood(sql, catalog)?;
    let again = understood(&write::sql(&read, catalog)?, catalog)?;
    (plain(again, catalog) == plain(read.clone(), catalog)).then_some(read)
}

/// What the columns of a statement's result are called, as far as it says so itself: engines differ in what they call
/// the others. `None` where a star stands for any.
#[must_use]
pub fn names(sql: &str, dialect: Dialect) -> Option<Vec<String>> {
    let mut statements = Parser::parse_sql(grammar(dialect), sql).ok()?;
    let (Some(Statement::Query(query)), true) = (statements.pop(), statements.is_empty()) else { return None };
    let SetExpr::Select(select) = &*query.body else { return None };
    let name = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        SelectItem::UnnamedExpr(expression) => scope::path(expression)?.last().map(|name| name.value.clone()),
        _ => None,
    };
    let is_star = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    (!select.projection.iter().any(is_star)).then(|| select.projection.iter().filter_map(name).collect())
}

fn understood(sql: &str, catalog: &Catalog) -> Option<Query> {
    if sql.len() > LONGEST {
        return None;
    }
    let mut statements = Parser::parse_sql(grammar(catalog.schema().dialect), sql).ok()?;
    let (Some(Statement::Query(query)), true) = (statements.pop(), statements.is_empty()) else { return None };
    whole(&query, catalog)
}

fn grammar(dialect: Dialect) -> &'static dyn Grammar {
    match dialect {
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlDialect {},
        Dialect::Mssql => &MsSqlDialect {},
    }
}

/// A statement, or two whose results become one.
fn whole(query: &ast::Query, catalog: &Catalog) -> Option<Query> {
    let SetExpr::SetOperation { left, op, set_quantifier: SetQuantifier::None, right } = &*query.body else {
        return clause::select(query, catalog);
    };
    let operator = match op {
        ast::SetOperator::Union => SetOperator::Union,
        ast::SetOperator::Intersect => SetOperator::Intersect,
        ast::SetOperator::Except => SetOperator::Except,
        ast::SetOperator::Minus => return None,
    };
    // An order or a limit here is one of both together, which a query of two cannot say.
    let alone = |body: &SetExpr| match body {
        SetExpr::Select(_) => clause::select(&blank::query(body.clone())?, catalog),
        _ => None,
    };
    if *query != blank::query((*query.body).clone())? {
        return None;
    }
    let (mut first, second) = (alone(left)?, alone(right)?);
    first.set = Some((operator, Box::new(second)));
    Some(first)
}

/// The query without differences that make none: the keys of a group that others determine are all there, and rows are
/// counted in one way.
fn plain(mut query: Query, catalog: &Catalog) -> Query {
    if !query.group.is_empty() {
        let shown = query.select.iter().chain(query.order.iter().map(|order| &order.item));
        let terms: Vec<Term> = shown.filter(|item| !item.is_aggregate()).map(|item| item.term.clone()).collect();
        for term in terms {
            if !query.group.contains(&term) {
                query.group.push(term);
            }
        }
    }
    let items = query.select.iter_mut().chain(query.order.iter_mut().map(|order| &mut order.item));
    for item in items {
        count_rows(item, catalog);
    }
    for condition in query.filter.iter_mut().chain(&mut query.having) {
        inside(condition, catalog);
    }
    query.of = query.of.map(|inner| Box::new(plain(*inner, catalog)));
    query.set = query.set.map(|(operator, other)| (operator, Box::new(plain(*other, catalog))));
    query
}

fn inside(condition: &mut Condition, catalog: &Catalog) {
    let operand = |operand: &mut Operand| {
        if let Operand::Query(query) = operand {
            **query = plain(std::mem::take(&mut **query), catalog);
        }
    };
    match condition {
        Condition::Compare { left, right, .. } => {
            count_rows(left, catalog);
            operand(right);
        }
        Condition::Between { left, low, high } => {
            count_rows(left, catalog);
            operand(low);
            operand(high);
        }
        Condition::Among { query, .. } => **query = plain(std::mem::take(&mut **query), catalog),
        Condition::Any(parts) | Condition::All(parts) => parts.iter_mut().for_each(|part| inside(part, catalog)),
        Condition::Like { .. } | Condition::In { .. } | Condition::Null { .. } | Condition::Peak { .. } => {}
    }
}

/// A key that is never empty is there in each row.
fn count_rows(item: &mut Item, catalog: &Catalog) {
    let full = item.counted_key(catalog).is_some_and(|key| !item.distinct && !catalog.column(key).nullable);
    if full {
        *item = Item::count();
    }
}

/// Whether any expression of `node` is so.
fn any(node: &ast::Expr, is: impl Fn(&ast::Expr) -> bool) -> bool {
    visit_expressions(
        node,
        |expression| if is(expression) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) },
    )
    .is_break()
}
