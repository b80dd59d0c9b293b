//! Reads stored values for the index, a few tables at a time and in bounded time: small tables as a whole, of
//! large ones rows from all over the table.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use tokio::time::{Instant, timeout_at};

use super::ColumnId;
use super::digest::Digest;
use super::stratum::{self, Stratum};
use crate::database::{Database, Limits, Rows};
use crate::error::{Code, Error, Result};
use crate::guard::{ColumnAccess, Guard};
use crate::schema::{Schema, Table, TableKind, TypeClass};
use crate::value::Value;

/// Rows read of one table; one that has more is large.
pub(super) const ROWS: usize = 5_000;
/// Texts kept of a column of a large table whose values hardly repeat.
const EXAMPLES: usize = 200;
/// Bytes read of one table.
const BYTES: usize = 4 << 20;

/// How reading goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The time for all of it.
    pub budget: Duration,
    /// The time for one statement.
    pub statement: Duration,
    /// Tables read at once.
    pub at_once: usize,
    /// Whether columns whose values repeat are read to the end in large tables, too, which scans them.
    pub scans: bool,
}

impl Pace {
    /// For an answer that waits: no table is scanned.
    #[must_use]
    pub fn glance(budget: Duration) -> Self {
        Self { budget, statement: budget, at_once: 4, scans: false }
    }

    /// To the end, all at once.
    #[must_use]
    pub fn thorough(budget: Duration) -> Self {
        Self { scans: true, ..Self::glance(budget) }
    }

    /// To the end, with one statement at a time, none of which holds a connection for long: questions go first.
    #[must_use]
    pub fn aside(budget: Duration, statement: Duration) -> Self {
        Self { budget, statement, at_once: 1, scans: true }
    }
}

/// What was read in time.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) digests: BTreeMap<ColumnId, Digest>,
    /// Whether the time sufficed for everything that is worth reading.
    pub(super) complete: bool,
}

/// What became of one statement.
enum Answer {
    Rows(Rows),
    /// The guard does not let it through.
    Refused,
    OutOfTime,
}

/// One reading of a database.
pub(super) struct Reader<'a> {
    pub(super) schema: &'a Schema,
    pub(super) database: &'a dyn Database,
    pub(super) guard: &'a Guard,
    pub(super) pace: Pace,
}

impl Reader<'_> {
    /// The values of every column worth reading, or as many as can be read in time, those of the tables in
    /// `first` before others.
    pub(super) async fn read(&self, first: &[usize]) -> Result<Sample> {
        let deadline = Instant::now() + self.pace.budget;
        let rest = (0..self.schema.tables.len()).filter(|place| !first.contains(place));
        let mut answers = stream::iter(first.iter().copied().chain(rest))
            .map(|place| self.table(place, deadline))
            .buffer_unordered(self.pace.at_once);
        let mut sample = Sample { complete: true, ..Sample::default() };
        let mut failure: Option<Error> = None;
        let mut reached = false;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(Some(part)) => {
                    reached = true;
                    sample.complete &= part.complete;
                    sample.digests.extend(part.digests);
                }
                Ok(None) => {}
                Err(error) => failure = Some(error),
            }
        }
        match failure.filter(|_| !reached) {
            Some(error) => Err(error),
            None => Ok(sample),
        }
    }

    /// What is read of one table; none where nothing may be.
    async fn table(&self, place: usize, deadline: Instant) -> Result<Option<Sample>> {
        let table = &self.schema.tables[place];
        let columns = readable(self.schema, table, self.guard);
        if columns.is_empty() {
            return Ok(None);
        }
        let late = || Ok(Some(Sample::default()));
        let is_large = match self.is_large(table, deadline).await? {
            Answer::Rows(rows) => !rows.is_empty(),
            Answer::Refused => return Ok(None),
            Answer::OutOfTime => return late(),
        };
        let spread = if is_large { self.spread(table, &columns, deadline).await } else { None };
        let (rows, whole) = if let Some(rows) = spread {
            (rows, false)
        } else {
            let head = match self.run(&stratum::head(self.schema, table, &columns), deadline).await? {
                Answer::Rows(rows) => rows,
                Answer::Refused => return Ok(None),
                Answer::OutOfTime => return late(),
            };
            // The catalogue's estimate may be of another day.
            let outgrown = head.truncated && !is_large && stores_rows(table);
            let spread = if outgrown { self.spread(table, &columns, deadline).await } else { None };
            let whole = !head.truncated;
            (spread.unwrap_or(head), whole)
        };
        let mut digests: BTreeMap<ColumnId, Digest> =
            by_column(place, &columns, rows).into_iter().map(|(id, cells)| (id, Digest::of(&cells, whole))).collect();
        if !whole {
            // Of values that hardly repeat a sample says little; they are looked up.
            for digest in digests.values_mut().filter(|digest| !digest.repeats()) {
                digest.cut(EXAMPLES);
            }
        }
        let complete = whole || self.finish(table, &mut digests, deadline).await?;
        Ok(Some(Sample { digests, complete }))
    }

    /// Reads the columns of a large table to the end whose values repeat; says whether none is left.
    async fn finish(&self, table: &Table, digests: &mut BTreeMap<ColumnId, Digest>, deadline: Instant) -> Result<bool> {
        let mut complete = true;
        let repeat = digests.iter_mut().filter(|(id, digest)| {
            stores_rows(table) && table.columns[id.column].class == TypeClass::Text && digest.repeats()
        });
        for (id, digest) in repeat {
            if !self.pace.scans {
                return Ok(false);
            }
            let name = &table.columns[id.column].name;
            match self.run(&stratum::distinct(self.schema, table, name), deadline).await {
                Ok(Answer::Rows(rows)) if !rows.truncated => digest.finish(&rows.cells),
                Ok(Answer::OutOfTime) => complete = false,
                // What cannot be read to the end stays a sample.
                Ok(Answer::Rows(_) | Answer::Refused) => {}
                Err(error) if error.code() == Code::Closed => return Err(error),
                Err(error) => {
                    tracing::debug!(code = error.code().as_str(), "a column could not be read to the end");
                }
            }
        }
        Ok(complete)
    }

    /// No row where the table is small, some where it has more rows than are read as a whole. Where the
    /// catalogue says that it is small, that is found out by reading it.
    async fn is_large(&self, table: &Table, deadline: Instant) -> Result<Answer> {
        let small = table.row_estimate.is_some_and(|rows| rows <= ROWS as u64);
        if small || !stores_rows(table) {
            return Ok(Answer::Rows(Rows::default()));
        }
        self.run(&stratum::beyond(self.schema, table), deadline).await
    }

    /// Rows from all over a large table; none where the dialect or the table has no cheap way to them.
    async fn spread(&self, table: &Table, columns: &[usize], deadline: Instant) -> Option<Rows> {
        let mut last = None;
        let bounds = match stratum::bounds(self.schema, table) {
            None => Vec::new(),
            Some(sql) => match self.run(&sql, deadline).await {
                Ok(Answer::Rows(rows)) => rows.cells,
                Ok(Answer::Refused | Answer::OutOfTime) | Err(_) => return None,
            },
        };
        for Stratum { sql, enough } in stratum::strata(self.schema, table, columns, &bounds) {
            // Whatever is wrong with it is said again by the plain statement that takes its place.
            let Ok(Answer::Rows(rows)) = self.run(&sql, deadline).await else { return last };
            if rows.len() >= enough {
                return Some(rows);
            }
            last = Some(rows).filter(|rows| !rows.is_empty());
        }
        last
    }

    async fn run(&self, sql: &str, deadline: Instant) -> Result<Answer> {
        let Ok(approved) = self.guard.approve(sql, self.schema) else { return Ok(Answer::Refused) };
        let limits = Limits { rows: ROWS, bytes: BYTES, timeout: self.pace.statement };
        match timeout_at(deadline, self.database.run(&approved, &limits)).await {
            Ok(Ok(rows)) => Ok(Answer::Rows(rows)),
            Ok(Err(error)) if error.code() != Code::QueryTimeout => Err(error),
            Ok(Err(_)) | Err(_) => Ok(Answer::OutOfTime),
        }
    }
}

/// Whether reading a few of its rows does not compute all of them.
fn stores_rows(table: &Table) -> bool {
    matches!(table.kind, TableKind::Table | TableKind::MaterializedView)
}

/// The columns whose values may be known to everyone under the policy: of a table with a row filter none,
/// since each caller has other rows, and no masked one.
pub(super) fn readable(schema: &Schema, table: &Table, guard: &Guard) -> Vec<usize> {
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

fn by_column(place: usize, columns: &[usize], rows: Rows) -> Vec<(ColumnId, Vec<Value>)> {
    let mut lists: Vec<Vec<Value>> = vec![Vec::new(); columns.len()];
    let width = columns.len();
    for (at, cell) in rows.cells.into_iter().enumerate() {
        lists[at % width].push(cell);
    }
    columns.iter().map(|column| ColumnId { table: place, column: *column }).zip(lists).collect()
}
