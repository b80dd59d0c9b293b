//! The core's error as the Python exception of its code.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};

use crate::error::{Code, Error};

static EXCEPTIONS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

/// The exception for `error`, from `db_query_agent.exceptions`, with its attributes.
pub(super) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

fn build<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let exceptions =
        EXCEPTIONS.get_or_try_init(py, || py.import("db_query_agent.exceptions").map(Bound::unbind))?.bind(py);
    let attributes = PyDict::new(py);
    attributes.set_item("code", error.code().as_str())?;
    attributes.set_item("category", error.category().as_str())?;
    attributes.set_item("hint", error.hint())?;
    attributes.set_item("rule", error.rule())?;
    attributes.set_item("sql", error.sql())?;
    exceptions.getattr(error.code().exception())?.call((error.to_string(),), Some(&attributes))
}

/// An error about an argument that never reached the core.
pub(super) fn invalid(py: Python<'_>, message: impl Into<String>) -> PyErr {
    raise(py, &Error::new(Code::InvalidOption, message))
}
