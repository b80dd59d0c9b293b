//! Lets the questions of one conversation through one at a time: those of this agent in the order they came, and
//! where the store is shared, those of other agents and processes too.
//!
//! On a shared store a question claims its conversation for [`LEASE`] and claims it anew as long as it is answered.
//! Whoever comes meanwhile waits and then sees its turn. A process that dies holds a conversation up for that long
//! at most; one that hangs for longer loses its place in the order, not its answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};
use tokio::task::JoinHandle;

use crate::error::Result;
use crate::session::SessionStore;

/// Gates held before idle ones are dropped; bounds memory when every question names a new conversation.
const IDLE_GATES: usize = 1024;

/// How long a conversation is claimed for.
const LEASE: Duration = Duration::from_secs(10);

/// The first and the longest pause between two looks at a conversation that another agent has.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(50));

/// One gate a conversation.
#[derive(Debug, Default)]
pub(super) struct Turnstile(Mutex<HashMap<String, Arc<Gate<()>>>>);

/// Leave to answer a question of a conversation. The next one gets it when this one is dropped.
pub(super) struct Pass {
    gate: Option<OwnedMutexGuard<()>>,
    claim: Option<Claim>,
}

/// A conversation that no other agent may work in.
struct Claim {
    store: Arc<dyn SessionStore>,
    name: String,
    holder: String,
    renewing: JoinHandle<()>,
}

impl Turnstile {
    /// Waits until the questions that came before are answered.
    ///
    /// # Errors
    /// When a shared store cannot be asked.
    pub(super) async fn enter(&self, store: &Arc<dyn SessionStore>, conversation: &str) -> Result<Pass> {
        let gate = {
            // The map holds nothing that a panic could leave half done.
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if gates.len() >= IDLE_GATES {
                gates.retain(|_, gate| Arc::strong_count(gate) > 1);
            }
            Arc::clone(gates.entry(conversation.to_owned()).or_default())
        };
        let gate = Some(gate.lock_owned().await);
        let claim = if store.is_shared() { Some(Claim::take(store, conversation).await?) } else { None };
        Ok(Pass { gate, claim })
    }
}

impl Pass {
    /// Lets the next one in, also from other processes, before it returns.
    pub(super) async fn leave(mut self) {
        if let Some(claim) = self.claim.take() {
            claim.give_back().await;
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let (gate, Some(claim)) = (self.gate.take(), self.claim.take()) else { return };
        claim.renewing.abort();
        // The question was given up. Without a runtime the claim runs out by itself.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                claim.give_back().await;
                drop(gate);
            });
        }
    }
}

impl Claim {
    async fn take(store: &Arc<dyn SessionStore>, name: &str) -> Result<Self> {
        let holder = uuid::Uuid::new_v4().simple().to_string();
        let mut pause = PAUSES.0;
        while !store.claim(name, &holder, LEASE).await? {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
        let (again, named, held) = (Arc::clone(store), name.to_owned(), holder.clone());
        let renewing = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LEASE / 3).await;
                if let Err(error) = again.claim(&named, &held, LEASE).await {
                    tracing::warn!(code = error.code().as_str(), "a conversation could not be claimed for longer");
                }
            }
        });
        Ok(Self { store: Arc::clone(store), name: name.to_owned(), holder, renewing })
    }

    async fn give_back(self) {
        self.renewing.abort();
        if let Err(error) = self.store.release(&self.name, &self.holder).await {
            tracing::warn!(code = error.code().as_str(), "a conversation stays claimed until its time is over");
        }
    }
}
