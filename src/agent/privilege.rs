//! Refuses a login that can do more than read, for those who ask for that.

use crate::database::Database;
use crate::error::{Code, Error, Result};

/// Asks the database what the login can do.
///
/// # Errors
/// [`Code::PrivilegedLogin`] when it can do more than read or the database does not tell; what stands in the
/// way of asking at all stays what it is.
pub(super) async fn demand_least(database: &dyn Database) -> Result<()> {
    let rights = database.rights().await.map_err(|error| {
        if error.code().exception() == "ConnectionError" {
            return error;
        }
        let message = format!("what the login may do could not be found out: {error}");
        Error::new(Code::PrivilegedLogin, message)
            .with_hint("let the login read the catalogue, or do without the check")
    })?;
    if rights.is_least_privilege() {
        return Ok(());
    }
    let found: Vec<String> = rights.excess().map(|finding| format!("{} ({})", finding.name, finding.detail)).collect();
    let message = format!("`require_least_privilege` refuses the login: {}", found.join("; "));
    Err(Error::new(Code::PrivilegedLogin, message))
}
