//! One read-only handle with its fence up.
#![expect(unsafe_code, reason = "SQLite is a C library; this file owns its handle")]

use std::cell::RefCell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libsqlite3_sys as ffi;

use super::authorizer::Fence;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::location::{self, Identity, Location};
use super::statement::Statement;
use crate::error::{Code, Error, Result};

/// What one statement may take (<https://www.sqlite.org/security.html>, widened to what people's
/// own queries, views and `CREATE` statements need).
const LIMITS: [(c_int, c_int); 9] = [
    // No second file: neither ATTACH nor VACUUM INTO.
    (ffi::SQLITE_LIMIT_ATTACHED, 0),
    // One value or one row: `zeroblob(1000000000)` fails instead of being made.
    (ffi::SQLITE_LIMIT_LENGTH, 64 << 20),
    (ffi::SQLITE_LIMIT_SQL_LENGTH, 1_000_000),
    // Each level is a few stack frames of the parser, in a thread of two megabytes.
    (ffi::SQLITE_LIMIT_EXPR_DEPTH, 500),
    (ffi::SQLITE_LIMIT_COMPOUND_SELECT, 100),
    (ffi::SQLITE_LIMIT_VDBE_OP, 250_000),
    (ffi::SQLITE_LIMIT_FUNCTION_ARG, 127),
    // Matching is exponential in the wildcards, and no clock is looked at meanwhile.
    (ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
    (ffi::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
];

/// Switches of the handle; all of them off means: the file is data, never code.
const SWITCHES: [(c_int, c_int); 7] = [
    (ffi::SQLITE_DBCONFIG_DEFENSIVE, 1),
    (ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
    (ffi::SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, 0),
];

/// SQLite instructions between two looks at the clock: about ten microseconds of work.
const INSTRUCTIONS_PER_LOOK: c_int = 1_000;

/// How long to wait before a locked file is tried again.
const LOCK_RETRY: Duration = Duration::from_millis(2);

/// An open handle. It moves between threads, one at a time.
pub(super) struct Session {
    handle: NonNull<ffi::sqlite3>,
    // Boxed, since SQLite keeps their addresses.
    fence: Box<Fence>,
    attention: Box<RefCell<Option<Arc<Interrupt>>>>,
    opened: Instant,
    process: u32,
    identity: Option<Identity>,
}

// SAFETY: SQLite is compiled thread-safe and the handle is used by one thread at a time (`Session`
// is not `Sync`); `sqlite3_interrupt`, the one call from elsewhere, may be made from any thread.
unsafe impl Send for Session {}

impl Session {
    /// Opens `location` for reading and puts the fence up.
    ///
    /// # Errors
    /// [`Code::DatabaseNotFound`] for what is no SQLite database, else [`Code::ConnectionFailed`].
    pub(super) fn open(location: &Location, identity: Option<Identity>) -> Result<Self> {
        let access = if location.path.is_some() {
            ffi::SQLITE_OPEN_READONLY
        } else {
            // There is no file to protect, and a database in memory has to be made.
            ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE
        };
        let flags = access | ffi::SQLITE_OPEN_URI | ffi::SQLITE_OPEN_NOMUTEX | ffi::SQLITE_OPEN_EXRESCODE;
        let mut handle = std::ptr::null_mut();
        // SAFETY: the name is a C string and `handle` is where SQLite puts its answer.
        let code = unsafe { ffi::sqlite3_open_v2(location.uri.as_ptr(), &raw mut handle, flags, std::ptr::null()) };
        let handle =
            NonNull::new(handle).ok_or_else(|| Error::new(Code::ConnectionFailed, "SQLite had no memory left"))?;
        // From here on dropping the session closes the handle, which has to happen after a failure too.
        let session = Self {
            handle,
            fence: Box::new(Fence::new()),
            attention: Box::new(RefCell::new(None)),
            opened: Instant::now(),
            process: std::process::id(),
            identity,
        };
        if code != ffi::SQLITE_OK {
            return Err(session.cannot_open(location, &session.failure(code, false)));
        }
        // SAFETY: the handle is open, and this is the first that is done on it.
        let loaded = location.image.as_ref().is_none_or(|image| unsafe { image.load(session.handle) });
        if !loaded {
            return Err(Error::new(Code::ConnectionFailed, "the copy of the database in memory could not be opened"));
        }
        session.protect();
        session.execute("PRAGMA query_only = ON").map_err(|failure| session.cannot_open(location, &failure))?;
        session.execute("PRAGMA cell_size_check = ON").map_err(|failure| session.cannot_open(location, &failure))?;
        // The first look into the file.
        session.execute("PRAGMA schema_version").map_err(|failure| session.cannot_open(location, &failure))?;
        Ok(session)
    }

    /// Whether it may serve the next statement: young, of this process, and on the same file.
    pub(super) fn is_current(&self, identity: Option<Identity>, oldest: Duration) -> bool {
        self.identity == identity && self.process == std::process::id() && self.opened.elapsed() < oldest
    }

    /// Does `work` while `interrupt` can stop it.
    pub(super) fn attended<T>(&self, interrupt: &Arc<Interrupt>, work: impl FnOnce(&Self) -> T) -> T {
        let _attention = Attention::turn(self, interrupt);
        work(self)
    }

    /// Looks whether the database can be read.
    ///
    /// # Errors
    /// When it cannot.
    pub(super) fn check(&self) -> Result<()> {
        let sql = "PRAGMA schema_version";
        self.execute(sql).map_err(|failure| failure.into_error(sql, self.is_cancelled()))
    }

    /// Whether a string in double quotes counts as text where no column has that name.
    ///
    /// SQLite does that for old applications; for a question it would turn a misspelt column into a
    /// wrong answer.
    pub(super) fn allow_double_quoted_text(&self, allowed: bool) {
        self.switch(ffi::SQLITE_DBCONFIG_DQS_DML, c_int::from(allowed));
    }

    /// Whether the caller of the current run is gone.
    pub(super) fn is_cancelled(&self) -> bool {
        self.attention.borrow().as_ref().is_some_and(|interrupt| interrupt.is_stopped())
    }

    pub(super) fn fence(&self) -> &Fence {
        &self.fence
    }

    pub(super) fn handle(&self) -> *mut ffi::sqlite3 {
        self.handle.as_ptr()
    }

    /// The text that SQLite has for the last failure of this handle.
    pub(super) fn failure(&self, code: c_int, running: bool) -> Failure {
        // SAFETY: the handle is open; the text lives until its next call, and is copied here.
        let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.handle())) };
        Failure { code, message: message.to_string_lossy().into_owned(), running }
    }

    /// Runs a statement of this module's own and throws its rows away.
    pub(super) fn execute(&self, sql: &str) -> Result<(), Failure> {
        let mut statement = Statement::prepare(self, sql)?;
        while statement.step()? {}
        Ok(())
    }

    fn protect(&self) {
        for (limit, value) in LIMITS {
            // SAFETY: the handle is open.
            unsafe { ffi::sqlite3_limit(self.handle(), limit, value) };
        }
        for (switch, value) in SWITCHES {
            self.switch(switch, value);
        }
        let data = std::ptr::from_ref(&*self.attention).cast_mut().cast::<c_void>();
        // SAFETY: the handle is open; the boxes stay where they are and `drop` closes the handle
        // before they go.
        unsafe {
            self.fence.install(self.handle);
            ffi::sqlite3_progress_handler(self.handle(), INSTRUCTIONS_PER_LOOK, Some(look), data);
            ffi::sqlite3_busy_handler(self.handle(), Some(wait_for_lock), data);
        }
    }

    fn switch(&self, switch: c_int, value: c_int) {
        // SAFETY: the handle is open, and each switch used here takes an int and a pointer to an
        // int or NULL.
        unsafe { ffi::sqlite3_db_config(self.handle(), switch, value, std::ptr::null_mut::<c_int>()) };
    }

    fn cannot_open(&self, location: &Location, failure: &Failure) -> Error {
        let Some(path) = &location.path else {
            return Error::new(Code::ConnectionFailed, "the database in memory could not be made");
        };
        let shown = path.display();
        // SAFETY: the handle is open.
        let denied = unsafe { ffi::sqlite3_system_errno(self.handle()) } == EACCES;
        match failure.primary() {
            ffi::SQLITE_NOTADB => Error::new(Code::DatabaseNotFound, format!("`{shown}` is not a SQLite database"))
                .with_hint("check the path; an encrypted database cannot be read"),
            ffi::SQLITE_CANTOPEN if denied => location::unreadable(path),
            ffi::SQLITE_CANTOPEN => Error::new(Code::ConnectionFailed, format!("`{shown}` cannot be opened"))
                .with_hint("a database in WAL mode needs a directory that may be written to, or `?immutable=1` when nothing else writes to it"),
            _ => Error::new(Code::ConnectionFailed, format!("`{shown}` cannot be read: {}", failure.message)),
        }
    }
}

/// "Permission denied" on every system that SQLite reports an error number of.
const EACCES: c_int = 13;

impl Drop for Session {
    fn drop(&mut self) {
        // In a forked child the handle is the parent's too: closing it here would release the
        // parent's file locks.
        if self.process == std::process::id() {
            // SAFETY: the handle is open, every statement borrows the session and is gone.
            unsafe { ffi::sqlite3_close(self.handle()) };
        }
    }
}

/// While it lives, the progress handler looks at one run's clock.
struct Attention<'a>(&'a Session);

impl<'a> Attention<'a> {
    fn turn(session: &'a Session, interrupt: &Arc<Interrupt>) -> Self {
        interrupt.attach(session.handle);
        *session.attention.borrow_mut() = Some(Arc::clone(interrupt));
        Self(session)
    }
}

impl Drop for Attention<'_> {
    fn drop(&mut self) {
        if let Some(interrupt) = self.0.attention.borrow_mut().take() {
            interrupt.detach();
        }
    }
}

/// Whether the run that `data` attends to has to end.
///
/// # Safety
/// `data` is what [`Session::protect`] gave to SQLite.
unsafe fn is_over(data: *mut c_void) -> bool {
    // SAFETY: by the contract, the box of an open session.
    let attention = unsafe { &*data.cast::<RefCell<Option<Arc<Interrupt>>>>() };
    attention.try_borrow().is_ok_and(|current| current.as_ref().is_some_and(|interrupt| interrupt.is_over()))
}

unsafe extern "C" fn look(data: *mut c_void) -> c_int {
    // SAFETY: SQLite gives back what it was given.
    c_int::from(unsafe { is_over(data) })
}

unsafe extern "C" fn wait_for_lock(data: *mut c_void, _attempts: c_int) -> c_int {
    // SAFETY: SQLite gives back what it was given.
    if unsafe { is_over(data) } {
        return 0;
    }
    std::thread::sleep(LOCK_RETRY);
    1
}
