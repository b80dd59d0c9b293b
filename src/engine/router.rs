//! Which engine answers, and who stands in when it cannot.
//!
//! | `model_strategy` | who proposes |
//! | --- | --- |
//! | `adaptive` | the offline engine where it is sure, else a model as strong as the question is hard; the offline engine alone when there is no model |
//! | `fixed` | the fast model |
//! | `model` | a model as strong as the question is hard |
//! | `offline` | the offline engine |
//!
//! What was taught for the same question needs no engine, and what is no question about the data needs no model.
//! Whenever a model fails for a reason that is not the user's, another one is asked where that may help, then the
//! offline engine stands in, and the answer says so.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::difficulty::{Difficulty, difficulty};
use super::offline;
use super::prompt::Form;
use super::{Ask, Engine, Listener, ModelEngine, Narration, Outcome, Proposal, Proposed, Tale};
use crate::config::{Config, Strategy};
use crate::error::{Category, Code, Error, Result};
use crate::llm::{Model as _, OpenAi};

/// Below this confidence, where a model states one, a stronger model is asked as well.
const UNSURE: f64 = 0.4;

/// The models to choose from, weakest first.
#[derive(Clone)]
pub struct Models {
    pub fast: Arc<dyn Engine>,
    pub balanced: Arc<dyn Engine>,
    pub complex: Arc<dyn Engine>,
}

/// Hands each question to the engine that the strategy names.
pub struct Router {
    strategy: Strategy,
    offline: Arc<dyn Engine>,
    models: Option<Models>,
    sure: f64,
}

impl Router {
    /// From this confidence on the offline engine answers without a model, unless `offline_confidence` says otherwise.
    ///
    /// Measured by `make eval-model`, whose second table shows who is right how often where the offline engine is so
    /// sure. On 1,500 questions of Spider's training databases that are not held out it is right for 52 % at 0.5, 69 % at
    /// 0.6, 79 % at 0.7 to 0.8, 82 % at 0.8 and 95 % at 0.85 to 0.9. Qwen2.5-Coder with 1.5 billion parameters, without the
    /// grounding, is right for 78 % of 69 held-out questions from 0.5 on (the offline engine: 86 %) and for 48 % of the 31
    /// below (26 %); with the grounding it is as right as the offline engine from 0.5 on. So 0.5 suits a model of that size.
    ///
    /// The default is for stronger models, of which none was at hand; this is an assumption. That model errs on 42.5 % of
    /// Spider's public questions, GPT-4 without examples on 27.4 %, DIN-SQL on 17.8 %. If their errors are fewer in the
    /// same proportion where the offline engine is sure (29 % from 0.8 to 0.9), they are right there for 82 % to 88 %, which
    /// the offline engine exceeds from 0.85 on. A ranker that is fitted anew keeps this right as long as its confidence is
    /// calibrated.
    pub const SURE: f64 = 0.85;

    /// The engines that `config` names, with `offline` as the one that needs no model.
    ///
    /// # Errors
    /// A key that no header can carry.
    pub fn new(config: &Config, offline: Arc<dyn Engine>) -> Result<Self> {
        let models = match config.model.strategy {
            Strategy::Offline => None,
            _ if !config.model.is_available() => None,
            _ => Some(Models::new(config)?),
        };
        let router = Self::with_models(config.model.strategy, offline, models);
        Ok(router.sure_from(config.model.offline_confidence))
    }

    /// The same with engines of the caller's own in the place of models.
    #[must_use]
    pub fn with_models(strategy: Strategy, offline: Arc<dyn Engine>, models: Option<Models>) -> Self {
        Self { strategy, offline, models, sure: Self::SURE }
    }

    /// The same with the offline engine answering from `confidence` on, without a model.
    #[must_use]
    pub fn sure_from(mut self, confidence: f64) -> Self {
        self.sure = confidence;
        self
    }

    fn is_sure(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Sql(proposals) => proposals.first().is_some_and(|best| best.confidence >= self.sure),
            Outcome::Clarify { .. } => false,
            Outcome::Casual(_) => true,
        }
    }

    /// What a model proposes, or else the offline engine, which has proposed `offline` or failed.
    async fn asked(
        &self,
        first: Difficulty,
        models: &Models,
        ask: &Ask<'_>,
        offline: Option<&Proposed>,
    ) -> Result<Proposed> {
        let (mut model, mut stood_in) = (models.at(first), Vec::new());
        // Who names one model wants that one.
        let alone = self.strategy == Strategy::Fixed;
        let mut tried = vec![model.name()];
        let error = loop {
            match model.propose(ask).await {
                Ok(mut proposed) => {
                    let stronger = models.at(Difficulty::Hard);
                    if !alone && is_unsure(&proposed.outcome) && !tried.contains(&stronger.name()) {
                        proposed = surer(proposed, stronger.propose(ask).await);
                    }
                    proposed.warnings.extend(stood_in);
                    return Ok(proposed);
                }
                Err(error) if error.category() == Category::User => return Err(error),
                Err(error) => {
                    // Of a server that is down or too slow, another model is no better.
                    let others =
                        [Difficulty::Hard, Difficulty::Middling, Difficulty::Easy].map(|level| models.at(level));
                    let other = others.into_iter().find(|other| !tried.contains(&other.name()));
                    match other.filter(|_| !alone && is_of_the_model(error.code())) {
                        Some(other) => {
                            tracing::warn!(
                                model = model.name(),
                                code = error.code().as_str(),
                                "the model failed; another one is asked"
                            );
                            stood_in.push(in_the_place_of(other.name(), model.name(), &error));
                            tried.push(other.name());
                            model = other;
                        }
                        None => break error,
                    }
                }
            }
        };
        tracing::warn!(
            model = model.name(),
            code = error.code().as_str(),
            "the model failed; the offline engine stands in"
        );
        // The cause is what helps the user, not that the stand-in had no answer either.
        let Some(mut proposed) = offline.cloned() else { return Err(error) };
        proposed.warnings.push(in_the_place_of("the offline engine", model.name(), &error));
        Ok(proposed)
    }
}

#[async_trait]
impl Engine for Router {
    fn name(&self) -> &str {
        self.strategy.as_str()
    }

    /// The fast model tells, whoever proposed: a few rows are no hard reading.
    async fn tell(&self, tale: &Tale<'_>, heard: Listener<'_>) -> Result<Option<Narration>> {
        match (self.strategy, &self.models) {
            (Strategy::Offline, _) | (_, None) => Ok(None),
            (_, Some(models)) => models.fast.tell(tale, heard).await,
        }
    }

    fn close(&self) {
        for model in self.models.iter().flat_map(|models| [&models.fast, &models.balanced, &models.complex]) {
            model.close();
        }
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        if let Some(taught) = taught(ask) {
            return Ok(taught);
        }
        let models = match (self.strategy, &self.models) {
            (Strategy::Offline, _) | (_, None) => return self.offline.propose(ask).await,
            (_, Some(models)) => models,
        };
        let offline = self.offline.propose(ask).await;
        if matches!(&offline, Ok(Proposed { outcome: Outcome::Casual(_), .. })) {
            return offline;
        }
        let draft = offline.as_ref().ok().map(|proposed| &proposed.outcome);
        // What failed came from the offline engine or from a model; either way a model has better
        // chances with the reason at hand.
        if self.strategy == Strategy::Adaptive
            && ask.failure.is_none()
            && draft.is_some_and(|draft| self.is_sure(draft))
        {
            return offline;
        }
        let first = if self.strategy == Strategy::Fixed { Difficulty::Easy } else { difficulty(ask, draft) };
        self.asked(first, models, &Ask { draft, ..*ask }, offline.as_ref().ok()).await
    }
}

/// The statement that was taught for this very question, which needs no engine.
fn taught(ask: &Ask<'_>) -> Option<Proposed> {
    let taught = ask.lessons.and_then(|lessons| lessons.same.as_deref());
    let example = taught.filter(|example| ask.failure.is_none_or(|failure| failure.sql != example.sql))?;
    let proposal = Proposal {
        sql: example.sql.clone(),
        explanation: "the statement that was taught for this question".to_owned(),
        confidence: TAUGHT,
        template: offline::sentence_of(None, &example.sql, ask.question, ask.catalog),
        plan: None,
        assumptions: Vec::new(),
    };
    Some(Proposed {
        outcome: Outcome::Sql(vec![proposal]),
        engine: "example".to_owned(),
        warnings: Vec::new(),
        is_a_models: false,
    })
}

/// The confidence in a statement that was taught for the very question: it may have been written for other data.
const TAUGHT: f64 = 0.99;

/// The surer one of what a model proposed and what a stronger one did.
fn surer(weak: Proposed, strong: Result<Proposed>) -> Proposed {
    match strong {
        Ok(strong) => strong,
        Err(error) => {
            let warning = format!("a stronger model was to be asked as well: {error}");
            Proposed { warnings: [weak.warnings, vec![warning]].concat(), ..weak }
        }
    }
}

fn is_unsure(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Sql(proposals) if proposals.first().is_some_and(|best| best.confidence < UNSURE))
}

/// Whether it is the model and not its server that failed.
fn is_of_the_model(code: Code) -> bool {
    matches!(code, Code::ModelBadResponse | Code::ModelRateLimited)
}

impl Models {
    fn new(config: &Config) -> Result<Self> {
        let tables = config.lazy_schema_loading.then_some(config.max_tables_in_context);
        let first = OpenAi::new(&config.model.fast_model, &config.model)?;
        let share = config.model.share_values;
        let engine = |model: OpenAi, form: Form| -> Arc<dyn Engine> {
            let engine = ModelEngine::new(Arc::new(model), tables).sharing_values(share);
            Arc::new(engine.asking_for(form).within(&config.effort))
        };
        let (balanced, complex) = (&config.model.balanced_model, &config.model.complex_model);
        let (balanced, complex) =
            [balanced, complex].map(|name| (name != first.name()).then(|| first.sibling(name))).into();
        let fast = engine(first, Form::Brief);
        // One server often has one model only; what it has learned to leave out is learned once.
        let or_fast = |model: Option<OpenAi>| {
            // Only strong models fill the long form in well.
            model.map_or_else(|| Arc::clone(&fast), |model| engine(model, Form::Full))
        };
        Ok(Self { balanced: or_fast(balanced), complex: or_fast(complex), fast })
    }

    /// The weakest one that should do.
    fn at(&self, difficulty: Difficulty) -> &dyn Engine {
        match difficulty {
            Difficulty::Easy => &*self.fast,
            Difficulty::Middling => &*self.balanced,
            Difficulty::Hard => &*self.complex,
        }
    }
}

fn in_the_place_of(who: &str, model: &str, error: &Error) -> String {
    format!("{who} answered in the place of `{model}`: {error}")
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models =
            self.models.as_ref().map(|models| [&models.fast, &models.balanced, &models.complex].map(|it| it.name()));
        f.debug_struct("Router").field("strategy", &self.strategy).field("models", &models).finish_non_exhaustive()
    }
}
