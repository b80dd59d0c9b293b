//! PostgreSQL's binary values as [`Value`]s. The way is chosen once for a column.

pub(in crate::database) mod catalogue;
mod network;
mod number;
mod time;

use sqlx::TypeInfo as _;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};
use uuid::Uuid;

use crate::value::Value;

/// How the cells of one column are read.
#[derive(Clone, Debug)]
pub(in crate::database) enum Decoder {
    Bool,
    Int2,
    Int4,
    Int8,
    UInt4,
    UInt8,
    Float4,
    Float8,
    Numeric,
    Text,
    /// `"char"`, one byte.
    Char,
    Bytes,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Interval,
    Uuid,
    Json,
    Jsonb,
    Network,
    MacAddress,
    Bits,
    Void,
    Array(Box<Decoder>),
    Composite(Box<[Decoder]>),
    Range(Box<Decoder>),
}

impl Decoder {
    /// The decoder of a type, or `None` when its cells have to come as text.
    pub(super) fn of(info: &PgTypeInfo) -> Option<Self> {
        if let Some(decoder) = info.oid().and_then(|oid| Self::of_builtin(oid.0)) {
            return Some(decoder);
        }
        match info.kind() {
            PgTypeKind::Enum(_) => Some(Self::Text),
            PgTypeKind::Domain(base) => Self::of(base),
            PgTypeKind::Array(element) => Some(Self::Array(Box::new(Self::of(element)?))),
            PgTypeKind::Range(bound) => Some(Self::Range(Box::new(Self::of(bound)?))),
            PgTypeKind::Composite(fields) => {
                fields.iter().map(|(_name, field)| Self::of(field)).collect::<Option<Box<[_]>>>().map(Self::Composite)
            }
            // The extension's type has no fixed number; what it sends is the text itself.
            PgTypeKind::Simple if matches!(info.name().rsplit('.').next(), Some("citext" | "CITEXT")) => {
                Some(Self::Text)
            }
            PgTypeKind::Simple | PgTypeKind::Pseudo => None,
        }
    }

    /// By the numbers of `pg_type.dat`, which never change.
    fn of_builtin(oid: u32) -> Option<Self> {
        Some(match oid {
            16 => Self::Bool,
            17 => Self::Bytes,
            18 => Self::Char,
            // name, text, xml, unknown, bpchar, varchar
            19 | 25 | 142 | 705 | 1042 | 1043 => Self::Text,
            20 => Self::Int8,
            21 => Self::Int2,
            23 => Self::Int4,
            // oid, xid, cid
            26 | 28 | 29 => Self::UInt4,
            114 => Self::Json,
            // cidr, inet
            650 | 869 => Self::Network,
            700 => Self::Float4,
            701 => Self::Float8,
            // macaddr8, macaddr
            774 | 829 => Self::MacAddress,
            1082 => Self::Date,
            1083 => Self::Time,
            1114 => Self::Timestamp,
            1184 => Self::TimestampTz,
            1186 => Self::Interval,
            1266 => Self::TimeTz,
            // bit, varbit
            1560 | 1562 => Self::Bits,
            1700 => Self::Numeric,
            2278 => Self::Void,
            2950 => Self::Uuid,
            3802 => Self::Jsonb,
            // xid8
            5069 => Self::UInt8,
            _ => return None,
        })
    }

    /// The value of one cell, or `None` when the bytes are not what the type promises.
    pub(in crate::database) fn decode(&self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Self::Bool => Value::Bool(*bytes.first()? != 0),
            Self::Int2 => Value::Int(i16::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Int4 => Value::Int(i32::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Int8 => Value::Int(i64::from_be_bytes(bytes.try_into().ok()?)),
            Self::UInt4 => Value::Int(u32::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::UInt8 => Value::UInt(u64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Float4 => Value::Float(number::float4(f32::from_be_bytes(bytes.try_into().ok()?))),
            Self::Float8 => Value::Float(f64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Numeric => Value::Decimal(number::numeric(bytes)?.into_boxed_str()),
            Self::Text => text(bytes),
            Self::Char => text(bytes.split(|byte| *byte == 0).next()?),
            Self::Bytes => Value::Bytes(bytes.into()),
            Self::Date => time::date(bytes)?,
            Self::Time => time::time(bytes)?,
            Self::TimeTz => time::time_with_zone(bytes)?,
            Self::Timestamp => time::timestamp(bytes, false)?,
            Self::TimestampTz => time::timestamp(bytes, true)?,
            Self::Interval => time::interval(bytes)?,
            Self::Uuid => Value::Uuid(Box::new(Uuid::from_slice(bytes).ok()?)),
            Self::Json => json(bytes),
            // The first byte is the format's version, 1.
            Self::Jsonb => json(bytes.get(1..)?),
            Self::Network => network::address(bytes)?,
            Self::MacAddress => network::mac_address(bytes),
            Self::Bits => bits(bytes)?,
            Self::Void => Value::Null,
            Self::Array(element) => array(bytes, element)?,
            Self::Composite(fields) => composite(bytes, fields)?,
            Self::Range(bound) => range(bytes, bound)?,
        })
    }
}

/// Cuts the first `N` bytes off.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk()?;
    *bytes = tail;
    Some(*head)
}

fn take_i32(bytes: &mut &[u8]) -> Option<i32> {
    take(bytes).map(i32::from_be_bytes)
}

/// Cuts a value with its length before it off; a length of -1 is NULL.
fn take_value(bytes: &mut &[u8], decoder: &Decoder) -> Option<Value> {
    let length = take_i32(bytes)?;
    if length < 0 {
        return Some(Value::Null);
    }
    let (head, tail) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = tail;
    decoder.decode(head)
}

/// A database in `SQL_ASCII` may send bytes that are no UTF-8: they show as `U+FFFD`.
fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Text(String::from_utf8_lossy(bytes).into()),
    }
}

/// Text where the document nests deeper than the reader goes.
fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).map_or_else(|_| text(bytes), |json| Value::Json(Box::new(json)))
}

fn bits(mut bytes: &[u8]) -> Option<Value> {
    let length = usize::try_from(take_i32(&mut bytes)?).ok()?;
    let bit = |index: usize| Some(if bytes.get(index / 8)? >> (7 - index % 8) & 1 == 1 { '1' } else { '0' });
    (0..length).map(bit).collect::<Option<String>>().map(Value::from)
}

fn array(mut bytes: &[u8], element: &Decoder) -> Option<Value> {
    let dimensions = take_i32(&mut bytes)?;
    let (_has_nulls, _element_type) = (take_i32(&mut bytes)?, take_i32(&mut bytes)?);
    let mut lengths = Vec::new();
    for _dimension in 0..dimensions {
        lengths.push(usize::try_from(take_i32(&mut bytes)?).ok()?);
        let _lower_bound = take_i32(&mut bytes)?;
    }
    match lengths.as_slice() {
        [] => Some(Value::Array(Box::default())),
        lengths => nested(&mut bytes, element, lengths),
    }
}

fn nested(bytes: &mut &[u8], element: &Decoder, lengths: &[usize]) -> Option<Value> {
    let Some((length, inner)) = lengths.split_first() else { return take_value(bytes, element) };
    (0..*length).map(|_index| nested(bytes, element, inner)).collect::<Option<Box<[_]>>>().map(Value::Array)
}

fn composite(mut bytes: &[u8], fields: &[Decoder]) -> Option<Value> {
    let count = usize::try_from(take_i32(&mut bytes)?).ok()?;
    if count != fields.len() {
        return None;
    }
    let field = |decoder| {
        let _type = take_i32(&mut bytes)?;
        take_value(&mut bytes, decoder)
    };
    fields.iter().map(field).collect::<Option<Box<[_]>>>().map(Value::Tuple)
}

/// The flags of `rangetypes.h`.
fn range(mut bytes: &[u8], bound: &Decoder) -> Option<Value> {
    const EMPTY: u8 = 0x01;
    const LOWER_INCLUSIVE: u8 = 0x02;
    const UPPER_INCLUSIVE: u8 = 0x04;
    const LOWER_INFINITE: u8 = 0x08;
    const UPPER_INFINITE: u8 = 0x10;
    let [flags] = take(&mut bytes)?;
    if flags & EMPTY != 0 {
        return Some(Value::Tuple(Box::new([Value::Null, Value::Null, Value::from("empty")])));
    }
    let mut end = |infinite: u8| {
        if flags & infinite == 0 { take_value(&mut bytes, bound) } else { Some(Value::Null) }
    };
    let (lower, upper) = (end(LOWER_INFINITE)?, end(UPPER_INFINITE)?);
    let bounds = match (flags & LOWER_INCLUSIVE != 0, flags & UPPER_INCLUSIVE != 0) {
        (true, true) => "[]",
        (true, false) => "[)",
        (false, true) => "(]",
        (false, false) => "()",
    };
    Some(Value::Tuple(Box::new([lower, upper, Value::from(bounds)])))
}
