//! Calls back into Python, many at a time.
//!
//! The interpreter lets one thread run. A thread for each answer would have each wait for its turn beside the event
//! loop that is to be told; one thread takes its turn once and tells all that was answered meanwhile.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tokio::runtime::Handle;

/// The functions that are to be called, without arguments, in the order they came.
#[derive(Default)]
pub(super) struct Calls(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    waiting: Vec<Py<PyAny>>,
    /// Whether a thread is at it.
    is_served: bool,
}

impl Calls {
    /// Has `functions` called by a thread of the runtime; where there is none, by nobody.
    pub fn call(self: &Arc<Self>, functions: Vec<Py<PyAny>>) {
        // A worker that waited for the interpreter would stop other questions.
        let Ok(runtime) = Handle::try_current() else { return };
        let mut queue = self.queue();
        queue.waiting.extend(functions);
        if !std::mem::replace(&mut queue.is_served, true) {
            let calls = Arc::clone(self);
            runtime.spawn_blocking(move || calls.serve());
        }
    }

    /// Calls until nobody waits.
    fn serve(&self) {
        let _end = End(self);
        // There is no interpreter any more when the process ends meanwhile.
        let served = Python::try_attach(|py| {
            while let Some(functions) = self.take() {
                for function in functions {
                    if let Err(error) = function.call0(py) {
                        error.write_unraisable(py, Some(function.bind(py)));
                    }
                }
            }
        });
        if served.is_none() {
            while self.take().is_some() {}
        }
    }

    /// What waits; when nothing does, the thread that asked is done.
    fn take(&self) -> Option<Vec<Py<PyAny>>> {
        let mut queue = self.queue();
        let waiting = std::mem::take(&mut queue.waiting);
        queue.is_served = !waiting.is_empty();
        (!waiting.is_empty()).then_some(waiting)
    }

    /// No Python code runs and nothing is waited for under this lock.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets another thread serve after a call that panicked.
struct End<'c>(&'c Calls);

impl Drop for End<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.queue().is_served = false;
        }
    }
}
