//! Many readings, best first, each with how sure it is.

use chrono::NaiveDateTime;

use crate::grounding::words::Token;
use crate::grounding::{Catalog, ColumnId};

use super::features::{self, Sheet, View};
use super::ir::{Query, Term};
use super::parse::draft::Draft;
use super::parse::lattice::{self, Cut, Kind};
use super::parse::read;
use super::plan::{Planned, SAID_OUTRIGHT, plan};
use super::vary::{self, Change};
use super::{doubt, forest, write};

/// Ways to cut the question that are read.
const CUTS: usize = 24;
/// Of these first cuts, words with close rivals are also read the second way.
const RIVALRY: usize = 4;
/// Such words at most.
const SECONDS: usize = 4;
/// Queries of which variants are made.
const VARIED: usize = 6;
/// Candidates at most.
const CANDIDATES: usize = 80;
/// What showing the number of a row costs where nobody asked for numbers: benchmarks take it for a name, people do not.
const NUMBERED: f32 = 2.0;
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
    /// The share of content words that mean nothing here.
    unknown: f64,
    /// Whether no table and no column is named.
    unnamed: bool,
    /// What the ranker saw.
    pub sheet: Sheet,
    cut: usize,
    fit: f32,
    change: Change,
    votes: usize,
}

/// How sure a reading must be to be given although a word was left out.
const CLEAR: f64 = 0.5;

/// The largest share of content words that may mean nothing here; more, and the question is about something else.
const STRANGE: f64 = 0.55;

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
            unknown: 0.0,
            unnamed: false,
            sheet: Sheet::new(),
            cut: 0,
            fit: 0.0,
            change: Change::Planned,
            votes: 1,
        }
    }

    /// Whether so little of the question is in the database that any answer would be to another question.
    #[must_use]
    pub fn is_strange(&self) -> bool {
        (self.unnamed && !self.unexplained.is_empty()) || self.unknown > STRANGE
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
    let readings: Vec<Reading> = cuts.iter().enumerate().map(|cut| Reading::new(cut, tokens, catalog)).collect();
    let mut found = Vec::new();
    for (place, reading) in readings.iter().enumerate() {
        let Some(planned) = plan(&reading.draft, catalog, None) else { continue };
        let open = planned.open.min(SECONDS);
        reading.add(&mut found, planned, Change::Planned, catalog);
        for second in (0..open).filter(|_| place < RIVALRY) {
            if let Some(other) = plan(&reading.draft, catalog, Some(second)) {
                reading.add(&mut found, other, Change::Rival, catalog);
            }
        }
    }
    found.sort_by(|left: &Candidate, right| right.score.total_cmp(&left.score).then_with(|| left.sql.cmp(&right.sql)));
    for place in 0..found.len().min(VARIED) {
        vary(&mut found, place, &readings, catalog);
    }
    weigh(&mut found, &readings, tokens, catalog);
    found.sort_by(|left, right| {
        let ruled = || right.score.total_cmp(&left.score).then_with(|| left.sql.cmp(&right.sql));
        right.worth.total_cmp(&left.worth).then_with(ruled)
    });
    judge(&mut found);
    found
}

/// One cut, read.
struct Reading<'a> {
    place: usize,
    cut: &'a Cut,
    draft: Draft,
    doubts: doubt::Doubts,
    unknown: f64,
    unnamed: bool,
}

impl<'a> Reading<'a> {
    fn new((place, cut): (usize, &'a Cut), tokens: &[Token], catalog: &Catalog) -> Self {
        let doubts = doubt::unanswered(&cut.chunks, tokens, catalog);
        let draft = read(&cut.chunks, tokens, catalog);
        let count = |wanted: fn(&Kind) -> bool| cut.chunks.iter().filter(|chunk| wanted(&chunk.kind)).count();
        let named = count(|kind| matches!(kind, Kind::Table(_) | Kind::Column(_)));
        let valued = count(|kind| matches!(kind, Kind::Value(_) | Kind::Number(_) | Kind::Date(_)));
        let number = |count: usize| u16::try_from(count).map_or(f64::MAX, f64::from);
        let unknown = draft.unexplained.len();
        let unknown = number(unknown) / number((unknown + named + valued).max(1));
        Self { place, cut, draft, doubts, unknown, unnamed: named == 0 }
    }

    /// Whether a key or a reference is shown that the words do not call by its own name.
    fn shows_numbers(&self, query: &Query, catalog: &Catalog) -> bool {
        let said = |id: ColumnId| {
            self.cut.chunks.iter().any(|chunk| {
                matches!(&chunk.kind, Kind::Column(rivals)
                    if rivals.iter().any(|(rival, score)| *rival == id && *score >= SAID_OUTRIGHT))
            })
        };
        query
            .select
            .iter()
            .filter(|item| item.aggregate.is_none())
            .flat_map(|item| item.term.columns())
            .any(|id| (catalog.is_key(id) || catalog.joins().is_reference(id)) && catalog.is_numeric(id) && !said(id))
    }

    fn add(&self, found: &mut Vec<Candidate>, planned: Planned, change: Change, catalog: &Catalog) {
        let Some(sql) = write::sql(&planned.query, catalog) else { return };
        let score = score(self.cut, planned.fit, &self.draft, &planned.query, catalog);
        if let Some(known) = found.iter_mut().find(|known| known.sql == sql) {
            known.score = known.score.max(score);
            known.votes += 1;
            return;
        }
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
            doubts: self.doubts.clone(),
            unknown: self.unknown,
            unnamed: self.unnamed,
            sheet: Vec::new(),
            cut: self.place,
            fit: planned.fit,
            change,
            votes: 1,
        });
    }
}

/// Adds what the query at `place` could also mean.
fn vary(found: &mut Vec<Candidate>, place: usize, readings: &[Reading], catalog: &Catalog) {
    let base = &found[place];
    let reading = &readings[base.cut];
    if reading.draft.everything || base.query.select.iter().all(|item| matches!(item.term, Term::Every(_))) {
        return;
    }
    let (fit, assumptions) = (base.fit, base.assumptions.clone());
    for (change, query) in vary::variants(&base.query.clone(), catalog) {
        if found.len() >= CANDIDATES {
            return;
        }
        let planned = Planned { query, fit: fit - CHANGED, assumptions: assumptions.clone(), open: 0 };
        reading.add(found, planned, change, catalog);
    }
}

/// Lets the ranker say what each candidate is worth.
fn weigh(found: &mut [Candidate], readings: &[Reading], tokens: &[Token], catalog: &Catalog) {
    let question = features::of_question(tokens);
    let scores: Vec<f32> = found.iter().map(|candidate| candidate.score).collect();
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let count = |size: usize| u16::try_from(size).map_or(f32::MAX, f32::from);
    let all = count(found.len());
    for candidate in found {
        let reading = &readings[candidate.cut];
        let mut sheet = question.clone();
        sheet.extend(features::of_reading(View {
            cut: reading.cut,
            place: candidate.cut,
            draft: &reading.draft,
            query: &candidate.query,
            fit: candidate.fit,
            change: candidate.change,
            catalog,
        }));
        let better = scores.iter().filter(|score| **score > candidate.score).count();
        sheet.extend([
            ("behind best", best - candidate.score),
            ("rank", count(better)),
            ("votes", count(candidate.votes)),
            ("candidates", all),
        ]);
        let values: Vec<f32> = sheet.iter().map(|(_, value)| *value).collect();
        // Trees that were fitted on other features say nothing: the order is then by rule.
        let fitted = forest::fitted();
        candidate.worth = if fitted.names.len() == sheet.len() { fitted.ranker.sum(&values) } else { 0.0 };
        if reading.shows_numbers(&candidate.query, catalog) {
            candidate.worth -= NUMBERED;
        }
        candidate.sheet = sheet;
    }
}

fn score(cut: &Cut, fit: f32, draft: &Draft, query: &Query, catalog: &Catalog) -> f32 {
    let joins = catalog.joins().tree(&query.relations(), &[]).map_or(1000, |(_, cost)| cost);
    #[expect(clippy::cast_precision_loss, reason = "costs are small")]
    let length = joins as f32 * 0.01;
    let unordered = if query.limit.is_some() && query.order.is_empty() { 0.8 } else { 0.0 };
    cut.score + fit - draft.loose - length - unordered
}

/// The largest lead that counts.
const LEAD: f32 = 9.0;

/// How sure each is: by what it is, its share among all, and its lead over the best other one.
fn judge(candidates: &mut [Candidate]) {
    let worths: Vec<f32> = candidates.iter().map(|candidate| candidate.worth).collect();
    for (place, candidate) in candidates.iter_mut().enumerate() {
        let rival = if place == 0 { worths.get(1) } else { worths.first() };
        let lead = rival.map_or(LEAD, |rival| (candidate.worth - rival).min(LEAD));
        let share = 1.0 / worths.iter().map(|worth| (worth - candidate.worth).exp()).sum::<f32>();
        let mut values: Vec<f32> = candidate.sheet.iter().map(|(_, value)| *value).collect();
        values.extend([share, lead]);
        candidate.confidence = 1.0 / (1.0 + f64::from(-forest::fitted().confidence.sum(&values)).exp());
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
        let found = candidates(&tokenize("How many customers?"), &catalog(), DateTime::UNIX_EPOCH.naive_utc());
        let names: Vec<&str> = found[0].sheet.iter().map(|(name, _)| *name).collect();
        assert_eq!(forest::fitted().names, names);
        assert!(found.iter().all(|candidate| (0.0..=1.0).contains(&candidate.confidence)));
        assert_eq!(found[0].sql, "SELECT COUNT(*) AS count FROM customers");
    }
}
