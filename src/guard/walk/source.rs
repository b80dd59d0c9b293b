//! What FROM has brought, so that `alias.column` can be told from a call in disguise.
//!
//! PostgreSQL reads `t.f` and `(x).f` as `f(t)` and `f(x)` when there is no column `f`
//! (<https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-USAGE>), and `x` may be any value:
//! `('/etc/passwd'::text).pg_read_file` reads the file.

use sqlparser::ast::Ident;

use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::functions::{self, Verdict as Judgement};
use crate::guard::rules::attribute;
use crate::schema::Table;

/// What a row of a source consists of.
pub(super) enum Row<'a> {
    /// The columns of these tables.
    Tables(Vec<&'a Table>),
    /// The columns of a query or of a table expression with its own list.
    Query,
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
pub(super) struct Sources<'a>(Vec<Source<'a>>);

/// Columns that every table has (<https://www.postgresql.org/docs/current/ddl-system-columns.html>).
const SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// Columns that functions name in their result.
const FUNCTION_COLUMNS: &[&str] =
    &["key", "value", "ordinality", "alias", "description", "token", "dictionaries", "dictionary", "lexemes", "tokid"];

impl<'a> Sources<'a> {
    /// The place to come back to with [`Sources::leave`].
    pub fn enter(&self) -> usize {
        self.0.len()
    }

    /// Forgets the sources of an inner scope.
    pub fn leave(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// Brings a source into scope.
    pub fn add(&mut self, name: String, row: Row<'a>, columns: Vec<String>) {
        self.0.push(Source { name, row, columns });
    }

    fn find(&self, name: &str) -> Option<&Source<'a>> {
        self.0.iter().rev().find(|source| source.name == name)
    }
}

impl Walk<'_> {
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
            Some(Source { row: Row::Query | Row::Unknown, .. }) | None => !is_refused(&column),
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
