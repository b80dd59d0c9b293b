//! From an argument, a variable or a default to a checked value.
//!
//! No message made here repeats a value: whoever mixes up two options may have put a key into one
//! that takes plain text.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Result};
use crate::redact::Secret;

use super::options::{Kind, OPTIONS, Setting};
use super::{Price, Screen, SecondOpinion};

/// Where a value came from; a later source is stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Default,
    Environment,
    Argument,
}

/// A value and where it came from.
#[derive(Debug)]
pub(super) struct Given<T> {
    pub(super) value: T,
    pub(super) source: Source,
}

/// A type that an option can have. The value was checked by [`Kind::accepts`] before.
pub(super) trait FromOption: Sized {
    fn from_json(value: &Json) -> Option<Self>;

    /// What holds when nothing is given and there is no default; `None`: the option is required.
    fn absent() -> Option<Self> {
        None
    }
}

/// Refuses the first name that is no option.
pub(super) fn check_names(options: &Map<String, Json>) -> Result<()> {
    let Some(unknown) = options.keys().find(|name| !OPTIONS.iter().any(|setting| setting.name == **name)) else {
        return Ok(());
    };
    // The limit keeps a text that was pasted in the place of a name out of the message.
    let shown: String = unknown.chars().take(40).collect();
    let error = Error::new(Code::UnknownOption, format!("no option is called `{shown}`"));
    Err(match nearest(unknown, OPTIONS.iter().map(|setting| setting.name)) {
        Some(name) => error.with_hint(format!("did you mean `{name}`?")),
        None => error,
    })
}

/// The value of `setting`: argument before environment before default.
pub(super) fn read<T: FromOption>(
    setting: &Setting,
    options: &Map<String, Json>,
    environment: &HashMap<String, String>,
) -> Result<Given<T>> {
    if let Some(value) = options.get(setting.name).filter(|value| !value.is_null()) {
        let value = convert(setting, setting.name, value)?;
        return Ok(Given { value, source: Source::Argument });
    }
    // An empty variable is how compose files and shells spell "not set".
    let variable = setting
        .environment
        .and_then(|name| Some((name, environment.get(name)?.trim())))
        .filter(|(_, text)| !text.is_empty());
    if let Some((name, text)) = variable {
        let value = setting.kind.parse(text).ok_or_else(|| refuse(setting, name, None))?;
        return Ok(Given { value: convert(setting, name, &value)?, source: Source::Environment });
    }
    let value = match setting.default.and_then(|text| setting.kind.parse(text)) {
        Some(default) => convert(setting, setting.name, &default)?,
        None => T::absent().ok_or_else(|| missing(setting))?,
    };
    Ok(Given { value, source: Source::Default })
}

fn convert<T: FromOption>(setting: &Setting, name: &str, value: &Json) -> Result<T> {
    let accepted = setting.kind.accepts(value).then(|| T::from_json(value)).flatten();
    accepted.ok_or_else(|| refuse(setting, name, Some(value)))
}

fn missing(setting: &Setting) -> Error {
    let error = Error::new(Code::InvalidOption, format!("`{}` is required", setting.name));
    match setting.environment {
        Some(variable) => {
            error.with_hint(format!("give `{}` or set the environment variable `{variable}`", setting.name))
        }
        None => error,
    }
}

fn refuse(setting: &Setting, name: &str, value: Option<&Json>) -> Error {
    let kind = setting.kind;
    let got = match value {
        Some(Json::Bool(_)) if !matches!(kind, Kind::Flag) => ", not a truth value",
        Some(Json::String(text)) if text.trim().is_empty() => ", not an empty text",
        Some(Json::String(_)) if !matches!(kind, Kind::Choice(_) | Kind::Text | Kind::Secret | Kind::Secrets) => {
            ", not text"
        }
        Some(Json::Object(_)) if !kind.is_mapping() => ", not a mapping",
        Some(Json::Array(_)) if !matches!(kind, Kind::Texts | Kind::Secrets) => ", not a list",
        Some(Json::Number(_))
            if matches!(kind, Kind::Text | Kind::Secret | Kind::Secrets | Kind::Choice(_) | Kind::Texts) =>
        {
            ", not a number"
        }
        _ => "",
    };
    let error = Error::new(Code::InvalidOption, format!("`{name}` must be {}{got}", setting.kind.expects()));
    let suggestion = match (setting.kind, value) {
        (Kind::Choice(choices), Some(Json::String(text))) => nearest(text, choices.iter().copied()),
        _ => None,
    };
    match (suggestion, setting.default) {
        (Some(choice), _) => error.with_hint(format!("did you mean `{choice}`?")),
        (None, Some(default)) => error.with_hint(format!("leave it out for `{default}`")),
        (None, None) => error.with_hint(setting.about),
    }
}

/// The candidate most like `name`, when it is alike enough to be a slip of the hand: 0.8 on the
/// Jaro-Winkler scale lets one or two wrong letters in a word of eight through.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .map(|candidate| (strsim::jaro_winkler(&name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

impl Kind {
    /// What a value must be, to stand behind "must be".
    #[must_use]
    pub fn expects(&self) -> String {
        match self {
            Self::Text | Self::Secret => "a text that is not empty".to_owned(),
            Self::Secrets => "a text that is not empty, or a list of them".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Choice(choices) => format!("one of `{}`", choices.join("`, `")),
            Self::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Self::Number(low, high) => format!("a number from {low} to {high}"),
            Self::Seconds(low, high) => format!("a number of seconds from {low} to {high}"),
            Self::Texts => "a list of texts that are not empty".to_owned(),
            Self::Conditions => "a mapping of tables to conditions".to_owned(),
            Self::Roles => "a mapping of roles to mappings of their options".to_owned(),
            Self::Headers => "a mapping of names of headers to texts".to_owned(),
            Self::Prices => {
                "a mapping of models to mappings of `input`, `cached_input` and `output` to dollars".to_owned()
            }
        }
    }

    fn is_mapping(&self) -> bool {
        matches!(self, Self::Conditions | Self::Roles | Self::Headers | Self::Prices)
    }

    /// Whether `value` may be given as an argument.
    #[must_use]
    pub fn accepts(&self, value: &Json) -> bool {
        let is_text = |value: &Json| value.as_str().is_some_and(|text| !text.trim().is_empty());
        match self {
            Self::Text | Self::Secret => is_text(value),
            Self::Secrets => {
                is_text(value) || value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(is_text))
            }
            Self::Flag => value.is_boolean(),
            Self::Choice(choices) => match value {
                Json::Bool(truth) => choices.contains(&if *truth { "true" } else { "false" }),
                _ => value.as_str().is_some_and(|text| choices.contains(&text.to_lowercase().as_str())),
            },
            Self::Whole(low, high) => value.as_u64().is_some_and(|number| (*low..=*high).contains(&number)),
            Self::Number(low, high) | Self::Seconds(low, high) => {
                value.as_f64().is_some_and(|number| (*low..=*high).contains(&number))
            }
            Self::Texts => value.as_array().is_some_and(|items| items.iter().all(is_text)),
            Self::Headers => value.as_object().is_some_and(|items| items.values().all(is_text)),
            Self::Prices => {
                value.as_object().is_some_and(|items| items.values().all(|price| Price::read(price).is_some()))
            }
            Self::Conditions => value.as_object().is_some_and(|items| {
                items.iter().all(|(table, condition)| !table.trim().is_empty() && is_text(condition))
            }),
            Self::Roles => value.as_object().is_some_and(|items| items.values().all(Json::is_object)),
        }
    }

    /// The value that `text` spells in an environment variable.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<Json> {
        match self {
            Self::Text | Self::Secret | Self::Choice(_) => Some(Json::from(text)),
            Self::Flag => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(Json::Bool(true)),
                "false" | "0" | "no" | "off" => Some(Json::Bool(false)),
                _ => None,
            },
            Self::Whole(..) => text.parse::<u64>().ok().map(Json::from),
            Self::Number(..) | Self::Seconds(..) => text.parse::<f64>().ok().map(Json::from),
            Self::Conditions | Self::Roles | Self::Headers | Self::Prices => serde_json::from_str(text).ok(),
            Self::Secrets | Self::Texts => {
                Some(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Json::from).collect())
            }
        }
    }
}

impl<T: FromOption> FromOption for Option<T> {
    fn from_json(value: &Json) -> Option<Self> {
        T::from_json(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl FromOption for Screen {
    fn from_json(value: &Json) -> Option<Self> {
        let word = value.as_str()?.trim();
        [Self::Flag, Self::Block, Self::Off].into_iter().find(|screen| word.eq_ignore_ascii_case(screen.as_str()))
    }
}

impl FromOption for SecondOpinion {
    fn from_json(value: &Json) -> Option<Self> {
        Some(match value {
            Json::Bool(true) => Self::Always,
            Json::Bool(false) => Self::Never,
            text => match text.as_str()?.trim().to_ascii_lowercase().as_str() {
                "auto" => Self::Auto,
                "true" => Self::Always,
                "false" => Self::Never,
                _ => return None,
            },
        })
    }
}

impl FromOption for bool {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_bool()
    }
}

impl FromOption for u32 {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl FromOption for u64 {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_u64()
    }
}

impl FromOption for usize {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl FromOption for f64 {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_f64()
    }
}

impl FromOption for Duration {
    fn from_json(value: &Json) -> Option<Self> {
        Self::try_from_secs_f64(value.as_f64()?).ok()
    }
}

impl FromOption for String {
    fn from_json(value: &Json) -> Option<Self> {
        Some(value.as_str()?.trim().to_owned())
    }
}

impl FromOption for Secret {
    fn from_json(value: &Json) -> Option<Self> {
        Some(Self::new(value.as_str()?.trim()))
    }
}

impl FromOption for Vec<Secret> {
    fn from_json(value: &Json) -> Option<Self> {
        match value {
            Json::Array(items) => items.iter().map(Secret::from_json).collect(),
            one => Secret::from_json(one).map(|one| vec![one]),
        }
    }
}

impl FromOption for Vec<(String, Secret)> {
    fn from_json(value: &Json) -> Option<Self> {
        let pair = |(name, value): (&String, &Json)| Some((name.clone(), Secret::from_json(value)?));
        value.as_object()?.iter().map(pair).collect()
    }
}

impl FromOption for Vec<String> {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_array()?.iter().map(String::from_json).collect()
    }
}
