//! Database URLs in SQLAlchemy's spelling, read into options a connector understands.

use std::fmt;

use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// A database URL, taken apart. Printing it never prints the password.
#[derive(Clone)]
pub struct DatabaseUrl {
    pub dialect: Dialect,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// A host name, an address, or the directory of a Unix socket.
    pub host: Option<String>,
    pub port: Option<u16>,
    /// The database's name; for SQLite the path, or `:memory:`.
    pub database: Option<String>,
    /// What stood behind the `?`, decoded, in order.
    pub parameters: Vec<(String, String)>,
}

impl DatabaseUrl {
    /// Reads `text`.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] or [`Code::UnsupportedScheme`].
    pub fn parse(text: &str) -> Result<Self> {
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| Error::new(Code::InvalidUrl, "the database URL has no `://`"))?;
        let dialect = Dialect::from_name(scheme)
            .ok_or_else(|| Error::new(Code::UnsupportedScheme, format!("no connector serves `{scheme}`")))?;
        Ok(Self {
            dialect,
            user: None,
            password: None,
            host: None,
            port: None,
            database: rest.strip_prefix('/').map(str::to_owned),
            parameters: Vec::new(),
        })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.dialect.as_str())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
