//! The agent: starts each piece of work and hands out its [`Handle`].

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::NaiveDateTime;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use tokio::sync::mpsc::unbounded_channel;

use super::bridge::Bridge;
use super::error::raise;
use super::events::Events;
use super::handle::Handle;
use super::tool::PythonTool;
use super::{answer, caches, caller, convert, explanation, keys, options, report, runtime, schema, statistics};
use crate::agent::{self as core, Answer, Question};
use crate::config::{Config, OnError};
use crate::error::Result;
use crate::grounding::lessons::Lectures;
use crate::schema::Schema;

/// An agent over one database. Every method that works returns at once with a `Handle`.
#[pyclass(frozen, module = "db_query_agent._core")]
pub struct Agent {
    config: Config,
    /// The engine whose connections are used in the place of our own.
    bridge: Option<Bridge>,
    /// The core's agent and the fork generation it was made in.
    live: Mutex<Live>,
    /// The last schema and its Python form: converting a thousand tables costs more than reading a cache.
    shown: Arc<Mutex<Option<Shown>>>,
    /// What was taught, which outlives a fork.
    lectures: Arc<Lectures>,
    tools: Arc<core::Tools>,
}

type Shown = (Arc<Schema>, Py<PyAny>);

struct Live {
    born: u64,
    agent: Option<Arc<core::Agent>>,
}

impl Agent {
    /// The core's agent of this process. A forked child shares sockets with its parent, so it makes
    /// its own and leaks the inherited one: closing that would talk on the parent's connections.
    fn live(&self, py: Python<'_>) -> PyResult<Arc<core::Agent>> {
        let runtime = runtime::current(py)?;
        if let Some(bridge) = &self.bridge {
            bridge.refresh(py)?;
        }
        // A pool starts its housekeeping when it is made.
        let _context = runtime.enter();
        let (agent, is_new) = self.make_live().map_err(|error| raise(py, &error))?;
        if is_new {
            runtime::remember(py, &agent);
        }
        Ok(agent)
    }

    /// The agent, and whether it was made just now. Calls no Python, so that the lock is never held while another thread has the interpreter.
    fn make_live(&self) -> Result<(Arc<core::Agent>, bool)> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let now = runtime::generation();
        if live.born != now {
            std::mem::forget(live.agent.take());
            live.born = now;
        }
        if let Some(agent) = &live.agent {
            return Ok((Arc::clone(agent), false));
        }
        let config = self.config.clone();
        let agent = match &self.bridge {
            Some(bridge) => core::Agent::over(config, bridge.database(&self.config.database)?)?,
            None => core::Agent::new(config)?,
        };
        let agent = Arc::new(agent.taught_by(Arc::clone(&self.lectures), Arc::clone(&self.tools)));
        live.agent = Some(Arc::clone(&agent));
        Ok((agent, true))
    }

    fn start<T, F, C>(&self, py: Python<'_>, work: impl FnOnce(Arc<core::Agent>) -> F, convert: C) -> PyResult<Handle>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
        C: for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    {
        Handle::start(py, work(self.live(py)?), convert)
    }
}

#[pymethods]
impl Agent {
    /// `options` are keyword arguments, `environment` the variables that stand in for missing ones, `bridge` what
    /// lends connections, see `_bridge.py`.
    #[new]
    #[pyo3(signature = (options, environment, bridge=None))]
    fn new(
        py: Python<'_>,
        options: &Bound<'_, PyDict>,
        environment: &Bound<'_, PyDict>,
        bridge: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let bridge = Bridge::take(bridge)?;
        let source = keys::take(options)?;
        let options = convert::options(options)?;
        let config =
            Config::with_key_source(&options, &environment.extract()?, source).map_err(|error| raise(py, &error))?;
        let live = Mutex::new(Live { born: runtime::generation(), agent: None });
        let agent =
            Self { config, bridge, live, shown: Arc::default(), lectures: Arc::default(), tools: Arc::default() };
        agent.live(py)?;
        Ok(agent)
    }

    /// SQLAlchemy's name of the dialect.
    #[getter]
    fn dialect(&self) -> &'static str {
        self.config.database.url.dialect.as_str()
    }

    /// The database URL without its password.
    #[getter]
    fn url(&self) -> String {
        self.config.database.url.to_string()
    }

    /// The options it runs on, grouped as `resolve` gives them; the password of the URL is left out.
    #[getter]
    fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        options::grouped(py, &self.config, Some(&self.config.database.url.to_string()))
    }

    /// What the user should know about options that were accepted but do less than they say.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.config.warnings()
    }

    /// Whether questions are counted.
    #[getter]
    fn counts(&self) -> bool {
        self.config.enable_statistics
    }

    /// Where conversations are kept: the back end and its file.
    #[getter]
    fn session_store(&self) -> (String, Option<String>) {
        (self.config.session.backend.clone(), self.config.session.db_path.clone())
    }

    /// Whether the first question should find everything read.
    #[getter]
    fn warms_up(&self) -> bool {
        self.config.warmup_on_init
    }

    /// Whether failures come back in the result.
    #[getter]
    fn returns_errors(&self) -> bool {
        self.config.on_error == OnError::Return
    }

    /// Seconds between two pieces of a streamed answer.
    #[getter]
    fn stream_delay(&self) -> f64 {
        self.config.stream_delay.as_secs_f64()
    }

    /// Answers a question; the result is a dictionary.
    #[pyo3(signature = (text, session=None, *, dry_run=false, wordless=false, now=None, caller=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords of one call")]
    fn query(
        &self,
        py: Python<'_>,
        text: String,
        session: Option<String>,
        dry_run: bool,
        wordless: bool,
        now: Option<NaiveDateTime>,
        caller: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Handle> {
        let question = Question { text, session, dry_run, wordless, now, caller: caller::read(caller)? };
        let work = |agent: Arc<core::Agent>| async move { agent.query(question, &core::Events::default()).await };
        self.start(py, work, filled)
    }

    /// Answers a question and tells of each step.
    #[pyo3(signature = (text, session=None, *, dry_run=false, now=None, caller=None))]
    fn events(
        &self,
        py: Python<'_>,
        text: String,
        session: Option<String>,
        dry_run: bool,
        now: Option<NaiveDateTime>,
        caller: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Events> {
        let question = Question { text, session, dry_run, wordless: false, now, caller: caller::read(caller)? };
        let (sender, receiver) = unbounded_channel();
        let events = core::Events::to(sender);
        let work = |agent: Arc<core::Agent>| async move { agent.query(question, &events).await };
        let handle = self.start(py, work, filled)?;
        Ok(Events::new(receiver, Py::new(py, handle)?))
    }

    /// Runs a statement of the caller's own behind the guard; the result is
    /// `(columns, rows, truncated, warnings, seconds)`.
    #[pyo3(signature = (sql, *, caller=None))]
    fn run_sql(&self, py: Python<'_>, sql: String, caller: Option<&Bound<'_, PyAny>>) -> PyResult<Handle> {
        let caller = caller::read(caller)?;
        let work = |agent: Arc<core::Agent>| async move {
            let started = Instant::now();
            Ok((agent.run_sql(&sql, caller.as_ref()).await?, started.elapsed().as_secs_f64()))
        };
        self.start(py, work, |py, (rows, seconds)| {
            let columns = PyList::new(py, rows.columns.iter().map(|column| column.name.as_str()))?;
            let (truncated, warnings) = (rows.truncated, rows.warnings.clone());
            Ok((columns, convert::rows(py, rows)?, truncated, warnings, seconds).into_pyobject(py)?.into_any())
        })
    }

    /// What the guard and the database say of a statement that is not run, see `explanation.rs`.
    #[pyo3(signature = (sql, *, caller=None))]
    fn explain_sql(&self, py: Python<'_>, sql: String, caller: Option<&Bound<'_, PyAny>>) -> PyResult<Handle> {
        let caller = caller::read(caller)?;
        let work = |agent: Arc<core::Agent>| async move { agent.explain_sql(&sql, caller.as_ref()).await };
        self.start(py, work, explanation::dictionary)
    }

    /// Teaches that a statement answers a question.
    fn add_example(&self, py: Python<'_>, question: String, sql: String) -> PyResult<Handle> {
        self.start(py, |agent| async move { agent.add_example(&question, &sql).await }, nothing)
    }

    /// Teaches what the data means.
    fn add_documentation(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        self.live(py)?.add_documentation(text).map_err(|error| raise(py, &error))
    }

    /// Every example as `(question, sql)`.
    fn examples(&self) -> Vec<(String, String)> {
        let examples = self.lectures.examples();
        examples.iter().map(|example| (example.question.clone(), example.sql.clone())).collect()
    }

    /// Forgets what was taught, tools apart.
    fn forget_lessons(&self) {
        self.lectures.clear();
    }

    /// Lets models call `call`, which takes its arguments as JSON text and gives text.
    fn add_tool(
        &self,
        py: Python<'_>,
        name: String,
        description: String,
        parameters: &Bound<'_, PyAny>,
        call: Py<PyAny>,
    ) -> PyResult<()> {
        let tool = PythonTool::new(name, description, parameters, call)?;
        self.tools.add(Arc::new(tool)).map_err(|error| raise(py, &error))
    }

    /// The visible schema, see `schema.rs`. The same object as long as the schema stays.
    #[pyo3(signature = (*, refresh=false, caller=None))]
    fn schema(&self, py: Python<'_>, refresh: bool, caller: Option<&Bound<'_, PyAny>>) -> PyResult<Handle> {
        let caller = caller::read(caller)?;
        let shown = Arc::clone(&self.shown);
        let work = |agent: Arc<core::Agent>| async move { agent.schema(refresh, caller.as_ref()).await };
        self.start(py, work, move |py, schema| {
            let lock = || shown.lock().unwrap_or_else(PoisonError::into_inner);
            let known = lock()
                .as_ref()
                .filter(|(before, _)| Arc::ptr_eq(before, &schema))
                .map(|(_, object)| object.clone_ref(py));
            if let Some(object) = known {
                return Ok(object.into_bound(py));
            }
            let object = schema::dictionary(py, &schema)?;
            // What it replaces is dropped behind the lock: a destructor may run Python.
            let _before = lock().replace((schema, object.clone().unbind()));
            Ok(object)
        })
    }

    /// The tables that a text is about, best first, by what people call them.
    #[pyo3(signature = (text, most, *, caller=None))]
    fn relevant_tables(
        &self,
        py: Python<'_>,
        text: String,
        most: usize,
        caller: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Handle> {
        let caller = caller::read(caller)?;
        let work = |agent: Arc<core::Agent>| async move { agent.relevant_tables(&text, most, caller.as_ref()).await };
        self.start(py, work, |py, names| Ok(PyList::new(py, names)?.into_any()))
    }

    /// Connects and reads what a first question needs.
    fn warm_up(&self, py: Python<'_>) -> PyResult<Handle> {
        self.start(py, |agent| async move { agent.warm_up().await }, nothing)
    }

    /// What the login may do and which fences stand, see `report.rs`.
    fn security_report(&self, py: Python<'_>) -> PyResult<Handle> {
        self.start(py, |agent| async move { agent.security_report().await }, report::dictionary)
    }

    /// Counts, times and costs since the agent was made, see `statistics.rs`.
    fn statistics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        statistics::dictionary(py, &self.live(py)?.statistics())
    }

    /// What the caches hold and how often they helped.
    fn caches(&self, py: Python<'_>) -> PyResult<Handle> {
        self.start(py, |agent| async move { Ok(agent.caches().await) }, caches::dictionary)
    }

    /// Results that were read from a table, or all, no longer count.
    fn outdate(&self, py: Python<'_>, table: Option<String>) -> PyResult<Handle> {
        let work = |agent: Arc<core::Agent>| async move {
            agent.outdate(table.as_deref()).await;
            Ok(())
        };
        self.start(py, work, nothing)
    }

    /// Forgets all that was remembered.
    fn forget(&self, py: Python<'_>) -> PyResult<Handle> {
        let work = |agent: Arc<core::Agent>| async move {
            agent.forget().await;
            Ok(())
        };
        self.start(py, work, nothing)
    }

    /// How busy the pool is.
    fn pool<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let status = self.live(py)?.pool();
        let pool = PyDict::new(py);
        pool.set_item("size", status.size)?;
        pool.set_item("open", status.open)?;
        pool.set_item("idle", status.idle)?;
        pool.set_item("checked_out", status.open.saturating_sub(status.idle))?;
        pool.set_item("overflow", status.open.saturating_sub(status.size))?;
        Ok(pool)
    }

    /// Names of the kept conversations, latest first.
    fn sessions(&self, py: Python<'_>) -> PyResult<Handle> {
        let work = |agent: Arc<core::Agent>| async move { agent.sessions().await };
        self.start(py, work, |py, names| Ok(PyList::new(py, names)?.into_any()))
    }

    /// The turns of a conversation as dictionaries, or `None`.
    #[pyo3(signature = (session, *, caller=None))]
    fn history(&self, py: Python<'_>, session: String, caller: Option<&Bound<'_, PyAny>>) -> PyResult<Handle> {
        let caller = caller::read(caller)?;
        let work = |agent: Arc<core::Agent>| async move { agent.history(&session, caller.as_ref()).await };
        self.start(py, work, |py, turns| {
            let Some(turns) = turns else { return Ok(py.None().into_bound(py)) };
            let list = PyList::empty(py);
            for turn in turns {
                let entry = PyDict::new(py);
                entry.set_item("question", turn.question)?;
                entry.set_item("sql", turn.sql)?;
                entry.set_item("answer", turn.answer)?;
                entry.set_item("at", turn.at)?;
                list.append(entry)?;
            }
            Ok(list.into_any())
        })
    }

    /// Makes a conversation known, and whose it is.
    #[pyo3(signature = (session, *, caller=None))]
    fn create_session(&self, py: Python<'_>, session: String, caller: Option<&Bound<'_, PyAny>>) -> PyResult<Handle> {
        let caller = caller::read(caller)?;
        self.start(py, |agent| async move { agent.create_session(&session, caller).await }, nothing)
    }

    /// Forgets the turns of a conversation, or the conversation itself.
    fn forget_session(&self, py: Python<'_>, session: String, delete: bool) -> PyResult<Handle> {
        self.start(py, move |agent| async move { agent.forget_session(&session, delete).await }, nothing)
    }

    /// Closes every connection.
    fn close(&self, py: Python<'_>) -> PyResult<Handle> {
        let work = |agent: Arc<core::Agent>| async move {
            agent.close().await;
            Ok(())
        };
        self.start(py, work, nothing)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let live = self.live.get_mut().unwrap_or_else(PoisonError::into_inner);
        if live.born != runtime::generation() {
            std::mem::forget(live.agent.take());
            return;
        }
        // A pool that closes starts tasks, which needs the runtime's context.
        let agent = live.agent.take();
        Python::try_attach(|py| {
            let runtime = runtime::current(py);
            let _context = runtime.as_ref().ok().map(tokio::runtime::Handle::enter);
            drop(agent);
        });
    }
}

fn filled(py: Python<'_>, answer: Answer) -> PyResult<Bound<'_, PyAny>> {
    answer::dictionary(py, answer).map(Bound::into_any)
}

#[expect(clippy::unnecessary_wraps, reason = "the form that `Handle::start` takes")]
fn nothing(py: Python<'_>, (): ()) -> PyResult<Bound<'_, PyAny>> {
    Ok(py.None().into_bound(py))
}
