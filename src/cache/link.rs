//! The way to a store that may be slow or gone. Each request has a short time, and after one that failed the store is
//! left alone for a while, so that what is remembered is missed and nothing else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::redis::RedisStore;
use super::sqlite::SqliteStore;
use super::{Digest, Fault, Looked, Store};
use crate::config::{CacheConfig, CachePlace};
use crate::error::Result;

/// How long one request may take: a store on the same network answers in a hundredth of it.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long a store that failed is left alone.
const REST: Duration = Duration::from_secs(5);

/// A change of everything.
const ALL: &str = "";

/// The way to the entries of one database in a shared store.
pub struct Link {
    store: Arc<dyn Store>,
    /// What their names begin with.
    place: String,
    trouble: Mutex<Trouble>,
}

#[derive(Default)]
struct Trouble {
    /// Nothing is asked before.
    until: Option<Instant>,
    told: bool,
}

/// The numbers of what an entry depends on, from before it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers(Vec<u64>);

/// An entry as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    made: DateTime<Utc>,
    numbers: Numbers,
    value: T,
}

impl Link {
    /// The way to the store of `config`, if there is one, for what is known of the database `place`.
    ///
    /// # Errors
    /// [`crate::error::Code::InvalidOption`] for an address that cannot be used.
    pub fn open(config: &CacheConfig, place: &str) -> Result<Option<Arc<Self>>> {
        let store: Arc<dyn Store> = match &config.place {
            _ if !config.enabled => return Ok(None),
            CachePlace::Memory => return Ok(None),
            CachePlace::File(path) => Arc::new(SqliteStore::new(path)),
            CachePlace::Redis(url) => Arc::new(RedisStore::new(url)?),
        };
        Ok(Some(Arc::new(Self::to(store, place))))
    }

    /// The way to `store`.
    pub fn to(store: Arc<dyn Store>, place: &str) -> Self {
        let place = Digest::of(&place).as_str()[..16].to_owned();
        Self { store, place: format!("db_query_agent:{place}:"), trouble: Mutex::default() }
    }

    /// Whether the store was last seen to work.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.trouble().until.is_none()
    }

    /// The entry of that name and when it was made, where it still counts; and the numbers of `causes` for one to be
    /// made now, `None` when the store cannot be asked.
    pub(super) async fn look<T: DeserializeOwned>(
        &self,
        name: &str,
        causes: &[String],
    ) -> (Option<(T, DateTime<Utc>)>, Option<Numbers>) {
        let mut named: Vec<String> = causes.iter().map(|cause| self.number(cause)).collect();
        named.push(self.number(ALL));
        let name = self.entry(name);
        let Some(Looked { entry, numbers }) = self.ask(self.store.look(&name, &named)).await else {
            return (None, None);
        };
        let numbers = Numbers(numbers);
        // What cannot be read was written by somebody else, and is made anew.
        let stored = entry.and_then(|entry| serde_json::from_slice::<Stored<T>>(&entry).ok());
        let found = stored.filter(|stored| stored.numbers == numbers).map(|stored| (stored.value, stored.made));
        (found, Some(numbers))
    }

    pub(super) async fn put<T: Serialize>(&self, name: &str, value: &T, numbers: Numbers, keep: Duration) {
        // A value that has no form in JSON stays in memory alone.
        let Ok(entry) = serde_json::to_vec(&Stored { made: Utc::now(), numbers, value }) else { return };
        let name = self.entry(name);
        self.ask(self.store.put(&name, &entry, keep)).await;
    }

    pub(super) async fn forget(&self, name: &str) {
        let name = self.entry(name);
        self.ask(self.store.forget(&name)).await;
    }

    /// Entries that depend on `cause` no longer count.
    pub(super) async fn outdate(&self, cause: &str) {
        let cause = self.number(cause);
        self.ask(self.store.outdate(&cause)).await;
    }

    /// Forgets every entry about the database, also those that are being made.
    pub async fn clear(&self) {
        self.outdate(ALL).await;
        self.ask(self.store.clear(&format!("{}entry:", self.place))).await;
    }

    /// Closes the store.
    pub async fn close(&self) {
        self.store.close().await;
    }

    fn entry(&self, name: &str) -> String {
        format!("{}entry:{name}", self.place)
    }

    /// Digested, since the name of a table is nobody's business.
    fn number(&self, cause: &str) -> String {
        format!("{}number:{}", self.place, Digest::of(&cause).as_str())
    }

    /// What the store says, unless it fails, is too slow or was so a moment ago.
    async fn ask<T>(&self, request: impl Future<Output = Result<T, Fault>>) -> Option<T> {
        if self.trouble().until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let reason = match tokio::time::timeout(PATIENCE, request).await {
            Ok(Ok(answer)) => {
                let mut trouble = self.trouble();
                if trouble.until.take().is_some() && std::mem::take(&mut trouble.told) {
                    tracing::info!("the shared cache answers again");
                }
                return Some(answer);
            }
            Ok(Err(Fault(reason))) => reason,
            Err(_) => "it does not answer in time".to_owned(),
        };
        let mut trouble = self.trouble();
        trouble.until = Some(Instant::now() + REST);
        if !std::mem::replace(&mut trouble.told, true) {
            tracing::warn!(reason, "the shared cache is out of reach; questions are answered without it");
        }
        None
    }

    fn trouble(&self) -> std::sync::MutexGuard<'_, Trouble> {
        // Each change is a single assignment, so a panic elsewhere leaves nothing half done.
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
