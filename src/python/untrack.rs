//! Rows that Python's cycle collector need not look at.
#![expect(unsafe_code, reason = "one call into the stable C interface that pyo3 does not wrap")]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::value::Value;

/// Whether the Python object of this value holds no others, so that no cycle can lead through it.
pub(super) fn is_flat(value: &Value) -> bool {
    match value {
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Float(_)
        | Value::Decimal(_)
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::DateTime(_)
        | Value::DateTimeTz(_)
        | Value::Interval(_) => true,
        Value::Uuid(_) | Value::Json(_) | Value::Array(_) | Value::Tuple(_) => false,
    }
}

/// Takes a new tuple of flat values out of the collector's lists, as the collector itself does when it
/// first meets one. Walking a hundred thousand rows to find that out costs a tenth of making them.
pub(super) fn untrack(tuple: &Bound<'_, PyTuple>) {
    // SAFETY: the tuple is alive and the interpreter attached; untracking is allowed at any time and
    // more than once. What it holds is flat, so it can never be part of a cycle.
    unsafe { ffi::PyObject_GC_UnTrack(tuple.as_ptr().cast()) }
}
