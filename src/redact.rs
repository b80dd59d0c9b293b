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

/// `message` with everything between quotation marks replaced by `…`: servers put the value they
/// stumbled over there.
///
/// ```
/// use db_query_agent::redact::without_quoted;
/// assert_eq!(
///     without_quoted("invalid input syntax for type integer: \"4111 1111\""),
///     "invalid input syntax for type integer: \"…\""
/// );
/// ```
#[must_use]
pub fn without_quoted(message: &str) -> String {
    let Some(first) = message.find(['"', '\'']) else { return message.to_owned() };
    let (before, rest) = message.split_at(first);
    let mark = if rest.starts_with('"') { '"' } else { '\'' };
    // A value may hold quotation marks itself, so the last one of the kind ends it.
    let after = rest.rfind(mark).filter(|end| *end > 0).map_or("", |end| &rest[end + 1..]);
    // What follows may quote again with the other mark.
    format!("{before}{mark}…{mark}{}", without_quoted(after))
}
