//! From the words of a question to the things in a database: tables, columns, stored values, dates
//! and the paths that join them.

pub mod dates;
mod digest;
pub mod hidden;
pub mod index;
pub mod join;
pub mod lessons;
pub mod lexicon;
pub mod link;
pub mod lookup;
pub mod names;
mod nature;
mod reference;
mod sample;
mod stratum;
pub mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::database::Database;
use crate::error::Result;
use crate::guard::Guard;
use crate::schema::{Column, Schema, Table};
use crate::value::Value;

use digest::Digest;
use index::ValueIndex;
use join::JoinGraph;
use names::Names;
use nature::Natures;
use sample::{Reader, Sample};

pub use sample::Pace;

/// A column by its place: the table's in [`Schema::tables`], the column's in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnId {
    pub table: usize,
    pub column: usize,
}

/// What is known of one database beyond its schema: its words and its stored values. Built once a
/// schema fingerprint and shared by every question.
#[derive(Clone, Debug)]
pub struct Catalog {
    schema: Arc<Schema>,
    names: Arc<Names>,
    values: ValueIndex,
    joins: Arc<JoinGraph>,
    natures: Arc<Natures>,
    complete: bool,
    fingerprint: u64,
}

impl Catalog {
    /// Reads what linking needs from `database`, every statement through `guard`. `schema` holds
    /// only what the caller may see, so nothing else can be linked.
    ///
    /// Reading stops after `budget`; columns not read by then are linked by name only, and the
    /// catalogue says that it is not complete.
    ///
    /// # Errors
    /// When the database cannot be read at all; a single unreadable column is left out.
    pub async fn load(schema: Arc<Schema>, database: &dyn Database, guard: &Guard, budget: Duration) -> Result<Self> {
        Self::names_of(schema).read(database, guard, Pace::thorough(budget), "").await
    }

    /// A catalogue of names alone: no value was read.
    #[must_use]
    pub fn names_of(schema: Arc<Schema>) -> Self {
        Self { complete: false, ..Self::of_digests(schema, BTreeMap::new()) }
    }

    /// A catalogue of values that are already in memory.
    #[must_use]
    pub fn from_parts(schema: Arc<Schema>, values: Vec<(ColumnId, Vec<Value>)>) -> Self {
        let digests = values.into_iter().map(|(id, cells)| (id, Digest::of(&cells, true))).collect();
        Self::of_digests(schema, digests)
    }

    /// The same with the values as they are now, read at that pace, those of the tables that `question` names
    /// first. What is not read in time stays as it was.
    ///
    /// # Errors
    /// When the database cannot be read at all; a single unreadable column is left out.
    pub async fn read(&self, database: &dyn Database, guard: &Guard, pace: Pace, question: &str) -> Result<Self> {
        let schema = &self.schema;
        let unread = |table: &usize| self.columns_of(*table).all(|id| self.values.facts(id).is_none());
        let mut first = lookup::tables(&words::tokenize(question), self);
        first.extend(
            (0..schema.tables.len()).filter(|table| !first.contains(table) && unread(table)).collect::<Vec<_>>(),
        );
        let Sample { mut digests, complete } = Reader { schema, database, guard, pace }.read(&first).await?;
        if !complete {
            for id in self.readable(guard).filter(|id| !digests.contains_key(id)).collect::<Vec<_>>() {
                digests.extend(self.values.digest(id).map(|digest| (id, digest)));
            }
        }
        Ok(Self { complete, ..self.with(digests) })
    }

    /// The same with the values that `before` has of columns that are here, too.
    #[must_use]
    pub fn with_values_of(&self, before: &Self, guard: &Guard) -> Self {
        let known = |id: ColumnId| {
            let (table, column) = (self.table(id.table), self.column(id));
            let same = |other: &&Table| other.name == table.name && other.namespace == table.namespace;
            let place = before.schema.tables.iter().position(|other| same(&other))?;
            let other = |other: &Column| other.name == column.name && other.type_name == column.type_name;
            let column = before.schema.tables[place].columns.iter().position(other)?;
            Some((id, before.values.digest(ColumnId { table: place, column })?))
        };
        self.with(self.readable(guard).filter_map(known).collect())
    }

    fn with(&self, digests: BTreeMap<ColumnId, Digest>) -> Self {
        let values = ValueIndex::new(&self.schema, digests);
        let joins = Arc::new(JoinGraph::new(&self.schema, &self.names, &values));
        let natures = Arc::new(Natures::new(&self.schema, &values, &joins));
        Self { values, joins, natures, ..self.clone() }
    }

    fn of_digests(schema: Arc<Schema>, digests: BTreeMap<ColumnId, Digest>) -> Self {
        let values = ValueIndex::new(&schema, digests);
        let names = Arc::new(Names::new(&schema));
        let joins = Arc::new(JoinGraph::new(&schema, &names, &values));
        let natures = Arc::new(Natures::new(&schema, &values, &joins));
        let fingerprint = schema.fingerprint();
        Self { schema, names, values, joins, natures, complete: true, fingerprint }
    }

    /// The columns whose values may be read under `guard`.
    fn readable(&self, guard: &Guard) -> impl Iterator<Item = ColumnId> {
        self.schema.tables.iter().enumerate().flat_map(move |(table, described)| {
            let columns = sample::readable(&self.schema, described, guard);
            columns.into_iter().map(move |column| ColumnId { table, column })
        })
    }

    /// The schema it was built on.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The fingerprint of that schema.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Whether there was time to read everything that is worth reading.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The words of tables and columns.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The stored values.
    #[must_use]
    pub fn values(&self) -> &ValueIndex {
        &self.values
    }

    /// The ways to join tables.
    #[must_use]
    pub fn joins(&self) -> &JoinGraph {
        &self.joins
    }

    /// The table at `table`.
    #[must_use]
    pub fn table(&self, table: usize) -> &Table {
        &self.schema.tables[table]
    }

    /// The column at `id`.
    #[must_use]
    pub fn column(&self, id: ColumnId) -> &Column {
        &self.schema.tables[id.table].columns[id.column]
    }

    /// Every column of `table`.
    pub fn columns_of(&self, table: usize) -> impl Iterator<Item = ColumnId> + use<> {
        (0..self.schema.tables[table].columns.len()).map(move |column| ColumnId { table, column })
    }

    /// Whether its values are days, by declared type or by what is stored.
    #[must_use]
    pub fn is_temporal(&self, id: ColumnId) -> bool {
        self.natures.of(id).is_temporal
    }

    /// Whether its values can be added up and compared as numbers.
    #[must_use]
    pub fn is_numeric(&self, id: ColumnId) -> bool {
        self.column(id).class.is_numeric()
    }

    /// Whether it is in its table's primary key, or names its rows where no key is declared.
    #[must_use]
    pub fn is_key(&self, id: ColumnId) -> bool {
        self.natures.of(id).is_key
    }

    /// The one column that names a row of `table`, where there is such a one.
    #[must_use]
    pub fn key(&self, table: usize) -> Option<ColumnId> {
        self.natures.key(table)
    }
}
