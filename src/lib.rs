//! Ask a SQL database a question in plain language; get SQL you can trust, the exact rows, and a
//! sentence grounded in them.
//!
//! Read the modules in this order, which is also their rank: a module uses those above it in the
//! list or its own children, never a neighbour or one below (`tests/it/architecture.rs` keeps it so).
//!
//! | rank | modules | what they hold |
//! | --- | --- | --- |
//! | 0 | [`error`], [`redact`], [`value`] | one error type, texts that never hold a secret, one cell |
//! | 1 | [`dialect`], [`config`], [`schema`] | which SQL, every option, what the database looks like |
//! | 2 | [`guard`] | the only maker of SQL that may run |
//! | 3 | [`database`], [`cache`], [`session`], [`llm`] | the outside world behind traits |
//! | 4 | [`grounding`], [`answer`] | question to schema, rows to words |
//! | 5 | [`engine`] | proposes SQL: offline, model, router |
//! | 6 | [`agent`] | the way of a question, in order |
//! | 7 | `python` | a thin border, only with the feature `python` |

// Text goes to the caller or through `tracing`, never past both.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod error;
pub mod redact;
pub mod value;

pub mod config;
pub mod dialect;
pub mod schema;

pub mod dial;
pub mod guard;

pub mod cache;
pub mod database;
pub mod llm;
pub mod session;

pub mod answer;
pub mod grounding;

pub mod engine;

pub mod agent;

#[cfg(feature = "python")]
mod python;

pub use error::{Error, Result};
