//! Clauses with nothing in them but what is given: a clause that equals its blank has no word that was not read.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName, Query,
    Select, SetExpr, Statement, TableAlias, TableFactor,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

/// A query of that body and nothing else.
pub(super) fn query(body: SetExpr) -> Option<Query> {
    let Statement::Query(query) = Parser::parse_sql(&GenericDialect {}, "SELECT 1").ok()?.pop()? else { return None };
    Some(Query { body: Box::new(body), ..*query })
}

/// A `SELECT` with nothing but what those clauses of `select` hold that are read.
pub(super) fn select(select: &Select) -> Option<Select> {
    let Statement::Query(query) = Parser::parse_sql(&GenericDialect {}, "SELECT 1").ok()?.pop()? else { return None };
    let SetExpr::Select(blank) = *query.body else { return None };
    Some(Select {
        distinct: select.distinct.clone(),
        top: select.top.clone(),
        top_before_distinct: select.top_before_distinct,
        projection: select.projection.clone(),
        from: select.from.clone(),
        selection: select.selection.clone(),
        group_by: select.group_by.clone(),
        having: select.having.clone(),
        ..*blank
    })
}

/// A table by its name.
pub(super) fn table(name: ObjectName, alias: Option<Ident>, explicit: bool) -> TableFactor {
    let alias = alias.map(|name| TableAlias { explicit, name, columns: Vec::new(), at: None });
    TableFactor::Table {
        name,
        alias,
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// The plain arguments of a call of `function`, and whether each different one counts once; `None` where there is more.
pub(super) fn arguments(function: &Function) -> Option<(Vec<&FunctionArgExpr>, bool)> {
    use sqlparser::ast::DuplicateTreatment::Distinct;
    let FunctionArguments::List(list) = &function.args else { return None };
    let blank = Function {
        name: function.name.clone(),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: list.duplicate_treatment,
            args: list.args.clone(),
            clauses: Vec::new(),
        }),
        within_group: Vec::new(),
        filter: None,
        null_treatment: None,
        over: None,
    };
    let arguments: Option<Vec<&FunctionArgExpr>> = list.args.iter().map(unnamed).collect();
    (blank == *function).then_some((arguments?, list.duplicate_treatment == Some(Distinct)))
}

fn unnamed(argument: &FunctionArg) -> Option<&FunctionArgExpr> {
    match argument {
        FunctionArg::Unnamed(argument) => Some(argument),
        FunctionArg::Named { .. } | FunctionArg::ExprNamed { .. } => None,
    }
}

/// What stands in brackets, however many.
pub(super) fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}
