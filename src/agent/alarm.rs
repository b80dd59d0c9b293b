//! What becomes of a question that looks like an attempt to talk a model round.

use crate::config::{SafetyConfig, Screen};
use crate::error::{Code, Error, Result};
use crate::guard::{Family, screen};

/// A warning for the answer to such a question, or `None` for any other. What asks to write is answered by the offline
/// engine, which knows the tables, before a model is asked.
///
/// # Errors
/// [`Code::QuestionBlocked`] where such a question is not answered.
pub(super) fn alarm(text: &str, safety: &SafetyConfig) -> Result<Option<String>> {
    if !safety.enable_guardrails || safety.injection_screen == Screen::Off {
        return Ok(None);
    }
    let meanings: Vec<&str> =
        screen(text).into_iter().filter(|family| *family != Family::Write).map(Family::meaning).collect();
    if meanings.is_empty() {
        return Ok(None);
    }
    let noticed = format!("the question seems to ask {}", meanings.join(", and "));
    match safety.injection_screen {
        Screen::Block => Err(Error::new(Code::QuestionBlocked, noticed)),
        Screen::Flag | Screen::Off => Ok(Some(noticed)),
    }
}
