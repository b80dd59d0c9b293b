//! The engine that asks a language model: one call a question.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::mend::mend;
use super::offline::Offline;
use super::prompt::Scope;
use super::{Ask, Engine, Outcome, Proposal, Proposed, prompt, reply};
use crate::error::Result;
use crate::llm::Model;

/// From this confidence on the draft is tried where the model's statement does not run, before the
/// model is asked again: as often right as a repair is. Where a repair does not run either, any draft is better
/// than none.
const STANDS_IN: f64 = 0.5;

/// From this confidence on the model is shown the draft: small models copy it, also where it is wrong.
const WORTH_SHOWING: f64 = 0.7;

/// Asks one model. It is shown the part of the schema that matters, the conversation's questions and
/// statements, the question, and what the offline engine makes of it; never a row.
pub struct ModelEngine {
    model: Arc<dyn Model>,
    scope: Scope,
}

impl ModelEngine {
    /// Asks `model` and shows it at most `tables` tables; `None`: all. Stored values that the user has not
    /// spelled out go to it as stand-ins, see [`Self::sharing_values`].
    #[must_use]
    pub fn new(model: Arc<dyn Model>, tables: Option<usize>) -> Self {
        Self { model, scope: Scope { tables, share_values: false } }
    }

    /// The same, but a stored value that the question means is told as it is stored.
    #[must_use]
    pub fn sharing_values(mut self, share: bool) -> Self {
        self.scope.share_values = share;
        self
    }
}

#[async_trait]
impl Engine for ModelEngine {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        let offline = Offline.answer(ask);
        let (request, veil) = prompt::request(ask, draft(&offline), self.scope);
        let completion = self.model.complete(&request).await?;
        let mut outcome = reply::read(&completion, ask.question, &veil)?;
        if let Outcome::Sql(proposals) = &mut outcome {
            for proposal in proposals {
                proposal.sql = mend(&proposal.sql, ask.catalog.schema());
            }
        }
        let outcome = join(outcome, offline, ask.failure.is_some());
        Ok(Proposed { outcome, engine: self.model.name().to_owned(), warnings: Vec::new(), usage: completion.usage })
    }
}

/// The statement that the offline engine would answer with, where it is sure enough to help.
fn draft(offline: &Outcome) -> Option<&Proposal> {
    match offline {
        Outcome::Sql(proposals) => proposals.first().filter(|best| best.confidence >= WORTH_SHOWING),
        Outcome::Clarify { .. } | Outcome::Casual(_) => None,
    }
}

/// Brings what the offline engine makes of the question to what the model does: two engines that agree are surer
/// than either, a draft that is likely right is tried where the model's statement does not run, and a model that asks
/// back offers the offline engine's choices where it has none of its own.
fn join(model: Outcome, offline: Outcome, failed: bool) -> Outcome {
    match (model, offline) {
        (Outcome::Sql(proposals), Outcome::Sql(drafts)) => Outcome::Sql(joined(proposals, drafts, failed)),
        (Outcome::Clarify { question, choices, confidence }, Outcome::Clarify { choices: others, .. })
            if choices.is_empty() =>
        {
            Outcome::Clarify { question, choices: others, confidence }
        }
        (model, _) => model,
    }
}

fn joined(mut proposals: Vec<Proposal>, drafts: Vec<Proposal>, failed: bool) -> Vec<Proposal> {
    let (Some(best), Some(draft)) = (proposals.first_mut(), drafts.into_iter().next()) else { return proposals };
    if same(&best.sql, &draft.sql) {
        best.confidence = best.confidence.max(draft.confidence);
        best.explanation = draft.explanation;
        best.template = best.template.take().or(draft.template);
        best.plan = draft.plan;
    } else if failed || draft.confidence >= STANDS_IN {
        let note = "the model's statement did not run, so this is how the offline engine reads the question";
        let assumptions = draft.assumptions.into_iter().chain([note.to_owned()]).collect();
        proposals.push(Proposal { assumptions, ..draft });
    }
    proposals
}

/// Whether two statements differ in spaces and capitals only.
fn same(one: &str, other: &str) -> bool {
    let words = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    words(one).eq_ignore_ascii_case(&words(other))
}

impl fmt::Debug for ModelEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelEngine").field("model", &self.model.name()).field("scope", &self.scope).finish()
    }
}
