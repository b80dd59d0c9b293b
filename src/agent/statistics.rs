//! Counts of what was asked, what came of it, how long it took and what it cost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use super::meter::Meter;
use super::{Answer, Events};
use crate::error::{Code, Error};
use crate::llm::Usage;

/// The longest time that is told from longer ones.
const LONGEST: Duration = Duration::from_hours(1);
/// Digits of a time that count, which makes a percentile exact to one in a hundred.
const DIGITS: u8 = 2;
/// Under this name the time from a question to its end is kept beside those of its steps.
const TOTAL: &str = "total";

/// Counts since the agent was made, all of one moment: no question is counted in one of them and not in another
/// that it belongs to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Questions that came in, those under way included.
    pub total_queries: u64,
    pub successful_queries: u64,
    /// Questions that ended in an error; one that was cancelled is among them.
    pub failed_queries: u64,
    pub cache_hits: u64,
    /// What all of them spent on models, failed ones included.
    pub usage: Usage,
    /// How many answers each engine gave.
    pub engines: BTreeMap<String, u64>,
    /// How many questions failed, by the error's code.
    pub errors: BTreeMap<&'static str, u64>,
    /// How long each step took the questions that came to it; `total` is the whole way.
    pub latency: BTreeMap<&'static str, Latency>,
}

/// How long a step took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Questions that came to it.
    pub count: u64,
    pub mean: Duration,
    pub p50: Duration,
    pub p90: Duration,
    pub p99: Duration,
    pub max: Duration,
}

/// The counters themselves; nothing is counted when they are off.
#[derive(Debug)]
pub(super) struct Counters(Option<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    total: u64,
    successful: u64,
    cache_hits: u64,
    usage: Usage,
    engines: BTreeMap<String, u64>,
    errors: BTreeMap<&'static str, u64>,
    /// Microseconds.
    latency: BTreeMap<&'static str, Histogram<u64>>,
}

impl Counters {
    pub(super) fn new(enabled: bool) -> Self {
        Self(enabled.then(Mutex::default))
    }

    /// A question came in. It counts as cancelled unless [`Asked::ended`] is called.
    pub(super) fn asked(&self) -> Asked<'_> {
        let counting = self.0.as_ref().map(|counted| {
            lock(counted).total += 1;
            (counted, Arc::new(Meter::start()))
        });
        Asked { counting }
    }

    pub(super) fn read(&self) -> Statistics {
        self.0.as_ref().map(|counted| lock(counted).read()).unwrap_or_default()
    }
}

fn lock(counted: &Mutex<Counted>) -> MutexGuard<'_, Counted> {
    // What is left by a panic is a count too few, no broken state.
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A question that is being answered.
pub(super) struct Asked<'a> {
    /// Where it is counted when it ends, and its time.
    counting: Option<(&'a Mutex<Counted>, Arc<Meter>)>,
}

impl Asked<'_> {
    /// `events`, by which the question is measured, too.
    pub(super) fn measured(&self, events: &Events) -> Events {
        events.heard_by(self.counting.as_ref().map(|(_, meter)| Arc::clone(meter)))
    }

    pub(super) fn ended(mut self, outcome: Result<&Answer, &Error>) {
        self.count(outcome.map_err(Error::code));
    }

    fn count(&mut self, outcome: Result<&Answer, Code>) {
        if let Some((counted, meter)) = self.counting.take() {
            lock(counted).add(&meter, outcome);
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.count(Err(Code::Cancelled));
    }
}

impl Counted {
    fn add(&mut self, meter: &Meter, outcome: Result<&Answer, Code>) {
        let measured = meter.read();
        self.usage += measured.usage;
        match outcome {
            Ok(answer) => {
                self.successful += 1;
                self.cache_hits += u64::from(answer.cached);
                *self.engines.entry(answer.engine.clone()).or_default() += 1;
            }
            Err(code) => *self.errors.entry(code.as_str()).or_default() += 1,
        }
        for (step, took) in measured.steps.into_iter().chain([(TOTAL, measured.total)]) {
            self.time(step, took);
        }
    }

    fn time(&mut self, step: &'static str, took: Duration) {
        let longest = micros(LONGEST);
        let histogram = match self.latency.remove(step) {
            Some(histogram) => Some(histogram),
            // The bounds and digits are ones that it takes; a step without a histogram is better than no answer.
            None => Histogram::new_with_bounds(1, longest, DIGITS).ok(),
        };
        if let Some(mut histogram) = histogram {
            histogram.saturating_record(micros(took).clamp(1, longest));
            self.latency.insert(step, histogram);
        }
    }

    fn read(&self) -> Statistics {
        Statistics {
            total_queries: self.total,
            successful_queries: self.successful,
            failed_queries: self.errors.values().sum(),
            cache_hits: self.cache_hits,
            usage: self.usage,
            engines: self.engines.clone(),
            errors: self.errors.clone(),
            latency: self.latency.iter().map(|(step, histogram)| (*step, Latency::of(histogram))).collect(),
        }
    }
}

impl Latency {
    fn of(histogram: &Histogram<u64>) -> Self {
        let quantile = |share: f64| Duration::from_micros(histogram.value_at_quantile(share).min(histogram.max()));
        Self {
            count: histogram.len(),
            mean: Duration::try_from_secs_f64(histogram.mean() / 1e6).unwrap_or_default(),
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
            max: Duration::from_micros(histogram.max()),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Counters, Events, LONGEST};
    use crate::agent::Event;
    use crate::error::{Code, Error};
    use crate::llm::Usage;

    #[tokio::test(start_paused = true)]
    async fn a_step_lasts_until_the_next_begins_and_counts_once() {
        let counters = Counters::new(true);
        let asked = counters.asked();
        let events = asked.measured(&Events::default());
        for (step, seconds) in [("propose", 1), ("run", 2), ("propose", 3)] {
            events.send(Event::Status(step));
            tokio::time::advance(Duration::from_secs(seconds)).await;
        }
        events.send(Event::Usage(Usage { calls: 2, cost_nanos: 7, ..Usage::default() }));
        asked.ended(Err(&Error::new(Code::QueryTimeout, "late")));
        let counted = counters.read();
        let near = |step: &str, seconds: u64| {
            let latency = counted.latency[step];
            assert_eq!(latency.count, 1, "{step}");
            let off = latency.max.abs_diff(Duration::from_secs(seconds));
            assert!(off < Duration::from_secs(seconds) / 100, "{step}: {latency:?}");
        };
        near("propose", 4);
        near("run", 2);
        near("total", 6);
        assert_eq!((counted.usage.calls, counted.usage.cost_nanos), (2, 7));
        assert_eq!(counted.errors.into_iter().collect::<Vec<_>>(), [("query_timeout", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_waits_for_is_cancelled_and_counted_once() {
        let counters = Counters::new(true);
        drop(counters.asked());
        let asked = counters.asked();
        tokio::time::advance(LONGEST * 3).await;
        asked.ended(Err(&Error::new(Code::Closed, "closed")));
        let counted = counters.read();
        assert_eq!((counted.total_queries, counted.failed_queries, counted.successful_queries), (2, 2, 0));
        assert_eq!(counted.errors.into_iter().collect::<Vec<_>>(), [("cancelled", 1), ("closed", 1)]);
    }

    #[test]
    fn percentiles_are_those_of_the_times() {
        let mut counted = super::Counted::default();
        for millis in 1..=1000 {
            counted.time("run", Duration::from_millis(millis));
        }
        let run = counted.read().latency["run"];
        for (found, wanted) in
            [(run.p50, 500.0), (run.p90, 900.0), (run.p99, 990.0), (run.max, 1000.0), (run.mean, 500.5)]
        {
            let off = (found.as_secs_f64() * 1000.0 - wanted).abs() / wanted;
            assert!(off < 0.01, "{found:?} for {wanted} ms");
        }
    }

    #[test]
    fn nothing_is_counted_when_it_is_off() {
        let counters = Counters::new(false);
        drop(counters.asked());
        assert_eq!(counters.read(), super::Statistics::default());
    }
}
