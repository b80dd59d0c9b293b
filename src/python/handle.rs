//! Work under way: to wait for from a thread, to be told of from an event loop, to cancel.

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use tokio::task::AbortHandle;

use super::calls::Calls;
use super::error::raise;
use super::{log, runtime};
use crate::error::{Code, Error, Result};

/// Turns what the core gave into a Python object, once somebody takes it and the interpreter is at hand.
type Convert = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send>;

/// Work that was started. Dropping it does not stop the work; `cancel` does.
#[pyclass(frozen, module = "db_query_agent._core")]
pub struct Handle {
    job: Arc<Job>,
    abort: AbortHandle,
}

struct Job {
    /// The fork generation in which it was started: in a later one nobody will ever finish it.
    born: u64,
    calls: Arc<Calls>,
    state: Mutex<State>,
    finished: Condvar,
}

#[derive(Default)]
struct State {
    done: bool,
    outcome: Option<Result<Convert>>,
    callbacks: Vec<Py<PyAny>>,
}

impl Handle {
    /// Starts `work`; `convert` makes the Python object of its result.
    pub(super) fn start<T, F, C>(py: Python<'_>, work: F, convert: C) -> PyResult<Self>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
        C: for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    {
        let job = Arc::new(Job {
            born: runtime::generation(),
            calls: runtime::calls(py)?,
            state: Mutex::default(),
            finished: Condvar::new(),
        });
        let guard = Guard(Arc::clone(&job));
        let task = runtime::spawn(py, async move {
            let outcome = work.await.map(|value| -> Convert { Box::new(move |py| convert(py, value)) });
            guard.0.finish(outcome);
        })?;
        Ok(Self { job, abort: task.abort_handle() })
    }

    fn check(&self, py: Python<'_>) -> PyResult<()> {
        if self.job.born == runtime::generation() {
            return Ok(());
        }
        let error = Error::new(Code::Closed, "the question was asked before this process was forked");
        Err(raise(py, &error.with_hint("ask it again in this process")))
    }
}

#[pymethods]
impl Handle {
    /// Waits until the work is done, at most `timeout` seconds; whether it is done. An exception out
    /// of a signal's handler cancels the work.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<bool> {
        self.check(py)?;
        // What is too long for a clock, or negative, or no number, waits as `None` or not at all.
        let limit = timeout.map(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX));
        let end = limit.and_then(|limit| Instant::now().checked_add(limit));
        let job = &self.job;
        runtime::wait(py, |beat| job.wait(beat, end)).inspect_err(|_| self.abort.abort())
    }

    /// Whether it is done: has a result, failed or was cancelled.
    fn done(&self, py: Python<'_>) -> PyResult<bool> {
        self.check(py)?;
        Ok(self.job.state().done)
    }

    /// Stops the work; a statement under way is stopped on its server.
    fn cancel(&self) {
        if self.job.born == runtime::generation() {
            self.abort.abort();
        }
    }

    /// Calls `callback` without arguments once the work is done, from a thread of the runtime; at
    /// once when it is done already.
    fn add_done_callback(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<()> {
        self.check(py)?;
        let mut state = self.job.state();
        if !state.done {
            state.callbacks.push(callback);
            return Ok(());
        }
        drop(state);
        callback.call0(py)?;
        Ok(())
    }

    /// The result, or the exception, of work that is done. Can be taken once.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.check(py)?;
        let outcome = self.job.state().outcome.take();
        log::hand_over(py);
        match outcome {
            Some(Ok(convert)) => convert(py),
            Some(Err(error)) => Err(raise(py, &error)),
            None => Err(raise(py, &Error::new(Code::Internal, "there is no result to take"))),
        }
    }
}

impl Job {
    /// No Python code runs and nothing is waited for under this lock, so it may be taken while attached.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, beat: Duration, end: Option<Instant>) -> Option<bool> {
        let left = end.map_or(beat, |end| end.saturating_duration_since(Instant::now()));
        let (state, _) = self
            .finished
            .wait_timeout_while(self.state(), beat.min(left), |state| !state.done)
            .unwrap_or_else(PoisonError::into_inner);
        if state.done {
            Some(true)
        } else if left <= beat && end.is_some() {
            Some(false)
        } else {
            None
        }
    }

    fn finish(&self, outcome: Result<Convert>) {
        let callbacks = {
            let mut state = self.state();
            if state.done {
                return;
            }
            state.done = true;
            state.outcome = Some(outcome);
            std::mem::take(&mut state.callbacks)
        };
        self.finished.notify_all();
        if !callbacks.is_empty() {
            self.calls.call(callbacks);
        }
    }
}

/// Finishes the job also when the work is cancelled or panics, so that nobody waits for ever.
struct Guard(Arc<Job>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.finish(Err(if std::thread::panicking() {
            Error::new(Code::Internal, "the work ended in a panic")
        } else {
            Error::new(Code::Cancelled, "the question was cancelled")
        }));
    }
}
