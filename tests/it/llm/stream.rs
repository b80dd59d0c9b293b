//! Answers told while they are written.

use std::sync::Mutex;

use db_query_agent::error::{Code, Error};
use db_query_agent::llm::{Completion, Model, OpenAi, Request, Tool, Usage};
use serde_json::{Value as Json, json};
use tokio::time::{Duration, Instant};

use super::request;
use crate::model_server::{ModelServer, Reply};

/// The pieces that were told, and how it ended.
async fn listen(model: &OpenAi, request: &Request) -> (Vec<String>, Result<Completion, Error>) {
    let heard = Mutex::new(Vec::new());
    let outcome = model.stream(request, &|piece: &str| heard.lock().unwrap().push(piece.to_owned())).await;
    (heard.into_inner().unwrap(), outcome)
}

fn model(server: &ModelServer) -> OpenAi {
    OpenAi::new("small", &server.config(&json!({"model_timeout": 20})).model).unwrap()
}

fn plain() -> Request {
    Request { schema: None, ..request() }
}

#[tokio::test]
async fn each_piece_is_told_and_the_cost_at_the_end() {
    let server = ModelServer::start([Reply::pieces(&["There ", "were ", "3."])]).await;
    let (heard, completion) = listen(&model(&server), &plain()).await;
    assert_eq!(heard, ["There ", "were ", "3."]);
    let usage = Usage { prompt_tokens: 11, completion_tokens: 7, calls: 1, unpriced_calls: 1, ..Usage::default() };
    assert_eq!(completion.unwrap(), Completion { text: heard.concat(), usage, ..Completion::default() });
    let body = &server.seen()[0].body;
    assert_eq!((&body["stream"], &body["stream_options"]["include_usage"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn a_piece_is_told_before_the_next_is_there() {
    let server = ModelServer::start([Reply::Hangs(vec![Reply::piece("There ")])]).await;
    let model = model(&server);
    let (told, telling) = tokio::sync::oneshot::channel();
    let told = Mutex::new(Some(told));
    let heard = |piece: &str| drop(told.lock().unwrap().take().map(|told| told.send(piece.to_owned())));
    let request = plain();
    tokio::select! {
        _ = model.stream(&request, &heard) => panic!("the answer has no end"),
        piece = telling => assert_eq!(piece.unwrap(), "There "),
    }
}

#[tokio::test]
async fn calls_are_put_together_from_their_pieces() {
    let delta = |delta: Json| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
    let events = vec![
        delta(json!({"role": "assistant", "content": null})),
        delta(json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "run", "arguments": ""}}]})),
        delta(json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"sql\":"}}]})),
        delta(json!({"tool_calls": [{"index": 1, "id": "b", "function": {"name": "look", "arguments": "{}"}}]})),
        delta(json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"SELECT 1\"}"}}]})),
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}),
    ];
    let server = ModelServer::start([Reply::Events(events)]).await;
    let tool = |name: &str| Tool { name: name.to_owned(), description: String::new(), parameters: json!({}) };
    let request = Request { tools: vec![tool("run"), tool("look")], ..plain() };
    let (heard, completion) = listen(&model(&server), &request).await;
    assert_eq!(heard, [""; 0]);
    let calls = completion.unwrap().calls;
    let told: Vec<_> = calls.iter().map(|call| (&*call.id, &*call.name, &*call.arguments)).collect();
    assert_eq!(told, [("a", "run", r#"{"sql":"SELECT 1"}"#), ("b", "look", "{}")]);
}

#[tokio::test]
async fn the_answers_call_is_told_as_it_is_written() {
    let delta = |call: Json| json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": null}]});
    let events = vec![
        delta(json!({"index": 0, "id": "a", "function": {"name": "answer", "arguments": "{\"n\""}})),
        delta(json!({"index": 0, "function": {"arguments": ": 1}"}})),
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
    ];
    let refused = Reply::refusal(400, "", "no response_format here");
    let server = ModelServer::start([refused, Reply::Events(events)]).await;
    let (heard, completion) = listen(&model(&server), &request()).await;
    assert_eq!(heard, ["{\"n\"", ": 1}"]);
    assert_eq!(completion.unwrap().text, r#"{"n": 1}"#);
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_asked_without_from_then_on() {
    let whole = || Reply::text("There were 3.");
    for (replies, streamed) in [
        // It does not know the word, or does not care.
        (vec![Reply::refusal(400, "", "stream is not supported"), whole()], vec![true, false, false]),
        (vec![Reply::refusal(400, "", "unknown field: stream_options"), whole()], vec![true, true, false]),
        (vec![whole()], vec![true, false]),
    ] {
        let server = ModelServer::start(replies).await;
        let model = model(&server);
        for _ in 0..2 {
            let (heard, completion) = listen(&model, &plain()).await;
            assert_eq!((heard, completion.unwrap().usage.prompt_tokens), (vec!["There were 3.".to_owned()], 11));
        }
        let seen: Vec<bool> = server.seen().iter().map(|seen| seen.body["stream"] == true).collect();
        assert_eq!(seen, streamed);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_says_so_and_is_not_begun_again() {
    let fails = json!({"error": {"message": "out of memory", "code": 500}});
    for (events, code, words) in [
        (vec![Reply::piece("There ")], Code::ModelUnreachable, "the model's answer broke off in the middle"),
        (vec![Reply::piece("There "), fails], Code::ModelUnreachable, "in the middle of its answer: out of memory"),
        (vec![Reply::piece("There "), json!("{\"a\": ")], Code::ModelBadResponse, "sent a response that is not JSON"),
    ] {
        let server = ModelServer::start([Reply::Events(events.clone()), Reply::pieces(&["no"])]).await;
        let (heard, outcome) = listen(&model(&server), &plain()).await;
        let error = outcome.unwrap_err();
        // What stands before something broken may be lost with it.
        let told = code == Code::ModelBadResponse && heard.is_empty() || heard == ["There "];
        assert!(error.code() == code && told, "{events:?}: {heard:?}, {error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(server.seen().len(), 1, "there is no other try");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_before_it_says_anything_is_tried_again() {
    let role = json!({"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": null}]});
    let server = ModelServer::start([Reply::Events(vec![role]), Reply::Cut, Reply::pieces(&["There"])]).await;
    let (heard, completion) = listen(&model(&server), &plain()).await;
    assert_eq!((heard, completion.unwrap().text), (vec!["There".to_owned()], "There".to_owned()));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_stream_that_hangs_ends_at_the_deadline() {
    let server = ModelServer::start([Reply::Hangs(vec![Reply::piece("There ")])]).await;
    let deadline = Some(Instant::now() + Duration::from_secs(2));
    let (heard, outcome) = listen(&model(&server), &Request { deadline, ..plain() }).await;
    assert_eq!((heard.concat(), outcome.unwrap_err().code()), ("There ".to_owned(), Code::ModelTimeout));
}

#[tokio::test]
async fn what_comes_after_the_end_is_not_waited_for_long() {
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]});
    let server = ModelServer::start([Reply::Hangs(vec![Reply::piece("There"), end])]).await;
    let completion = listen(&model(&server), &plain()).await.1.unwrap();
    assert_eq!((completion.text.as_str(), completion.cut_off), ("There", true));
    assert_eq!((completion.usage.calls, completion.usage.unpriced_calls), (1, 1), "the cost was not told");
}

#[tokio::test]
async fn a_stream_without_end_is_cut_off() {
    let events = vec![Reply::piece(&"x".repeat(1 << 14)); 600];
    let server = ModelServer::start([Reply::Events(events)]).await;
    let error = listen(&model(&server), &plain()).await.1.unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (Code::ModelBadResponse, "the model's server sent a response without end")
    );
}
