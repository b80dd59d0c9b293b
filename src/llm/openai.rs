//! Any server that speaks OpenAI's Chat Completions: OpenAI, Azure's new address, vLLM, Ollama,
//! llama.cpp, a gateway.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::{Config as ClientConfig, OPENAI_API_BASE};
use async_openai::error::OpenAIError;
use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::chat;
use super::refusal::{failed, refused};
use super::retry::{Failed, within};
use super::taken::Taken;
use super::transport::Once;
use super::{Completion, Model, Request};
use crate::config::ModelConfig;
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// A server that takes longer to say that it is there is not there; another try may meet a better
/// machine behind the same name.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// One model on one server.
///
/// Nothing is connected before the first question. What the server does not take (structured
/// output, a temperature) is remembered, so that it is refused once only.
pub struct OpenAi {
    name: String,
    config: ModelConfig,
    address: Address,
    /// Shared by the models of one server: connections are kept, certificates read once.
    client: Arc<OnceLock<Client<Address>>>,
    taken: Mutex<Taken>,
}

impl OpenAi {
    /// The model `name` on the server and with the limits of `config`.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] when the key holds letters that no header can carry.
    pub fn new(name: impl Into<String>, config: &ModelConfig) -> Result<Self> {
        Ok(Self {
            name: name.into(),
            address: Address::new(config)?,
            config: config.clone(),
            client: Arc::default(),
            taken: Mutex::new(Taken::ALL),
        })
    }

    /// Another model on the same server.
    #[must_use]
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            config: self.config.clone(),
            address: self.address.clone(),
            client: Arc::clone(&self.client),
            taken: Mutex::new(Taken::ALL),
        }
    }

    /// Made at the first question: reading the trusted certificates costs milliseconds that an
    /// agent without a model should not pay.
    fn client(&self) -> Result<&Client<Address>> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut builder = reqwest::Client::builder().redirect(Policy::none()).connect_timeout(LONGEST_CONNECT);
        if self.address.is_local() {
            // A proxy stands between this machine and others, never between it and itself.
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|_| Error::new(Code::ModelUnreachable, "the encrypted connection to a model cannot be set up"))?;
        let client = Client::with_config(self.address.clone()).with_http_service(Once(http));
        Ok(self.client.get_or_init(|| client))
    }

    async fn attempt(&self, client: &Client<Address>, request: &Request) -> Result<Completion, Failed> {
        let mut taken = *self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let body = chat::body(&self.name, &self.config, request, taken);
            let outcome: Result<Json, OpenAIError> = client.chat().create_byot(body).await;
            match outcome {
                Ok(response) => {
                    let draft = chat::draft(&response).map_err(Failed::for_good)?;
                    let answer = request.schema.as_ref().map(|(name, _)| name.as_str());
                    let heard = answer.is_none() || !draft.calls.is_empty();
                    *self.taken.lock().unwrap_or_else(PoisonError::into_inner) =
                        if heard { taken } else { taken.unheard() };
                    return draft.finish(answer).map_err(Failed::for_good);
                }
                Err(error) => match refused(&error).and_then(|refused| taken.plainer(refused, request)) {
                    Some(plainer) => taken = plainer,
                    None => return Err(failed(error, self.config.api_key.as_ref(), self.address.is_local())),
                },
            }
        }
    }
}

#[async_trait]
impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        let client = self.client()?;
        within(self.config.timeout, request.deadline, || self.attempt(client, request)).await
    }
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi").field("name", &self.name).field("config", &self.config).finish_non_exhaustive()
    }
}

/// Where the server is and the headers it wants. The client library's own would read the
/// environment by itself and panic on a key with a line break.
#[derive(Clone)]
struct Address {
    base: String,
    headers: HeaderMap,
    key: SecretString,
}

impl Address {
    fn new(config: &ModelConfig) -> Result<Self> {
        let base = config.base_url.clone().unwrap_or_else(|| OPENAI_API_BASE.to_owned());
        let mut headers = HeaderMap::new();
        if let Some(key) = &config.api_key {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose())).map_err(|_| {
                Error::new(Code::InvalidOption, "`openai_api_key` holds letters that no key has")
                    .with_hint("copy the key again, without line breaks")
            })?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let key = SecretString::from(config.api_key.as_ref().map_or("", Secret::expose));
        Ok(Self { base, headers, key })
    }

    fn is_local(&self) -> bool {
        url::Url::parse(&self.base).ok().is_some_and(|url| match url.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        })
    }
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
