//! What an agent tells while it works, one event at a time.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;

use super::handle::Handle;
use super::{answer, statistics};
use crate::agent::Event;

/// The events of one question, in order.
#[pyclass(frozen, module = "db_query_agent._core")]
pub struct Events {
    receiver: Arc<Mutex<UnboundedReceiver<Event>>>,
    question: Py<Handle>,
}

impl Events {
    pub(super) fn new(receiver: UnboundedReceiver<Event>, question: Py<Handle>) -> Self {
        Self { receiver: Arc::new(Mutex::new(receiver)), question }
    }
}

#[pymethods]
impl Events {
    /// The next event as `(kind, value)`; `None` when the question is done, well or not.
    fn next(&self, py: Python<'_>) -> PyResult<Handle> {
        let receiver = Arc::clone(&self.receiver);
        Handle::start(py, async move { Ok(receiver.lock().await.recv().await) }, |py, event| match event {
            Some(event) => pair(py, event),
            None => Ok(py.None().into_bound(py)),
        })
    }

    /// The question itself: its result, its failure, and the way to stop it.
    #[getter]
    fn question<'py>(&self, py: Python<'py>) -> &Bound<'py, Handle> {
        self.question.bind(py)
    }
}

fn pair(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    let (kind, value) = match event {
        Event::Status(step) => ("status", PyString::new(py, step).into_any()),
        Event::Sql(sql) => ("sql", PyString::new(py, &sql).into_any()),
        Event::Rows { count, columns, truncated } => {
            let rows = PyDict::new(py);
            rows.set_item("count", count)?;
            rows.set_item("columns", columns)?;
            rows.set_item("truncated", truncated)?;
            ("rows", rows.into_any())
        }
        Event::Text(text) => ("text", PyString::new(py, &text).into_any()),
        Event::Usage(usage) => ("usage", statistics::usage(py, &usage)?.into_any()),
        Event::Done(answer) => ("done", answer::dictionary(py, *answer)?.into_any()),
    };
    Ok((kind, value).into_pyobject(py)?.into_any())
}
