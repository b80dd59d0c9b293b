//! A database URL and options as sqlx's options for MySQL and MariaDB.

use sqlx::ConnectOptions as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use crate::config::{DatabaseConfig, DatabaseUrl};
use crate::database::tls::{Tls, TlsMode};
use crate::error::Result;

/// Prepared statements that a connection keeps at most. Nobody answers when one is closed, so the packet behind it
/// waits for the network's acknowledgement, up to 40 ms where the driver leaves Nagle's algorithm on, as sqlx does:
/// many are closed at once, and seldom.
pub(super) const STATEMENTS: usize = 64;

/// What to connect with. The time zone is UTC, which sqlx sets, so that a `TIMESTAMP` is an instant.
pub(super) fn options(config: &DatabaseConfig) -> Result<MySqlConnectOptions> {
    let url = &config.url;
    // The fence sets `sql_mode` for each statement, so nothing is added to it here.
    let mut options = MySqlConnectOptions::new()
        .statement_cache_capacity(STATEMENTS)
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .disable_statement_logging();
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
    Ok(encrypt(options, &Tls::read(config)?))
}

/// Where the server is, for messages.
pub(super) fn place(url: &DatabaseUrl) -> String {
    let host = url.parameter("unix_socket").or(url.host.as_deref()).unwrap_or("localhost");
    url.port.map_or_else(|| format!("`{host}`"), |port| format!("`{host}:{port}`"))
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
