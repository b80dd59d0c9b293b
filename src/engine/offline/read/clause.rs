//! The clauses of one `SELECT`.

use sqlparser::ast::{
    self, Distinct, Expr, GroupByExpr, LimitClause, Offset, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort,
    Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor, TopQuantity, Value,
    WildcardAdditionalOptions,
};

use super::scope::{From, Scope, all, parts, path};
use super::{blank, condition, term};
use crate::dialect::Dialect;
use crate::engine::offline::ir::{Condition, Item, Operand, Operator, Order, Query, Term};
use crate::engine::offline::write;
use crate::grounding::{Catalog, ColumnId};

/// Reads one `SELECT` with its order and limit.
pub(super) fn select(query: &ast::Query, catalog: &Catalog) -> Option<Query> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let expected = ast::Query {
        order_by: query.order_by.clone(),
        limit_clause: query.limit_clause.clone(),
        fetch: query.fetch.clone(),
        ..blank::query((*query.body).clone())?
    };
    if *query != expected || **select != blank::select(select)? {
        return None;
    }
    if let Some(counted) = counted(query, select, catalog) {
        return Some(counted);
    }
    let From { mut scope, conditions } = Scope::read(&select.from, catalog)?;
    let asked: Vec<&Expr> = conditions.into_iter().chain(&select.selection).flat_map(all).collect();
    let mut equal = scope.merged.clone();
    let mut filter = Vec::new();
    for expression in asked {
        match equality(expression, &scope) {
            Some(pair) => equal.push(pair),
            None => filter.push(expression),
        }
    }
    let before = scope.tables.clone();
    let joins = scope.join(&mut equal)?;
    let mut read = Query { tables: scope.tables.clone(), ..Query::default() };
    let items: Option<Vec<Item>> = select.projection.iter().map(|item| shown(item, &mut scope)).collect();
    read.select = items?;
    let is_starred = read.select.iter().any(|item| item.term == Term::Row && item.aggregate.is_none());
    if is_starred && (before != scope.tables || !scope.merged.is_empty()) {
        return None;
    }
    let filter: Option<Vec<Condition>> = filter.into_iter().map(|part| condition::read(part, &scope)).collect();
    read.filter = filter?;
    let also = equal.into_iter().map(|[left, right]| Condition::Compare {
        left: Item::column(left),
        operator: Operator::Equal,
        right: Operand::Term(Term::Column(right)),
    });
    read.filter.extend(also);
    read.distinct = match &select.distinct {
        None | Some(Distinct::All) => false,
        Some(Distinct::Distinct) => true,
        Some(Distinct::On(_)) => return None,
    };
    read.group = group(&select.group_by, &read.select, &scope)?;
    let having: Option<Vec<Condition>> =
        select.having.iter().flat_map(all).map(|part| condition::read(part, &scope)).collect();
    read.having = having?;
    order(query, &mut read, &scope)?;
    limit(query, select, &mut read)?;
    read.joined = (!joins.is_empty()).then_some(joins);
    read.native |= !read.group.is_empty() && catalog.schema().dialect == Dialect::Sqlite;
    write::is_determined(&read, catalog).then_some(read)
}

/// `SELECT COUNT(*) FROM (…) AS t`
fn counted(query: &ast::Query, select: &Select, catalog: &Catalog) -> Option<Query> {
    let ([SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }], [from]) =
        (select.projection.as_slice(), select.from.as_slice())
    else {
        return None;
    };
    let TableFactor::Derived { subquery, .. } = &from.relation else { return None };
    let GroupByExpr::Expressions(keys, _) = &select.group_by else { return None };
    let is_alone = from.joins.is_empty()
        && keys.is_empty()
        && select.selection.is_none()
        && select.having.is_none()
        && select.distinct.is_none()
        && select.top.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none();
    if !is_alone || !expr.to_string().eq_ignore_ascii_case("count(*)") {
        return None;
    }
    let inner = super::whole(subquery, catalog)?;
    Some(Query { select: vec![Item::count()], of: Some(Box::new(inner)), ..Query::default() })
}

/// Two columns of different tables that must be equal.
fn equality(expression: &Expr, scope: &Scope<'_>) -> Option<[ColumnId; 2]> {
    let Expr::BinaryOp { left, op: ast::BinaryOperator::Eq, right } = expression else { return None };
    let (left, right) = (scope.column(path(left)?)?, scope.column(path(right)?)?);
    (left.table != right.table).then_some([left, right])
}

fn shown(item: &SelectItem, scope: &mut Scope<'_>) -> Option<Item> {
    let is_plain = |options: &WildcardAdditionalOptions| *options == WildcardAdditionalOptions::default();
    match item {
        SelectItem::UnnamedExpr(expression) => term::item(expression, scope),
        SelectItem::ExprWithAlias { expr, alias } => {
            let mut item = term::item(expr, scope)?;
            if let Term::Verbatim(verbatim) = &mut item.term
                && item.aggregate.is_none()
            {
                verbatim.name = Some(alias.value.clone());
            }
            scope.aliases.push((alias.clone(), item.clone()));
            Some(item)
        }
        SelectItem::Wildcard(options) if is_plain(options) => match scope.tables[..] {
            [only] => every(only, scope),
            _ if scope.tables.iter().any(|table| scope.catalog.table(*table).partial) => None,
            _ => Some(Item::term(Term::Row)),
        },
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)
            if is_plain(options) =>
        {
            let [said] = parts(name)?[..] else { return None };
            every(scope.named(said)?, scope)
        }
        _ => None,
    }
}

fn every(table: usize, scope: &Scope<'_>) -> Option<Item> {
    (!scope.catalog.table(table).partial).then(|| Item::term(Term::Every(table)))
}

fn group(group: &GroupByExpr, select: &[Item], scope: &Scope<'_>) -> Option<Vec<Term>> {
    let GroupByExpr::Expressions(keys, modifiers) = group else { return None };
    if !modifiers.is_empty() {
        return None;
    }
    let keys = keys.iter().map(|key| {
        let item = keyed(key, select, scope)?;
        let is_key = !item.is_aggregate() && !matches!(item.term, Term::Row | Term::Every(_));
        is_key.then_some(item.term)
    });
    keys.collect()
}

/// The item that a key of a group or an order means: an expression, or a number that is a place in the select list.
fn keyed(key: &Expr, select: &[Item], scope: &Scope<'_>) -> Option<Item> {
    let Expr::Value(value) = blank::bare(key) else { return term::item(key, scope) };
    let Value::Number(digits, false) = &value.value else { return None };
    select.get(digits.parse::<usize>().ok()?.checked_sub(1)?).cloned()
}

fn order(query: &ast::Query, read: &mut Query, scope: &Scope<'_>) -> Option<()> {
    let Some(order) = &query.order_by else { return Some(()) };
    let (OrderByKind::Expressions(keys), None) = (&order.kind, &order.interpolate) else { return None };
    let (mut native, mut own) = (true, true);
    for OrderByExpr { expr, options: OrderByOptions { sort, nulls_first }, with_fill } in keys {
        let descending = match sort {
            None | Some(OrderBySort::Asc) => false,
            Some(OrderBySort::Desc) => true,
            Some(OrderBySort::Using(_)) => return None,
        };
        let item = keyed(expr, &read.select, scope)?;
        if with_fill.is_some() || matches!(item.term, Term::Row | Term::Every(_)) && item.aggregate.is_none() {
            return None;
        }
        let may_be_null = item.term.columns().iter().any(|id| scope.catalog.column(*id).nullable);
        if scope.catalog.schema().dialect == Dialect::Postgres {
            native &= !may_be_null || nulls_first.is_none_or(|first| first == descending);
            own &= !may_be_null || *nulls_first == Some(!descending);
        } else {
            own &= nulls_first.is_none_or(|first| first != descending);
        }
        read.order.push(Order { item, descending });
    }
    let is_postgres = scope.catalog.schema().dialect == Dialect::Postgres;
    read.native |= !own && is_postgres;
    (own || native && is_postgres).then_some(())
}

fn limit(query: &ast::Query, select: &Select, read: &mut Query) -> Option<()> {
    let number = |expression: &Expr| match blank::bare(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, false) => digits.parse::<u64>().ok(),
            _ => None,
        },
        _ => None,
    };
    if let Some(top) = &select.top {
        read.limit = match &top.quantity {
            Some(TopQuantity::Constant(rows)) => Some(*rows),
            Some(TopQuantity::Expr(rows)) => Some(number(rows)?),
            None => return None,
        };
        if top.with_ties || top.percent {
            return None;
        }
    }
    match &query.limit_clause {
        None => {}
        _ if read.limit.is_some() => return None,
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
            read.limit = limit.as_ref().map(|limit| number(limit).ok_or(())).transpose().ok()?;
            if let Some(Offset { value, .. }) = offset {
                read.offset = number(value)?;
            }
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
            (read.limit, read.offset) = (Some(number(limit)?), number(offset)?);
        }
        Some(_) => return None,
    }
    if let Some(fetch) = &query.fetch {
        if read.limit.is_some() || fetch.with_ties || fetch.percent {
            return None;
        }
        read.limit = Some(fetch.quantity.as_ref().map_or(Some(1), number)?);
    }
    (read.limit.is_some() || read.offset == 0).then_some(())
}
