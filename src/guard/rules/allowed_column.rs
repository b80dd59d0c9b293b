//! What the policy lets be read of a table.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "allowed_column",
    law: "No statement refers to a blocked column: not by name, not with `*`, not as a part of a whole row, and not \
          through NATURAL or USING. What is computed from a masked column comes out masked.",
    hint: "name the columns that you may read",
};

/// Refuses a reference to a column that the policy blocks.
pub(in crate::guard) fn blocked(column: &str) -> Rejection {
    RULE.refuse(format!("column `{}` may not be read", printable(column)))
}

/// Refuses what would read every column of a relation where one of them is blocked.
pub(in crate::guard) fn all_of(what: &str, readable: &[String]) -> Rejection {
    let message = format!("{what} would read columns that may not be read");
    match readable {
        [] => RULE.refuse(message),
        names => {
            let names: Vec<String> = names.iter().take(20).map(|name| format!("`{}`", printable(name))).collect();
            RULE.refuse_with(message, format!("name the columns, of which these may be read: {}", names.join(", ")))
        }
    }
}

/// Refuses what would read every column, where it is not to be known whether one of them is blocked.
pub(in crate::guard) fn unnamed(what: &str) -> Rejection {
    RULE.refuse_with(format!("{what} cannot be used here"), "name the columns")
}

/// Refuses a result in which it is open which columns are to be masked.
pub(in crate::guard) fn unclear() -> Rejection {
    RULE.refuse_with(
        "it is not clear which columns of the result come from masked ones",
        "name the columns in place of `*`",
    )
}
