//! An answer as the dictionary that `QueryResult` is filled with.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::{convert, statistics};
use crate::agent::Answer;

/// The keys are those of the reference page, in its order; `QueryResult` in Python adds nothing.
pub(super) fn dictionary(py: Python<'_>, answer: Answer) -> PyResult<Bound<'_, PyDict>> {
    let Answer { rows, clarification, usage, .. } = answer;
    let columns = PyList::new(py, rows.columns.iter().map(|column| column.name.as_str()))?;
    let warnings = PyList::new(py, &answer.warnings)?;
    let (row_count, truncated, as_of) = (rows.len(), rows.truncated, rows.as_of);
    let filled = PyDict::new(py);
    filled.set_item("question", answer.question)?;
    filled.set_item("sql", answer.sql)?;
    filled.set_item("result", convert::rows(py, rows)?)?;
    filled.set_item("columns", columns)?;
    filled.set_item("natural_response", answer.natural_response)?;
    filled.set_item("execution_time", answer.execution_time.as_secs_f64())?;
    filled.set_item("explanation", answer.explanation)?;
    filled.set_item("confidence", answer.confidence)?;
    filled.set_item("needs_clarification", clarification.is_some())?;
    let (question, choices) = clarification.map(|asked| (asked.question, asked.choices)).unzip();
    filled.set_item("clarification_question", question)?;
    filled.set_item("clarification_choices", choices.unwrap_or_default())?;
    filled.set_item("engine", &answer.engine)?;
    filled.set_item("agent_used", answer.engine)?;
    filled.set_item("cached", answer.cached)?;
    filled.set_item("as_of", as_of)?;
    filled.set_item("is_casual", answer.is_casual)?;
    filled.set_item("truncated", truncated)?;
    filled.set_item("row_count", row_count)?;
    filled.set_item("warnings", warnings)?;
    filled.set_item("usage", statistics::usage(py, &usage)?)?;
    filled.set_item("error", py.None())?;
    Ok(filled)
}
