//! The keys of a server: used in turn, set aside when they are refused, or asked for when they are needed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::config::{KeySource, ModelConfig};
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// How long a key that was refused, or whose credit is used up, is left out while others are there.
const ASIDE: Duration = Duration::from_mins(1);

/// How long a key from a source is used before the source is asked again. Such keys live for an hour or so, and their
/// source keeps them itself.
const FRESH: Duration = Duration::from_secs(10);

/// The keys of one server.
#[derive(Debug)]
pub(super) enum Keys {
    Fixed(Ring),
    Source(Sourced),
}

/// Several keys in turn; none is a ring as well.
#[derive(Debug)]
pub(super) struct Ring {
    keys: Vec<Secret>,
    /// Until when each is left out.
    aside: Mutex<Vec<Option<Instant>>>,
    next: AtomicUsize,
}

/// Keys from a function of the user's.
#[derive(Debug)]
pub(super) struct Sourced {
    source: KeySource,
    /// Held while the source is asked, so that it is asked once for all who wait.
    last: tokio::sync::Mutex<Option<(Secret, Instant)>>,
}

/// The keys that one call has used already.
#[derive(Debug, Default)]
pub(super) struct Used {
    indices: Vec<usize>,
    /// The last one, where there was one.
    pub(super) key: Option<Secret>,
}

impl Keys {
    pub(super) fn new(config: &ModelConfig) -> Self {
        match &config.key_source {
            Some(source) => Self::Source(Sourced { source: source.clone(), last: tokio::sync::Mutex::new(None) }),
            None => Self::Fixed(Ring {
                keys: config.api_keys.clone(),
                aside: Mutex::new(vec![None; config.api_keys.len()]),
                next: AtomicUsize::new(0),
            }),
        }
    }

    /// Puts the next key into `used`; none where the server needs none.
    ///
    /// # Errors
    /// [`Code::ModelAuthentication`] when the source gives none.
    pub(super) async fn next(&self, used: &mut Used) -> Result<()> {
        match self {
            Self::Fixed(ring) => {
                if let Some(index) = ring.turn(&used.indices) {
                    used.indices.push(index);
                    used.key = ring.keys.get(index).cloned();
                }
            }
            Self::Source(sourced) => used.key = Some(sourced.key().await?),
        }
        Ok(())
    }

    /// Leaves the key that was used last out for a while, or for `pause` where the server says how long. Whether another
    /// one may do better now.
    pub(super) async fn refused(&self, used: &mut Used, pause: Option<Duration>) -> bool {
        match self {
            Self::Fixed(ring) => {
                let Some(&index) = used.indices.last() else { return false };
                let mut aside = ring.aside.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(until) = aside.get_mut(index) {
                    *until = Some(Instant::now() + pause.unwrap_or(ASIDE));
                }
                (0..ring.keys.len()).any(|other| !used.indices.contains(&other))
            }
            Self::Source(sourced) => {
                let Some(key) = &used.key else { return false };
                sourced.forget(key).await;
                // One key anew is enough to tell a key that ran out from a source of bad keys.
                used.indices.push(0);
                used.indices.len() == 1
            }
        }
    }
}

impl Ring {
    /// The key whose turn it is: of those not `used`, one that is not left out, or else the one that comes back first.
    /// When all are used, the turn goes round once more, for a try after a pause.
    fn turn(&self, used: &[usize]) -> Option<usize> {
        let count = self.keys.len();
        let aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let ranked = |index: &usize| {
            let until = aside.get(*index).copied().flatten().filter(|until| *until > now);
            (used.contains(index), until)
        };
        (0..count).map(|step| start.wrapping_add(step) % count).min_by_key(ranked)
    }
}

impl Sourced {
    async fn key(&self) -> Result<Secret> {
        let mut last = self.last.lock().await;
        if let Some((key, since)) = &*last
            && since.elapsed() < FRESH
        {
            return Ok(key.clone());
        }
        let source = self.source.clone();
        let key = spawn_blocking(move || source.key())
            .await
            .map_err(|_| Error::new(Code::ModelAuthentication, "the function given as `openai_api_key` broke off"))??;
        *last = Some((key.clone(), Instant::now()));
        Ok(key)
    }

    /// The source is asked again, unless it has given another key since.
    async fn forget(&self, refused: &Secret) {
        let mut last = self.last.lock().await;
        if last.as_ref().is_some_and(|(key, _)| key.expose() == refused.expose()) {
            *last = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use tokio::time::advance;

    use super::{ASIDE, Keys, Ring, Used};
    use crate::redact::Secret;

    fn ring(keys: &[&str]) -> Keys {
        let keys: Vec<_> = keys.iter().map(|key| Secret::new(*key)).collect();
        Keys::Fixed(Ring { aside: Mutex::new(vec![None; keys.len()]), keys, next: AtomicUsize::new(0) })
    }

    async fn next(keys: &Keys, used: &mut Used) -> String {
        keys.next(used).await.unwrap();
        used.key.as_ref().map_or(String::new(), |key| key.expose().to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn keys_take_turns_and_a_refused_one_is_left_out_for_a_while() {
        let keys = ring(&["a", "b", "c"]);
        for expected in ["a", "b", "c", "a"] {
            assert_eq!(next(&keys, &mut Used::default()).await, expected);
        }
        let mut used = Used::default();
        assert_eq!(next(&keys, &mut used).await, "b");
        assert!(keys.refused(&mut used, None).await);
        assert_eq!(next(&keys, &mut used).await, "c");
        assert!(keys.refused(&mut used, Some(Duration::from_secs(5))).await);
        assert_eq!(next(&keys, &mut used).await, "a");
        assert!(!keys.refused(&mut used, None).await, "none is left for this question");
        assert_eq!(next(&keys, &mut Used::default()).await, "c", "the one that comes back first");
        advance(ASIDE).await;
        let mut turns = Vec::new();
        for _ in 0..3 {
            turns.push(next(&keys, &mut Used::default()).await);
        }
        turns.sort();
        assert_eq!(turns, ["a", "b", "c"]);
    }

    #[tokio::test]
    async fn no_key_is_no_key() {
        let (keys, mut used) = (ring(&[]), Used::default());
        assert_eq!(next(&keys, &mut used).await, "");
        assert!(!keys.refused(&mut used, None).await);
    }
}
