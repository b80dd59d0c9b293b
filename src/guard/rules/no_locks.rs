//! Locks.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "no_locks",
    law: "A statement takes no lock that it could avoid: no FOR UPDATE or FOR SHARE, no LOCK IN SHARE MODE, and of SQL \
          Server's table hints only those that lock less.",
    hint: "leave the locking clause out",
};

/// Table hints of SQL Server that make a read wait less or choose its plan.
const HARMLESS: &[&str] =
    &["nolock", "readuncommitted", "readcommitted", "readpast", "noexpand", "forceseek", "forcescan", "snapshot"];

/// Checks a table hint.
pub(in crate::guard) fn hint(name: &str) -> Result<(), Rejection> {
    if HARMLESS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        Ok(())
    } else {
        Err(RULE.refuse(format!("the table hint `{}` takes a lock or is not known", printable(name))))
    }
}

/// Checks a table hint that names an index.
pub(in crate::guard) fn index_hint(name: &str) -> Result<(), Rejection> {
    if name.eq_ignore_ascii_case("index") { Ok(()) } else { hint(&format!("{name} with an argument")) }
}
