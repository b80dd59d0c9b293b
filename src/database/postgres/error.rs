//! PostgreSQL's errors, by SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).

use crate::database::error as common;
use crate::error::{Code, Error};
use crate::redact::without_quoted;

/// What `error` means. Detail, hint and context lines of the server are left out: they quote rows.
pub(super) fn explain(error: &sqlx::Error, place: &str) -> Error {
    let sqlx::Error::Database(answer) = error else { return common::explain(error, place) };
    of_state(&answer.code().unwrap_or_default(), answer.message())
}

/// What the error of that SQLSTATE means.
pub(in crate::database) fn of_state(state: &str, message: &str) -> Error {
    let (class, _) = state.split_at_checked(2).unwrap_or((state, ""));
    let code = match (state, class) {
        ("3D000", _) => Code::DatabaseNotFound,
        ("42P01" | "42703" | "3F000", _) => Code::StaleSchema,
        ("42501", _) => Code::PermissionDenied,
        ("57014", _) if message.contains("user request") => Code::Cancelled,
        ("57014" | "55P03", _) => Code::QueryTimeout,
        (_, "28") => Code::AuthenticationFailed,
        ("53300" | "57P01" | "57P02" | "57P03", _) | (_, "08") => Code::ConnectionFailed,
        _ => Code::ExecutionFailed,
    };
    let message = if may_quote_values(class) { without_quoted(message) } else { message.to_owned() };
    Error::new(code, format!("PostgreSQL: {message} (SQLSTATE {state})"))
}

/// Whether the message itself may hold a value of a row: everything but the classes that speak of
/// names, rights, resources and the server's state. A function's own `RAISE` (`P0`) says anything.
fn may_quote_values(class: &str) -> bool {
    !matches!(class, "08" | "0A" | "25" | "28" | "3D" | "3F" | "42" | "53" | "54" | "55" | "57" | "58")
}
