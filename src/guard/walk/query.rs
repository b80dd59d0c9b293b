//! Queries: WITH, set operations, ORDER BY, LIMIT.

use std::rc::Rc;

use sqlparser::ast::{
    Cte, Expr, Fetch, ForClause, Ident, LimitClause, Offset, OrderBy, OrderByExpr, OrderByKind, OrderByOptions,
    OrderBySort, Query, SetExpr, SetOperator, SetQuantifier, TableAlias, TableAliasColumnDef, Values, With,
};

use super::output::spread;
use super::source::same;
use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::Rejection;
use crate::guard::resolve::fold;
use crate::guard::rules::{clause, no_locks, operator, reads_only};
use crate::guard::shape::Shape;

impl<'a> Walk<'a> {
    pub(super) fn query(&mut self, query: &Query) -> Verdict {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        if !locks.is_empty() {
            return Err(no_locks::RULE.refuse("the statement locks the rows it reads"));
        }
        clause::absent(settings.is_some(), "SETTINGS")?;
        clause::absent(format_clause.is_some(), "FORMAT")?;
        clause::absent(!pipe_operators.is_empty(), "a pipe operator")?;
        match for_clause {
            Some(ForClause::Browse) => return Err(clause::refuse("FOR BROWSE")),
            Some(
                ForClause::Json { for_json: _, root: _, include_null_values: _, without_array_wrapper: _ }
                | ForClause::Xml { for_xml: _, elements: _, binary_base64: _, root: _, r#type: _ },
            ) => clause::foreign(!self.is(Dialect::Mssql), "FOR JSON or FOR XML")?,
            None => {}
        }
        let mark = self.names.mark();
        if let Some(with) = with {
            self.with(with)?;
        }
        // ORDER BY sees what the body reads from, so the body's sources stay until the end.
        let sources = self.sources.enter();
        let groupings = self.groupings.len();
        self.body(body)?;
        let read = self.read.len();
        let output = std::mem::replace(&mut self.sources.output, Shape::empty());
        if let Some(order_by) = order_by {
            self.order_by(order_by, &output)?;
            self.group_by_order(body, groupings, read);
        }
        if let Some(limit) = limit_clause {
            self.limit(limit)?;
        }
        if let Some(Fetch { with_ties: _, percent: _, quantity: Some(quantity) }) = fetch {
            self.expression(quantity)?;
        }
        self.sources.leave(&sources);
        // FOR JSON and FOR XML make one column of all.
        self.sources.output = if for_clause.is_some() { Shape::open(output.has_masked()) } else { output };
        self.names.leave(mark);
        Ok(())
    }

    fn with(&mut self, with: &With) -> Verdict {
        let With { with_token: _, recursive, cte_tables } = with;
        // PostgreSQL is exact: with RECURSIVE each sees all, without it only those before it. Elsewhere
        // engines differ over references to itself without RECURSIVE and to later ones, so there the
        // table of that name must be allowed too.
        let all_seen = self.is(Dialect::Postgres) && *recursive;
        let first = self.names.mark();
        let (guesses, touches) = (self.guesses, self.touches);
        for (at, cte) in cte_tables.iter().enumerate() {
            self.alias(&cte.alias.name)?;
            if all_seen {
                self.names.enter(&cte.alias.name, true, None);
            } else if !self.is(Dialect::Postgres) {
                let earlier = cte_tables.iter().take(at).any(|before| before.alias.name.value == cte.alias.name.value);
                clause::absent(earlier, "two common table expressions of one name")?;
            }
        }
        for (at, cte) in cte_tables.iter().enumerate() {
            let body = self.names.mark();
            if !self.is(Dialect::Postgres) {
                for (place, later) in cte_tables.iter().enumerate().skip(at) {
                    self.names.enter(&later.alias.name, *recursive && place == at, None);
                }
            }
            let columns = self.common_table(cte)?;
            self.names.leave(body);
            // A reference to what has not been walked yet may bring anything that is masked.
            let guessed = self.guesses != guesses && self.touches != touches;
            let columns = Some(Rc::new(if guessed { columns.all_masked() } else { columns }));
            if all_seen {
                self.names.describe(first + at, columns);
            } else {
                self.names.enter(&cte.alias.name, true, columns);
            }
        }
        if self.guesses != guesses && self.touches != touches {
            self.names.mask(first);
        }
        Ok(())
    }

    fn common_table(&mut self, cte: &Cte) -> Result<Shape<'a>, Rejection> {
        let Cte { alias, query, from, materialized: _, closing_paren_token: _ } = cte;
        clause::absent(from.is_some(), "FROM behind a common table expression")?;
        self.table_alias(alias)?;
        self.query(query)?;
        let columns = std::mem::replace(&mut self.sources.output, Shape::empty());
        Ok(columns.renamed(alias.columns.iter().map(|column| self.folded(&column.name)).collect()))
    }

    /// Checks the alias of a relation and the types it gives to columns.
    pub(super) fn table_alias(&mut self, alias: &TableAlias) -> Verdict {
        let TableAlias { explicit: _, name, columns, at } = alias;
        clause::absent(at.is_some(), "AT behind an alias")?;
        self.alias(name)?;
        self.each(columns, |walk, TableAliasColumnDef { name: _, data_type }| match data_type {
            Some(data_type) => walk.data_type(data_type),
            None => Ok(()),
        })
    }

    fn body(&mut self, body: &SetExpr) -> Verdict {
        let mut others = Vec::new();
        self.first_of(body, &mut others)?;
        for other in &others {
            let first = std::mem::replace(&mut self.sources.output, Shape::empty());
            self.sources.output = first.united(other);
        }
        Ok(())
    }

    /// Looks at a query and, before that, at all that a set operation combines it with.
    fn first_of(&mut self, mut body: &SetExpr, others: &mut Vec<Shape<'a>>) -> Verdict {
        loop {
            match body {
                SetExpr::Select(select) => return self.select(select),
                SetExpr::Query(query) => return self.query(query),
                SetExpr::SetOperation { left, op, set_quantifier, right } => {
                    match op {
                        SetOperator::Union | SetOperator::Except | SetOperator::Intersect => {}
                        SetOperator::Minus => return Err(clause::refuse("MINUS")),
                    }
                    match set_quantifier {
                        SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None => {}
                        SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
                            return Err(clause::refuse("BY NAME"));
                        }
                    }
                    let sources = self.sources.enter();
                    self.body(right)?;
                    others.push(std::mem::replace(&mut self.sources.output, Shape::empty()));
                    self.sources.leave(&sources);
                    // A long chain leans to the left, so the left side is the next turn of the loop.
                    body = left;
                }
                SetExpr::Values(values) => return self.values(values),
                SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                    return Err(reads_only::inner());
                }
                SetExpr::Table(_) => {
                    return Err(
                        clause::RULE.refuse_with("TABLE is not read here", "write `SELECT * FROM` in its place")
                    );
                }
            }
        }
    }

    fn values(&mut self, values: &Values) -> Verdict {
        let Values { explicit_row: _, value_keyword: _, rows } = values;
        let masked = self.touching(|walk| walk.each(rows, |walk, row| walk.expressions(&row.content)))?;
        if rows.iter().flat_map(|row| &row.content).any(|value| spread(value).is_some()) {
            // A row that is spread gives more columns than are written.
            self.sources.output = Shape::open(masked);
            return Ok(());
        }
        let width = rows.first().map_or(0, |row| row.content.len());
        let mut output = Shape::empty();
        for number in 1..=width {
            output.push(Some(format!("column{number}").into()), masked);
        }
        self.sources.output = output;
        Ok(())
    }

    /// ORDER BY of a query that gives `output`.
    fn order_by(&mut self, order_by: &OrderBy, output: &Shape<'a>) -> Verdict {
        let OrderBy { kind, interpolate } = order_by;
        clause::absent(interpolate.is_some(), "INTERPOLATE")?;
        match kind {
            OrderByKind::All(_) => Err(clause::refuse("ORDER BY ALL")),
            OrderByKind::Expressions(expressions) => self.each(expressions, |walk, order| {
                // A name alone means a column of the result before one of FROM.
                let is_output = |ident: &Ident| {
                    let name = fold(walk.dialect, ident);
                    let mut names = output.columns.iter().filter_map(|column| column.name.as_ref());
                    names.any(|column| same(walk.dialect, column, &name))
                };
                match order {
                    OrderByExpr { expr: Expr::Identifier(ident), options: _, with_fill: None } if is_output(ident) => {
                        walk.order_by_options(&order.options)
                    }
                    _ => walk.order_by_expression(order),
                }
            }),
        }
    }

    pub(super) fn order_by_expression(&mut self, order: &OrderByExpr) -> Verdict {
        let OrderByExpr { expr, options, with_fill } = order;
        clause::absent(with_fill.is_some(), "WITH FILL")?;
        self.order_by_options(options)?;
        self.expression(expr)
    }

    fn order_by_options(&self, options: &OrderByOptions) -> Verdict {
        let OrderByOptions { sort, nulls_first: _ } = options;
        match sort {
            None | Some(OrderBySort::Asc | OrderBySort::Desc) => Ok(()),
            Some(OrderBySort::Using(name)) => {
                let name = name.to_string();
                if !self.is(Dialect::Postgres) || !["<", ">", "<=", ">="].contains(&name.as_str()) {
                    return Err(operator::refuse("USING"));
                }
                Ok(())
            }
        }
    }

    fn limit(&mut self, limit: &LimitClause) -> Verdict {
        match limit {
            LimitClause::LimitOffset { limit, offset, limit_by } => {
                clause::absent(!limit_by.is_empty(), "LIMIT BY")?;
                if let Some(limit) = limit {
                    self.expression(limit)?;
                }
                if let Some(Offset { value, rows: _ }) = offset {
                    self.expression(value)?;
                }
                Ok(())
            }
            LimitClause::OffsetCommaLimit { offset, limit } => {
                self.expression(offset)?;
                self.expression(limit)
            }
        }
    }
}
