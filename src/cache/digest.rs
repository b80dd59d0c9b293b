//! Names of entries.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The name of an entry: equal for equal contents, and nobody can read them in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// The digest (SHA-256) of `parts` as JSON. Versions of this package have no names in common, since the form of
    /// what is kept may change with any.
    #[must_use]
    pub fn of(parts: &impl Serialize) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(env!("CARGO_PKG_VERSION"));
        // Only a map with keys that are no texts cannot be JSON, and nobody names an entry by one.
        hasher.update(serde_json::to_vec(parts).unwrap_or_default());
        let mut text = String::with_capacity(64);
        for byte in hasher.finalize() {
            // A text takes all that is written to it.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Its 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
