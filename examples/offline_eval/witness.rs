//! The offline engine with somebody beside it who takes down what it said and how long that took.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use db_query_agent::engine::offline::{Offline, clarify, rank};
use db_query_agent::engine::{Ask, Engine, Outcome, Proposed};
use db_query_agent::error::Result;
use db_query_agent::grounding::words::tokenize;

/// How often each question is put, to time it: the one in the middle counts, whatever else the machine does.
const TIMES: usize = 3;

/// What the engine made of the last question.
#[derive(Clone, Default)]
pub struct Testimony {
    /// From the words and a warm catalogue to the proposals.
    pub engine_time: Duration,
    /// Whether every stored value was known.
    pub complete: bool,
    /// The statements it proposed, best first.
    pub proposals: Vec<String>,
    /// The statements behind the choices, where these are readings of the question.
    pub choices: Vec<String>,
    /// What spoke for or against the question being about the database at all; nothing where there was no reading.
    pub evidence: Vec<(&'static str, f64)>,
}

#[derive(Default)]
pub struct Witness(Mutex<Testimony>);

impl Witness {
    pub fn testimony(&self) -> Testimony {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Engine for Witness {
    fn name(&self) -> &'static str {
        Offline.name()
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        let mut times = Vec::new();
        let mut proposed = Offline.propose(ask).await?;
        for _ in 0..TIMES {
            let begun = Instant::now();
            proposed = Offline.propose(ask).await?;
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        let mut heard =
            Testimony { engine_time: times[TIMES / 2], complete: ask.catalog.is_complete(), ..Testimony::default() };
        let candidates = rank::candidates(&tokenize(ask.question), ask.catalog, ask.now);
        heard.evidence = candidates.first().map(rank::Candidate::evidence).unwrap_or_default();
        match &proposed.outcome {
            Outcome::Sql(proposals) => {
                heard.proposals = proposals.iter().map(|proposal| proposal.sql.clone()).collect();
            }
            Outcome::Clarify { choices, .. } => heard.choices = statements(ask, &candidates, choices),
            Outcome::Casual(_) => {}
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = heard;
        Ok(proposed)
    }
}

/// The statements of the readings that `choices` offers; none where they are other questions.
fn statements(ask: &Ask<'_>, candidates: &[rank::Candidate], choices: &[String]) -> Vec<String> {
    clarify::readings(candidates, ask.catalog)
        .into_iter()
        .filter(|(words, _)| choices.contains(words))
        .map(|(_, candidate)| candidate.sql.clone())
        .collect()
}
