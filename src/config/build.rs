//! From the values of single options to one configuration that fits together.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};

use super::access;
use super::locale;
use super::model::{self, KeySource};
use super::options::Values;
use super::read::Given;
use super::{
    CacheConfig, CachePlace, CacheResults, Config, DatabaseConfig, DatabaseUrl, EffortConfig, OnError, SafetyConfig,
    SessionConfig, SessionPlace, TlsConfig, ToolUse,
};

impl Config {
    /// Reads every option: an argument in `options` before a variable in `environment` before the
    /// default. An argument that is `null` counts as not given, an empty variable as not set.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use db_query_agent::config::Config;
    ///
    /// let options = serde_json::json!({"database_url": "sqlite:///shop.db"}).as_object().cloned().unwrap();
    /// let environment = HashMap::from([("MAX_RESULT_ROWS".to_owned(), "50".to_owned())]);
    /// let config = Config::build(&options, &environment)?;
    /// assert_eq!(config.safety.max_result_rows, 50);
    /// # Ok::<(), db_query_agent::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Code::UnknownOption`], [`Code::InvalidOption`], or what is wrong with the database URL.
    pub fn build(options: &Map<String, Json>, environment: &HashMap<String, String>) -> Result<Self> {
        Self::with_key_source(options, environment, None)
    }

    /// The same, with the keys of the model's server from `source` where there is one.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub fn with_key_source(
        options: &Map<String, Json>,
        environment: &HashMap<String, String>,
        source: Option<KeySource>,
    ) -> Result<Self> {
        let values = Values::read(options, environment)?;
        let (access, roles) = (access::everyone(&values), access::roles(&values)?);
        Ok(Self {
            model: model::model(&values, source)?,
            effort: EffortConfig {
                question_timeout: values.question_timeout.value,
                prompt_tokens: values.max_prompt_tokens.value,
                tools: match values.model_tools.value.to_lowercase().as_str() {
                    "always" => ToolUse::Always,
                    "never" => ToolUse::Never,
                    _ => ToolUse::Auto,
                },
                tool_steps: values.max_tool_steps.value,
                tool_tokens: values.max_tool_tokens.value,
            },
            share_results: values.share_results.value,
            session: session(&values)?,
            cache: cache(&values)?,
            database: DatabaseConfig {
                url: DatabaseUrl::parse(&values.database_url.value)?,
                pool_size: values.pool_size.value,
                max_overflow: values.max_overflow.value,
                pool_timeout: values.pool_timeout.value,
                pool_recycle: values.pool_recycle.value,
                tls: TlsConfig {
                    enabled: values.ssl_enabled.value,
                    verify: values.ssl_verify.value,
                    ca: values.ssl_ca.value,
                    certificate: values.ssl_cert.value,
                    key: values.ssl_key.value,
                },
                schemas: values.schemas.value,
            },
            safety: SafetyConfig {
                read_only: values.read_only.value,
                access,
                roles,
                conceal_forbidden: values.conceal_forbidden.value,
                max_query_timeout: values.max_query_timeout.value,
                max_result_rows: values.max_result_rows.value,
                max_result_bytes: values.max_result_bytes.value,
                max_estimated_rows: values.max_estimated_rows.value,
                max_estimated_cost: values.max_estimated_cost.value,
                second_opinion: values.second_opinion.value,
                require_least_privilege: values.require_least_privilege.value,
                max_question_length: values.max_question_length.value,
                injection_screen: values.injection_screen.value,
                enable_guardrails: values.enable_guardrails.value,
            },
            on_error: if values.on_error.value.eq_ignore_ascii_case("return") {
                OnError::Return
            } else {
                OnError::Raise
            },
            locale: locale::of(&values.locale)?,
            enable_streaming: values.enable_streaming.value,
            stream_delay: values.stream_delay.value,
            enable_statistics: values.enable_statistics.value,
            lazy_schema_loading: values.lazy_schema_loading.value,
            max_tables_in_context: values.max_tables_in_context.value,
            warmup_on_init: values.warmup_on_init.value,
        })
    }
}

fn cache(values: &Values) -> Result<CacheConfig> {
    let backend = values.cache_backend.value.to_lowercase();
    let (path, redis_url) = (values.cache_path.value.clone(), values.redis_url.value.clone());
    let place = match (backend.as_str(), &path, &redis_url) {
        ("sqlite", Some(path), _) if !is_memory(Some(path)) => CachePlace::File(path.clone()),
        ("redis", _, Some(url)) => CachePlace::Redis(url.clone()),
        ("redis", _, None) if values.enable_cache.value => {
            return Err(Error::new(Code::InvalidOption, "`cache_backend` `redis` needs `redis_url`")
                .with_hint("give `redis_url` as `redis://user:password@host:6379/0`"));
        }
        _ => CachePlace::Memory,
    };
    Ok(CacheConfig {
        enabled: values.enable_cache.value,
        results: match values.cache_results.value.to_lowercase().as_str() {
            "memory" => CacheResults::Memory,
            "shared" => CacheResults::Shared,
            _ => CacheResults::Off,
        },
        schema_ttl: match values.cache_ttl {
            Given { value: Some(ttl), source } if source > values.schema_cache_ttl.source => ttl,
            _ => values.schema_cache_ttl.value,
        },
        values_ttl: values.values_cache_ttl.value,
        unindexed_columns: values.unindexed_columns.value.clone().unwrap_or_default(),
        query_ttl: values.query_cache_ttl.value,
        llm_ttl: values.llm_cache_ttl.value,
        backend,
        path,
        place,
        redis_url,
    })
}

fn session(values: &Values) -> Result<SessionConfig> {
    let backend = values.session_backend.value.to_lowercase();
    let url = values.session_url.value.as_ref();
    let db_path = values.session_db_path.value.clone();
    let missing = |name: &str, hint: &str| {
        Error::new(Code::InvalidOption, format!("`session_backend` `{backend}` needs `{name}`")).with_hint(hint)
    };
    let place = match backend.as_str() {
        "sqlalchemy" => {
            let hint = "give `session_url` as `dialect://user:password@host:port/database`";
            let url = DatabaseUrl::parse(url.ok_or_else(|| missing("session_url", hint))?.expose())
                .map_err(|error| Error::new(error.code(), format!("`session_url`: {error}")).with_hint(error.hint()))?;
            if url.dialect == Dialect::Sqlite && is_memory(url.database.as_deref()) {
                SessionPlace::Memory
            } else {
                SessionPlace::Database(url)
            }
        }
        "redis" => {
            let url = url.or(values.redis_url.value.as_ref());
            let hint = "give `redis_url` as `redis://user:password@host:6379/0`";
            SessionPlace::Redis(url.ok_or_else(|| missing("redis_url", hint))?.clone())
        }
        "sqlite" => match &db_path {
            Some(path) if !is_memory(Some(path)) => SessionPlace::File(path.clone()),
            _ => SessionPlace::Memory,
        },
        _ => SessionPlace::Memory,
    };
    Ok(SessionConfig {
        url: url.cloned(),
        max_turns: values.max_history_turns.value,
        max_tokens: values.max_history_tokens.value,
        backend,
        db_path,
        place,
    })
}

fn is_memory(database: Option<&str>) -> bool {
    database.is_none_or(|name| name.is_empty() || name == ":memory:")
}
