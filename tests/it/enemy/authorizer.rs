//! What SQLite says a statement reads, asked by its own authorizer.

#![expect(unsafe_code, reason = "SQLite calls the authorizer with C strings")]

use std::collections::BTreeSet;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use libsqlite3_sys as ffi;

/// The names that statements have read since they were last taken, each with whether a column was read. Where
/// none was (`count(*)`), the name is the one in FROM, which may be a CTE's.
pub type Noted = Mutex<BTreeSet<(String, bool)>>;

/// Makes SQLite note every table that it reads from now on. What is noted lives as long as the process,
/// because the handle keeps a pointer to it.
pub fn note_reads(handle: NonNull<ffi::sqlite3>) -> Arc<Noted> {
    let noted: Arc<Noted> = Arc::default();
    let data = Arc::into_raw(Arc::clone(&noted)).cast_mut().cast::<c_void>();
    // SAFETY: the handle is open; the reference that `data` is made of is never given back.
    unsafe { ffi::sqlite3_set_authorizer(handle.as_ptr(), Some(note), data) };
    noted
}

unsafe extern "C" fn note(
    data: *mut c_void,
    action: c_int,
    table: *const c_char,
    column: *const c_char,
    _database: *const c_char,
    _inside: *const c_char,
) -> c_int {
    if action == ffi::SQLITE_READ && !table.is_null() {
        // SAFETY: `note_reads` gave this pointer and keeps it alive; SQLite gives a string.
        let (noted, table) = unsafe { (&*data.cast::<Noted>(), CStr::from_ptr(table)) };
        // SAFETY: as above, where it is not null.
        let reads_column = !column.is_null() && unsafe { CStr::from_ptr(column) } != c"";
        if let Ok(mut noted) = noted.lock() {
            noted.insert((table.to_string_lossy().to_ascii_lowercase(), reads_column));
        }
    }
    ffi::SQLITE_OK
}
