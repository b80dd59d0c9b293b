//! What a model proposed for the same question before. Only its statement is remembered here; rows are read anew,
//! unless results are remembered too (`results.rs`). Who asks what is being proposed already waits for it.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use super::Tools;
use super::access::Admitted;
use crate::cache::{Digest, Figures, Link, Shelf};
use crate::config::{Config, Strategy, ToolUse};
use crate::engine::{Ask, Proposed};
use crate::error::Result;
use crate::value::Value;

/// Proposals remembered at most.
const CAPACITY: u64 = 10_000;

/// Remembers what models proposed; nothing when caching is off.
pub(super) struct Recall {
    shelf: Shelf<Proposed>,
    /// What of the configuration a proposal depends on.
    configuration: Digest,
    /// Whether a model may look at rows before it proposes.
    looks: bool,
}

/// Everything else that it depends on: two questions with equal keys have the same answer.
#[derive(Serialize)]
struct Key<'a> {
    configuration: &'a str,
    question: &'a str,
    /// Questions and statements of the conversation so far.
    conversation: Vec<(&'a str, Option<&'a str>)>,
    /// What was taught about it: questions with their statements, and notes.
    examples: Vec<(&'a str, &'a str)>,
    notes: Vec<&'a str>,
    tools: Vec<String>,
    /// The place of the policy, and what it shows.
    policy: usize,
    schema: u64,
    /// Who asks, where the policy shows each caller other rows and a model may have looked at them.
    caller: Option<(&'a str, &'a BTreeMap<String, Value>)>,
    /// "Last month" means another one tomorrow.
    today: NaiveDate,
}

impl Recall {
    pub(super) fn new(config: &Config, link: Option<Arc<Link>>) -> Self {
        let model = &config.model;
        let configuration = Digest::of(&(
            (model.strategy.as_str(), &model.base_url, &model.fast_model, &model.balanced_model, &model.complex_model),
            (model.temperature, model.max_tokens, model.offline_confidence, model.share_values, config.share_results),
            (config.lazy_schema_loading, config.max_tables_in_context),
            // Neither holds a secret, which would print as `***` anyway.
            (format!("{:?}", config.effort), format!("{:?}", config.safety)),
        ));
        let capacity = if config.cache.enabled { CAPACITY } else { 0 };
        let looks = model.strategy != Strategy::Offline && config.effort.tools != ToolUse::Never;
        Self { shelf: Shelf::new("proposal", config.cache.llm_ttl, capacity, |_| 1, link), configuration, looks }
    }

    /// The name of what `admitted` asks and `tools` may help with. Callers of one policy share it, unless a model may
    /// look at rows and each sees rows of its own.
    pub(super) fn key(&self, ask: &Ask<'_>, admitted: &Admitted, tools: &Tools) -> Digest {
        let schema = ask.catalog.schema();
        let filtered = || self.looks && schema.tables.iter().any(|table| admitted.guard.filters_rows(table));
        let caller = admitted.caller.as_ref().filter(|_| filtered());
        let lessons = ask.lessons.into_iter();
        Digest::of(&Key {
            configuration: self.configuration.as_str(),
            question: ask.question,
            conversation: ask.conversation.iter().map(|turn| (turn.question.as_str(), turn.sql.as_deref())).collect(),
            examples: lessons
                .clone()
                .flat_map(|lessons| lessons.examples.iter().chain(&lessons.same))
                .map(|example| (example.question.as_str(), example.sql.as_str()))
                .collect(),
            notes: lessons.flat_map(|lessons| lessons.notes.iter().map(AsRef::as_ref)).collect(),
            tools: tools.all().iter().map(|tool| format!("{:?}", tool.tool())).collect(),
            policy: admitted.place,
            schema: ask.catalog.fingerprint(),
            caller: caller.map(|caller| (caller.id.as_str(), &caller.attributes)),
            today: ask.now.date(),
        })
    }

    /// What was proposed before, or what `propose` gives; and whether it cost this question nothing. Kept is what a
    /// model made: the rest costs nothing to make again, and who stood in for a model does so no longer than it must.
    pub(super) async fn get_or_propose<F>(&self, key: &Digest, propose: impl Fn() -> F) -> Result<(Proposed, bool)>
    where
        F: Future<Output = Result<Proposed>>,
    {
        let had = self.shelf.get_or_make(key, &[], |proposed| proposed.is_a_models, propose).await?;
        Ok((Proposed::clone(&had.value), !had.is_new))
    }

    /// Forgets a proposal whose statement turned out not to run.
    pub(super) async fn forget(&self, key: &Digest) {
        self.shelf.forget(key).await;
    }

    pub(super) async fn clear(&self) {
        self.shelf.clear().await;
    }

    pub(super) async fn figures(&self) -> Figures {
        self.shelf.figures().await
    }
}
