//! A model's server for tests: real HTTP on a port of this machine, answers and faults written down.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use db_query_agent::config::Config;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One thing the server does with one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A completion with this text.
    Text(String),
    /// This status, these headers, this body.
    Raw(u16, &'static str, String),
    /// Takes the request and never answers.
    Silence,
    /// Promises more than it sends and hangs up.
    Cut,
    /// These events, one after the other; then it hangs up.
    Events(Vec<Json>),
    /// These events, and then nothing more, without hanging up.
    Hangs(Vec<Json>),
}

impl Reply {
    /// A chat completion in pieces, with what it cost at its end.
    pub fn pieces(pieces: &[&str]) -> Self {
        let ends = [
            json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}),
            Json::from("[DONE]"),
        ];
        Self::Events(pieces.iter().map(|piece| Self::piece(piece)).chain(ends).collect())
    }

    /// One piece of a chat completion.
    pub fn piece(text: &str) -> Json {
        json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A refusal in OpenAI's form.
    pub fn refusal(status: u16, headers: &'static str, message: &str) -> Self {
        Self::Raw(status, headers, json!({"error": {"message": message, "type": "error", "code": status}}).to_string())
    }
}

/// What one request was.
#[derive(Clone, Debug)]
pub struct Seen {
    pub head: String,
    pub body: Json,
}

/// Replies in order; the last reply is given for ever. Ends when dropped.
pub struct ModelServer {
    pub base_url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl ModelServer {
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&replies), Arc::clone(&seen)));
                }
            }
        });
        Self { base_url, seen, task }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A configuration that asks this server, with `options` on top.
    pub fn config(&self, options: &Json) -> Config {
        let mut all =
            json!({"database_url": "sqlite:///:memory:", "base_url": self.base_url, "model_strategy": "model"});
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        Config::build(all.as_object().unwrap(), &std::collections::HashMap::new()).unwrap()
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, replies: Arc<Mutex<VecDeque<Reply>>>, seen: Arc<Mutex<Vec<Seen>>>) {
    let mut received = Vec::new();
    let (head, start) = loop {
        // Whoever does not speak plain HTTP is hung up on, as by any web server.
        if stream.read_buf(&mut received).await.unwrap_or(0) == 0 || !received.starts_with(b"POST ") {
            return;
        }
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break (String::from_utf8_lossy(&received[..end]).into_owned(), end + 4);
        }
    };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    while received.len() < start + length.unwrap_or(0) {
        if stream.read_buf(&mut received).await.unwrap_or(0) == 0 {
            return;
        }
    }
    seen.lock().unwrap().push(Seen { head, body: serde_json::from_slice(&received[start..]).unwrap_or_default() });
    let reply = {
        let mut replies = replies.lock().unwrap();
        if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
    };
    let (status, headers, body) = match reply.unwrap_or(Reply::Silence) {
        Reply::Text(text) => {
            let message = json!({"role": "assistant", "content": text});
            let usage = json!({"prompt_tokens": 11, "completion_tokens": 7});
            let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
            (200, "", json!({"choices": [choice], "usage": usage}).to_string())
        }
        Reply::Raw(status, headers, body) => (status, headers, body),
        Reply::Silence => return until_hung_up(&mut stream).await,
        Reply::Events(events) => return stream_events(&mut stream, &events).await,
        Reply::Hangs(events) => {
            stream_events(&mut stream, &events).await;
            return until_hung_up(&mut stream).await;
        }
        Reply::Cut => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"choices\":").await;
            return;
        }
    };
    let head =
        format!("HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", body.len());
    let _ = stream.write_all(format!("{head}{headers}connection: close\r\n\r\n{body}").as_bytes()).await;
}

async fn until_hung_up(stream: &mut TcpStream) {
    while stream.read_buf(&mut Vec::new()).await.unwrap_or(0) > 0 {}
}

async fn stream_events(stream: &mut TcpStream, events: &[Json]) {
    let mut text = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_owned();
    for event in events {
        // A text stands for itself: the last word, or something broken.
        let data = event.as_str().map_or_else(|| event.to_string(), ToOwned::to_owned);
        text += &format!("data: {data}\n\n");
    }
    let _ = stream.write_all(text.as_bytes()).await;
}
