//! One request, one response: the road under the client library.
//!
//! The library tries again by itself and drops the headers of a refusal. Both matter here: tries
//! share one deadline with everything else ([`super::retry`]), and a server says in a header how
//! long to wait. So it is given this road, which sends once and keeps what a refusal said.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use tower_service::Service;

/// Longest response that is read: a thousand times a usual one. A server that sends more is broken
/// or hostile.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// Sends each request once.
#[derive(Clone, Debug)]
pub(super) struct Once(pub(super) Client);

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

impl Service<HttpRequestFactory> for Once {
    type Response = Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let client = self.0.clone();
        Box::pin(async move {
            let mut response = client.execute(request.build().await?).await?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > LONGEST_BODY {
                    return Err(OpenAIError::Boxed(Box::new(Unusable::TooLong)));
                }
                body.extend_from_slice(&chunk);
            }
            let status = response.status();
            if status.is_success() {
                serde_json::from_slice::<serde::de::IgnoredAny>(&body)
                    .map_err(|_| OpenAIError::Boxed(Box::new(Unusable::NotJson)))?;
                return Ok(Response::from(http::Response::new(body)));
            }
            let after = wish(response.headers(), Utc::now());
            let body = String::from_utf8_lossy(&body).into_owned();
            Err(OpenAIError::Boxed(Box::new(Refused { status, after, body })))
        })
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

    use super::wish;

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
}
