//! Looks at every node of a parsed statement and lets through only those that are known to read.
//!
//! No match here has a wildcard arm over the parser's types, and structs are taken apart field by
//! field: a new kind of node makes the build fail, never the guard.

mod expression;
mod from;
mod function;
pub(super) mod grouping;
mod operator;
mod output;
mod query;
mod reference;
mod select;
mod source;
mod types;
mod value;

use std::collections::BTreeSet;

use sqlparser::ast::{Ident, Statement};

use super::resolve::{Names, fold};
use super::rewrite::{Filtered, Prefix};
use super::rules::{allowed_column, data_type, reads_only, reserved_word, row_filter};
use super::shape::Shape;
use super::{Guard, ReadColumn, Reads, Rejection, Relation};
use crate::dialect::Dialect;
use crate::schema::{Column, Schema, Table};
use grouping::Grouping;
use source::Sources;

/// The outcome of looking at a node.
type Verdict = Result<(), Rejection>;

/// A walk over one statement.
struct Walk<'a> {
    dialect: Dialect,
    names: Names<'a>,
    sources: Sources<'a>,
    /// The columns that were read; a column may stand there twice.
    read: Vec<(&'a Table, &'a Column)>,
    /// Columns of relations that no schema describes.
    supposed: BTreeSet<ReadColumn>,
    functions: BTreeSet<String>,
    filtered: Vec<Filtered<'a>>,
    prefixes: Vec<Prefix>,
    groupings: Vec<Grouping<'a>>,
    /// Whether something masked was looked at since somebody last asked.
    touched: bool,
    /// How often something masked was looked at.
    touches: usize,
    /// How often a common table expression was named before its columns were known.
    guesses: usize,
    /// Whether a name that is no known column is refused.
    strict: bool,
}

/// What a walk has found.
pub(super) struct Found<'a> {
    pub reads: Reads,
    /// The places at which tables with row filters are named.
    pub filtered: Vec<Filtered<'a>>,
    pub prefixes: Vec<Prefix>,
    pub groupings: Vec<Grouping<'a>>,
}

/// Walks over `statement` and tells what it reads.
pub(super) fn look<'a>(
    guard: &'a Guard,
    statement: &Statement,
    schema: &'a Schema,
    resolved: bool,
) -> Result<Found<'a>, Rejection> {
    let mut walk = Walk::new(guard, schema, resolved);
    walk.query(reads_only::query(statement)?)?;
    let output = std::mem::replace(&mut walk.sources.output, Shape::empty());
    let masked = match output.has_masked() {
        false => Vec::new(),
        true if output.in_order => output.columns.iter().map(|column| column.masked).collect(),
        true => return Err(allowed_column::unclear()),
    };
    for filter in walk.filtered.iter().flat_map(|place| &place.filters) {
        if filter.relations.iter().any(|name| walk.names.defines(name)) {
            return Err(row_filter::shadowed());
        }
    }
    let mut read = walk.read;
    read.sort_unstable_by_key(|(table, column)| (&table.namespace, &table.name, &column.name));
    read.dedup_by_key(|(table, column)| (&table.namespace, &table.name, &column.name));
    let reads = Reads {
        relations: walk.names.into_relations(),
        columns: read.into_iter().map(|(table, column)| read_column(table, column)).chain(walk.supposed).collect(),
        functions: walk.functions.into_iter().collect(),
        masked,
        remarks: Vec::new(),
    };
    Ok(Found { reads, filtered: walk.filtered, prefixes: walk.prefixes, groupings: walk.groupings })
}

/// Checks that every name in `statement` is found in it, so that it means the same wherever it stands,
/// and gives the base relations that it reads.
pub(super) fn look_strictly(guard: &Guard, statement: &Statement, schema: &Schema) -> Result<Vec<Relation>, Rejection> {
    let mut walk = Walk::new(guard, schema, true);
    walk.strict = true;
    walk.query(reads_only::query(statement)?)?;
    Ok(walk.names.into_relations())
}

fn read_column(table: &Table, column: &Column) -> ReadColumn {
    let relation = Relation { namespace: table.namespace.clone(), name: table.name.clone() };
    ReadColumn { relation, name: column.name.clone() }
}

impl<'a> Walk<'a> {
    fn new(guard: &'a Guard, schema: &'a Schema, resolved: bool) -> Self {
        let dialect = guard.dialect;
        Self {
            dialect,
            names: Names::new(&guard.access, schema, dialect, guard.database.as_deref(), resolved),
            sources: Sources::new(),
            read: Vec::new(),
            supposed: BTreeSet::new(),
            functions: BTreeSet::new(),
            filtered: Vec::new(),
            prefixes: Vec::new(),
            groupings: Vec::new(),
            touched: false,
            touches: 0,
            guesses: 0,
            strict: false,
        }
    }

    fn is(&self, dialect: Dialect) -> bool {
        self.dialect == dialect
    }

    /// The name of an alias as the dialect compares it.
    fn folded(&self, ident: &Ident) -> String {
        fold(self.dialect, ident).into_owned()
    }

    /// Checks a name that the statement gives to something.
    fn alias(&self, ident: &Ident) -> Verdict {
        if self.is(Dialect::Mssql) && ident.quote_style.is_none() {
            reserved_word::alias(&ident.value)?;
        }
        // What the parser takes for an alias is a value of the type before it: `pg_catalog.regclass 'users'`.
        if self.is(Dialect::Postgres) && ident.quote_style == Some('\'') {
            return Err(data_type::RULE.refuse("a text stands behind a name, which would be its type"));
        }
        Ok(())
    }

    /// Looks at each of `nodes`.
    fn each<'n, T: 'n>(
        &mut self,
        nodes: impl IntoIterator<Item = &'n T>,
        look: impl Fn(&mut Self, &'n T) -> Verdict,
    ) -> Verdict {
        nodes.into_iter().try_for_each(|node| look(self, node))
    }
}
