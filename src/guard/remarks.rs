//! What is allowed and still worth a second look.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, JoinConstraint, JoinOperator, Query, Select, SelectItem, SetExpr, Statement, TableFactor,
    TableWithJoins, visit_expressions,
};

/// Remarks on a statement that was let through.
pub(super) fn of(statement: &Statement) -> Vec<String> {
    let Statement::Query(query) = statement else { return Vec::new() };
    let mut found = Vec::new();
    if selects(&query.body).iter().any(|select| gives_all(select)) {
        found.push("`SELECT *` gives every column, also those that are added later".to_owned());
    }
    of_query(query, &mut found);
    found
}

fn of_query(query: &Query, found: &mut Vec<String>) {
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        of_query(&cte.query, found);
    }
    for select in selects(&query.body) {
        found.extend(unjoined(select));
        for factor in select.from.iter().flat_map(factors) {
            if let TableFactor::Derived { subquery, .. } = factor {
                of_query(subquery, found);
            }
        }
    }
}

/// The selects that a query is made of.
fn selects(body: &SetExpr) -> Vec<&Select> {
    match body {
        SetExpr::Select(select) => vec![select],
        SetExpr::Query(query) => selects(&query.body),
        SetExpr::SetOperation { left, right, .. } => [selects(left), selects(right)].concat(),
        _ => Vec::new(),
    }
}

fn gives_all(select: &Select) -> bool {
    let all = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    // From a derived table `*` gives what that one lists.
    let stored = |table: &TableWithJoins| factors(table).any(|factor| matches!(factor, TableFactor::Table { .. }));
    select.projection.iter().any(all) && select.from.iter().any(stored)
}

fn factors(table: &TableWithJoins) -> impl Iterator<Item = &TableFactor> {
    std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation))
}

/// Two tables of one FROM that no condition joins.
fn unjoined(select: &Select) -> Option<String> {
    let mut groups: Vec<BTreeSet<String>> = Vec::new();
    let mut conditions: Vec<&Expr> = select.selection.iter().collect();
    for table in &select.from {
        groups.push(BTreeSet::from([stored(&table.relation)?]));
        for join in &table.joins {
            let name = stored(&join.relation)?;
            match &join.join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::CrossJoin(constraint) => match constraint {
                    JoinConstraint::On(condition) => {
                        groups.push(BTreeSet::from([name]));
                        conditions.push(condition);
                    }
                    JoinConstraint::None => groups.push(BTreeSet::from([name])),
                    JoinConstraint::Using(_) | JoinConstraint::Natural => {
                        groups.last_mut()?.insert(name);
                    }
                },
                // An outer join has a condition, and APPLY is one.
                _ => {
                    groups.last_mut()?.insert(name);
                }
            }
        }
    }
    while let Some(condition) = conditions.pop() {
        if let Expr::BinaryOp { left, op: BinaryOperator::And, right } = condition {
            conditions.extend([left.as_ref(), right.as_ref()]);
        } else {
            let named = qualifiers(condition)?;
            let (joined, rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| !group.is_disjoint(&named));
            groups = rest;
            groups.extend(joined.into_iter().reduce(|mut one, other| {
                one.extend(other);
                one
            }));
        }
    }
    groups.sort();
    let names: Vec<String> = groups.iter().filter_map(|group| Some(format!("`{}`", group.first()?))).collect();
    (names.len() > 1)
        .then(|| format!("nothing joins {}: each row of one comes with every row of the other", names.join(" and ")))
}

/// What a stored table is called in its query; `None` for all that may depend on what stands beside it.
fn stored(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table { name, alias, args: None, .. } => {
            let ident = alias.as_ref().map(|alias| &alias.name).or_else(|| name.0.last()?.as_ident())?;
            Some(ident.value.to_lowercase())
        }
        _ => None,
    }
}

/// The tables that an expression names; `None` when it names a column without saying whose it is.
fn qualifiers(expression: &Expr) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let flow = visit_expressions(expression, |inner| {
        match inner {
            Expr::CompoundIdentifier(parts) => {
                names.extend(parts.iter().rev().nth(1).map(|ident| ident.value.to_lowercase()));
            }
            Expr::Identifier(_) | Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
                return ControlFlow::Break(());
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
    flow.is_continue().then_some(names)
}

#[cfg(test)]
mod tests {
    use crate::dialect::Dialect;
    use crate::guard::{Guard, Policy};

    fn of(sql: &str) -> Vec<String> {
        let approved = Guard::new(Dialect::Postgres, Policy::default()).remarking().approve_unresolved(sql);
        approved.expect("harmless").remarks().to_vec()
    }

    #[test]
    fn tables_that_nothing_joins_are_named() {
        for sql in [
            "SELECT a.x FROM a, b",
            "SELECT a.x FROM a CROSS JOIN b",
            "SELECT a.x FROM a, b WHERE a.x = 1 AND b.x > 2",
            "WITH c AS (SELECT a.x FROM a, b) SELECT x FROM c",
            "SELECT x FROM (SELECT a.x FROM a JOIN b ON a.x = 1) t",
            "SELECT a.x FROM a JOIN c ON c.x = a.x, b",
        ] {
            assert_eq!(of(sql).len(), 1, "{sql}");
            assert!(of(sql)[0].starts_with("nothing joins `a` and `b`"), "{sql}: {:?}", of(sql));
        }
    }

    #[test]
    fn what_is_joined_or_may_be_is_not() {
        for sql in [
            "SELECT a.x FROM a, b WHERE a.x = b.x",
            "SELECT x FROM a, b WHERE x = y",
            "SELECT a.x FROM a JOIN b ON a.x = b.x JOIN c ON c.x = b.x",
            "SELECT a.x FROM a JOIN b USING (x)",
            "SELECT a.x FROM a NATURAL JOIN b",
            "SELECT a.x FROM a LEFT JOIN b ON true",
            "SELECT a.x FROM a, unnest(a.y) u",
            "SELECT a.x FROM a, LATERAL (SELECT 1) b",
            "SELECT count(*) FROM a",
            "SELECT * FROM (SELECT x FROM a) t",
        ] {
            assert_eq!(of(sql), Vec::<String>::new(), "{sql}");
        }
        assert!(of("SELECT * FROM a")[0].contains("SELECT *"));
    }
}
