//! Many readings, best first, each with how sure it is.

use chrono::NaiveDateTime;

use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::demands::Demands;
use super::doubt;
use super::features::marks::marks;
use super::features::{self, Sheet};
use super::grounds::Grounds;
use super::ir::{Query, Term};
use super::parse::lattice;
use super::plan::{self, Planned, plan};
use super::reading::{Reading, share_doubts};
use super::vary::{self, Change};
use super::weigh::{Look, STANDING, Scales, Standing};

pub use super::features::marks::Marks;

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
    pub(super) grounds: Grounds,
    /// What the ranker sees of itself, once it was looked at, and how it stands among the others.
    pub(super) look: Option<Look>,
    pub(super) standing: Standing,
    pub(super) cut: usize,
    pub(super) fit: f32,
    pub(super) change: Change,
    pub(super) votes: usize,
    /// Whether it shows rows as they are.
    pub(super) listing: bool,
    /// Whether its variants are among the candidates.
    pub(super) varied: bool,
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
            look: None,
            standing: Standing::default(),
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
        sheet.extend(self.look.iter().flat_map(|look| &look.sheet));
        sheet.extend(STANDING.into_iter().zip(self.standing));
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
    found(tokens, catalog, now, |found, _| found)
}

/// The same, each with its marks, as the ranker is fitted on them.
#[must_use]
pub fn marked(tokens: &[Token], catalog: &Catalog, now: NaiveDateTime) -> Vec<(Candidate, Marks)> {
    found(tokens, catalog, now, |found, readings| {
        let with_marks = |candidate: Candidate| {
            let reading = &readings[candidate.cut];
            let marks = marks(&reading.scene, reading.cut, &candidate.query, catalog);
            (candidate, marks)
        };
        found.into_iter().map(with_marks).collect()
    })
}

/// What `finish` makes of the candidates and the readings that they come of.
fn found<T>(
    tokens: &[Token],
    catalog: &Catalog,
    now: NaiveDateTime,
    finish: impl FnOnce(Vec<Candidate>, &[Reading]) -> T,
) -> T {
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
    let mut scales = Scales::new(&readings, tokens, catalog);
    for round in 0..=ROUNDS {
        scales.weigh(&mut found);
        found.sort_by(|left, right| {
            let ruled = || right.score.total_cmp(&left.score).then_with(|| left.sql.cmp(&right.sql));
            right.worth.total_cmp(&left.worth).then_with(ruled)
        });
        if round < ROUNDS {
            vary(&mut found, &readings, catalog);
        }
    }
    scales.judge(&mut found);
    finish(found, &readings)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::candidates;
    use crate::dialect::Dialect;
    use crate::engine::offline::forest;
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
