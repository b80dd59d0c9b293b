//! Texts that may be shown, logged and raised, because they never hold a secret.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A key or a password. Printing it in any way prints `***`; [`Secret::expose`] is the only way in.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text in; its memory is wiped on drop.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
