//! One lent connection: calls on a `Loan` of `_bridge.py`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::super::convert;
use super::cell;
use super::watch::Watcher;
use crate::database::{Failure, Header, Stopper, Watch, Wire};
use crate::value::Value;

/// A loan. Every call attaches to the interpreter, which drivers let go of while they wait.
pub(super) struct Loan {
    object: Py<PyAny>,
    commits_by_itself: bool,
}

impl Loan {
    pub(super) fn new(loan: &Bound<'_, PyAny>) -> PyResult<Self> {
        let commits_by_itself = loan.getattr("commits_by_itself")?.is_truthy()?;
        Ok(Self { object: loan.clone().unbind(), commits_by_itself })
    }

    fn call<T>(&self, work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> Result<T, Failure> {
        let gone = || Failure { is_lost: true, ..Failure::default() };
        Python::try_attach(|py| {
            let loan = self.object.bind(py);
            work(loan).map_err(|error| failure(loan, &error))
        })
        .unwrap_or_else(|| Err(gone()))
    }
}

impl Wire for Loan {
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Header>, Failure> {
        self.call(|loan| {
            let parameters = convert::values(loan.py(), parameters)?;
            let described = loan.call_method1("execute", (sql, PyList::new(loan.py(), parameters)?))?;
            let header = |column: Bound<'_, PyAny>| {
                let (name, type_code, width) = column.extract()?;
                Ok(Header { name, type_code, width })
            };
            described.try_iter()?.map(|column| header(column?)).collect()
        })
    }

    fn fetch(&mut self, rows: usize, bytes: usize) -> Result<Vec<Vec<Value>>, Failure> {
        self.call(|loan| {
            let next = loan.getattr("cursor")?.getattr("fetchone")?;
            let (mut fetched, mut size) = (Vec::new(), 0);
            while fetched.len() < rows && size < bytes {
                let row = next.call0()?;
                if row.is_none() {
                    break;
                }
                let cells = match row.cast::<PyTuple>() {
                    Ok(row) => row.iter().map(|cell| cell::value(&cell)).collect::<PyResult<Vec<Value>>>()?,
                    // Some drivers make lists.
                    Err(_) => row.try_iter()?.map(|cell| cell::value(&cell?)).collect::<PyResult<Vec<Value>>>()?,
                };
                size += cells.iter().map(|cell| size_of::<Value>() + cell.heap_bytes()).sum::<usize>();
                fetched.push(cells);
            }
            Ok(fetched)
        })
    }

    fn end(&mut self) {
        // A cursor that cannot be closed shows when its connection is used next.
        let _ = self.call(|loan| loan.call_method0("end").map(drop));
    }

    fn commits_by_itself(&self) -> bool {
        self.commits_by_itself
    }

    fn stopper(&self, session: u64) -> Option<Stopper> {
        let loan = Python::try_attach(|py| self.object.clone_ref(py))?;
        Some(Box::new(move || {
            let stopped = Python::try_attach(|py| loan.bind(py).call_method1("stop", (session,)).is_ok());
            if stopped == Some(false) {
                tracing::warn!("a statement could not be stopped on the server; its time limit will end it");
            }
        }))
    }

    fn watch(&mut self, watch: Option<Arc<dyn Watch>>) -> Result<bool, Failure> {
        self.call(|loan| loan.call_method1("watch", (watch.map(Watcher::new),))?.extract())
    }

    fn give_up(&mut self) {
        let _ = self.call(|loan| loan.call_method0("give_up").map(drop));
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        // Whatever fails here, the pool notices with the connection.
        let _ = self.call(|loan| loan.call_method0("give_back").map(drop));
    }
}

/// What the driver says, by the parts of its exception that never hold a row.
fn failure(loan: &Bound<'_, PyAny>, error: &PyErr) -> Failure {
    let told = loan.call_method1("explain", (error.value(loan.py()),)).and_then(|told| told.extract());
    match told {
        Ok((code, message, is_lost)) => Failure { code, message, is_lost },
        Err(_) => Failure { message: "the engine's driver failed".to_owned(), ..Failure::default() },
    }
}
