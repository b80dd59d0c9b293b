//! Database URLs in SQLAlchemy's spelling, read into options a connector understands.
//!
//! The grammar is SQLAlchemy's (`dialect+driver://user:password@host:port/database?name=value`), so
//! the same text works here and there; where its regular expression takes a port and a path for a
//! password, the likelier reading wins.

mod odbc;
mod percent;

use std::fmt;

use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// Query parameters that are safe to show. Every other value prints as `***`, because drivers take
/// passwords under many names there.
const SHOWN: [&str; 16] = [
    "application_name",
    "charset",
    "connect_timeout",
    "driver",
    "encrypt",
    "host",
    "mode",
    "port",
    "ssl",
    "ssl_ca",
    "ssl_disabled",
    "ssl_mode",
    "sslmode",
    "sslrootcert",
    "trustservercertificate",
    "unix_socket",
];

/// A database URL, taken apart. Printing it never prints the password.
///
/// ```
/// use db_query_agent::config::DatabaseUrl;
/// let url = DatabaseUrl::parse("postgresql+psycopg2://ann:p%40ss@db.example:6432/shop?sslmode=require").unwrap();
/// assert_eq!(url.password.as_ref().map(|password| password.expose()), Some("p@ss"));
/// assert_eq!(url.to_string(), "postgresql://ann:***@db.example:6432/shop?sslmode=require");
/// ```
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
    /// What stood behind the `?`, decoded, in order, without what the fields above took up.
    pub parameters: Vec<(String, String)>,
}

impl DatabaseUrl {
    /// Reads `text`.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] or [`Code::UnsupportedScheme`]; neither repeats anything behind the scheme.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let invalid = |message: &str| Error::new(Code::InvalidUrl, message);
        let (scheme, rest) = text.split_once("://").ok_or_else(|| invalid("the database URL has no `://`"))?;
        if !is_scheme(scheme) {
            return Err(invalid("the database URL does not start with a dialect's name"));
        }
        let dialect = Dialect::from_name(scheme)
            .ok_or_else(|| Error::new(Code::UnsupportedScheme, format!("no connector serves `{scheme}`")))?;

        let (credentials, rest) = split_credentials(rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = match rest.split_once('/') {
            Some((authority, database)) => (authority, Some(database).filter(|name| !name.is_empty())),
            None => (rest, None),
        };
        let (host, port) = split_port(authority)?;
        let (user, password) = match credentials {
            Some(credentials) => match credentials.split_once(':') {
                Some((user, password)) => (Some(user), Some(password)),
                None => (Some(credentials), None),
            },
            None => (None, None),
        };
        let mut url = Self {
            dialect,
            user: user.filter(|user| !user.is_empty()).map(percent::decode).transpose()?,
            password: password.map(percent::decode).transpose()?.map(Secret::new),
            host: host.map(percent::decode).transpose()?,
            port,
            database: database.map(|name| decode_database(dialect, name)).transpose()?,
            parameters: percent::decode_query(query)?,
        };
        if dialect == Dialect::Sqlite && (url.host.is_some() || url.user.is_some() || url.port.is_some()) {
            return Err(invalid("a SQLite URL names a file, not a host")
                .with_hint("write `sqlite:///relative.db` or `sqlite:////absolute.db`"));
        }
        if dialect != Dialect::Sqlite {
            url.take_up_parameters()?;
        }
        Ok(url)
    }

    /// The last value given for the parameter `name`, letters compared without case and `-` as `_`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(key, _)| is_named(key, name)).map(|(_, value)| value.as_str())
    }

    /// Moves what drivers also take as parameters into its field: a password must never stay among them.
    fn take_up_parameters(&mut self) -> Result<()> {
        if let Some(text) = self.take(&["odbc_connect"]) {
            odbc::read(&text, self);
        }
        if let Some(password) = self.take(&["password", "passwd", "pwd"]) {
            self.password.get_or_insert_with(|| Secret::new(password));
        }
        if let Some(user) = self.take(&["user", "username", "uid"]) {
            self.user.get_or_insert(user);
        }
        if let Some(database) = self.take(&["dbname", "database"]) {
            self.database.get_or_insert(database);
        }
        // SQLAlchemy hands `?host=` to the driver, where it wins over the host before the path.
        if let Some(host) = self.take(&["host"]) {
            let (host, port) = match host.rsplit_once(':') {
                Some((name, port)) if !name.contains(':') && !host.starts_with('/') => {
                    (name.to_owned(), Some(read_port(port)?))
                }
                _ => (host, None),
            };
            self.host = Some(host).filter(|host| !host.is_empty());
            self.port = port.or(self.port);
        }
        if let Some(port) = self.take(&["port"]) {
            self.port = Some(read_port(&port)?);
        }
        Ok(())
    }

    fn take(&mut self, names: &[&str]) -> Option<String> {
        let mut found = None;
        self.parameters.retain_mut(|(key, value)| {
            let wanted = names.iter().any(|name| is_named(key, name));
            if wanted {
                found = Some(std::mem::take(value));
            }
            !wanted
        });
        found
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'_' | b'-' | b'.'))
}

fn is_named(key: &str, name: &str) -> bool {
    key.len() == name.len()
        && key.bytes().zip(name.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'-' && b == b'_'))
}

/// Cuts `user:password@` off. A password may hold `/`, `?`, `:` and, before the next slash, `@`.
fn split_credentials(rest: &str) -> (Option<&str>, &str) {
    let Some(first) = rest.find('@') else { return (None, rest) };
    let before = &rest[..first];
    let (name, password) = before.split_once(':').map_or((before, None), |(name, rest)| (name, Some(rest)));
    let at_sign_is_in_the_query = name.contains(['/', '?']) || password.is_some_and(is_port_path_and_query);
    if at_sign_is_in_the_query {
        return (None, rest);
    }
    let authority_end = rest[first..].find(['/', '?']).map_or(rest.len(), |at| first + at);
    let last = rest[..authority_end].rfind('@').unwrap_or(first);
    (Some(&rest[..last]), &rest[last + 1..])
}

/// Whether `text` is `5432/shop?name=…`, which is no password anybody chose.
fn is_port_path_and_query(text: &str) -> bool {
    let Some((before, query)) = text.split_once('?') else { return false };
    let port = before.split_once('/').map_or(before, |(port, _path)| port);
    query.contains('=') && !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn split_port(authority: &str) -> Result<(Option<&str>, Option<u16>)> {
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed
            .split_once(']')
            .ok_or_else(|| Error::new(Code::InvalidUrl, "the address in the database URL has no closing `]`"))?;
        (host, rest.strip_prefix(':'))
    } else {
        authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)))
    };
    let port = port.filter(|port| !port.is_empty()).map(read_port).transpose()?;
    Ok((Some(host).filter(|host| !host.is_empty()), port))
}

fn read_port(text: &str) -> Result<u16> {
    // The text is not repeated: behind a badly encoded password it may be a part of it.
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        Error::new(Code::InvalidUrl, "the port of the database URL is not a number from 1 to 65535")
            .with_hint("percent-encode `@`, `:` and `/` in the password")
    })
}

/// SQLAlchemy leaves the path of a SQLite file as it is spelled.
fn decode_database(dialect: Dialect, name: &str) -> Result<String> {
    if dialect == Dialect::Sqlite { Ok(name.to_owned()) } else { percent::decode(name) }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.dialect.as_str())?;
        if self.user.is_some() || self.password.is_some() {
            f.write_str(&percent::encode(self.user.as_deref().unwrap_or_default()))?;
            if self.password.is_some() {
                f.write_str(":***")?;
            }
            f.write_str("@")?;
        }
        let socket = self.host.as_ref().filter(|host| host.starts_with('/'));
        if let Some(host) = self.host.as_ref().filter(|_| socket.is_none()) {
            match host.as_str() {
                host if host.contains(':') => write!(f, "[{host}]")?,
                host => f.write_str(&percent::encode(host))?,
            }
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        if let Some(database) = &self.database {
            match self.dialect {
                Dialect::Sqlite => write!(f, "/{database}")?,
                _ => write!(f, "/{}", percent::encode(database))?,
            }
        }
        if let Some(socket) = socket {
            write!(f, "?host={}", percent::encode(socket))?;
        }
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            let separator = if index == 0 && socket.is_none() { '?' } else { '&' };
            let shown = SHOWN.iter().any(|shown| is_named(name, shown));
            let value = if shown { percent::encode(value) } else { "***".to_owned() };
            write!(f, "{separator}{}={value}", percent::encode(name))?;
        }
        Ok(())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
