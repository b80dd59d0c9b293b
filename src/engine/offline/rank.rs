//! Many readings, best first.

use chrono::NaiveDateTime;

use crate::grounding::Catalog;
use crate::grounding::words::tokenize;

use super::ir::Query;
use super::parse::draft::Draft;
use super::parse::{lattice, read};
use super::plan::plan;
use super::write;

/// Ways to cut the question that are read.
const CUTS: usize = 24;

/// A statement with its score.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub query: Query,
    pub sql: String,
    pub score: f32,
    pub confidence: f64,
    pub assumptions: Vec<String>,
    pub unexplained: Vec<String>,
}

/// Readings of `question`, best first, each statement once.
#[must_use]
pub fn candidates(question: &str, catalog: &Catalog, now: NaiveDateTime) -> Vec<Candidate> {
    let tokens = tokenize(question);
    let mut found: Vec<Candidate> = Vec::new();
    for cut in lattice::cuts(&tokens, catalog, now, CUTS) {
        let draft = read(&cut.chunks, catalog);
        let Some(planned) = plan(&draft, catalog) else { continue };
        let Some(sql) = write::sql(&planned.query, catalog) else { continue };
        let score = score(cut.score, planned.fit, &draft, &planned.query, catalog);
        if let Some(known) = found.iter_mut().find(|known| known.sql == sql) {
            known.score = known.score.max(score);
            continue;
        }
        found.push(Candidate {
            sql,
            score,
            confidence: 0.5,
            assumptions: planned.assumptions,
            unexplained: draft.unexplained.clone(),
            query: planned.query,
        });
    }
    found.sort_by(|left, right| right.score.total_cmp(&left.score).then_with(|| left.sql.cmp(&right.sql)));
    found
}

fn score(cut: f32, fit: f32, draft: &Draft, query: &Query, catalog: &Catalog) -> f32 {
    let joins = catalog.joins().tree(&query.relations(), &[]).map_or(1000, |(_, cost)| cost);
    #[expect(clippy::cast_precision_loss, reason = "costs are small")]
    let length = joins as f32 * 0.01;
    cut + fit - draft.loose - length
}
