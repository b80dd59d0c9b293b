//! Where a configuration comes from and what it refuses.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use db_query_agent::config::{Config, Kind, OPTIONS, OnError, Strategy};
use db_query_agent::engine::Router;
use db_query_agent::error::{Code, Error};
use serde_json::{Map, Value as Json, json};

const KEY: &str = "sk-test-3f9c1d7e";

fn arguments(options: Json) -> Map<String, Json> {
    let Json::Object(mut options) = options else { panic!("options are a mapping") };
    options.entry("database_url").or_insert_with(|| json!("sqlite:///shop.db"));
    options
}

fn build(options: Json, environment: &[(&str, &str)]) -> Result<Config, Error> {
    let environment: HashMap<String, String> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::build(&arguments(options), &environment)
}

fn refused(options: Json, environment: &[(&str, &str)]) -> Error {
    build(options, environment).expect_err("the configuration is wrong")
}

#[test]
fn defaults_are_those_of_the_released_package() {
    let config = build(json!({}), &[]).unwrap();
    assert_eq!(config.model.strategy, Strategy::Adaptive);
    assert_eq!(
        [&*config.model.fast_model, &*config.model.balanced_model, &*config.model.complex_model],
        ["gpt-4o-mini", "gpt-4.1-mini", "gpt-4.1"]
    );
    assert_eq!((config.database.pool_size, config.database.max_overflow), (10, 20));
    assert_eq!(config.cache.schema_ttl, Duration::from_hours(1));
    assert_eq!(config.cache.query_ttl, Duration::from_mins(5));
    assert_eq!(config.safety.max_query_timeout, Duration::from_secs(30));
    assert_eq!((config.safety.max_result_rows, config.safety.max_question_length), (10_000, 4_000));
    assert_eq!((config.lazy_schema_loading, config.max_tables_in_context), (true, 5));
    assert!((config.model.offline_confidence - Router::SURE).abs() < f64::EPSILON && !config.model.share_values);
    assert_eq!((&*config.session.backend, config.session.db_path), ("sqlite", None));
    assert!(config.safety.read_only && config.cache.enabled && config.enable_statistics);
    assert!(!config.enable_streaming && !config.warmup_on_init);
    assert_eq!(config.on_error, OnError::Raise);
    assert!(!build(json!({}), &[]).unwrap().model.is_available());
    assert!(build(json!({}), &[]).unwrap().warnings().is_empty());
}

#[test]
fn an_argument_beats_the_environment_and_that_beats_the_default() {
    let environment = [("DB_POOL_SIZE", "7"), ("MAX_RESULT_ROWS", " 50 "), ("READ_ONLY", "Yes"), ("FAST_MODEL", "")];
    let config = build(json!({"pool_size": 3, "max_overflow": null}), &environment).unwrap();
    assert_eq!(config.database.pool_size, 3, "argument");
    assert_eq!(config.safety.max_result_rows, 50, "environment");
    assert_eq!(config.database.max_overflow, 20, "`null` is not given");
    assert_eq!(config.model.fast_model, "gpt-4o-mini", "an empty variable is not set");
}

#[test]
fn a_short_name_gives_way_to_the_exact_name_of_the_same_source() {
    let environment = [("FAST_MODEL", "of-the-environment"), ("CACHE_SCHEMA_TTL", "10")];
    let config = build(json!({"model": "one", "complex_model": "two", "cache_ttl": 0.5}), &environment).unwrap();
    assert_eq!([&*config.model.fast_model, &*config.model.complex_model], ["one", "two"]);
    assert_eq!(config.cache.schema_ttl, Duration::from_millis(500));
    let config = build(json!({"cache_ttl": 5, "schema_cache_ttl": 6}), &environment).unwrap();
    assert_eq!(config.cache.schema_ttl, Duration::from_secs(6));
    let config = build(json!({}), &[("OPENAI_MODEL", "one"), ("FAST_MODEL", "two")]).unwrap();
    assert_eq!([&*config.model.fast_model, &*config.model.complex_model], ["two", "one"]);
}

#[test]
fn truth_values_of_the_environment() {
    for (text, truth) in [
        ("true", true),
        ("1", true),
        ("YES", true),
        ("on", true),
        ("false", false),
        ("0", false),
        ("No", false),
        ("off", false),
    ] {
        assert_eq!(build(json!({}), &[("CACHE_ENABLED", text)]).unwrap().cache.enabled, truth, "{text}");
    }
    let error = refused(json!({}), &[("CACHE_ENABLED", "maybe")]);
    assert_eq!(error.code(), Code::InvalidOption);
    assert_eq!(error.to_string(), "`CACHE_ENABLED` must be true or false");
}

#[test]
fn lists_come_as_lists_or_divided_by_commas() {
    let config = build(json!({"allowed_tables": ["a", "s.b"]}), &[("BLOCKED_TABLES", "x, y,,")]).unwrap();
    assert_eq!(config.safety.access.allowed_tables.unwrap(), ["a", "s.b"]);
    assert_eq!(config.safety.access.blocked_tables, ["x", "y"]);
    let error = refused(json!({"allowed_tables": "users"}), &[]);
    assert_eq!(error.to_string(), "`allowed_tables` must be a list of texts that are not empty, not text");
    let config = build(json!({"allowed_tables": []}), &[]).unwrap();
    assert_eq!(config.safety.access.allowed_tables.as_deref(), Some(&[][..]), "an empty list allows nothing");
    assert_eq!(config.warnings().len(), 1);
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_one() {
    let error = refused(json!({"max_result_row": 5}), &[]);
    assert_eq!((error.code(), error.hint()), (Code::UnknownOption, "did you mean `max_result_rows`?"));
    let error = refused(json!({"frobnicate": 5}), &[]);
    assert_eq!(error.to_string(), "no option is called `frobnicate`");
    assert!(!error.hint().contains("did you mean"));
}

#[test]
fn wrong_types_and_ranges_name_the_option_and_never_the_value() {
    for (name, value) in [
        ("pool_size", json!("ten")),
        ("pool_size", json!(0)),
        ("pool_size", json!(true)),
        ("pool_size", json!(2.5)),
        ("max_query_timeout", json!(-1)),
        ("max_query_timeout", json!({"seconds": 1})),
        ("read_only", json!("no")),
        ("model_strategy", json!("clever")),
        ("fast_model", json!(" ")),
        ("fast_model", json!(4)),
        ("temperature", json!(7)),
        ("blocked_tables", json!(["ok", 1])),
        ("openai_api_key", json!(17)),
        ("base_url", json!("localhost:8080/v1")),
        ("base_url", json!(format!("https://user:{KEY}@host/v1"))),
        ("session_backend", json!("redis")),
        ("cache_backend", json!("redis")),
        ("on_error", json!(KEY)),
        ("database_url", json!("")),
    ] {
        let error = refused(json!({ name: value }), &[]);
        assert_eq!(error.code(), Code::InvalidOption, "{name}: {value}");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        assert!(!format!("{error} {} {error:?}", error.hint()).contains(KEY), "{error}");
    }
    let error = refused(json!({}), &[("DB_POOL_SIZE", "ten")]);
    assert_eq!(error.to_string(), "`DB_POOL_SIZE` must be a whole number from 1 to 10000");
    assert_eq!(error.hint(), "leave it out for `10`");
    assert_eq!(refused(json!({"model_strategy": "offlin"}), &[]).hint(), "did you mean `offline`?");
}

#[test]
fn the_database_url_is_required() {
    let error = Config::build(&Map::new(), &HashMap::new()).unwrap_err();
    assert_eq!((error.code(), error.to_string()), (Code::InvalidOption, "`database_url` is required".to_owned()));
    assert!(error.hint().contains("`DATABASE_URL`"));
}

#[test]
fn a_strategy_that_needs_a_model_needs_a_key_or_a_server() {
    for strategy in ["fixed", "model"] {
        assert_eq!(refused(json!({"model_strategy": strategy}), &[]).code(), Code::InvalidOption);
        let openai = json!({"model_strategy": strategy, "base_url": "https://api.openai.com/v1"});
        assert_eq!(refused(openai, &[]).code(), Code::InvalidOption);
        build(json!({"model_strategy": strategy}), &[("OPENAI_API_KEY", KEY)]).unwrap();
        let local = build(json!({"model_strategy": strategy, "base_url": "http://localhost:11434/v1/"}), &[]).unwrap();
        assert_eq!(local.model.base_url.as_deref(), Some("http://localhost:11434/v1"));
    }
}

#[test]
fn what_has_no_effect_is_said() {
    let config = build(json!({"read_only": false, "cache_backend": "sqlite"}), &[]).unwrap();
    let warnings = config.warnings();
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].contains("`read_only=False`") && warnings[1].contains("`cache_path`"), "{warnings:?}");
}

#[test]
fn keys_do_not_show() {
    let environment = [("OPENAI_API_KEY", KEY), ("REDIS_URL", "redis://:sk-test-3f9c1d7e@localhost")];
    let config =
        build(json!({"database_url": "postgresql://me:sk-test-3f9c1d7e@localhost/shop"}), &environment).unwrap();
    assert_eq!(config.model.api_keys[0].expose(), KEY);
    assert!(!format!("{config:?} {config:#?}").contains(KEY));
}

#[test]
fn the_table_is_whole() {
    let names: HashSet<_> = OPTIONS.iter().map(|setting| setting.name).collect();
    let variables: Vec<_> = OPTIONS.iter().filter_map(|setting| setting.environment).collect();
    assert_eq!(names.len(), OPTIONS.len());
    assert_eq!(variables.iter().collect::<HashSet<_>>().len(), variables.len());
    for setting in OPTIONS {
        assert!(!setting.about.is_empty() && !setting.about.ends_with('.'), "{}", setting.name);
        let default = setting.default.map(|text| setting.kind.parse(text));
        assert!(
            default.is_none_or(|value| value.is_some_and(|value| setting.kind.accepts(&value))),
            "{}",
            setting.name
        );
        if let Kind::Choice(choices) = setting.kind {
            assert!(choices.iter().all(|choice| choice.chars().all(|letter| letter.is_ascii_lowercase())));
        }
    }
    // The constructor and the variables of 0.1.4, from its API reference and its `.env.example`.
    for name in "database_url openai_api_key model_strategy fast_model balanced_model complex_model enable_cache \
        cache_backend schema_cache_ttl query_cache_ttl llm_cache_ttl read_only allowed_tables blocked_tables \
        max_query_timeout max_result_rows pool_size max_overflow lazy_schema_loading max_tables_in_context \
        warmup_on_init enable_statistics enable_streaming session_backend session_db_path cache_ttl"
        .split_whitespace()
    {
        assert!(names.contains(name), "{name}");
    }
    for variable in "OPENAI_API_KEY DATABASE_URL MODEL_STRATEGY FAST_MODEL BALANCED_MODEL COMPLEX_MODEL \
        MODEL_TEMPERATURE MODEL_MAX_TOKENS CACHE_ENABLED CACHE_BACKEND CACHE_SCHEMA_TTL CACHE_QUERY_TTL CACHE_LLM_TTL \
        REDIS_URL READ_ONLY QUERY_TIMEOUT MAX_RESULT_ROWS DB_POOL_SIZE DB_MAX_OVERFLOW SSL_ENABLED SSL_CERT SSL_KEY \
        SSL_CA SSL_VERIFY LAZY_SCHEMA_LOADING ENABLE_STREAMING MAX_TABLES_IN_CONTEXT WARMUP_ON_INIT"
        .split_whitespace()
    {
        assert!(variables.contains(&variable), "{variable}");
    }
}
