//! What a MySQL driver gives as the [`Value`]s that connections of our own give.
//!
//! Drivers name the type of a column by the protocol's own number
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html>).

use crate::database::Header;
use crate::value::Value;

const TINY: i64 = 1;
const TIMESTAMP: i64 = 7;
const DATE: i64 = 10;
const DATETIME: i64 = 12;
const BIT: i64 = 16;
const JSON: i64 = 245;
const SET: i64 = 248;

/// The type's name as SQL writes it; empty for a number that is not known.
pub(super) fn type_name(header: &Header) -> String {
    let name = match header.type_code {
        Some(TINY) if header.width == Some(1) => "boolean",
        Some(TINY) => "tinyint",
        Some(2) => "smallint",
        Some(3) => "int",
        Some(4) => "float",
        Some(5) => "double",
        Some(6) => "null",
        Some(TIMESTAMP) => "timestamp",
        Some(8) => "bigint",
        Some(9) => "mediumint",
        Some(DATE | 14) => "date",
        Some(11) => "time",
        Some(DATETIME) => "datetime",
        Some(13) => "year",
        Some(15 | 253) => "varchar",
        Some(BIT) => "bit",
        Some(JSON) => "json",
        Some(0 | 246) => "decimal",
        Some(247) => "enum",
        Some(SET) => "set",
        Some(249..=252) => "text",
        Some(254) => "char",
        Some(255) => "geometry",
        _ => "",
    };
    name.to_owned()
}

/// The value of one cell.
pub(super) fn value(header: &Header, given: Value) -> Value {
    match (header.type_code, given) {
        // `TINYINT(1)`, which is how `BOOLEAN` is stored.
        (Some(TINY), Value::Int(number @ (0 | 1))) if header.width == Some(1) => Value::Bool(number == 1),
        // The session's time zone is UTC.
        (Some(TIMESTAMP), Value::DateTime(moment)) => Value::DateTimeTz(Box::new(moment.and_utc().fixed_offset())),
        (Some(DATE | DATETIME | TIMESTAMP), Value::Text(text)) if text.starts_with("0000-00-00") => Value::Null,
        (Some(BIT), Value::Bytes(bytes)) => bits(&bytes),
        (Some(JSON), Value::Text(text)) => {
            serde_json::from_str(&text).map_or(Value::Text(text), |json| Value::Json(Box::new(json)))
        }
        // Some drivers make a list of the members.
        (Some(SET), Value::Array(members)) => {
            let members: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
            Value::from(members.join(","))
        }
        (_, given) => given,
    }
}

/// A `BIT` of up to 64 as a number.
fn bits(bytes: &[u8]) -> Value {
    let number = bytes.iter().try_fold(0_u64, |bits, byte| Some(bits.checked_mul(256)? + u64::from(*byte)));
    number.map_or_else(
        || Value::Bytes(bytes.into()),
        |number| i64::try_from(number).map_or(Value::UInt(number), Value::Int),
    )
}
