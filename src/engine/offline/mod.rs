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
mod kept;
mod meta;
pub mod parse;
pub mod plan;
pub mod rank;
pub mod read;
mod reading;
mod records;
mod refuse;
mod sentence;
mod small_talk;
mod speak;
mod vary;
mod weigh;
pub mod write;

use async_trait::async_trait;

use super::{Ask, Engine, Outcome, Proposal, Proposed};
use crate::error::Result;
use crate::grounding::Catalog;
use crate::grounding::words::{Token, tokenize};

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

/// Whether `ask` leans on the turn before it, and that can be built on.
pub(super) fn follows(ask: &Ask<'_>) -> bool {
    !ask.conversation.is_empty() && follow::opens(&tokenize(ask.question)) && last_query(ask).is_some()
}

/// What is right in the place of `sql`, where `ask` only changes the statement before and `sql` has lost one of its
/// conditions or the new one.
pub(super) fn restored(ask: &Ask<'_>, sql: &str) -> Option<Proposal> {
    if ask.conversation.is_empty() {
        return None;
    }
    let (tokens, before) = (tokenize(ask.question), last_query(ask)?);
    let edited = Offline::edited(ask, &tokens, &before).filter(|edited| edited.doubts.grave.is_empty())?;
    let other = read::query(sql, ask.catalog)?;
    kept::loses(&before, &edited.query, &other).then(|| proposal(edited, ask.question, ask.catalog))
}

/// The sentence for a statement that somebody else wrote: theirs, as long as the statement names what its blanks ask
/// for, else one with blanks by place, where the statement can be read and gives figures of all rows. Of rows, what
/// they show says more.
pub(super) fn sentence_of(theirs: Option<String>, sql: &str, question: &str, catalog: &Catalog) -> Option<String> {
    if theirs.as_deref().is_some_and(|text| is_named(text, sql, catalog)) {
        return theirs;
    }
    let read = read::query(sql, catalog).filter(demands::is_one_figure);
    read.map(|query| sentence::by_place(&query, question, catalog)).or(theirs)
}

/// Whether `sql` may call a column like each blank of `text`.
fn is_named(text: &str, sql: &str, catalog: &Catalog) -> bool {
    let Some(names) = read::names(sql, catalog.schema().dialect) else { return true };
    let mut blanks = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let known = |blank: &str| {
        let is_it = |name: &String| name.eq_ignore_ascii_case(blank.trim());
        blank.trim().eq_ignore_ascii_case("row_count") || names.iter().any(is_it)
    };
    blanks.all(known)
}

impl Offline {
    /// What it makes of the question. Does not wait for anything.
    #[must_use]
    pub fn answer(&self, ask: &Ask<'_>) -> Outcome {
        let tokens = tokenize(ask.question);
        let before = last_query(ask);
        if let Some(aside) = aside(&tokens, ask, before.is_some()) {
            return aside;
        }
        if let Some(back) = lost(ask, &tokens).filter(|_| before.is_none()) {
            return back;
        }
        let edited = before.as_ref().and_then(|before| Self::edited(ask, &tokens, before));
        let mut candidates = edited.into_iter().collect::<Vec<Candidate>>();
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
    fn edited(ask: &Ask<'_>, tokens: &[Token], before: &Query) -> Option<Candidate> {
        let (query, unexplained) = follow::edit(tokens, before, ask.catalog, ask.now)?;
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

fn aside(tokens: &[Token], ask: &Ask<'_>, follows: bool) -> Option<Outcome> {
    let refused = || refuse::reply(tokens, ask.catalog, follows);
    casual::reply(tokens, ask.catalog).or_else(refused).map(Outcome::Casual)
}

/// A query that leaves nothing open.
fn certain(query: Query, catalog: &Catalog) -> Option<Candidate> {
    let sql = write::sql(&query, catalog)?;
    Some(Candidate::alone(query, sql, 0.95))
}

/// The query of the last turn: as this engine made it, where the schema is still the same, else read back from its
/// statement.
fn last_query(ask: &Ask<'_>) -> Option<Query> {
    let last = ask.conversation.iter().rev().find(|turn| turn.sql.is_some())?;
    let plan = last.plan.clone().and_then(|plan| serde_json::from_value::<Plan>(plan).ok());
    match plan.filter(|plan| plan.schema == fingerprint(ask.catalog)) {
        Some(plan) => Some(plan.query),
        None => read::query(last.sql.as_deref()?, ask.catalog),
    }
}

/// What is said of a follow-up to a statement that cannot be read back: read alone it would mean another thing.
fn lost(ask: &Ask<'_>, tokens: &[Token]) -> Option<Outcome> {
    let answered = ask.conversation.iter().any(|turn| turn.sql.is_some());
    (answered && follow::opens(tokens)).then(|| Outcome::Clarify {
        question: "I cannot build on the statement before. Can you ask the whole question?".to_owned(),
        choices: Vec::new(),
        confidence: 0.0,
    })
}

fn fingerprint(catalog: &Catalog) -> String {
    format!("{:x}", catalog.fingerprint())
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
