//! Several keys, keys from a function, and what else a request carries.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use db_query_agent::config::{Config, KeySource};
use db_query_agent::error::{Code, Error};
use db_query_agent::llm::{Model, OpenAi};
use db_query_agent::redact::Secret;
use serde_json::{Value as Json, json};

use super::request;
use crate::model_server::{ModelServer, Reply};

/// The keys that `server` was shown, in order.
fn shown(server: &ModelServer) -> Vec<String> {
    let key = |head: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
        line.unwrap_or_default().to_owned()
    };
    server.seen().iter().map(|seen| key(&seen.head)).collect()
}

fn model(server: &ModelServer, options: &Json) -> OpenAi {
    OpenAi::new("small", &server.config(options).model).unwrap()
}

#[tokio::test]
async fn keys_take_turns() {
    let server = ModelServer::start([Reply::text("yes")]).await;
    let model = model(&server, &json!({"openai_api_key": ["sk-a", "sk-b"]}));
    for _ in 0..4 {
        model.complete(&request()).await.unwrap();
    }
    assert_eq!(shown(&server), ["sk-a", "sk-b", "sk-a", "sk-b"]);
}

#[tokio::test]
async fn a_key_that_is_refused_gives_way_to_the_next_in_the_same_question() {
    let gone = r#"{"error": {"message": "no credit", "code": "insufficient_quota"}}"#.to_owned();
    for refusal in [
        Reply::refusal(401, "", "sk-a is wrong"),
        Reply::refusal(403, "", "sk-a may not"),
        Reply::Raw(429, "", gone),
        Reply::refusal(429, "retry-after: 60\r\n", "slow down"),
        Reply::refusal(402, "", "Insufficient Balance"),
    ] {
        let server = ModelServer::start([refusal.clone(), Reply::text("yes")]).await;
        let model = model(&server, &json!({"openai_api_key": ["sk-a", "sk-b"]}));
        for _ in 0..3 {
            assert_eq!(model.complete(&request()).await.unwrap().text, "yes", "{refusal:?}");
        }
        assert_eq!(shown(&server), ["sk-a", "sk-b", "sk-b", "sk-b"], "{refusal:?}");
    }
}

#[tokio::test]
async fn when_all_keys_are_refused_the_error_says_so() {
    let server = ModelServer::start([Reply::refusal(401, "", "sk-a sk-b")]).await;
    let model = model(&server, &json!({"openai_api_key": ["sk-a", "sk-b"]}));
    let error = model.complete(&request()).await.unwrap_err();
    assert_eq!(error.code(), Code::ModelAuthentication);
    assert!(!format!("{error:?} {model:?}").contains("sk-"), "{error:?}");
    assert_eq!(server.seen().len(), 2);
}

fn sourced(
    server: &ModelServer,
    give: impl Fn(usize) -> Result<Secret, Error> + Send + Sync + 'static,
) -> (OpenAi, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let source = KeySource::new(move || give(counted.fetch_add(1, Ordering::Relaxed)));
    let options = json!({"database_url": "sqlite://", "base_url": server.base_url, "model_strategy": "model"});
    let config = Config::with_key_source(options.as_object().unwrap(), &HashMap::new(), Some(source)).unwrap();
    (OpenAi::new("small", &config.model).unwrap(), calls)
}

#[tokio::test]
async fn a_function_is_asked_once_for_all_and_again_when_its_key_is_refused() {
    let server = ModelServer::start([Reply::refusal(401, "", "expired"), Reply::text("yes")]).await;
    let (model, calls) = sourced(&server, |call| Ok(Secret::new(format!("sk-{call}"))));
    model.complete(&request()).await.unwrap();
    let again = request();
    futures::future::join_all((0..20).map(|_| model.complete(&again))).await;
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    let shown = shown(&server);
    assert_eq!((&shown[..2], shown.len()), (&["sk-0".to_owned(), "sk-1".to_owned()][..], 22));
}

#[tokio::test]
async fn a_function_whose_key_stays_refused_is_not_asked_for_ever() {
    let server = ModelServer::start([Reply::refusal(401, "", "no")]).await;
    let (model, calls) = sourced(&server, |call| Ok(Secret::new(format!("sk-{call}"))));
    assert_eq!(model.complete(&request()).await.unwrap_err().code(), Code::ModelAuthentication);
    assert_eq!((calls.load(Ordering::Relaxed), server.seen().len()), (2, 2));
}

#[tokio::test]
async fn a_function_that_fails_or_gives_nonsense_is_an_error_and_nothing_is_sent() {
    let server = ModelServer::start([Reply::text("yes")]).await;
    let (fails, _) = sourced(&server, |_| Err(Error::new(Code::ModelAuthentication, "the vault is shut")));
    assert_eq!(fails.complete(&request()).await.unwrap_err().to_string(), "the vault is shut");
    let (broken, _) = sourced(&server, |_| Ok(Secret::new("sk-a\nhost: elsewhere")));
    let error = broken.complete(&request()).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidOption);
    assert!(!format!("{error:?}").contains("sk-a"));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn organisation_project_and_headers_go_along() {
    let server = ModelServer::start([Reply::text("yes")]).await;
    let headers = json!({"X-Team": "billing", "Api-Key": "hush"});
    let model =
        model(&server, &json!({"openai_organization": "org-1", "openai_project": "proj-2", "model_headers": headers}));
    model.complete(&request()).await.unwrap();
    let head = server.seen()[0].head.clone();
    for line in ["openai-organization: org-1", "openai-project: proj-2", "x-team: billing", "api-key: hush"] {
        assert!(head.lines().any(|sent| sent == line), "{line} in {head}");
    }
    assert!(!format!("{model:?}").contains("hush"));
    let broken = server.config(&json!({"model_headers": {"X Team": "billing"}}));
    let error = OpenAi::new("small", &broken.model).unwrap_err();
    assert_eq!(error.to_string(), "`model_headers` holds a name that no header can have");
}

#[tokio::test]
async fn a_proxy_of_the_options_is_used_for_every_server() {
    // To the proxy the whole address is asked for, which tells that it was one.
    let proxy = ModelServer::start([Reply::text("yes")]).await;
    let address = proxy.base_url.replace("http://", "http://ann:hush@").replace("/v1", "");
    let model = OpenAi::new(
        "small",
        &proxy.config(&json!({"base_url": "http://127.0.0.1:1/v1", "model_proxy": address})).model,
    )
    .unwrap();
    assert_eq!(model.complete(&request()).await.unwrap().text, "yes");
    let head = proxy.seen()[0].head.clone();
    assert!(head.starts_with("POST http://127.0.0.1:1/v1/chat/completions "), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic "), "{head}");
    assert!(!format!("{model:?}").contains("hush"));
}

#[test]
fn options_of_the_server_that_cannot_be_used_are_errors_without_their_values() {
    let build = |options: Json| {
        let mut all = json!({"database_url": "sqlite://"});
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        Config::build(all.as_object().unwrap(), &HashMap::new())
    };
    for (name, value) in [
        ("openai_api_key", json!([])),
        ("openai_api_key", json!(["sk-a", " "])),
        ("openai_api_key", json!({"hush": 1})),
        ("openai_api", json!("hush")),
        ("model_headers", json!({"a": 1})),
        ("model_proxy", json!("socks5://hush:1")),
        ("model_proxy", json!("hush")),
        ("model_prices", json!({"m": {"input": 1}})),
        ("model_prices", json!({"m": {"input": 1, "output": -1}})),
        ("model_prices", json!({"m": {"input": 1, "output": 1, "hush": 1}})),
        ("model_breaker_failures", json!(-1)),
    ] {
        let error = build(json!({name: value})).unwrap_err();
        assert_eq!(error.code(), Code::InvalidOption, "{name}: {value}");
        assert!(error.to_string().contains(name) && !error.to_string().contains("hush"), "{error}");
    }
    let environment = HashMap::from([("OPENAI_API_KEY".to_owned(), "sk-a, sk-b".to_owned())]);
    let config = Config::build(json!({"database_url": "sqlite://"}).as_object().unwrap(), &environment).unwrap();
    let keys: Vec<&str> = config.model.api_keys.iter().map(Secret::expose).collect();
    assert_eq!(keys, ["sk-a", "sk-b"]);
}
