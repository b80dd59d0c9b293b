//! Reads chunks from left to right into a [`Draft`].

use crate::engine::offline::ir::{Aggregate, Arithmetic, Grain, Operator};
use crate::grounding::Catalog;
use crate::grounding::lexicon::REVENUE;
use crate::grounding::words::Token;

use super::cue::{self, Cue};
use super::draft::{Absence, Check, Counted, Draft, Given, Mention, Noun, Pick, Test};
use super::lattice::{Chunk, Kind};

/// How many are "the top customers", when no number is said.
const TOP: u64 = 10;

/// Which clause the words belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Head,
    Filter,
    Order,
}

/// How much of "between A and B" was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Between {
    No,
    /// The lower end comes next.
    Low,
    /// This was the lower end; the upper one comes next.
    High(Given),
}

/// Which end of an order is wanted, and how many rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extreme {
    pub up: bool,
    pub common: bool,
}

pub(super) struct Reader<'a> {
    pub catalog: &'a Catalog,
    pub tokens: &'a [Token],
    pub chunks: &'a [Chunk],
    pub at: usize,
    pub draft: Draft,
    pub mode: Mode,
    pub aggregates: Vec<Aggregate>,
    pub count: bool,
    pub distinct: bool,
    pub compare: Option<Operator>,
    pub between: Between,
    pub like: Option<Cue>,
    pub negated: bool,
    pub or: bool,
    pub and: bool,
    pub of: bool,
    pub each: bool,
    pub extreme: Option<Extreme>,
    /// "the difference between", and how many aggregates stood before it.
    pub formula: Option<(Arithmetic, usize)>,
    pub top: bool,
    pub direction: Option<bool>,
    pub subject: Option<Pick>,
    /// The subject of the test before, for "over 5 or under 3".
    pub last_subject: Option<Pick>,
    pub absence: Option<Absence>,
    /// How many sentences ended.
    pub sentence: usize,
    /// "their" stood before.
    pub their: bool,
}

/// The aggregate that an end of an order is, where it stands among aggregates.
fn superlative(cue: Cue) -> Aggregate {
    if matches!(cue, Cue::Extreme(true) | Cue::Adjective { up: true, .. }) {
        Aggregate::Maximum
    } else {
        Aggregate::Minimum
    }
}

/// The reading of one way to cut the question.
#[must_use]
pub fn read(chunks: &[Chunk], tokens: &[Token], catalog: &Catalog) -> Draft {
    read_from(Mode::Head, chunks, tokens, catalog)
}

/// The reading of a follow-up whose words begin in the clause `mode`.
#[must_use]
pub fn read_from(mode: Mode, chunks: &[Chunk], tokens: &[Token], catalog: &Catalog) -> Draft {
    let mut reader = Reader {
        catalog,
        tokens,
        chunks,
        at: 0,
        draft: Draft::default(),
        mode,
        aggregates: Vec::new(),
        count: false,
        distinct: false,
        compare: None,
        between: Between::No,
        like: None,
        negated: false,
        or: false,
        and: false,
        of: false,
        each: false,
        extreme: None,
        formula: None,
        top: false,
        direction: None,
        subject: None,
        last_subject: None,
        absence: None,
        sentence: 0,
        their: false,
    };
    while reader.at < chunks.len() {
        reader.step(&chunks[reader.at]);
        reader.at += 1;
    }
    reader.finish()
}

impl Reader<'_> {
    fn step(&mut self, chunk: &Chunk) {
        match &chunk.kind {
            Kind::Cue(cue) => return self.cue(*cue),
            Kind::Table(rivals) => self.table(rivals[0].0),
            Kind::Column(rivals) => self.column(Mention { rivals: rivals.clone(), owner: None }),
            Kind::Value(rivals) => self.stored(rivals.clone()),
            Kind::Number(number) => self.number(*number),
            Kind::Date(period) => {
                if self.subject.is_none() && self.compare.is_none() && matches!(self.between, Between::No) {
                    self.subject = self.dated().map(|table| Pick::plain(Noun::Table(table)));
                }
                self.given(Given::Period { from: period.from, to: period.to, year: period.year });
            }
            Kind::Quoted(text) => self.quoted(text),
            Kind::Word(word) => self.word(word),
        }
        if self.mode == Mode::Head && matches!(chunk.kind, Kind::Value(_)) {
            return;
        }
        self.of = false;
        self.and = false;
    }

    fn cue(&mut self, cue: Cue) {
        match cue {
            Cue::Ask => self.ask(),
            Cue::HowMany => {
                self.count = true;
                if self.mode == Mode::Filter && self.and && self.compare.is_none() && self.extreme.is_none() {
                    self.mode = Mode::Head;
                }
            }
            Cue::Aggregate(aggregate @ (Aggregate::Maximum | Aggregate::Minimum))
                if self.mode == Mode::Filter && self.aggregates.is_empty() && !self.and =>
            {
                self.extreme = Some(Extreme { up: aggregate == Aggregate::Maximum, common: false });
            }
            Cue::Extreme(_) | Cue::Adjective { superlative: true, .. } if self.joins_aggregates() => {
                self.aggregates.push(superlative(cue));
            }
            Cue::Aggregate(aggregate) => self.aggregate(aggregate),
            Cue::Distinct => self.distinct = true,
            Cue::Of => self.of = true,
            Cue::By => self.by(),
            Cue::Relative => {
                if self.is_fresh() {
                    return;
                }
                if self.mode != Mode::Order {
                    self.filter();
                }
            }
            Cue::Their => {
                if self.mode == Mode::Filter {
                    self.close();
                    self.mode = Mode::Head;
                }
            }
            Cue::And | Cue::Comma => {
                self.settle_yardstick();
                self.and = true;
                if cue == Cue::Comma {
                    self.or = false;
                }
                return;
            }
            Cue::Or => self.or = true,
            Cue::Both => self.draft.both = true,
            Cue::Stop => {
                self.sentence += 1;
                if let Some(extreme) = self.extreme.take() {
                    self.late_extreme(extreme);
                }
                self.order_by_first();
                self.close();
                self.mode = Mode::Head;
                self.extreme = None;
                self.each = false;
            }
            Cue::Not => {
                self.negated = true;
                if self.mode == Mode::Head && !self.is_fresh() {
                    self.filter();
                }
            }
            Cue::Except => {
                self.filter();
                self.negated = true;
            }
            Cue::Each => self.each = true,
            Cue::OrderBy if self.is_fresh() && self.mode == Mode::Head => {}
            Cue::OrderBy => {
                self.settle_count();
                self.close();
                self.mode = Mode::Order;
            }
            Cue::Ascending | Cue::Descending => self.direct(cue == Cue::Descending),
            Cue::Compare(Operator::AtLeast) if self.compare.is_some() && self.peek(1) == Some(&Kind::Number(1.0)) => {
                // "larger than at least one": than some.
                while !matches!(self.chunks[self.at].kind, Kind::Number(_)) {
                    self.at += 1;
                }
            }
            Cue::Compare(operator) => {
                if self.mode == Mode::Head && !self.is_fresh() {
                    self.filter();
                }
                self.compare = Some(operator);
            }
            Cue::Between => {
                if self.mode == Mode::Head && !self.is_fresh() {
                    self.filter();
                }
                self.between = Between::Low;
            }
            Cue::OrMore(_) | Cue::Filler => return,
            other => self.quantity(other),
        }
        if cue == Cue::Of {
            return;
        }
        (self.of, self.and) = (false, false);
    }

    fn aggregate(&mut self, aggregate: Aggregate) {
        if self.mode == Mode::Filter && self.and && self.subject.is_none() && self.compare.is_none() && !self.negated {
            self.mode = Mode::Head;
        }
        self.aggregates.push(aggregate);
    }

    /// Cues about ends of an order, patterns, empties and time.
    fn quantity(&mut self, cue: Cue) {
        match cue {
            Cue::Extreme(up) => self.extreme = Some(Extreme { up, common: false }),
            Cue::Common(up) => self.extreme = Some(Extreme { up, common: true }),
            Cue::Adjective { word, superlative, up } => self.adjective(word, superlative, up),
            Cue::Formula(operator) => self.formula = Some((operator, self.aggregates.len())),
            Cue::Measure(word) => self.measure(word),
            Cue::Top => {
                self.top = matches!(self.peek(1), Some(Kind::Number(_)));
                self.draft.top = self.tokens[self.chunks[self.at].start].lower == "top";
                if self.draft.top && !self.top && matches!(self.peek(1), Some(Kind::Table(_))) {
                    self.draft.limit.get_or_insert(TOP);
                }
            }
            Cue::Contains | Cue::Starts | Cue::Ends => {
                let text = |kind: &Kind| {
                    matches!(
                        kind,
                        Kind::Quoted(_) | Kind::Value(_) | Kind::Word(_) | Kind::Number(_) | Kind::Cue(Cue::Contains)
                    )
                };
                // "starts with … the letter S": the first word says where.
                if self.peek(1).is_some_and(text) && (self.like.is_none() || cue != Cue::Contains) {
                    self.like = Some(cue);
                }
            }
            Cue::Null => {
                if let Some(subject) = self.subject.take().or_else(|| self.last_subject.clone()) {
                    self.push_test(Some(subject), Check::Null);
                }
            }
            Cue::Everything => self.draft.everything = true,
            Cue::Grain(grain) => self.draft.grain = Some(grain),
            Cue::AboveAverage(up) => {
                let operator = if up { Operator::More } else { Operator::Less };
                let subject = self.subject.take();
                if subject.is_some() {
                    self.push_test(subject, Check::Compare(operator, Given::Aggregate(Aggregate::Average)));
                } else {
                    self.compare = Some(operator);
                    self.aggregates.push(Aggregate::Average);
                    self.filter();
                }
            }
            _ => {}
        }
    }

    /// Nothing was said so far.
    pub(super) fn is_fresh(&self) -> bool {
        self.draft.picks.is_empty()
            && self.draft.tables.is_empty()
            && self.draft.tests.is_empty()
            && !self.count
            && self.extreme.is_none()
    }

    /// The kind of the next chunk but fillers; `skip` 1 is the next one.
    pub(super) fn peek(&self, skip: usize) -> Option<&Kind> {
        self.chunks[self.at + 1..]
            .iter()
            .map(|chunk| &chunk.kind)
            .filter(|kind| !matches!(kind, Kind::Cue(Cue::Filler | Cue::Distinct)))
            .nth(skip - 1)
    }

    /// The table whose rows a date right behind it is of: "customers who ordered in 2024", "students with tests in May".
    fn dated(&self) -> Option<usize> {
        let small = |chunk: &&Chunk| !matches!(chunk.kind, Kind::Cue(Cue::Filler | Cue::Of));
        let before = self.chunks[..self.at].iter().rfind(small)?;
        let Kind::Table(rivals) = &before.kind else { return None };
        let table = rivals[0].0;
        let deed = self.tokens[before.end - 1].lower.ends_with("ed");
        let dated = self.catalog.columns_of(table).any(|id| self.catalog.is_temporal(id));
        (dated && self.draft.main.is_some_and(|main| main != table) && (deed || self.mode == Mode::Filter))
            .then_some(table)
    }

    fn word(&mut self, word: &str) {
        if matches!(word, "times" | "time")
            && let Some(extreme) = self.extreme.take()
        {
            self.late_extreme(extreme);
            return;
        }
        let quoted = matches!(self.peek(1), Some(Kind::Quoted(_) | Kind::Value(_)));
        if !quoted && (self.part_of_text() || self.like.is_some() && self.mode == Mode::Filter) {
            let like = self.like.take().unwrap_or(Cue::Contains);
            let text = self.said();
            self.push_like(like, &text);
            return;
        }
        if matches!(word, "multiple" | "several")
            && self.mode == Mode::Filter
            && let Some(Kind::Table(rivals)) = self.peek(1)
        {
            // "with several orders": more than one.
            let table = Some(rivals[0].0);
            self.draft.counted.push(Counted { operator: Operator::More, number: 1.0, table });
            return;
        }
        self.draft.unexplained.push(word.to_owned());
        if self.count && self.mode == Mode::Head && self.draft.picks.is_empty() && !self.and {
            // "How many users …?" where nothing is called a user.
            self.draft.loose += 0.7;
        }
        if self.mode == Mode::Head && !self.and && !self.draft.picks.is_empty() {
            self.filter();
        }
    }

    fn ask(&mut self) {
        if self.mode == Mode::Filter && !self.and {
            return;
        }
        if self.mode != Mode::Order || self.and {
            self.close();
            self.mode = Mode::Head;
        }
    }

    fn by(&mut self) {
        if self.mode != Mode::Head {
            return;
        }
        if self.draft.orders.is_empty() && (self.draft.limit.is_some() || self.ranks()) {
            self.mode = Mode::Order;
            self.direction = Some(true);
        } else if self.sorts_into_kinds() {
            // "orders by status": how many of each.
            self.draft.picks[0].aggregate = Some(Aggregate::Count);
            self.each = true;
        } else if self.draft.picks.iter().any(|pick| pick.aggregate.is_some()) && !self.is_passive() {
            self.each = true;
        }
    }

    /// Whether rows of a table stand before "by" and a column of kinds behind it.
    fn sorts_into_kinds(&self) -> bool {
        let entity = matches!(self.draft.picks.as_slice(), [pick] if matches!(pick.noun, Noun::Table(_)) && pick.aggregate.is_none());
        let kinds = matches!(self.peek(1), Some(Kind::Column(rivals)) if rivals.first().is_some_and(|(column, _)| {
            !self.catalog.is_numeric(*column) && !self.catalog.is_key(*column) && !self.catalog.is_temporal(*column)
        }));
        let ends = matches!(self.peek(2), None | Some(Kind::Cue(Cue::Stop | Cue::Of) | Kind::Date(_)));
        entity && kinds && ends && !self.is_passive()
    }

    /// "products by revenue": rows of a table by an amount.
    fn ranks(&self) -> bool {
        let entity = matches!(self.draft.picks.as_slice(), [pick] if matches!(pick.noun, Noun::Table(_)) && pick.aggregate.is_none());
        let start = self.chunks[self.at].end;
        let money = self.tokens.get(start).is_some_and(|token| REVENUE.contains(&token.lemma.as_str()));
        entity && money && matches!(self.peek(1), Some(Kind::Column(_)))
    }

    /// "requested by", "by all": the doer of a deed, not a group.
    fn is_passive(&self) -> bool {
        let start = self.chunks[self.at].start;
        let before = start.checked_sub(1).map_or("", |at| self.tokens[at].lower.as_str());
        let after = self.tokens.get(start + 1).map_or("", |token| token.lower.as_str());
        before.ends_with("ed")
            || before.ends_with("en")
            || matches!(before, "sold" | "made" | "won" | "held")
            || matches!(after, "all" | "any")
            || matches!(
                self.tokens.get(start + 2).map(|token| token.lower.as_str()),
                Some("that" | "who" | "whose" | "which")
            )
    }

    pub(super) fn filter(&mut self) {
        self.mode = Mode::Filter;
    }

    fn direct(&mut self, descending: bool) {
        match self.draft.orders.last_mut() {
            Some(order) if self.mode == Mode::Order => order.1 = descending,
            _ => {
                self.settle_count();
                self.close();
                self.mode = Mode::Order;
                self.direction = Some(descending);
            }
        }
    }

    /// Adds a test to the open absence or to the question.
    pub(super) fn push_test(&mut self, subject: Option<Pick>, check: Check) {
        let or = std::mem::take(&mut self.or);
        let mut negated = std::mem::take(&mut self.negated);
        if subject.is_some() {
            self.last_subject.clone_from(&subject);
        }
        if or && !negated && self.absence.is_none() && self.draft.tests.last().is_some_and(|test| test.negated) {
            negated = true;
        }
        let test = Test { subject, check, negated, or };
        match &mut self.absence {
            Some(absence) => absence.tests.push(Test { negated: false, ..test }),
            None => self.draft.tests.push(test),
        }
        self.compare = None;
        self.between = Between::No;
        self.like = None;
    }

    /// "each city and its count": of rows, where nothing to count is named before the next clause.
    fn settle_count(&mut self) {
        if self.mode == Mode::Head && std::mem::take(&mut self.count) {
            self.draft.picks.push(Pick::of(Aggregate::Count, Noun::Rows));
        }
    }

    /// "more than the average" with no column behind it: the average of what was named before.
    fn settle_yardstick(&mut self) {
        let Some(operator) = self.compare.filter(|_| self.mode == Mode::Filter) else { return };
        let end = self.extreme.filter(|extreme| !extreme.common);
        let aggregate = self
            .aggregates
            .pop()
            .or(end.map(|extreme| if extreme.up { Aggregate::Maximum } else { Aggregate::Minimum }));
        let Some(aggregate) = aggregate else { return };
        self.extreme = None;
        self.aggregates.clear();
        self.count = false;
        let subject = self.subject.take();
        self.push_test(subject, Check::Compare(operator, Given::Aggregate(aggregate)));
    }

    /// "the highest, lowest and average cost": ends of an order that stand in a row with aggregates.
    fn joins_aggregates(&self) -> bool {
        let listed = |kind: &Kind| {
            matches!(kind, Kind::Cue(Cue::Extreme(_) | Cue::Aggregate(_) | Cue::Adjective { superlative: true, .. }))
        };
        let mut behind =
            self.chunks[self.at + 1..].iter().map(|chunk| &chunk.kind).filter(|kind| **kind != Kind::Cue(Cue::Filler));
        let mut next = behind.next();
        let mut several = false;
        while matches!(next, Some(Kind::Cue(Cue::And | Cue::Comma))) {
            several = true;
            next = behind.next();
        }
        self.mode == Mode::Head && (self.and && !self.aggregates.is_empty() || several && next.is_some_and(listed))
    }

    /// Ends a clause: what still waits for a partner is dropped.
    pub(super) fn close(&mut self) {
        self.settle_yardstick();
        if let Some(absence) = self.absence.take() {
            self.draft.absences.push(absence);
        }
        if let Some(subject) = self.subject.take() {
            // "with their name and age": a column that was never tested is wanted.
            if matches!(subject.noun, Noun::Column(_)) && self.mode == Mode::Filter {
                self.draft.loose += 0.6;
            }
        }
        self.compare = None;
        self.between = Between::No;
        self.negated = false;
        self.or = false;
        self.like = None;
    }

    /// "in alphabetical order": of what is shown first.
    fn order_by_first(&mut self) {
        if self.mode == Mode::Order && self.draft.orders.is_empty() && std::mem::take(&mut self.count) {
            // "in descending order of count"
            self.push_order(Pick::of(Aggregate::Count, Noun::Rows));
        }
        if self.mode == Mode::Order && self.draft.orders.is_empty() {
            let first = self.draft.picks.iter().find(|pick| pick.aggregate.is_none()).cloned();
            if let Some(first) = first {
                self.draft.orders.push((first, self.direction.unwrap_or(false)));
            }
        }
    }

    /// "compare 2023 and 2024": one figure a year, not one for both.
    fn compare_years(&mut self) {
        let side_by_side = self
            .tokens
            .iter()
            .any(|token| matches!(token.lower.as_str(), "compare" | "comparison" | "compared" | "versus" | "vs"));
        let year = |test: &&Test| matches!(test.check, Check::Compare(_, Given::Period { year: Some(_), .. }));
        if side_by_side && self.draft.groups.is_empty() && self.draft.tests.iter().filter(year).count() > 1 {
            self.draft.grain.get_or_insert(Grain::Year);
        }
    }

    fn finish(mut self) -> Draft {
        if let Some(extreme) = self.extreme.take() {
            self.late_extreme(extreme);
        }
        self.order_by_first();
        if self.count {
            self.draft.picks.push(Pick::of(Aggregate::Count, Noun::Rows));
        }
        if !self.aggregates.is_empty() {
            self.draft.loose += 0.9;
        }
        self.draft.words = self.tokens.iter().map(|token| token.lemma.clone()).collect();
        self.compare_years();
        self.close();
        let entity = self.draft.picks.first().is_some_and(|pick| matches!(pick.noun, Noun::Table(_)));
        if self.draft.top && self.draft.orders.is_empty() && self.draft.limit.is_some() && entity {
            self.draft.orders.push((Pick::plain(cue::quality()), true));
        }
        self.draft
    }
}
