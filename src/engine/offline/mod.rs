//! The engine without a model: links words, reads clauses, joins along keys, and says how sure it is.

pub mod ir;
pub mod parse;
pub mod plan;
pub mod rank;
pub mod write;

use async_trait::async_trait;

use super::{Ask, Engine, Outcome, Proposal, Proposed};
use crate::error::Result;
use crate::llm::Usage;

/// Answers from the schema and the stored values alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

#[async_trait]
impl Engine for Offline {
    fn name(&self) -> &'static str {
        "offline"
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        Ok(Proposed {
            outcome: self.answer(ask),
            usage: Usage::default(),
            engine: self.name().to_owned(),
            warnings: Vec::new(),
        })
    }
}

/// Proposals given at most.
const PROPOSALS: usize = 3;

impl Offline {
    /// What it makes of the question. Does not wait for anything.
    #[must_use]
    pub fn answer(&self, ask: &Ask<'_>) -> Outcome {
        let candidates = rank::candidates(ask.question, ask.catalog, ask.now);
        let proposals: Vec<Proposal> = candidates
            .into_iter()
            .take(PROPOSALS)
            .map(|candidate| Proposal {
                sql: candidate.sql,
                explanation: String::new(),
                confidence: candidate.confidence,
                template: None,
                plan: None,
                assumptions: candidate.assumptions,
            })
            .collect();
        if proposals.is_empty() {
            return Outcome::Clarify {
                question: "I am not sure what you mean".into(),
                choices: Vec::new(),
                confidence: 0.0,
            };
        }
        Outcome::Sql(proposals)
    }
}
