//! The conditions of a statement, each by itself, so that one can be left out.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, LimitClause, Query, Select,
    SelectItem, SetExpr, Statement, TableFactor, Value as Literal,
};
use sqlparser::dialect::{Dialect as Grammar, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use crate::dialect::Dialect;

/// Conditions that are told apart at most.
const MOST: usize = 4;

/// A statement of one SELECT from tables, and its conditions.
#[derive(Debug)]
pub(super) struct Conditions {
    query: Query,
    /// The tables it names: name as written and alias.
    pub tables: Vec<(String, Option<String>)>,
    pub parts: Vec<Condition>,
    /// What one value without a group stands for when nothing matched.
    pub aggregate: Option<Aggregate>,
}

/// What a single value is computed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    /// It is 0 when nothing matched.
    Count,
    /// It is NULL then.
    Other,
}

/// One of the conditions that all must hold.
#[derive(Debug)]
pub(super) struct Condition {
    /// As SQL.
    pub text: String,
    /// The column that is compared with texts, its table as written, and the texts.
    pub compared: Option<Compared>,
    expression: Expr,
    of_groups: bool,
}

/// A column and the texts that it is compared with.
#[derive(Debug)]
pub(super) struct Compared {
    pub table: Option<String>,
    pub column: String,
    pub texts: Vec<String>,
}

impl Conditions {
    /// Takes `sql` apart; `None` where it is of another form, or has no or too many conditions.
    pub(super) fn read(sql: &str, dialect: Dialect) -> Option<Self> {
        let grammar: &dyn Grammar = match dialect {
            Dialect::Sqlite => &SQLiteDialect {},
            Dialect::Postgres => &PostgreSqlDialect {},
            Dialect::Mysql => &MySqlDialect {},
            Dialect::Mssql => &MsSqlDialect {},
        };
        let statement = Parser::parse_sql(grammar, sql).ok()?.pop()?;
        let Statement::Query(query) = statement else { return None };
        let SetExpr::Select(select) = query.body.as_ref() else { return None };
        let mut parts = Vec::new();
        split(select.selection.as_ref(), false, &mut parts);
        split(select.having.as_ref(), true, &mut parts);
        let tables = tables(select)?;
        let aggregate = aggregate(select);
        let is_fit = (1..=MOST).contains(&parts.len()) && !tables.is_empty();
        is_fit.then_some(Self { query: *query, tables, parts, aggregate })
    }

    /// A statement that gives a row where one meets all conditions but the one at `left_out`.
    pub(super) fn without(&self, left_out: usize) -> Option<String> {
        let mut query = self.query.clone();
        let SetExpr::Select(select) = query.body.as_mut() else { return None };
        let kept = |of_groups: bool| {
            let parts = self.parts.iter().enumerate();
            let parts = parts.filter(|(place, part)| *place != left_out && part.of_groups == of_groups);
            parts.map(|(_, part)| part.expression.clone()).reduce(|left, right| Expr::BinaryOp {
                left: Box::new(left),
                op: BinaryOperator::And,
                right: Box::new(right),
            })
        };
        select.selection = kept(false);
        select.having = kept(true);
        if select.having.is_none() {
            select.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
        }
        select.distinct = None;
        select.projection = vec![SelectItem::UnnamedExpr(number("1"))];
        query.order_by = None;
        query.limit_clause =
            Some(LimitClause::LimitOffset { limit: Some(number("1")), offset: None, limit_by: Vec::new() });
        Some(query.to_string())
    }
}

fn number(digits: &str) -> Expr {
    Expr::Value(Literal::Number(digits.to_owned(), false).into())
}

fn split(expression: Option<&Expr>, of_groups: bool, parts: &mut Vec<Condition>) {
    match expression {
        None => {}
        Some(Expr::BinaryOp { left, op: BinaryOperator::And, right }) => {
            split(Some(left), of_groups, parts);
            split(Some(right), of_groups, parts);
        }
        Some(Expr::Nested(inner)) if matches!(inner.as_ref(), Expr::BinaryOp { op: BinaryOperator::And, .. }) => {
            split(Some(inner), of_groups, parts);
        }
        Some(expression) => parts.push(Condition {
            text: expression.to_string(),
            compared: compared(expression),
            // In parentheses, so that an OR keeps its sides.
            expression: Expr::Nested(Box::new(expression.clone())),
            of_groups,
        }),
    }
}

fn compared(expression: &Expr) -> Option<Compared> {
    let (column, texts) = match expression {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => match (text(left), text(right)) {
            (None, Some(text)) => (left, vec![text]),
            (Some(text), None) => (right, vec![text]),
            _ => return None,
        },
        Expr::InList { expr, list, negated: false } => (expr, list.iter().map(text).collect::<Option<Vec<_>>>()?),
        Expr::Like { negated: false, expr, pattern, .. } | Expr::ILike { negated: false, expr, pattern, .. } => {
            let bare = text(pattern)?.replace(['%', '_'], " ");
            (expr, vec![bare.split_whitespace().collect::<Vec<_>>().join(" ")])
        }
        Expr::Nested(inner) => return compared(inner),
        _ => return None,
    };
    let (table, column) = column_of(column)?;
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then_some(Compared { table, column, texts })
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Value(value) => match &value.value {
            Literal::SingleQuotedString(text) | Literal::NationalStringLiteral(text) => Some(text.clone()),
            _ => None,
        },
        Expr::Function(_) => argument(expression).and_then(text),
        _ => None,
    }
}

/// A column, also within `lower(…)` and the like.
fn column_of(expression: &Expr) -> Option<(Option<String>, String)> {
    match expression {
        Expr::Identifier(name) => Some((None, name.value.clone())),
        Expr::CompoundIdentifier(names) => match names.as_slice() {
            [.., table, column] => Some((Some(table.value.clone()), column.value.clone())),
            _ => None,
        },
        Expr::Nested(inner) => column_of(inner),
        Expr::Function(_) => argument(expression).and_then(column_of),
        _ => None,
    }
}

/// What a function that changes a text's letters only is called with.
fn argument(expression: &Expr) -> Option<&Expr> {
    let Expr::Function(function) = expression else { return None };
    let name = function.name.to_string().to_lowercase();
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(only))] if matches!(name.as_str(), "lower" | "upper") => Some(only),
        _ => None,
    }
}

/// The tables of FROM; `None` where it reads anything else.
fn tables(select: &Select) -> Option<Vec<(String, Option<String>)>> {
    let factors = select
        .from
        .iter()
        .flat_map(|from| std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation)));
    factors
        .map(|factor| match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let last = name.0.last()?.as_ident()?.value.clone();
                Some((last, alias.as_ref().map(|alias| alias.name.value.clone())))
            }
            _ => None,
        })
        .collect()
}

fn aggregate(select: &Select) -> Option<Aggregate> {
    let is_whole = matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    let [SelectItem::UnnamedExpr(only) | SelectItem::ExprWithAlias { expr: only, .. }] = select.projection.as_slice()
    else {
        return None;
    };
    let Expr::Function(function) = only else { return None };
    match function.name.to_string().to_lowercase().as_str() {
        "count" if is_whole => Some(Aggregate::Count),
        "sum" | "avg" | "min" | "max" | "total" if is_whole => Some(Aggregate::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Aggregate, Conditions};
    use crate::dialect::Dialect;

    fn read(sql: &str) -> Option<Conditions> {
        Conditions::read(sql, Dialect::Postgres)
    }

    #[test]
    fn one_condition_is_left_out_at_a_time() {
        let sql = "SELECT o.id FROM orders AS o JOIN users u ON u.id = o.user_id \
                   WHERE (lower(u.name) = 'jon' AND o.total > 10) AND (o.a = 1 OR o.b = 2) ORDER BY o.id LIMIT 5";
        let conditions = read(sql).unwrap();
        let texts: Vec<&str> = conditions.parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(texts, ["lower(u.name) = 'jon'", "o.total > 10", "(o.a = 1 OR o.b = 2)"]);
        let compared = conditions.parts[0].compared.as_ref().unwrap();
        assert_eq!((compared.table.as_deref(), compared.column.as_str()), (Some("u"), "name"));
        assert_eq!(compared.texts, ["jon"]);
        assert_eq!(conditions.tables[0], ("orders".to_owned(), Some("o".to_owned())));
        assert_eq!(
            conditions.without(1).unwrap(),
            "SELECT 1 FROM orders AS o JOIN users u ON u.id = o.user_id \
             WHERE (lower(u.name) = 'jon') AND ((o.a = 1 OR o.b = 2)) LIMIT 1"
        );
    }

    #[test]
    fn groups_stay_only_for_a_condition_on_them() {
        let conditions =
            read("SELECT city, count(*) FROM users WHERE a = 1 GROUP BY city HAVING count(*) > 3").unwrap();
        assert_eq!(conditions.without(0).unwrap(), "SELECT 1 FROM users GROUP BY city HAVING (count(*) > 3) LIMIT 1");
        assert_eq!(conditions.without(1).unwrap(), "SELECT 1 FROM users WHERE (a = 1) LIMIT 1");
        assert_eq!(conditions.aggregate, None);
        assert_eq!(read("SELECT count(*) FROM users WHERE a = 1").unwrap().aggregate, Some(Aggregate::Count));
    }

    #[test]
    fn what_is_of_another_form_is_left_alone() {
        for sql in [
            "SELECT 1",
            "SELECT * FROM users",
            "SELECT id FROM users WHERE a = 1 UNION SELECT id FROM users WHERE a = 2",
            "SELECT * FROM (SELECT * FROM users) AS u WHERE a = 1",
            "SELECT * FROM users WHERE a = 1 AND b = 2 AND c = 3 AND d = 4 AND e = 5",
            "no statement",
        ] {
            assert!(read(sql).is_none(), "{sql}");
        }
    }
}
