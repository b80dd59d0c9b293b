//! Conversations that live as long as the agent.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{SessionStore, Turn};
use crate::error::Result;

/// Keeps conversations in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    conversations: HashMap<String, Conversation>,
    /// Counts activity, to list the latest first.
    clock: u64,
}

#[derive(Debug, Default)]
struct Conversation {
    turns: Vec<Turn>,
    touched: u64,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is a single push, insert or remove, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touch(&self, name: &str, change: impl FnOnce(&mut Vec<Turn>)) {
        let mut state = self.state();
        state.clock += 1;
        let touched = state.clock;
        let conversation = state.conversations.entry(name.to_owned()).or_default();
        conversation.touched = touched;
        change(&mut conversation.turns);
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn names(&self) -> Result<Vec<String>> {
        let state = self.state();
        let mut named: Vec<(u64, &String)> =
            state.conversations.iter().map(|(name, conversation)| (conversation.touched, name)).collect();
        named.sort_unstable_by(|left, right| right.cmp(left));
        Ok(named.into_iter().map(|(_, name)| name.clone()).collect())
    }

    async fn turns(&self, name: &str, last: Option<usize>) -> Result<Option<Vec<Turn>>> {
        let of = |conversation: &Conversation| {
            let turns = &conversation.turns;
            turns[turns.len().saturating_sub(last.unwrap_or(usize::MAX))..].to_vec()
        };
        Ok(self.state().conversations.get(name).map(of))
    }

    async fn create(&self, name: &str) -> Result<()> {
        self.touch(name, |_| ());
        Ok(())
    }

    async fn append(&self, name: &str, turn: Turn) -> Result<()> {
        self.touch(name, |turns| turns.push(turn));
        Ok(())
    }

    async fn clear(&self, name: &str) -> Result<()> {
        if let Some(conversation) = self.state().conversations.get_mut(name) {
            conversation.turns.clear();
        }
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<()> {
        self.state().conversations.remove(name);
        Ok(())
    }

    async fn close(&self) {}
}
