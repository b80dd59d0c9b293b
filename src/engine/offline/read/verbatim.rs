//! Expressions that are kept as they are written, with places for their columns.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Ident, ObjectNamePart, Query, SelectItem, SetExpr, Statement, visit_expressions_mut};
use sqlparser::parser::Parser;

use super::scope::{Scope, parts, path};
use super::{any, blank, grammar, term};
use crate::dialect::Dialect;
use crate::engine::offline::ir::{Grain, Piece, Term, Verbatim};
use crate::engine::offline::write;
use crate::grounding::ColumnId;

/// Stands around the number of a column in a text; no statement has it.
const MARK: char = '\u{1}';

/// Functions that make one value of many rows.
const AGGREGATES: [&str; 12] = [
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "total",
    "group_concat",
    "string_agg",
    "array_agg",
    "stddev",
    "variance",
    "bool_or",
];

/// `expression` as it is written. None where it holds a query or a window, or names what is no column.
pub(super) fn read(expression: &Expr, scope: &Scope<'_>) -> Option<Verbatim> {
    let (text, columns) = marked(expression, scope)?;
    let mut pieces = Vec::new();
    for (place, piece) in text.split(MARK).enumerate() {
        if place % 2 == 1 {
            pieces.push(Piece::Column(*columns.get(piece.parse::<usize>().ok()?)?));
        } else if !piece.is_empty() {
            pieces.push(Piece::Sql(piece.to_owned()));
        }
    }
    // What binds looser than what may stand around it keeps its brackets.
    if matches!(expression, Expr::BinaryOp { .. } | Expr::UnaryOp { .. }) {
        pieces.insert(0, Piece::Sql("(".to_owned()));
        pieces.push(Piece::Sql(")".to_owned()));
    }
    Some(Verbatim { pieces, is_aggregate: is_aggregate(expression), name: None })
}

fn is_aggregate(expression: &Expr) -> bool {
    any(expression, |inner| match inner {
        Expr::Function(function) => {
            let name = parts(&function.name).and_then(|parts| parts.last().map(|name| name.value.to_lowercase()));
            let arity = blank::arguments(function).map_or(1, |(arguments, _)| arguments.len());
            // SQLite's MIN and MAX of several values are of one row.
            let of_a_row = arity > 1 && matches!(name.as_deref(), Some("min" | "max"));
            name.is_some_and(|name| AGGREGATES.contains(&name.as_str())) && !of_a_row
        }
        _ => false,
    })
}

/// A column of days cut as the writer cuts it.
pub(super) fn part(expression: &Expr, scope: &Scope<'_>) -> Option<Term> {
    let (text, columns) = marked(expression, scope)?;
    let (column, others) = columns.split_first()?;
    if others.iter().any(|other| other != column) || path(expression).is_some() {
        return None;
    }
    let dialect = scope.catalog.schema().dialect;
    let shape = shape(&text);
    let grains = [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];
    let same = |grain: &Grain| {
        let own = parsed(&format!("SELECT {}", write::part(dialect, "x", *grain)), dialect);
        own.is_some_and(|own| self::shape(&own) == shape)
    };
    grains.into_iter().find(same).map(|grain| Term::Part(*column, grain))
}

/// The text with all columns alike.
fn shape(marked: &str) -> String {
    let pieces = marked.split(MARK).enumerate();
    pieces.map(|(place, piece)| if place % 2 == 1 { "x" } else { piece }).collect()
}

fn parsed(sql: &str, dialect: Dialect) -> Option<String> {
    let Statement::Query(query) = Parser::parse_sql(grammar(dialect), sql).ok()?.pop()? else { return None };
    let Query { body, .. } = *query;
    let SetExpr::Select(select) = *body else { return None };
    let Some(SelectItem::UnnamedExpr(mut expression)) = select.projection.into_iter().next() else { return None };
    lower_functions(&mut expression);
    Some(expression.to_string())
}

/// The text with a number between marks in the place of each column, and the columns.
fn marked(expression: &Expr, scope: &Scope<'_>) -> Option<(String, Vec<ColumnId>)> {
    let is_closed = |inner: &Expr| match inner {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } | Expr::Wildcard(_) => true,
        Expr::Function(function) => {
            function.over.is_some() || matches!(function.args, sqlparser::ast::FunctionArguments::Subquery(_))
        }
        _ => false,
    };
    let written = expression.to_string();
    if any(expression, is_closed) || written.contains([MARK, '\\']) {
        return None;
    }
    let mut expression = expression.clone();
    lower_functions(&mut expression);
    let mut columns = Vec::new();
    let outcome = visit_expressions_mut(&mut expression, |inner| {
        let Some(path) = path_of(inner) else { return ControlFlow::Continue(()) };
        if let Some(id) = scope.column(path) {
            *inner = Expr::Identifier(Ident::new(format!("{MARK}{}{MARK}", columns.len())));
            columns.push(id);
        } else if let Some(text) = term::text(inner, scope) {
            *inner = Expr::Value(sqlparser::ast::Value::SingleQuotedString(text).into());
        } else {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    outcome.is_continue().then(|| (expression.to_string(), columns))
}

/// The identifiers of a column's name; a marked one is none.
fn path_of(expression: &Expr) -> Option<&[Ident]> {
    match expression {
        Expr::Identifier(said) if !said.value.starts_with(MARK) => Some(std::slice::from_ref(said)),
        Expr::CompoundIdentifier(said) => Some(said),
        _ => None,
    }
}

/// Names of functions mean the same in capitals.
fn lower_functions(expression: &mut Expr) {
    let _: ControlFlow<()> = visit_expressions_mut(expression, |inner| {
        if let Expr::Function(function) = inner {
            for part in &mut function.name.0 {
                if let ObjectNamePart::Identifier(name) = part
                    && name.quote_style.is_none()
                {
                    name.value.make_ascii_lowercase();
                }
            }
        }
        ControlFlow::Continue(())
    });
}
