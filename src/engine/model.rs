//! The engine that asks a language model: one call a question, unless it has to look around.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::dialogue::{Bounds, Ended, converse};
use super::frame::Frame;
use super::mend::mend;
use super::offline::{self, Offline};
use super::prompt::{Form, Prompt, Scope};
use super::{Ask, Engine, Listener, Narration, Outcome, Proposal, Proposed, Tale, narrate, prompt, reply};
use crate::config::{EffortConfig, ToolUse};
use crate::error::Result;
use crate::llm::{Model, Tool};

/// From this confidence on the draft is tried where the model's statement does not run, before the
/// model is asked again: as often right as a repair is. Where a repair does not run either, any draft is better
/// than none.
const STANDS_IN: f64 = 0.5;

/// From this confidence on the model is shown the draft: small models copy it, also where it is wrong.
const WORTH_SHOWING: f64 = 0.7;

/// A schema of more tables than this is too large to be shown by its words alone: a model may look around in it.
const LARGE: usize = 100;

/// Asks one model. It is shown the part of the schema that matters, the conversation's questions and
/// statements, the question, and what the offline engine makes of it; never a row.
pub struct ModelEngine {
    model: Arc<dyn Model>,
    scope: Scope,
    tools: ToolUse,
    bounds: Bounds,
    /// The tags of every prompt's first message.
    home: Frame,
}

impl ModelEngine {
    /// Asks `model` and shows it at most `tables` tables; `None`: all. Stored values that the user has not
    /// spelled out go to it as stand-ins, see [`Self::sharing_values`].
    #[must_use]
    pub fn new(model: Arc<dyn Model>, tables: Option<usize>) -> Self {
        Self {
            model,
            scope: Scope { tables, share_values: false, form: Form::Brief, tokens: usize::MAX },
            tools: ToolUse::Auto,
            bounds: Bounds { steps: 6, tokens: u64::MAX },
            home: Frame::new(),
        }
    }

    /// The same, but a stored value that the question means is told as it is stored.
    #[must_use]
    pub fn sharing_values(mut self, share: bool) -> Self {
        self.scope.share_values = share;
        self
    }

    /// The same, asking for `form`.
    #[must_use]
    pub fn asking_for(mut self, form: Form) -> Self {
        self.scope.form = form;
        self
    }

    /// The same within the limits of `effort`.
    #[must_use]
    pub fn within(mut self, effort: &EffortConfig) -> Self {
        self.scope.tokens = effort.prompt_tokens;
        self.tools = effort.tools;
        self.bounds = Bounds { steps: effort.tool_steps, tokens: effort.tool_tokens };
        self
    }

    /// What may be called for `ask`: all, where the model has to find its way, else what the user has added.
    fn callable(&self, ask: &Ask<'_>, is_partial: bool) -> Vec<Tool> {
        let is_lost = ask.failure.is_some() || is_partial && ask.catalog.schema().tables.len() > LARGE;
        match (ask.toolbox, self.tools) {
            (None, _) | (_, ToolUse::Never) => Vec::new(),
            (Some(toolbox), ToolUse::Auto) => toolbox.tools(is_lost),
            (Some(toolbox), ToolUse::Always) => toolbox.tools(true),
        }
    }
}

#[async_trait]
impl Engine for ModelEngine {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn tell(&self, tale: &Tale<'_>, heard: Listener<'_>) -> Result<Option<Narration>> {
        narrate::narrate(&*self.model, tale, heard).await.map(Some)
    }

    fn close(&self) {
        self.model.close();
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        let own;
        let offline = if let Some(draft) = ask.draft {
            draft
        } else {
            own = Offline.answer(ask);
            &own
        };
        let Prompt { mut request, mut veil, frame, is_partial } =
            prompt::request(ask, draft(offline, ask), self.scope, &self.home);
        request.tools = self.callable(ask, is_partial);
        if let Some(bill) = ask.bill {
            request.bill = bill.clone();
        }
        let Ended { completion, ran } =
            converse(&*self.model, request, ask.toolbox, &mut veil, &frame, self.bounds).await?;
        let read = reply::read(&completion, ask.question, &veil);
        // A model that ran its statement and then only talks about it has given it all the same.
        let mut outcome = match (read, ran) {
            (Err(_) | Ok(Outcome::Casual(_)), Some(sql)) => reply::ran(sql),
            (read, _) => read?,
        };
        if let Outcome::Sql(proposals) = &mut outcome {
            for proposal in proposals {
                proposal.sql = mend(&proposal.sql, ask.catalog.schema());
                proposal.template =
                    offline::sentence_of(proposal.template.take(), &proposal.sql, ask.question, ask.catalog);
            }
        }
        let mut outcome = join(outcome, offline, ask.failure.is_some());
        if let Outcome::Sql(proposals) = &mut outcome {
            keep_conditions(proposals, ask);
        }
        Ok(Proposed { outcome, engine: self.model.name().to_owned(), warnings: Vec::new(), is_a_models: true })
    }
}

/// Puts the statement before, changed as it is asked, in front of one that has lost a condition of it or the new one.
/// Small models forget what they filtered by, above all through another table.
fn keep_conditions(proposals: &mut Vec<Proposal>, ask: &Ask<'_>) {
    let restored = || offline::restored(ask, &proposals.first()?.sql);
    let Some(mut kept) = restored().filter(|kept| ask.failure.is_none_or(|failure| failure.sql != kept.sql)) else {
        return;
    };
    tracing::info!("the model's statement left out a condition; it is put back");
    kept.assumptions.push("the model left out a condition that was asked for; it is put back".to_owned());
    proposals.retain(|proposal| !same(&proposal.sql, &kept.sql));
    proposals.insert(0, kept);
}

/// The statement that the offline engine would answer with, where it is sure enough to help. What only changes the
/// statement before is shown from where it is likelier right than wrong: without it, small models start anew.
fn draft<'a>(offline: &'a Outcome, ask: &Ask<'_>) -> Option<&'a Proposal> {
    let is_worth =
        |best: &&Proposal| best.confidence >= WORTH_SHOWING || best.confidence >= STANDS_IN && offline::follows(ask);
    match offline {
        Outcome::Sql(proposals) => proposals.first().filter(is_worth),
        Outcome::Clarify { .. } | Outcome::Casual(_) => None,
    }
}

/// Brings what the offline engine makes of the question to what the model does: two engines that agree are surer
/// than either, a draft that is likely right is tried where the model's statement does not run, and a model that asks
/// back offers the offline engine's choices where it has none of its own.
fn join(model: Outcome, offline: &Outcome, failed: bool) -> Outcome {
    match (model, offline) {
        (Outcome::Sql(proposals), Outcome::Sql(drafts)) => Outcome::Sql(joined(proposals, drafts, failed)),
        (Outcome::Clarify { question, choices, confidence }, Outcome::Clarify { choices: others, .. })
            if choices.is_empty() =>
        {
            Outcome::Clarify { question, choices: others.clone(), confidence }
        }
        (model, _) => model,
    }
}

fn joined(mut proposals: Vec<Proposal>, drafts: &[Proposal], failed: bool) -> Vec<Proposal> {
    let (Some(best), Some(draft)) = (proposals.first_mut(), drafts.first().cloned()) else { return proposals };
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
        f.debug_struct("ModelEngine")
            .field("model", &self.model.name())
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
