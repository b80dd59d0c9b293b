//! The screen for questions.

use pyo3::prelude::*;

use crate::guard;

/// The families of attacks that `question` belongs to, each with what it asks for; none for a question about data.
#[pyfunction]
pub(super) fn screen(py: Python<'_>, question: &str) -> Vec<(&'static str, &'static str)> {
    let families = py.detach(|| guard::screen(question));
    families.into_iter().map(|family| (family.as_str(), family.meaning())).collect()
}
