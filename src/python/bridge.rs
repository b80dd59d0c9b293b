//! A SQLAlchemy engine as the core's host of connections: `_bridge.py` knows engines and drivers, the core knows
//! fences and statements, and this carries calls and values between them.

mod cell;
mod watch;
mod wire;

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use self::wire::Loan;
use crate::config::DatabaseConfig;
use crate::database::{self, Database, Host, Image, Wire};
use crate::error::{Code, Error, Result};

/// What is reached through an engine, and how.
pub(super) enum Bridge {
    /// Its connections are lent.
    Lent(Arc<Engine>),
    /// Its one connection answers in one thread only: what it holds is copied there, whenever it has changed.
    Copied { engine: Arc<Engine>, image: Arc<Image> },
}

/// An object of `_bridge.py`.
pub(super) struct Engine {
    object: Py<PyAny>,
    is_shared: bool,
}

impl Bridge {
    /// The bridge that `given` stands for, where there is one.
    pub(super) fn take(given: Option<Bound<'_, PyAny>>) -> PyResult<Option<Self>> {
        let Some(given) = given.filter(|given| !given.is_none()) else { return Ok(None) };
        let is_copied = given.getattr("is_copied")?.is_truthy()?;
        let engine = Engine { is_shared: given.getattr("is_shared")?.is_truthy()?, object: given.unbind() };
        let engine = Arc::new(engine);
        Ok(Some(if is_copied { Self::Copied { engine, image: Arc::default() } } else { Self::Lent(engine) }))
    }

    /// The database behind the engine.
    ///
    /// # Errors
    /// A dialect that nothing serves.
    pub(super) fn database(&self, config: &DatabaseConfig) -> Result<Arc<dyn Database>> {
        match self {
            Self::Lent(engine) => database::visit(Arc::clone(engine) as Arc<dyn Host>, config),
            Self::Copied { image, .. } => Ok(database::of_image(Arc::clone(image), config)),
        }
    }

    /// Takes up what only the thread that calls can see. Called before each piece of work, where it was asked for.
    pub(super) fn refresh(&self, py: Python<'_>) -> PyResult<()> {
        let (Self::Lent(engine) | Self::Copied { engine, .. }) = self;
        let given = engine.object.bind(py).call_method0("refresh")?;
        if let (Self::Copied { image, .. }, Ok(bytes)) = (self, given.cast::<PyBytes>()) {
            image.replace(bytes.as_bytes());
        }
        Ok(())
    }
}

impl Host for Engine {
    fn lend(&self) -> Result<Box<dyn Wire>> {
        let lent = Python::try_attach(|py| {
            let loan = self.object.bind(py).call_method0("lend").and_then(|loan| Loan::new(&loan));
            loan.map_err(|error| refused(py, &error))
        });
        let loan = lent.unwrap_or_else(|| Err(Error::new(Code::Closed, "the interpreter is shutting down")))?;
        Ok(Box::new(loan))
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }
}

/// Why there is no connection. What was raised is told by its type alone: its words may hold a password.
fn refused(py: Python<'_>, error: &PyErr) -> Error {
    let kind = error.get_type(py);
    let name = kind.name().map_or_else(|_| "Exception".to_owned(), |name| name.to_string());
    let is_of_sqlalchemy =
        kind.module().is_ok_and(|module| module.to_str().is_ok_and(|module| module.starts_with("sqlalchemy")));
    if is_of_sqlalchemy && name == "TimeoutError" {
        return Error::new(Code::PoolTimeout, "no connection of the engine's pool became free in time");
    }
    Error::new(Code::ConnectionFailed, format!("the engine gives no connection: it raised `{name}`"))
        .with_hint("call `engine.connect()` to see what its driver says")
}
