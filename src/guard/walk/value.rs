//! Literals.

use sqlparser::ast::{Expr, Ident, Value};

use super::{Verdict, Walk};
use crate::guard::rules::{literal, variable};

impl Walk<'_> {
    pub(super) fn value(value: &Value) -> Verdict {
        match value {
            Value::Number(..)
            | Value::SingleQuotedString(_)
            | Value::DollarQuotedString(_)
            | Value::EscapedStringLiteral(_)
            | Value::UnicodeStringLiteral(_)
            | Value::SingleQuotedByteStringLiteral(_)
            | Value::NationalStringLiteral(_)
            | Value::HexStringLiteral(_)
            | Value::DoubleQuotedString(_)
            | Value::Boolean(_)
            | Value::Null => Ok(()),
            Value::Placeholder(_) => Err(variable::RULE.refuse("the statement holds a placeholder")),
            Value::TripleSingleQuotedString(_)
            | Value::TripleDoubleQuotedString(_)
            | Value::DoubleQuotedByteStringLiteral(_)
            | Value::TripleSingleQuotedByteStringLiteral(_)
            | Value::TripleDoubleQuotedByteStringLiteral(_)
            | Value::SingleQuotedRawStringLiteral(_)
            | Value::DoubleQuotedRawStringLiteral(_)
            | Value::TripleSingleQuotedRawStringLiteral(_)
            | Value::TripleDoubleQuotedRawStringLiteral(_)
            | Value::QuoteDelimitedStringLiteral(_)
            | Value::NationalQuoteDelimitedStringLiteral(_) => {
                Err(literal::RULE.refuse("a literal has a form that this dialect does not know"))
            }
        }
    }

    /// A literal with its character set before it.
    pub(super) fn prefixed(&mut self, prefix: &Ident, value: &Expr) -> Verdict {
        literal::introducer(self.dialect, &prefix.value)?;
        self.expression(value)
    }
}
