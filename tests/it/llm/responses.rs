//! The same over OpenAI's Responses.

use std::sync::Mutex;

use db_query_agent::error::Code;
use db_query_agent::llm::{Message, Model, OpenAi, Request, Role, Tool, ToolCall};
use serde_json::{Value as Json, json};

use super::request;
use crate::model_server::{ModelServer, Reply};

fn model(server: &ModelServer) -> OpenAi {
    OpenAi::new("small", &server.config(&json!({"openai_api": "responses", "model_timeout": 20})).model).unwrap()
}

fn response(output: &Json) -> Json {
    let usage = json!({"input_tokens": 90, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 64}});
    json!({"status": "completed", "error": null, "output": output, "usage": usage})
}

fn says(text: &str) -> Json {
    let part = json!({"type": "output_text", "text": text});
    json!([{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": [part]}])
}

fn whole(response: &Json) -> Reply {
    Reply::Raw(200, "", response.to_string())
}

#[tokio::test]
async fn question_schema_and_answer() {
    let server = ModelServer::start([whole(&response(&says("forty-two")))]).await;
    let completion = model(&server).complete(&request()).await.unwrap();
    assert_eq!(completion.text, "forty-two");
    let usage = completion.usage;
    assert_eq!((usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens), (90, 64, 7));
    let seen = &server.seen()[0];
    assert!(seen.head.starts_with("POST /v1/responses "), "{}", seen.head);
    assert_eq!(seen.body["store"], false, "nothing is kept there");
    assert_eq!(seen.body["input"][1], json!({"role": "user", "content": "how many?"}));
    assert_eq!(seen.body["text"]["format"]["name"], "answer");
    assert_eq!(seen.body["max_output_tokens"], 1000);
}

#[tokio::test]
async fn tools_and_their_calls() {
    let called = json!([{"type": "function_call", "id": "fc_1", "call_id": "c9", "name": "run", "arguments": "{}"}]);
    let server = ModelServer::start([whole(&response(&called))]).await;
    let mut asked = Message::new(Role::Assistant, "");
    asked.calls = vec![ToolCall { id: "c1".to_owned(), name: "run".to_owned(), arguments: "{}".to_owned() }];
    let tool = Tool { name: "run".to_owned(), description: "Runs.".to_owned(), parameters: json!({"type": "object"}) };
    let messages = vec![Message::new(Role::User, "how many?"), asked, Message::result("c1", "3 rows")];
    let completion =
        model(&server).complete(&Request { messages, tools: vec![tool], ..Request::default() }).await.unwrap();
    let called = ToolCall { id: "c9".to_owned(), name: "run".to_owned(), arguments: "{}".to_owned() };
    assert_eq!(completion.calls, [called]);
    let body = server.seen()[0].body.clone();
    assert_eq!(body["tools"][0]["name"], "run");
    assert_eq!(body["input"][1], json!({"type": "function_call", "call_id": "c1", "name": "run", "arguments": "{}"}));
    assert_eq!(body["input"][2], json!({"type": "function_call_output", "call_id": "c1", "output": "3 rows"}));
}

#[tokio::test]
async fn a_schema_is_given_up_in_the_same_steps() {
    let answered = json!([{"type": "function_call", "call_id": "c1", "name": "answer", "arguments": "{\"n\": 1}"}]);
    let refused = Reply::refusal(400, "", "Unsupported parameter: 'text.format'");
    let server = ModelServer::start([refused, whole(&response(&answered))]).await;
    assert_eq!(model(&server).complete(&request()).await.unwrap().text, r#"{"n": 1}"#);
    assert_eq!(server.seen()[1].body["tool_choice"], json!({"type": "function", "name": "answer"}));
}

#[tokio::test]
async fn what_is_no_answer_says_why() {
    let mut cut = response(&json!([]));
    cut["status"] = json!("incomplete");
    cut["incomplete_details"] = json!({"reason": "max_output_tokens"});
    let declined = json!([{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]);
    let mut failed = json!({"status": "failed", "error": {"code": "server_error", "message": "out of order"}});
    failed["output"] = json!([]);
    for (body, words) in [
        (cut, "reached its longest answer"),
        (response(&declined), "declined to answer"),
        (json!({}), "holds no answer"),
        (failed, "failed in the middle of its answer: out of order"),
    ] {
        let server = ModelServer::start([whole(&body)]).await;
        let error = model(&server).complete(&request()).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn its_stream_is_told_in_pieces() {
    let delta = |text: &str| json!({"type": "response.output_text.delta", "output_index": 0, "delta": text});
    let call = json!({"type": "function_call", "call_id": "c1", "name": "run", "arguments": ""});
    let more = |text: &str| json!({"type": "response.function_call_arguments.delta", "output_index": 1, "delta": text});
    let events = vec![
        json!({"type": "response.created", "response": {"status": "in_progress", "output": []}}),
        delta("There "),
        delta("were 3."),
        json!({"type": "response.output_item.added", "output_index": 1, "item": call}),
        more("{\"sql\":"),
        more("1}"),
        json!({"type": "response.completed", "response": response(&says("There were 3."))}),
    ];
    let server = ModelServer::start([Reply::Events(events)]).await;
    let heard = Mutex::new(Vec::new());
    let request = Request { schema: None, ..request() };
    let completion =
        model(&server).stream(&request, &|piece: &str| heard.lock().unwrap().push(piece.to_owned())).await.unwrap();
    assert_eq!(heard.into_inner().unwrap(), ["There ", "were 3."]);
    assert_eq!((completion.text.as_str(), completion.usage.cached_tokens), ("There were 3.", 64));
    assert_eq!((completion.calls.len(), completion.calls[0].arguments.as_str()), (1, "{\"sql\":1}"));
    assert_eq!(server.seen()[0].body["stream"], true);
}

#[tokio::test]
async fn a_stream_that_fails_says_why() {
    let failed = json!({"type": "response.failed", "response": {"error": {"message": "out of order"}}});
    let server = ModelServer::start([Reply::Events(vec![
        json!({"type": "response.output_text.delta", "output_index": 0, "delta": "There "}),
        failed,
    ])])
    .await;
    let request = Request { schema: None, ..request() };
    let error = model(&server).stream(&request, &|_: &str| ()).await.unwrap_err();
    assert_eq!(error.code(), Code::ModelUnreachable);
    assert!(error.to_string().ends_with("in the middle of its answer: out of order"), "{error}");
}
