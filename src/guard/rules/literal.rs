//! Literals that engines and parsers end in different places.

use super::Rule;
use crate::dialect::Dialect;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "literal",
    law: "A literal or quoted name is closed, has a prefix that the dialect knows, holds digits only where it is bytes or \
          bits, and does not touch a word or another number.",
    hint: "put blanks around literals and use plain quotes",
};

/// A character set before a MySQL literal: one of the single-meaning ones.
pub(in crate::guard) fn introducer(dialect: Dialect, word: &str) -> Result<(), Rejection> {
    let known = ["_utf8mb4", "_utf8mb3", "_utf8", "_latin1", "_ascii", "_binary"];
    if dialect == Dialect::Mysql && known.iter().any(|name| word.eq_ignore_ascii_case(name)) {
        Ok(())
    } else {
        Err(RULE.refuse(format!("`{word}` is no prefix of a literal here")))
    }
}
