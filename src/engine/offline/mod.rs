//! The engine without a model: links words, reads clauses, joins along keys, and says how sure it is.
//!
//! A question is cut into chunks in several ways ([`parse`]), each reading becomes a query
//! ([`plan`]), the queries are weighed ([`rank`]) and the best are printed ([`write`]).

mod casual;
pub mod clarify;
mod demands;
mod doubt;
mod features;
mod follow;
mod forest;
mod grounds;
pub mod ir;
mod meta;
pub mod parse;
pub mod plan;
pub mod rank;
mod records;
mod refuse;
mod sentence;
mod small_talk;
mod speak;
mod vary;
pub mod write;

use async_trait::async_trait;

use super::{Ask, Engine, Outcome, Proposal, Proposed};
use crate::error::Result;
use crate::grounding::Catalog;
use crate::grounding::words::tokenize;

use ir::{Plan, Query};
use rank::Candidate;
use records::Records;

/// Answers from the schema and the stored values alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

/// How sure an edit of the query before is when every word had a part in it: rather over half of them are right.
const FOLLOWED: f64 = 0.6;
/// Proposals given at most.
const PROPOSALS: usize = 3;
/// Below this confidence it asks back.
const SURE_ENOUGH: f64 = 0.11;

#[async_trait]
impl Engine for Offline {
    fn name(&self) -> &'static str {
        "offline"
    }

    async fn propose(&self, ask: &Ask<'_>) -> Result<Proposed> {
        Ok(Proposed {
            outcome: self.answer(ask),
            engine: self.name().to_owned(),
            warnings: Vec::new(),
            is_a_models: false,
        })
    }
}

impl Offline {
    /// What it makes of the question. Does not wait for anything.
    #[must_use]
    pub fn answer(&self, ask: &Ask<'_>) -> Outcome {
        let tokens = tokenize(ask.question);
        if let Some(aside) = aside(&tokens, ask) {
            return aside;
        }
        if let Some(back) = lost(ask, &tokens) {
            return back;
        }
        let mut candidates = Self::edited(ask, &tokens).into_iter().collect::<Vec<Candidate>>();
        if candidates.is_empty() {
            match records::read(&tokens, ask.catalog) {
                Some(Records::OfWhich(back)) => return back,
                Some(Records::Of(query)) => candidates.extend(certain(query, ask.catalog)),
                None => {}
            }
        }
        if candidates.is_empty() {
            candidates = rank::candidates(&tokens, ask.catalog, ask.now);
        }
        if let Some(failure) = ask.failure {
            candidates.retain(|candidate| candidate.sql != failure.sql);
        }
        if candidates.first().is_none_or(|candidate| !candidate.answers() || candidate.confidence < SURE_ENOUGH) {
            return clarify::ask(&tokens, &candidates, ask.catalog);
        }
        let proposals =
            candidates.into_iter().take(PROPOSALS).map(|candidate| proposal(candidate, ask.question, ask.catalog));
        Outcome::Sql(proposals.collect())
    }

    /// The query before, changed as a follow-up says.
    fn edited(ask: &Ask<'_>, tokens: &[crate::grounding::words::Token]) -> Option<Candidate> {
        let before = last_query(ask)?;
        let (query, unexplained) = follow::edit(tokens, &before, ask.catalog, ask.now)?;
        let sql = write::sql(&query, ask.catalog)?;
        let unknown = u8::try_from(unexplained.len()).map_or(1.0, f64::from);
        let confidence = (FOLLOWED - 0.18 * unknown).max(0.1);
        let doubts = doubt::Doubts {
            grave: unexplained.iter().filter(|word| !follow::leads(word)).cloned().collect(),
            slight: Vec::new(),
        };
        let mut candidate = Candidate::alone(query, sql, confidence);
        (candidate.doubts, candidate.unexplained) = (doubts, unexplained);
        Some(candidate)
    }
}

fn aside(tokens: &[crate::grounding::words::Token], ask: &Ask<'_>) -> Option<Outcome> {
    let refused = || refuse::reply(tokens, ask.catalog, last_query(ask).is_some());
    casual::reply(tokens, ask.catalog).or_else(refused).map(Outcome::Casual)
}

/// A query that leaves nothing open.
fn certain(query: Query, catalog: &Catalog) -> Option<Candidate> {
    let sql = write::sql(&query, catalog)?;
    Some(Candidate::alone(query, sql, 0.95))
}

/// The query of the last turn, where it was this engine's and the schema is still the same.
fn last_query(ask: &Ask<'_>) -> Option<Query> {
    let last = ask.conversation.iter().rev().find(|turn| turn.sql.is_some())?;
    let plan: Plan = serde_json::from_value(last.plan.clone()?).ok()?;
    (plan.schema == fingerprint(ask.catalog)).then_some(plan.query)
}

/// What is said of a follow-up to a statement that is not this engine's own: read alone it would mean another thing.
fn lost(ask: &Ask<'_>, tokens: &[crate::grounding::words::Token]) -> Option<Outcome> {
    let answered = ask.conversation.iter().any(|turn| turn.sql.is_some());
    (answered && last_query(ask).is_none() && follow::opens(tokens)).then(|| Outcome::Clarify {
        question: "I cannot build on the statement before, which a model wrote. Can you ask the whole question?"
            .to_owned(),
        choices: Vec::new(),
        confidence: 0.0,
    })
}

fn fingerprint(catalog: &Catalog) -> String {
    format!("{:x}", catalog.schema().fingerprint())
}

fn proposal(candidate: Candidate, question: &str, catalog: &Catalog) -> Proposal {
    let plan = Plan { schema: fingerprint(catalog), query: candidate.query };
    Proposal {
        explanation: speak::explanation(&plan.query, catalog),
        template: Some(sentence::template(&plan.query, question, catalog)),
        plan: serde_json::to_value(&plan).ok(),
        sql: candidate.sql,
        confidence: candidate.confidence,
        assumptions: candidate.assumptions,
    }
}
