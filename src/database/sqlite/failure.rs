//! What SQLite's result codes mean to the person who asked.

use std::ffi::c_int;

use libsqlite3_sys as ffi;

use crate::error::{Code, Error};

/// A result code with the text that SQLite has for it.
#[derive(Debug)]
pub(in crate::database) struct Failure {
    /// The extended code.
    pub(in crate::database) code: c_int,
    pub(in crate::database) message: String,
    /// Whether the statement was already running, so that the text may quote a row.
    pub(in crate::database) running: bool,
}

/// The statement was stopped because its time was over.
pub(in crate::database) fn timed_out() -> Error {
    Error::new(Code::QueryTimeout, "the statement ran longer than allowed and was stopped")
}

impl Failure {
    /// The primary code, without what SQLite packs above it.
    pub(in crate::database) fn primary(&self) -> c_int {
        self.code & 0xff
    }

    /// The failure of a statement; `cancelled` when the caller is gone, which is why it ended.
    pub(in crate::database) fn into_error(self, sql: &str, cancelled: bool) -> Error {
        let error = match self.primary() {
            ffi::SQLITE_INTERRUPT if cancelled => {
                Error::new(Code::Cancelled, "the caller gave up and the statement was stopped")
            }
            ffi::SQLITE_INTERRUPT => timed_out(),
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
                Error::new(Code::QueryTimeout, "another process kept the database file locked for the whole wait")
                    .with_hint("ask again when the other process has finished writing")
            }
            ffi::SQLITE_AUTH | ffi::SQLITE_READONLY | ffi::SQLITE_PERM => {
                Error::new(Code::SqlRejected, format!("the read-only fence refused the statement: {}", self.text()))
                    .with_rule("engine_fence")
            }
            ffi::SQLITE_ERROR
                if self.message.starts_with("no such table") || self.message.starts_with("no such column") =>
            {
                Error::new(Code::StaleSchema, self.text())
            }
            ffi::SQLITE_TOOBIG => Error::new(Code::ExecutionFailed, "a value or the statement is too large")
                .with_hint("leave out the large column, or take a part of it with `substr`"),
            ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB | ffi::SQLITE_CANTOPEN | ffi::SQLITE_IOERR => {
                return Error::new(
                    Code::ConnectionFailed,
                    format!("the database file cannot be read: {}", self.text()),
                )
                .with_hint("check that the file is whole and that this user may read it");
            }
            _ => Error::new(Code::ExecutionFailed, self.text()),
        };
        error.with_sql(sql)
    }

    /// SQLite's text in the house style. While a statement runs it may quote what it found in a
    /// row (`fts5: syntax error near "…"`), so only what stands before a quotation is kept.
    fn text(&self) -> String {
        let text = if self.running {
            self.message.split(['"', '\'', '`', ':']).next().unwrap_or_default().trim_end()
        } else {
            self.message.trim_end_matches('.')
        };
        if text.is_empty() { format!("SQLite failed with code {}", self.code) } else { text.to_owned() }
    }
}
