//! Trying again, and when to stop: one deadline for all tries together.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use tokio::time::{Instant, timeout_at};

use crate::error::{Code, Error, Result};

/// Tries after the first one. With the delays below they spread over about four seconds, which
/// outlasts a restart of a gateway's worker; a longer outage is the offline engine's business.
const RETRIES: usize = 3;
const FIRST_DELAY: Duration = Duration::from_millis(300);
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// Why a try failed and whether another may fare better.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) again: bool,
    /// How long the server asked to wait.
    pub(super) after: Option<Duration>,
}

impl Failed {
    /// A failure that the same request will meet again.
    pub(super) fn for_good(error: Error) -> Self {
        Self { error, again: false, after: None }
    }

    /// A failure that may pass.
    pub(super) fn for_now(error: Error) -> Self {
        Self { error, again: true, after: None }
    }
}

/// Calls `attempt` until it succeeds, fails for good, or the time is over: `limit` from now, or `deadline` where that is
/// earlier. A server's wish to wait is kept when the time allows it; when it does not, the failure is told at once.
///
/// A delay is anything up to the one that its turn has ("full jitter": <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>),
/// so that clients that failed together do not come back together.
pub(super) async fn within<T, Future>(
    limit: Duration,
    deadline: Option<Instant>,
    attempt: impl FnMut() -> Future,
) -> Result<T>
where
    Future: std::future::Future<Output = Result<T, Failed>>,
{
    let own = Instant::now() + limit;
    let end = deadline.map_or(own, |deadline| deadline.min(own));
    let delays =
        ExponentialBuilder::new().with_min_delay(FIRST_DELAY).with_max_delay(LONGEST_DELAY).with_max_times(RETRIES);
    let tries = attempt.retry(delays).when(|failed: &Failed| failed.again).adjust(|failed, delay| {
        let delay = delay?.mul_f64(fastrand::f64()) + failed.after.unwrap_or_default();
        (Instant::now() + delay < end).then_some(delay)
    });
    let over = || {
        let text = if end == own {
            format!("the model did not answer within {} seconds", limit.as_secs_f64())
        } else {
            "the model did not answer in the time that was left for the question".to_owned()
        };
        Error::new(Code::ModelTimeout, text)
    };
    if end <= Instant::now() {
        return Err(over());
    }
    timeout_at(end, tries).await.map_or_else(|_elapsed| Err(over()), |outcome| outcome.map_err(|failed| failed.error))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::{Failed, RETRIES, within};
    use crate::error::{Code, Error};

    const LIMIT: Duration = Duration::from_mins(1);

    fn busy() -> Error {
        Error::new(Code::ModelRateLimited, "busy")
    }

    #[tokio::test(start_paused = true)]
    async fn tries_again_after_the_wish_of_the_server() {
        let (tries, begin) = (Cell::new(0), Instant::now());
        let answer = within(LIMIT, None, || {
            tries.set(tries.get() + 1);
            let first = tries.get() == 1;
            async move {
                if first {
                    Err(Failed { after: Some(Duration::from_secs(20)), ..Failed::for_now(busy()) })
                } else {
                    Ok(7)
                }
            }
        });
        assert_eq!(answer.await.unwrap(), 7);
        assert_eq!(tries.get(), 2);
        assert!(begin.elapsed() >= Duration::from_secs(20));
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_at_once_when_the_wish_is_beyond_the_deadline() {
        let begin = Instant::now();
        let failed = || async { Err::<(), _>(Failed { after: Some(LIMIT * 2), ..Failed::for_now(busy()) }) };
        assert_eq!(within(LIMIT, None, failed).await.unwrap_err().code(), Code::ModelRateLimited);
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn stops_after_its_tries_and_not_after_the_first_for_good() {
        let tries = Cell::new(0);
        let failing = |again: bool| {
            let tries = &tries;
            move || {
                tries.set(tries.get() + 1);
                async move { Err::<(), _>(if again { Failed::for_now(busy()) } else { Failed::for_good(busy()) }) }
            }
        };
        within(LIMIT, None, failing(true)).await.unwrap_err();
        assert_eq!(tries.replace(0), RETRIES + 1);
        within(LIMIT, None, failing(false)).await.unwrap_err();
        assert_eq!(tries.get(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_earlier_end_holds() {
        let begin = Instant::now();
        let early = begin + Duration::from_secs(3);
        let waits =
            || async { Err::<(), _>(Failed { after: Some(Duration::from_secs(4)), ..Failed::for_now(busy()) }) };
        assert_eq!(within(LIMIT, Some(early), waits).await.unwrap_err().code(), Code::ModelRateLimited);
        assert_eq!(begin.elapsed(), Duration::ZERO, "a wish beyond the deadline is not waited for");
        let silent = std::future::pending::<Result<(), Failed>>;
        let error = within(LIMIT, Some(early), silent).await.unwrap_err();
        assert_eq!(error.to_string(), "the model did not answer in the time that was left for the question");
        assert!((Duration::from_secs(3)..Duration::from_secs(4)).contains(&begin.elapsed()));
        let late = within(LIMIT, Some(begin), || async { Ok(()) }).await.unwrap_err();
        assert_eq!(late.code(), Code::ModelTimeout, "nothing is asked when nobody waits any more");
    }

    #[tokio::test(start_paused = true)]
    async fn one_deadline_for_all_tries() {
        let begin = Instant::now();
        let slow = || async {
            sleep(Duration::from_secs(40)).await;
            Err::<(), _>(Failed::for_now(busy()))
        };
        assert_eq!(within(LIMIT, None, slow).await.unwrap_err().code(), Code::ModelTimeout);
        assert!(begin.elapsed() <= LIMIT + Duration::from_millis(10));
    }
}
