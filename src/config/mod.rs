//! Every option, its default, and what makes a value wrong.
//!
//! [`OPTIONS`] is the table of them, [`Config::build`] reads them, and the structs here are what the
//! rest of the crate sees.

mod access;
mod build;
mod locale;
mod model;
mod options;
mod read;
pub mod url;

use std::time::Duration;

use crate::dialect::Dialect;
use crate::redact::Secret;

pub use access::{AccessConfig, RoleConfig};
pub use locale::Locale;
pub use model::{KeySource, Price};
pub use options::{Kind, OPTIONS, Setting};
pub use url::DatabaseUrl;

/// Everything an agent needs to know, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub database: DatabaseConfig,
    pub cache: CacheConfig,
    pub model: ModelConfig,
    pub effort: EffortConfig,
    /// Whether a model may see rows of a result.
    pub share_results: bool,
    pub safety: SafetyConfig,
    pub session: SessionConfig,
    pub on_error: OnError,
    /// How answers write numbers and dates.
    pub locale: Locale,
    pub enable_streaming: bool,
    /// The pause between two pieces of a streamed answer.
    pub stream_delay: Duration,
    pub enable_statistics: bool,
    pub lazy_schema_loading: bool,
    pub max_tables_in_context: usize,
    pub warmup_on_init: bool,
}

/// What becomes of a question that looks like an attempt to talk a model round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// It is answered, with a warning.
    #[default]
    Flag,
    /// It is refused.
    Block,
    /// Nobody looks.
    Off,
}

/// What becomes of a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// It is an exception.
    #[default]
    Raise,
    /// It is a value in the result.
    Return,
}

/// Where the database is and how to hold connections to it.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    pub url: DatabaseUrl,
    /// Connections kept open.
    pub pool_size: u32,
    /// Connections opened beyond `pool_size` under load and closed after use.
    pub max_overflow: u32,
    /// How long a question waits for a connection, also a new one.
    pub pool_timeout: Duration,
    /// A connection older than this is replaced before use.
    pub pool_recycle: Duration,
    pub tls: TlsConfig,
    /// Namespaces (PostgreSQL schemas) to read; `None`: all but the system's.
    pub schemas: Option<Vec<String>>,
}

/// How the connection is encrypted. `enabled: None` leaves it to the URL and the server.
#[derive(Clone, Debug, Default)]
pub struct TlsConfig {
    pub enabled: Option<bool>,
    pub verify: Option<bool>,
    pub ca: Option<String>,
    pub certificate: Option<String>,
    pub key: Option<String>,
}

/// What is remembered and for how long.
#[derive(Clone, Debug)]
pub struct CacheConfig {
    pub enabled: bool,
    /// As it was given.
    pub backend: String,
    pub path: Option<String>,
    /// What these come to.
    pub place: CachePlace,
    pub results: CacheResults,
    pub schema_ttl: Duration,
    /// After how long stored values are read again.
    pub values_ttl: Duration,
    /// Columns whose stored values are not read to understand questions.
    pub unindexed_columns: Vec<String>,
    pub query_ttl: Duration,
    pub llm_ttl: Duration,
    pub redis_url: Option<Secret>,
}

/// A place for what other processes may use too.
#[derive(Clone, Debug)]
pub enum CachePlace {
    /// There is none.
    Memory,
    /// A SQLite file.
    File(String),
    /// A Redis server.
    Redis(Secret),
}

/// Where results are remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheResults {
    /// Nowhere: rows are read anew for each question.
    #[default]
    Off,
    /// In this process.
    Memory,
    /// Also in the place that other processes use.
    Shared,
}

/// Which engine answers and which model it uses.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    pub strategy: Strategy,
    pub api: Api,
    /// Used in turn.
    pub api_keys: Vec<Secret>,
    /// Gives the key in the place of `api_keys`.
    pub key_source: Option<KeySource>,
    pub base_url: Option<String>,
    pub organization: Option<String>,
    pub project: Option<String>,
    /// What each request carries besides; a value may be a secret.
    pub headers: Vec<(String, Secret)>,
    /// The proxy on the way to the server; its address may hold a password.
    pub proxy: Option<Secret>,
    pub fast_model: String,
    pub balanced_model: String,
    pub complex_model: String,
    pub temperature: f64,
    pub max_tokens: u32,
    /// The whole time the model may take for one proposal, retries included.
    pub timeout: Duration,
    /// Failures in a row after which the server is left alone; 0: never.
    pub breaker_failures: u32,
    /// How long it is left alone.
    pub breaker_pause: Duration,
    /// What models cost, before the table that comes with this package.
    pub prices: Vec<(String, Price)>,
    /// From this confidence on the offline engine answers without a model, where both may.
    pub offline_confidence: f64,
    /// Whether a model is told stored values that the user has not spelled out.
    pub share_values: bool,
}

/// How a model's server is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Api {
    /// Chat Completions, which every compatible server has.
    #[default]
    Chat,
    /// OpenAI's Responses.
    Responses,
}

/// How much a question may take.
#[derive(Clone, Copy, Debug)]
pub struct EffortConfig {
    /// The whole time, from the question to the answer.
    pub question_timeout: Duration,
    /// Longest prompt, in tokens.
    pub prompt_tokens: usize,
    pub tools: ToolUse,
    /// Answers of a model that may call tools; then it has to answer.
    pub tool_steps: usize,
    /// Tokens of a question's prompts and answers after which a model may call no more tools.
    pub tool_tokens: u64,
}

/// When a model may look around in the database by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolUse {
    /// Where it has to find its way: after a failure, in a schema of which it sees a small part.
    Auto,
    Always,
    /// Not even by tools that the user has added.
    Never,
}

/// Who proposes the SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Offline where it is sure, else a model; offline alone when there is no key.
    Adaptive,
    /// Always the fast model.
    Fixed,
    /// Never a model.
    Offline,
    /// Always a model, the offline engine only grounds it.
    Model,
}

/// What may run and how much of it.
#[derive(Clone, Debug)]
pub struct SafetyConfig {
    pub read_only: bool,
    /// What everyone may read at most.
    pub access: AccessConfig,
    /// What callers may read by their roles; the first role that a caller has is chosen.
    pub roles: Vec<RoleConfig>,
    /// Whether what may not be read is said not to exist.
    pub conceal_forbidden: bool,
    pub max_query_timeout: Duration,
    pub max_result_rows: usize,
    pub max_result_bytes: usize,
    /// Rows that the database may expect at the largest step of a statement.
    pub max_estimated_rows: Option<u64>,
    /// Cost that the database may expect of a statement, in its own units.
    pub max_estimated_cost: Option<f64>,
    pub second_opinion: SecondOpinion,
    /// Whether a login that can do more than read is refused.
    pub require_least_privilege: bool,
    /// Longest question, in characters.
    pub max_question_length: usize,
    /// What becomes of a question that looks like an attack; nothing is looked for without `enable_guardrails`.
    pub injection_screen: Screen,
    pub enable_guardrails: bool,
}

/// Whether the database is asked which relations a statement reads before it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondOpinion {
    /// Where a policy says what may be read.
    #[default]
    Auto,
    Always,
    Never,
}

/// Where conversations are kept, and how much of them a follow-up may see.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// As it was given.
    pub backend: String,
    pub db_path: Option<String>,
    pub url: Option<Secret>,
    /// What these come to.
    pub place: SessionPlace,
    /// Turns that a follow-up may look back on.
    pub max_turns: usize,
    /// Their size, in tokens of four characters.
    pub max_tokens: usize,
}

/// A place for conversations.
#[derive(Clone, Debug)]
pub enum SessionPlace {
    /// They end with the agent.
    Memory,
    /// A SQLite file.
    File(String),
    /// An SQL database.
    Database(DatabaseUrl),
    /// A Redis server.
    Redis(Secret),
}

impl Config {
    /// What the user should know about options that were accepted but do less than they say.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.safety.read_only {
            warnings.push(
                "`read_only=False` has no effect: this version refuses every statement that does not only read"
                    .to_owned(),
            );
        }
        if self.cache.enabled && self.cache.backend == "sqlite" && self.cache.path.is_none() {
            warnings.push("`cache_backend` `sqlite` without `cache_path` remembers in memory alone".to_owned());
        }
        let estimates = |name: &str, what: &str| {
            format!("`{name}` has no effect: {} has no estimate of {what}", self.database.url.dialect.as_str())
        };
        let dialect = self.database.url.dialect;
        if self.safety.max_estimated_rows.is_some() && dialect == Dialect::Sqlite {
            warnings.push(estimates("max_estimated_rows", "rows"));
        }
        if self.safety.max_estimated_cost.is_some() && dialect != Dialect::Postgres {
            warnings.push(estimates("max_estimated_cost", "cost"));
        }
        if self.safety.access.allowed_tables.as_ref().is_some_and(Vec::is_empty) {
            warnings.push("`allowed_tables` is an empty list, so no table can be read".to_owned());
        }
        warnings
    }
}

impl ModelConfig {
    /// Whether there is a model to ask: a key, or a server other than OpenAI's own, which may well
    /// need none.
    #[must_use]
    pub fn is_available(&self) -> bool {
        let has_key = !self.api_keys.is_empty() || self.key_source.is_some();
        has_key || self.base_url.as_deref().is_some_and(|url| !url.contains("//api.openai.com"))
    }
}

impl Api {
    /// The word used for it in options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
        }
    }
}

impl ToolUse {
    /// The word used for it in options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl Screen {
    /// The option's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Block => "block",
            Self::Off => "off",
        }
    }
}

impl SecondOpinion {
    /// The word used for it in options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "true",
            Self::Never => "false",
        }
    }
}

impl CacheResults {
    /// The word used for it in options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Memory => "memory",
            Self::Shared => "shared",
        }
    }
}

impl Strategy {
    /// Every strategy, in the order of the table of options.
    pub const ALL: [Self; 4] = [Self::Adaptive, Self::Fixed, Self::Offline, Self::Model];

    /// The word used for it in options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adaptive => "adaptive",
            Self::Fixed => "fixed",
            Self::Offline => "offline",
            Self::Model => "model",
        }
    }

    /// The strategy of that name; the table of options lets no other name through.
    fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|strategy| strategy.as_str().eq_ignore_ascii_case(name)).unwrap_or(Self::Adaptive)
    }
}
