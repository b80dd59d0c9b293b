//! One cell as it reads in a sentence.

use std::fmt;

use crate::value::Value;

/// Longest text of one cell in a sentence, in characters.
const LONGEST_TEXT: usize = 120;

/// A cell of the column `name`, as it reads in a sentence.
pub(super) fn write<'a>(name: &str, value: &'a Value) -> Written<'a> {
    Written { value, grouped: !counts_nothing(name) }
}

/// A column's name in words: `total_amount` reads `total amount`.
pub(super) fn label(name: &str) -> String {
    name.replace('_', " ")
}

/// `digits` with a comma between groups of three; a sign and a fraction stay.
pub(super) fn grouped(digits: &str) -> String {
    let (sign, rest) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.to_owned();
    }
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Whether the column's numbers name things instead of counting them, so that no comma belongs in.
fn counts_nothing(name: &str) -> bool {
    name.to_ascii_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| {
        matches!(word, "id" | "year" | "code" | "number" | "no" | "zip" | "postcode" | "phone" | "sku" | "isbn")
    })
}

pub(super) struct Written<'a> {
    value: &'a Value,
    grouped: bool,
}

impl Written<'_> {
    fn number(&self, f: &mut fmt::Formatter<'_>, digits: &str) -> fmt::Result {
        if self.grouped { f.write_str(&grouped(digits)) } else { f.write_str(digits) }
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
            Value::Text(text) => f.write_str(&cut(text)),
            Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Value::Date(date) => write!(f, "{date}"),
            Value::Time(time) => write!(f, "{time}"),
            Value::DateTime(time) => write!(f, "{time}"),
            Value::DateTimeTz(time) => write!(f, "{}", time.to_rfc3339()),
            Value::Interval(microseconds) => {
                write!(f, "{}", chrono::TimeDelta::microseconds(*microseconds))
            }
            Value::Uuid(uuid) => write!(f, "{uuid}"),
            Value::Json(json) => f.write_str(&cut(&json.to_string())),
            Value::Array(items) | Value::Tuple(items) => {
                let shown: Vec<String> =
                    items.iter().map(|value| Written { value, grouped: self.grouped }.to_string()).collect();
                f.write_str(&cut(&shown.join(", ")))
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
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, rounded, shortened};

    #[test]
    fn groups_of_three() {
        for (digits, expected) in
            [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.5", "-1,234,567.5"), ("NaN", "NaN")]
        {
            assert_eq!(grouped(digits), expected);
        }
    }

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
