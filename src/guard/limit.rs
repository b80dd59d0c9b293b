//! How large a statement may be, and on which stack it is read.
//!
//! A flat `1+1+…` is parsed by a loop but freed by recursion, and an overflow of the stack cannot be
//! caught. The bounds keep the deepest tree that fits in them far from the end of the stack.

use super::Rejection;
use super::lexer::{Kind, Lexed, Token};
use super::rules::too_large;

/// Bytes of a text.
pub(super) const BYTES: usize = 32 * 1024;
/// Tokens of a text.
pub(super) const TOKENS: usize = 8_000;
/// Parentheses and brackets open at once.
pub(super) const DEPTH: usize = 40;
/// Expressions and queries the parser may have open at once; each parenthesis costs it about two.
pub(super) const RECURSION: usize = 120;
/// The stack of the thread that reads larger texts, in bytes; only what is used is ever committed.
pub(super) const STACK: usize = 256 * 1024 * 1024;
/// What the parser may have open at once on the caller's stack; a text that needs more is read again
/// on the large one.
pub(super) const SMALL_RECURSION: usize = 18;
/// A chain of operators is copied, walked and freed as deep as it is long.
const SMALL_TOKENS: usize = 400;
const SMALL_DEPTH: usize = 8;
/// Joins whose conditions all come last nest, and the parser does not count how deep.
const SMALL_JOINS: usize = 12;

/// Whether a text can be read on the caller's stack: an unoptimized build needs less than half of the
/// 2 MiB that a thread has by default, an optimized one a tenth of that.
pub(super) fn is_small(lexed: &Lexed) -> bool {
    let join = |token: &&Token| token.kind == Kind::Word && lexed.slice(**token).eq_ignore_ascii_case("join");
    lexed.tokens.len() <= SMALL_TOKENS
        && lexed.depth <= SMALL_DEPTH
        && lexed.tokens.iter().filter(join).take(SMALL_JOINS + 1).count() <= SMALL_JOINS
}

/// Operators whose left side the parser copies; a chain of them costs the square of its length.
const COPYING: usize = 500;

/// Refuses a text whose parsing would take long.
pub(super) fn copying_operators(lexed: &Lexed) -> Result<(), Rejection> {
    const WORDS: &[&str] = &["is", "glob", "match", "regexp", "div", "mod", "isnull", "collate"];
    if lexed.tokens.len() <= COPYING {
        return Ok(());
    }
    let copies = |token: &&Token| {
        token.kind == Kind::Word && WORDS.iter().any(|word| lexed.slice(**token).eq_ignore_ascii_case(word))
    };
    within(lexed.tokens.iter().filter(copies).count(), COPYING, "operators such as `IS` and `MOD`")
}

/// Refuses a text of too many bytes.
pub(super) fn size(sql: &str) -> Result<(), Rejection> {
    within(sql.len(), BYTES, "bytes")
}

/// Columns of a query: MySQL and SQL Server give no more, PostgreSQL and SQLite by default not half as many. Without
/// a bound, `SELECT *, *` in itself doubles them at each level.
const COLUMNS: usize = 4_096;

/// Refuses a query that gives too many columns.
pub(super) fn columns(count: usize) -> Result<(), Rejection> {
    within(count, COLUMNS, "columns in a query")
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
