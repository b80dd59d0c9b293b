//! What this process may do to the file and which fences stand, asked of SQLite on an open handle.
#![expect(unsafe_code, reason = "SQLite's switches and limits are read from its handle")]

use std::ffi::{CStr, c_int};
use std::fs::OpenOptions;
use std::path::Path;

use libsqlite3_sys as ffi;

use super::authorizer::Phase;
use super::session::Session;
use super::statement::{Cell, Statement};
use crate::database::rights::{About, Finding, Rights};
use crate::error::Result;

/// Statements that the authorizer must refuse while one of the guard's is prepared.
const PROBES: [&str; 3] =
    ["CREATE TEMP TABLE db_query_agent_probe (a)", "ATTACH ':memory:' AS other", "PRAGMA query_only = OFF"];

/// Asks for everything. `path` is the file; `None` for a database in memory.
pub(super) fn rights(session: &Session, path: Option<&Path>) -> Result<Rights> {
    const FENCE: &str = "please report it: this build of SQLite does not keep the fence";
    let handle = session.handle();
    // SAFETY: the handle is open and "main" is a C string.
    let read_only = unsafe { ffi::sqlite3_db_readonly(handle, c"main".as_ptr()) } == 1;
    // SAFETY: the handle is open; -1 asks and changes nothing.
    let attached = unsafe { ffi::sqlite3_limit(handle, ffi::SQLITE_LIMIT_ATTACHED, -1) };
    // SAFETY: as above.
    let length = unsafe { ffi::sqlite3_limit(handle, ffi::SQLITE_LIMIT_LENGTH, -1) };
    let off = |switch| state(session, switch) == Some(0);
    let refused = PROBES.iter().all(|sql| {
        let _fence = session.fence().raise(Phase::Preparing);
        Statement::prepare(session, sql).is_err_and(|failure| failure.primary() == ffi::SQLITE_AUTH)
    });
    let session_fence = |name, holds, detail: String| Finding::fence(name, About::Session, holds, detail, FENCE);
    let mut findings = vec![
        Finding::fence("query_only", About::ReadOnly, query_only(session)?, "PRAGMA query_only", FENCE),
        Finding::fence(
            "authorizer",
            About::ReadOnly,
            refused,
            "what does not read is refused when it is prepared",
            FENCE,
        ),
        session_fence("no_attached_files", attached == 0, format!("SQLITE_LIMIT_ATTACHED is {attached}")),
        session_fence("cell_limit", length <= 64 << 20, format!("SQLITE_LIMIT_LENGTH is {length} bytes")),
        session_fence("untrusted_schema", off(ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA), "trusted_schema is off".to_owned()),
        session_fence(
            "no_extensions",
            off(ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION),
            "load_extension is off".to_owned(),
        ),
        session_fence(
            "defensive",
            state(session, ffi::SQLITE_DBCONFIG_DEFENSIVE) == Some(1),
            "defensive mode".to_owned(),
        ),
    ];
    if let Some(path) = path {
        let fence =
            Finding::fence("opened_read_only", About::ReadOnly, read_only, "the file was opened read-only", FENCE);
        findings.insert(0, fence);
        findings.push(file(path));
    } else {
        findings.push(Finding::note("file", "a database in memory, which ends with its connection", ""));
    }
    // SAFETY: SQLite gives a C string that lives as long as the process.
    let version = unsafe { CStr::from_ptr(ffi::sqlite3_libversion()) };
    Ok(Rights { engine: format!("SQLite {}", version.to_string_lossy()), login: String::new(), findings })
}

/// Whether this process could write the file; opening it for writing changes nothing.
fn file(path: &Path) -> Finding {
    let writable = OpenOptions::new().append(true).open(path).is_ok();
    let covers = writable.then(|| "this process may write the file".to_owned());
    Finding::right("file", covers, "let another user own the file and give this process the right to read it only")
}

fn query_only(session: &Session) -> Result<bool> {
    let sql = "PRAGMA query_only";
    let ask = || {
        let mut statement = Statement::prepare(session, sql)?;
        Ok(statement.step()? && statement.cell(0)? == Cell::Integer(1))
    };
    ask().map_err(|failure: super::failure::Failure| failure.into_error(sql, session.is_cancelled()))
}

fn state(session: &Session, switch: c_int) -> Option<c_int> {
    let mut state: c_int = -1;
    // SAFETY: the handle is open; each switch asked for here takes an int, where -1 asks, and a place for the answer.
    let code = unsafe { ffi::sqlite3_db_config(session.handle(), switch, -1, &raw mut state) };
    (code == ffi::SQLITE_OK).then_some(state)
}
