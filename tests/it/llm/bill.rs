//! What was paid for is counted, whatever it was good for.

use db_query_agent::error::Code;
use db_query_agent::llm::{Bill, Model as _, OpenAi, Request};
use serde_json::json;

use super::request;
use crate::model_server::{ModelServer, Reply};

/// An answer that holds nothing, at a price.
fn empty() -> Reply {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "length"});
    let usage = json!({"prompt_tokens": 500, "completion_tokens": 64});
    Reply::Raw(200, "", json!({"choices": [choice], "usage": usage}).to_string())
}

#[tokio::test]
async fn an_answer_of_no_use_is_paid_for() {
    let server = ModelServer::start([empty(), Reply::text("{}"), Reply::refusal(400, "", "no such thing")]).await;
    let model = OpenAi::new("small", &server.config(&json!({})).model).unwrap();
    let bill = Bill::default();
    let request = Request { bill: bill.clone(), schema: None, ..request() };
    assert_eq!(model.complete(&request).await.unwrap_err().code(), Code::ModelBadResponse);
    assert_eq!((bill.spent().calls, bill.spent().prompt_tokens, bill.spent().completion_tokens), (1, 500, 64));
    let completion = model.complete(&request).await.unwrap();
    assert_eq!((completion.usage.prompt_tokens, bill.spent().prompt_tokens), (11, 511));
    model.complete(&request).await.unwrap_err();
    assert_eq!(bill.spent().calls, 2, "a refusal costs nothing");
}
