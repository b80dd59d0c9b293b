//! How large a statement may be, and on which stack it is read.
//!
//! A flat `1+1+…` is parsed by a loop but freed by recursion, and an overflow of the stack cannot be
//! caught. The bounds keep the deepest tree that fits in them far from the end of the stack.

use super::Rejection;
use super::rules::too_large;

/// Bytes of a text.
pub(super) const BYTES: usize = 32 * 1024;
/// Tokens of a text.
pub(super) const TOKENS: usize = 8_000;
/// Parentheses and brackets open at once.
pub(super) const DEPTH: usize = 40;
/// Expressions and queries the parser may have open at once; each parenthesis costs it about two.
pub(super) const RECURSION: usize = 120;
/// Up to this many tokens and this much nesting a text is read on the caller's stack. A tree is no
/// deeper than its tokens, and freeing a level takes some hundred bytes.
pub(super) const SMALL_TOKENS: usize = 500;
/// See [`SMALL_TOKENS`].
pub(super) const SMALL_DEPTH: usize = 8;
/// Expressions and queries that the parser may have open at once on the caller's stack.
pub(super) const SMALL_RECURSION: usize = 40;
/// The stack of the thread that reads larger texts, in bytes; only what is used is ever committed.
pub(super) const STACK: usize = 256 * 1024 * 1024;

/// Refuses a text of too many bytes.
pub(super) fn size(sql: &str) -> Result<(), Rejection> {
    within(sql.len(), BYTES, "bytes")
}

/// Refuses a text of too many tokens.
pub(super) fn tokens(count: usize) -> Result<(), Rejection> {
    within(count, TOKENS, "tokens")
}

/// Refuses a text of too many nested parentheses.
pub(super) fn depth(depth: usize) -> Result<(), Rejection> {
    within(depth, DEPTH, "nested parentheses")
}

fn within(found: usize, most: usize, unit: &str) -> Result<(), Rejection> {
    if found <= most {
        Ok(())
    } else {
        Err(too_large::RULE.refuse(format!("the statement has more than {most} {unit}")))
    }
}
