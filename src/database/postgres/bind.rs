//! A caller's attributes as parameters `$1` and on, each of the type that its value has.

use chrono::Utc;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments as _, Encode, Postgres, Type};

use crate::database::parameter::Unbound;
use crate::value::Value;

/// Lets the server find the type, as it does for a literal `NULL`.
const UNSPECIFIED: Oid = Oid(0);
/// Each group of `numeric` holds four decimal digits.
const GROUP: usize = 4;

/// The types to prepare a statement with. The server compares a parameter as it does a column of that
/// type, so an attribute of another type than its column is an error and never a loose comparison.
pub(super) fn types(parameters: &[Value]) -> Vec<PgTypeInfo> {
    parameters.iter().map(type_of).collect()
}

/// The values to run a statement with that was prepared with [`types`].
pub(super) fn arguments(parameters: &[Value]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in parameters {
        arguments.add(Parameter(value)).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

struct Parameter<'v>(&'v Value);

impl Type<Postgres> for Parameter<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(UNSPECIFIED)
    }
}

impl Encode<'_, Postgres> for Parameter<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(truth) => Encode::<Postgres>::encode(*truth, buffer),
            Value::Int(number) => Encode::<Postgres>::encode(*number, buffer),
            Value::UInt(number) => numeric(&number.to_string(), buffer),
            Value::Float(number) => Encode::<Postgres>::encode(*number, buffer),
            Value::Decimal(digits) => numeric(digits, buffer),
            Value::Text(text) => Encode::<Postgres>::encode(&**text, buffer),
            Value::Date(date) => Encode::<Postgres>::encode(*date, buffer),
            Value::DateTime(moment) => Encode::<Postgres>::encode(*moment, buffer),
            Value::DateTimeTz(moment) => Encode::<Postgres>::encode(moment.with_timezone(&Utc), buffer),
            Value::Uuid(uuid) => Encode::<Postgres>::encode(**uuid, buffer),
            Value::Bytes(_)
            | Value::Time(_)
            | Value::Interval(_)
            | Value::Json(_)
            | Value::Array(_)
            | Value::Tuple(_) => Err(Unbound::new(self.0).into()),
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(type_of(self.0))
    }
}

fn type_of(value: &Value) -> PgTypeInfo {
    match value {
        Value::Bool(_) => <bool as Type<Postgres>>::type_info(),
        Value::Int(_) => <i64 as Type<Postgres>>::type_info(),
        Value::UInt(_) | Value::Decimal(_) => PgTypeInfo::with_name("numeric"),
        Value::Float(_) => <f64 as Type<Postgres>>::type_info(),
        Value::Text(_) => <str as Type<Postgres>>::type_info(),
        Value::Date(_) => <chrono::NaiveDate as Type<Postgres>>::type_info(),
        Value::DateTime(_) => <chrono::NaiveDateTime as Type<Postgres>>::type_info(),
        Value::DateTimeTz(_) => <chrono::DateTime<Utc> as Type<Postgres>>::type_info(),
        Value::Uuid(_) => <uuid::Uuid as Type<Postgres>>::type_info(),
        // Those that cannot be bound fail when they are written.
        Value::Null
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::Interval(_)
        | Value::Json(_)
        | Value::Array(_)
        | Value::Tuple(_) => PgTypeInfo::with_oid(UNSPECIFIED),
    }
}

/// Writes the wire format that `decode/number.rs` reads.
fn numeric(digits: &str, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
    let wrong = || BoxDynError::from(Unbound::new(&Value::Decimal(digits.into())));
    let (sign, rest) = digits.strip_prefix('-').map_or((0, digits), |rest| (0x4000_u16, rest));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    if whole.is_empty() || !(whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let before = "0".repeat(whole.len().next_multiple_of(GROUP) - whole.len());
    let after = "0".repeat(fraction.len().next_multiple_of(GROUP) - fraction.len());
    let padded = format!("{before}{whole}{fraction}{after}");
    let groups = u16::try_from(padded.len() / GROUP).map_err(|_| wrong())?;
    let weight = i16::try_from(whole.len().div_ceil(GROUP) - 1).map_err(|_| wrong())?;
    let scale = u16::try_from(fraction.len()).map_err(|_| wrong())?;
    buffer.extend_from_slice(&groups.to_be_bytes());
    buffer.extend_from_slice(&weight.to_be_bytes());
    buffer.extend_from_slice(&sign.to_be_bytes());
    buffer.extend_from_slice(&scale.to_be_bytes());
    for group in padded.as_bytes().chunks_exact(GROUP) {
        let group = group.iter().fold(0_u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        buffer.extend_from_slice(&group.to_be_bytes());
    }
    Ok(IsNull::No)
}
