//! Function calls, their arguments and windows.

use sqlparser::ast::{
    DuplicateTreatment, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList,
    FunctionArguments, HavingBound, ListAggOnOverflow, ObjectName, ObjectNamePart, TableAlias, WindowFrame,
    WindowFrameBound, WindowSpec, WindowType,
};

use super::source::Row;
use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::Rejection;
use crate::guard::resolve::fold;
use crate::guard::rules::{clause, function};

impl Walk<'_> {
    pub(super) fn function(&mut self, call: &Function) -> Verdict {
        let Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment: _, over } = call;
        clause::absent(*uses_odbc_syntax, "an ODBC escape")?;
        function::check(self.dialect, &self.function_name(name)?)?;
        match parameters {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(_) | FunctionArguments::List(_) => {
                return Err(clause::refuse("a function with parameters before its arguments"));
            }
        }
        match args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => self.query(query)?,
            FunctionArguments::List(list) => self.argument_list(list)?,
        }
        self.each(within_group, Self::order_by_expression)?;
        if let Some(filter) = filter {
            self.expression(filter)?;
        }
        match over {
            None | Some(WindowType::NamedWindow(_)) => Ok(()),
            Some(WindowType::WindowSpec(window)) => self.window(window),
        }
    }

    /// A function in FROM.
    pub(super) fn row_function(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        with_ordinality: bool,
    ) -> Verdict {
        clause::absent(with_ordinality && !self.is(Dialect::Postgres), "WITH ORDINALITY")?;
        let name = self.function_name(name)?;
        function::check_in_from(self.dialect, &name)?;
        self.each(args, Self::argument)?;
        let mut columns = Vec::new();
        if let Some(alias) = alias {
            self.table_alias(alias)?;
            columns.extend(alias.columns.iter().map(|column| self.folded(&column.name)));
        }
        let source = alias.map_or_else(|| name.clone(), |alias| self.folded(&alias.name));
        self.sources.add(source, Row::Function(name), columns);
        Ok(())
    }

    /// The name of a function in lower case. A function is looked up in the system only, so a schema
    /// before it is the system's or the function is a user's.
    fn function_name(&self, name: &ObjectName) -> Result<String, Rejection> {
        let mut parts = Vec::with_capacity(2);
        for part in &name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => parts.push(ident),
                ObjectNamePart::Function(_) => return Err(clause::refuse("a name that a function makes")),
            }
        }
        let ident = match parts.as_slice() {
            [ident] => ident,
            [schema, ident] if self.is(Dialect::Postgres) && fold(self.dialect, schema) == "pg_catalog" => ident,
            [.., ident] => {
                let name = crate::guard::rules::printable(&ident.value);
                return Err(function::RULE.refuse(format!("`{name}` is a function of a schema, so a user's")));
            }
            [] => return Err(clause::refuse("a function without a name")),
        };
        let folded = fold(self.dialect, ident);
        match (ident.quote_style, self.dialect) {
            // A quoted name is exact, so one with capitals is no built-in.
            (Some(_), Dialect::Postgres) => Ok(folded.into_owned()),
            (None, _) | (Some(_), Dialect::Sqlite) => Ok(folded.to_ascii_lowercase()),
            (Some(_), Dialect::Mysql | Dialect::Mssql) => Err(function::RULE.refuse("a quoted function is a user's")),
        }
    }

    fn argument_list(&mut self, list: &FunctionArgumentList) -> Verdict {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        match duplicate_treatment {
            None | Some(DuplicateTreatment::Distinct | DuplicateTreatment::All) => {}
        }
        self.each(args, Self::argument)?;
        self.each(clauses, |walk, clause| match clause {
            FunctionArgumentClause::IgnoreOrRespectNulls(_)
            | FunctionArgumentClause::JsonNullClause(_)
            | FunctionArgumentClause::OnOverflow(ListAggOnOverflow::Error) => Ok(()),
            FunctionArgumentClause::Where(condition) => walk.expression(condition),
            FunctionArgumentClause::OrderBy(order) => walk.each(order, Self::order_by_expression),
            FunctionArgumentClause::Limit(limit) => walk.expression(limit),
            FunctionArgumentClause::OnOverflow(ListAggOnOverflow::Truncate { filler, with_count: _ }) => {
                walk.each(filler.iter().map(AsRef::as_ref), Self::expression)
            }
            FunctionArgumentClause::Having(HavingBound(_, expression)) => walk.expression(expression),
            FunctionArgumentClause::Separator(value) => Self::value(&value.value),
            FunctionArgumentClause::JsonReturningClause(returning) => walk.data_type(&returning.data_type),
        })
    }

    pub(super) fn argument(&mut self, argument: &FunctionArg) -> Verdict {
        let argument = match argument {
            FunctionArg::Named { name: _, arg, operator: _ } => arg,
            FunctionArg::ExprNamed { name, arg, operator: _ } => {
                self.expression(name)?;
                arg
            }
            FunctionArg::Unnamed(argument) => argument,
        };
        match argument {
            FunctionArgExpr::Expr(expression) => self.expression(expression),
            FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::Wildcard => Ok(()),
            FunctionArgExpr::WildcardWithOptions(options) => Self::wildcard(options),
        }
    }

    pub(super) fn window(&mut self, window: &WindowSpec) -> Verdict {
        let WindowSpec { window_name: _, partition_by, order_by, window_frame } = window;
        self.expressions(partition_by)?;
        self.each(order_by, Self::order_by_expression)?;
        let Some(WindowFrame { units: _, start_bound, end_bound }) = window_frame else { return Ok(()) };
        self.each(std::iter::once(start_bound).chain(end_bound), |walk, bound| match bound {
            WindowFrameBound::CurrentRow => Ok(()),
            WindowFrameBound::Preceding(distance) | WindowFrameBound::Following(distance) => {
                walk.each(distance.iter().map(AsRef::as_ref), Self::expression)
            }
        })
    }
}
