//! What `sqlite3` calls back while a statement runs.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::database::Watch;

/// `SQLITE_OK` and `SQLITE_DENY` of an authorizer (<https://www.sqlite.org/c3ref/c_deny.html>).
const OK: i32 = 0;
const DENY: i32 = 1;

/// The two callbacks.
#[pyclass(frozen)]
pub(super) struct Watcher(Arc<dyn Watch>);

impl Watcher {
    pub(super) fn new(watch: Arc<dyn Watch>) -> Self {
        Self(watch)
    }
}

#[pymethods]
impl Watcher {
    /// For `set_authorizer`.
    #[pyo3(signature = (action, first, second, database, _inside))]
    fn authorize(
        &self,
        action: i32,
        first: Option<&str>,
        second: Option<&str>,
        database: Option<&str>,
        _inside: Option<&str>,
    ) -> i32 {
        let [first, second, database] = [first, second, database].map(Option::unwrap_or_default);
        if self.0.allows(action, first, second, database) { OK } else { DENY }
    }

    /// For `set_progress_handler`.
    fn is_over(&self) -> bool {
        self.0.is_over()
    }
}
