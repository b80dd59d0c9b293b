//! A caller's attributes on their way into a statement: what every engine's `bind.rs` shares.

use std::fmt;

use crate::value::Value;

/// Digits that a double keeps whatever they are (`DBL_DIG` of C).
const DOUBLE_DIGITS: usize = 15;

/// A value of a kind that the engine has no parameter for. Says the kind and never the value.
#[derive(Debug)]
pub(super) struct Unbound(&'static str);

impl Unbound {
    /// That `value` cannot be bound.
    pub(super) fn new(value: &Value) -> Self {
        Self(match value {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Int(_) | Value::UInt(_) => "a whole number of this size",
            Value::Float(_) => "a floating-point number",
            Value::Decimal(_) => "a decimal number of this size",
            Value::Text(_) => "a text",
            Value::Bytes(_) => "bytes",
            Value::Date(_) => "a date",
            Value::Time(_) => "a time",
            Value::DateTime(_) => "a date with a time",
            Value::DateTimeTz(_) => "a date with a time and a zone",
            Value::Interval(_) => "a duration",
            Value::Uuid(_) => "a UUID",
            Value::Json(_) => "JSON",
            Value::Array(_) => "a list within a list",
            Value::Tuple(_) => "a tuple",
        })
    }
}

impl fmt::Display for Unbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an attribute of the caller is {}, which this database takes for no parameter", self.0)
    }
}

impl std::error::Error for Unbound {}

/// A decimal number as the number that an engine without decimal parameters compares alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Whole(i64),
    Double(f64),
}

impl Number {
    /// The number that `digits` spell; `None` where a double would be another one.
    pub(super) fn of(digits: &str) -> Option<Self> {
        if let Ok(whole) = digits.parse() {
            return Some(Self::Whole(whole));
        }
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
        let count = digits.bytes().filter(u8::is_ascii_digit).count();
        let number = (plain && count <= DOUBLE_DIGITS).then(|| digits.parse()).and_then(Result::ok)?;
        Some(Self::Double(number))
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn a_decimal_is_a_double_only_where_no_digit_is_lost() {
        assert_eq!(Number::of("-12"), Some(Number::Whole(-12)));
        assert_eq!(Number::of("10.50"), Some(Number::Double(10.5)));
        for digits in ["0.1234567890123456", "99999999999999999999", "NaN", "1e3"] {
            assert_eq!(Number::of(digits), None, "{digits}");
        }
    }
}
