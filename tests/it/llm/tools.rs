//! What a model may call in the place of an answer.

use db_query_agent::error::Code;
use db_query_agent::llm::{Completion, Message, Model, OpenAi, Request, Role, Tool, ToolCall};
use serde_json::{Value as Json, json};
use tokio::time::{Duration, Instant};

use crate::model_server::{ModelServer, Reply};

fn tool(name: &str) -> Tool {
    let parameters = json!({"type": "object", "properties": {"sql": {"type": "string"}}});
    Tool { name: name.to_owned(), description: "Runs a statement.".to_owned(), parameters }
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

/// A response whose message is `message`.
fn says(message: &Json) -> Reply {
    let choice = json!({"index": 0, "message": message, "finish_reason": "tool_calls"});
    let usage = json!({"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}});
    Reply::Raw(200, "", json!({"choices": [choice], "usage": usage}).to_string())
}

async fn ask(reply: Reply, request: &Request) -> (Completion, Json) {
    let server = ModelServer::start([reply]).await;
    let model = OpenAi::new("small", &server.config(&json!({})).model).unwrap();
    (model.complete(request).await.unwrap(), server.seen()[0].body.clone())
}

#[tokio::test]
async fn tools_and_the_calls_so_far_go_out() {
    let mut asked = Message::new(Role::Assistant, "");
    asked.calls = vec![call("a", "run", r#"{"sql":"SELECT 1"}"#), call("b", "look", "{}")];
    let messages =
        vec![Message::new(Role::User, "how many?"), asked, Message::result("a", "1 row"), Message::result("b", "none")];
    let request = Request { messages, tools: vec![tool("run"), tool("look")], ..Request::default() };
    let (_, body) = ask(Reply::text("one"), &request).await;
    assert_eq!(body["tools"][1]["function"]["name"], "look");
    assert_eq!(body["tools"][0]["function"]["parameters"]["properties"]["sql"]["type"], "string");
    assert!(body.get("tool_choice").is_none(), "the model may answer as well");
    let calls = &body["messages"][1];
    assert_eq!((&calls["role"], &calls["content"]), (&json!("assistant"), &Json::Null));
    let function = json!({"name": "run", "arguments": r#"{"sql":"SELECT 1"}"#});
    assert_eq!(calls["tool_calls"][0], json!({"id": "a", "type": "function", "function": function}));
    assert_eq!(body["messages"][3], json!({"role": "tool", "content": "none", "tool_call_id": "b"}));
}

#[tokio::test]
async fn calls_come_in_at_once_and_in_any_spelling() {
    let request = Request { tools: vec![tool("run")], ..Request::default() };
    let function = |arguments: Json| json!({"name": "run", "arguments": arguments});
    let calls = json!([
        {"id": "x1", "type": "function", "function": function(json!("{\"sql\": \"SELECT 1\"}"))},
        {"type": "function", "function": function(json!({"sql": "SELECT 2"}))},
        {"id": "x1", "function": function(Json::Null)},
        {"id": "", "function": function(json!(""))},
    ]);
    let (completion, _) = ask(says(&json!({"content": null, "tool_calls": calls})), &request).await;
    assert_eq!(
        completion.calls,
        [
            call("x1", "run", r#"{"sql": "SELECT 1"}"#),
            call("call_2", "run", r#"{"sql":"SELECT 2"}"#),
            call("call_3", "run", "{}"),
            call("call_4", "run", "{}"),
        ]
    );
    assert_eq!(completion.text, "");
    assert_eq!((completion.usage.prompt_tokens, completion.usage.cached_tokens), (90, 64));
    let old = json!({"content": "", "function_call": {"name": "run", "arguments": "{}"}});
    assert_eq!(ask(says(&old), &request).await.0.calls, [call("call_1", "run", "{}")]);
}

#[tokio::test]
async fn a_server_without_schemas_gives_the_answer_as_a_call() {
    let no_schema = Reply::refusal(400, "", "unknown response_format");
    let answered = json!({"tool_calls": [
        {"id": "1", "function": {"name": "run", "arguments": "{}"}},
        {"id": "2", "function": {"name": "answer", "arguments": "{\"n\": 1}"}},
    ]});
    let server = ModelServer::start([no_schema, says(&answered), Reply::text("{}")]).await;
    let model = OpenAi::new("small", &server.config(&json!({})).model).unwrap();
    let schema = Some(("answer".to_owned(), json!({"type": "object"})));
    let request = Request { schema, tools: vec![tool("run")], ..Request::default() };
    let completion = model.complete(&request).await.unwrap();
    assert_eq!((completion.text.as_str(), completion.calls.len()), (r#"{"n": 1}"#, 0));
    // Then it does not hear that it must call, so it is held to JSON from then on.
    for _ in 0..2 {
        assert_eq!(model.complete(&request).await.unwrap().text, "{}");
    }
    let seen = server.seen();
    let names =
        |body: &Json| body["tools"].as_array().unwrap().iter().map(|it| it["function"]["name"].clone()).collect();
    let told: Vec<Vec<Json>> = seen.iter().map(|seen| names(&seen.body)).collect();
    assert_eq!(told, [vec!["run"], vec!["run", "answer"], vec!["run", "answer"], vec!["run"]]);
    assert_eq!(seen[1].body["tool_choice"], "required");
    assert_eq!(seen[3].body["response_format"]["type"], "json_object");
}

#[tokio::test]
async fn a_server_without_tools_is_asked_without_and_that_is_remembered() {
    let server =
        ModelServer::start([Reply::refusal(400, "", "small does not support tools"), Reply::text("one")]).await;
    let model = OpenAi::new("small", &server.config(&json!({})).model).unwrap();
    let request = Request { tools: vec![tool("run")], ..Request::default() };
    for _ in 0..2 {
        assert_eq!(model.complete(&request).await.unwrap().text, "one");
    }
    let with_tools: Vec<bool> = server.seen().iter().map(|seen| seen.body.get("tools").is_some()).collect();
    assert_eq!(with_tools, [true, false, false]);
}

#[tokio::test]
async fn the_deadline_of_the_question_ends_the_wait() {
    let server = ModelServer::start([Reply::refusal(429, "retry-after: 20\r\n", "slow down"), Reply::Silence]).await;
    let model = OpenAi::new("small", &server.config(&json!({"model_timeout": 60})).model).unwrap();
    let begin = Instant::now();
    let request = Request { deadline: Some(begin + Duration::from_secs(2)), ..Request::default() };
    assert_eq!(model.complete(&request).await.unwrap_err().code(), Code::ModelRateLimited);
    assert_eq!(model.complete(&request).await.unwrap_err().code(), Code::ModelTimeout);
    assert_eq!(model.complete(&request).await.unwrap_err().code(), Code::ModelTimeout);
    assert_eq!(server.seen().len(), 2, "after the deadline nothing is asked");
}
