//! What a select list gives.

use std::borrow::Cow;

use sqlparser::ast::{AccessExpr, Expr, ObjectName, SelectItem, SelectItemQualifiedWildcardKind};

use super::source::Row;
use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::policy::ColumnAccess;
use crate::guard::rules::{allowed_column, clause};
use crate::guard::shape::Shape;
use crate::guard::{Rejection, limit};

impl<'a> Walk<'a> {
    /// Looks at an item of a select list and adds the columns it gives to `output`.
    pub(super) fn select_item(&mut self, item: &SelectItem, output: &mut Shape<'a>) -> Verdict {
        match item {
            // PostgreSQL spreads a row in parentheses too, whatever alias stands behind it.
            SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, alias: _ }
                if let Some(name) = spread(expression) =>
            {
                self.spread(name, output)
            }
            SelectItem::UnnamedExpr(expression) => {
                let expression = self.without_assigned_alias(expression)?;
                let masked = self.touching(|walk| walk.expression(expression))?;
                output.push(self.name_of(expression).map(Cow::Owned), masked);
                Ok(())
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                self.alias(alias)?;
                let masked = self.touching(|walk| walk.expression(expr))?;
                let name = self.folded(alias);
                self.sources.name_output(name.clone());
                output.push(Some(Cow::Owned(name)), masked);
                Ok(())
            }
            SelectItem::ExprWithAliases { .. } => Err(clause::refuse("an alias of several names")),
            SelectItem::QualifiedWildcard(kind, options) => {
                Self::wildcard(options)?;
                match kind {
                    SelectItemQualifiedWildcardKind::ObjectName(name) => self.spread(name, output)?,
                    SelectItemQualifiedWildcardKind::Expr(expression) => {
                        let masked = self.touching(|walk| walk.expression(expression))?;
                        output.append(Shape::open(masked));
                    }
                }
                Ok(())
            }
            SelectItem::Wildcard(options) => {
                Self::wildcard(options)?;
                for at in self.sources.own() {
                    output.append(self.columns_of(at, "`*`")?);
                    limit::columns(output.columns.len())?;
                }
                // A column that is joined on stands once and first.
                output.in_order &= !self.sources.scope().merges;
                Ok(())
            }
        }
    }

    /// `name.*`: adds the columns of a source to `output`.
    fn spread(&mut self, name: &ObjectName, output: &mut Shape<'a>) -> Verdict {
        self.prefix(name);
        let source = name.0.last().and_then(|part| part.as_ident()).map(|ident| self.folded(ident));
        let rows = source.map(|name| self.sources.named(self.dialect, &name)).unwrap_or_default();
        if rows.len() != 1 {
            output.append(Shape::open(self.reads_masked()));
        }
        for at in rows {
            output.append(self.columns_of(at, "`*`")?);
            limit::columns(output.columns.len())?;
        }
        Ok(())
    }

    /// The columns of a source, each of which is read; `what` reads them.
    pub(super) fn columns_of(&mut self, at: usize, what: &str) -> Result<Shape<'a>, Rejection> {
        let mut shape = Shape::empty();
        let Some(source) = self.sources.all().get(at) else { return Ok(shape) };
        match &source.row {
            Row::Tables(tables) => {
                shape.in_order = matches!(tables.as_slice(), [table] if !table.columns.is_empty());
                shape.closed = !source.is_open();
                let limits = self.names.access().limits_columns();
                if limits && self.names.access().conceals {
                    return Err(allowed_column::unnamed(what));
                }
                for table in tables {
                    for (place, column) in table.columns.iter().enumerate() {
                        let access = if limits { self.access_to(table, &column.name) } else { ColumnAccess::Clear };
                        if access == ColumnAccess::Blocked {
                            let readable = |name: &str| self.access_to(table, name) != ColumnAccess::Blocked;
                            let names = table.columns.iter().map(|column| &column.name);
                            let names: Vec<String> = names.filter(|name| readable(name)).cloned().collect();
                            return Err(allowed_column::all_of(what, &names));
                        }
                        let name = match source.renamed(place) {
                            Some(name) => Cow::Owned(name.clone()),
                            None => Cow::Borrowed(column.name.as_str()),
                        };
                        shape.push(Some(name), access == ColumnAccess::Masked);
                        self.read.push((*table, column));
                    }
                }
            }
            Row::Query(query) => shape = Shape::clone(query),
            Row::Function { name, masked } => {
                shape.in_order = false;
                shape.push(Some(Cow::Owned(name.clone())), *masked);
                for name in source.function_columns() {
                    shape.push(Some(Cow::Owned(name.to_owned())), *masked);
                }
            }
            Row::Named(relation) => {
                if self.names.access().limits_columns_of(&relation.namespace, &relation.name) {
                    return Err(allowed_column::all_of(what, &[]));
                }
                shape = Shape::open(false);
            }
        }
        if shape.has_masked() {
            self.mask();
        }
        Ok(shape)
    }

    /// Whether anything in scope is masked.
    fn reads_masked(&mut self) -> bool {
        let masked = |walk: &mut Self, at: usize| walk.touching(|walk| walk.whole_row(at)).unwrap_or(true);
        (0..self.sources.count()).any(|at| masked(self, at))
    }

    /// The name that PostgreSQL gives a column without an alias, where it comes from a name; other
    /// engines agree where the item is nothing but a name.
    fn name_of(&self, mut expression: &Expr) -> Option<String> {
        loop {
            expression = match expression {
                Expr::Identifier(ident) => return Some(self.folded(ident)),
                Expr::CompoundIdentifier(parts) => return parts.last().map(|ident| self.folded(ident)),
                Expr::Nested(inner)
                | Expr::Collate { expr: inner, collation: _ }
                | Expr::Cast { kind: _, expr: inner, data_type: _, format: _ }
                    if self.is(Dialect::Postgres) =>
                {
                    inner
                }
                Expr::CompoundFieldAccess { root, access_chain } => {
                    let field = access_chain.iter().rev().find_map(|access| match access {
                        AccessExpr::Dot(Expr::Identifier(field)) => Some(field),
                        AccessExpr::Dot(_) | AccessExpr::Subscript(_) => None,
                    });
                    match field {
                        Some(field) => return Some(self.folded(field)),
                        None => root,
                    }
                }
                Expr::Function(call) if self.is(Dialect::Postgres) => {
                    return call.name.0.last()?.as_ident().map(|ident| self.folded(ident));
                }
                // Nothing else takes its name from a name; a column left out here can only be refused.
                _ => return None,
            };
        }
    }
}

/// The source whose columns stand in the place of an expression.
pub(super) fn spread(mut expression: &Expr) -> Option<&ObjectName> {
    while let Expr::Nested(inner) = expression {
        expression = inner;
    }
    match expression {
        Expr::QualifiedWildcard(name, _) => Some(name),
        _ => None,
    }
}
