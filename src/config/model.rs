//! Which model is asked, where it is, and what it costs.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use url::Url;

use super::options::Values;
use super::read::{Given, Source};
use super::{Api, ModelConfig, Strategy};
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// Gives the key of the model's server when it is needed. It may take its time: it is called on a thread where
/// nothing else waits.
#[derive(Clone)]
pub struct KeySource(Arc<dyn Fn() -> Result<Secret> + Send + Sync>);

impl KeySource {
    /// Calls `give` for each key.
    pub fn new(give: impl Fn() -> Result<Secret> + Send + Sync + 'static) -> Self {
        Self(Arc::new(give))
    }

    /// A key that holds now.
    ///
    /// # Errors
    /// Whatever keeps the source from giving one.
    pub fn key(&self) -> Result<Secret> {
        (self.0)()
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySource(…)")
    }
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    pub input: f64,
    /// For tokens that the server had kept from before; `input` where there is no such price.
    pub cached_input: f64,
    pub output: f64,
}

/// Dearer than any model there is; more is a price for a thousand tokens by mistake.
const HIGHEST_PRICE: f64 = 1e6;

impl Price {
    /// From `{"input": …, "cached_input": …, "output": …}`, where `cached_input` may be missing.
    pub(super) fn read(value: &Json) -> Option<Self> {
        let prices = value.as_object()?;
        if prices.keys().any(|name| !matches!(name.as_str(), "input" | "cached_input" | "output")) {
            return None;
        }
        let price = |name: &str| match prices.get(name) {
            Some(value) => value.as_f64().filter(|price| (0.0..=HIGHEST_PRICE).contains(price)).map(Some),
            None => Some(None),
        };
        let (input, output) = (price("input")??, price("output")??);
        Some(Self { input, cached_input: price("cached_input")?.unwrap_or(input), output })
    }
}

/// The options of the model, with `source` in the place of keys where there is one.
pub(super) fn model(values: &Values, source: Option<KeySource>) -> Result<ModelConfig> {
    let named = |own: &Given<String>| match &values.model {
        // An own name of the same source is the more exact one.
        Given { value: Some(name), source } if *source > own.source => name.clone(),
        _ => own.value.clone(),
    };
    let keys = if source.is_some() { None } else { values.openai_api_key.value.clone() };
    let config = ModelConfig {
        strategy: Strategy::from_name(&values.model_strategy.value),
        api: if values.openai_api.value.eq_ignore_ascii_case("responses") { Api::Responses } else { Api::Chat },
        api_keys: keys.unwrap_or_default(),
        key_source: source,
        base_url: values.base_url.value.as_deref().map(|text| base_url(text, values.base_url.source)).transpose()?,
        organization: values.openai_organization.value.clone(),
        project: values.openai_project.value.clone(),
        headers: values.model_headers.value.clone().unwrap_or_default(),
        proxy: values.model_proxy.value.clone().map(|text| proxy(text, values.model_proxy.source)).transpose()?,
        fast_model: named(&values.fast_model),
        balanced_model: named(&values.balanced_model),
        complex_model: named(&values.complex_model),
        temperature: values.temperature.value,
        max_tokens: values.max_tokens.value,
        timeout: values.model_timeout.value,
        breaker_failures: values.model_breaker_failures.value,
        breaker_pause: values.model_breaker_pause.value,
        prices: values.model_prices.value.as_ref().map(prices).unwrap_or_default(),
        offline_confidence: values.offline_confidence.value,
        share_values: values.share_values.value,
    };
    if matches!(config.strategy, Strategy::Fixed | Strategy::Model) && !config.is_available() {
        let name = values.model_strategy.value.to_lowercase();
        return Err(Error::new(Code::InvalidOption, format!("`model_strategy` `{name}` needs a model"))
            .with_hint("give `openai_api_key`, or the `base_url` of a server of your own"));
    }
    Ok(config)
}

fn prices(given: &Map<String, Json>) -> Vec<(String, Price)> {
    given.iter().filter_map(|(model, price)| Some((model.clone(), Price::read(price)?))).collect()
}

/// The address without a slash at its end. A password in it is refused rather than carried along:
/// it would stand in every log of every proxy on the way.
fn base_url(text: &str, source: Source) -> Result<String> {
    let name = if source == Source::Environment { "OPENAI_BASE_URL" } else { "base_url" };
    let wrong = |what: &str| {
        Error::new(Code::InvalidOption, format!("`{name}` {what}")).with_hint("write it as `https://host/v1`")
    };
    let url = Url::parse(text).map_err(|_| wrong("must be an address that starts with `http://` or `https://`"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("must be an address that starts with `http://` or `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a user name or a password").with_hint("give the key as `openai_api_key`"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must end with its path, without `?` or `#`"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The proxy's address, which may hold a user name and a password.
fn proxy(address: Secret, source: Source) -> Result<Secret> {
    let url = Url::parse(address.expose()).ok();
    if url
        .is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|it| !it.is_empty()))
    {
        return Ok(address);
    }
    let name = if source == Source::Environment { "MODEL_PROXY" } else { "model_proxy" };
    let what = format!("`{name}` must be an address that starts with `http://` or `https://`");
    Err(Error::new(Code::InvalidOption, what).with_hint("write it as `http://user:password@host:port`"))
}
