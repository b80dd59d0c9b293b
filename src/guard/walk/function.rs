//! Function calls, their arguments and windows.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList,
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
        let name = self.function_name(name)?;
        function::check(self.dialect, &name)?;
        match parameters {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(_) | FunctionArguments::List(_) => {
                return Err(clause::refuse("a function with parameters before its arguments"));
            }
        }
        match args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => self.query(query)?,
            FunctionArguments::List(list) if name == "count" && is_plain(list) => {
                // How many there are tells nothing of what they are.
                let touched = self.touched;
                self.argument_list(&name, list)?;
                self.touched = touched;
            }
            FunctionArguments::List(list) => self.argument_list(&name, list)?,
        }
        self.functions.insert(name);
        self.each(within_group, Self::order_by_expression)?;
        if let Some(filter) = filter {
            self.expression(filter)?;
        }
        match over {
            None => Ok(()),
            Some(WindowType::NamedWindow(_)) => {
                self.named_window();
                Ok(())
            }
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
        let masked = self.touching(|walk| walk.each(args, |walk, argument| walk.argument(&name, argument)))?;
        self.functions.insert(name.clone());
        let mut columns = Vec::new();
        if let Some(alias) = alias {
            self.table_alias(alias)?;
            columns.extend(alias.columns.iter().map(|column| self.folded(&column.name)));
        }
        let source = alias.map_or_else(|| name.clone(), |alias| self.folded(&alias.name));
        self.sources.add(source, Row::Function { name, masked }, columns);
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

    fn argument_list(&mut self, function: &str, list: &FunctionArgumentList) -> Verdict {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        match duplicate_treatment {
            None | Some(DuplicateTreatment::Distinct | DuplicateTreatment::All) => {}
        }
        // `DATEDIFF(day, …)` begins with the name of a unit.
        let units = usize::from(UNITS_FIRST.contains(&function) && args.first().is_some_and(is_word));
        self.each(args.iter().skip(units), |walk, argument| walk.argument(function, argument))?;
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

    pub(super) fn argument(&mut self, function: &str, argument: &FunctionArg) -> Verdict {
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
            FunctionArgExpr::QualifiedWildcard(name) => self.row_of(name),
            FunctionArgExpr::Wildcard => self.every_row(function),
            FunctionArgExpr::WildcardWithOptions(options) => {
                Self::wildcard(options)?;
                self.every_row(function)
            }
        }
    }

    pub(super) fn window(&mut self, window: &WindowSpec) -> Verdict {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = window;
        if window_name.is_some() {
            self.named_window();
        }
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

    /// Notes the use of a window that WINDOW describes.
    fn named_window(&mut self) {
        if self.sources.scope().masked_window {
            self.mask();
        }
    }
}

/// Functions whose first argument is the bare name of a unit
/// (<https://learn.microsoft.com/sql/t-sql/functions/datediff-transact-sql>,
/// <https://dev.mysql.com/doc/refman/8.4/en/date-and-time-functions.html>).
const UNITS_FIRST: &[&str] = &[
    "date_bucket",
    "dateadd",
    "datediff",
    "datediff_big",
    "datename",
    "datepart",
    "datetrunc",
    "get_format",
    "timestampadd",
    "timestampdiff",
];

/// Whether an argument is one bare word.
fn is_word(argument: &FunctionArg) -> bool {
    matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident))) if ident.quote_style.is_none())
}

/// Whether the arguments are nothing but columns.
fn is_plain(list: &FunctionArgumentList) -> bool {
    let column = |argument: &FunctionArg| {
        matches!(
            argument,
            FunctionArg::Unnamed(
                FunctionArgExpr::Expr(Expr::Identifier(_) | Expr::CompoundIdentifier(_)) | FunctionArgExpr::Wildcard
            )
        )
    };
    list.clauses.is_empty() && list.args.iter().all(column)
}
