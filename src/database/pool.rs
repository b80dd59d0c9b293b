//! Connections to a server, kept between questions.
//!
//! sqlx has a pool, but it retries a refused connection until the whole wait is over, knows no
//! overflow, and pings with a round trip of its own. Here a refusal is an answer at once, and the
//! statement that opens the read-only fence is the ping: a kept connection on which it fails for
//! want of a server is thrown away and the next one tried.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::PoolStatus;
use super::server::Server;
use crate::config::DatabaseConfig;
use crate::error::{Code, Error, Result};

/// How long a caller waits for a connection on its way back before it opens another.
const RETURN_WAIT: Duration = Duration::from_millis(10);

/// How long closing waits for statements to be stopped on a server that may be gone.
const FAREWELL: Duration = Duration::from_secs(2);

/// At most `pool_size + max_overflow` connections, `pool_size` of them kept.
pub(super) struct Pool<S: Server> {
    shared: Arc<Shared<S>>,
}

struct Shared<S: Server> {
    server: S,
    slots: Arc<Semaphore>,
    idle: Mutex<Vec<Kept<S::Connection>>>,
    open: AtomicU32,
    /// Told when the last connection is closed.
    emptied: Notify,
    /// Connections whose fence is being closed: they will be idle in a moment.
    returning: AtomicU32,
    returned: Notify,
    size: u32,
    wait: Duration,
    recycle: Duration,
}

struct Kept<C> {
    connection: C,
    since: Instant,
}

/// A connection behind its fence, lent for one statement. Dropping it stops the statement on the
/// server and gives the connection up; [`Session::finish`] hands it back.
pub(super) struct Session<S: Server> {
    shared: Arc<Shared<S>>,
    lent: Option<Lent<S>>,
    /// The number that the server knows the session by.
    number: u64,
    runtime: Handle,
}

struct Lent<S: Server> {
    connection: S::Connection,
    since: Instant,
    counted: Counted<S>,
    permit: OwnedSemaphorePermit,
}

/// Counts one open connection for as long as it lives.
struct Counted<S: Server>(Arc<Shared<S>>);

/// Counts one connection on its way back, and tells a waiting caller when it is there.
struct Returning<S: Server>(Arc<Shared<S>>);

impl<S: Server> Pool<S> {
    /// A pool that has not connected yet.
    pub(super) fn new(server: S, config: &DatabaseConfig) -> Self {
        let slots = config.pool_size.saturating_add(config.max_overflow).max(1) as usize;
        let shared = Shared {
            server,
            slots: Arc::new(Semaphore::new(slots.min(Semaphore::MAX_PERMITS))),
            idle: Mutex::new(Vec::new()),
            open: AtomicU32::new(0),
            emptied: Notify::new(),
            returning: AtomicU32::new(0),
            returned: Notify::new(),
            size: config.pool_size,
            wait: config.pool_timeout,
            recycle: config.pool_recycle,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The engine's side.
    pub(super) fn server(&self) -> &S {
        &self.shared.server
    }

    /// A fenced connection on which statements may take `limit`.
    pub(super) async fn session(&self, limit: Duration) -> Result<Session<S>> {
        let shared = &self.shared;
        let deadline = Instant::now() + shared.wait;
        let permit = timeout_at(deadline, Arc::clone(&shared.slots).acquire_owned())
            .await
            .map_err(|_elapsed| Error::new(Code::PoolTimeout, "no connection of the pool became free in time"))?
            .map_err(|_closed| closed())?;
        let timed_out = |_elapsed| Error::new(Code::ConnectionTimeout, "the database server did not answer in time");
        loop {
            let kept = self.next_idle().await;
            let reused = kept.is_some();
            let (mut connection, since, counted) = if let Some(kept) = kept {
                (kept.connection, kept.since, Counted::adopt(shared))
            } else {
                let opened = timeout_at(deadline, shared.server.open()).await.map_err(timed_out)?;
                let opened = opened.map_err(|error| shared.server.explain(error))?;
                (opened, Instant::now(), Counted::count(shared))
            };
            match timeout_at(deadline, shared.server.begin(&mut connection, limit)).await.map_err(timed_out)? {
                Ok(number) => {
                    return Ok(Session {
                        shared: Arc::clone(shared),
                        lent: Some(Lent { connection, since, counted, permit }),
                        number,
                        runtime: Handle::current(),
                    });
                }
                // The server closed a kept connection, or a proxy did: nothing was run on it.
                Err(error) if reused => tracing::debug!(%error, "a kept connection is no longer usable"),
                Err(error) => return Err(shared.server.explain(error)),
            }
        }
    }

    /// How busy it is.
    pub(super) fn status(&self) -> PoolStatus {
        PoolStatus {
            size: self.shared.size,
            open: self.shared.open.load(Ordering::Relaxed),
            idle: u32::try_from(self.shared.idle().len()).unwrap_or(u32::MAX),
        }
    }

    /// Closes what is idle, and waits a while for what is lent, which closes on its return.
    pub(super) async fn close(&self) {
        self.shared.slots.close();
        let idle = std::mem::take(&mut *self.shared.idle());
        for kept in idle {
            let _counted = Counted::adopt(&self.shared);
            self.shared.server.close(kept.connection).await;
        }
        let _ = tokio::time::timeout(FAREWELL, self.emptied()).await;
    }

    async fn emptied(&self) {
        loop {
            let mut emptied = pin!(self.shared.emptied.notified());
            emptied.as_mut().enable();
            if self.shared.open.load(Ordering::Acquire) == 0 {
                return;
            }
            emptied.await;
        }
    }

    /// An idle connection, also one that is about to be: the caller's last question may have ended a
    /// moment ago, and opening another connection takes much longer than closing its fence.
    async fn next_idle(&self) -> Option<Kept<S::Connection>> {
        let mut returned = pin!(self.shared.returned.notified());
        returned.as_mut().enable();
        let kept = self.take_idle();
        if kept.is_some() || self.shared.returning.load(Ordering::Acquire) == 0 {
            return kept;
        }
        let _ = tokio::time::timeout(RETURN_WAIT, returned).await;
        self.take_idle()
    }

    /// The connection used last, so that the others grow old enough to be closed.
    fn take_idle(&self) -> Option<Kept<S::Connection>> {
        loop {
            let kept = self.shared.idle().pop()?;
            if kept.since.elapsed() < self.shared.recycle {
                return Some(kept);
            }
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move {
                let _counted = Counted::adopt(&shared);
                shared.server.close(kept.connection).await;
            });
        }
    }
}

impl<S: Server> Session<S> {
    /// The connection.
    ///
    /// # Errors
    /// [`Code::Internal`] after [`Session::finish`], which the types rule out.
    pub(super) fn connection(&mut self) -> Result<&mut S::Connection> {
        let lent = self.lent.as_mut();
        lent.map(|lent| &mut lent.connection).ok_or_else(|| Error::new(Code::Internal, "the session has ended"))
    }

    /// Closes the fence behind the caller's back and gives the connection to whoever waits for one.
    pub(super) fn finish(mut self) {
        let Some(mut lent) = self.lent.take() else { return };
        let shared = Arc::clone(&self.shared);
        let returning = Returning::new(&shared);
        self.runtime.spawn(async move {
            let _returning = returning;
            // A `Lent` that goes out of scope is a connection given up.
            let ended = tokio::time::timeout(shared.wait, shared.server.end(&mut lent.connection)).await;
            if !matches!(ended, Ok(Ok(()))) {
                return;
            }
            let Lent { connection, since, counted, permit } = lent;
            let surplus = {
                // One lock for the look and the push: the pool may be closed at the same time.
                let mut idle = shared.idle();
                if shared.slots.is_closed() || idle.len() >= shared.size as usize {
                    Some((connection, counted))
                } else {
                    counted.forget();
                    idle.push(Kept { connection, since });
                    None
                }
            };
            if let Some((connection, _counted)) = surplus {
                shared.server.close(connection).await;
            }
            // Last, so that whoever waits finds the connection.
            drop(permit);
        });
    }

    /// Gives up a connection on which nothing can be said any more.
    pub(super) fn discard(mut self) {
        self.lent.take();
    }
}

impl<S: Server> Drop for Session<S> {
    fn drop(&mut self) {
        let Some(lent) = self.lent.take() else { return };
        let shared = Arc::clone(&self.shared);
        let number = self.number;
        self.runtime.spawn(async move {
            // The slot stays taken until the server is free of the statement.
            shared.stop(number).await;
            drop(lent);
        });
    }
}

impl<S: Server> Shared<S> {
    async fn stop(&self, number: u64) {
        let stopped = tokio::time::timeout(self.wait, self.server.stop(number)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("a statement could not be stopped on the server; its time limit will end it");
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept<S::Connection>>> {
        // The vector is whole after any panic: nothing is done under the lock but push, pop and take.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Server> Returning<S> {
    fn new(shared: &Arc<Shared<S>>) -> Self {
        shared.returning.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(shared))
    }
}

impl<S: Server> Drop for Returning<S> {
    fn drop(&mut self) {
        self.0.returning.fetch_sub(1, Ordering::AcqRel);
        self.0.returned.notify_one();
    }
}

impl<S: Server> Counted<S> {
    fn count(shared: &Arc<Shared<S>>) -> Self {
        shared.open.fetch_add(1, Ordering::Relaxed);
        Self::adopt(shared)
    }

    /// Takes over the count of a connection that was idle.
    fn adopt(shared: &Arc<Shared<S>>) -> Self {
        Self(Arc::clone(shared))
    }

    /// Leaves the count to the idle list.
    fn forget(self) {
        let shared = Arc::clone(&self.0);
        shared.open.fetch_add(1, Ordering::Relaxed);
        drop(self);
    }
}

impl<S: Server> Drop for Counted<S> {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.emptied.notify_waiters();
        }
    }
}

fn closed() -> Error {
    Error::new(Code::Closed, "the connections to the database were closed")
}
