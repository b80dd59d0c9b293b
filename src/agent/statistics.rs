//! Counts of what was asked and what came of it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Answer;

/// Counts since the agent was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub total_queries: u64,
    pub successful_queries: u64,
    pub failed_queries: u64,
    pub cache_hits: u64,
}

/// The counters themselves; nothing is counted when they are off.
#[derive(Debug)]
pub(super) struct Counters {
    enabled: bool,
    total: AtomicU64,
    successful: AtomicU64,
    failed: AtomicU64,
    cache_hits: AtomicU64,
}

impl Counters {
    pub(super) fn new(enabled: bool) -> Self {
        Self {
            enabled,
            total: AtomicU64::default(),
            successful: AtomicU64::default(),
            failed: AtomicU64::default(),
            cache_hits: AtomicU64::default(),
        }
    }

    /// A question came in. It counts as failed unless [`Asked::answered`] is called, so a cancelled
    /// one counts too.
    pub(super) fn asked(&self) -> Asked<'_> {
        self.add(&self.total);
        Asked { counters: self, answered: false }
    }

    pub(super) fn read(&self) -> Statistics {
        Statistics {
            total_queries: self.total.load(Ordering::Relaxed),
            successful_queries: self.successful.load(Ordering::Relaxed),
            failed_queries: self.failed.load(Ordering::Relaxed),
            cache_hits: self.cache_hits.load(Ordering::Relaxed),
        }
    }

    fn add(&self, counter: &AtomicU64) {
        if self.enabled {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A question that is being answered.
pub(super) struct Asked<'a> {
    counters: &'a Counters,
    answered: bool,
}

impl Asked<'_> {
    pub(super) fn answered(mut self, answer: &Answer) {
        self.answered = true;
        self.counters.add(&self.counters.successful);
        if answer.cached {
            self.counters.add(&self.counters.cache_hits);
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.counters.add(&self.counters.failed);
        }
    }
}
