//! Counts, times and costs as Python dictionaries.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::agent::{Latency, Statistics};
use crate::llm::Usage;

/// The counts of `get_stats()`, flat: counts, `latency`, `tokens`, `cost`, `engines`, `errors`.
pub(super) fn dictionary<'py>(py: Python<'py>, counted: &Statistics) -> PyResult<Bound<'py, PyDict>> {
    let counts = PyDict::new(py);
    counts.set_item("total_queries", counted.total_queries)?;
    counts.set_item("successful_queries", counted.successful_queries)?;
    counts.set_item("failed_queries", counted.failed_queries)?;
    counts.set_item("cache_hits", counted.cache_hits)?;
    counts.set_item("model_calls", counted.usage.calls)?;
    counts.set_item("unpriced_calls", counted.usage.unpriced_calls)?;
    counts.set_item("cost", dollars(&counted.usage))?;
    let tokens = PyDict::new(py);
    tokens.set_item("prompt", counted.usage.prompt_tokens)?;
    tokens.set_item("cached", counted.usage.cached_tokens)?;
    tokens.set_item("completion", counted.usage.completion_tokens)?;
    counts.set_item("tokens", tokens)?;
    counts.set_item("engines", &counted.engines)?;
    counts.set_item("errors", &counted.errors)?;
    let latency = PyDict::new(py);
    for (step, times) in &counted.latency {
        latency.set_item(step, seconds(py, times)?)?;
    }
    counts.set_item("latency", latency)?;
    Ok(counts)
}

/// What a question cost: `result["usage"]`.
pub(super) fn usage<'py>(py: Python<'py>, usage: &Usage) -> PyResult<Bound<'py, PyDict>> {
    let spent = PyDict::new(py);
    spent.set_item("prompt_tokens", usage.prompt_tokens)?;
    spent.set_item("cached_tokens", usage.cached_tokens)?;
    spent.set_item("completion_tokens", usage.completion_tokens)?;
    spent.set_item("calls", usage.calls)?;
    spent.set_item("unpriced_calls", usage.unpriced_calls)?;
    spent.set_item("cost", dollars(usage))?;
    Ok(spent)
}

/// US dollars; `None` where there were calls and the price of none is known.
fn dollars(usage: &Usage) -> Option<f64> {
    let unknown = usage.unpriced_calls > 0 && usage.unpriced_calls >= usage.calls;
    #[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars")]
    (!unknown).then_some(usage.cost_nanos as f64 / 1e9)
}

fn seconds<'py>(py: Python<'py>, times: &Latency) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("count", times.count)?;
    for (name, time) in
        [("mean", times.mean), ("p50", times.p50), ("p90", times.p90), ("p99", times.p99), ("max", times.max)]
    {
        shown.set_item(name, time.as_secs_f64())?;
    }
    Ok(shown)
}
