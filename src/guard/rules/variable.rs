//! Placeholders and variables.

use super::Rule;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "variable",
    law: "A statement holds no placeholder, no user or system variable and no temporary object (`?`, `$1`, `:name`, \
          `@name`, `@@name`, `#name`): its values stand in it as literals.",
    hint: "write the value itself as a literal",
};

/// Refuses the symbol that begins a placeholder or a variable.
pub(in crate::guard) fn symbol(byte: u8) -> Rejection {
    RULE.refuse(format!("`{}` begins a placeholder or a variable", char::from(byte)))
}
