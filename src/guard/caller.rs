//! Who asks.

use std::collections::BTreeMap;
use std::fmt;

use crate::value::Value;

/// The one on whose behalf a statement runs.
///
/// Its roles choose the policy, its attributes are bound to the `:name` of row filters.
#[derive(Clone, Default, PartialEq)]
pub struct Caller {
    /// A name for logs and the audit; row filters know it as `:caller_id`.
    pub id: String,
    pub roles: Vec<String>,
    /// A single value or, as [`Value::Array`], a list for `IN (:name)`.
    pub attributes: BTreeMap<String, Value>,
}

impl Caller {
    /// What `:name` stands for.
    pub(super) fn attribute(&self, name: &str) -> Option<Value> {
        let own = || (name == "caller_id").then(|| Value::Text(self.id.as_str().into()));
        self.attributes.get(name).cloned().or_else(own)
    }
}

/// Attributes say what a caller may see, so their values stay out of texts.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes: Vec<&str> = self.attributes.keys().map(String::as_str).collect();
        f.debug_struct("Caller")
            .field("id", &self.id)
            .field("roles", &self.roles)
            .field("attributes", &attributes)
            .finish()
    }
}
