//! What columns are, told once a catalogue: the readings of a question ask it of the same columns again and again.

use super::ColumnId;
use super::index::{Shape, ValueIndex};
use super::join::JoinGraph;
use crate::schema::{Schema, Table};

/// What one column is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nature {
    /// In its table's primary key, or what names its rows where no key is declared.
    pub is_key: bool,
    /// Its values are days, by declared type or by what is stored.
    pub is_temporal: bool,
}

/// The columns of a schema, and the one that names a row of each table, where there is such a one.
#[derive(Debug)]
pub(super) struct Natures {
    columns: Vec<Vec<Nature>>,
    keys: Vec<Option<ColumnId>>,
}

impl Natures {
    pub fn new(schema: &Schema, values: &ValueIndex, joins: &JoinGraph) -> Self {
        let nature = |id: ColumnId, described: &Table| {
            let column = &described.columns[id.column];
            let is_named = described.primary_key.iter().any(|key| key.eq_ignore_ascii_case(&column.name));
            Nature {
                is_key: is_named || joins.unsaid_key(id.table) == Some(id),
                is_temporal: column.class.is_temporal() || values.shape(id) == Shape::Dates,
            }
        };
        let all = |(table, described): (usize, &Table)| {
            (0..described.columns.len()).map(|column| nature(ColumnId { table, column }, described)).collect()
        };
        let key = |(table, described): (usize, &Table)| match described.primary_key.as_slice() {
            [only] => {
                let column = described.columns.iter().position(|column| column.name.eq_ignore_ascii_case(only))?;
                Some(ColumnId { table, column })
            }
            [] => joins.unsaid_key(table),
            _ => None,
        };
        let tables = || schema.tables.iter().enumerate();
        Self { columns: tables().map(all).collect(), keys: tables().map(key).collect() }
    }

    pub fn of(&self, id: ColumnId) -> Nature {
        self.columns[id.table][id.column]
    }

    pub fn key(&self, table: usize) -> Option<ColumnId> {
        self.keys[table]
    }
}
