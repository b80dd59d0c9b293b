//! What a question costs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Usage;

/// What the calls for one question have cost so far. A call is charged when its answer is there, so what was paid for an
/// answer that turned out to be of no use is counted as well. A clone is the same bill.
///
/// ```
/// use db_query_agent::llm::{Bill, Usage};
/// let bill = Bill::default();
/// bill.clone().charge(Usage { prompt_tokens: 11, calls: 1, ..Usage::default() });
/// assert_eq!((bill.spent().prompt_tokens, bill.spent().calls), (11, 1));
/// ```
#[derive(Clone, Default)]
pub struct Bill {
    spent: Arc<Mutex<Usage>>,
    told: Option<Arc<dyn Fn(Usage) + Send + Sync>>,
}

impl Bill {
    /// A bill that tells `told` all that was spent so far, after each call.
    pub fn telling(told: impl Fn(Usage) + Send + Sync + 'static) -> Self {
        Self { spent: Arc::default(), told: Some(Arc::new(told)) }
    }

    /// Adds a call.
    pub fn charge(&self, usage: Usage) {
        let spent = {
            // An addition leaves nothing half done.
            let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
            *spent += usage;
            *spent
        };
        if let Some(told) = &self.told {
            told(spent);
        }
    }

    /// All of it so far.
    #[must_use]
    pub fn spent(&self) -> Usage {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bill").field(&self.spent()).finish()
    }
}
