//! Rows of a result as a chart.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};
use uuid::Uuid;

use super::convert;
use super::error::raise;
use crate::answer::chart::{MOST_ROWS, Wish, chart as draw};
use crate::database::{ResultColumn, Rows};
use crate::value::Value;

/// A chart of these rows, as `{"kind", "x", "y", "series", "title", "specification"}`.
#[pyfunction]
#[pyo3(signature = (columns, rows, *, truncated=false, kind=None, x=None, y=None, series=None))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
pub(super) fn chart<'py>(
    py: Python<'py>,
    columns: Vec<String>,
    rows: &Bound<'py, PyList>,
    truncated: bool,
    kind: Option<&str>,
    x: Option<&str>,
    y: Option<&str>,
    series: Option<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    let total = rows.len();
    let mut cells = Vec::with_capacity(total.min(MOST_ROWS) * columns.len());
    for row in rows.iter().take(MOST_ROWS) {
        let before = cells.len();
        for cell in row.try_iter()? {
            cells.push(value(&cell?)?);
        }
        // A row that somebody made by hand may be short; the others stay where they belong.
        cells.resize(before + columns.len(), Value::Null);
    }
    let columns = columns.into_iter().map(|name| ResultColumn { name, type_name: String::new() }).collect();
    let rows = Rows { columns, cells, truncated, ..Rows::default() };
    let wish = Wish { form: kind, x, y, series };
    let drawn = py.detach(|| draw(&rows, total, &wish)).map_err(|error| raise(py, &error))?;
    let dictionary = PyDict::new(py);
    dictionary.set_item("kind", drawn.form.as_str())?;
    dictionary.set_item("x", drawn.x)?;
    dictionary.set_item("y", drawn.y)?;
    dictionary.set_item("series", drawn.series)?;
    dictionary.set_item("title", drawn.title)?;
    dictionary.set_item("specification", convert::json(py, &drawn.specification)?)?;
    Ok(dictionary)
}

/// The cell that `convert` made this value from, as far as a chart needs to know.
fn value(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    if given.is_none() {
        return Ok(Value::Null);
    }
    // A truth value is an integer, a date-time is a date: the narrower type is asked for first.
    if given.is_instance_of::<PyBool>() {
        return Ok(Value::Bool(given.extract()?));
    }
    if given.is_instance_of::<PyInt>() {
        return match given.extract::<i64>() {
            Ok(number) => Ok(Value::Int(number)),
            Err(_) => Ok(Value::Decimal(given.str()?.to_string().into())),
        };
    }
    if given.is_instance_of::<PyFloat>() {
        return Ok(Value::Float(given.extract()?));
    }
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Value::from(text.to_string_lossy().into_owned()));
    }
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(Value::Bytes(bytes.as_bytes().into()));
    }
    let kind = given.get_type().name()?.to_string();
    Ok(match kind.as_str() {
        "Decimal" => Value::Decimal(given.str()?.to_string().into()),
        "datetime" => match given.extract::<DateTime<FixedOffset>>() {
            Ok(moment) => Value::DateTimeTz(Box::new(moment)),
            Err(_) => Value::DateTime(given.extract::<NaiveDateTime>()?),
        },
        "date" => Value::Date(given.extract::<NaiveDate>()?),
        "time" => Value::Time(given.extract::<NaiveTime>()?),
        "timedelta" => Value::Interval(given.extract::<TimeDelta>()?.num_microseconds().unwrap_or(i64::MAX)),
        "UUID" => Value::Uuid(Box::new(given.extract::<Uuid>()?)),
        // Documents and lists are not drawn; a table shows them as Python writes them.
        _ => Value::Json(Box::new(convert::document(given).unwrap_or_else(|_| given.to_string().into()))),
    })
}
