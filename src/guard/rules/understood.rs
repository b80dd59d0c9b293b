//! Everything is understood, or nothing runs.

use super::Rule;

pub const RULE: Rule = Rule {
    slug: "understood",
    law: "The parser for the dialect understands all of the statement to its last token, and it and the guard's own \
          lexer cut it into the same words, names, literals and numbers.",
    hint: "this may be valid SQL that the guard cannot read; write it in a simpler way",
};
