//! One statement a text.

use super::Rule;

pub const RULE: Rule = Rule {
    slug: "one_statement",
    law: "A text holds exactly one statement; one `;` may end it.",
    hint: "send one SELECT at a time",
};
