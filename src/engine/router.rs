//! Which engine answers, and who stands in when it cannot.
//!
//! | `model_strategy` | who proposes |
//! | --- | --- |
//! | `adaptive` | the offline engine where it is sure, else a model as strong as the question is hard; the offline engine alone when there is no model |
//! | `fixed` | the fast model |
//! | `model` | a model as strong as the question is hard |
//! | `offline` | the offline engine |
//!
//! Whenever a model fails for a reason that is not the user's, the offline engine stands in and the
//! answer says so.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::relevance::named_tables;
use super::{Ask, Engine, ModelEngine, Outcome, Proposed};
use crate::config::{Config, Strategy};
use crate::error::{Category, Error, Result};
use crate::llm::{Model as _, OpenAi};

/// Words from which on a question is taken for harder. Of Spider's training questions, 57 % of those
/// with 15 words or more are hard or harder by its own measure, and 73 % of those with 20 or more.
const LONG_QUESTION: usize = 15;
const VERY_LONG_QUESTION: usize = 20;

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

    async fn adaptive(&self, models: &Models, ask: &Ask<'_>) -> Result<Proposed> {
        // What failed came from the offline engine or from a model; either way a model has better
        // chances with the reason at hand.
        let offline = if ask.failure.is_some() { None } else { self.offline.propose(ask).await.ok() };
        match offline {
            Some(proposed) if self.is_sure(&proposed.outcome) => Ok(proposed),
            _ => self.asked(models.for_question(ask), ask, offline).await,
        }
    }

    fn is_sure(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Sql(proposals) => proposals.first().is_some_and(|best| best.confidence >= self.sure),
            Outcome::Clarify { .. } => false,
            Outcome::Casual(_) => true,
        }
    }

    /// What `model` proposes, or else the offline engine: `offline`, where it was asked already.
    async fn asked(&self, model: &dyn Engine, ask: &Ask<'_>, offline: Option<Proposed>) -> Result<Proposed> {
        let error = match model.propose(ask).await {
            Ok(proposed) => return Ok(proposed),
            Err(error) if error.category() == Category::User => return Err(error),
            Err(error) => error,
        };
        tracing::warn!(
            model = model.name(),
            code = error.code().as_str(),
            "the model failed; the offline engine stands in"
        );
        let stand_in = match offline {
            Some(proposed) => Ok(proposed),
            None => self.offline.propose(ask).await,
        };
        match stand_in {
            Ok(mut proposed) => {
                proposed.warnings.push(stood_in(model.name(), &error));
                Ok(proposed)
            }
            // The cause is what helps the user, not that the stand-in had no answer either.
            Err(_) => Err(error),
        }
    }
}

#[async_trait]
impl Engine for Router {
    fn name(&self) -> &str {
        self.strategy.as_str()
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        match (self.strategy, &self.models) {
            (Strategy::Offline, _) | (_, None) => self.offline.propose(ask).await,
            (Strategy::Adaptive, Some(models)) => self.adaptive(models, ask).await,
            (Strategy::Fixed, Some(models)) => self.asked(&*models.fast, ask, None).await,
            (Strategy::Model, Some(models)) => self.asked(models.for_question(ask), ask, None).await,
        }
    }
}

impl Models {
    fn new(config: &Config) -> Result<Self> {
        let tables = config.lazy_schema_loading.then_some(config.max_tables_in_context);
        let first = OpenAi::new(&config.model.fast_model, &config.model)?;
        let share = config.model.share_values;
        let engine = |model: OpenAi| -> Arc<dyn Engine> {
            Arc::new(ModelEngine::new(Arc::new(model), tables).sharing_values(share))
        };
        let (balanced, complex) = (&config.model.balanced_model, &config.model.complex_model);
        let (balanced, complex) =
            [balanced, complex].map(|name| (name != first.name()).then(|| first.sibling(name))).into();
        let fast = engine(first);
        // One server often has one model only; what it has learned to leave out is learned once.
        let or_fast = |model: Option<OpenAi>| model.map_or_else(|| Arc::clone(&fast), engine);
        Ok(Self { balanced: or_fast(balanced), complex: or_fast(complex), fast })
    }

    /// The weakest one that should do. A repair is hard by experience.
    fn for_question(&self, ask: &Ask<'_>) -> &dyn Engine {
        let words = ask.question.split_whitespace().count();
        let tables = named_tables(ask);
        if ask.failure.is_some() || words >= VERY_LONG_QUESTION || tables >= 3 {
            &*self.complex
        } else if words >= LONG_QUESTION || tables == 2 {
            &*self.balanced
        } else {
            &*self.fast
        }
    }
}

fn stood_in(model: &str, error: &Error) -> String {
    format!("the offline engine answered in the place of `{model}`: {error}")
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models =
            self.models.as_ref().map(|models| [&models.fast, &models.balanced, &models.complex].map(|it| it.name()));
        f.debug_struct("Router").field("strategy", &self.strategy).field("models", &models).finish_non_exhaustive()
    }
}
