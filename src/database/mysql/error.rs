//! MySQL's and MariaDB's errors, by number
//! (<https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html>,
//! <https://mariadb.com/kb/en/mariadb-error-code-reference/>).

use sqlx::mysql::MySqlDatabaseError;

use crate::database::error as common;
use crate::error::{Code, Error};
use crate::redact::without_quoted;

/// What `error` means.
pub(super) fn explain(error: &sqlx::Error, place: &str) -> Error {
    let answer = match error {
        sqlx::Error::Database(answer) => answer.try_downcast_ref::<MySqlDatabaseError>(),
        _ => None,
    };
    let Some(answer) = answer else { return common::explain(error, place) };
    of_number(answer.number(), answer.message())
}

/// What the error of that number means.
pub(in crate::database) fn of_number(number: u16, message: &str) -> Error {
    let code = match number {
        1044 | 1045 | 1130 | 1251 | 1698 => Code::AuthenticationFailed,
        1049 => Code::DatabaseNotFound,
        // Unknown column, unknown table, a view over either.
        1054 | 1146 | 1356 => Code::StaleSchema,
        1142 | 1143 | 1227 | 1370 => Code::PermissionDenied,
        // MariaDB's `max_statement_time`, MySQL's `max_execution_time`, a wait for a lock.
        1205 | 1969 | 3024 => Code::QueryTimeout,
        1317 => Code::Cancelled,
        1040 | 1053 | 1129 | 1203 | 1226 | 1927 | 2006 | 2013 => Code::ConnectionFailed,
        3159 => Code::TlsFailed,
        _ => Code::ExecutionFailed,
    };
    let message = if code == Code::ExecutionFailed && !quotes_only_the_statement(number) {
        without_quoted(message)
    } else {
        message.to_owned()
    };
    let error = Error::new(code, format!("MySQL: {message} (error {number})"));
    // The password was right; the login has no right on this database, or there is none of that name.
    if number == 1044 {
        error.with_hint("check the name of the database, and grant the login SELECT on it")
    } else {
        error
    }
}

/// Errors of syntax and names: what they quote stands in the statement. The others may quote a value
/// of a row, as `EXTRACTVALUE` does on purpose.
fn quotes_only_the_statement(number: u16) -> bool {
    // Ambiguous column, duplicate alias, syntax, aggregates, operand and column counts, derived table
    // without a name, unknown function or its arguments, write under the read-only fence, GROUP BY.
    matches!(number, 1052 | 1055 | 1060 | 1064 | 1111 | 1140 | 1221 | 1222 | 1241 | 1248 | 1305 | 1318 | 1582 | 1792)
}
