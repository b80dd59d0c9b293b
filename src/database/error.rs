//! What goes wrong between here and a server, whatever the engine.

use std::io::ErrorKind;

use crate::error::{Code, Error, Result};

/// What `error` means where it is not the server's own word. `place` is the host for the message.
pub(super) fn explain(error: &sqlx::Error, place: &str) -> Error {
    match error {
        sqlx::Error::Io(cause) => explain_io(cause, place),
        sqlx::Error::Tls(cause) => explain_tls(&cause.to_string(), place),
        // MySQL's `caching_sha2_password` in the clear would need a crate with an open advisory
        // (RUSTSEC-2023-0071), so it is not built in.
        sqlx::Error::Configuration(cause) if cause.to_string().contains("RSA") => {
            Error::new(Code::TlsFailed, format!("{place} wants an encrypted connection for this login"))
                .with_hint("add `?ssl_mode=REQUIRED` to the database URL")
        }
        sqlx::Error::Configuration(_) => Error::new(Code::InvalidOption, format!("{error}")),
        sqlx::Error::PoolTimedOut => Error::new(Code::ConnectionTimeout, format!("{place} did not answer in time")),
        sqlx::Error::Protocol(message) if message.contains("TLS") || message.contains("SSL") => {
            explain_tls(message, place)
        }
        sqlx::Error::Protocol(message) => {
            Error::new(Code::ConnectionFailed, format!("{place} does not speak the protocol expected: {message}"))
        }
        // Nothing but a caller's attributes is ever bound.
        sqlx::Error::Encode(cause) => Error::new(Code::InvalidCaller, cause.to_string()),
        _ => Error::new(Code::ExecutionFailed, "the driver could not read the server's answer"),
    }
}

/// What the driver says of a connection that should be encrypted. It names the place in its own
/// source behind its words, which tells a user nothing.
fn explain_tls(cause: &str, place: &str) -> Error {
    let cause = cause.split_once(" (sqlx").map_or(cause, |(words, _)| words);
    // Neither of the two letters that PostgreSQL answers with (its protocol, "SSLRequest").
    if cause.contains("response from SSLRequest") {
        return Error::new(Code::ConnectionFailed, format!("what answers at {place} is not a PostgreSQL server"))
            .with_hint("check the dialect and the port in the database URL");
    }
    if cause.contains("server does not support TLS") {
        return Error::new(Code::TlsFailed, format!("{place} offers no encryption")).with_hint(
            "set it up on the server, or leave out `ssl_enabled` and the TLS parameters of the database URL",
        );
    }
    Error::new(Code::TlsFailed, format!("no encrypted connection to {place}: {cause}"))
}

/// What is said of a failure to read the catalogue: a connection that could not be had stays one.
pub(super) fn of_the_catalogue(error: &Error) -> Error {
    let about_the_connection = error.code().exception() == "ConnectionError";
    let code = if about_the_connection { error.code() } else { Code::SchemaFailed };
    Error::new(code, format!("the catalogue could not be read: {error}"))
}

/// Refuses a statement that a protocol would end half-way, to run what stands before.
pub(super) fn refuse_zero_bytes(statement: &str) -> Result<()> {
    if statement.contains('\0') {
        return Err(Error::new(Code::ExecutionFailed, "the statement holds a zero byte"));
    }
    Ok(())
}

/// Whether the connection is gone, so that nothing more can be said on it.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed)
}

fn explain_io(cause: &std::io::Error, place: &str) -> Error {
    match cause.kind() {
        ErrorKind::ConnectionRefused => Error::new(Code::ConnectionFailed, format!("{place} refuses connections")),
        ErrorKind::TimedOut => Error::new(Code::ConnectionTimeout, format!("{place} did not answer in time")),
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::BrokenPipe
        | ErrorKind::ConnectionAborted => Error::new(Code::ConnectionFailed, format!("{place} closed the connection")),
        ErrorKind::InvalidData => Error::new(Code::TlsFailed, format!("no encrypted connection to {place}: {cause}")),
        ErrorKind::NotFound => Error::new(Code::ConnectionFailed, format!("there is no socket at {place}")),
        // The resolver's failures have no kind of their own.
        _ if cause.to_string().contains("lookup") => {
            Error::new(Code::ConnectionFailed, format!("the host name of {place} is not known"))
                .with_hint("check the host in the database URL and the name server")
        }
        _ => Error::new(Code::ConnectionFailed, format!("{place} cannot be reached: {cause}")),
    }
}
