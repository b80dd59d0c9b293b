//! Clauses and expressions that are known to read.

use super::Rule;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "clause",
    law: "Each clause, join, table expression and expression is one that the dialect has and that is known to do nothing \
          but read; what another dialect adds, or what writes a result somewhere (INTO), is refused.",
    hint: "leave the clause out or write it in the dialect's plain form",
};

/// Refuses a clause by its name.
pub(in crate::guard) fn refuse(what: &str) -> Rejection {
    RULE.refuse(format!("{what} is not on the list of what may be read"))
}

/// Refuses a clause when it is there.
pub(in crate::guard) fn absent(present: bool, what: &str) -> Result<(), Rejection> {
    if present { Err(refuse(what)) } else { Ok(()) }
}

/// The hint about a clause that another dialect has.
const ANOTHER_DIALECT: &str = "write it in the dialect that the database speaks";

/// Refuses a clause of another dialect when it is there.
pub(in crate::guard) fn foreign(present: bool, what: &str) -> Result<(), Rejection> {
    if present { Err(RULE.refuse_with(format!("{what} is of another dialect"), ANOTHER_DIALECT)) } else { Ok(()) }
}

/// Whether a statement was refused for a clause that only another dialect has.
pub(in crate::guard) fn is_of_another_dialect(rejection: &Rejection) -> bool {
    rejection.rule == RULE.slug && rejection.hint == ANOTHER_DIALECT
}
