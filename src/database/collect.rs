//! Rows as they come from a server, kept up to the limits.

use std::time::Duration;

use futures::TryStreamExt as _;
use futures::stream::BoxStream;

use super::{Limits, ResultColumn, Rows};
use crate::value::Value;

/// Rows that are read between two chances for other tasks: sqlx never yields while the server keeps
/// sending, and neither a timer nor a caller that gives up would be heard.
const ROWS_PER_TURN: usize = 128;
/// How much of the rest of a cut result is read and thrown away, so that the connection can be kept.
const REST_ROWS: usize = 1000;
const REST_WAIT: Duration = Duration::from_millis(5);

/// Said where not even one row could be kept.
pub(super) const TOO_WIDE: &str = "the first row alone has more bytes than `max_result_bytes`, so no row is shown";

/// What came of a statement.
pub(super) struct Read {
    pub(super) rows: Rows,
    /// Whether the server has sent everything; else it is still at it.
    pub(super) ended: bool,
}

/// Reads `source` up to the limits: `keep` puts the cells of a row into the collector.
pub(super) async fn collect<R>(
    mut source: BoxStream<'_, Result<R, sqlx::Error>>,
    mut collector: Collector,
    mut keep: impl FnMut(&mut Collector, &R) -> Result<(), sqlx::Error>,
) -> Result<Read, sqlx::Error> {
    let mut turn = 0;
    while let Some(row) = source.try_next().await? {
        if !collector.wants_row() {
            return Ok(Read { rows: collector.rows, ended: reaches_its_end(source).await });
        }
        keep(&mut collector, &row)?;
        if !collector.end_row() {
            return Ok(Read { rows: collector.rows, ended: reaches_its_end(source).await });
        }
        turn += 1;
        if turn % ROWS_PER_TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
    Ok(Read { rows: collector.rows, ended: true })
}

async fn reaches_its_end<R>(mut source: BoxStream<'_, Result<R, sqlx::Error>>) -> bool {
    let rest = async {
        for _row in 0..REST_ROWS {
            // An error is an end as well.
            if !matches!(source.try_next().await, Ok(Some(_))) {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(REST_WAIT, rest).await.unwrap_or(false)
}

/// Takes cell after cell and says when enough has come.
pub(super) struct Collector {
    rows: Rows,
    limits: Limits,
    bytes: usize,
    /// Cells of the rows that are complete.
    complete: usize,
    kept_rows: usize,
}

impl Collector {
    /// A collector for `columns`.
    pub(super) fn new(columns: Vec<ResultColumn>, warnings: Vec<String>, limits: Limits) -> Self {
        Self { rows: Rows { columns, warnings, ..Rows::default() }, limits, bytes: 0, complete: 0, kept_rows: 0 }
    }

    /// Whether a row may come. `false` for the one beyond the limit, which proves that there was one.
    pub(super) fn wants_row(&mut self) -> bool {
        self.rows.truncated |= self.kept_rows >= self.limits.rows;
        !self.rows.truncated
    }

    /// Keeps a cell of the current row.
    pub(super) fn push(&mut self, value: Value) {
        self.bytes += size_of::<Value>() + value.heap_bytes();
        self.rows.cells.push(value);
    }

    /// Gives up the current row: it has more bytes than are allowed.
    pub(super) fn overflow(&mut self) {
        self.bytes = usize::MAX;
    }

    /// Ends the current row. `false` when it passed the byte limit: it is dropped again.
    pub(super) fn end_row(&mut self) -> bool {
        if self.bytes > self.limits.bytes {
            self.rows.cells.truncate(self.complete);
            self.rows.truncated = true;
            if self.kept_rows == 0 {
                self.rows.warnings.push(TOO_WIDE.to_owned());
            }
            return false;
        }
        self.complete = self.rows.cells.len();
        self.kept_rows += 1;
        true
    }

    /// What was kept.
    pub(super) fn into_rows(self) -> Rows {
        self.rows
    }

    /// Replaces the columns, as many as before, by what came with the rows.
    pub(super) fn set_columns(&mut self, columns: Vec<ResultColumn>) {
        self.rows.columns = columns;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn collector(rows: usize, bytes: usize) -> Collector {
        let column = ResultColumn { name: "a".to_owned(), type_name: String::new() };
        Collector::new(vec![column], Vec::new(), Limits { rows, bytes, timeout: Duration::from_secs(1) })
    }

    #[test]
    fn as_many_rows_as_allowed_are_not_marked() {
        let mut collector = collector(1, 1000);
        assert!(collector.wants_row());
        collector.push(Value::Int(1));
        assert!(collector.end_row());
        let rows = collector.rows;
        assert_eq!((rows.len(), rows.truncated), (1, false));
    }

    #[test]
    fn the_row_that_passes_the_byte_limit_is_cut_and_marked() {
        let mut collector = collector(10, 100);
        for _row in 0..2 {
            assert!(collector.wants_row());
            collector.push(Value::from("x".repeat(50)));
            if !collector.end_row() {
                break;
            }
        }
        let rows = collector.rows;
        assert_eq!((rows.len(), rows.truncated), (1, true));
    }
}
