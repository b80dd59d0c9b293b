//! Which rows there are for a caller.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "row_filter",
    law: "A table with a row filter is read through it: the name of the table is replaced by a derived table that holds \
          the caller's rows only, and where that cannot be done the statement is refused.",
    hint: "name the table plainly, with nothing but an alias behind it",
};

/// Refuses a filter that cannot be used.
pub(in crate::guard) fn unreadable(reason: &str) -> Rejection {
    RULE.refuse_with(
        format!("the row filter cannot be read: {reason}"),
        "write one condition, as behind WHERE, with `:name` for the caller's attributes",
    )
}

/// Refuses a statement whose caller does not have what a filter asks for.
pub(in crate::guard) fn no_attribute(name: &str) -> Rejection {
    RULE.refuse_with(
        format!("a row filter needs the caller's attribute `{}`", printable(name)),
        "pass `caller=Caller(…, attributes={…})` with that attribute",
    )
}

/// Refuses a name in a filter that its table does not have.
pub(in crate::guard) fn unknown_name(name: &str) -> Rejection {
    RULE.refuse(format!("it has no column `{}`", printable(name)))
}

/// Refuses a statement that gives the name of a table that a row filter reads to something else.
pub(in crate::guard) fn shadowed() -> Rejection {
    RULE.refuse_with(
        "a common table expression has the name of a table that a row filter reads",
        "give the common table expression another name",
    )
}
