//! What a database looks like: tables, views, columns, keys and indexes.
//!
//! Connectors fill a [`Schema`]; the guard resolves names in it, the grounding links words to it,
//! and [`render`] writes it for models.

mod fingerprint;
mod render;

use serde::Serialize;

use crate::dialect::Dialect;

pub use render::Shown;

/// Everything the login may see, in the order of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct Schema {
    #[serde(skip)]
    pub dialect: Dialect,
    /// The namespace that an unqualified name means: `public`, the MySQL database, `main`.
    pub default_namespace: String,
    /// Tables and views.
    pub tables: Vec<Table>,
    /// What could not be read, in words for the user.
    pub warnings: Vec<String>,
}

/// Whether a relation stores rows or computes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    Table,
    View,
    MaterializedView,
    ForeignTable,
}

/// A table or a view.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Table {
    /// The schema (PostgreSQL), the database (MySQL) or `main` (SQLite) it lives in.
    pub namespace: String,
    pub name: String,
    pub kind: TableKind,
    pub comment: Option<String>,
    pub columns: Vec<Column>,
    /// Names of the primary key's columns, in key order.
    pub primary_key: Vec<String>,
    pub foreign_keys: Vec<ForeignKey>,
    pub indexes: Vec<Index>,
    /// The catalogue's estimate, never counted; `None` where the engine keeps none.
    pub row_estimate: Option<u64>,
    /// For a view: the relations its definition reads, as (namespace, name), where the engine tells.
    pub reads: Vec<(String, String)>,
    /// Whether the policy hides some of its columns, so that `*` is refused.
    #[serde(skip)]
    pub partial: bool,
}

/// A column.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Column {
    pub name: String,
    /// The type as the engine spells it, for example `numeric(10,2)`.
    pub type_name: String,
    /// What kind of value it holds.
    pub class: TypeClass,
    pub nullable: bool,
    pub default: Option<String>,
    pub generated: bool,
    pub comment: Option<String>,
    /// The values of an enumeration type, in its order.
    pub enum_values: Vec<String>,
}

/// What can be done with a column's values, whatever the engine calls the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeClass {
    Integer,
    /// Fractions: decimal, float, money.
    Number,
    Boolean,
    Text,
    Date,
    Time,
    DateTime,
    Interval,
    Uuid,
    Json,
    Bytes,
    Array,
    Other,
}

impl TypeClass {
    /// Can be summed and averaged.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number)
    }

    /// Holds a day.
    #[must_use]
    pub fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }
}

/// Columns here that name a row of another table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ForeignKey {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub referred_namespace: String,
    pub referred_table: String,
    pub referred_columns: Vec<String>,
}

/// An index or a unique constraint.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Index {
    pub name: String,
    /// Column names; an expression stands as its text.
    pub columns: Vec<String>,
    pub unique: bool,
}

impl Schema {
    /// An empty schema, for a database without tables.
    #[must_use]
    pub fn empty(dialect: Dialect, default_namespace: impl Into<String>) -> Self {
        Self { dialect, default_namespace: default_namespace.into(), tables: Vec::new(), warnings: Vec::new() }
    }

    /// The table that `name` means, folded to lower case, in `namespace` or else the default one.
    #[must_use]
    pub fn table(&self, namespace: Option<&str>, name: &str) -> Option<&Table> {
        let namespace = namespace.unwrap_or(&self.default_namespace);
        self.tables
            .iter()
            .find(|table| table.name.eq_ignore_ascii_case(name) && table.namespace.eq_ignore_ascii_case(namespace))
    }

    /// What people call the table: its bare name in the default namespace, else `namespace.name`.
    #[must_use]
    pub fn display_name(&self, table: &Table) -> String {
        if table.namespace == self.default_namespace {
            table.name.clone()
        } else {
            format!("{}.{}", table.namespace, table.name)
        }
    }

    /// The part of the schema that `keep` lets through, with foreign keys into the rest dropped.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(&Table) -> bool) -> Self {
        let mut tables: Vec<Table> = self.tables.iter().filter(|table| keep(table)).cloned().collect();
        let names: std::collections::HashSet<(String, String)> =
            tables.iter().map(|table| (table.namespace.clone(), table.name.clone())).collect();
        for table in &mut tables {
            table
                .foreign_keys
                .retain(|key| names.contains(&(key.referred_namespace.clone(), key.referred_table.clone())));
        }
        Self { tables, ..self.clone_head() }
    }

    /// Drops foreign keys that name a column which is not there.
    pub fn without_dangling_keys(&mut self) {
        let columns: std::collections::HashSet<(String, String, String)> = (self.tables.iter())
            .flat_map(|table| {
                let name = |column: &Column| (table.namespace.clone(), table.name.clone(), column.name.clone());
                table.columns.iter().map(name)
            })
            .collect();
        for table in &mut self.tables {
            table.foreign_keys.retain(|key| {
                let place =
                    |column: &String| (key.referred_namespace.clone(), key.referred_table.clone(), column.clone());
                key.referred_columns.iter().all(|column| columns.contains(&place(column)))
            });
        }
    }

    /// Drops from what views read all that is not there itself.
    pub fn forget_absent_sources(&mut self) {
        let names: std::collections::HashSet<(String, String)> =
            self.tables.iter().map(|table| (table.namespace.clone(), table.name.clone())).collect();
        for table in &mut self.tables {
            table.reads.retain(|source| names.contains(source));
        }
    }

    fn clone_head(&self) -> Self {
        Self {
            dialect: self.dialect,
            default_namespace: self.default_namespace.clone(),
            tables: Vec::new(),
            warnings: self.warnings.clone(),
        }
    }
}

impl Table {
    /// Drops the columns named in `hidden`, and every key and index with one of them in it.
    pub fn without_columns(&mut self, hidden: &[String]) {
        self.partial |= self.columns.iter().any(|column| hidden.contains(&column.name));
        self.columns.retain(|column| !hidden.contains(&column.name));
        if self.primary_key.iter().any(|column| hidden.contains(column)) {
            self.primary_key.clear();
        }
        self.foreign_keys.retain(|key| !key.columns.iter().any(|column| hidden.contains(column)));
        // An index on an expression holds its text, which may name any column.
        let known: Vec<&String> = self.columns.iter().map(|column| &column.name).collect();
        if !hidden.is_empty() {
            self.indexes.retain(|index| index.columns.iter().all(|column| known.contains(&column)));
        }
    }

    /// The column of that name, letters compared without case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}
