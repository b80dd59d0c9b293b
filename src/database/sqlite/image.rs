//! A database in memory that another build of SQLite holds in this process, as the bytes of its file.
#![expect(unsafe_code, reason = "SQLite takes the bytes over by its own allocator")]

use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use libsqlite3_sys as ffi;

/// The latest bytes and how often they were replaced. A handle is a copy of one edition.
#[derive(Debug, Default)]
pub struct Image(Mutex<(u64, Arc<[u8]>)>);

impl Image {
    /// Replaces the bytes: what `sqlite3_serialize` gives. Handles on the bytes before are no longer lent.
    pub fn replace(&self, bytes: &[u8]) {
        let mut latest = self.latest();
        *latest = (latest.0 + 1, bytes.into());
    }

    /// Which edition of the bytes it is.
    pub(super) fn edition(&self) -> u64 {
        self.latest().0
    }

    /// Puts a copy of the bytes into the database of `handle`; whether SQLite took it.
    ///
    /// # Safety
    /// `handle` is open and no statement runs on it.
    pub(super) unsafe fn load(&self, handle: NonNull<ffi::sqlite3>) -> bool {
        let bytes = Arc::clone(&self.latest().1);
        if bytes.is_empty() {
            return true;
        }
        let Ok(length) = i64::try_from(bytes.len()) else { return false };
        // SAFETY: any size may be asked for; SQLite answers NULL where it has no memory.
        let Some(copy) = NonNull::new(unsafe { ffi::sqlite3_malloc64(bytes.len() as u64) }.cast::<u8>()) else {
            return false;
        };
        // SAFETY: the copy has `length` bytes of its own.
        unsafe { copy.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        let flags = ffi::SQLITE_DESERIALIZE_FREEONCLOSE | ffi::SQLITE_DESERIALIZE_READONLY;
        // SAFETY: the handle is open by the contract; SQLite frees the copy, also where this fails.
        let code = unsafe {
            ffi::sqlite3_deserialize(handle.as_ptr(), c"main".as_ptr(), copy.as_ptr(), length, length, flags)
        };
        code == ffi::SQLITE_OK
    }

    fn latest(&self) -> MutexGuard<'_, (u64, Arc<[u8]>)> {
        // One assignment changes it, so a panic leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
