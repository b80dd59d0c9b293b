//! What a failed call means: which error it is and whether to try again.

use async_openai::error::OpenAIError;
use reqwest::StatusCode;
use serde_json::Value as Json;

use super::retry::Failed;
use super::transport::{Refused, Unusable};
use crate::error::{Code, Error};
use crate::redact::Secret;

/// Longest piece of a server's own words in a message, in characters.
const LONGEST_QUOTE: usize = 200;

/// The server's refusal, where `error` is one.
pub(super) fn refused(error: &OpenAIError) -> Option<&Refused> {
    match error {
        OpenAIError::Boxed(error) => error.downcast_ref(),
        _ => None,
    }
}

/// The failure that `error` is for the caller. `key` is struck out of anything quoted; `local`
/// says that the server is on this machine.
pub(super) fn failed(error: OpenAIError, key: Option<&Secret>, local: bool) -> Failed {
    match error {
        OpenAIError::Reqwest(error) => unreachable_server(&error, local),
        OpenAIError::Boxed(error) => match error.downcast::<Refused>() {
            Ok(refused) => refusal(&refused, key),
            Err(error) => match error.downcast::<Unusable>() {
                Ok(unusable) => useless(*unusable),
                Err(_) => Failed::for_good(Error::new(Code::Internal, "the model's client failed")),
            },
        },
        _ => Failed::for_good(Error::new(Code::Internal, "the request for the model could not be written")),
    }
}

/// The failure of a stream on its way: the server's own `trouble`, or else the connection broke.
pub(super) fn broken(trouble: Option<Unusable>) -> Failed {
    match trouble {
        Some(unusable) => useless(unusable),
        None => Failed::for_now(Error::new(Code::ModelUnreachable, "the model's answer broke off in the middle")),
    }
}

/// The failure that a success tells in its body, where it does: a whole response, or an event in the middle of a stream.
pub(super) fn told(body: &Json, key: Option<&Secret>) -> Option<Failed> {
    let failure = match body["type"].as_str() {
        Some("response.failed") => &body["response"]["error"],
        Some("error") => body,
        _ => body.get("error").filter(|error| !error.is_null())?,
    };
    let said = quote(&failure.to_string(), key);
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    let text = format!("the model's server failed in the middle of its answer{said}");
    Some(Failed::for_now(Error::new(Code::ModelUnreachable, text)))
}

fn is_out_of_credit(refused: &Refused) -> bool {
    let is_quota = refused.status == StatusCode::TOO_MANY_REQUESTS && refused.body.contains("insufficient_quota");
    is_quota || refused.status == StatusCode::PAYMENT_REQUIRED
}

/// Whether a key is at fault that others may do better than.
pub(super) fn is_the_keys(refused: &Refused) -> bool {
    let by_key = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
    by_key.contains(&refused.status) || is_out_of_credit(refused)
}

fn useless(unusable: Unusable) -> Failed {
    let error = Error::new(Code::ModelBadResponse, format!("the model's server sent {unusable}"));
    Failed::for_good(error.with_hint("check that `base_url` is the address of its API"))
}

/// The text of a [`reqwest::Error`] holds the address, which may hold what nobody should see, so it
/// is told in words of our own.
fn unreachable_server(error: &reqwest::Error, local: bool) -> Failed {
    let what = if error.is_connect() {
        "the model's server cannot be reached"
    } else if error.is_redirect() {
        "the model's server answers with a redirection"
    } else {
        "the connection to the model's server broke off"
    };
    let failed = Error::new(Code::ModelUnreachable, what);
    // A program of this machine that is not running will not be in two seconds; a network may be.
    let for_good = error.is_builder() || error.is_redirect() || local && error.is_connect();
    if for_good { Failed::for_good(failed) } else { Failed::for_now(failed) }
}

fn refusal(refused: &Refused, key: Option<&Secret>) -> Failed {
    let status = refused.status.as_u16();
    let said = quote(&refused.body, key);
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    match refused.status {
        // The server's words are left out: some repeat a part of the key.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failed::for_good(Error::new(
            Code::ModelAuthentication,
            format!("the model's server refused the key with status {status}"),
        )),
        _ if is_out_of_credit(refused) => Failed::for_good(
            Error::new(Code::ModelRateLimited, "the account of the key has no credit left")
                .with_hint("check the plan and the billing of the model's provider, or use another key"),
        ),
        StatusCode::TOO_MANY_REQUESTS => Failed {
            after: refused.after,
            ..Failed::for_now(Error::new(Code::ModelRateLimited, format!("the model's server asks to slow down{said}")))
        },
        status
            if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT || status == StatusCode::CONFLICT =>
        {
            let text = format!("the model's server failed with status {}", status.as_u16());
            Failed { after: refused.after, ..Failed::for_now(Error::new(Code::ModelUnreachable, text)) }
        }
        status if status.is_redirection() => Failed::for_good(
            Error::new(Code::ModelUnreachable, "the model's server answers with a redirection")
                .with_hint("set `base_url` to the address it redirects to"),
        ),
        StatusCode::NOT_FOUND => Failed::for_good(
            Error::new(Code::ModelRefused, format!("the model's server knows no such model or address{said}"))
                .with_hint("check the model's name, and that `base_url` ends as the server wants it, mostly in `/v1`"),
        ),
        _ => Failed::for_good(Error::new(
            Code::ModelRefused,
            format!("the model's server refused the request with status {status}{said}"),
        )),
    }
}

/// The server's own words: its error message when it sends one, on one line, cut, without the key.
fn quote(body: &str, key: Option<&Secret>) -> String {
    let Ok(body) = serde_json::from_str::<Json>(body) else { return String::new() };
    let error = body.get("error").unwrap_or(&body);
    let message = error.get("message").or_else(|| body.get("detail")).unwrap_or(error);
    let Some(message) = message.as_str() else { return String::new() };
    let message = match key {
        Some(key) if !key.expose().is_empty() => message.replace(key.expose(), "***"),
        _ => message.to_owned(),
    };
    let words: Vec<&str> = message.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.trim_end_matches('.').chars().take(LONGEST_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::quote;
    use crate::redact::Secret;

    #[test]
    fn quotes_one_short_line_without_the_key() {
        let key = Secret::new("sk-1");
        assert_eq!(quote(r#"{"error": {"message": "bad\n key sk-1.", "code": 400}}"#, Some(&key)), "bad key ***");
        assert_eq!(quote(r#"{"detail": "no"}"#, None), "no");
        assert_eq!(quote(r#"{"error": "no"}"#, None), "no");
        assert_eq!(quote("<html>", None), "");
        assert_eq!(quote(&format!(r#"{{"error": "{}"}}"#, "x".repeat(999)), None).len(), 200);
    }
}
