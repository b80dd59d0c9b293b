//! Operators.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "operator",
    law: "An operator is one that the engine brings along: operators that users define call functions that the text does \
          not show, and assignments write.",
    hint: "use a built-in operator",
};

/// Refuses an operator.
pub(in crate::guard) fn refuse(name: &str) -> Rejection {
    RULE.refuse(format!("operator `{}` is not built in", printable(name)))
}
