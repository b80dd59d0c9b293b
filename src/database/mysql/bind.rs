//! A caller's attributes as parameters `?`, each of the type that its value has.

use chrono::Utc;
use sqlx::Arguments as _;
use sqlx::mysql::MySqlArguments;

use crate::database::parameter::{Number, Unbound};
use crate::value::Value;

/// The values to run a prepared statement with.
pub(super) fn arguments(parameters: &[Value]) -> Result<MySqlArguments, sqlx::Error> {
    let mut arguments = MySqlArguments::default();
    for value in parameters {
        let added = match value {
            Value::Null => arguments.add(Option::<i64>::None),
            Value::Bool(truth) => arguments.add(*truth),
            Value::Int(number) => arguments.add(*number),
            Value::UInt(number) => arguments.add(*number),
            Value::Float(number) => arguments.add(*number),
            // The protocol's decimal is compared as a text is: as a double.
            Value::Decimal(digits) => match Number::of(digits) {
                Some(Number::Whole(number)) => arguments.add(number),
                Some(Number::Double(number)) => arguments.add(number),
                None => Err(Unbound::new(value).into()),
            },
            Value::Text(text) => arguments.add(&**text),
            Value::Date(date) => arguments.add(*date),
            Value::DateTime(moment) => arguments.add(*moment),
            // The session's time zone is UTC.
            Value::DateTimeTz(moment) => arguments.add(moment.with_timezone(&Utc)),
            // How MariaDB's own type reads and what a `CHAR(36)` holds; sqlx would send 16 bytes.
            Value::Uuid(uuid) => arguments.add(uuid.to_string()),
            Value::Bytes(_)
            | Value::Time(_)
            | Value::Interval(_)
            | Value::Json(_)
            | Value::Array(_)
            | Value::Tuple(_) => Err(Unbound::new(value).into()),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
