//! One server: where it is, what each request to it carries, and how it is doing. Its models share it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::{Config as ClientConfig, OPENAI_API_BASE};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client as Http, Proxy};
use secrecy::SecretString;

use super::breaker::Breaker;
use super::keys::Keys;
use super::transport::{EVENTS, Once};
use crate::config::ModelConfig;
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// A server that takes longer to say that it is there is not there; another try may meet a better
/// machine behind the same name.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Endpoint {
    base: String,
    headers: HeaderMap,
    proxy: Option<Secret>,
    pub(super) keys: Keys,
    pub(super) breaker: Breaker,
    /// Connections are kept, certificates read once.
    http: Mutex<Option<Http>>,
}

impl Endpoint {
    /// # Errors
    /// [`Code::InvalidOption`] when a key or a header holds letters that no header can carry.
    pub(super) fn new(config: &ModelConfig) -> Result<Self> {
        for key in &config.api_keys {
            bearer(key).ok_or_else(|| bad_key("`openai_api_key` holds letters that no key has"))?;
        }
        Ok(Self {
            base: config.base_url.clone().unwrap_or_else(|| OPENAI_API_BASE.to_owned()),
            headers: headers(config)?,
            proxy: config.proxy.clone(),
            keys: Keys::new(config),
            breaker: Breaker::new(config.breaker_failures, config.breaker_pause),
            http: Mutex::default(),
        })
    }

    /// The way to ask with `key`, through `road` for what the client library leaves out.
    pub(super) fn client(&self, key: Option<&Secret>, streams: bool) -> Result<(Client<Address>, Once)> {
        let mut headers = self.headers.clone();
        if let Some(key) = key {
            let bearer = bearer(key)
                .ok_or_else(|| bad_key("the function given as `openai_api_key` gave letters that no key has"))?;
            headers.insert(AUTHORIZATION, bearer);
        }
        if streams {
            headers.insert(ACCEPT, HeaderValue::from_static(EVENTS));
        }
        let http = self.http()?;
        let road = Once::new(http.clone());
        let address = Address { base: self.base.clone(), headers, key: SecretString::default() };
        Ok((Client::build(http, address).with_http_service(road.clone()), road))
    }

    /// Made at the first question: reading the trusted certificates costs milliseconds that an
    /// agent without a model should not pay.
    fn http(&self) -> Result<Http> {
        let mut made = self.made();
        if let Some(http) = &*made {
            return Ok(http.clone());
        }
        let mut builder = Http::builder().redirect(Policy::none()).connect_timeout(LONGEST_CONNECT);
        if let Some(proxy) = &self.proxy {
            let proxy = Proxy::all(proxy.expose())
                .map_err(|_| Error::new(Code::InvalidOption, "`model_proxy` is no address of a proxy"))?;
            builder = builder.proxy(proxy);
        } else if self.is_local() {
            // A proxy of the environment stands between this machine and others, never between it and itself.
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|_| Error::new(Code::ModelUnreachable, "the encrypted connection to a model cannot be set up"))?;
        Ok(made.insert(http).clone())
    }

    /// Hangs up, once nobody is talking any more.
    pub(super) fn close(&self) {
        *self.made() = None;
    }

    fn made(&self) -> MutexGuard<'_, Option<Http>> {
        self.http.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server is on this machine.
    pub(super) fn is_local(&self) -> bool {
        url::Url::parse(&self.base).ok().is_some_and(|url| match url.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        })
    }
}

fn bearer(key: &Secret) -> Option<HeaderValue> {
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose())).ok()?;
    bearer.set_sensitive(true);
    Some(bearer)
}

fn bad_key(what: &str) -> Error {
    Error::new(Code::InvalidOption, what).with_hint("copy the key again, without line breaks")
}

/// What each request carries besides its key.
fn headers(config: &ModelConfig) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut put = |option: &str, name: &str, value: &str| {
        let bad =
            |what: &str| Error::new(Code::InvalidOption, format!("`{option}` holds {what} that no header can have"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("a name"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| bad("a value"))?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok::<(), Error>(())
    };
    if let Some(organization) = &config.organization {
        put("openai_organization", "openai-organization", organization)?;
    }
    if let Some(project) = &config.project {
        put("openai_project", "openai-project", project)?;
    }
    for (name, value) in &config.headers {
        put("model_headers", name, value.expose())?;
    }
    Ok(headers)
}

/// Where the server is and the headers of one request. The client library's own would read the
/// environment by itself and panic on a key with a line break.
#[derive(Clone, Debug)]
pub(super) struct Address {
    base: String,
    headers: HeaderMap,
    /// Nothing: the key is a header.
    key: SecretString,
}

impl ClientConfig for Address {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}
