//! Who may read what: the options that hold for everyone, and those of each role.

use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Result};

use super::options::{Kind, Values};
use super::read::{FromOption, nearest};

/// Which tables, columns and rows may be read. What the entries mean is the guard's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessConfig {
    /// `None`: all that are not blocked.
    pub allowed_tables: Option<Vec<String>>,
    pub blocked_tables: Vec<String>,
    pub allowed_columns: Vec<String>,
    pub blocked_columns: Vec<String>,
    pub masked_columns: Vec<String>,
    /// A table and the condition that its rows must meet.
    pub row_filters: Vec<(String, String)>,
}

/// What callers with a role may read, beyond what holds for everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleConfig {
    pub name: String,
    pub access: AccessConfig,
}

impl RoleConfig {
    /// The name that stands for every caller.
    pub const EVERYONE: &str = "*";
}

/// The options of a role.
const KEYS: [&str; 6] =
    ["allowed_tables", "blocked_tables", "allowed_columns", "blocked_columns", "masked_columns", "row_filters"];

/// What holds for everyone.
pub(super) fn everyone(values: &Values) -> AccessConfig {
    AccessConfig {
        allowed_tables: values.allowed_tables.value.clone(),
        blocked_tables: values.blocked_tables.value.clone().unwrap_or_default(),
        allowed_columns: values.allowed_columns.value.clone().unwrap_or_default(),
        blocked_columns: values.blocked_columns.value.clone().unwrap_or_default(),
        masked_columns: values.masked_columns.value.clone().unwrap_or_default(),
        row_filters: values.row_filters.value.clone().unwrap_or_default(),
    }
}

/// The roles in the order they were declared.
pub(super) fn roles(values: &Values) -> Result<Vec<RoleConfig>> {
    let Some(given) = &values.roles.value else { return Ok(Vec::new()) };
    let roles = given.iter().map(|(name, options)| role(name, options)).collect::<Result<Vec<_>>>()?;
    let unreachable = roles.iter().rev().skip(1).any(|role| role.name == RoleConfig::EVERYONE);
    if unreachable {
        return Err(Error::new(Code::InvalidOption, "`roles`: `*` stands before other roles")
            .with_hint("the first role that a caller has is chosen and every caller has `*`: declare it last"));
    }
    Ok(roles)
}

fn role(name: &str, options: &Json) -> Result<RoleConfig> {
    let short: String = name.chars().take(40).collect();
    let wrong = |what: String| Error::new(Code::InvalidOption, format!("`roles`: {what}"));
    let Some(options) = options.as_object().filter(|_| !name.trim().is_empty()) else {
        return Err(wrong(format!("role `{short}` must have a name and be a mapping of options")));
    };
    let mut access = AccessConfig::default();
    for (key, value) in options.iter().filter(|(_, value)| !value.is_null()) {
        let Some(known) = KEYS.into_iter().find(|known| known == key) else {
            let shown: String = key.chars().take(40).collect();
            let error =
                Error::new(Code::UnknownOption, format!("`roles`: role `{short}` cannot have an option `{shown}`"));
            return Err(match nearest(key, KEYS.into_iter()) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint(format!("a role takes `{}`", KEYS.join("`, `"))),
            });
        };
        let kind = if known == "row_filters" { Kind::Conditions } else { Kind::Texts };
        if !kind.accepts(value) {
            return Err(wrong(format!("`{known}` of role `{short}` must be {}", kind.expects())));
        }
        let texts = || Vec::from_json(value).unwrap_or_default();
        match known {
            "allowed_tables" => access.allowed_tables = Some(texts()),
            "blocked_tables" => access.blocked_tables = texts(),
            "allowed_columns" => access.allowed_columns = texts(),
            "blocked_columns" => access.blocked_columns = texts(),
            "masked_columns" => access.masked_columns = texts(),
            _ => access.row_filters = Vec::from_json(value).unwrap_or_default(),
        }
    }
    Ok(RoleConfig { name: name.to_owned(), access })
}

impl FromOption for Vec<(String, String)> {
    fn from_json(value: &Json) -> Option<Self> {
        let pair = |(name, text): (&String, &Json)| Some((name.clone(), String::from_json(text)?));
        value.as_object()?.iter().map(pair).collect()
    }
}

impl FromOption for Map<String, Json> {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_object().cloned()
    }
}
