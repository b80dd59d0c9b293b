//! Which file a URL means, and how it may be opened.

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::image::Image;
use crate::config::DatabaseUrl;
use crate::error::{Code, Error, Result};

/// Where the database is.
#[derive(Debug)]
pub(super) struct Location {
    /// What SQLite is given: always a `file:` URI, so that no character of a path means anything.
    pub(super) uri: CString,
    /// `None` for a database in memory.
    pub(super) path: Option<PathBuf>,
    /// What a database in memory begins with.
    pub(super) image: Option<Arc<Image>>,
}

/// Which file it is whatever its name, to notice that another one took its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

/// Parameters of other drivers that say nothing about what is read.
const IGNORED: [&str; 9] = [
    "cache",
    "cached_statements",
    "check_same_thread",
    "charset",
    "detect_types",
    "factory",
    "isolation_level",
    "timeout",
    "uri",
];

impl Location {
    /// The file that `url` names, with SQLAlchemy's parameters and SQLite's own `mode`,
    /// `immutable` and `nolock`.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] for a path SQLite cannot take, [`Code::InvalidOption`] for a parameter
    /// that is unknown: a misspelt `immutable` must not pass silently.
    pub(super) fn from_url(url: &DatabaseUrl) -> Result<Self> {
        let mut name = url.database.as_deref().unwrap_or_default();
        let mut memory = name.is_empty() || name == ":memory:";
        if let Some(inner) = name.strip_prefix("file:") {
            memory |= inner.is_empty() || inner.starts_with(":memory:");
            name = inner.strip_prefix("//localhost").or_else(|| inner.strip_prefix("//")).unwrap_or(inner);
        }
        let mut options = String::new();
        for (key, value) in &url.parameters {
            match (key.as_str(), value.as_str()) {
                ("mode", "memory") => memory = true,
                ("immutable" | "nolock", "1" | "true" | "yes" | "on") => options.extend(["&", key, "=1"]),
                // Whatever is asked for, it is opened read-only.
                ("mode", "ro" | "rw" | "rwc") | ("immutable" | "nolock", "0" | "false" | "no" | "off") => {}
                ("mode" | "immutable" | "nolock", _) => {
                    return Err(Error::new(
                        Code::InvalidOption,
                        format!("`{value}` is no value of the URL parameter `{key}`"),
                    )
                    .with_hint("`mode` is `ro` or `memory`; `immutable` and `nolock` are `1` or `0`"));
                }
                (key, _) if IGNORED.contains(&key) => {}
                (key, _) => {
                    return Err(Error::new(
                        Code::InvalidOption,
                        format!("a SQLite URL has no parameter `{}`", key.escape_debug()),
                    )
                    .with_hint("known are `mode`, `immutable` and `nolock`"));
                }
            }
        }
        if memory {
            return Self::in_memory();
        }
        let uri = format!("file:{}?mode=ro{options}", escape(name));
        Ok(Self { uri: c_string(uri)?, path: Some(PathBuf::from(name)), image: None })
    }

    /// One database that every handle of this location shares, empty since nothing can write to it.
    fn in_memory() -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let uri = format!("file:/db-query-agent-{}-{number}?vfs=memdb", std::process::id());
        Ok(Self { uri: c_string(uri)?, path: None, image: None })
    }

    /// A database in memory that each handle has for itself: a copy of `image`, or an empty one.
    pub(super) fn private(image: Option<Arc<Image>>) -> Self {
        Self { uri: c":memory:".to_owned(), path: None, image }
    }

    /// Looks whether there is a file to open, since SQLite's own answer does not tell the cases apart.
    ///
    /// # Errors
    /// [`Code::DatabaseNotFound`] or [`Code::ConnectionFailed`].
    pub(super) fn check(&self) -> Result<Option<Identity>> {
        let Some(path) = &self.path else {
            return Ok(self.image.as_ref().map(|image| Identity(image.edition(), 0)));
        };
        let shown = path.display();
        let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
                Error::new(Code::DatabaseNotFound, format!("there is no file `{shown}`")).with_hint(
                    "`sqlite:///name.db` is relative to the working directory, `sqlite:////path/name.db` is absolute",
                )
            }
            std::io::ErrorKind::PermissionDenied => unreadable(path),
            _ => Error::new(Code::ConnectionFailed, format!("`{shown}` cannot be opened")),
        })?;
        if !metadata.is_file() {
            let kind = if metadata.is_dir() { "a directory" } else { "not a file" };
            return Err(Error::new(Code::DatabaseNotFound, format!("`{shown}` is {kind}, not a SQLite database")));
        }
        Ok(Some(identity(&metadata)))
    }
}

/// The failure of a file that this process may not read.
pub(super) fn unreadable(path: &Path) -> Error {
    Error::new(Code::ConnectionFailed, format!("`{}` may not be read by this user", path.display()))
        .with_hint("give this user the right to read the file and to enter its directory")
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity(metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_metadata: &std::fs::Metadata) -> Identity {
    Identity(0, 0)
}

/// `path` with what ends or escapes in a URI written out.
fn escape(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    // `file://host/…` would read the first part as a host.
    if path.starts_with("//") { format!("//{path}") } else { path }
}

fn c_string(uri: String) -> Result<CString> {
    CString::new(uri).map_err(|_| Error::new(Code::InvalidUrl, "the path of the database holds a NUL character"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    fn location(database: &str, parameters: &[(&str, &str)]) -> Result<Location> {
        Location::from_url(&DatabaseUrl {
            dialect: Dialect::Sqlite,
            user: None,
            password: None,
            host: None,
            port: None,
            database: Some(database.to_owned()),
            parameters: parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        })
    }

    #[test]
    fn a_path_cannot_smuggle_parameters() -> Result<()> {
        let found = location("a?mode=rwc&x#y%20.db", &[("mode", "rwc")])?;
        assert_eq!(found.uri.to_bytes(), b"file:a%3fmode=rwc&x%23y%2520.db?mode=ro");
        Ok(())
    }

    #[test]
    fn memory_has_three_spellings() -> Result<()> {
        for (database, parameters) in
            [("", &[][..]), (":memory:", &[]), ("file::memory:", &[("cache", "shared")]), ("x", &[("mode", "memory")])]
        {
            assert_eq!(location(database, parameters)?.path, None, "{database}");
        }
        Ok(())
    }

    #[test]
    fn an_unknown_parameter_is_refused() {
        let refused = location("a.db", &[("imutable", "1")]).map_err(|error| error.code());
        assert_eq!(refused.err(), Some(Code::InvalidOption));
    }
}
