//! Many readings, best first, each with how sure it is.

use chrono::NaiveDateTime;

use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::demands::{self, Demands};
use super::features::linear;
use super::features::marks::{Marks, Scene, marks};
use super::features::{self, Sheet, View};
use super::grounds::Grounds;
use super::ir::{Query, Term};
use super::parse::draft::Draft;
use super::parse::lattice::{self, Cut};
use super::parse::read;
use super::plan::{self, Planned, plan};
use super::vary::{self, Change};
use super::{doubt, forest, write};

/// Ways to cut the question that are read.
const CUTS: usize = 24;
/// Of these first cuts, words with close rivals are also read the second way.
const RIVALRY: usize = 4;
/// Such words at most.
const SECONDS: usize = 4;
/// Times that variants are made of the best queries.
const ROUNDS: usize = 3;
/// Queries of which variants are made each time, and among how many of the best they are.
const VARIED: usize = 6;
const BEAM: usize = 10;
/// Candidates at most.
const CANDIDATES: usize = 200;
/// What one figure for all is worth less where the best cut speaks of groups.
const UNGROUPED: f32 = 3.0;
/// What a variant fits less.
const CHANGED: f32 = 0.3;

/// A statement with its score.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub query: Query,
    pub sql: String,
    /// How well it fits by rule.
    pub score: f32,
    /// How well it fits by the ranker.
    pub worth: f32,
    /// How sure, 0 to 1.
    pub confidence: f64,
    pub assumptions: Vec<String>,
    /// Content words that the reading leaves out.
    pub unexplained: Vec<String>,
    /// Those of them that may change the answer.
    pub doubts: doubt::Doubts,
    /// How much of the question is in the database.
    grounds: Grounds,
    pub marks: Marks,
    /// The part of its features that is its own, and how it stands among the others.
    own: Sheet,
    standing: Standing,
    /// What the linear half gives its words and its clauses.
    linear: (f32, f32),
    cut: usize,
    fit: f32,
    change: Change,
    votes: usize,
    /// Whether it shows rows as they are.
    listing: bool,
    /// Whether its variants are among the candidates.
    varied: bool,
}

/// How sure a reading must be to be given although a word was left out.
const CLEAR: f64 = 0.39;

impl Candidate {
    /// A query that was not chosen among readings.
    #[must_use]
    pub fn alone(query: Query, sql: String, confidence: f64) -> Self {
        Self {
            query,
            sql,
            score: 0.0,
            worth: 0.0,
            confidence,
            assumptions: Vec::new(),
            unexplained: Vec::new(),
            doubts: doubt::Doubts::default(),
            grounds: Grounds::firm(),
            marks: Marks::default(),
            own: Sheet::new(),
            standing: Standing::default(),
            linear: (0.0, 0.0),
            cut: 0,
            fit: 0.0,
            change: Change::Planned,
            votes: 1,
            listing: false,
            varied: false,
        }
    }

    /// Whether so little of the question is in the database that any answer would be to another question.
    #[must_use]
    pub fn is_strange(&self) -> bool {
        self.grounds.are_too_few(&self.doubts, self.confidence)
    }

    /// What speaks for or against that, each with its name.
    #[must_use]
    pub fn evidence(&self) -> Vec<(&'static str, f64)> {
        self.grounds.evidence(&self.doubts, self.confidence).to_vec()
    }

    /// What the ranker saw of it, as a reading of the question `tokens`.
    #[must_use]
    pub fn sheet(&self, tokens: &[Token]) -> Sheet {
        let mut sheet = features::of_question(tokens);
        sheet.extend(&self.own);
        sheet.extend(self.standing);
        sheet
    }

    /// Whether every word that may change the answer had a part in it.
    #[must_use]
    pub fn answers(&self) -> bool {
        let clear = self.doubts.slight.is_empty() || self.confidence > CLEAR;
        self.doubts.grave.is_empty() && clear && !self.is_strange()
    }
}

/// Readings of a question, best first, each statement once.
#[must_use]
pub fn candidates(tokens: &[Token], catalog: &Catalog, now: NaiveDateTime) -> Vec<Candidate> {
    let cuts = lattice::cuts(tokens, catalog, now, CUTS);
    let demands = Demands::of(&cuts, tokens, catalog);
    let read = |cut| Reading::new(cut, &demands, tokens, catalog);
    let mut readings: Vec<Reading> = cuts.iter().enumerate().map(read).collect();
    share_doubts(&mut readings);
    let mut found = Vec::new();
    for (place, reading) in readings.iter().enumerate() {
        let computed = plan::figures(&reading.cut.chunks, tokens, catalog).into_iter();
        for planned in computed.chain(plan::overs(&reading.cut.chunks, tokens, catalog)) {
            reading.add(&mut found, planned, Change::Planned, catalog);
        }
        let Some(planned) = plan(&reading.draft, catalog, None) else { continue };
        let open = planned.open.min(SECONDS);
        reading.add(&mut found, planned, Change::Planned, catalog);
        for second in (0..open).filter(|_| place < RIVALRY) {
            if let Some(other) = plan(&reading.draft, catalog, Some(second)) {
                reading.add(&mut found, other, Change::Rival, catalog);
            }
        }
    }
    for round in 0..=ROUNDS {
        weigh(&mut found, &readings, tokens, catalog);
        found.sort_by(|left, right| {
            let ruled = || right.score.total_cmp(&left.score).then_with(|| left.sql.cmp(&right.sql));
            right.worth.total_cmp(&left.worth).then_with(ruled)
        });
        if round < ROUNDS {
            vary(&mut found, &readings, catalog);
        }
    }
    judge(&mut found, tokens);
    found
}

/// A word that the best cut cannot do without is in doubt wherever it is left out.
fn share_doubts(readings: &mut [Reading]) {
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

/// One cut, read.
struct Reading<'a> {
    scene: Scene,
    place: usize,
    cut: &'a Cut,
    draft: Draft,
    doubts: doubt::Doubts,
    grounds: Grounds,
    demands: &'a Demands,
}

impl<'a> Reading<'a> {
    fn new((place, cut): (usize, &'a Cut), demands: &'a Demands, tokens: &[Token], catalog: &Catalog) -> Self {
        let doubts = doubt::unanswered(&cut.chunks, tokens, catalog);
        let draft = read(&cut.chunks, tokens, catalog);
        let grounds = Grounds::of(&cut.chunks, draft.unexplained.len());
        Self { demands, scene: Scene::new(cut, tokens), place, cut, draft, doubts, grounds }
    }

    fn add(&self, found: &mut Vec<Candidate>, planned: Planned, change: Change, catalog: &Catalog) {
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
            query: planned.query,
            sql,
            score,
            worth: 0.0,
            confidence: 0.0,
            assumptions,
            unexplained: self.draft.unexplained.clone(),
            doubts,
            grounds: self.grounds,
            marks: Marks::default(),
            own: Sheet::new(),
            standing: Standing::default(),
            linear: (0.0, 0.0),
            cut: self.place,
            fit: planned.fit,
            change,
            votes: 1,
            listing: planned.listing,
            varied: false,
        });
    }
}

/// Adds what the best queries could also mean, each but once.
fn vary(found: &mut Vec<Candidate>, readings: &[Reading], catalog: &Catalog) {
    let mut open = VARIED;
    for place in 0..found.len().min(BEAM) {
        if open == 0 || found.len() >= CANDIDATES {
            return;
        }
        let base = &mut found[place];
        if std::mem::replace(&mut base.varied, true) {
            continue;
        }
        open -= 1;
        let reading = &readings[base.cut];
        let whole = base.query.select.iter().all(|item| matches!(item.term, Term::Every(_)));
        if base.listing || whole || reading.draft.everything || base.query.of.is_some() {
            continue;
        }
        let (fit, assumptions, query) = (base.fit, base.assumptions.clone(), base.query.clone());
        let others = plan::others(&query, &reading.draft, catalog).into_iter().map(|query| (Change::Composed, query));
        for (change, query) in others.chain(vary::variants(&query, reading.cut, catalog)) {
            if found.len() >= CANDIDATES {
                return;
            }
            let planned =
                Planned { query, fit: fit - CHANGED, assumptions: assumptions.clone(), open: 0, listing: false };
            reading.add(found, planned, change, catalog);
        }
    }
}

/// Lets the ranker say what each candidate is worth: by what it is itself, and by how it stands among the others.
fn weigh(found: &mut [Candidate], readings: &[Reading], tokens: &[Token], catalog: &Catalog) {
    let question = features::of_question(tokens);
    let linear = linear::fitted();
    let grouped = readings.first().is_some_and(|reading| !reading.draft.groups.is_empty());
    for candidate in found.iter_mut().filter(|candidate| candidate.own.is_empty()) {
        let reading = &readings[candidate.cut];
        let view = View {
            cut: reading.cut,
            place: candidate.cut,
            draft: &reading.draft,
            query: &candidate.query,
            fit: candidate.fit,
            change: candidate.change,
            catalog,
        };
        candidate.own = features::of_reading(view);
        candidate.marks = marks(&reading.scene, reading.cut, &candidate.query, catalog);
        candidate.linear = (linear.sum(&candidate.marks.words), linear.sum(&candidate.marks.clauses));
    }
    let field = Field::of(found);
    let fitted = forest::fitted();
    // All sheets name the same features in the same order.
    let (mut places, mut values) = (None, Vec::new());
    for candidate in found {
        candidate.standing = field.standing(candidate);
        let sheet = question.iter().chain(&candidate.own).chain(&candidate.standing);
        let places = places.get_or_insert_with(|| fitted.places(&sheet.clone().map(|(name, _)| *name)));
        values.clear();
        values.extend(sheet.map(|(_, value)| *value));
        let reading = &readings[candidate.cut];
        candidate.worth = fitted.ranker.sum(&places.of(&values));
        candidate.worth -= reading.demands.cost(reading.cut, &candidate.query, catalog);
        candidate.worth -= demands::nameless(&reading.draft, &candidate.query, catalog);
        if grouped && candidate.query.of.is_none() && demands::is_one_figure(&candidate.query) {
            candidate.worth -= UNGROUPED;
        }
    }
}

/// How a candidate stands among the others, as features.
type Standing = [(&'static str, f32); 8];

/// All candidates at once.
struct Field {
    /// Both sorted.
    scores: Vec<f32>,
    sums: Vec<f32>,
    best: [f32; 4],
}

impl Field {
    fn of(found: &[Candidate]) -> Self {
        let most = |values: &mut dyn Iterator<Item = f32>| values.fold(f32::MIN, f32::max);
        let mut scores: Vec<f32> = found.iter().map(|candidate| candidate.score).collect();
        let mut sums: Vec<f32> = found.iter().map(|candidate| candidate.linear.0 + candidate.linear.1).collect();
        let best = [
            most(&mut scores.iter().copied()),
            most(&mut sums.iter().copied()),
            most(&mut found.iter().map(|candidate| candidate.linear.0)),
            most(&mut found.iter().map(|candidate| candidate.linear.1)),
        ];
        scores.sort_by(f32::total_cmp);
        sums.sort_by(f32::total_cmp);
        Self { scores, sums, best }
    }

    /// How far a candidate is behind the best.
    fn standing(&self, candidate: &Candidate) -> Standing {
        let count = |size: usize| u16::try_from(size).map_or(f32::MAX, f32::from);
        let above = |all: &[f32], own: f32| count(all.len() - all.partition_point(|other| *other <= own));
        let (words, clauses) = candidate.linear;
        [
            ("behind best", self.best[0] - candidate.score),
            ("rank", above(&self.scores, candidate.score)),
            ("linear behind", self.best[1] - words - clauses),
            ("linear rank", above(&self.sums, words + clauses)),
            ("linear words behind", self.best[2] - words),
            ("linear clauses behind", self.best[3] - clauses),
            ("votes", count(candidate.votes)),
            ("candidates", count(self.scores.len())),
        ]
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

/// The largest lead that counts.
const LEAD: f32 = 9.0;

/// What brings the trees' log odds to the databases held out (`scripts/fit_calibration.py`): the grammar was developed
/// on the ones the trees learned from, which made them too sure.
const SLOPE: f64 = 1.18;
const SHIFT: f64 = -0.47;
/// Of how many the confidence is needed: as many as are proposed, or offered as choices.
const JUDGED: usize = 4;

/// How sure each of the first is: by what it is, its share among all, and its lead over the best other one.
fn judge(candidates: &mut [Candidate], tokens: &[Token]) {
    let worths: Vec<f32> = candidates.iter().map(|candidate| candidate.worth).collect();
    for (place, candidate) in candidates.iter_mut().enumerate().take(JUDGED) {
        let rival = if place == 0 { worths.get(1) } else { worths.first() };
        let lead = rival.map_or(LEAD, |rival| (candidate.worth - rival).min(LEAD));
        let share = 1.0 / worths.iter().map(|worth| (worth - candidate.worth).exp()).sum::<f32>();
        let mut values = forest::fitted().values(&candidate.sheet(tokens));
        values.extend([share, lead]);
        let odds = SLOPE * f64::from(forest::fitted().confidence.sum(&values)) + SHIFT;
        candidate.confidence = 1.0 / (1.0 + (-odds).exp());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::{candidates, forest};
    use crate::dialect::Dialect;
    use crate::grounding::Catalog;
    use crate::grounding::words::tokenize;
    use crate::schema::{Column, Schema, Table, TableKind, TypeClass};

    fn catalog() -> Catalog {
        let column = |name: &str, class| Column {
            name: name.into(),
            type_name: String::new(),
            class,
            nullable: true,
            default: None,
            generated: false,
            comment: None,
            enum_values: Vec::new(),
        };
        let mut schema = Schema::empty(Dialect::Sqlite, "main");
        schema.tables.push(Table {
            namespace: "main".into(),
            name: "customers".into(),
            kind: TableKind::Table,
            comment: None,
            columns: vec![column("id", TypeClass::Integer), column("city", TypeClass::Text)],
            primary_key: vec!["id".into()],
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: None,
            reads: Vec::new(),
            partial: false,
        });
        Catalog::from_parts(Arc::new(schema), Vec::new())
    }

    #[test]
    fn the_trees_were_fitted_on_what_readings_show() {
        let tokens = tokenize("How many customers?");
        let found = candidates(&tokens, &catalog(), DateTime::UNIX_EPOCH.naive_utc());
        let sheet = found[0].sheet(&tokens);
        let names: Vec<&str> = sheet.iter().map(|(name, _)| *name).collect();
        assert_eq!(forest::fitted().names, names);
        assert!(found.iter().all(|candidate| (0.0..=1.0).contains(&candidate.confidence)));
        assert_eq!(found[0].sql, "SELECT COUNT(*) AS count FROM customers");
    }
}
