//! What FROM has brought, so that `alias.column` can be told from a call in disguise.
//!
//! PostgreSQL reads `t.f` and `(x).f` as `f(t)` and `f(x)` when there is no column `f`
//! (<https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-USAGE>), and `x` may be any value:
//! `('/etc/passwd'::text).pg_read_file` reads the file.

use sqlparser::ast::{AccessExpr, Expr, Ident, SelectItem, SelectItemQualifiedWildcardKind};

use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::functions::{self, Verdict as Judgement};
use crate::guard::resolve::Columns;
use crate::guard::rules::attribute;
use crate::schema::Table;

/// What a row of a source consists of.
pub(super) enum Row<'a> {
    /// The columns of these tables.
    Tables(Vec<&'a Table>),
    /// The columns of a query.
    Query(Columns),
    /// The result of the function of this name.
    Function(String),
    /// A table that no schema describes.
    Unknown,
}

struct Source<'a> {
    name: String,
    row: Row<'a>,
    /// The names that the alias gives to columns.
    columns: Vec<String>,
}

/// The sources in scope, inner ones last.
#[derive(Default)]
pub(super) struct Sources<'a> {
    list: Vec<Source<'a>>,
    /// What the query gives that was walked last.
    pub output: Columns,
}

/// Columns that every table has (<https://www.postgresql.org/docs/current/ddl-system-columns.html>).
const SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// Columns that functions name in their result.
const FUNCTION_COLUMNS: &[&str] =
    &["key", "value", "ordinality", "alias", "description", "token", "dictionaries", "dictionary", "lexemes", "tokid"];

/// What PostgreSQL calls a column that is computed and has no name.
const UNNAMED_COLUMNS: &[&str] = &["?column?", "case", "exists", "array", "row"];

impl Source<'_> {
    /// Every name its columns may have.
    fn columns(&self) -> Columns {
        let mut names = self.columns.clone();
        match &self.row {
            Row::Tables(tables) => {
                if tables.iter().any(|table| table.columns.is_empty()) {
                    return None;
                }
                names.extend(tables.iter().flat_map(|table| &table.columns).map(|column| column.name.clone()));
            }
            Row::Query(columns) => names.extend(columns.clone()?),
            Row::Function(function) => {
                names.extend([self.name.clone(), function.clone()]);
                names.extend(FUNCTION_COLUMNS.iter().map(ToString::to_string));
            }
            Row::Unknown => return None,
        }
        Some(names)
    }
}

impl<'a> Sources<'a> {
    /// The place to come back to with [`Sources::leave`].
    pub fn enter(&self) -> usize {
        self.list.len()
    }

    /// Forgets the sources of an inner scope.
    pub fn leave(&mut self, mark: usize) {
        self.list.truncate(mark);
    }

    /// Brings a source into scope.
    pub fn add(&mut self, name: String, row: Row<'a>, columns: Vec<String>) {
        self.list.push(Source { name, row, columns });
    }

    fn find(&self, name: &str) -> Option<&Source<'a>> {
        self.list.iter().rev().find(|source| source.name == name)
    }
}

impl Walk<'_> {
    /// The columns that a select list gives, where `own` is the first of its sources.
    pub(super) fn output(&self, projection: &[SelectItem], own: usize) -> Columns {
        if !self.is(Dialect::Postgres) {
            return None;
        }
        let mut names = Vec::with_capacity(projection.len());
        for item in projection {
            match item {
                SelectItem::UnnamedExpr(expression) => names.extend(self.name_of(expression)),
                SelectItem::ExprWithAlias { expr: _, alias } => names.push(self.folded(alias)),
                SelectItem::Wildcard(_) => {
                    for source in self.sources.list.iter().skip(own) {
                        names.extend(source.columns()?);
                    }
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let source = self.folded(name.0.last()?.as_ident()?);
                    names.extend(self.sources.find(&source)?.columns()?);
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(_), _)
                | SelectItem::ExprWithAliases { .. } => return None,
            }
        }
        Some(names)
    }

    /// The name that PostgreSQL gives a column without an alias, where it comes from a name.
    fn name_of(&self, mut expression: &Expr) -> Option<String> {
        loop {
            expression = match expression {
                Expr::Nested(inner)
                | Expr::Collate { expr: inner, collation: _ }
                | Expr::Cast { kind: _, expr: inner, data_type: _, format: _ } => inner,
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
                Expr::Identifier(ident) => return Some(self.folded(ident)),
                Expr::CompoundIdentifier(parts) => return parts.last().map(|ident| self.folded(ident)),
                Expr::Function(call) => return call.name.0.last()?.as_ident().map(|ident| self.folded(ident)),
                // Nothing else takes its name from a name; a column left out here can only be refused.
                _ => return None,
            };
        }
    }

    /// Checks `source.column`.
    pub(super) fn qualified(&mut self, qualifier: &Ident, column: &Ident) -> Verdict {
        if !self.is(Dialect::Postgres) {
            return Ok(());
        }
        let (qualifier, column) = (self.folded(qualifier), self.folded(column));
        let known = match self.sources.find(&qualifier) {
            Some(Source { columns, .. }) if columns.contains(&column) => true,
            Some(Source { row: Row::Tables(tables), .. }) => {
                SYSTEM_COLUMNS.contains(&column.as_str())
                    || tables.iter().any(|table| table.columns.iter().any(|own| own.name == column))
                    || (tables.iter().any(|table| table.columns.is_empty()) && !is_refused(&column))
            }
            Some(Source { row: Row::Function(function), .. }) => {
                column == qualifier || column == *function || FUNCTION_COLUMNS.contains(&column.as_str())
            }
            Some(Source { row: Row::Query(Some(columns)), .. }) => {
                columns.contains(&column) || UNNAMED_COLUMNS.contains(&column.as_str())
            }
            Some(Source { row: Row::Query(None) | Row::Unknown, .. }) | None => !is_refused(&column),
        };
        if known { Ok(()) } else { Self::attribute(&column) }
    }

    /// Checks the field behind a value: a column somewhere in the schema, or a harmless function.
    pub(super) fn field(&mut self, field: &Ident) -> Verdict {
        let field = self.folded(field);
        let column = |table: &Table| table.columns.iter().any(|column| column.name == field);
        let known = FUNCTION_COLUMNS.contains(&field.as_str())
            || (!is_refused(&field) && self.names.schema().is_some_and(|schema| schema.tables.iter().any(column)));
        if known { Ok(()) } else { Self::attribute(&field) }
    }

    fn attribute(name: &str) -> Verdict {
        match functions::scalar(Dialect::Postgres, name) {
            Judgement::Harmless => Ok(()),
            Judgement::Known(_) | Judgement::Unknown => Err(attribute::refuse(name)),
        }
    }
}

fn is_refused(name: &str) -> bool {
    matches!(functions::scalar(Dialect::Postgres, name), Judgement::Known(_)) || name.starts_with("pg_")
}
