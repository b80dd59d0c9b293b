//! The fence that SQLite itself keeps: what a statement may do, asked of the engine that reads it.
//!
//! SQLite calls back for each thing a statement would do while it is being prepared
//! (<https://www.sqlite.org/c3ref/set_authorizer.html>), after its own parser and with views opened
//! up, so this stands even where the guard's parser and SQLite's disagree.
#![expect(unsafe_code, reason = "SQLite calls the authorizer with C strings")]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;

use libsqlite3_sys as ffi;

/// Functions that do more than compute on their arguments.
const REFUSED_FUNCTIONS: [&str; 12] = [
    // Loads a library into this process.
    "load_extension",
    // Gives out and takes code pointers.
    "fts3_tokenizer",
    "fts5",
    // Write to the application's log.
    "sqlite_log",
    // What other statements of this handle did, or how SQLite was built.
    "last_insert_rowid",
    "changes",
    "total_changes",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    // Files; these exist in the shell only, and are named in case a build links them.
    "readfile",
    "writefile",
    "edit",
];

/// Table-valued functions that show pages, statements or files instead of data.
const REFUSED_TABLES: [&str; 5] = ["bytecode", "dbstat", "fsdir", "tables_used", "zipfile"];

/// Whether a statement of the guard's may do this, asked by its number and its first two names
/// (<https://www.sqlite.org/c3ref/c_alter_table.html>), while it is prepared or stepped.
pub(in crate::database) fn is_reading(action: c_int, first: &str, second: &str) -> bool {
    match action {
        ffi::SQLITE_SELECT | ffi::SQLITE_RECURSIVE => true,
        ffi::SQLITE_READ => !is_internal(first),
        ffi::SQLITE_FUNCTION => !REFUSED_FUNCTIONS.iter().any(|name| second.eq_ignore_ascii_case(name)),
        // FTS5 asks it to know whether its own cache is still good.
        ffi::SQLITE_PRAGMA => first == "data_version",
        _ => false,
    }
}

/// On whose account SQLite asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// This module's own text: everything a read-only handle can do.
    Own,
    /// This module's own `SELECT * FROM view`, noting the tables it reads.
    Noting,
    /// A statement of the guard's is being prepared; what it reads is noted.
    Preparing,
    /// It is being stepped; virtual tables such as FTS5 read their own storage now.
    Stepping,
}

/// What the authorizer knows. One per handle, at a fixed address, used by one thread at a time.
pub(super) struct Fence {
    phase: Cell<Phase>,
    noted: RefCell<Vec<Noted>>,
}

/// A relation that SQLite asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    /// As the statement spells it.
    pub(super) name: String,
    /// Whether one of its columns is read. Where none is (`count(*)`), SQLite gives the name as it
    /// stands in FROM, which may be a CTE's.
    pub(super) column: bool,
}

/// While it lives, the fence is up; then the handle is this module's again.
pub(super) struct Raised<'a>(&'a Fence);

impl Fence {
    pub(super) fn new() -> Self {
        Self { phase: Cell::new(Phase::Own), noted: RefCell::new(Vec::new()) }
    }

    /// Puts the fence up at `phase`.
    pub(super) fn raise(&self, phase: Phase) -> Raised<'_> {
        self.phase.set(phase);
        Raised(self)
    }

    /// The relations noted since the last call.
    pub(super) fn take_noted(&self) -> Vec<Noted> {
        std::mem::take(&mut *self.noted.borrow_mut())
    }

    fn note(&self, name: &str, column: bool) {
        if let Ok(mut noted) = self.noted.try_borrow_mut()
            && !name.is_empty()
            && noted.last().is_none_or(|last| last.name != name || last.column != column)
        {
            noted.push(Noted { name: name.to_owned(), column });
        }
    }

    /// Makes SQLite ask this fence from now on.
    ///
    /// # Safety
    /// `handle` is open and closed before `self` is moved or dropped.
    pub(super) unsafe fn install(&self, handle: NonNull<ffi::sqlite3>) {
        let data = std::ptr::from_ref(self).cast_mut().cast::<c_void>();
        // SAFETY: the handle is open; `data` outlives it, which the caller promises, and `authorize`
        // only reads through it.
        unsafe { ffi::sqlite3_set_authorizer(handle.as_ptr(), Some(authorize), data) };
    }

    fn allows(&self, action: c_int, first: &str, second: &str, inside: &str) -> bool {
        match (self.phase.get(), action) {
            (Phase::Noting, _) => {
                if action == ffi::SQLITE_READ {
                    self.note(first, !second.is_empty());
                }
                // A view that is only counted shows up here alone. So does the name of a CTE, which
                // is harmless: it adds a relation at worst.
                self.note(inside, false);
                true
            }
            (Phase::Own, _) | (_, ffi::SQLITE_SELECT | ffi::SQLITE_RECURSIVE) | (Phase::Stepping, ffi::SQLITE_READ) => {
                true
            }
            (_, ffi::SQLITE_FUNCTION) => !REFUSED_FUNCTIONS.iter().any(|name| second.eq_ignore_ascii_case(name)),
            (Phase::Preparing, ffi::SQLITE_READ) => {
                self.note(first, !second.is_empty());
                !is_internal(first)
            }
            // FTS5 asks it to know whether its own cache is still good.
            (Phase::Stepping, ffi::SQLITE_PRAGMA) => first == "data_version",
            _ => false,
        }
    }
}

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.phase.set(Phase::Own);
    }
}

/// The catalogue, the statistics with their sample values, and the pages behind the tables.
fn is_internal(table: &str) -> bool {
    let starts = |prefix: &str| table.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    starts("sqlite_") || starts("pragma_") || REFUSED_TABLES.iter().any(|name| table.eq_ignore_ascii_case(name))
}

unsafe extern "C" fn authorize(
    data: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    _database: *const c_char,
    inside: *const c_char,
) -> c_int {
    // SAFETY: `install` gave this pointer, and its caller keeps the fence where it is while the
    // handle is open.
    let fence = unsafe { &*data.cast::<Fence>() };
    // SAFETY: SQLite gives NULL or a string that lives until the callback returns.
    let (first, second, inside) = unsafe { (text(first), text(second), text(inside)) };
    // A name that is not UTF-8 is nothing that this module knows to be harmless.
    match (first, second, inside) {
        (Some(first), Some(second), Some(inside)) if fence.allows(action, first, second, inside) => ffi::SQLITE_OK,
        _ => ffi::SQLITE_DENY,
    }
}

/// # Safety
/// `pointer` is NULL or a string that lives for `'a`.
unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a str> {
    if pointer.is_null() {
        return Some("");
    }
    // SAFETY: not NULL, so by this function's contract a string.
    unsafe { CStr::from_ptr(pointer) }.to_str().ok()
}
