//! The statements that read a table for the index: its first rows, rows from all over it, and whether there
//! are more. None of them reads a large table to its end but [`distinct`].

use super::sample::ROWS;
use crate::dialect::Dialect;
use crate::schema::{Schema, Table, TableKind, TypeClass};
use crate::value::Value;

/// Rows that are enough to know a large table by.
const ENOUGH: usize = 1_000;
/// Places of a table from which rows are read, and rows read at each.
const PLACES: i128 = 20;
const AT_A_PLACE: usize = 100;
/// PostgreSQL is asked for one in this many pages, then for four times as many, until there are rows enough. So no
/// sample is cut off behind a part of the table: the one before it would have been enough.
const FEWEST_PAGES: u32 = 4_u32.pow(10);

/// One way to rows from all over a table, and how many rows make others needless.
pub(super) struct Stratum {
    pub(super) sql: String,
    pub(super) enough: usize,
}

/// The first rows, and one more than are kept.
pub(super) fn head(schema: &Schema, table: &Table, columns: &[usize]) -> String {
    let (list, from) = (list(schema, table, columns), from(schema, table));
    match schema.dialect {
        Dialect::Mssql => format!("SELECT TOP {} {list} FROM {from}", ROWS + 1),
        _ => format!("SELECT {list} FROM {from} LIMIT {}", ROWS + 1),
    }
}

/// One row where there are more rows than are read as a whole.
pub(super) fn beyond(schema: &Schema, table: &Table) -> String {
    let from = from(schema, table);
    match schema.dialect {
        Dialect::Mssql => format!("SELECT 1 FROM {from} ORDER BY (SELECT 1) OFFSET {ROWS} ROWS FETCH NEXT 1 ROWS ONLY"),
        _ => format!("SELECT 1 FROM {from} LIMIT 1 OFFSET {ROWS}"),
    }
}

/// Every value of a column, as many as are kept.
pub(super) fn distinct(schema: &Schema, table: &Table, column: &str) -> String {
    let (column, from) = (schema.dialect.quote(column), from(schema, table));
    match schema.dialect {
        Dialect::Mssql => format!("SELECT DISTINCT TOP {} {column} FROM {from}", ROWS + 1),
        _ => format!("SELECT DISTINCT {column} FROM {from} LIMIT {}", ROWS + 1),
    }
}

/// The smallest and the largest number of the column along which the table is cut, which an index tells; none where
/// the dialect needs none or there is no such column.
pub(super) fn bounds(schema: &Schema, table: &Table) -> Option<String> {
    if !matches!(schema.dialect, Dialect::Sqlite | Dialect::Mysql) {
        return None;
    }
    let (spine, from) = (schema.dialect.quote(spine(schema.dialect, table)?), from(schema, table));
    Some(format!("SELECT (SELECT MIN({spine}) FROM {from}), (SELECT MAX({spine}) FROM {from})"))
}

/// The ways to rows from all over the table, each reading no more than a small part of it; `bounds` are what
/// [`bounds`] gave.
pub(super) fn strata(schema: &Schema, table: &Table, columns: &[usize], bounds: &[Value]) -> Vec<Stratum> {
    match schema.dialect {
        Dialect::Postgres => shares(schema, table, columns),
        Dialect::Sqlite | Dialect::Mysql => match (spine(schema.dialect, table), bounds) {
            (Some(spine), [low, high]) => match (whole(low), whole(high)) {
                (Some(low), Some(high)) => strides(schema, table, columns, spine, (low, high)),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        },
        Dialect::Mssql => Vec::new(),
    }
}

/// Pages at random, the same ones each time.
fn shares(schema: &Schema, table: &Table, columns: &[usize]) -> Vec<Stratum> {
    if !matches!(table.kind, TableKind::Table | TableKind::MaterializedView) {
        return Vec::new();
    }
    let (list, from) = (list(schema, table, columns), from(schema, table));
    // Skips only what is far from enough, so that an estimate of another day gives the same sample.
    let hopeless = |one_in: u32| table.row_estimate.is_some_and(|rows| rows / u64::from(one_in) * 10 < ENOUGH as u64);
    let mut one_in = FEWEST_PAGES;
    while one_in > 4 && hopeless(one_in) {
        one_in /= 4;
    }
    std::iter::successors(Some(one_in), |one_in| (*one_in > 4).then_some(one_in / 4))
        .map(|one_in| {
            let percent = 100.0 / f64::from(one_in);
            let sample = format!("TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)");
            Stratum { sql: format!("SELECT {list} FROM {from} {sample} LIMIT {ROWS}"), enough: ENOUGH }
        })
        .collect()
}

/// Rows behind places at equal distances along the spine; where its numbers are too uneven for that, the
/// first and the last rows.
fn strides(schema: &Schema, table: &Table, columns: &[usize], spine: &str, (low, high): (i128, i128)) -> Vec<Stratum> {
    let (list, from, spine) = (list(schema, table, columns), from(schema, table), schema.dialect.quote(spine));
    let union = |parts: Vec<String>| {
        let parts: Vec<String> = (parts.iter().enumerate())
            .map(|(place, part)| format!("SELECT {list} FROM ({part}) AS part_{place}"))
            .collect();
        parts.join(" UNION ALL ")
    };
    let place = |number: i128| low + (high - low + 1) * number / PLACES;
    let behind = |number: i128| {
        format!(
            "SELECT {list} FROM {from} WHERE {spine} >= {} AND {spine} < {} ORDER BY {spine} LIMIT {AT_A_PLACE}",
            place(number),
            place(number + 1)
        )
    };
    let end = |way: &str| format!("SELECT {list} FROM {from} ORDER BY {spine} {way} LIMIT {}", ROWS / 4);
    let evenly = Stratum { sql: union((0..PLACES).map(behind).collect()), enough: ENOUGH / 2 };
    vec![evenly, Stratum { sql: union(vec![end("ASC"), end("DESC")]), enough: 1 }]
}

/// The column along which a table can be cut by number: it leads the primary key or an index. SQLite numbers the
/// rows of nearly every table itself.
fn spine(dialect: Dialect, table: &Table) -> Option<&str> {
    let leads = std::iter::once(&table.primary_key)
        .chain(table.indexes.iter().map(|index| &index.columns))
        .filter_map(|columns| columns.first())
        .find(|name| table.column(name).is_some_and(|column| column.class == TypeClass::Integer));
    let numbered = dialect == Dialect::Sqlite && table.column("rowid").is_none();
    leads.map(String::as_str).or(numbered.then_some("rowid"))
}

fn list(schema: &Schema, table: &Table, columns: &[usize]) -> String {
    let names: Vec<String> = columns.iter().map(|&column| schema.dialect.quote(&table.columns[column].name)).collect();
    names.join(", ")
}

pub(super) fn from(schema: &Schema, table: &Table) -> String {
    format!("{}.{}", schema.dialect.quote(&table.namespace), schema.dialect.quote(&table.name))
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        _ => None,
    }
}
