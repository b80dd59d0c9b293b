//! The core's tables of options and errors, and options read from all their sources.

use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value as Json, json};

use super::error::raise;
use super::{convert, keys};
use crate::config::{AccessConfig, Config, Kind, ModelConfig, OPTIONS, OnError, Price};
use crate::error::Code;
use crate::redact::Secret;

/// Every option: `name`, `environment`, `default`, `about`, and whether it is `secret`.
#[pyfunction]
pub(super) fn options(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let shape = |setting: &crate::config::Setting| {
        let row = PyDict::new(py);
        row.set_item("name", setting.name)?;
        row.set_item("environment", setting.environment)?;
        row.set_item("default", setting.default)?;
        row.set_item("about", setting.about)?;
        row.set_item("secret", matches!(setting.kind, Kind::Secret | Kind::Secrets | Kind::Headers))?;
        Ok(row)
    };
    OPTIONS.iter().map(shape).collect()
}

/// Every error code: `code`, `category`, `exception`, `hint`, `meaning`.
#[pyfunction]
pub(super) fn codes(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let shape = |code: &Code| {
        let row = PyDict::new(py);
        row.set_item("code", code.as_str())?;
        row.set_item("category", code.category().as_str())?;
        row.set_item("exception", code.exception())?;
        row.set_item("hint", code.hint())?;
        row.set_item("meaning", code.meaning().trim_start())?;
        Ok(row)
    };
    Code::ALL.iter().map(shape).collect()
}

/// The options as an agent would read them, grouped as the classes of `db_query_agent.config` are.
/// Holds the secrets that were given.
#[pyfunction]
pub(super) fn resolve<'py>(
    py: Python<'py>,
    options: &Bound<'py, PyDict>,
    environment: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let source = keys::take(options)?;
    let options = convert::options(options)?;
    let environment: HashMap<String, String> = environment.extract()?;
    let config = Config::with_key_source(&options, &environment, source).map_err(|error| raise(py, &error))?;
    let given = options.get("database_url").and_then(Json::as_str);
    let url = given.or_else(|| environment.get("DATABASE_URL").map(String::as_str));
    grouped(py, &config, url)
}

/// The options of `config`, grouped, with the secrets that were given.
pub(super) fn grouped<'py>(py: Python<'py>, config: &Config, url: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
    let mut groups = json!({
        "openai_api_key": api_keys(config),
        "session_backend": config.session.backend,
        "session_db_path": config.session.db_path,
        "session_url": reveal(config.session.url.as_ref()),
        "max_history_turns": config.session.max_turns,
        "max_history_tokens": config.session.max_tokens,
        "locale": config.locale.tag(),
        "enable_streaming": config.enable_streaming,
        "stream_delay": config.stream_delay.as_secs_f64(),
        "enable_statistics": config.enable_statistics,
        "on_error": if config.on_error == OnError::Return { "return" } else { "raise" },
        "lazy_schema_loading": config.lazy_schema_loading,
        "max_tables_in_context": config.max_tables_in_context,
        "question_timeout": config.effort.question_timeout.as_secs_f64(),
        "max_prompt_tokens": config.effort.prompt_tokens,
        "model_tools": config.effort.tools.as_str(),
        "max_tool_steps": config.effort.tool_steps,
        "max_tool_tokens": config.effort.tool_tokens,
        "share_results": config.share_results,
        "warmup_on_init": config.warmup_on_init,
    });
    groups["database"] = database(config, url);
    groups["cache"] = cache(config);
    groups["model"] = model(config);
    groups["safety"] = safety(config);
    convert::json(py, &groups)
}

/// One key as a text, several as a list.
fn api_keys(Config { model, .. }: &Config) -> Json {
    match &model.api_keys[..] {
        [] => Json::Null,
        [key] => Json::from(key.expose()),
        keys => keys.iter().map(Secret::expose).collect(),
    }
}

fn reveal(secret: Option<&Secret>) -> Option<&str> {
    secret.map(Secret::expose)
}

fn database(Config { database, .. }: &Config, url: Option<&str>) -> Json {
    json!({
        "url": url,
        "pool_size": database.pool_size,
        "max_overflow": database.max_overflow,
        "pool_timeout": database.pool_timeout.as_secs_f64(),
        "pool_recycle": database.pool_recycle.as_secs_f64(),
        "schemas": database.schemas,
        "ssl_enabled": database.tls.enabled,
        "ssl_verify": database.tls.verify,
        "ssl_ca": database.tls.ca,
        "ssl_cert": database.tls.certificate,
        "ssl_key": database.tls.key,
    })
}

fn cache(Config { cache, .. }: &Config) -> Json {
    json!({
        "enabled": cache.enabled,
        "backend": cache.backend,
        "path": cache.path,
        "results": cache.results.as_str(),
        "redis_url": reveal(cache.redis_url.as_ref()),
        "schema_ttl": cache.schema_ttl.as_secs_f64(),
        "values_ttl": cache.values_ttl.as_secs_f64(),
        "unindexed_columns": cache.unindexed_columns,
        "query_ttl": cache.query_ttl.as_secs_f64(),
        "llm_ttl": cache.llm_ttl.as_secs_f64(),
    })
}

fn model(Config { model, .. }: &Config) -> Json {
    json!({
        "strategy": model.strategy.as_str(),
        "base_url": model.base_url,
        "openai_api": model.api.as_str(),
        "openai_organization": model.organization,
        "openai_project": model.project,
        "model_headers": headers(model),
        "model_proxy": reveal(model.proxy.as_ref()),
        "fast_model": model.fast_model,
        "balanced_model": model.balanced_model,
        "complex_model": model.complex_model,
        "temperature": model.temperature,
        "max_tokens": model.max_tokens,
        "timeout": model.timeout.as_secs_f64(),
        "model_breaker_failures": model.breaker_failures,
        "model_breaker_pause": model.breaker_pause.as_secs_f64(),
        "model_prices": prices(model),
        "offline_confidence": model.offline_confidence,
        "share_values": model.share_values,
    })
}

fn headers(model: &ModelConfig) -> Option<Map<String, Json>> {
    let one = |(name, value): &(String, Secret)| (name.clone(), Json::from(value.expose()));
    (!model.headers.is_empty()).then(|| model.headers.iter().map(one).collect())
}

fn prices(model: &ModelConfig) -> Option<Map<String, Json>> {
    let one = |(name, price): &(String, Price)| {
        let Price { input, cached_input, output } = price;
        (name.clone(), json!({"input": input, "cached_input": cached_input, "output": output}))
    };
    (!model.prices.is_empty()).then(|| model.prices.iter().map(one).collect())
}

fn safety(Config { safety, .. }: &Config) -> Json {
    json!({
        "read_only": safety.read_only,
        "allowed_tables": safety.access.allowed_tables,
        "blocked_tables": safety.access.blocked_tables,
        "allowed_columns": safety.access.allowed_columns,
        "blocked_columns": safety.access.blocked_columns,
        "masked_columns": safety.access.masked_columns,
        "row_filters": filters(&safety.access),
        "roles": safety.roles.iter().map(|role| (role.name.clone(), access(&role.access))).collect::<Map<_, _>>(),
        "conceal_forbidden": safety.conceal_forbidden,
        "max_query_timeout": safety.max_query_timeout.as_secs_f64(),
        "max_result_rows": safety.max_result_rows,
        "max_result_bytes": safety.max_result_bytes,
        "max_estimated_rows": safety.max_estimated_rows,
        "max_estimated_cost": safety.max_estimated_cost,
        "second_opinion": safety.second_opinion.as_str(),
        "require_least_privilege": safety.require_least_privilege,
        "max_question_length": safety.max_question_length,
        "injection_screen": safety.injection_screen.as_str(),
        "enable_guardrails": safety.enable_guardrails,
    })
}

fn access(access: &AccessConfig) -> Json {
    json!({
        "allowed_tables": access.allowed_tables,
        "blocked_tables": access.blocked_tables,
        "allowed_columns": access.allowed_columns,
        "blocked_columns": access.blocked_columns,
        "masked_columns": access.masked_columns,
        "row_filters": filters(access),
    })
}

fn filters(access: &AccessConfig) -> Json {
    access.row_filters.iter().map(|(table, condition)| (table.clone(), Json::from(condition.as_str()))).collect()
}
