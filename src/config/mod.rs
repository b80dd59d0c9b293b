//! Every option, its default, and what makes a value wrong.

pub mod url;

use std::time::Duration;

use crate::redact::Secret;

pub use url::DatabaseUrl;

/// Everything an agent needs to know, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub database: DatabaseConfig,
    pub cache: CacheConfig,
    pub model: ModelConfig,
    pub safety: SafetyConfig,
    pub session: SessionConfig,
    pub enable_streaming: bool,
    pub enable_statistics: bool,
    pub lazy_schema_loading: bool,
    pub max_tables_in_context: usize,
    pub warmup_on_init: bool,
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
    pub backend: String,
    pub schema_ttl: Duration,
    pub query_ttl: Duration,
    pub llm_ttl: Duration,
    pub redis_url: Option<Secret>,
}

/// Which engine answers and which model it uses.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    pub strategy: Strategy,
    pub api_key: Option<Secret>,
    pub base_url: Option<String>,
    pub fast_model: String,
    pub balanced_model: String,
    pub complex_model: String,
    pub temperature: f32,
    pub max_tokens: u32,
    /// The whole time a question may spend on the model, retries included.
    pub timeout: Duration,
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
    pub allowed_tables: Option<Vec<String>>,
    pub blocked_tables: Vec<String>,
    pub max_query_timeout: Duration,
    pub max_result_rows: usize,
    pub max_result_bytes: usize,
    /// Longest question, in characters.
    pub max_question_length: usize,
    pub enable_guardrails: bool,
}

/// Where conversations are kept.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    pub backend: String,
    pub db_path: Option<String>,
}
