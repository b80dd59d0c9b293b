//! Reads stored values for the index: one statement a table, a few tables at a time, in bounded time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use tokio::time::{Instant, timeout_at};

use super::ColumnId;
use crate::database::{Database, Limits, Rows};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::{ApprovedSql, ColumnAccess, Guard};
use crate::schema::{Schema, Table, TypeClass};
use crate::value::Value;

/// Rows read of one table.
const ROWS: usize = 5_000;
/// Bytes read of one table.
const BYTES: usize = 4 << 20;
/// Tables read at once.
const AT_ONCE: usize = 4;

/// What was read in time.
pub(super) struct Sample {
    pub(super) values: Vec<(ColumnId, Vec<Value>)>,
    /// Whether the time sufficed for every table.
    pub(super) complete: bool,
}

/// The values of every column worth reading, or as many as can be read within `budget`.
pub(super) async fn read(schema: &Schema, database: &dyn Database, guard: &Guard, budget: Duration) -> Result<Sample> {
    let deadline = Instant::now() + budget;
    let limits = Limits { rows: ROWS, bytes: BYTES, timeout: budget };
    let mut work: Vec<(usize, ApprovedSql)> = Vec::new();
    for (place, table) in schema.tables.iter().enumerate() {
        let columns = wanted(schema, table, guard);
        if !columns.is_empty()
            && let Ok(approved) = guard.approve(&statement(schema.dialect, table, &columns), schema)
        {
            work.push((place, approved));
        }
    }
    let mut answers = stream::iter(work)
        .map(|(place, approved)| async move {
            match timeout_at(deadline, database.run(&approved, &limits)).await {
                Ok(Ok(rows)) => (place, Ok(Some(rows))),
                Ok(Err(error)) if error.code() != Code::QueryTimeout => (place, Err(error)),
                Ok(Err(_)) | Err(_) => (place, Ok(None)),
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut tables: BTreeMap<usize, Rows> = BTreeMap::new();
    let mut failure: Option<Error> = None;
    let mut reached = false;
    let mut complete = true;
    while let Some((place, answer)) = answers.next().await {
        match answer {
            Ok(Some(rows)) => {
                reached = true;
                tables.insert(place, rows);
            }
            Ok(None) => {
                reached = true;
                complete = false;
            }
            Err(error) => failure = Some(error),
        }
    }
    if let Some(error) = failure.filter(|_| !reached) {
        return Err(error);
    }
    let truncated: Vec<usize> = tables.iter().filter(|(_, rows)| rows.truncated).map(|(place, _)| *place).collect();
    let mut columns: BTreeMap<ColumnId, Vec<Value>> = tables
        .into_iter()
        .flat_map(|(place, rows)| by_column(place, wanted(schema, &schema.tables[place], guard), rows))
        .collect();
    for place in truncated {
        for id in repeating(place, &schema.tables[place], &columns) {
            let text = distinct(schema, id);
            let Ok(approved) = guard.approve(&text, schema) else { continue };
            match timeout_at(deadline, database.run(&approved, &limits)).await {
                Ok(Ok(rows)) => drop(columns.insert(id, rows.cells)),
                // What cannot be read stays a sample.
                Ok(Err(error)) if error.code() != Code::QueryTimeout => {}
                Ok(Err(_)) | Err(_) => complete = false,
            }
        }
    }
    Ok(Sample { values: columns.into_iter().collect(), complete })
}

/// Text columns of a table that was read in part whose values repeat: all of them can be read as distinct values.
fn repeating(place: usize, table: &Table, columns: &BTreeMap<ColumnId, Vec<Value>>) -> Vec<ColumnId> {
    let of_table =
        columns.iter().filter(|(id, _)| id.table == place && table.columns[id.column].class == TypeClass::Text);
    let repeats = |values: &[Value]| {
        let texts: BTreeSet<&str> = values.iter().filter_map(Value::as_str).collect();
        texts.len() * 5 <= values.len()
    };
    of_table.filter(|(_, values)| repeats(values)).map(|(id, _)| *id).collect()
}

fn distinct(schema: &Schema, id: ColumnId) -> String {
    let (dialect, table) = (schema.dialect, &schema.tables[id.table]);
    let column = dialect.quote(&table.columns[id.column].name);
    let from = format!("{}.{}", dialect.quote(&table.namespace), dialect.quote(&table.name));
    match dialect {
        Dialect::Mssql => format!("SELECT DISTINCT TOP {ROWS} {column} FROM {from}"),
        _ => format!("SELECT DISTINCT {column} FROM {from} LIMIT {ROWS}"),
    }
}

/// The columns whose values may be known to everyone under the policy: of a table with a row filter none,
/// since each caller has other rows, and no masked one.
fn wanted(schema: &Schema, table: &Table, guard: &Guard) -> Vec<usize> {
    if guard.filters_rows(table) {
        return Vec::new();
    }
    let is_clear = |column: &str| guard.column(schema, table, column) == ColumnAccess::Clear;
    let readable = |class| {
        matches!(
            class,
            TypeClass::Text
                | TypeClass::Integer
                | TypeClass::Number
                | TypeClass::Date
                | TypeClass::DateTime
                | TypeClass::Other
        )
    };
    (0..table.columns.len())
        .filter(|&place| readable(table.columns[place].class) && is_clear(&table.columns[place].name))
        .collect()
}

fn statement(dialect: Dialect, table: &Table, columns: &[usize]) -> String {
    let list: Vec<String> = columns.iter().map(|&column| dialect.quote(&table.columns[column].name)).collect();
    let from = format!("{}.{}", dialect.quote(&table.namespace), dialect.quote(&table.name));
    match dialect {
        Dialect::Mssql => format!("SELECT TOP {ROWS} {} FROM {from}", list.join(", ")),
        _ => format!("SELECT {} FROM {from} LIMIT {}", list.join(", "), ROWS + 1),
    }
}

fn by_column(place: usize, columns: Vec<usize>, rows: Rows) -> Vec<(ColumnId, Vec<Value>)> {
    let mut lists: Vec<Vec<Value>> = vec![Vec::new(); columns.len()];
    let width = columns.len();
    for (at, cell) in rows.cells.into_iter().enumerate() {
        lists[at % width].push(cell);
    }
    columns.into_iter().map(|column| ColumnId { table: place, column }).zip(lists).collect()
}
