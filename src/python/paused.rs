//! A rest for Python's cycle collector while many containers are made at once.

use pyo3::prelude::*;
use pyo3::types::PyModule;

/// While it lives, Python does not look for cycles among the objects that are being made. It would
/// walk all of them several times for nothing, which costs `sqlite3` a tenth of its time.
pub(super) struct Paused<'py>(Option<Bound<'py, PyModule>>);

/// Below this the collector hardly runs.
const MANY: usize = 1_000;

impl<'py> Paused<'py> {
    pub(super) fn new(py: Python<'py>, objects: usize) -> PyResult<Self> {
        if objects < MANY {
            return Ok(Self(None));
        }
        let collector = py.import("gc")?;
        if !collector.call_method0("isenabled")?.extract::<bool>()? {
            return Ok(Self(None));
        }
        collector.call_method0("disable")?;
        Ok(Self(Some(collector)))
    }
}

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        if let Some(collector) = &self.0 {
            // `gc.enable` sets a flag and cannot fail.
            let _ = collector.call_method0("enable");
        }
    }
}
