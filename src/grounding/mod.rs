//! From the words of a question to the things in a database: tables, columns, stored values, dates
//! and the paths that join them.

pub mod dates;
pub mod hidden;
pub mod index;
pub mod join;
pub mod lexicon;
pub mod link;
pub mod names;
mod sample;
pub mod words;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::database::Database;
use crate::error::Result;
use crate::guard::Guard;
use crate::schema::{Column, Schema, Table};
use crate::value::Value;

use index::ValueIndex;
use join::JoinGraph;
use names::Names;

/// A column by its place: the table's in [`Schema::tables`], the column's in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnId {
    pub table: usize,
    pub column: usize,
}

/// What is known of one database beyond its schema: its words and its stored values. Built once a
/// schema fingerprint and shared by every question.
#[derive(Debug)]
pub struct Catalog {
    schema: Arc<Schema>,
    names: Names,
    values: ValueIndex,
    joins: JoinGraph,
    complete: bool,
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
        let sample = sample::read(&schema, database, guard, budget).await?;
        Ok(Self { complete: sample.complete, ..Self::from_parts(schema, sample.values) })
    }

    /// A catalogue of values that are already in memory.
    #[must_use]
    pub fn from_parts(schema: Arc<Schema>, values: Vec<(ColumnId, Vec<Value>)>) -> Self {
        let values = ValueIndex::new(&schema, values);
        let names = Names::new(&schema);
        let joins = JoinGraph::new(&schema, &names);
        Self { schema, names, values, joins, complete: true }
    }

    /// The schema it was built on.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Whether there was time to read every table.
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
        self.column(id).class.is_temporal() || self.values.shape(id) == index::Shape::Dates
    }

    /// Whether its values can be added up and compared as numbers.
    #[must_use]
    pub fn is_numeric(&self, id: ColumnId) -> bool {
        self.column(id).class.is_numeric()
    }

    /// Whether it is in its table's primary key.
    #[must_use]
    pub fn is_key(&self, id: ColumnId) -> bool {
        let name = &self.column(id).name;
        self.table(id.table).primary_key.iter().any(|key| key.eq_ignore_ascii_case(name))
    }
}
