//! The rules, one a file, and the one table of them.
//!
//! Each file holds the rule's slug, its sentence and its hint, and the part of the check that decides.
//! The walk finds the places; the rules judge them. The reference page is made from [`RULES`], and
//! `tests/spec/guard/` holds the same rules with examples.

pub(super) mod allowed_column;
pub(super) mod allowed_relation;
pub(super) mod attribute;
pub(super) mod catalogue;
pub(super) mod character;
pub(super) mod clause;
pub(super) mod comment;
pub(super) mod data_type;
pub(super) mod function;
pub(super) mod known_relation;
pub(super) mod literal;
pub(super) mod no_locks;
pub(super) mod one_statement;
pub(super) mod operator;
pub(super) mod reads_only;
pub(super) mod reserved_word;
pub(super) mod row_filter;
pub(super) mod too_large;
pub(super) mod understood;
pub(super) mod variable;

use super::Rejection;

/// A law of the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name, found in [`Rejection::rule`].
    pub slug: &'static str,
    /// What it demands, in a sentence.
    pub law: &'static str,
    /// What to do when it refuses.
    pub hint: &'static str,
}

/// Every rule, in the order in which they are asked.
pub const RULES: &[Rule] = &[
    too_large::RULE,
    character::RULE,
    comment::RULE,
    literal::RULE,
    variable::RULE,
    one_statement::RULE,
    understood::RULE,
    reads_only::RULE,
    clause::RULE,
    no_locks::RULE,
    function::RULE,
    attribute::RULE,
    operator::RULE,
    data_type::RULE,
    reserved_word::RULE,
    catalogue::RULE,
    known_relation::RULE,
    allowed_relation::RULE,
    allowed_column::RULE,
    row_filter::RULE,
];

/// A name as a message may show it: short, on one line, without what would end its quotes.
pub(super) fn printable(name: &str) -> String {
    name.chars().take(64).map(|letter| if letter.is_control() || letter == '`' { '?' } else { letter }).collect()
}

impl Rule {
    /// A rejection under this rule.
    pub(super) fn refuse(&self, message: impl Into<String>) -> Rejection {
        self.refuse_with(message, self.hint)
    }

    /// A rejection with advice better than the rule's own.
    pub(super) fn refuse_with(&self, message: impl Into<String>, hint: impl Into<String>) -> Rejection {
        Rejection { rule: self.slug, message: message.into(), hint: hint.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn slugs_are_unique_and_texts_are_there() {
        let mut slugs: Vec<&str> = RULES.iter().map(|rule| rule.slug).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), RULES.len());
        for rule in RULES {
            assert!(rule.law.ends_with('.') && rule.law.len() > 40, "{}", rule.slug);
            assert!(!rule.hint.is_empty() && !rule.hint.ends_with('.'), "{}", rule.slug);
        }
    }
}
