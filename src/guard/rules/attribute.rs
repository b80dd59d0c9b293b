//! Calls that do not look like calls.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "attribute",
    law: "What stands behind a dot is a column: PostgreSQL takes `(x).f` and `t.f` for a call of the function `f` when \
          there is no such column, so a name there must be a column or a harmless function.",
    hint: "name a column of the table, or call the function as `f(x)`",
};

/// Refuses an attribute that may be a call.
pub(in crate::guard) fn refuse(name: &str) -> Rejection {
    RULE.refuse(format!("`{}` behind a dot is not a known column and could be a function call", printable(name)))
}
