//! A Python function that gives the key of the model's server.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::config::KeySource;
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

const OPTION: &str = "openai_api_key";

/// Takes the function out of `options` where it stands in the place of a key.
pub(super) fn take(options: &Bound<'_, PyDict>) -> PyResult<Option<KeySource>> {
    let Some(give) = options.get_item(OPTION)?.filter(PyAnyMethods::is_callable) else { return Ok(None) };
    options.del_item(OPTION)?;
    let give = give.unbind();
    Ok(Some(KeySource::new(move || key(&give))))
}

/// Calls the function. What it raises is told by its type alone: its words may hold a part of a key.
fn key(give: &Py<PyAny>) -> Result<Secret> {
    let failed = |what: String| {
        Error::new(Code::ModelAuthentication, format!("the function given as `{OPTION}` {what}"))
            .with_hint("it is called without arguments and gives the key as a text")
    };
    let given = Python::try_attach(|py| match give.bind(py).call0() {
        Ok(given) => given.extract::<String>().map_err(|_| "gave something else than a text".to_owned()),
        Err(error) => {
            let kind = error.get_type(py).name();
            Err(kind.map_or_else(|_| "raised an exception".to_owned(), |kind| format!("raised `{kind}`")))
        }
    });
    match given {
        None => Err(Error::new(Code::Closed, "the interpreter is shutting down")),
        Some(Err(what)) => Err(failed(what)),
        Some(Ok(key)) if key.trim().is_empty() => Err(failed("gave an empty text".to_owned())),
        Some(Ok(key)) => Ok(Secret::new(key.trim())),
    }
}
