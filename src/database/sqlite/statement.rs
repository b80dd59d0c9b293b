//! One prepared statement and the row it stands on.
#![expect(unsafe_code, reason = "SQLite is a C library; this file owns a prepared statement")]

use std::ffi::{CStr, c_int};
use std::ptr::NonNull;

use libsqlite3_sys as ffi;

use super::bind::Bound;
use super::failure::Failure;
use super::session::Session;

/// `SQLITE_UTF8` in the width that `sqlite3_bind_text64` takes it.
const UTF8: u8 = 1;

/// A prepared statement.
pub(super) struct Statement<'s> {
    raw: NonNull<ffi::sqlite3_stmt>,
    session: &'s Session,
    tail: usize,
    columns: c_int,
}

/// A value as SQLite stores it, borrowed from the current row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::database) enum Cell<'r> {
    Null,
    Integer(i64),
    Real(f64),
    /// UTF-8, unless whoever wrote it did not keep to it.
    Text(&'r [u8]),
    Blob(&'r [u8]),
}

impl<'s> Statement<'s> {
    /// Prepares the first statement of `sql`.
    pub(super) fn prepare(session: &'s Session, sql: &str) -> Result<Self, Failure> {
        let too_long = || Failure { code: ffi::SQLITE_TOOBIG, message: "statement too long".into(), running: false };
        let length = c_int::try_from(sql.len()).map_err(|_| too_long())?;
        let (mut raw, mut tail) = (std::ptr::null_mut(), std::ptr::null());
        let start = sql.as_ptr().cast();
        // SAFETY: the handle is open; the text is `length` bytes long; the two answers have a place.
        let code = unsafe { ffi::sqlite3_prepare_v3(session.handle(), start, length, 0, &raw mut raw, &raw mut tail) };
        let nothing = || Failure { code: ffi::SQLITE_ERROR, message: "there is no statement".into(), running: false };
        let raw = match NonNull::new(raw) {
            Some(raw) if code == ffi::SQLITE_OK => raw,
            None if code == ffi::SQLITE_OK => return Err(nothing()),
            _ => return Err(session.failure(code, false)),
        };
        let tail = (tail as usize).saturating_sub(start as usize).min(sql.len());
        // SAFETY: the statement was just made.
        let columns = unsafe { ffi::sqlite3_column_count(raw.as_ptr()) };
        Ok(Self { raw, session, tail, columns })
    }

    /// Where in the text the statement ended.
    pub(super) fn tail(&self) -> usize {
        self.tail
    }

    /// Whether it only reads, takes that many parameters, and is not an `EXPLAIN`.
    pub(super) fn is_plain_read(&self, expected: usize) -> bool {
        // SAFETY: the statement is alive.
        let (readonly, explain, parameters) = unsafe {
            (
                ffi::sqlite3_stmt_readonly(self.raw.as_ptr()),
                ffi::sqlite3_stmt_isexplain(self.raw.as_ptr()),
                ffi::sqlite3_bind_parameter_count(self.raw.as_ptr()),
            )
        };
        readonly != 0 && explain == 0 && usize::try_from(parameters) == Ok(expected) && self.columns > 0
    }

    /// Gives the parameter at `place`, which counts from one, its value.
    pub(super) fn bind(&mut self, place: c_int, value: &Bound<'_>) -> Result<(), Failure> {
        let raw = self.raw.as_ptr();
        // SAFETY: the statement is alive and SQLite checks `place`; `SQLITE_TRANSIENT` has it copy the text,
        // whose length goes with it.
        let code = unsafe {
            match value {
                Bound::Null => ffi::sqlite3_bind_null(raw, place),
                Bound::Integer(number) => ffi::sqlite3_bind_int64(raw, place, *number),
                Bound::Real(number) => ffi::sqlite3_bind_double(raw, place, *number),
                Bound::Text(text) => ffi::sqlite3_bind_text64(
                    raw,
                    place,
                    text.as_ptr().cast(),
                    text.len() as u64,
                    ffi::SQLITE_TRANSIENT(),
                    UTF8,
                ),
            }
        };
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.session.failure(code, false)) }
    }

    /// Whether SQLite prepared it anew while stepping, because the schema had changed.
    pub(super) fn was_prepared_again(&self) -> bool {
        // SAFETY: the statement is alive.
        unsafe { ffi::sqlite3_stmt_status(self.raw.as_ptr(), ffi::SQLITE_STMTSTATUS_REPREPARE, 0) != 0 }
    }

    /// The columns' positions.
    pub(super) fn columns(&self) -> std::ops::Range<c_int> {
        0..self.columns
    }

    /// The name of a column.
    pub(super) fn name(&self, column: c_int) -> String {
        // SAFETY: the statement is alive; SQLite answers NULL for what it does not have.
        unsafe { owned(ffi::sqlite3_column_name(self.raw.as_ptr(), column)) }.unwrap_or_default()
    }

    /// The type that `CREATE TABLE` gave the column, where it is a column.
    pub(super) fn declared_type(&self, column: c_int) -> Option<String> {
        // SAFETY: as for `name`.
        unsafe { owned(ffi::sqlite3_column_decltype(self.raw.as_ptr(), column)) }
    }

    /// Goes to the next row; `false` when there is none.
    pub(super) fn step(&mut self) -> Result<bool, Failure> {
        // SAFETY: the statement is alive, and no borrow of the last row is, since this takes `&mut`.
        match unsafe { ffi::sqlite3_step(self.raw.as_ptr()) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => Err(self.session.failure(code, true)),
        }
    }

    /// A cell of the current row.
    pub(super) fn cell(&self, column: c_int) -> Result<Cell<'_>, Failure> {
        let raw = self.raw.as_ptr();
        // SAFETY: the statement is alive and SQLite checks `column`. Text and blob pointers are good
        // until the next step, which this borrow forbids, or until the same cell is asked for as
        // another type, which this function never does.
        unsafe {
            Ok(match ffi::sqlite3_column_type(raw, column) {
                ffi::SQLITE_INTEGER => Cell::Integer(ffi::sqlite3_column_int64(raw, column)),
                ffi::SQLITE_FLOAT => Cell::Real(ffi::sqlite3_column_double(raw, column)),
                ffi::SQLITE_TEXT => Cell::Text(self.bytes(ffi::sqlite3_column_text(raw, column), column)?),
                ffi::SQLITE_BLOB => Cell::Blob(self.bytes(ffi::sqlite3_column_blob(raw, column).cast(), column)?),
                _ => Cell::Null,
            })
        }
    }

    /// # Safety
    /// `start` is what SQLite just answered for this cell as text or as a blob.
    unsafe fn bytes(&self, start: *const u8, column: c_int) -> Result<&[u8], Failure> {
        // SAFETY: the statement is alive.
        let length = unsafe { ffi::sqlite3_column_bytes(self.raw.as_ptr(), column) };
        let length = usize::try_from(length).unwrap_or_default();
        if start.is_null() {
            // An empty blob has no address; anything else without one found no memory.
            return if length == 0 {
                Ok(&[])
            } else {
                Err(Failure { code: ffi::SQLITE_NOMEM, message: "out of memory".into(), running: true })
            };
        }
        // SAFETY: SQLite answers `length` bytes at `start`, alive as `cell` says.
        Ok(unsafe { std::slice::from_raw_parts(start, length) })
    }
}

impl Drop for Statement<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `prepare` and finalized only here. The code repeats the last failure.
        unsafe { ffi::sqlite3_finalize(self.raw.as_ptr()) };
    }
}

/// # Safety
/// `text` is NULL or a C string.
unsafe fn owned(text: *const std::ffi::c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, so by the contract a string.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
