//! From what SQLite stores to a [`Value`].
//!
//! SQLite stores integers, floats, text and blobs, whatever a column was declared as. A declared
//! type is believed only where the stored value says the same thing without loss: 0 and 1 in a
//! BOOLEAN, ISO 8601 text in a DATE, TIME or DATETIME, the canonical text of a UUID, JSON text.
//! A DECIMAL is what SQLite made of it, an integer or a float: its digits are gone before this.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value as Json;
use uuid::Uuid;

use super::statement::Cell;
use super::types;
use crate::schema::TypeClass;
use crate::value::Value;

/// How the cells of one column are read; decided once per column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::database) enum Decoder {
    Stored,
    Boolean,
    Date,
    Time,
    DateTime,
    Uuid,
    Json,
}

impl Decoder {
    /// The decoder of a column declared so.
    pub(super) fn of(declared: Option<&str>) -> Self {
        match types::class(declared) {
            TypeClass::Boolean => Self::Boolean,
            TypeClass::Date => Self::Date,
            TypeClass::Time => Self::Time,
            TypeClass::DateTime => Self::DateTime,
            TypeClass::Uuid => Self::Uuid,
            TypeClass::Json => Self::Json,
            _ => Self::Stored,
        }
    }

    /// The value of `cell`. Text that is not UTF-8 becomes bytes.
    pub(in crate::database) fn decode(self, cell: Cell<'_>) -> Value {
        match cell {
            Cell::Null => Value::Null,
            Cell::Integer(number @ (0 | 1)) if self == Self::Boolean => Value::Bool(number == 1),
            Cell::Integer(number) => Value::Int(number),
            Cell::Real(number) => Value::Float(number),
            Cell::Blob(bytes) => Value::Bytes(bytes.into()),
            Cell::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => self.upgrade(text).unwrap_or_else(|| Value::Text(text.into())),
                Err(_) => Value::Bytes(bytes.into()),
            },
        }
    }

    fn upgrade(self, text: &str) -> Option<Value> {
        match self {
            Self::Stored | Self::Boolean => None,
            Self::Date | Self::DateTime => moment(text),
            Self::Time => time(text).map(Value::Time),
            Self::Uuid => {
                let uuid = Uuid::try_parse(text).ok()?;
                (uuid.hyphenated().to_string() == text).then(|| Value::Uuid(Box::new(uuid)))
            }
            Self::Json => {
                let json = serde_json::from_str(text).ok()?;
                keeps_digits(&json).then(|| Value::Json(Box::new(json)))
            }
        }
    }
}

/// A date, or a date and a time with or without an offset, as ISO 8601 and SQLite write them.
fn moment(text: &str) -> Option<Value> {
    let date = date(text.get(..10)?)?;
    let Some(separator) = text.as_bytes().get(10) else { return Some(Value::Date(date)) };
    if !matches!(separator, b' ' | b'T') {
        return None;
    }
    let clock = text.get(11..)?;
    let Some(split) = clock.find(['Z', '+', '-']) else {
        return Some(Value::DateTime(NaiveDateTime::new(date, time(clock)?)));
    };
    let (clock, zone) = clock.split_at(split);
    let local = NaiveDateTime::new(date, time(clock.trim_end_matches(' '))?);
    let aware: DateTime<FixedOffset> = local.and_local_timezone(offset(zone)?).single()?;
    Some(Value::DateTimeTz(Box::new(aware)))
}

/// `YYYY-MM-DD` of the years that Python knows.
fn date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = digits(&bytes[..4]).filter(|year| *year >= 1)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, digits(&bytes[5..7])?, digits(&bytes[8..])?)
}

/// `HH:MM`, `HH:MM:SS` or with up to six digits of a second behind it: what Python can hold.
fn time(text: &str) -> Option<NaiveTime> {
    let bytes = text.as_bytes();
    let pair = |at: usize| digits(bytes.get(at..at + 2)?);
    let colon = |at: usize| bytes.get(at) == Some(&b':');
    if !colon(2) {
        return None;
    }
    let (hour, minute) = (pair(0)?, pair(3)?);
    if bytes.len() == 5 {
        return NaiveTime::from_hms_opt(hour, minute, 0);
    }
    let second = pair(6).filter(|_| colon(5))?;
    let micro = match bytes.get(8..)? {
        [] => 0,
        [b'.', fraction @ ..] if (1..=6).contains(&fraction.len()) => {
            (fraction.len()..6).fold(digits(fraction)?, |value, _| value * 10)
        }
        _ => return None,
    };
    (second < 60).then(|| NaiveTime::from_hms_micro_opt(hour, minute, second, micro)).flatten()
}

/// `Z`, `+HH:MM`, `+HHMM` or `+HH`.
fn offset(text: &str) -> Option<FixedOffset> {
    let bytes = text.as_bytes();
    let (hours, minutes) = match bytes {
        [b'Z'] => return FixedOffset::east_opt(0),
        [_, hours @ ..] if hours.len() == 2 => (digits(hours)?, 0),
        [_, rest @ ..] if rest.len() == 4 => (digits(&rest[..2])?, digits(&rest[2..])?),
        [_, rest @ ..] if rest.len() == 5 && rest[2] == b':' => (digits(&rest[..2])?, digits(&rest[3..])?),
        _ => return None,
    };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok().filter(|_| hours < 24 && minutes < 60)?;
    FixedOffset::east_opt(if bytes[0] == b'-' { -seconds } else { seconds })
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |value, byte| match byte {
        b'0'..=b'9' => value.checked_mul(10)?.checked_add(u32::from(byte - b'0')),
        _ => None,
    })
}

/// Whether no integer of the text was too large and became a float on the way.
fn keeps_digits(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.as_f64().is_none_or(|value| !number.is_f64() || value.abs() < 9.0e15),
        Json::Array(items) => items.iter().all(keeps_digits),
        Json::Object(members) => members.values().all(keeps_digits),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(declared: &str, stored: &str) -> Value {
        Decoder::of(Some(declared)).decode(Cell::Text(stored.as_bytes()))
    }

    #[test]
    fn a_declared_type_is_believed_only_without_loss() {
        for (declared, stored) in [
            ("DATE", "2024-02-30"),
            ("DATE", "0000-01-01"),
            ("DATE", "1/2/2024"),
            ("DATETIME", "2024-01-01 24:00"),
            ("DATETIME", "2024-01-01 10:00:00.1234567"),
            ("DATETIME", "2024-01-01 10:00:60"),
            ("DATETIME", "2024-01-0é 10:00"),
            ("DATETIME", "2024-01-01 10:00+25:00"),
            ("TIME", "7:30"),
            ("UUID", "not one"),
            ("UUID", "6F9619FF8B86D011B42D00C04FC964FF"),
            ("JSON", "{"),
            ("JSON", "[123456789012345678901234567890]"),
            ("BOOLEAN", "true"),
            ("DECIMAL(10,2)", "1.10"),
        ] {
            assert_eq!(text(declared, stored), Value::from(stored), "{declared} {stored}");
        }
    }

    #[test]
    fn iso_text_becomes_what_it_says() {
        assert_eq!(text("DATE", "2024-02-29").to_string_for_test(), "2024-02-29");
        assert_eq!(text("DATETIME", "2024-02-29").to_string_for_test(), "2024-02-29");
        assert_eq!(text("DATETIME", "2024-02-29 10:20").to_string_for_test(), "2024-02-29 10:20:00");
        assert_eq!(text("TIMESTAMP", "2024-02-29T10:20:30.25").to_string_for_test(), "2024-02-29 10:20:30.250");
        assert_eq!(text("TIMESTAMP", "2024-02-29 10:20:30Z").to_string_for_test(), "2024-02-29T10:20:30+00:00");
        assert_eq!(text("TIMESTAMP", "2024-02-29 10:20:30-0330").to_string_for_test(), "2024-02-29T10:20:30-03:30");
        assert_eq!(text("TIME", "23:59:59.000001").to_string_for_test(), "23:59:59.000001");
    }

    impl Value {
        fn to_string_for_test(&self) -> String {
            match self {
                Self::Date(value) => value.to_string(),
                Self::Time(value) => value.to_string(),
                Self::DateTime(value) => value.to_string(),
                Self::DateTimeTz(value) => value.to_rfc3339(),
                other => format!("{other:?}"),
            }
        }
    }

    #[test]
    fn numbers_blobs_and_broken_text_stay() {
        let decoder = Decoder::of(Some("BOOLEAN"));
        assert_eq!(decoder.decode(Cell::Integer(1)), Value::Bool(true));
        assert_eq!(decoder.decode(Cell::Integer(2)), Value::Int(2));
        assert_eq!(Decoder::of(Some("DATE")).decode(Cell::Integer(1_700_000_000)), Value::Int(1_700_000_000));
        assert_eq!(Decoder::of(None).decode(Cell::Text(&[0xff, b'a'])), Value::Bytes(Box::new([0xff, b'a'])));
        assert_eq!(Decoder::of(Some("JSON")).decode(Cell::Blob(b"{}")), Value::Bytes(b"{}"[..].into()));
    }
}
