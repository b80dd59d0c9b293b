//! A cell of a DBAPI driver as the core's value, nothing rounded and nothing lost.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDate, PyDateTime, PyDelta, PyDict, PyFloat, PyInt, PyList, PyMemoryView, PyString,
    PyTime, PyTuple, PyTzInfoAccess as _,
};
use uuid::Uuid;

use super::super::convert;
use crate::value::Value;

/// The value of one cell. What is of no type that databases have comes as its text.
pub(super) fn value(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    // The most frequent first.
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(text.extract::<&str>().map_or_else(|_| lossy(text), Value::from));
    }
    if let Ok(truth) = given.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if given.is_instance_of::<PyInt>() {
        return Ok(match (given.extract::<i64>(), given.extract::<u64>()) {
            (Ok(number), _) => Value::Int(number),
            (Err(_), Ok(number)) => Value::UInt(number),
            (Err(_), Err(_)) => Value::Decimal(given.str()?.to_string().into()),
        });
    }
    if given.is_none() {
        return Ok(Value::Null);
    }
    if given.is_instance_of::<PyFloat>() {
        return Ok(Value::Float(given.extract()?));
    }
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(Value::Bytes(bytes.as_bytes().into()));
    }
    other(given)
}

fn other(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = given.py();
    if given.is_instance_of::<PyMemoryView>() || given.is_instance_of::<PyByteArray>() {
        let bytes = given.call_method0("__bytes__").or_else(|_| given.call_method0("tobytes"))?;
        return Ok(Value::Bytes(bytes.cast::<PyBytes>()?.as_bytes().into()));
    }
    if let Ok(moment) = given.cast::<PyDateTime>() {
        return Ok(if moment.get_tzinfo().is_some() {
            Value::DateTimeTz(Box::new(given.extract::<DateTime<FixedOffset>>()?))
        } else {
            Value::DateTime(given.extract::<NaiveDateTime>()?)
        });
    }
    if given.is_instance_of::<PyDate>() {
        return Ok(Value::Date(given.extract::<NaiveDate>()?));
    }
    if given.is_instance_of::<PyTime>() {
        return Ok(Value::Time(given.extract::<NaiveTime>()?));
    }
    if given.is_instance_of::<PyDelta>() {
        let span: TimeDelta = given.extract()?;
        return Ok(span.num_microseconds().map_or_else(|| Value::from(span.to_string()), Value::Interval));
    }
    if given.is_instance(&py.import("decimal")?.getattr("Decimal")?)? {
        let finite: bool = given.call_method0("is_finite")?.extract()?;
        let digits = if finite { given.call_method1("__format__", ("f",))? } else { given.str()?.into_any() };
        return Ok(Value::Decimal(digits.extract::<String>()?.into()));
    }
    if given.is_instance(&py.import("uuid")?.getattr("UUID")?)? {
        return Ok(Value::Uuid(Box::new(given.extract::<Uuid>()?)));
    }
    if given.is_instance_of::<PyList>() {
        return Ok(Value::Array(values(given)?));
    }
    if given.is_instance_of::<PyTuple>() {
        return Ok(Value::Tuple(values(given)?));
    }
    if given.is_instance_of::<PyDict>() {
        return Ok(Value::Json(Box::new(convert::document(given)?)));
    }
    Ok(Value::from(given.str()?.to_string()))
}

fn values(given: &Bound<'_, PyAny>) -> PyResult<Box<[Value]>> {
    given.try_iter()?.map(|item| value(&item?)).collect()
}

/// A text that holds half a surrogate pair.
fn lossy(text: &Bound<'_, PyString>) -> Value {
    Value::from(text.to_string_lossy().into_owned())
}
