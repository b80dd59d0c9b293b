//! GROUP BY the primary key of a table that a derived table stands for.
//!
//! PostgreSQL lets `SELECT o.id, o.note … GROUP BY o.id` name every column of `orders`, because the key
//! decides them (<https://www.postgresql.org/docs/current/sql-select.html#SQL-GROUPBY>), but it does not
//! see the key through a derived table. To group by those columns too makes the same groups.

use sqlparser::ast::{Expr, GroupByExpr, Select, SetExpr};
use sqlparser::tokenizer::Location;

use super::Walk;
use super::source::Row;
use crate::dialect::Dialect;
use crate::guard::resolve::fold;
use crate::schema::{Column, Table, TypeClass};

/// A GROUP BY that needs more columns.
pub(in crate::guard) struct Grouping<'a> {
    /// Where a column of the key stands; the others go before it.
    pub place: Location,
    /// What the statement calls the table.
    pub source: String,
    pub table: &'a Table,
    pub columns: Vec<&'a Column>,
}

impl<'a> Grouping<'a> {
    /// Adds the columns of its table that are among `read`.
    fn add(&mut self, read: &[(&'a Table, &'a Column)]) {
        for (table, column) in read {
            let known = self.columns.iter().any(|other| other.name == column.name);
            // What has no equality cannot be grouped by.
            let groups = column.class != TypeClass::Json || column.type_name != "json";
            if std::ptr::eq(*table, self.table) && groups && !known {
                self.columns.push(column);
            }
        }
    }
}

impl Walk<'_> {
    /// Notes the tables of `select` that are grouped by their key; `read` is where its columns begin.
    pub(super) fn group_by_key(&mut self, select: &Select, read: usize) {
        let GroupByExpr::Expressions(expressions, _) = &select.group_by else { return };
        if !self.is(Dialect::Postgres) || self.filtered.is_empty() || expressions.is_empty() {
            return;
        }
        let mut found = Vec::new();
        for source in self.sources.all().iter().skip(self.sources.own().start) {
            let Row::Tables(tables) = &source.row else { continue };
            let [table] = tables.as_slice() else { continue };
            if table.primary_key.is_empty() || source.renamed(0).is_some() {
                continue;
            }
            let place_of = |column: &String| {
                expressions.iter().find_map(|expression| match expression {
                    Expr::Identifier(ident) if fold(self.dialect, ident) == *column => Some(ident.span.start),
                    Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                        [first, .., qualifier, ident]
                            if fold(self.dialect, ident) == *column && fold(self.dialect, qualifier) == source.name =>
                        {
                            Some(first.span.start)
                        }
                        [qualifier, ident]
                            if fold(self.dialect, ident) == *column && fold(self.dialect, qualifier) == source.name =>
                        {
                            Some(qualifier.span.start)
                        }
                        _ => None,
                    },
                    _ => None,
                })
            };
            let places: Option<Vec<Location>> = table.primary_key.iter().map(place_of).collect();
            if let Some(place) = places.and_then(|places| places.into_iter().next()) {
                found.push(Grouping { place, source: source.name.clone(), table, columns: Vec::new() });
            }
        }
        for mut grouping in found {
            grouping.add(self.read.get(read..).unwrap_or_default());
            self.groupings.push(grouping);
        }
    }

    /// Adds what ORDER BY reads since `read` to the groupings since `first`, if they are those of `body`.
    pub(super) fn group_by_order(&mut self, body: &SetExpr, first: usize, read: usize) {
        if let SetExpr::Select(_) = body {
            let Self { groupings, read: all, .. } = self;
            for grouping in groupings.iter_mut().skip(first) {
                grouping.add(all.get(read..).unwrap_or_default());
            }
        }
    }
}
