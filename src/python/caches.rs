//! What the caches hold as a dictionary.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::agent::Caches;
use crate::cache::Figures;

/// Entries, hits and misses of each cache, and whether the shared store answers.
pub(super) fn dictionary(py: Python<'_>, caches: Caches) -> PyResult<Bound<'_, PyAny>> {
    let filled = PyDict::new(py);
    filled.set_item("schemas", caches.schemas)?;
    filled.set_item("proposals", figures(py, &caches.proposals)?)?;
    filled.set_item("results", figures(py, &caches.results)?)?;
    filled.set_item("shared", caches.shared)?;
    Ok(filled.into_any())
}

fn figures<'py>(py: Python<'py>, figures: &Figures) -> PyResult<Bound<'py, PyDict>> {
    let filled = PyDict::new(py);
    filled.set_item("entries", figures.entries)?;
    filled.set_item("hits", figures.hits)?;
    filled.set_item("misses", figures.misses)?;
    Ok(filled)
}
