//! SQLite over a lent connection: what a statement is, a twin of the database tells; its rows come from the
//! application's own.
//!
//! The fence on the connection is an authorizer, and a progress handler ends what takes too long. Both ask for the
//! thread first, because an application may use the same connection from another one meanwhile. `query_only` knows no
//! threads, so it is put up only where the connection is ours alone, or where the driver has no authorizer. Nothing
//! here begins or ends a transaction: one that the application has open on the connection goes on, and its changes
//! are seen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use libsqlite3_sys as ffi;

use super::loan::Run;
use super::{Failure, Manner, Watch, Wire, done, told};
use crate::database::collect::Collector;
use crate::database::parameter::Unbound;
use crate::database::rights::{About, Finding, Verdict};
use crate::database::sqlite::authorizer::is_reading;
use crate::database::sqlite::bind::{Bound, bound};
use crate::database::sqlite::decode::Decoder;
use crate::database::sqlite::failure;
use crate::database::sqlite::interrupt::Interrupt;
use crate::database::sqlite::read::Described;
use crate::database::sqlite::statement::Cell;
use crate::database::sqlite::twin::{Entry, Twin};
use crate::database::{Limits, Opinion, Rights, Rows};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;
use crate::value::Value;

const ENTRIES: &str = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger' ORDER BY rowid";
const COUNTS: &str = "SELECT tbl, idx, stat FROM sqlite_stat1";
/// How long to wait before a locked table is tried again.
const LOCK_RETRY: Duration = Duration::from_millis(2);
/// What to do where the fence is down.
const FENCE: &str = "use a driver with `set_authorizer`, as Python's `sqlite3` has";
/// Rows that are asked for at a time, and the bytes at which fewer are.
const ROWS: usize = 256;
const BYTES: usize = 1 << 20;

/// How statements run, with the twin of the schema as it was last seen.
pub(super) struct Sqlite {
    /// Whether the application uses the same connection meanwhile.
    is_shared: bool,
    twin: Mutex<Option<(i64, Twin)>>,
}

impl Sqlite {
    pub(super) fn new(is_shared: bool) -> Self {
        Self { is_shared, twin: Mutex::default() }
    }

    /// Works with the twin, made anew where the schema has changed.
    fn with_twin<T>(&self, wire: &mut dyn Wire, work: impl FnOnce(&Twin) -> Result<T>) -> Result<T> {
        let version = version(wire)?;
        let mut kept = self.twin();
        let twin = match kept.take().filter(|(known, _)| *known == version) {
            Some((_, twin)) => twin,
            None => Twin::new(&entries(wire)?, &[])?,
        };
        let (_, twin) = kept.insert((version, twin));
        work(twin)
    }

    fn twin(&self) -> MutexGuard<'_, Option<(i64, Twin)>> {
        self.twin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Manner for Sqlite {
    type Before = ();

    const DIALECT: Dialect = Dialect::Sqlite;

    fn begin(&self, wire: &mut dyn Wire, _limit: Duration) -> Result<(u64, ())> {
        version(wire).map(|_| (0, ()))
    }

    fn read(&self, wire: &mut dyn Wire, statement: &ApprovedSql, limits: &Limits, run: &Run) -> Result<Rows> {
        let sql = statement.statement();
        let interrupt = run.interrupt();
        let before = version(wire)?;
        let described = self.with_twin(wire, |twin| twin.describe(statement))?;
        let parameters = parameters(statement.parameters())?;
        loop {
            let fence = Fence::raise(wire, self.is_shared, run)?;
            let rows = collect(fence.wire, sql, &parameters, &described, limits);
            drop(fence);
            match rows {
                // Another connection on the same memory writes just now.
                Err(failure) if is_locked(&failure) && !interrupt.is_over() => std::thread::sleep(LOCK_RETRY),
                Err(failure) => return Err(explain(&failure, sql, &interrupt)),
                Ok(rows) if version(wire)? == before => return Ok(rows),
                Ok(_) => return Err(Error::new(Code::StaleSchema, "the schema changed while the statement ran")),
            }
        }
    }

    fn consult(&self, wire: &mut dyn Wire, statement: &ApprovedSql, _estimate: bool) -> Result<Opinion> {
        let relations = self.with_twin(wire, |twin| twin.describe(statement))?.relations;
        Ok(Opinion { relations, is_complete: true, ..Opinion::default() })
    }

    fn introspect(&self, wire: &mut dyn Wire) -> Result<Schema> {
        // Only `ANALYZE` makes that table.
        let counts = told(wire, COUNTS, &[]).unwrap_or_default();
        let counts = counts.into_iter().filter_map(|row| {
            let [table, index, count] = <[Option<String>; 3]>::try_from(row.0).ok()?;
            Some((table?, index, count?))
        });
        Twin::new(&entries(wire)?, &counts.collect::<Vec<_>>())?.introspect()
    }

    fn rights(&self, wire: &mut dyn Wire, run: &Run) -> Result<Rights> {
        let version = told(wire, "SELECT sqlite_version()", &[]).map_err(|failure| own(&failure))?;
        let version = version.into_iter().next().and_then(|row| row.0.into_iter().next()).flatten();
        let mut fence = Fence::raise(wire, self.is_shared, run)?;
        let (watched, closed) = (fence.is_watched, fence.is_closed);
        // What is explained is prepared and does nothing, also where the fence is down.
        let probes = ["EXPLAIN CREATE TEMP TABLE db_query_agent_probe (a)", "EXPLAIN ATTACH ':memory:' AS other"];
        let refused = probes.iter().all(|sql| done(fence.wire, sql, &[]).is_err());
        fence.lower();
        let mut findings = vec![Finding::fence(
            "authorizer",
            About::ReadOnly,
            watched && refused,
            "what does not read is refused when it is prepared",
            FENCE,
        )];
        if closed {
            findings.push(Finding::fence("query_only", About::ReadOnly, true, "PRAGMA query_only", ""));
        }
        findings.push(Finding {
            name: "lent_connection",
            about: About::Session,
            verdict: Verdict::Note,
            detail: if self.is_shared {
                "one connection, which the application uses too; its open transaction is read and never ended"
                    .to_owned()
            } else {
                "connections of the application's engine, one statement at a time".to_owned()
            },
            advice: "",
        });
        findings.push(Finding {
            name: "cell_limit",
            about: About::Session,
            verdict: Verdict::Unknown,
            detail: "the limits of the connection are the application's".to_owned(),
            advice: "",
        });
        findings.push(Finding {
            name: "file",
            about: About::Login,
            verdict: Verdict::Risk,
            detail: "the application may write on its own connection".to_owned(),
            advice: "for files, give the agent the URL instead of an engine with a `creator`",
        });
        Ok(Rights { engine: format!("SQLite {}", version.unwrap_or_default()), login: String::new(), findings })
    }

    fn end(&self, _wire: &mut dyn Wire, (): ()) -> Result<()> {
        // Each fence went down with its statement.
        Ok(())
    }
}

/// The fence on one connection; down again when it goes out of scope.
struct Fence<'w> {
    wire: &'w mut dyn Wire,
    is_watched: bool,
    /// Whether `query_only` is on by this fence.
    is_closed: bool,
    is_up: bool,
}

impl<'w> Fence<'w> {
    fn raise(wire: &'w mut dyn Wire, is_shared: bool, run: &Run) -> Result<Self> {
        let mut fence = Self { wire, is_watched: false, is_closed: false, is_up: true };
        if !is_shared {
            fence.close()?;
        }
        let sentry = Arc::new(Sentry { thread: std::thread::current().id(), interrupt: run.interrupt() });
        fence.is_watched = fence.wire.watch(Some(sentry)).map_err(|failure| own(&failure))?;
        if is_shared && !fence.is_watched {
            fence.close()?;
        }
        Ok(fence)
    }

    /// Turns `query_only` on where it is off.
    fn close(&mut self) -> Result<()> {
        if self.is_query_only()? {
            return Ok(());
        }
        done(self.wire, "PRAGMA query_only = 1", &[]).map_err(|failure| own(&failure))?;
        self.is_closed = true;
        if self.is_query_only()? {
            return Ok(());
        }
        Err(Error::new(Code::ConnectionFailed, "the engine's connection takes no read-only fence"))
    }

    fn is_query_only(&mut self) -> Result<bool> {
        let rows = told(self.wire, "PRAGMA query_only", &[]).map_err(|failure| own(&failure))?;
        Ok(rows.first().and_then(|row| row.0.first()).is_some_and(|cell| cell.as_deref() == Some("1")))
    }

    fn lower(&mut self) {
        if !std::mem::take(&mut self.is_up) {
            return;
        }
        self.wire.end();
        let unwatched = self.wire.watch(None).is_ok();
        let opened = !self.is_closed || done(self.wire, "PRAGMA query_only = 0", &[]).is_ok();
        if !(unwatched && opened) {
            self.wire.give_up();
        }
    }
}

impl Drop for Fence<'_> {
    fn drop(&mut self) {
        self.lower();
    }
}

/// Watches the statement of one thread.
struct Sentry {
    thread: ThreadId,
    interrupt: Arc<Interrupt>,
}

impl Watch for Sentry {
    fn allows(&self, action: i32, first: &str, second: &str, database: &str) -> bool {
        // A temporary table or one of an attached file may have the name of a table that was approved.
        let is_elsewhere = action == ffi::SQLITE_READ && !matches!(database, "" | "main");
        // The application's own statements, in its own threads, are its own.
        self.thread != std::thread::current().id() || (is_reading(action, first, second) && !is_elsewhere)
    }

    fn is_over(&self) -> bool {
        self.thread == std::thread::current().id() && self.interrupt.is_over()
    }
}

fn entries(wire: &mut dyn Wire) -> Result<Vec<Entry>> {
    let rows = told(wire, ENTRIES, &[]).map_err(|failure| own(&failure))?;
    let entry = |row: crate::database::row::Told| {
        let [name, sql] = <[Option<String>; 2]>::try_from(row.0).ok()?;
        Some(Entry { name: name?, sql: sql? })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}

/// A number that grows with each change of the schema.
fn version(wire: &mut dyn Wire) -> Result<i64> {
    let rows = told(wire, "PRAGMA schema_version", &[]).map_err(|failure| own(&failure))?;
    let cell = rows.first().and_then(|row| row.0.first()).and_then(Option::as_deref);
    cell.and_then(|version| version.parse().ok())
        .ok_or_else(|| Error::new(Code::ConnectionFailed, "the engine's connection is none to a SQLite database"))
}

/// The parameters as SQLite takes them.
fn parameters(given: &[Value]) -> Result<Vec<Value>> {
    let one = |value: &Value| {
        let bound = bound(value).ok_or_else(|| Error::new(Code::InvalidCaller, Unbound::new(value).to_string()))?;
        Ok(match bound {
            Bound::Null => Value::Null,
            Bound::Integer(number) => Value::Int(number),
            Bound::Real(number) => Value::Float(number),
            Bound::Text(text) => Value::Text(text.into()),
        })
    };
    given.iter().map(one).collect()
}

fn collect(
    wire: &mut dyn Wire,
    sql: &str,
    parameters: &[Value],
    described: &Described,
    limits: &Limits,
) -> Result<Rows, Failure> {
    let mut collector = Collector::new(described.columns.clone(), Vec::new(), *limits);
    wire.execute(sql, parameters)?;
    loop {
        let rows = wire.fetch(ROWS, BYTES.min(limits.bytes))?;
        if rows.is_empty() {
            return Ok(collector.into_rows());
        }
        for row in rows {
            if !collector.wants_row() {
                return Ok(collector.into_rows());
            }
            for (cell, decoder) in row.into_iter().zip(&described.decoders) {
                collector.push(decoded(cell, *decoder));
            }
            if !collector.end_row() {
                return Ok(collector.into_rows());
            }
        }
    }
}

/// A value of the driver as the native connector reads it; what the driver converted by itself stays so.
fn decoded(value: Value, decoder: Decoder) -> Value {
    match &value {
        Value::Int(number) => decoder.decode(Cell::Integer(*number)),
        Value::Float(number) => decoder.decode(Cell::Real(*number)),
        Value::Text(text) => decoder.decode(Cell::Text(text.as_bytes())),
        _ => value,
    }
}

fn is_locked(failure: &Failure) -> bool {
    matches!(primary(failure), ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED)
}

/// The result code; drivers that give none say it in SQLite's words (<https://www.sqlite.org/c3ref/errcode.html>).
fn primary(failure: &Failure) -> i32 {
    const WORDS: [(&str, i32); 6] = [
        ("interrupted", ffi::SQLITE_INTERRUPT),
        ("not authorized", ffi::SQLITE_AUTH),
        ("prohibited", ffi::SQLITE_AUTH),
        ("readonly database", ffi::SQLITE_READONLY),
        ("locked", ffi::SQLITE_BUSY),
        ("too big", ffi::SQLITE_TOOBIG),
    ];
    let told = failure.code.parse::<i32>().ok().map(|code| code & 0xff);
    told.unwrap_or_else(|| {
        WORDS.iter().find(|(word, _)| failure.message.contains(word)).map_or(ffi::SQLITE_ERROR, |(_, code)| *code)
    })
}

fn explain(failure: &Failure, sql: &str, interrupt: &Interrupt) -> Error {
    if failure.is_lost {
        return lost();
    }
    let failure = failure::Failure { code: primary(failure), message: failure.message.clone(), running: true };
    failure.into_error(sql, interrupt.is_stopped())
}

/// The failure of a statement of this module's own.
fn own(failure: &Failure) -> Error {
    explain(failure, "", &Interrupt::new(Duration::MAX))
}

fn lost() -> Error {
    Error::new(Code::ConnectionFailed, "the engine's connection is closed")
}
