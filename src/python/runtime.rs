//! The one door between Python and the asynchronous core.
//!
//! Everything the binding starts goes through [`spawn`], and everything it waits for goes through
//! [`wait`], which lets other Python threads run and hears Ctrl-C.
//!
//! **Fork.** A forked child has the memory of the runtime but none of its threads, so anything
//! handed to it would wait for ever. `os.register_at_fork` makes the child forget the runtime
//! (without running its destructor, which would reach into an epoll set shared with the parent) and
//! raises [`generation`]; what was made in an older generation is rebuilt or refused by its owner.
//! This is why the ready-made bridge `pyo3-async-runtimes` is not used: its runtime is made once a
//! process and hangs in the child. What it would bring, finishing a Python future, is one
//! `loop.call_soon_threadsafe` in `results.py`.
//!
//! **Locks.** [`RUNTIME`] and [`AGENTS`] are only locked while attached to the interpreter and nothing
//! done under a lock lets go of it, so no thread can hold it at the moment another one forks.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use super::calls::Calls;
use super::error::raise;
use super::log;
use crate::agent::Agent;
use crate::error::{Code, Error};

static RUNTIME: Mutex<Option<Live>> = Mutex::new(None);
/// The agents of this process, to be closed at its end.
static AGENTS: Mutex<Vec<Weak<Agent>>> = Mutex::new(Vec::new());
static GENERATION: AtomicU64 = AtomicU64::new(0);
static EXITING: AtomicBool = AtomicBool::new(false);

/// A runtime and the calls back into Python of what runs in it; a forked child makes both anew.
struct Live {
    runtime: Runtime,
    calls: Arc<Calls>,
}

/// How long the end of the process waits for statements to be stopped on their servers.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long Ctrl-C can go unheard while something is waited for.
const HEARTBEAT: Duration = Duration::from_millis(50);

/// How many forks lie between the first process and this one.
pub(super) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// The runtime of this process, made when there is none yet.
pub(super) fn current(py: Python<'_>) -> PyResult<Handle> {
    with(py, |live| live.runtime.handle().clone())
}

/// The calls back into Python of that runtime.
pub(super) fn calls(py: Python<'_>) -> PyResult<Arc<Calls>> {
    with(py, |live| Arc::clone(&live.calls))
}

fn with<T>(py: Python<'_>, give: impl FnOnce(&Live) -> T) -> PyResult<T> {
    if EXITING.load(Ordering::Relaxed) {
        return Err(raise(py, &Error::new(Code::Closed, "the interpreter is shutting down")));
    }
    let mut live = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(live) = &*live {
        return Ok(give(live));
    }
    let runtime = Builder::new_multi_thread().thread_name("db-query-agent").enable_all().build()?;
    Ok(give(live.insert(Live { runtime, calls: Arc::default() })))
}

/// Remembers an agent, so that its statements are stopped when the process ends.
pub(super) fn remember(_attached: Python<'_>, agent: &Arc<Agent>) {
    let mut agents = agents();
    agents.retain(|known| known.strong_count() > 0);
    agents.push(Arc::downgrade(agent));
}

fn agents() -> MutexGuard<'static, Vec<Weak<Agent>>> {
    AGENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts `work` at once, whether or not anybody waits for it.
pub(super) fn spawn<F>(py: Python<'_>, work: F) -> PyResult<JoinHandle<()>>
where
    F: Future<Output = ()> + Send + 'static,
{
    Ok(current(py)?.spawn(work))
}

/// Calls `poll` with a time to wait until it gives something, with the interpreter free for other
/// threads. A signal's handler may raise, as Ctrl-C does; then the wait ends with that exception.
pub(super) fn wait<T: Send>(py: Python<'_>, mut poll: impl FnMut(Duration) -> Option<T> + Send) -> PyResult<T> {
    loop {
        if let Some(value) = py.detach(|| poll(HEARTBEAT)) {
            return Ok(value);
        }
        py.check_signals()?;
    }
}

/// Hooks the runtime to the process: fork and exit.
pub(super) fn install(py: Python<'_>) -> PyResult<()> {
    let hooks = PyDict::new(py);
    hooks.set_item("after_in_child", wrap_pyfunction!(after_fork, py)?)?;
    // Systems without fork have no such function.
    if let Ok(register) = py.import("os")?.getattr("register_at_fork") {
        register.call((), Some(&hooks))?;
    }
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(at_exit, py)?,))?;
    Ok(())
}

#[pyfunction]
fn after_fork() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    // They talk on the parent's connections.
    agents().clear();
    let live = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner).take();
    std::mem::forget(live);
}

/// Agents that are still open are closed: a server does not notice by itself that whoever asked is gone.
#[pyfunction]
fn at_exit(py: Python<'_>) {
    EXITING.store(true, Ordering::Relaxed);
    let live = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner).take();
    let open: Vec<_> = std::mem::take(&mut *agents()).iter().filter_map(Weak::upgrade).collect();
    // Callbacks in flight may need the interpreter to end.
    py.detach(|| {
        if let Some(Live { runtime, .. }) = live {
            runtime.block_on(async {
                let closing = open.iter().map(|agent| agent.close());
                let _ = tokio::time::timeout(FAREWELL, futures::future::join_all(closing)).await;
                drop(open);
            });
            runtime.shutdown_timeout(HEARTBEAT);
        }
    });
    log::hand_over(py);
}
