//! The guard, for statements that somebody else wrote.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::error::raise;
use crate::dialect::Dialect;
use crate::error::{Code, Error};
use crate::guard::{Guard, Policy};

/// Reads statements of one dialect under one policy, without a database.
#[pyclass(frozen, module = "db_query_agent._core")]
pub struct Validator(Guard);

#[pymethods]
impl Validator {
    #[new]
    fn new(
        py: Python<'_>,
        dialect: &str,
        allowed_tables: Option<Vec<String>>,
        blocked_tables: Vec<String>,
    ) -> PyResult<Self> {
        let dialect = Dialect::from_name(dialect).ok_or_else(|| {
            let error = Error::new(Code::InvalidOption, format!("no dialect is called `{dialect}`"));
            raise(py, &error.with_hint("use `sqlite`, `postgresql`, `mysql` or `mssql`"))
        })?;
        Ok(Self(Guard::new(dialect, Policy { allowed_tables, blocked_tables, ..Policy::default() })))
    }

    /// `{"tables": […]}` when it may run, else `{"rule": …, "error": …, "hint": …}`.
    fn validate<'py>(&self, py: Python<'py>, sql: &str) -> PyResult<Bound<'py, PyDict>> {
        let verdict = py.detach(|| self.0.approve_unresolved(sql));
        let result = PyDict::new(py);
        match verdict {
            Ok(approved) => {
                let names: Vec<&str> = approved.relations().iter().map(|relation| relation.name.as_str()).collect();
                result.set_item("tables", names)?;
            }
            Err(rejection) => {
                result.set_item("rule", rejection.rule)?;
                result.set_item("error", rejection.message)?;
                result.set_item("hint", rejection.hint)?;
            }
        }
        Ok(result)
    }
}
