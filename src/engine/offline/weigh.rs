//! What candidates are worth: each by what it is itself, and by how it stands among the others.

use std::sync::OnceLock;

use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::demands;
use super::features::linear;
use super::features::{self, Sheet, View};
use super::forest::{self, Fitted, Open, Places};
use super::rank::Candidate;
use super::reading::Reading;

/// What one figure for all is worth less where the best cut speaks of groups.
const UNGROUPED: f32 = 3.0;

/// What of a candidate stays the same whatever stands beside it.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// Its features.
    pub sheet: Sheet,
    /// What the linear half gives its words and its clauses.
    linear: (f32, f32),
    /// The leaves that these features leave open.
    open: Open,
    /// What it is worth less: for the demands that it leaves out, for rows without a name, and for one figure where
    /// groups are spoken of.
    costs: [f32; 3],
}

/// Weighs the candidates of one question.
pub(super) struct Scales<'r> {
    readings: &'r [Reading<'r>],
    catalog: &'r Catalog,
    fitted: &'static Fitted,
    /// The features that all candidates share.
    question: Sheet,
    /// Whether the best cut speaks of groups.
    is_grouped: bool,
    /// Where the features of a sheet stand in the file, and the leaves that those of the question leave open, from the
    /// first candidate on.
    known: Option<(&'static Places, Open)>,
}

impl<'r> Scales<'r> {
    pub fn new(readings: &'r [Reading<'r>], tokens: &[Token], catalog: &'r Catalog) -> Self {
        Self {
            readings,
            catalog,
            fitted: forest::fitted(),
            question: features::of_question(tokens),
            is_grouped: readings.first().is_some_and(|reading| !reading.draft.groups.is_empty()),
            known: None,
        }
    }

    /// Lets the ranker say what each candidate is worth.
    pub fn weigh(&mut self, found: &mut [Candidate]) {
        for candidate in found.iter_mut().filter(|candidate| candidate.look.is_none()) {
            candidate.look = Some(self.look(candidate));
        }
        let Some((places, _)) = &self.known else { return };
        let field = Field::of(found);
        let mut open = Open::default();
        for candidate in found {
            let Some(look) = &candidate.look else { continue };
            candidate.standing = field.standing(candidate, look);
            open.clone_from(&look.open);
            let from = self.question.len() + look.sheet.len();
            self.fitted.ranker.narrow(&mut open, places.of(from, candidate.standing.into_iter()));
            candidate.worth = look.costs.iter().fold(self.fitted.ranker.sum(&open), |worth, cost| worth - cost);
        }
    }

    fn look(&mut self, candidate: &Candidate) -> Look {
        let reading = &self.readings[candidate.cut];
        let view = View {
            cut: reading.cut,
            place: candidate.cut,
            draft: &reading.draft,
            query: &candidate.query,
            fit: candidate.fit,
            change: candidate.change,
            catalog: self.catalog,
        };
        let sheet = features::of_reading(view);
        let (places, open) = match &mut self.known {
            Some(known) => known,
            known => known.insert(opened(self.fitted, &self.question, &sheet)),
        };
        let mut open = open.clone();
        let is_ungrouped = self.is_grouped && candidate.query.of.is_none() && demands::is_one_figure(&candidate.query);
        self.fitted.ranker.narrow(&mut open, places.of(self.question.len(), values(&sheet)));
        Look {
            linear: reading.scene.weight(reading.cut, &candidate.query, self.catalog, linear::fitted()),
            open,
            costs: [
                reading.demands.cost(reading.cut, &candidate.query, self.catalog),
                demands::nameless(&reading.draft, &candidate.query, self.catalog)
                    + demands::headless(&reading.draft, &candidate.query),
                if is_ungrouped { UNGROUPED } else { 0.0 },
            ],
            sheet,
        }
    }

    /// How sure each of the first is: by what it is, its share among all, and its lead over the best other one.
    pub fn judge(&self, candidates: &mut [Candidate]) {
        let Some((places, _)) = &self.known else { return };
        let forest = &self.fitted.confidence;
        let worths: Vec<f32> = candidates.iter().map(|candidate| candidate.worth).collect();
        for (place, candidate) in candidates.iter_mut().enumerate().take(JUDGED) {
            let Some(look) = &candidate.look else { continue };
            let rival = if place == 0 { worths.get(1) } else { worths.first() };
            let lead = rival.map_or(LEAD, |rival| (candidate.worth - rival).min(LEAD));
            let share = 1.0 / worths.iter().map(|worth| (worth - candidate.worth).exp()).sum::<f32>();
            let mut open = forest.open();
            let sheet = values(&self.question).chain(values(&look.sheet)).chain(candidate.standing);
            forest.narrow(&mut open, places.of(0, sheet));
            forest.narrow(&mut open, places.absent());
            forest.narrow(&mut open, [share, lead].into_iter().enumerate().map(|(at, it)| (places.end + at, it)));
            let odds = SLOPE * f64::from(forest.sum(&open)) + SHIFT;
            candidate.confidence = 1.0 / (1.0 + (-odds).exp());
        }
    }
}

fn values(sheet: &Sheet) -> impl Iterator<Item = f32> {
    sheet.iter().map(|(_, value)| *value)
}

/// Where the features of a sheet stand, and the leaves that those of the question leave open.
fn opened(fitted: &Fitted, question: &Sheet, own: &Sheet) -> (&'static Places, Open) {
    // All sheets name the same features in the same order, so the first one tells for good.
    static PLACES: OnceLock<Places> = OnceLock::new();
    let names = || question.iter().chain(own).map(|(name, _)| *name).chain(STANDING);
    let places = PLACES.get_or_init(|| fitted.places(names()));
    let mut open = fitted.ranker.open();
    fitted.ranker.narrow(&mut open, places.of(0, values(question)));
    fitted.ranker.narrow(&mut open, places.absent());
    (places, open)
}

/// How a candidate stands among the others, as features with the names of [`STANDING`].
pub(super) type Standing = [f32; 8];

pub(super) const STANDING: [&str; 8] = [
    "behind best",
    "rank",
    "linear behind",
    "linear rank",
    "linear words behind",
    "linear clauses behind",
    "votes",
    "candidates",
];

/// All candidates at once.
struct Field {
    /// Both sorted.
    scores: Vec<f32>,
    sums: Vec<f32>,
    best: [f32; 4],
}

impl Field {
    fn of(found: &[Candidate]) -> Self {
        let linear = || found.iter().filter_map(|candidate| candidate.look.as_ref()).map(|look| look.linear);
        let most = |values: &mut dyn Iterator<Item = f32>| values.fold(f32::MIN, f32::max);
        let mut scores: Vec<f32> = found.iter().map(|candidate| candidate.score).collect();
        let mut sums: Vec<f32> = linear().map(|(words, clauses)| words + clauses).collect();
        let best = [
            most(&mut scores.iter().copied()),
            most(&mut sums.iter().copied()),
            most(&mut linear().map(|(words, _)| words)),
            most(&mut linear().map(|(_, clauses)| clauses)),
        ];
        scores.sort_by(f32::total_cmp);
        sums.sort_by(f32::total_cmp);
        Self { scores, sums, best }
    }

    /// How far a candidate is behind the best.
    fn standing(&self, candidate: &Candidate, look: &Look) -> Standing {
        let count = |size: usize| u16::try_from(size).map_or(f32::MAX, f32::from);
        let above = |all: &[f32], own: f32| count(all.len() - all.partition_point(|other| *other <= own));
        let (words, clauses) = look.linear;
        [
            self.best[0] - candidate.score,
            above(&self.scores, candidate.score),
            self.best[1] - words - clauses,
            above(&self.sums, words + clauses),
            self.best[2] - words,
            self.best[3] - clauses,
            count(candidate.votes),
            count(self.scores.len()),
        ]
    }
}

/// The largest lead that counts.
const LEAD: f32 = 9.0;

/// What brings the trees' log odds to the databases held out (`scripts/fit_calibration.py`): the grammar was developed
/// on the ones the trees learned from, which made them too sure.
const SLOPE: f64 = 1.18;
const SHIFT: f64 = -0.47;
/// Of how many the confidence is needed: as many as are proposed, or offered as choices.
const JUDGED: usize = 4;
