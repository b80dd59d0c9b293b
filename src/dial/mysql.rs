//! A database URL and options as sqlx's options for MySQL and MariaDB.

use sqlx::ConnectOptions as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use super::tls::{Tls, TlsMode};
use crate::config::{DatabaseUrl, TlsConfig};
use crate::error::Result;

/// What to connect with. The time zone is UTC, which sqlx sets, so that a `TIMESTAMP` is an instant; nothing is added to
/// the server's `sql_mode`.
///
/// # Errors
/// [`crate::error::Code::InvalidOption`] for an encryption that nobody knows or a file that is not there.
pub fn options(url: &DatabaseUrl, tls: &TlsConfig) -> Result<MySqlConnectOptions> {
    let mut options =
        MySqlConnectOptions::new().pipes_as_concat(false).no_engine_substitution(false).disable_statement_logging();
    if let Some(host) = &url.host {
        // `?host=/run/mysqld/mysqld.sock` is a socket as much as `?unix_socket=` is.
        options = if host.starts_with('/') { options.socket(host) } else { options.host(host) };
    }
    if let Some(socket) = url.parameter("unix_socket").or_else(|| url.parameter("socket")) {
        options = options.socket(socket);
    }
    if let Some(port) = url.port {
        options = options.port(port);
    }
    if let Some(user) = &url.user {
        options = options.username(user);
    }
    if let Some(password) = url.password.as_ref().filter(|password| !password.expose().is_empty()) {
        options = options.password(password.expose());
    }
    if let Some(database) = &url.database {
        options = options.database(database);
    }
    Ok(encrypt(options, &Tls::read(url, tls)?))
}

fn encrypt(mut options: MySqlConnectOptions, tls: &Tls) -> MySqlConnectOptions {
    options = options.ssl_mode(match tls.mode {
        TlsMode::Disable => MySqlSslMode::Disabled,
        TlsMode::Prefer => MySqlSslMode::Preferred,
        TlsMode::Require => MySqlSslMode::Required,
        TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
        TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
    });
    if let Some(ca) = &tls.ca {
        options = options.ssl_ca(ca);
    }
    if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    options
}
