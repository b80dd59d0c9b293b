//! What is known of a statement before it runs, as a dictionary.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::agent::Explanation;
use crate::guard::Relation;

/// The keys are those that `DatabaseQueryAgent.explain_sql` documents.
pub(super) fn dictionary(py: Python<'_>, explanation: Explanation) -> PyResult<Bound<'_, PyAny>> {
    let Explanation { sql, relations, columns, functions, is_filtered, is_masked, remarks, estimate } = explanation;
    let name = |relation: &Relation| match relation.namespace.as_str() {
        "" => relation.name.clone(),
        namespace => format!("{namespace}.{}", relation.name),
    };
    let filled = PyDict::new(py);
    filled.set_item("sql", sql)?;
    filled.set_item("tables", relations.iter().map(name).collect::<Vec<_>>())?;
    let columns = columns.iter().map(|column| format!("{}.{}", name(&column.relation), column.name));
    filled.set_item("columns", columns.collect::<Vec<_>>())?;
    filled.set_item("functions", functions)?;
    filled.set_item("filtered", is_filtered)?;
    filled.set_item("masked", is_masked)?;
    filled.set_item("warnings", remarks)?;
    let Some(expected) = estimate else {
        filled.set_item("estimate", py.None())?;
        return Ok(filled.into_any());
    };
    let estimate = PyDict::new(py);
    estimate.set_item("rows", expected.rows)?;
    estimate.set_item("cost", expected.cost)?;
    estimate.set_item("cartesian", expected.is_cartesian)?;
    filled.set_item("estimate", estimate)?;
    Ok(filled.into_any())
}
