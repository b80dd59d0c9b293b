//! The core's warnings, handed to Python's `logging` as the logger `db_query_agent`.
//!
//! A thread of the core must never wait for the interpreter: whoever holds it may be waiting for
//! that thread. So what the core has to say waits in a queue until a thread that is attached anyway
//! takes a result. The sender never blocks, and the receiver is only locked while attached with
//! nothing done under the lock, so a fork finds neither in use for long.

use std::fmt::{self, Write as _};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};

use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::{self, Interest};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// Messages that wait at most; what comes on top is dropped rather than kept without bound.
const CAPACITY: usize = 256;

static WAITING: OnceLock<Mutex<Receiver<Record>>> = OnceLock::new();

/// One message, as `logging` takes it.
struct Record {
    /// `logging.WARNING` or `logging.ERROR`.
    level: u8,
    text: String,
}

/// Takes the core's own warnings and errors, and nothing of other crates: these may name values.
struct Border(SyncSender<Record>);

/// Starts to listen, unless the program that embeds this package listens itself.
pub(super) fn install() {
    let (sender, receiver) = sync_channel(CAPACITY);
    if WAITING.set(Mutex::new(receiver)).is_ok() {
        let _ = subscriber::set_global_default(Border(sender));
    }
}

/// Gives `logging` what waits.
pub(super) fn hand_over(py: Python<'_>) {
    while let Some(record) = next() {
        if let Err(error) = log(py, &record) {
            // A handler or filter of the user's own; the result that is being taken is as good as before.
            error.write_unraisable(py, None);
        }
    }
}

fn next() -> Option<Record> {
    WAITING.get()?.lock().unwrap_or_else(PoisonError::into_inner).try_recv().ok()
}

fn log(py: Python<'_>, record: &Record) -> PyResult<()> {
    let logger = py.import("logging")?.call_method1("getLogger", ("db_query_agent",))?;
    logger.call_method1("log", (record.level, "%s", record.text.as_str())).map(drop)
}

impl Subscriber for Border {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN && metadata.target().starts_with("db_query_agent")
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let level = if *event.metadata().level() == Level::ERROR { 40 } else { 30 };
        let _ = self.0.try_send(Record { level, text: text.0 });
    }

    // No span is enabled.
    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

/// The message of an event with its fields behind it: `the model failed (code=model_timeout)`.
#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => {
                let fields = std::mem::take(&mut self.0);
                write!(self.0, "{value:?}{fields}")
            }
            name => write!(self.0, " ({name}={value:?})"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}
