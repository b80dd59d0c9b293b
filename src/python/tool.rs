//! A tool of the user's own, written in Python.

use std::sync::Arc;

use async_trait::async_trait;
use pyo3::prelude::*;
use serde_json::{Map, Value as Json};

use super::convert;
use crate::agent::Callable;
use crate::error::{Code, Error, Result};
use crate::llm::Tool;

/// A callable that takes its arguments as JSON text and gives text; see `_tools.py`.
pub(super) struct PythonTool {
    tool: Tool,
    call: Arc<Py<PyAny>>,
}

impl PythonTool {
    /// `parameters` is the JSON schema of its arguments.
    pub(super) fn new(
        name: String,
        description: String,
        parameters: &Bound<'_, PyAny>,
        call: Py<PyAny>,
    ) -> PyResult<Self> {
        let parameters = convert::document(parameters)?;
        Ok(Self { tool: Tool { name, description, parameters }, call: Arc::new(call) })
    }
}

#[async_trait]
impl Callable for PythonTool {
    fn tool(&self) -> &Tool {
        &self.tool
    }

    async fn call(&self, arguments: &Map<String, Json>) -> Result<String> {
        let (call, arguments) = (Arc::clone(&self.call), Json::Object(arguments.clone()).to_string());
        let name = self.tool.name.clone();
        let failed = move |what: &str| Error::new(Code::ToolFailed, format!("the tool `{name}` failed: {what}"));
        // It may take long and may ask the network; neither may hold up other questions.
        let work = tokio::task::spawn_blocking(move || {
            Python::attach(|py| {
                let given = call.bind(py).call1((arguments,)).and_then(|text| text.extract::<String>());
                given.map_err(|error| error.value(py).to_string())
            })
        });
        match work.await {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(what)) => Err(failed(&what)),
            Err(_) => Err(failed("its thread ended")),
        }
    }
}
