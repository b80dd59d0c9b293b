//! Rows and JSON as native Python values.
//!
//! A hundred thousand rows are a million small objects, so constructors are looked up once a
//! process and called with as few arguments as they take.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::database::Rows;
use crate::value::Value;

use super::error::invalid;
use super::untrack;

/// Python's constructors of the types that are not built in.
struct Constructors {
    decimal: Py<PyAny>,
    date: Py<PyAny>,
    time: Py<PyAny>,
    datetime: Py<PyAny>,
    timedelta: Py<PyAny>,
    timezone: Py<PyAny>,
    utc: Py<PyAny>,
    uuid: UuidParts,
}

/// What it takes to make a `uuid.UUID`, whose constructor is Python code.
struct UuidParts {
    class: Py<PyAny>,
    new: Py<PyAny>,
    set: Py<PyAny>,
    int: Py<PyString>,
    is_safe: Py<PyString>,
    unknown: Py<PyAny>,
}

static CONSTRUCTORS: PyOnceLock<Constructors> = PyOnceLock::new();

impl Constructors {
    fn get(py: Python<'_>) -> PyResult<&'static Self> {
        CONSTRUCTORS.get_or_try_init(py, || {
            let datetime = py.import("datetime")?;
            let of = |name: &str| datetime.getattr(name).map(Bound::unbind);
            Ok(Self {
                decimal: py.import("decimal")?.getattr("Decimal")?.unbind(),
                date: of("date")?,
                time: of("time")?,
                datetime: of("datetime")?,
                timedelta: of("timedelta")?,
                timezone: of("timezone")?,
                utc: datetime.getattr("timezone")?.getattr("utc")?.unbind(),
                uuid: UuidParts::get(py)?,
            })
        })
    }
}

impl UuidParts {
    fn get(py: Python<'_>) -> PyResult<Self> {
        let (uuid, object) = (py.import("uuid")?, py.import("builtins")?.getattr("object")?);
        Ok(Self {
            class: uuid.getattr("UUID")?.unbind(),
            new: object.getattr("__new__")?.unbind(),
            // The class forbids assignment; `object` does not know that.
            set: object.getattr("__setattr__")?.unbind(),
            int: PyString::intern(py, "int").unbind(),
            is_safe: PyString::intern(py, "is_safe").unbind(),
            unknown: uuid.getattr("SafeUUID")?.getattr("unknown")?.unbind(),
        })
    }
}

/// The rows as a list of tuples.
pub(super) fn rows<'py>(py: Python<'py>, rows: Rows) -> PyResult<Bound<'py, PyList>> {
    let width = rows.columns.len();
    if width == 0 {
        return Ok(PyList::empty(py));
    }
    let mut make = Maker { py, constructors: Constructors::get(py)?, zones: HashMap::new() };
    let count = rows.len();
    let mut cells = rows.cells.into_iter();
    let mut row: Vec<Bound<'py, PyAny>> = Vec::with_capacity(width);
    let mut tuples: Vec<Bound<'py, PyTuple>> = Vec::with_capacity(count);
    for _ in 0..count {
        let mut flat = true;
        for cell in cells.by_ref().take(width) {
            flat &= untrack::is_flat(&cell);
            row.push(make.value(cell)?);
        }
        let tuple = PyTuple::new(py, row.drain(..))?;
        if flat {
            untrack::untrack(&tuple);
        }
        tuples.push(tuple);
    }
    PyList::new(py, tuples)
}

/// Values one by one.
pub(super) fn values<'py>(py: Python<'py>, values: &[Value]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let mut make = Maker { py, constructors: Constructors::get(py)?, zones: HashMap::new() };
    values.iter().map(|value| make.value(value.clone())).collect()
}

struct Maker<'py> {
    py: Python<'py>,
    constructors: &'static Constructors,
    /// `timezone` objects by their offset in seconds; a result rarely has more than one.
    zones: HashMap<i32, Py<PyAny>>,
}

impl<'py> Maker<'py> {
    fn value(&mut self, value: Value) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        Ok(match value {
            Value::Null => py.None().into_bound(py),
            Value::Bool(truth) => truth.into_pyobject(py)?.to_owned().into_any(),
            Value::Int(number) => PyInt::new(py, number).into_any(),
            Value::UInt(number) => PyInt::new(py, number).into_any(),
            Value::Float(number) => PyFloat::new(py, number).into_any(),
            Value::Decimal(digits) => self.constructors.decimal.bind(py).call1((&*digits,))?,
            Value::Text(text) => PyString::new(py, &text).into_any(),
            Value::Bytes(bytes) => PyBytes::new(py, &bytes).into_any(),
            Value::Date(date) => self.date(date)?,
            Value::Time(time) => self.time(time)?,
            Value::DateTime(moment) => self.datetime(moment)?,
            Value::DateTimeTz(moment) => self.moment(&moment)?,
            Value::Interval(microseconds) => self.constructors.timedelta.bind(py).call1((0, 0, microseconds))?,
            Value::Uuid(uuid) => self.uuid(*uuid)?,
            Value::Json(json) => self::json(py, &json)?,
            Value::Array(items) => PyList::new(py, self.values(items)?)?.into_any(),
            Value::Tuple(items) => PyTuple::new(py, self.values(items)?)?.into_any(),
        })
    }

    fn values(&mut self, items: Box<[Value]>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        items.into_iter().map(|item| self.value(item)).collect()
    }

    /// Python's calendar ends with the years 1 and 9999; what lies beyond stays text.
    fn date(&self, date: NaiveDate) -> PyResult<Bound<'py, PyAny>> {
        let Some(day) = day(date) else { return Ok(PyString::new(self.py, &date.to_string()).into_any()) };
        self.constructors.date.bind(self.py).call1((PyBytes::new(self.py, &day),))
    }

    fn time(&self, time: NaiveTime) -> PyResult<Bound<'py, PyAny>> {
        self.constructors.time.bind(self.py).call1((PyBytes::new(self.py, &clock(time)),))
    }

    fn datetime(&self, moment: NaiveDateTime) -> PyResult<Bound<'py, PyAny>> {
        let Some(state) = state(moment) else { return Ok(PyString::new(self.py, &moment.to_string()).into_any()) };
        self.constructors.datetime.bind(self.py).call1((PyBytes::new(self.py, &state),))
    }

    fn moment(&mut self, moment: &DateTime<FixedOffset>) -> PyResult<Bound<'py, PyAny>> {
        let Some(state) = state(moment.naive_local()) else {
            return Ok(PyString::new(self.py, &moment.to_rfc3339()).into_any());
        };
        let zone = self.zone(moment.offset().local_minus_utc())?;
        self.constructors.datetime.bind(self.py).call1((PyBytes::new(self.py, &state), zone))
    }

    /// What `UUID(int=…)` does, without the Python code that looks at its six ways to be called: half
    /// of the time of a row with a key in it.
    fn uuid(&self, uuid: Uuid) -> PyResult<Bound<'py, PyAny>> {
        let (py, made) = (self.py, &self.constructors.uuid);
        let bare = made.new.bind(py).call1((&made.class,))?;
        made.set.bind(py).call1((&bare, &made.int, uuid.as_u128()))?;
        made.set.bind(py).call1((&bare, &made.is_safe, &made.unknown))?;
        Ok(bare)
    }

    fn zone(&mut self, offset: i32) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        if offset == 0 {
            return Ok(self.constructors.utc.bind(py).clone());
        }
        if let Some(zone) = self.zones.get(&offset) {
            return Ok(zone.bind(py).clone());
        }
        let delta = self.constructors.timedelta.bind(py).call1((0, offset))?;
        let zone = self.constructors.timezone.bind(py).call1((delta,))?;
        self.zones.insert(offset, zone.clone().unbind());
        Ok(zone)
    }
}

// The classes of `datetime` take their own pickled state as their first argument, which every version
// of Python reads and which is three times as fast as seven numbers: two bytes of year, then one each
// for month, day, hour, minute and second, and three of microseconds.

fn day(date: NaiveDate) -> Option<[u8; 4]> {
    let [high, low] = u16::try_from(date.year()).ok().filter(|year| (1..=9999).contains(year))?.to_be_bytes();
    Some([high, low, byte(date.month()), byte(date.day())])
}

fn clock(time: NaiveTime) -> [u8; 6] {
    // A leap second has more than a million microseconds in chrono and none in Python.
    let [_, high, middle, low] = (time.nanosecond() / 1_000).min(999_999).to_be_bytes();
    [byte(time.hour()), byte(time.minute()), byte(time.second()), high, middle, low]
}

fn state(moment: NaiveDateTime) -> Option<[u8; 10]> {
    let mut state = [0; 10];
    state[..4].copy_from_slice(&day(moment.date())?);
    state[4..].copy_from_slice(&clock(moment.time()));
    Some(state)
}

/// Months, days, hours, minutes and seconds are all below 60.
fn byte(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// JSON as `dict`, `list` and scalars.
pub(super) fn json<'py>(py: Python<'py>, json: &Json) -> PyResult<Bound<'py, PyAny>> {
    Ok(pythonize::pythonize(py, json)?)
}

/// `dict`, `list` and scalars as JSON.
pub(super) fn document(value: &Bound<'_, PyAny>) -> PyResult<Json> {
    Ok(pythonize::depythonize(value)?)
}

/// Keyword arguments as JSON. The message names the option and never its value.
pub(super) fn options(options: &Bound<'_, PyDict>) -> PyResult<Map<String, Json>> {
    let mut map = Map::with_capacity(options.len());
    for (name, value) in options {
        let name: String = name.extract()?;
        let value = pythonize::depythonize(&value).map_err(|_| {
            let kind = value.get_type().name().map_or_else(|_| "object".to_owned(), |kind| kind.to_string());
            invalid(options.py(), format!("`{name}` cannot be of type `{kind}`"))
        })?;
        map.insert(name, value);
    }
    Ok(map)
}
