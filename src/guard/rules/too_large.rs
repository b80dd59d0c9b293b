//! Bounds of size, tokens and nesting.

use super::Rule;

pub const RULE: Rule = Rule {
    slug: "too_large",
    law: "A statement has at most 32 KiB, 8,000 tokens and 40 nested parentheses, and a query in it 4,096 columns, \
          because an expression without end exhausts the stack of whoever reads it, and stars in stars the memory.",
    hint: "shorten the statement; use a range or a join in place of a long list",
};
