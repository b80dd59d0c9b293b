//! One statement on a lent connection, in a thread of its own: waited for, limited, stopped, and given back.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, oneshot};

use super::{Host, Manner, Stopper, Wire};
use crate::config::DatabaseConfig;
use crate::database::PoolStatus;
use crate::database::sqlite::interrupt::Interrupt;
use crate::error::{Code, Error, Result};

/// How much longer than the server's own limit is waited before a statement is stopped from here.
const GRACE: Duration = Duration::from_millis(500);
/// How long closing waits for what still runs.
const FAREWELL: Duration = Duration::from_secs(2);

/// Connections of the application, as many at a time as the options allow.
pub(super) struct Loans<M: Manner> {
    manner: Arc<M>,
    host: Arc<dyn Host>,
    slots: Arc<Semaphore>,
    size: u32,
    wait: Duration,
    busy: Arc<Busy>,
}

/// How many connections are lent.
#[derive(Default)]
struct Busy {
    count: AtomicU32,
    changed: Notify,
}

/// One statement under way.
#[derive(Default)]
pub(super) struct Run {
    clock: Mutex<Clock>,
    stop: Mutex<Stop>,
}

/// Its time, from when it has a connection, and whether its caller is gone.
#[derive(Default)]
struct Clock {
    interrupt: Option<Arc<Interrupt>>,
    is_stopped: bool,
}

#[derive(Default)]
struct Stop {
    stopper: Option<Stopper>,
    /// The server was told to stop something; which statement it hits is not known.
    used: bool,
}

impl<M: Manner> Loans<M> {
    pub(super) fn new(manner: M, host: Arc<dyn Host>, config: &DatabaseConfig) -> Self {
        let size = if host.is_shared() { 1 } else { config.pool_size.saturating_add(config.max_overflow).max(1) };
        Self {
            manner: Arc::new(manner),
            host,
            slots: Arc::new(Semaphore::new((size as usize).min(Semaphore::MAX_PERMITS))),
            size,
            wait: config.pool_timeout,
            busy: Arc::default(),
        }
    }

    /// Does `work` behind the fence, for at most `limit`. Dropping the future stops it.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&M, &mut dyn Wire, &Run) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let timed_out = |_elapsed| Error::new(Code::PoolTimeout, "no connection of the engine became free in time");
        let broke_off = |_panicked| Error::new(Code::Internal, "the work on the engine's connection broke off");
        let slot = tokio::time::timeout(self.wait, Arc::clone(&self.slots).acquire_owned());
        let slot = slot.await.map_err(timed_out)?.map_err(|_closed| closed())?;
        let lent = Lent::count(&self.busy);
        let run = Arc::new(Run::default());
        let on_drop = StopOnDrop { run: Arc::clone(&run), runtime: Handle::current() };
        let (begin, begun) = oneshot::channel();
        // All in one thread: SQLite's binding may refuse a connection to any but the one that made it.
        let task = tokio::task::spawn_blocking({
            let (host, manner, run) = (Arc::clone(&self.host), Arc::clone(&self.manner), Arc::clone(&run));
            move || {
                let _taken = (slot, lent);
                let mut wire = host.lend()?;
                // Waiting for a connection is not the statement's time.
                run.start(limit)?;
                let _ = begin.send(());
                serve(&*manner, &mut *wire, &run, limit, work)
            }
        });
        // Where nothing was begun, the task has ended and says why.
        let _ = tokio::time::timeout(self.wait, begun).await.map_err(timed_out)?;
        match tokio::time::timeout(limit.saturating_add(GRACE), task).await {
            Ok(ended) => {
                std::mem::forget(on_drop);
                ended.map_err(broke_off)?
            }
            Err(_elapsed) => Err(Error::new(Code::QueryTimeout, "the statement ran longer than allowed")),
        }
    }

    pub(super) fn status(&self) -> PoolStatus {
        // What the application's pool keeps open is the application's.
        PoolStatus { size: self.size, open: self.busy.count.load(Ordering::Acquire), idle: 0 }
    }

    /// Lends no more, and waits a while for what is lent.
    pub(super) async fn close(&self) {
        self.slots.close();
        let returned = async {
            loop {
                let mut changed = std::pin::pin!(self.busy.changed.notified());
                changed.as_mut().enable();
                if self.busy.count.load(Ordering::Acquire) == 0 {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(FAREWELL, returned).await;
    }
}

/// Puts the fence up, works, takes it down, and sees to it that no connection goes back otherwise than it came.
fn serve<M: Manner, T>(
    manner: &M,
    wire: &mut dyn Wire,
    run: &Run,
    limit: Duration,
    work: impl FnOnce(&M, &mut dyn Wire, &Run) -> Result<T>,
) -> Result<T> {
    let (session, before) = match manner.begin(wire, limit) {
        Ok(begun) => begun,
        Err(error) => {
            // Half a fence may stand.
            wire.give_up();
            return Err(error);
        }
    };
    run.stop().stopper = wire.stopper(session);
    let result = work(manner, wire, run);
    // Nothing but the statement may be hit: from here on nobody stops anything.
    let stopped = {
        let mut stop = run.stop();
        stop.stopper = None;
        stop.used
    };
    wire.end();
    if stopped || manner.end(wire, before).is_err() {
        wire.give_up();
    }
    result
}

impl Run {
    /// Its time runs from now.
    fn start(&self, limit: Duration) -> Result<()> {
        let mut clock = self.clock();
        if clock.is_stopped {
            return Err(Error::new(Code::Cancelled, "the caller gave up"));
        }
        clock.interrupt = Some(Interrupt::new(limit));
        Ok(())
    }

    /// The clock and the stop button.
    pub(super) fn interrupt(&self) -> Arc<Interrupt> {
        let mut clock = self.clock();
        Arc::clone(clock.interrupt.get_or_insert_with(|| Interrupt::new(Duration::MAX)))
    }

    /// Nobody waits any more.
    fn abandon(&self) {
        let mut clock = self.clock();
        clock.is_stopped = true;
        if let Some(interrupt) = &clock.interrupt {
            interrupt.stop();
        }
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the statement. Talks to the server, so it may block.
    pub(super) fn stop_now(&self) {
        let mut stop = self.stop();
        if let Some(stopper) = stop.stopper.take() {
            stop.used = true;
            stopper();
        }
    }

    fn stop(&self) -> MutexGuard<'_, Stop> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the statement when the future that waits for it goes away.
struct StopOnDrop {
    run: Arc<Run>,
    runtime: Handle,
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.run.abandon();
        let run = Arc::clone(&self.run);
        self.runtime.spawn_blocking(move || run.stop_now());
    }
}

/// Counts one lent connection for as long as it lives.
struct Lent(Arc<Busy>);

impl Lent {
    fn count(busy: &Arc<Busy>) -> Self {
        busy.count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(busy))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_waiters();
    }
}

fn closed() -> Error {
    Error::new(Code::Closed, "the agent was closed")
}
