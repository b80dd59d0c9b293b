//! Entries in Redis.

use std::time::Duration;

use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncTypedCommands as _, Client, RedisError};
use tokio::sync::OnceCell;

use super::{Fault, Looked, Store};
use crate::error::{Code, Error, Result as Outcome};
use crate::redact::Secret;

/// How long a connection and an answer are waited for; shorter than `link.rs` waits, to say which of them failed.
const PATIENCE: Duration = Duration::from_millis(200);

/// Names that one step of a search looks at.
const STEP: usize = 1_000;

/// Keeps entries in Redis.
pub(super) struct RedisStore {
    client: Client,
    connection: OnceCell<ConnectionManager>,
}

impl RedisStore {
    /// A store on the server at `url`. Nothing is connected before the first entry.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for an address that is none.
    pub(super) fn new(url: &Secret) -> Outcome<Self> {
        let client = Client::open(url.expose()).map_err(|_| {
            Error::new(Code::InvalidOption, "`redis_url` is no address of a Redis server")
                .with_hint("write it as `redis://user:password@host:6379/0`, or `rediss://` for TLS")
        })?;
        Ok(Self { client, connection: OnceCell::new() })
    }

    async fn connection(&self) -> Result<ConnectionManager, Fault> {
        let settings = || {
            ConnectionManagerConfig::new()
                .set_connection_timeout(Some(PATIENCE))
                .set_response_timeout(Some(PATIENCE))
                .set_number_of_retries(0)
        };
        let connect = || ConnectionManager::new_with_config(self.client.clone(), settings());
        self.connection.get_or_try_init(connect).await.cloned().map_err(fault)
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn look(&self, name: &str, causes: &[String]) -> Result<Looked, Fault> {
        let mut asked = redis::cmd("MGET");
        asked.arg(causes);
        let (entry, numbers): (Option<Vec<u8>>, Vec<Option<u64>>) = redis::pipe()
            .get(name)
            .add_command(asked)
            .query_async(&mut self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(Looked { entry, numbers: numbers.into_iter().map(Option::unwrap_or_default).collect() })
    }

    async fn put(&self, name: &str, entry: &[u8], keep: Duration) -> Result<(), Fault> {
        let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX).max(1);
        self.connection().await?.pset_ex(name, entry, keep).await.map_err(fault)
    }

    async fn forget(&self, name: &str) -> Result<(), Fault> {
        self.connection().await?.unlink(name).await.map(|_| ()).map_err(fault)
    }

    async fn outdate(&self, cause: &str) -> Result<(), Fault> {
        self.connection().await?.incr(cause, 1).await.map(|_| ()).map_err(fault)
    }

    async fn clear(&self, beginning: &str) -> Result<(), Fault> {
        let mut connection = self.connection().await?;
        let mut cursor = 0_u64;
        loop {
            // The beginning is of letters, digits and colons, none of which means anything in a pattern.
            let mut step = redis::cmd("SCAN");
            step.arg(cursor).arg("MATCH").arg(format!("{beginning}*")).arg("COUNT").arg(STEP);
            let (next, names): (u64, Vec<String>) = step.query_async(&mut connection).await.map_err(fault)?;
            if !names.is_empty() {
                connection.unlink(names).await.map_err(fault)?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// The connection goes with the store.
    async fn close(&self) {}
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn fault(error: RedisError) -> Fault {
    // The server's own words may repeat what it was sent.
    Fault(error.category().to_owned())
}
