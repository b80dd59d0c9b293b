//! Entries of one kind: in memory, behind that in a shared store where there is one, and made once for all who ask for
//! the same at the same time.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use moka::Expiry;
use moka::future::Cache;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Digest, Link};
use crate::error::{Code, Error, Result};

/// How long an entry of a shared store that may be outdated elsewhere is taken from memory without a look at the store.
const UNSEEN: Duration = Duration::from_secs(5);

/// Entries of one kind.
pub struct Shelf<T> {
    /// What the names of its entries begin with.
    kind: &'static str,
    ttl: Duration,
    /// `None`: nothing is remembered.
    front: Option<Cache<Digest, Arc<Held<T>>>>,
    link: Option<Arc<Link>>,
    /// How often each cause has changed here.
    changes: Mutex<HashMap<String, u64>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// An entry in memory.
struct Held<T> {
    value: Arc<T>,
    made: DateTime<Utc>,
    ends: Instant,
    causes: Vec<String>,
    /// The numbers of the causes in this process, from before it was made.
    numbers: Vec<u64>,
}

/// What was asked for.
pub struct Had<T> {
    pub value: Arc<T>,
    pub made: DateTime<Utc>,
    /// Whether nobody had made it before: it cost this question what it costs.
    pub is_new: bool,
}

/// How much a shelf holds and how often it helped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Entries in memory.
    pub entries: u64,
    pub hits: u64,
    pub misses: u64,
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Shelf<T> {
    /// A shelf whose entries count for `ttl`, with room for `capacity` as `weigh` counts; zero of either remembers
    /// nothing.
    pub fn new(
        kind: &'static str,
        ttl: Duration,
        capacity: u64,
        weigh: fn(&T) -> u32,
        link: Option<Arc<Link>>,
    ) -> Self {
        let build = || {
            let cache = Cache::builder().max_capacity(capacity).expire_after(Ends);
            cache.weigher(move |_, held: &Arc<Held<T>>| weigh(&held.value)).build()
        };
        Self {
            kind,
            ttl,
            front: (!ttl.is_zero() && capacity > 0).then(build),
            link,
            changes: Mutex::default(),
            hits: AtomicU64::default(),
            misses: AtomicU64::default(),
        }
    }

    /// Whether it remembers anything.
    pub fn is_on(&self) -> bool {
        self.front.is_some()
    }

    /// The entry of that name, or what `make` makes, which is kept where `lasts` says so. Who asks while it is being
    /// made waits for it. When the one that makes it gives up, or runs out of its own time, another one makes it.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn get_or_make<F>(
        &self,
        name: &Digest,
        causes: &[String],
        lasts: impl Fn(&T) -> bool,
        make: impl Fn() -> F,
    ) -> Result<Had<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let Some(front) = &self.front else {
            return Ok(Had { value: Arc::new(make().await?), made: Utc::now(), is_new: true });
        };
        loop {
            let asked_here = AtomicBool::new(false);
            let made_here = AtomicBool::new(false);
            let entry = front.entry_by_ref(name).or_try_insert_with(async {
                asked_here.store(true, Ordering::Relaxed);
                self.find_or_make(name, causes, &lasts, &made_here, &make).await.map(Arc::new)
            });
            let held = match entry.await {
                Ok(entry) => entry.into_value(),
                // The time of whoever made it is over, which says nothing about ours.
                Err(error) if is_ones_own(&error) && !asked_here.into_inner() => continue,
                Err(error) => return Err(Error::clone(&error)),
            };
            let (made_here, lasts) = (made_here.into_inner(), lasts(&held.value));
            let is_outdated = held.numbers != self.numbers(causes);
            if is_outdated || (made_here && !lasts) {
                front.invalidate(name).await;
            }
            if is_outdated && !made_here {
                continue;
            }
            let is_new = made_here || !lasts;
            (if is_new { &self.misses } else { &self.hits }).fetch_add(1, Ordering::Relaxed);
            return Ok(Had { value: Arc::clone(&held.value), made: held.made, is_new });
        }
    }

    /// The entry of the shared store, or a new one.
    async fn find_or_make<F>(
        &self,
        name: &Digest,
        causes: &[String],
        lasts: impl Fn(&T) -> bool,
        made_here: &AtomicBool,
        make: impl Fn() -> F,
    ) -> Result<Held<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let numbers = self.numbers(causes);
        let hold = |value: T, made: DateTime<Utc>| {
            let ends = Instant::now() + self.left(made, causes);
            Held { value: Arc::new(value), made, ends, causes: causes.to_vec(), numbers: numbers.clone() }
        };
        let seen = match &self.link {
            None => None,
            Some(link) => match link.look(&self.path(name), causes).await {
                (Some((value, made)), _) if !self.left(made, causes).is_zero() => return Ok(hold(value, made)),
                (_, seen) => seen,
            },
        };
        made_here.store(true, Ordering::Relaxed);
        let held = hold(make().await?, Utc::now());
        if let (Some(link), Some(seen)) = (&self.link, seen)
            && lasts(&held.value)
        {
            link.put(&self.path(name), held.value.as_ref(), seen, self.ttl).await;
        }
        Ok(held)
    }

    /// Forgets one entry.
    pub async fn forget(&self, name: &Digest) {
        if let Some(front) = &self.front {
            front.invalidate(name).await;
            if let Some(link) = &self.link {
                link.forget(&self.path(name)).await;
            }
        }
    }

    /// What depends on `cause` no longer counts, here and, after a few seconds, in other processes.
    pub async fn outdate(&self, cause: &str) {
        let Some(front) = &self.front else { return };
        *self.changes().entry(cause.to_owned()).or_default() += 1;
        for (name, held) in front {
            if held.causes.iter().any(|known| known == cause) {
                front.invalidate(&*name).await;
            }
        }
        if let Some(link) = &self.link {
            link.outdate(cause).await;
        }
    }

    /// Forgets what is in memory, also what is being made.
    pub async fn clear(&self) {
        let Some(front) = &self.front else { return };
        *self.changes().entry(String::new()).or_default() += 1;
        front.invalidate_all();
        front.run_pending_tasks().await;
    }

    /// How much it holds and how often it helped.
    pub async fn figures(&self) -> Figures {
        let entries = match &self.front {
            Some(front) => {
                front.run_pending_tasks().await;
                front.entry_count()
            }
            None => 0,
        };
        Figures { entries, hits: self.hits.load(Ordering::Relaxed), misses: self.misses.load(Ordering::Relaxed) }
    }
}

impl<T> Shelf<T> {
    /// How long an entry made at `made` counts, here and without a look at the shared store.
    fn left(&self, made: DateTime<Utc>, causes: &[String]) -> Duration {
        // A clock of another machine may be ahead of ours.
        let age = Utc::now().signed_duration_since(made).max(TimeDelta::zero()).to_std().unwrap_or_default();
        let left = self.ttl.saturating_sub(age);
        if self.link.is_some() && !causes.is_empty() { left.min(UNSEEN) } else { left }
    }

    /// The name in the shared store.
    fn path(&self, name: &Digest) -> String {
        format!("{}:{}", self.kind, name.as_str())
    }

    /// How often each of `causes` has changed in this process, and everything.
    fn numbers(&self, causes: &[String]) -> Vec<u64> {
        let changes = self.changes();
        let number = |cause: &str| changes.get(cause).copied().unwrap_or_default();
        causes.iter().map(String::as_str).chain([""]).map(number).collect()
    }

    fn changes(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        // Each change is a single addition, so a panic elsewhere leaves nothing half done.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether another question would not have failed like this.
fn is_ones_own(error: &Error) -> bool {
    matches!(error.code(), Code::QuestionTimeout | Code::ModelTimeout | Code::QueryTimeout | Code::Cancelled)
}

/// Each entry has an end of its own.
struct Ends;

impl<T> Expiry<Digest, Arc<Held<T>>> for Ends {
    fn expire_after_create(&self, _: &Digest, held: &Arc<Held<T>>, now: Instant) -> Option<Duration> {
        Some(held.ends.saturating_duration_since(now))
    }
}
