//! One cell as it reads in a sentence.

use std::fmt;

use chrono::NaiveDate;

use crate::config::Locale;
use crate::value::Value;

/// Longest text of one cell in a sentence, in characters.
const LONGEST_TEXT: usize = 120;

/// A cell of the column `name`, as it reads in a sentence.
pub(super) fn write<'a>(name: &str, value: &'a Value, locale: Locale) -> Written<'a> {
    Written { value, grouped: !counts_nothing(name), locale, whole: false }
}

/// A cell with all that is in it, in no region's way.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Decimal(digits) => digits.to_string(),
        value => Written { value, grouped: false, locale: Locale::default(), whole: true }.to_string(),
    }
}

/// The day that a cell holds.
pub(super) fn day(value: &Value) -> Option<NaiveDate> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(time) => Some(time.date()),
        Value::DateTimeTz(time) => Some(time.date_naive()),
        _ => None,
    }
}

/// A column's name in words: `total_amount` reads `total amount`.
pub(super) fn label(name: &str) -> String {
    name.replace('_', " ")
}

/// Whether the column's numbers name things instead of counting them, so that no comma belongs in.
fn counts_nothing(name: &str) -> bool {
    name.to_ascii_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| {
        matches!(word, "id" | "year" | "code" | "number" | "no" | "zip" | "postcode" | "phone" | "sku" | "isbn")
    })
}

#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    value: &'a Value,
    grouped: bool,
    locale: Locale,
    /// Whether long texts are shown to their end.
    whole: bool,
}

impl Written<'_> {
    fn number(&self, f: &mut fmt::Formatter<'_>, digits: &str) -> fmt::Result {
        f.write_str(&self.locale.written(digits, self.grouped))
    }

    fn text(&self, f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
        if self.whole { f.write_str(text) } else { f.write_str(&cut(text)) }
    }
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Value::Null => f.write_str("nothing"),
            Value::Bool(true) => f.write_str("yes"),
            Value::Bool(false) => f.write_str("no"),
            Value::Int(number) => self.number(f, &number.to_string()),
            Value::UInt(number) => self.number(f, &number.to_string()),
            Value::Float(number) => self.number(f, &rounded(*number)),
            Value::Decimal(digits) => self.number(f, &shortened(digits)),
            Value::Text(text) => self.text(f, text),
            Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Value::Date(date) => f.write_str(&self.locale.date(*date)),
            Value::Time(time) => write!(f, "{time}"),
            Value::DateTime(time) => write!(f, "{} {}", self.locale.date(time.date()), time.time()),
            Value::DateTimeTz(time) if self.locale.has_iso_dates() => f.write_str(&time.to_rfc3339()),
            Value::DateTimeTz(time) => {
                write!(f, "{} {} {}", self.locale.date(time.date_naive()), time.time(), time.offset())
            }
            Value::Interval(microseconds) => {
                write!(f, "{}", chrono::TimeDelta::microseconds(*microseconds))
            }
            Value::Uuid(uuid) => write!(f, "{uuid}"),
            Value::Json(json) => self.text(f, &json.to_string()),
            Value::Array(items) | Value::Tuple(items) => {
                let shown: Vec<String> = items.iter().map(|value| Written { value, ..*self }.to_string()).collect();
                self.text(f, &shown.join(", "))
            }
        }
    }
}

/// A double to two places, or to four digits that count when it is below one.
fn rounded(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let places = if number == 0.0 || number.abs() >= 1.0 {
        2
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 4 and 328")]
        let leading = (-number.abs().log10()).floor() as usize;
        leading + 4
    };
    let text = format!("{number:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Exact digits, but a fraction longer than four places (an average's) is rounded to two.
fn shortened(digits: &str) -> String {
    match (digits.split_once('.'), digits.parse::<f64>()) {
        (Some((_, fraction)), Ok(number)) if fraction.len() > 4 => rounded(number),
        _ => digits.to_owned(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        // Half a number would be another one.
        Some((end, _)) => format!("{}…", text[..end].trim_end_matches(|letter: char| letter.is_ascii_digit())),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{rounded, shortened};

    #[test]
    fn doubles_are_rounded_to_what_reads_well() {
        for (number, expected) in
            [(0.0, "0"), (4.0, "4"), (4.039_999, "4.04"), (0.001_234_56, "0.001235"), (-1.5, "-1.5")]
        {
            assert_eq!(rounded(number), expected);
        }
    }

    #[test]
    fn only_long_fractions_are_shortened() {
        assert_eq!(shortened("10.50"), "10.50");
        assert_eq!(shortened("4.0333333333333333"), "4.03");
    }
}
