//! Ends a statement that runs too long or that nobody waits for any more.
#![expect(unsafe_code, reason = "`sqlite3_interrupt` is called on a handle that another thread uses")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use libsqlite3_sys as ffi;

/// The clock and the stop button of one run.
pub(in crate::database) struct Interrupt {
    deadline: Option<Instant>,
    stopped: AtomicBool,
    handle: Mutex<Option<Handle>>,
}

struct Handle(NonNull<ffi::sqlite3>);

// SAFETY: the pointer is only given to `sqlite3_interrupt`, which SQLite allows from any thread
// while the handle is open, and `Interrupt` holds it only that long.
unsafe impl Send for Handle {}

impl Interrupt {
    /// A run that may take `timeout` from now.
    pub(in crate::database) fn new(timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            deadline: Instant::now().checked_add(timeout),
            stopped: AtomicBool::new(false),
            handle: Mutex::new(None),
        })
    }

    /// Stops the statement, now or as soon as it starts. From any thread.
    pub(in crate::database) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        if let Some(handle) = self.lock().as_ref() {
            // SAFETY: `attach` set the pointer of an open handle and `detach` takes it away, under
            // this lock, before the handle can be closed.
            unsafe { ffi::sqlite3_interrupt(handle.0.as_ptr()) };
        }
    }

    /// Whether the caller is gone.
    pub(in crate::database) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Whether the statement has to end, for either reason.
    pub(in crate::database) fn is_over(&self) -> bool {
        self.is_stopped() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// `handle` is what runs; it must stay open until [`Self::detach`].
    pub(super) fn attach(&self, handle: NonNull<ffi::sqlite3>) {
        *self.lock() = Some(Handle(handle));
    }

    /// Nothing runs any more.
    pub(super) fn detach(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Handle>> {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
