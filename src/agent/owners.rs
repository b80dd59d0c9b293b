//! Whose a conversation is: nobody is shown what another caller asked and was answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Code, Error, Result};
use crate::guard::Caller;
use crate::session::Turn;

/// The callers that conversations were made for. Attributes are kept in memory only; of a conversation
/// that outlives the process its turns tell whose it is.
#[derive(Debug, Default)]
pub(super) struct Owners(Mutex<HashMap<String, Arc<Caller>>>);

impl Owners {
    /// Makes `caller` the owner of the conversation `name`, of which `turns` were said.
    ///
    /// # Errors
    /// [`Code::OtherCaller`].
    pub(super) fn bind(&self, name: &str, caller: Arc<Caller>, turns: &[Turn]) -> Result<()> {
        self.speaker(name, Some(&caller), turns)?;
        self.known().insert(name.to_owned(), caller);
        Ok(())
    }

    /// Who speaks in the conversation `name`: `caller`, or where nobody is named its owner.
    ///
    /// # Errors
    /// [`Code::OtherCaller`].
    pub(super) fn speaker(
        &self,
        name: &str,
        caller: Option<&Arc<Caller>>,
        turns: &[Turn],
    ) -> Result<Option<Arc<Caller>>> {
        let owner = self.known().get(name).cloned();
        let speaker = caller.cloned().or_else(|| owner.clone());
        let id = speaker.as_ref().map(|caller| caller.id.as_str());
        let is_owner = owner.is_none_or(|owner| Some(owner.id.as_str()) == id);
        if is_owner && turns.iter().all(|turn| turn.caller.as_deref() == id) {
            return Ok(speaker);
        }
        Err(Error::new(Code::OtherCaller, "the conversation belongs to another caller"))
    }

    /// Forgets whose the conversation was.
    pub(super) fn forget(&self, name: &str) {
        self.known().remove(name);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<Caller>>> {
        // Each change is a single insert or remove, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
