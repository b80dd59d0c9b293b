//! Lets the questions of one conversation through one at a time, in the order they came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

/// Gates held before idle ones are dropped; bounds memory when every question names a new conversation.
const IDLE_GATES: usize = 1024;

/// One gate a conversation.
#[derive(Debug, Default)]
pub(super) struct Turnstile(Mutex<HashMap<String, Arc<Gate<()>>>>);

impl Turnstile {
    /// Waits until the questions that came before are answered. The next one passes when the
    /// returned guard is dropped.
    pub(super) async fn enter(&self, conversation: &str) -> OwnedMutexGuard<()> {
        let gate = {
            // The map holds nothing that a panic could leave half done.
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if gates.len() >= IDLE_GATES {
                gates.retain(|_, gate| Arc::strong_count(gate) > 1);
            }
            Arc::clone(gates.entry(conversation.to_owned()).or_default())
        };
        gate.lock_owned().await
    }
}
