//! Leaves a server alone that fails again and again, so that nobody waits for what will not come.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Code, Error, Result};

/// Counts failures in a row. From `after` on nothing is let through for `pause`; then one call may try, whose end
/// decides for the others.
#[derive(Debug)]
pub(super) struct Breaker {
    after: u32,
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// When somebody may try again, while the breaker is open.
    open_until: Option<Instant>,
    /// Somebody is trying.
    tried: bool,
}

/// The leave to make one call.
#[derive(Debug)]
pub(super) struct Pass<'b> {
    breaker: &'b Breaker,
    is_trial: bool,
}

impl Breaker {
    /// One that opens after so many failures in a row; 0: never.
    pub(super) fn new(after: u32, pause: Duration) -> Self {
        Self { after, pause, state: Mutex::default() }
    }

    /// The leave to make a call.
    ///
    /// # Errors
    /// [`Code::ModelUnreachable`] while the server is left alone.
    pub(super) fn enter(&self) -> Result<Pass<'_>> {
        let mut state = self.state();
        let Some(until) = state.open_until else { return Ok(Pass { breaker: self, is_trial: false }) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() && !state.tried {
            state.tried = true;
            return Ok(Pass { breaker: self, is_trial: true });
        }
        let text = format!("the model's server failed {} times in a row and is left alone for now", state.failures);
        let hint = if left.is_zero() {
            "it is being tried again just now".to_owned()
        } else {
            format!("it is tried again in {} seconds", left.as_secs() + 1)
        };
        Err(Error::new(Code::ModelUnreachable, text)
            .with_hint(format!("{hint}; `model_breaker_failures` and `model_breaker_pause` say when")))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each use leaves the state whole, so a panic elsewhere spoils nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// The server answered, if only to refuse.
    pub(super) fn answered(self) {
        *self.breaker.state() = State::default();
    }

    /// The server did not do its part.
    pub(super) fn failed(self) {
        let breaker = self.breaker;
        let mut state = breaker.state();
        state.failures = state.failures.saturating_add(1);
        if breaker.after > 0 && state.failures >= breaker.after {
            state.open_until = Some(Instant::now() + breaker.pause);
        }
    }
}

impl Drop for Pass<'_> {
    /// A trial that was given up says nothing, so the next one may try.
    fn drop(&mut self) {
        if self.is_trial {
            self.breaker.state().tried = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::Breaker;
    use crate::error::{Category, Code};

    const PAUSE: Duration = Duration::from_secs(30);

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.enter().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_and_one_tries_after_the_pause() {
        let breaker = Breaker::new(3, PAUSE);
        fail(&breaker, 2);
        breaker.enter().unwrap().answered();
        fail(&breaker, 3);
        let error = breaker.enter().unwrap_err();
        assert_eq!((error.code(), error.category()), (Code::ModelUnreachable, Category::System));
        assert_eq!(error.to_string(), "the model's server failed 3 times in a row and is left alone for now");
        advance(PAUSE).await;
        let trial = breaker.enter().unwrap();
        assert!(breaker.enter().unwrap_err().hint().contains("just now"), "one at a time");
        trial.failed();
        assert!(breaker.enter().is_err(), "a failed trial opens it again");
        advance(PAUSE).await;
        breaker.enter().unwrap().answered();
        fail(&breaker, 2);
        assert!(breaker.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_is_given_up_leaves_room_for_the_next() {
        let breaker = Breaker::new(1, PAUSE);
        fail(&breaker, 1);
        advance(PAUSE).await;
        drop(breaker.enter().unwrap());
        breaker.enter().unwrap().answered();
        assert!(breaker.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn zero_never_opens() {
        let breaker = Breaker::new(0, PAUSE);
        fail(&breaker, 100);
        assert!(breaker.enter().is_ok());
    }
}
