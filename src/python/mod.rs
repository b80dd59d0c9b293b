//! The border to Python: convert, call one function of the core, convert back.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`runtime`] | the one door to the asynchronous core: fork, exit, Ctrl-C |
//! | [`handle`] | work under way, to wait for from threads and event loops |
//! | [`calls`] | calls back into Python, one thread for all |
//! | [`log`] | the core's warnings on their way to `logging` |
//! | [`convert`] | rows and JSON as native Python values |
//! | [`untrack`], [`paused`] | what keeps Python's cycle collector from walking them for nothing |
//! | [`bridge`] | a SQLAlchemy engine that lends its connections |
//! | [`error`] | the core's error as the Python exception of its code |
//! | [`keys`] | a Python function that gives the key of the model's server |
//! | [`explanation`], [`answer`], [`report`] | what the core says as a dictionary |
//! | [`agent`], [`events`], [`schema`], [`validator`], [`options`], [`chart`], [`screen`] | one exposed class, table or function each |

mod agent;
mod answer;
mod bridge;
mod caches;
mod caller;
mod calls;
mod chart;
mod convert;
mod error;
mod events;
mod explanation;
mod handle;
mod keys;
mod log;
mod options;
mod paused;
mod report;
mod runtime;
mod schema;
mod screen;
mod statistics;
mod tool;
mod untrack;
mod validator;

use mimalloc::MiMalloc;
use pyo3::prelude::*;

// Reading a statement and making rows allocate much and briefly. A library leaves this choice to the program it is
// linked into; the extension module is its own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The native part of `db_query_agent`. Its shape may change with any version: import the package.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::agent::Agent;
    #[pymodule_export]
    use super::chart::chart;
    #[pymodule_export]
    use super::events::Events;
    #[pymodule_export]
    use super::handle::Handle;
    #[pymodule_export]
    use super::options::{codes, options, resolve};
    #[pymodule_export]
    use super::screen::screen;
    #[pymodule_export]
    use super::validator::Validator;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        super::log::install();
        super::runtime::install(module.py())
    }
}
