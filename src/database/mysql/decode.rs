//! MySQL's and MariaDB's binary values as [`Value`]s. The way is chosen once for a column.

mod time;

use sqlx::mysql::MySqlTypeInfo;
use sqlx::{MySql, Type, TypeInfo as _};

use crate::value::Value;

/// How the cells of one column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoder {
    /// `TINYINT(1)`, which is how `BOOLEAN` is stored: 0 and 1 are truths, other numbers numbers.
    Bool,
    Int,
    UInt,
    Float,
    Double,
    Decimal,
    /// A `BIT` of up to 64, as a number.
    Bits,
    Text,
    Bytes,
    Date,
    Time,
    DateTime,
    Timestamp,
    Json,
}

impl Decoder {
    /// The decoder of a type.
    pub(super) fn of(info: &MySqlTypeInfo) -> Self {
        let unsigned = <u64 as Type<MySql>>::compatible(info);
        match info.name() {
            "BOOLEAN" => Self::Bool,
            "FLOAT" => Self::Float,
            "DOUBLE" => Self::Double,
            "DECIMAL" => Self::Decimal,
            "BIT" => Self::Bits,
            "YEAR" => Self::UInt,
            "DATE" => Self::Date,
            "TIME" => Self::Time,
            "DATETIME" => Self::DateTime,
            "TIMESTAMP" => Self::Timestamp,
            "JSON" => Self::Json,
            "ENUM" | "SET" => Self::Text,
            "GEOMETRY" => Self::Bytes,
            name if name.contains("INT") && !name.contains("TEXT") => {
                if unsigned {
                    Self::UInt
                } else {
                    Self::Int
                }
            }
            // The name follows a flag that MariaDB also sets for text in a binary collation; the
            // collation itself is right.
            _ if <str as Type<MySql>>::compatible(info) => Self::Text,
            _ => Self::Bytes,
        }
    }

    /// The value of one cell, or `None` when the bytes are not what the type promises.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Self::Bool => match *bytes {
                [0] => Value::Bool(false),
                [1] => Value::Bool(true),
                _ => Value::Int(signed(bytes)?),
            },
            Self::Int => Value::Int(signed(bytes)?),
            Self::UInt => {
                let number = unsigned(bytes)?;
                // Only what does not fit needs the wider type.
                i64::try_from(number).map_or(Value::UInt(number), Value::Int)
            }
            Self::Float => Value::Float(float(f32::from_le_bytes(bytes.try_into().ok()?))),
            Self::Double => Value::Float(f64::from_le_bytes(bytes.try_into().ok()?)),
            Self::Decimal => Value::Decimal(std::str::from_utf8(bytes).ok()?.into()),
            Self::Bits => {
                let number =
                    bytes.iter().try_fold(0_u64, |bits, byte| Some(bits.checked_mul(256)? + u64::from(*byte)))?;
                i64::try_from(number).map_or(Value::UInt(number), Value::Int)
            }
            Self::Text => text(bytes),
            Self::Bytes => Value::Bytes(bytes.into()),
            Self::Date => time::date(bytes)?,
            Self::Time => time::time(bytes)?,
            Self::DateTime => time::date_time(bytes, false)?,
            Self::Timestamp => time::date_time(bytes, true)?,
            Self::Json => {
                serde_json::from_slice(bytes).map_or_else(|_| text(bytes), |json| Value::Json(Box::new(json)))
            }
        })
    }
}

/// Little-endian, as wide as the type.
fn signed(bytes: &[u8]) -> Option<i64> {
    Some(match bytes.len() {
        1 => i8::from_le_bytes(bytes.try_into().ok()?).into(),
        2 => i16::from_le_bytes(bytes.try_into().ok()?).into(),
        4 => i32::from_le_bytes(bytes.try_into().ok()?).into(),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    Some(match bytes.len() {
        1 => u8::from_le_bytes(bytes.try_into().ok()?).into(),
        2 => u16::from_le_bytes(bytes.try_into().ok()?).into(),
        4 => u32::from_le_bytes(bytes.try_into().ok()?).into(),
        _ => u64::from_le_bytes(bytes.try_into().ok()?),
    })
}

/// The double that prints like the `FLOAT`: 1.1 stays 1.1 and does not become 1.10000002384.
fn float(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

/// What the server did not transcode shows as `U+FFFD`.
fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Text(String::from_utf8_lossy(bytes).into()),
    }
}
