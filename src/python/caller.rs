//! A `Caller` of Python as the core's. Messages name attributes and never hold a value.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDate, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyTzInfoAccess as _};
use uuid::Uuid;

use super::error::raise;
use crate::error::{Code, Error};
use crate::guard::Caller;
use crate::value::Value;

/// The caller that was given, if one was.
pub(super) fn read(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<Caller>>> {
    let Some(given) = given.filter(|given| !given.is_none()) else { return Ok(None) };
    let mut attributes = BTreeMap::new();
    for (name, value) in &given.getattr("attributes")?.cast_into::<PyDict>()? {
        let name: String = name.extract()?;
        let value = value_of(&value, true)?.ok_or_else(|| refuse(&name, &value))?;
        attributes.insert(name, value);
    }
    Ok(Some(Arc::new(Caller {
        id: given.getattr("id")?.extract()?,
        roles: given.getattr("roles")?.extract()?,
        attributes,
    })))
}

fn refuse(name: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let kind = value.get_type().name().map_or_else(|_| "object".to_owned(), |kind| kind.to_string());
    let message = format!("the caller's attribute `{name}` cannot be of type `{kind}`, or has no such value");
    raise(value.py(), &Error::new(Code::InvalidCaller, message))
}

/// The value that a statement can be given; `None` where there is no such value.
fn value_of(given: &Bound<'_, PyAny>, may_be_list: bool) -> PyResult<Option<Value>> {
    let py = given.py();
    if given.is_none() {
        return Ok(Some(Value::Null));
    }
    if let Ok(truth) = given.cast::<PyBool>() {
        return Ok(Some(Value::Bool(truth.is_true())));
    }
    if given.is_instance_of::<PyInt>() {
        return Ok(Some(match (given.extract::<i64>(), given.extract::<u64>()) {
            (Ok(number), _) => Value::Int(number),
            (Err(_), Ok(number)) => Value::UInt(number),
            (Err(_), Err(_)) => Value::Decimal(given.str()?.to_string().into()),
        }));
    }
    if given.is_instance_of::<PyFloat>() {
        let number: f64 = given.extract()?;
        return Ok(number.is_finite().then_some(Value::Float(number)));
    }
    if given.is_instance_of::<PyString>() {
        return Ok(given.extract::<String>().ok().map(Value::from));
    }
    if let Ok(moment) = given.cast::<PyDateTime>() {
        return Ok(Some(if moment.get_tzinfo().is_some() {
            Value::DateTimeTz(Box::new(given.extract::<DateTime<FixedOffset>>()?))
        } else {
            Value::DateTime(given.extract::<NaiveDateTime>()?)
        }));
    }
    if given.is_instance_of::<PyDate>() {
        return Ok(Some(Value::Date(given.extract::<NaiveDate>()?)));
    }
    if given.is_instance(&py.import("uuid")?.getattr("UUID")?)? {
        return Ok(Some(Value::Uuid(Box::new(given.extract::<Uuid>()?))));
    }
    if given.is_instance(&py.import("decimal")?.getattr("Decimal")?)? {
        if !given.call_method0("is_finite")?.extract::<bool>()? {
            return Ok(None);
        }
        let digits: String = given.call_method1("__format__", ("f",))?.extract()?;
        return Ok(Some(Value::Decimal(digits.into())));
    }
    if may_be_list && (given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>()) {
        let items = given.try_iter()?.map(|item| value_of(&item?, false)).collect::<PyResult<Option<Vec<Value>>>>()?;
        return Ok(items.map(|items| Value::Array(items.into())));
    }
    Ok(None)
}
