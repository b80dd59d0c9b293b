//! One way to cut the question, read, and the candidates that come of it.

use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::demands::Demands;
use super::features::marks::Scene;
use super::grounds::Grounds;
use super::ir::Query;
use super::parse::draft::Draft;
use super::parse::lattice::Cut;
use super::parse::read;
use super::plan::Planned;
use super::rank::Candidate;
use super::vary::Change;
use super::{doubt, write};

/// One cut, read.
pub(super) struct Reading<'a> {
    pub scene: Scene,
    pub place: usize,
    pub cut: &'a Cut,
    pub draft: Draft,
    doubts: doubt::Doubts,
    grounds: Grounds,
    pub demands: &'a Demands,
}

impl<'a> Reading<'a> {
    pub fn new((place, cut): (usize, &'a Cut), demands: &'a Demands, tokens: &[Token], catalog: &Catalog) -> Self {
        let doubts = doubt::unanswered(&cut.chunks, tokens, catalog);
        let draft = read(&cut.chunks, tokens, catalog);
        let grounds = Grounds::of(&cut.chunks, draft.unexplained.len());
        Self { demands, scene: Scene::new(cut, tokens), place, cut, draft, doubts, grounds }
    }

    /// Adds a query of this reading to what was found, or its vote where its statement is there already.
    pub fn add(&self, found: &mut Vec<Candidate>, planned: Planned, change: Change, catalog: &Catalog) {
        let Some(sql) = write::sql(&planned.query, catalog) else { return };
        let score = score(self.cut, planned.fit, &self.draft, &planned.query, catalog);
        if let Some(known) = found.iter_mut().find(|known| known.sql == sql) {
            known.score = known.score.max(score);
            known.votes += 1;
            return;
        }
        let mut doubts = self.doubts.clone();
        doubts.grave.extend(self.demands.uncomputed(self.cut, &planned.query).map(str::to_owned));
        let mut assumptions = planned.assumptions;
        assumptions.extend(
            self.doubts
                .slight
                .iter()
                .map(|word| format!("\u{201c}{word}\u{201d} was left out: nothing here is called that")),
        );
        found.push(Candidate {
            score,
            assumptions,
            unexplained: self.draft.unexplained.clone(),
            doubts,
            grounds: self.grounds,
            cut: self.place,
            fit: planned.fit,
            change,
            listing: planned.listing,
            ..Candidate::alone(planned.query, sql, 0.0)
        });
    }
}

/// A word that the best cut cannot do without is in doubt wherever it is left out.
pub(super) fn share_doubts(readings: &mut [Reading]) {
    let Some((first, others)) = readings.split_first_mut() else { return };
    for reading in others {
        for word in &first.doubts.grave {
            if reading.draft.unexplained.contains(word) && !reading.doubts.grave.contains(word) {
                reading.doubts.slight.retain(|slight| slight != word);
                reading.doubts.grave.push(word.clone());
            }
        }
    }
}

fn score(cut: &Cut, fit: f32, draft: &Draft, query: &Query, catalog: &Catalog) -> f32 {
    let relations = query.relations();
    let joins = match catalog.joins().tree(&relations, &[]) {
        Some((_, cost)) => cost,
        // A formula over two queries joins nothing itself.
        None if relations.is_empty() => 0,
        None => 1000,
    };
    #[expect(clippy::cast_precision_loss, reason = "costs are small")]
    let length = joins as f32 * 0.01;
    let unordered = if query.limit.is_some() && query.order.is_empty() { 0.8 } else { 0.0 };
    cut.score + fit - draft.loose - length - unordered
}
