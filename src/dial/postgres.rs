//! A database URL and options as sqlx's options for PostgreSQL.

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::tls::{Tls, TlsMode};
use crate::config::{DatabaseUrl, TlsConfig};
use crate::error::Result;

/// What to connect with. Where the URL is silent, libpq's environment variables speak.
///
/// # Errors
/// [`crate::error::Code::InvalidOption`] for an encryption that nobody knows or a file that is not there.
pub fn options(url: &DatabaseUrl, tls: &TlsConfig) -> Result<PgConnectOptions> {
    let mut options = PgConnectOptions::new_without_pgpass().disable_statement_logging();
    if let Some(host) = &url.host {
        options = options.host(host);
    }
    if let Some(port) = url.port {
        options = options.port(port);
    }
    if let Some(user) = &url.user {
        options = options.username(user);
    }
    if let Some(password) = &url.password {
        options = options.password(password.expose());
    }
    if let Some(database) = &url.database {
        options = options.database(database);
    }
    options = options.application_name(url.parameter("application_name").unwrap_or("db-query-agent"));
    let settings = url.parameter("options").map(settings).unwrap_or_default();
    if !settings.is_empty() {
        options = options.options(settings);
    }
    Ok(encrypt(options, &Tls::read(url, tls)?))
}

fn encrypt(mut options: PgConnectOptions, tls: &Tls) -> PgConnectOptions {
    options = options.ssl_mode(match tls.mode {
        TlsMode::Disable => PgSslMode::Disable,
        TlsMode::Prefer => PgSslMode::Prefer,
        TlsMode::Require => PgSslMode::Require,
        TlsMode::VerifyCa => PgSslMode::VerifyCa,
        TlsMode::VerifyFull => PgSslMode::VerifyFull,
    });
    if let Some(ca) = &tls.ca {
        options = options.ssl_root_cert(ca);
    }
    if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    options
}

/// The settings in libpq's `options=-c name=value --name=value`.
fn settings(text: &str) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for word in text.split_whitespace() {
        let word = word.strip_prefix("--").or_else(|| word.strip_prefix("-c")).unwrap_or(word);
        if let Some((name, value)) = word.split_once('=') {
            settings.push((name.to_owned(), value.to_owned()));
        }
    }
    settings
}
