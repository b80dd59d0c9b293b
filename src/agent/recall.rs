//! What a model proposed for the same question before. Only its statement is remembered: rows are
//! read anew each time, so an answer is never older than the database.

use std::sync::Arc;

use chrono::NaiveDate;
use moka::future::Cache;

use crate::config::CacheConfig;
use crate::engine::{Ask, Proposed};

/// Proposals remembered at most.
const CAPACITY: u64 = 10_000;

/// Remembers what models proposed; nothing when caching is off.
pub(super) struct Recall(Option<Cache<Key, Arc<Proposed>>>);

/// Everything a proposal depends on: two questions with equal keys have the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    question: String,
    /// Questions and statements of the conversation so far.
    conversation: Vec<(String, Option<String>)>,
    /// The place of the policy, and what it shows.
    policy: usize,
    schema: u64,
    /// "Last month" means another one tomorrow.
    today: NaiveDate,
}

impl Key {
    /// The key of what is asked under the policy at `policy`; callers of one policy share it.
    pub(super) fn of(ask: &Ask<'_>, policy: usize) -> Self {
        let said = |turn: &crate::session::Turn| (turn.question.clone(), turn.sql.clone());
        Self {
            question: ask.question.to_owned(),
            conversation: ask.conversation.iter().map(said).collect(),
            policy,
            schema: ask.catalog.schema().fingerprint(),
            today: ask.now.date(),
        }
    }
}

impl Recall {
    pub(super) fn new(config: &CacheConfig) -> Self {
        let build = || Cache::builder().max_capacity(CAPACITY).time_to_live(config.llm_ttl).build();
        Self((config.enabled && !config.llm_ttl.is_zero()).then(build))
    }

    pub(super) async fn get(&self, key: &Key) -> Option<Proposed> {
        self.0.as_ref()?.get(key).await.map(|proposed| Proposed::clone(&proposed))
    }

    /// Remembers a proposal that cost a call of a model; others cost nothing to make again.
    pub(super) async fn keep(&self, key: Key, proposed: &Proposed) {
        if let Some(cache) = self.0.as_ref().filter(|_| proposed.usage.calls > 0) {
            let free = Proposed { usage: crate::llm::Usage::default(), ..proposed.clone() };
            cache.insert(key, Arc::new(free)).await;
        }
    }

    /// How many proposals are remembered.
    pub(super) async fn count(&self) -> u64 {
        let Some(cache) = &self.0 else { return 0 };
        cache.run_pending_tasks().await;
        cache.entry_count()
    }

    /// Forgets a proposal whose statement turned out not to run.
    pub(super) async fn forget(&self, key: &Key) {
        if let Some(cache) = &self.0 {
            cache.invalidate(key).await;
        }
    }
}
