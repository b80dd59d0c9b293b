//! One request, one response: the road under the client library.
//!
//! The library tries again by itself, drops the headers of a refusal, and logs a body that it cannot
//! read. All of it matters here: tries share one deadline with everything else ([`super::retry`]), a
//! server says in a header how long to wait, and a body may hold what nobody should see. So it is
//! given this road, which sends once, keeps what a refusal said, and reads along.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Body, Client, Response, StatusCode};
use serde::de::IgnoredAny;
use tower_service::Service;

/// The kind of content that a stream of events is.
pub(super) const EVENTS: &str = "text/event-stream";

/// Longest response that is read: a thousand times a usual one. A server that sends more is broken
/// or hostile.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// Longest event of a stream. The last one of Responses holds the whole answer; what finds the ends of events reads a
/// long one over and over.
const LONGEST_EVENT: usize = 512 * 1024;

/// Sends one request once.
#[derive(Clone, Debug)]
pub(super) struct Once {
    http: Client,
    /// What was wrong with the stream, which the library only tells as a text of its own.
    trouble: Arc<OnceLock<Unusable>>,
}

/// A response that is no success.
#[derive(Clone, Debug, thiserror::Error)]
#[error("status {status}")]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// How long the server asked to wait.
    pub(super) after: Option<Duration>,
    pub(super) body: String,
}

/// A success whose body is of no use.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("a response without end")]
    TooLong,
    /// Found here, because the client library would log the whole body.
    #[error("a response that is not JSON")]
    NotJson,
}

impl Once {
    pub(super) fn new(http: Client) -> Self {
        Self { http, trouble: Arc::default() }
    }

    /// What was wrong with the stream so far.
    pub(super) fn trouble(&self) -> Option<Unusable> {
        self.trouble.get().copied()
    }

    /// The events of `response`, read along.
    fn watched(&self, response: Response) -> Response {
        let (trouble, mut watch) = (Arc::clone(&self.trouble), Watch::default());
        let events = response.bytes_stream().map(move |chunk| {
            let chunk = chunk.map_err(std::io::Error::other)?;
            watch.read(&chunk).map_err(|unusable| std::io::Error::other(*trouble.get_or_init(|| unusable)))?;
            Ok::<_, std::io::Error>(chunk)
        });
        Response::from(http::Response::new(Body::wrap_stream(events)))
    }
}

impl Service<HttpRequestFactory> for Once {
    type Response = Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let road = self.clone();
        Box::pin(async move {
            let request = request.build().await?;
            let streams = request.headers().get(ACCEPT).is_some_and(|kind| kind == EVENTS);
            let mut response = road.http.execute(request).await?;
            let status = response.status();
            let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if status.is_success() && streams && kind.trim_start().starts_with(EVENTS) {
                return Ok(road.watched(response));
            }
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > LONGEST_BODY {
                    return Err(OpenAIError::Boxed(Box::new(Unusable::TooLong)));
                }
                body.extend_from_slice(&chunk);
            }
            if status.is_success() {
                if !is_json(&body) {
                    return Err(OpenAIError::Boxed(Box::new(Unusable::NotJson)));
                }
                return Ok(Response::from(http::Response::new(if streams { one_event(&body) } else { body })));
            }
            let after = wish(response.headers(), Utc::now());
            let body = String::from_utf8_lossy(&body).into_owned();
            Err(OpenAIError::Boxed(Box::new(Refused { status, after, body })))
        })
    }
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// A whole answer as the only event, for a server that was asked to stream and does not. Line breaks in JSON stand
/// between its parts only.
fn one_event(json: &[u8]) -> Vec<u8> {
    let line = json.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte });
    b"data: ".iter().copied().chain(line).chain(*b"\n\n").collect()
}

/// Counts a stream and looks into its lines as they pass.
#[derive(Debug, Default)]
struct Watch {
    read: usize,
    line: Vec<u8>,
}

impl Watch {
    fn read(&mut self, chunk: &[u8]) -> Result<(), Unusable> {
        self.read += chunk.len();
        if self.read > LONGEST_BODY {
            return Err(Unusable::TooLong);
        }
        for piece in chunk.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            if self.line.len() + piece.len() > LONGEST_EVENT {
                return Err(Unusable::TooLong);
            }
            self.line.extend_from_slice(piece);
            if matches!(piece.last(), Some(b'\n' | b'\r')) {
                let line = std::mem::take(&mut self.line);
                let data = line.trim_ascii().strip_prefix(b"data:").map(<[u8]>::trim_ascii);
                if data.is_some_and(|data| !data.is_empty() && data != b"[DONE]" && !is_json(data)) {
                    return Err(Unusable::NotJson);
                }
            }
        }
        Ok(())
    }
}

/// How long the server asks to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), or
/// `retry-after-ms`, which Azure and OpenAI send as the more exact one.
fn wish(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    }
    let text = text(RETRY_AFTER.as_str())?;
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => Some((DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{LONGEST_BODY, LONGEST_EVENT, Unusable, Watch, one_event, wish};

    #[test]
    fn reads_every_form_of_the_wish() {
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        for (name, value, seconds) in [
            ("retry-after", "3", Some(3.0)),
            ("retry-after", " 0.5", Some(0.5)),
            ("retry-after-ms", "250", Some(0.25)),
            ("retry-after", "Sun, 22 Nov 2026 10:00:30 GMT", Some(30.0)),
            ("retry-after", "Sun, 22 Nov 2026 09:00:00 GMT", Some(0.0)),
            ("retry-after", "-1", None),
            ("retry-after", "soon", None),
            ("retry-after", "NaN", None),
        ] {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
            assert_eq!(wish(&headers, now), seconds.map(Duration::from_secs_f64), "{name}: {value}");
        }
    }

    #[test]
    fn a_stream_is_read_along_however_it_is_cut() {
        let whole = b": hello\r\nevent: message\r\ndata: {\"a\": 1}\r\n\r\ndata:[1]\n\ndata:\n\ndata: [DONE]\n\n";
        for size in 1..whole.len() {
            let mut watch = Watch::default();
            for chunk in whole.chunks(size) {
                watch.read(chunk).unwrap();
            }
        }
        let mut watch = Watch::default();
        watch.read(b"data: {\"a\": ").unwrap();
        assert!(matches!(watch.read(b"oops}\n\n"), Err(Unusable::NotJson)));
        let mut endless = Watch::default();
        endless.read(&vec![b'\n'; LONGEST_BODY]).unwrap();
        assert!(matches!(endless.read(b"\n"), Err(Unusable::TooLong)));
        let mut long = Watch::default();
        long.read(&vec![b' '; LONGEST_EVENT]).unwrap();
        assert!(matches!(long.read(b" "), Err(Unusable::TooLong)));
    }

    #[test]
    fn a_whole_answer_becomes_one_event() {
        assert_eq!(one_event(b"{\n  \"a\": 1\r\n}"), b"data: {   \"a\": 1  }\n\n");
    }
}
