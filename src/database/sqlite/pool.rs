//! A few handles kept open, and a bound on how many there are.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::location::Location;
use super::session::Session;
use crate::config::DatabaseConfig;
use crate::database::PoolStatus;
use crate::error::{Code, Error, Result};

/// The handles on one database.
pub(super) struct Pool {
    location: Location,
    size: u32,
    timeout: Duration,
    recycle: Duration,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Session>>,
    open: AtomicU32,
    closed: AtomicBool,
}

/// The right to use one handle. Dropping it closes the handle; [`Lease::release`] keeps it.
pub(super) struct Lease {
    session: Option<Session>,
    pool: Arc<Pool>,
    // Given back last, when the handle is closed or idle again.
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// An empty pool; handles are opened when they are needed.
    pub(super) fn new(location: Location, config: &DatabaseConfig) -> Self {
        let size = config.pool_size.max(1);
        let permits = usize::try_from(size.saturating_add(config.max_overflow)).unwrap_or(usize::MAX);
        Self {
            location,
            size,
            timeout: config.pool_timeout,
            recycle: config.pool_recycle,
            permits: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            idle: Mutex::new(Vec::new()),
            open: AtomicU32::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Waits for the right to use a handle.
    ///
    /// # Errors
    /// [`Code::PoolTimeout`] or [`Code::Closed`].
    pub(super) async fn acquire(self: &Arc<Self>) -> Result<Lease> {
        if self.is_closed() {
            return Err(closed());
        }
        let waiting = Arc::clone(&self.permits).acquire_owned();
        let permit = tokio::time::timeout(self.timeout, waiting)
            .await
            .map_err(|_elapsed| Error::new(Code::PoolTimeout, "every connection was busy for the whole wait"))?
            .map_err(|_closed| closed())?;
        let session = self.idle().pop();
        Ok(Lease { session, pool: Arc::clone(self), _permit: permit })
    }

    /// How many handles there are.
    pub(super) fn status(&self) -> PoolStatus {
        let idle = u32::try_from(self.idle().len()).unwrap_or(u32::MAX);
        PoolStatus { size: self.size, open: self.open.load(Ordering::Acquire), idle }
    }

    /// Closes the idle handles, and each busy one as soon as it comes back.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        for session in idle {
            self.discard(session);
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn discard(&self, session: Session) {
        drop(session);
        self.open.fetch_sub(1, Ordering::AcqRel);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// The handle: the one kept from before if it is young and the file is still the same, else a
    /// new one. Touches the disk.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(super) fn session(&mut self) -> Result<&Session> {
        let identity = self.pool.location.check()?;
        let kept = self.session.take();
        let session = match kept {
            Some(session) if session.is_current(identity, self.pool.recycle) => session,
            stale => {
                if let Some(session) = stale {
                    self.pool.discard(session);
                }
                let session = Session::open(&self.pool.location, identity)?;
                self.pool.open.fetch_add(1, Ordering::AcqRel);
                session
            }
        };
        Ok(self.session.insert(session))
    }

    /// Gives the handle back for the next statement.
    pub(super) fn release(mut self) {
        if let Some(session) = self.session.take() {
            let mut idle = self.pool.idle();
            if !self.pool.is_closed() && idle.len() < self.pool.size as usize {
                idle.push(session);
            } else {
                drop(idle);
                self.pool.discard(session);
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.pool.discard(session);
        }
    }
}

fn closed() -> Error {
    Error::new(Code::Closed, "the agent was closed")
}
