//! What the policy lets be read.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "allowed_relation",
    law: "Each relation is allowed by the policy, and so is what stands under a view: blocking wins over allowing, a \
          listed view is allowed unless something under it is blocked, and a view whose sources are not known is \
          refused where anything is blocked, unless it is listed itself.",
    hint: "ask about tables that you may read",
};

/// Refuses a relation that the policy does not let be read.
pub(in crate::guard) fn refuse(name: &str) -> Rejection {
    RULE.refuse(format!("table `{}` may not be read", printable(name)))
}
