//! Many readings, best first, each with how sure it is.

use chrono::NaiveDateTime;

use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::ir::{Condition, Item, Query, Term};
use super::parse::draft::Draft;
use super::parse::lattice::{self, Cut, Kind};
use super::parse::read;
use super::plan::plan;
use super::{doubt, write};

/// Ways to cut the question that are read.
const CUTS: usize = 24;

/// A statement with its score.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub query: Query,
    pub sql: String,
    pub score: f32,
    /// How sure, 0 to 1.
    pub confidence: f64,
    pub assumptions: Vec<String>,
    /// Content words that the reading leaves out.
    pub unexplained: Vec<String>,
    /// Those of them that may change the answer.
    pub doubts: doubt::Doubts,
    /// What the confidence was computed from, in the order of [`FEATURES`].
    pub features: Vec<f64>,
}

/// What makes a reading more or less sure, and its weight in a logistic model, fitted by
/// `scripts/fit_confidence.py` on the development databases of Spider train (CC BY-SA 4.0).
pub const FEATURES: &[(&str, f64)] = &[
    ("bias", 1.28),
    ("unexplained", -0.41),
    ("unexplained share", -1.24),
    ("loose", -2.73),
    ("fit", 0.50),
    ("margin", 0.98),
    ("joins", -0.36),
    ("inferred joins", -0.24),
    ("no table or column", -1.18),
    ("conditions", -0.18),
    ("groups", -0.24),
    ("orders", -0.17),
    ("nested", 0.64),
    ("shown", -0.27),
    ("whole rows", -2.08),
    ("aggregates", 0.23),
    ("distinct", 0.42),
    ("nothing asked for", -1.09),
];

/// How sure a reading must be to be given although a word was left out.
const CLEAR: f64 = 0.5;

/// The largest share of content words that may mean nothing here; more, and the question is about something else.
const STRANGE: f64 = 0.55;

impl Candidate {
    /// Whether so little of the question is in the database that any answer would be to another question.
    #[must_use]
    pub fn is_strange(&self) -> bool {
        let (unknown, share) = (self.feature("unexplained"), self.feature("unexplained share"));
        let nothing = self.feature("no table or column");
        (nothing > 0.0 && unknown > 0.0) || share > STRANGE
    }

    /// Whether every word that may change the answer had a part in it.
    #[must_use]
    pub fn answers(&self) -> bool {
        let clear = self.doubts.slight.is_empty() || self.confidence > CLEAR;
        self.doubts.grave.is_empty() && clear && !self.is_strange()
    }

    fn feature(&self, name: &str) -> f64 {
        let place = FEATURES.iter().position(|(known, _)| *known == name);
        place.and_then(|place| self.features.get(place)).copied().unwrap_or_default()
    }
}

/// Readings of a question, best first, each statement once.
#[must_use]
pub fn candidates(tokens: &[Token], catalog: &Catalog, now: NaiveDateTime) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for cut in lattice::cuts(tokens, catalog, now, CUTS) {
        let draft = read(&cut.chunks, tokens, catalog);
        let Some(planned) = plan(&draft, catalog) else { continue };
        let Some(sql) = write::sql(&planned.query, catalog) else { continue };
        let score = score(&cut, planned.fit, &draft, &planned.query, catalog);
        if let Some(known) = found.iter_mut().find(|known| known.sql == sql) {
            known.score = known.score.max(score);
            continue;
        }
        let doubts = doubt::unanswered(&cut.chunks, tokens, catalog);
        let mut assumptions = planned.assumptions;
        assumptions.extend(
            doubts
                .slight
                .iter()
                .map(|word| format!("\u{201c}{word}\u{201d} was left out: nothing here is called that")),
        );
        found.push(Candidate {
            features: features(&cut, planned.fit, &draft, &planned.query, catalog),
            sql,
            score,
            confidence: 0.0,
            assumptions,
            unexplained: draft.unexplained.clone(),
            doubts,
            query: planned.query,
        });
    }
    found.sort_by(|left, right| right.score.total_cmp(&left.score).then_with(|| left.sql.cmp(&right.sql)));
    judge(&mut found);
    found
}

fn score(cut: &Cut, fit: f32, draft: &Draft, query: &Query, catalog: &Catalog) -> f32 {
    let joins = catalog.joins().tree(&query.relations(), &[]).map_or(1000, |(_, cost)| cost);
    #[expect(clippy::cast_precision_loss, reason = "costs are small")]
    let length = joins as f32 * 0.01;
    let unordered = if query.limit.is_some() && query.order.is_empty() { 0.8 } else { 0.0 };
    cut.score + fit - draft.loose - length - unordered
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn features(cut: &Cut, fit: f32, draft: &Draft, query: &Query, catalog: &Catalog) -> Vec<f64> {
    let named = cut.chunks.iter().filter(|chunk| matches!(chunk.kind, Kind::Table(_) | Kind::Column(_))).count();
    let valued = cut
        .chunks
        .iter()
        .filter(|chunk| matches!(chunk.kind, Kind::Value(_) | Kind::Number(_) | Kind::Date(_)))
        .count();
    let unknown = draft.unexplained.len();
    let joins = catalog.joins().tree(&query.relations(), &[]).map(|(joins, _)| joins).unwrap_or_default();
    let nested =
        query.set.is_some() || query.filter.iter().any(|condition| matches!(condition, Condition::Among { .. }));
    vec![
        1.0,
        unknown as f64,
        unknown as f64 / (unknown + named + valued).max(1) as f64,
        f64::from(draft.loose),
        f64::from(fit),
        0.0,
        joins.len() as f64,
        joins.iter().filter(|join| !join.declared).count() as f64,
        f64::from(u8::from(named == 0)),
        (query.filter.len() + query.having.len()) as f64,
        f64::from(u8::from(!query.group.is_empty())),
        f64::from(u8::from(!query.order.is_empty())),
        f64::from(u8::from(nested)),
        query.select.len() as f64,
        f64::from(u8::from(draft.everything || query.select.iter().any(|item| is_unnamed_row(item, catalog)))),
        f64::from(u8::from(query.is_aggregate())),
        f64::from(u8::from(query.distinct)),
        f64::from(u8::from(draft.picks.is_empty())),
    ]
}

/// Whether whole rows are shown because nothing names a row of their table.
fn is_unnamed_row(item: &Item, catalog: &Catalog) -> bool {
    matches!(item.term, Term::Every(table) if catalog.names().label(catalog.schema(), table).is_empty())
}

/// Turns features into confidence; the margin to the next reading is one of them.
fn judge(candidates: &mut [Candidate]) {
    let scores: Vec<f32> = candidates.iter().map(|candidate| candidate.score).collect();
    for (place, candidate) in candidates.iter_mut().enumerate() {
        let rival = if place == 0 { scores.get(1) } else { scores.first() };
        let margin = rival.map_or(1.0, |rival| (candidate.score - rival).clamp(-1.0, 1.0));
        candidate.features[5] = f64::from(margin);
        let sum: f64 = candidate.features.iter().zip(FEATURES).map(|(value, (_, weight))| value * weight).sum();
        candidate.confidence = 1.0 / (1.0 + (-sum).exp());
    }
}
