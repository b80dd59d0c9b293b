//! References to columns and rows: what they mean, whether the policy lets them be read, and whether
//! what is computed from them must come out masked.
//!
//! A name is looked for as the engine does, in the query's own FROM first. Where that is open, each
//! reading that an engine might choose counts, and what cannot be resolved counts as anything in scope.
//!
//! PostgreSQL reads `t.f` and `(x).f` as `f(t)` and `f(x)` when there is no column `f`
//! (<https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-USAGE>), and `x` may be any value:
//! `('/etc/passwd'::text).pg_read_file` reads the file.

use sqlparser::ast::Ident;

use super::source::{Hit, Row, Source, is_function_column, is_row_number};
use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::ReadColumn;
use crate::guard::Rejection;
use crate::guard::functions::{self, Verdict as Judgement};
use crate::guard::policy::ColumnAccess;
use crate::guard::resolve::fold;
use crate::guard::rules::{allowed_column, attribute, known_relation, row_filter};
use crate::schema::Table;

/// Columns that every table of PostgreSQL has
/// (<https://www.postgresql.org/docs/current/ddl-system-columns.html>).
const SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// What PostgreSQL calls a column that is computed and has no name.
const UNNAMED_COLUMNS: &[&str] = &["?column?", "case", "exists", "array", "row"];

impl<'a> Walk<'a> {
    /// Checks a bare name that stands for a column or, in PostgreSQL, for a row.
    pub(super) fn bare(&mut self, ident: &Ident) -> Verdict {
        let name = fold(self.dialect, ident);
        let mut hits = Vec::new();
        let (outer, own) = self.sources.outer_and_own();
        for source in own {
            source.look_up(self.dialect, &name, &mut hits);
        }
        if hits.is_empty() {
            for source in outer {
                source.look_up(self.dialect, &name, &mut hits);
            }
        }
        if !hits.is_empty() {
            return hits.into_iter().try_for_each(|hit| self.touch(&hit));
        }
        let rows = self.sources.named(self.dialect, &name);
        if !rows.is_empty() {
            return rows.into_iter().try_for_each(|at| self.whole_row(at));
        }
        if let [only] = own
            && !self.sources.names_output(self.dialect, &name)
        {
            self.supposed.extend(supposed(only, &name));
        }
        self.guess(&name)
    }

    /// Checks `source.column`.
    pub(super) fn qualified(&mut self, qualifier: &Ident, column: &Ident) -> Verdict {
        let (qualifier, column) = (fold(self.dialect, qualifier), fold(self.dialect, column));
        let sources = self.sources.named(self.dialect, &qualifier);
        if sources.is_empty() {
            // No engine should find it, so whatever has a column of that name may be what one finds.
            let mut hits = Vec::new();
            for source in self.sources.all() {
                source.look_up(self.dialect, &column, &mut hits);
            }
            hits.iter().try_for_each(|hit| self.touch(hit))?;
            self.guess(&column)?;
            return if is_refused(&column) { self.attribute(&column) } else { Ok(()) };
        }
        sources.into_iter().try_for_each(|at| self.column_of(at, &column))
    }

    fn column_of(&mut self, at: usize, column: &str) -> Verdict {
        let Some(source) = self.sources.all().get(at) else { return Ok(()) };
        let mut hits = Vec::new();
        source.look_up(self.dialect, column, &mut hits);
        if !hits.is_empty() {
            return hits.into_iter().try_for_each(|hit| self.touch(&hit));
        }
        let known = match &source.row {
            Row::Tables(_) if self.is(Dialect::Postgres) && SYSTEM_COLUMNS.contains(&column) => return Ok(()),
            Row::Tables(_) if self.is(Dialect::Sqlite) && is_row_number(column) => return Ok(()),
            Row::Query(_) if UNNAMED_COLUMNS.contains(&column) => true,
            Row::Named(_) => {
                self.supposed.extend(supposed(source, column));
                return self.guess(column).and_then(|()| self.unless_call(column));
            }
            Row::Tables(_) | Row::Query(_) | Row::Function { .. } => source.is_open() && !is_refused(column),
        };
        // What is no column may be a function of the row.
        self.guess(column)?;
        self.whole_row(at)?;
        if known { Ok(()) } else { self.attribute(column) }
    }

    /// Checks the field behind a value: a column somewhere in the schema, or a harmless function.
    pub(super) fn field(&mut self, field: &Ident) -> Verdict {
        let field = fold(self.dialect, field);
        let conceals = self.names.access().conceals;
        let shown = |table: &Table| !conceals || self.access_to(table, &field) != ColumnAccess::Blocked;
        let column = |table: &Table| table.columns.iter().any(|column| column.name == field) && shown(table);
        let known = is_function_column(&field)
            || (!is_refused(&field) && self.names.schema().is_some_and(|schema| schema.tables.iter().any(column)));
        if known { Ok(()) } else { self.attribute(&field) }
    }

    /// Checks a column that USING joins on: it is read on both sides.
    pub(super) fn joined(&mut self, column: &Ident) -> Verdict {
        self.sources.scope().merges = true;
        self.bare(column)
    }

    /// Checks NATURAL, which joins on every column that both sides have.
    pub(super) fn naturally_joined(&mut self) -> Verdict {
        self.sources.scope().merges = true;
        if !self.names.access().limits_columns() {
            return Ok(());
        }
        self.sources.naturally_joined().try_for_each(|at| self.whole_row(at))
    }

    /// Checks a reference to every column of a source.
    pub(super) fn whole_row(&mut self, at: usize) -> Verdict {
        self.columns_of(at, "the whole row").map(drop)
    }

    /// Checks a function without arguments of its own: `count(*)` looks at no column.
    pub(super) fn every_row(&mut self, function: &str) -> Verdict {
        if function == "count" { Ok(()) } else { self.sources.own().try_for_each(|at| self.whole_row(at)) }
    }

    /// Notes that a column is read.
    pub(super) fn touch(&mut self, hit: &Hit<'a>) -> Verdict {
        match hit {
            Hit::Column(table, column) => match self.access_to(table, &column.name) {
                ColumnAccess::Blocked => return Err(self.forbidden(&column.name)),
                access => {
                    self.read.push((*table, *column));
                    if access == ColumnAccess::Masked {
                        self.mask();
                    }
                }
            },
            Hit::Result { masked } => {
                if *masked {
                    self.mask();
                }
            }
        }
        Ok(())
    }

    /// What the policy says about a column of a table.
    pub(super) fn access_to(&self, table: &Table, column: &str) -> ColumnAccess {
        self.names.column_access(&table.namespace, &table.name, column)
    }

    /// Notes that something masked is looked at.
    pub(super) fn mask(&mut self) {
        self.touched = true;
        self.touches += 1;
    }

    /// Whether something masked is looked at while `look` goes on.
    pub(super) fn touching(&mut self, look: impl FnOnce(&mut Self) -> Verdict) -> Result<bool, Rejection> {
        let before = std::mem::take(&mut self.touched);
        let verdict = look(self);
        let touched = self.touched;
        self.touched |= before;
        verdict.map(|()| touched)
    }

    /// Judges a name that is no known column: as any column that a source in scope may have, because
    /// the schema may be older than the table or the engine may find an alias where the walk does not.
    fn guess(&mut self, name: &str) -> Verdict {
        let conceals = self.names.access().conceals && self.names.access().limits_columns();
        if self.strict && !conceals {
            return Err(row_filter::unknown_name(name));
        }
        if !self.names.access().limits_columns() || (self.is(Dialect::Sqlite) && is_row_number(name)) {
            return Ok(());
        }
        let sources = self.sources.all();
        let explained = self.sources.names_output(self.dialect, name)
            || sources.iter().any(|source| matches!(source.row, Row::Function { .. }) || source.is_open());
        if conceals && (self.strict || !explained) {
            return Err(self.forbidden(name));
        }
        let mut masked = false;
        for source in sources {
            match &source.row {
                Row::Tables(tables) => {
                    for table in tables {
                        let has =
                            |access| table.columns.iter().any(|column| self.access_to(table, &column.name) == access);
                        let blocked = self.access_to(table, name) == ColumnAccess::Blocked && !explained;
                        // A server may compare names without their accents.
                        if blocked || (!name.is_ascii() && has(ColumnAccess::Blocked)) {
                            return Err(self.forbidden(name));
                        }
                        masked |= has(ColumnAccess::Masked);
                    }
                }
                Row::Query(shape) => masked |= shape.has_masked(),
                Row::Function { name: _, masked: here } => masked |= here,
                Row::Named(relation) => match self.names.column_access(&relation.namespace, &relation.name, name) {
                    ColumnAccess::Blocked => return Err(self.forbidden(name)),
                    ColumnAccess::Masked => masked = true,
                    ColumnAccess::Clear => {}
                },
            }
        }
        if masked {
            self.mask();
        }
        Ok(())
    }

    /// The refusal of a column that the policy blocks; where that is concealed, also of one that is not there.
    fn forbidden(&self, name: &str) -> Rejection {
        if self.names.access().conceals { known_relation::no_column(name) } else { allowed_column::blocked(name) }
    }

    fn unless_call(&self, name: &str) -> Verdict {
        if is_refused(name) { self.attribute(name) } else { Ok(()) }
    }

    fn attribute(&self, name: &str) -> Verdict {
        if !self.is(Dialect::Postgres) {
            return Ok(());
        }
        match functions::scalar(Dialect::Postgres, name) {
            Judgement::Harmless => Ok(()),
            Judgement::Known(_) | Judgement::Unknown => Err(attribute::refuse(name)),
        }
    }
}

/// A column that a relation must have for the statement to mean anything, where no schema describes it.
fn supposed(source: &Source<'_>, column: &str) -> Option<ReadColumn> {
    match &source.row {
        Row::Named(relation) => Some(ReadColumn { relation: relation.clone(), name: column.to_owned() }),
        Row::Tables(_) | Row::Query(_) | Row::Function { .. } => None,
    }
}

fn is_refused(name: &str) -> bool {
    matches!(functions::scalar(Dialect::Postgres, name), Judgement::Known(_)) || name.starts_with("pg_")
}
