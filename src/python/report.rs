//! The security report as a dictionary.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::database::Rights;

/// `engine`, `login`, `engine_enforced_read_only`, `least_privilege`, and `findings` as dictionaries.
pub(super) fn dictionary(py: Python<'_>, rights: Rights) -> PyResult<Bound<'_, PyAny>> {
    let report = PyDict::new(py);
    report.set_item("engine_enforced_read_only", rights.is_read_only())?;
    report.set_item("least_privilege", rights.is_least_privilege())?;
    report.set_item("engine", rights.engine)?;
    report.set_item("login", rights.login)?;
    let findings = PyList::empty(py);
    for finding in rights.findings {
        let row = PyDict::new(py);
        row.set_item("name", finding.name)?;
        row.set_item("about", finding.about.as_str())?;
        row.set_item("verdict", finding.verdict.as_str())?;
        row.set_item("detail", finding.detail)?;
        row.set_item("advice", finding.advice)?;
        findings.append(row)?;
    }
    report.set_item("findings", findings)?;
    Ok(report.into_any())
}
