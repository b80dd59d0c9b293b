//! The time that one question takes and what its model calls cost, told by its own events.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Event;
use crate::llm::Usage;

/// Runs from the first event to the last; a step lasts until the next one begins.
#[derive(Debug)]
pub(super) struct Meter {
    started: Instant,
    reading: Mutex<Reading>,
}

#[derive(Debug, Default)]
struct Reading {
    /// The step under way and when it began.
    step: Option<(&'static str, Instant)>,
    spent: Vec<(&'static str, Duration)>,
    usage: Usage,
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    /// From the question to its end, the wait for earlier ones of its conversation included.
    pub total: Duration,
    /// Each step that was begun, once, with all the time it took.
    pub steps: Vec<(&'static str, Duration)>,
    pub usage: Usage,
}

impl Meter {
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), reading: Mutex::default() }
    }

    pub(super) fn hear(&self, event: &Event) {
        match event {
            // What is known from before takes no time of its own.
            Event::Status(Event::RECALL) => {}
            Event::Status(step) => self.reading().begin(Some(step)),
            Event::Usage(usage) => self.reading().usage = *usage,
            Event::Sql(_) | Event::Rows { .. } | Event::Text(_) | Event::Done(_) => {}
        }
    }

    /// What was measured so far.
    pub(super) fn read(&self) -> Measured {
        let mut reading = self.reading();
        reading.begin(None);
        Measured { total: self.started.elapsed(), steps: reading.spent.clone(), usage: reading.usage }
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        // Nothing under this lock can panic half way.
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// Ends the step under way and begins `next`.
    fn begin(&mut self, next: Option<&'static str>) {
        let now = Instant::now();
        if let Some((step, began)) = self.step.take() {
            let took = now - began;
            match self.spent.iter_mut().find(|(name, _)| *name == step) {
                Some((_, spent)) => *spent += took,
                None => self.spent.push((step, took)),
            }
        }
        self.step = next.map(|step| (step, now));
    }
}
