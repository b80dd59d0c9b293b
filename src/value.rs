//! One cell of a result: exact, never turned into text on the way.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

/// A cell. Each variant has one native Python value, named behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// `None`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `int`, for unsigned 64-bit columns
    UInt(u64),
    /// `float`
    #[serde(with = "bits")]
    Float(f64),
    /// `decimal.Decimal`, as the digits the server sent (also `NaN`, `Infinity`)
    Decimal(Box<str>),
    /// `str`
    Text(Box<str>),
    /// `bytes`
    Bytes(Box<[u8]>),
    /// `datetime.date`
    Date(NaiveDate),
    /// `datetime.time`
    Time(NaiveTime),
    /// naive `datetime.datetime`
    DateTime(NaiveDateTime),
    /// aware `datetime.datetime`
    DateTimeTz(Box<DateTime<FixedOffset>>),
    /// `datetime.timedelta`, in microseconds
    Interval(i64),
    /// `uuid.UUID`
    Uuid(Box<Uuid>),
    /// `dict`, `list` or a scalar of JSON
    Json(Box<Json>),
    /// `list`, for arrays; may nest
    Array(Box<[Value]>),
    /// `tuple`, for composite values and ranges (`(lower, upper, "[)")`)
    Tuple(Box<[Value]>),
}

/// A floating-point number by its bits: JSON has no infinity, and its decimal form may come back as another number.
mod bits {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde wants")]
    pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        number.to_bits().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}

impl Value {
    /// The bytes it holds beyond its own size, for the byte cap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::UInt(_)
            | Self::Float(_)
            | Self::Date(_)
            | Self::Time(_)
            | Self::DateTime(_)
            | Self::Interval(_) => 0,
            Self::Decimal(text) | Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::DateTimeTz(_) | Self::Uuid(_) => 16,
            Self::Json(json) => json_bytes(json),
            Self::Array(items) | Self::Tuple(items) => {
                items.iter().map(|item| size_of::<Self>() + item.heap_bytes()).sum()
            }
        }
    }

    /// The number it stands for, where it is one. Loses digits beyond a double's.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "the doc comment says so")]
            Self::Int(number) => Some(*number as f64),
            #[expect(clippy::cast_precision_loss, reason = "the doc comment says so")]
            Self::UInt(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Decimal(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The text it holds, where it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn json_bytes(json: &Json) -> usize {
    size_of::<Json>()
        + match json {
            Json::Null | Json::Bool(_) | Json::Number(_) => 0,
            Json::String(text) => text.len(),
            Json::Array(items) => items.iter().map(json_bytes).sum(),
            Json::Object(members) => members.iter().map(|(key, value)| key.len() + json_bytes(value)).sum(),
        }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into_boxed_str())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
