//! Types in casts.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "data_type",
    law: "A cast names a built-in type that holds plain values, or a type that a column of the schema has; types that \
          look names up in the catalogue (`regclass` and its kin) are refused.",
    hint: "cast to a plain type such as text, numeric or date",
};

/// Refuses a type by its name.
pub(in crate::guard) fn refuse(name: &str) -> Rejection {
    RULE.refuse(format!("type `{}` is not on the list of plain types", printable(name)))
}
