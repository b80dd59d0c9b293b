//! Any server that speaks OpenAI's Chat Completions or Responses: OpenAI, Azure's new address, vLLM, Ollama,
//! llama.cpp, a gateway.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_openai::error::OpenAIError;
use async_openai::traits::RequestOptionsBuilder as _;
use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::time::Instant;

use super::answer::Draft;
use super::endpoint::Endpoint;
use super::hearing::{Heard, Hearing};
use super::keys::Used;
use super::prices::price;
use super::refusal::{broken, failed, is_the_keys, refused, told};
use super::retry::{Failed, within};
use super::taken::{Form, Taken};
use super::{Completion, Model, Request, chat, responses};
use crate::config::{Api, ModelConfig, Price};
use crate::error::{Code, Result};
use crate::redact::Secret;

/// One model on one server.
///
/// Nothing is connected before the first question. What the server does not take (structured
/// output, a temperature) is remembered, so that it is refused once only.
pub struct OpenAi {
    name: String,
    config: Arc<ModelConfig>,
    endpoint: Arc<Endpoint>,
    price: Option<Price>,
    taken: Mutex<Taken>,
}

impl OpenAi {
    /// The model `name` on the server and with the limits of `config`.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] when a key or a header holds letters that no header can carry.
    pub fn new(name: impl Into<String>, config: &ModelConfig) -> Result<Self> {
        Ok(Self::on(Arc::new(Endpoint::new(config)?), Arc::new(config.clone()), name.into()))
    }

    /// Another model on the same server.
    #[must_use]
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self::on(Arc::clone(&self.endpoint), Arc::clone(&self.config), name.into())
    }

    fn on(endpoint: Arc<Endpoint>, config: Arc<ModelConfig>, name: String) -> Self {
        Self { price: price(&name, &config.prices), taken: Mutex::new(Taken::ALL), name, config, endpoint }
    }

    /// Tries until there is an answer, with the server left alone where it fails again and again.
    async fn ask(&self, request: &Request, heard: Option<Heard<'_>>) -> Result<Completion> {
        let pass = self.endpoint.breaker.enter()?;
        let (begin, hearing) = (Instant::now(), Hearing::new(heard));
        let outcome = within(self.config.timeout, request.deadline, || self.attempt(request, &hearing)).await;
        match &outcome {
            Err(error) if error.code() == Code::ModelUnreachable => pass.failed(),
            // A question that had little time left says nothing about the server.
            Err(error) if error.code() == Code::ModelTimeout => {
                if begin.elapsed() * 2 >= self.config.timeout {
                    pass.failed();
                }
            }
            _ => pass.answered(),
        }
        let completion = outcome?;
        hearing.rest(&completion.text);
        Ok(completion)
    }

    /// One try: with plainer requests where parts of it are refused, and with other keys where a key is.
    async fn attempt(&self, request: &Request, hearing: &Hearing<'_>) -> Result<Completion, Failed> {
        let (mut taken, mut used) = (*self.taken(), Used::default());
        let keys = &self.endpoint.keys;
        keys.next(&mut used).await.map_err(Failed::for_good)?;
        loop {
            let error = match self.send(request, taken, &used, hearing).await? {
                Ok(draft) => {
                    let draft = Draft { usage: draft.usage.priced(self.price), ..draft };
                    request.bill.charge(draft.usage);
                    return self.read(draft, request, taken);
                }
                Err(error) => error,
            };
            if let Some(refused) = refused(&error) {
                if let Some(plainer) = taken.plainer(refused, request, hearing.is_wanted()) {
                    taken = plainer;
                    continue;
                }
                if is_the_keys(refused) && keys.refused(&mut used, refused.after).await {
                    let before = used.key.clone();
                    keys.next(&mut used).await.map_err(Failed::for_good)?;
                    if before.as_ref().map(Secret::expose) != used.key.as_ref().map(Secret::expose) {
                        continue;
                    }
                }
            }
            return Err(failed(error, used.key.as_ref(), self.endpoint.is_local()));
        }
    }

    /// One request. A failure on the way to an answer is the inner one.
    async fn send(
        &self,
        request: &Request,
        taken: Taken,
        used: &Used,
        hearing: &Hearing<'_>,
    ) -> Result<Result<Draft, OpenAIError>, Failed> {
        let streams = hearing.is_wanted() && taken.stream;
        let (client, road) = self.endpoint.client(used.key.as_ref(), streams).map_err(Failed::for_good)?;
        let (mut body, path) = match self.config.api {
            Api::Chat => (chat::body(&self.name, &self.config, request, taken), chat::PATH),
            Api::Responses => (responses::body(&self.name, &self.config, request, taken), responses::PATH),
        };
        // The library's types for Responses, which nothing here needs, would double what there is to compile.
        let library = match client.chat().path(path) {
            Ok(library) => library,
            Err(error) => return Ok(Err(error)),
        };
        if !streams {
            let response: Json = match library.create_byot(body).await {
                Ok(response) => response,
                Err(error) => return Ok(Err(error)),
            };
            if let Some(failed) = told(&response, used.key.as_ref()) {
                return Err(failed);
            }
            let draft = match self.config.api {
                Api::Chat => chat::draft(&response),
                Api::Responses => responses::draft(&response),
            };
            return draft.map(Ok).map_err(Failed::for_good);
        }
        match self.config.api {
            Api::Chat => chat::streamed(&mut body, taken),
            Api::Responses => responses::streamed(&mut body),
        }
        let events = match library.create_stream_byot::<_, Json>(body).await {
            Ok(events) => events,
            Err(error) => return Ok(Err(error)),
        };
        let piece = match self.config.api {
            Api::Chat => chat::piece,
            Api::Responses => responses::piece,
        };
        let answer = answer(request).filter(|_| taken.form == Form::Call);
        let draft = hearing.listen(events, piece, answer, used.key.as_ref(), || broken(road.trouble())).await?;
        Ok(Ok(draft))
    }

    /// The completion in `draft`; what the server turned out to take is remembered.
    fn read(&self, draft: Draft, request: &Request, mut taken: Taken) -> Result<Completion, Failed> {
        let answer = answer(request);
        if answer.is_some() && taken.form == Form::Call && !draft.has_calls() {
            taken = taken.unheard();
        }
        taken.stream &= !draft.whole;
        let mut known = self.taken();
        *known = known.and(taken);
        drop(known);
        draft.finish(answer).map_err(Failed::for_good)
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tool whose call is the answer, where the request has a schema.
fn answer(request: &Request) -> Option<&str> {
    request.schema.as_ref().map(|(name, _)| name.as_str())
}

#[async_trait]
impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        self.ask(request, None).await
    }

    async fn stream(&self, request: &Request, heard: Heard<'_>) -> Result<Completion> {
        self.ask(request, Some(heard)).await
    }

    fn close(&self) {
        self.endpoint.close();
    }
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi").field("name", &self.name).field("config", &self.config).finish_non_exhaustive()
    }
}
