//! SQLite: a database file, read and never written.
//!
//! Why the raw handle and not sqlx: sqlx sends every row of SQLite through a channel from a worker
//! thread, which costs several times what reading the row costs, and it wraps neither the
//! authorizer nor the limits that the fence needs. Here one blocking thread prepares, steps and
//! decodes a whole statement ([`read`]) on a handle of our own, and a pool ([`pool`]) keeps a few of
//! them open. What was lost by it: sqlx's statement cache (generated SQL hardly repeats) and its
//! type system (SQLite has none to speak of).
//!
//! The fence, from the outside in: the file is opened read-only ([`session`]), `query_only` is on,
//! limits bound what one statement may take, an authorizer ([`authorizer`]) lets nothing but
//! reading through while a statement of the guard's is prepared or stepped, and a progress handler
//! ([`interrupt`]) ends it when its time is over or its caller is gone.

pub(super) mod authorizer;
pub(super) mod bind;
pub(super) mod decode;
pub(super) mod failure;
mod image;
pub(super) mod interrupt;
mod introspect;
mod location;
mod pool;
pub(super) mod read;
mod reads;
mod rights;
mod session;
pub(super) mod statement;
#[cfg(test)]
mod tests;
pub(super) mod twin;
mod types;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use self::image::Image;
use self::interrupt::Interrupt;
use self::location::Location;
use self::pool::Pool;
use self::session::Session;
use super::{Database, Examination, Fetched, Limits, PoolStatus, Rights};
use crate::config::DatabaseConfig;
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;

/// How long reading the catalogue or a ping may take.
const CATALOGUE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long after its deadline a statement may take to notice. SQLite looks at the clock between
/// its instructions only; one that does not come back is left to end alone and its handle closed.
const GRACE: Duration = Duration::from_millis(500);

/// A database file and the handles open on it.
pub(super) struct Sqlite {
    pool: Arc<Pool>,
    /// `None` for a database in memory.
    path: Option<PathBuf>,
}

impl Sqlite {
    /// A pool on the file that `config` names. The file is not looked at before it is needed.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] or [`Code::InvalidOption`].
    pub(super) fn new(config: &DatabaseConfig) -> Result<Self> {
        let location = Location::from_url(&config.url)?;
        let path = location.path.clone();
        Ok(Self { pool: Arc::new(Pool::new(location, config)), path })
    }

    /// A pool on copies of `image`, which is replaced by whoever holds the original. One handle, since each has a
    /// copy of its own.
    pub(super) fn of_image(image: Arc<Image>, config: &DatabaseConfig) -> Self {
        let config = DatabaseConfig { pool_size: 1, max_overflow: 0, ..config.clone() };
        Self { pool: Arc::new(Pool::new(Location::private(Some(image)), &config)), path: None }
    }

    /// Runs `work` on a handle in a blocking thread. Dropping the future, or `timeout`, stops it.
    async fn with_session<T: Send + 'static>(
        &self,
        timeout: Duration,
        work: impl FnOnce(&Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut lease = self.pool.acquire().await?;
        let interrupt = Interrupt::new(timeout);
        let on_drop = StopOnDrop(&interrupt);
        let task = tokio::task::spawn_blocking({
            let interrupt = Arc::clone(&interrupt);
            move || {
                let result = lease.session().and_then(|session| session.attended(&interrupt, work));
                (lease, result)
            }
        });
        match tokio::time::timeout(timeout.saturating_add(GRACE), task).await {
            Ok(Ok((lease, result))) => {
                std::mem::forget(on_drop);
                lease.release();
                result
            }
            Ok(Err(_panicked)) => Err(Error::new(Code::Internal, "reading the SQLite database broke off")),
            Err(_elapsed) => Err(failure::timed_out()),
        }
    }
}

#[async_trait]
impl Database for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn introspect(&self) -> Result<Schema> {
        self.with_session(CATALOGUE_TIMEOUT, introspect::introspect).await
    }

    async fn fetch(
        &self,
        statement: &ApprovedSql,
        limits: &Limits,
        examination: Option<&Examination<'_>>,
    ) -> Result<Fetched> {
        // SQLite has no planner to ask for an estimate.
        if let Some(Examination { estimate: _, judge }) = examination {
            let asked = statement.clone();
            let opinion = self.with_session(limits.timeout, move |session| read::consult(session, &asked)).await?;
            judge(opinion).map_err(|error| error.with_sql(statement.text()))?;
        }
        let (statement, limits) = (statement.clone(), *limits);
        let work = move |session: &Session| {
            read::read(session, statement.statement(), statement.parameters(), statement.relations(), &limits)
                .map_err(|error| error.with_sql(statement.text()))
        };
        self.with_session(limits.timeout, work).await.map(Fetched::new)
    }

    async fn rights(&self) -> Result<Rights> {
        let path = self.path.clone();
        self.with_session(CATALOGUE_TIMEOUT, move |session| rights::rights(session, path.as_deref())).await
    }

    async fn ping(&self) -> Result<()> {
        self.with_session(CATALOGUE_TIMEOUT, Session::check).await
    }

    fn pool(&self) -> PoolStatus {
        self.pool.status()
    }

    async fn close(&self) {
        self.pool.close();
    }
}

/// Stops the statement when the future that waits for it goes away.
struct StopOnDrop<'a>(&'a Interrupt);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
