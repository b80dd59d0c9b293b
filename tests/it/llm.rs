//! The client of a model against a server that misbehaves.

use std::net::TcpListener;

use db_query_agent::error::{Category, Code, Error};
use db_query_agent::llm::{Completion, Message, Model, OpenAi, Request, Role, Usage};
use serde_json::{Value as Json, json};

use crate::model_server::{ModelServer, Reply};

mod bill;
mod crowd;
mod keys;
mod responses;
mod spared;
mod stream;
mod tools;

const KEY: &str = "sk-test-8c1f02d9";

fn request() -> Request {
    let schema = Some(("answer".to_owned(), json!({"type": "object"})));
    Request {
        messages: vec![Message::new(Role::System, "rules"), Message::new(Role::User, "how many?")],
        schema,
        ..Request::default()
    }
}

async fn ask(server: &ModelServer, options: Json) -> Result<Completion, Error> {
    let config = server.config(&options);
    OpenAi::new("small", &config.model).unwrap().complete(&request()).await
}

/// The failure that `replies` lead to, checked to hold no key, and how many requests it took.
async fn fault(replies: impl IntoIterator<Item = Reply>) -> (Error, usize) {
    let server = ModelServer::start(replies).await;
    let error = ask(&server, json!({"openai_api_key": KEY, "model_timeout": 30})).await.unwrap_err();
    assert!(!format!("{error} {error:?} {}", error.hint()).contains(KEY), "{error:?}");
    (error, server.seen().len())
}

#[tokio::test]
async fn an_answer_with_its_cost() {
    let server = ModelServer::start([Reply::text("forty-two")]).await;
    let completion = ask(&server, json!({"openai_api_key": KEY, "temperature": 0.5})).await.unwrap();
    let usage = Usage { prompt_tokens: 11, completion_tokens: 7, calls: 1, unpriced_calls: 1, ..Usage::default() };
    assert_eq!(completion, Completion { text: "forty-two".to_owned(), usage, ..Completion::default() });
    let seen = server.seen();
    assert!(seen[0].head.starts_with("POST /v1/chat/completions "), "{}", seen[0].head);
    assert!(seen[0].head.contains(&format!("Bearer {KEY}")));
    assert_eq!(seen[0].body["messages"][1], json!({"role": "user", "content": "how many?"}));
    assert_eq!((&seen[0].body["model"], &seen[0].body["temperature"]), (&json!("small"), &json!(0.5)));
    assert_eq!(seen[0].body["response_format"]["json_schema"]["strict"], true);
}

#[tokio::test]
async fn a_server_without_keys_gets_none() {
    let server = ModelServer::start([Reply::text("yes")]).await;
    ask(&server, json!({})).await.unwrap();
    assert!(!server.seen()[0].head.to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn what_the_server_does_not_take_is_left_out_and_remembered() {
    let refuses = |part: &str| Reply::refusal(400, "", &format!("unsupported parameter: {part}"));
    let length = refuses("'max_tokens', use 'max_completion_tokens'");
    let form = refuses("response_format");
    let refusals = [form.clone(), length, refuses("temperature"), refuses("tool_choice"), form];
    let server = ModelServer::start(refusals.into_iter().chain([Reply::text("yes")])).await;
    let config = server.config(&json!({}));
    let model = OpenAi::new("small", &config.model).unwrap();
    for _ in 0..2 {
        assert_eq!(model.complete(&request()).await.unwrap().text, "yes");
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 7, "five refusals, then one request a question");
    assert_eq!(seen[1].body["tool_choice"]["function"]["name"], "answer", "a schema becomes a call");
    assert_eq!(seen[4].body["response_format"], json!({"type": "json_object"}), "and that becomes any JSON");
    for body in [&seen[5].body, &seen[6].body] {
        let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["model", "messages", "max_completion_tokens"]);
    }
}

#[tokio::test]
async fn a_fault_that_passes_is_waited_out() {
    for passing in [
        Reply::refusal(429, "retry-after: 0\r\n", "slow down"),
        Reply::refusal(503, "", "overloaded"),
        Reply::Raw(502, "", "<html>bad gateway</html>".to_owned()),
        Reply::Cut,
    ] {
        let server = ModelServer::start([passing.clone(), Reply::text("yes")]).await;
        assert_eq!(ask(&server, json!({})).await.unwrap().text, "yes", "{passing:?}");
        assert_eq!(server.seen().len(), 2, "{passing:?}");
    }
}

#[tokio::test]
async fn a_fault_that_stays_becomes_its_error() {
    let told = format!("Incorrect API key provided: {KEY}");
    let gone = r#"{"error": {"message": "no credit", "code": "insufficient_quota"}}"#.to_owned();
    for (reply, code, tries) in [
        (Reply::refusal(401, "", &told), Code::ModelAuthentication, 1),
        (Reply::refusal(403, "", &told), Code::ModelAuthentication, 1),
        (Reply::refusal(404, "", "model `small` not found"), Code::ModelRefused, 1),
        (Reply::refusal(400, "", &told), Code::ModelRefused, 2),
        (Reply::refusal(302, "location: http://example.invalid/\r\n", ""), Code::ModelUnreachable, 1),
        (Reply::refusal(429, "retry-after: 600\r\n", &told), Code::ModelRateLimited, 1),
        (Reply::Raw(429, "", gone), Code::ModelRateLimited, 1),
        (Reply::refusal(500, "", &told), Code::ModelUnreachable, 4),
        (Reply::Raw(200, "", "<html>welcome</html>".to_owned()), Code::ModelBadResponse, 1),
        (Reply::Raw(200, "", "{}".to_owned()), Code::ModelBadResponse, 1),
        (Reply::Raw(200, "", "[]".to_owned()), Code::ModelBadResponse, 1),
        (Reply::text(" "), Code::ModelBadResponse, 1),
    ] {
        let (error, requests) = fault([reply.clone()]).await;
        assert_eq!((error.code(), requests), (code, tries), "{reply:?}: {error}");
    }
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let server = ModelServer::start([Reply::Silence]).await;
    let error = ask(&server, json!({"model_timeout": 0.2})).await.unwrap_err();
    assert_eq!((error.code(), error.category()), (Code::ModelTimeout, Category::System));
    assert_eq!(error.to_string(), "the model did not answer within 0.2 seconds");
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = ModelServer::start([]).await;
    server.base_url = format!("http://127.0.0.1:{port}/v1");
    let error = ask(&server, json!({})).await.unwrap_err();
    assert_eq!(
        (error.code(), error.to_string()),
        (Code::ModelUnreachable, "the model's server cannot be reached".into())
    );
}

#[tokio::test]
async fn a_server_without_encryption_behind_an_encrypted_address() {
    let mut server = ModelServer::start([Reply::text("yes")]).await;
    server.base_url = server.base_url.replace("http:", "https:");
    let error = ask(&server, json!({"openai_api_key": KEY})).await.unwrap_err();
    assert_eq!(error.code(), Code::ModelUnreachable);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_response_without_end_is_cut_off() {
    let (error, requests) = fault([Reply::Raw(200, "", " ".repeat(9 * 1024 * 1024))]).await;
    assert_eq!((error.code(), requests), (Code::ModelBadResponse, 1));
}

#[tokio::test]
async fn keys_do_not_show() {
    let server = ModelServer::start([]).await;
    let config = server.config(&json!({"openai_api_key": KEY}));
    assert!(!format!("{:?}", OpenAi::new("small", &config.model).unwrap()).contains(KEY));
    let config = server.config(&json!({"openai_api_key": format!("{KEY}\nhost: elsewhere")}));
    let error = OpenAi::new("small", &config.model).unwrap_err();
    assert_eq!(error.code(), Code::InvalidOption);
    assert!(!format!("{error:?}").contains(KEY));
}
