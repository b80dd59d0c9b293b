//! A server that fails again and again is left alone.

use db_query_agent::error::{Category, Code};
use db_query_agent::llm::{Model, OpenAi, Request};
use serde_json::json;

use super::request;
use crate::model_server::{ModelServer, Reply};

#[tokio::test]
async fn its_models_share_what_is_known_of_it() {
    // It asks for a longer wait than anybody has, so no question tries twice.
    let down = Reply::refusal(501, "retry-after: 600\r\n", "");
    let server = ModelServer::start([down.clone(), down, Reply::text("yes")]).await;
    let config = server.config(&json!({"model_breaker_failures": 2, "model_breaker_pause": 0.2}));
    let plain = Request { schema: None, ..request() };
    let small = OpenAi::new("small", &config.model).unwrap();
    let large = small.sibling("large");
    for model in [&small, &large] {
        let error = model.complete(&plain).await.unwrap_err();
        assert_eq!((error.code(), error.category()), (Code::ModelUnreachable, Category::System));
    }
    let asked = server.seen().len();
    let error = small.complete(&plain).await.unwrap_err();
    assert_eq!(error.to_string(), "the model's server failed 2 times in a row and is left alone for now");
    assert_eq!(server.seen().len(), asked, "nothing was sent");
    // It is tried again after the pause, and one answer makes it whole.
    let answer = loop {
        match large.complete(&plain).await {
            Ok(answer) => break answer,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(answer.text, "yes");
    assert!(small.complete(&plain).await.is_ok());
}

#[tokio::test]
async fn refusals_and_slow_downs_are_answers() {
    for reply in [Reply::refusal(401, "", "no"), Reply::refusal(429, "retry-after: 600\r\n", ""), Reply::text(" ")] {
        let server = ModelServer::start([reply]).await;
        let model = OpenAi::new("small", &server.config(&json!({"model_breaker_failures": 1})).model).unwrap();
        for _ in 0..3 {
            model.complete(&request()).await.unwrap_err();
        }
        assert_eq!(server.seen().len(), 3);
    }
}
