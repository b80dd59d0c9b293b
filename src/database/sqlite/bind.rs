//! A caller's attributes as parameters `?`. SQLite has no types for dates and the like: they are texts
//! in the form that its own functions write.

use super::failure::Failure;
use super::statement::Statement;
use crate::database::parameter::{Number, Unbound};
use crate::error::{Code, Error, Result};
use crate::value::Value;

/// A value as SQLite takes it.
pub(in crate::database) enum Bound<'v> {
    Null,
    Integer(i64),
    Real(f64),
    Text(std::borrow::Cow<'v, str>),
}

/// Binds `parameters` in their order.
///
/// # Errors
/// [`Code::InvalidCaller`] for a value of a kind that SQLite cannot hold.
pub(super) fn bind(statement: &mut Statement<'_>, parameters: &[Value], fail: impl Fn(Failure) -> Error) -> Result<()> {
    for (place, value) in (1..).zip(parameters) {
        let bound = bound(value).ok_or_else(|| Error::new(Code::InvalidCaller, Unbound::new(value).to_string()))?;
        statement.bind(place, &bound).map_err(&fail)?;
    }
    Ok(())
}

pub(in crate::database) fn bound(value: &Value) -> Option<Bound<'_>> {
    Some(match value {
        Value::Null => Bound::Null,
        Value::Bool(truth) => Bound::Integer(i64::from(*truth)),
        Value::Int(number) => Bound::Integer(*number),
        Value::UInt(number) => Bound::Integer(i64::try_from(*number).ok()?),
        Value::Float(number) => Bound::Real(*number),
        Value::Decimal(digits) => match Number::of(digits)? {
            Number::Whole(number) => Bound::Integer(number),
            Number::Double(number) => Bound::Real(number),
        },
        Value::Text(text) => Bound::Text(text.as_ref().into()),
        Value::Date(date) => Bound::Text(date.to_string().into()),
        Value::DateTime(moment) => Bound::Text(moment.format("%Y-%m-%d %H:%M:%S%.f").to_string().into()),
        Value::Uuid(uuid) => Bound::Text(uuid.to_string().into()),
        // SQLite compares texts, and a zone can be written in many ways.
        Value::DateTimeTz(_)
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::Interval(_)
        | Value::Json(_)
        | Value::Array(_)
        | Value::Tuple(_) => return None,
    })
}
