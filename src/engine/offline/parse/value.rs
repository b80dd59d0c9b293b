//! Values: what each one is a test of.

use crate::engine::offline::ir::{Aggregate, Operator};
use crate::grounding::ColumnId;
use crate::grounding::words::value_key;

use super::cue::Cue;
use super::draft::{Check, Counted, Given, Mention, Noun, Pick};
use super::lattice::Kind;
use super::reader::{Between, Mode, Reader};

/// A value of a column and how sure it is that it is meant.
type Stored = (ColumnId, String, f32);

impl Reader<'_> {
    pub(super) fn stored(&mut self, rivals: Vec<(ColumnId, String, f32)>) {
        if let Some(like) = self.like.take() {
            let text = rivals[0].1.clone();
            self.push_like(like, &text);
            return;
        }
        let mut subject = self.subject.take();
        if subject.is_none()
            && let Some(Kind::Column(named)) = self.chunks.get(self.at + 1).map(|chunk| &chunk.kind)
            && rivals.iter().any(|(column, _, _)| named.iter().any(|(rival, _)| rival == column))
        {
            subject = Some(Pick::plain(Noun::Column(Mention { rivals: named.clone(), owner: None })));
            self.at += 1;
        }
        if subject.is_none() && self.or {
            subject.clone_from(&self.last_subject);
        }
        if self.mode == Mode::Head && !self.table_follows() {
            self.filter();
        }
        if let (Some(operator), Some(_)) = (self.compare, &subject) {
            let text = rivals[0].1.clone();
            self.push_test(subject, Check::Compare(operator, Given::Text(text)));
            return;
        }
        let mut rivals = rivals;
        let mut subject_kept = None;
        if let Some(Pick { noun: Noun::Column(mention), aggregate: None, .. }) = &subject {
            let named =
                |column: &ColumnId| mention.rivals.iter().find(|(rival, _)| rival == column).map(|(_, score)| *score);
            if rivals.iter().any(|(column, _, _)| named(column).is_some()) {
                rivals.retain(|(column, _, _)| named(column).is_some());
                for rival in &mut rivals {
                    rival.2 += named(&rival.0).unwrap_or(0.0);
                }
                subject_kept = subject;
            } else {
                self.draft.loose += 0.3;
            }
        }
        let column = subject_kept.clone();
        self.push_test(subject_kept, Check::Stored(rivals));
        if column.is_some() {
            self.last_subject = column;
        }
    }

    /// "female students", "2014 concerts": the value stands before what the clause is about.
    fn table_follows(&self) -> bool {
        matches!(self.peek(1), Some(Kind::Table(_)))
    }

    pub(super) fn quoted(&mut self, text: &str) {
        if let Some(like) = self.like.take() {
            self.push_like(like, text);
            return;
        }
        if self.compare.is_none()
            && let Some((first, second)) = self.two_parts(text)
        {
            self.subject = None;
            self.filter();
            self.push_test(None, Check::Stored(vec![first]));
            self.push_test(None, Check::Stored(vec![second]));
            return;
        }
        let subject = self.subject.take().or_else(|| self.last_subject.clone());
        if self.mode == Mode::Head {
            self.filter();
        }
        let operator = self.compare.unwrap_or(Operator::Equal);
        self.push_test(subject, Check::Compare(operator, Given::Text(text.to_owned())));
    }

    /// "Aaron Turon", kept as a first and a last name.
    fn two_parts(&self, text: &str) -> Option<(Stored, Stored)> {
        let (first, last) = text.split_once(' ')?;
        let index = self.catalog.values();
        index.find(&value_key(first)).find_map(|one| {
            let other = index
                .find(&value_key(last))
                .find(|other| other.column.table == one.column.table && other.column != one.column)?;
            Some(((one.column, one.text.to_owned(), 1.2), (other.column, other.text.to_owned(), 1.2)))
        })
    }

    fn push_like(&mut self, like: Cue, text: &str) {
        let subject = self.subject.take().or_else(|| self.last_subject.clone());
        let check = match like {
            Cue::Starts => Check::Starts(text.to_owned()),
            Cue::Ends => Check::Ends(text.to_owned()),
            _ => Check::Contains(text.to_owned()),
        };
        self.push_test(subject, check);
    }

    pub(super) fn number(&mut self, number: f64) {
        let many = number.fract() == 0.0 && (1.0..1e6).contains(&number);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be small, whole and positive"
        )]
        let rows = number as u64;
        let superlative_next = matches!(
            self.peek(1),
            Some(Kind::Cue(Cue::Extreme(_) | Cue::Common(_) | Cue::Adjective { superlative: true, .. }))
        );
        // "the newest 3 customers"
        let before = self.at.checked_sub(1).map(|at| &self.chunks[at].kind);
        let superlative_before = matches!(before, Some(Kind::Cue(Cue::Adjective { superlative: true, .. })))
            && matches!(self.peek(1), Some(Kind::Table(_) | Kind::Column(_)));
        if many && superlative_before {
            self.draft.limit = Some(rows);
            return;
        }
        if many && (self.top || self.extreme.is_some() || superlative_next) {
            self.draft.limit = Some(rows);
            if self.top && self.extreme.is_none() {
                self.mode_after_top();
            }
            return;
        }
        // "which 3 products have the best rating"
        let leaders = self.chunks[self.at..].iter().any(|chunk| {
            matches!(chunk.kind, Kind::Cue(Cue::Extreme(_) | Cue::Common(_) | Cue::Adjective { superlative: true, .. }))
        });
        if many && leaders && self.is_fresh() && matches!(self.peek(1), Some(Kind::Table(_))) {
            self.draft.limit = Some(rows);
            return;
        }
        if let Some(Kind::Cue(Cue::OrMore(more))) = self.peek(1) {
            self.compare = Some(if *more { Operator::AtLeast } else { Operator::AtMost });
            while !matches!(self.chunks.get(self.at).map(|chunk| &chunk.kind), Some(Kind::Cue(Cue::OrMore(_)))) {
                self.at += 1;
            }
            if self.mode == Mode::Head && !self.is_fresh() {
                self.filter();
            }
        }
        if self.compare.is_none()
            && self.mode == Mode::Filter
            && many
            && matches!(self.peek(1), Some(Kind::Table(_)))
            && self.subject.is_none()
        {
            self.compare = Some(Operator::Equal);
        }
        if self.compare.is_some() && self.count_follows() {
            let operator = self.compare.take().unwrap_or(Operator::Equal);
            let operator = if std::mem::take(&mut self.negated) { operator.negated() } else { operator };
            let table = match self.peek(1) {
                Some(Kind::Table(rivals)) => Some(rivals[0].0),
                Some(Kind::Column(rivals)) => {
                    let table = rivals[0].0.table;
                    self.at += 1;
                    while !matches!(self.chunks.get(self.at).map(|chunk| &chunk.kind), Some(Kind::Column(_)) | None) {
                        self.at += 1;
                    }
                    Some(table)
                }
                _ => None,
            };
            self.draft.counted.push(Counted { operator, number, table });
            return;
        }
        self.given(Given::Number(number));
    }

    /// "the top 3 …" asks for the upper end of whatever is named next.
    fn mode_after_top(&mut self) {
        self.top = true;
    }

    /// Whether the number counts rows: "more than 3 orders", "at least twice".
    fn count_follows(&self) -> bool {
        match self.peek(1) {
            Some(Kind::Table(_)) => self.subject.is_none(),
            Some(Kind::Column(rivals)) => {
                let column = rivals[0].0;
                let things = !self.catalog.is_numeric(column)
                    || self.catalog.is_key(column)
                    || self.catalog.joins().is_reference(column);
                self.subject.is_none() && things && self.catalog.column(column).class == crate::schema::TypeClass::Text
            }
            Some(Kind::Word(word)) => word == "times" || word == "time",
            _ => false,
        }
    }

    /// A number or a period in a clause.
    pub(super) fn given(&mut self, given: Given) {
        let mut subject = self.subject.take();
        if let Some(Pick { aggregate: Some(Aggregate::Count), noun, .. }) = &subject
            && let Given::Number(number) = given
        {
            let table = if let Noun::Table(table) = noun { Some(*table) } else { None };
            let operator = self.compare.take().unwrap_or(Operator::Equal);
            self.draft.counted.push(Counted { operator, number, table });
            return;
        }
        if subject.is_none() && (self.or || self.and && self.compare.is_some()) {
            subject.clone_from(&self.last_subject);
        }
        if subject.is_none()
            && let Some(Kind::Column(rivals)) = self.peek(1)
            && matches!(given, Given::Number(_))
            && rivals.first().is_some_and(|(column, _)| self.catalog.is_numeric(*column))
        {
            subject = Some(Pick::plain(Noun::Column(Mention { rivals: rivals.clone(), owner: None })));
            while !matches!(self.chunks.get(self.at + 1).map(|chunk| &chunk.kind), Some(Kind::Column(_))) {
                self.at += 1;
            }
            self.at += 1;
        }
        match std::mem::replace(&mut self.between, Between::No) {
            Between::No => {}
            Between::Low => {
                self.between = Between::High(given);
                self.subject = subject;
                return;
            }
            Between::High(low) => return self.push_test(subject, Check::Between(low, given)),
        }
        let before = self.at.checked_sub(1).and_then(|at| self.chunks.get(at)).map(|chunk| &chunk.kind);
        if let (None, None, Given::Number(_), Some(Kind::Table(rivals))) = (&subject, self.compare, &given, before) {
            // "store 1", "room 107": the row of that key.
            let table = rivals[0].0;
            let key =
                self.catalog.columns_of(table).find(|id| self.catalog.is_key(*id) && self.catalog.is_numeric(*id));
            subject =
                key.map(|key| Pick::plain(Noun::Column(Mention { rivals: vec![(key, 1.0)], owner: Some(table) })));
        }
        if subject.is_none() && matches!(given, Given::Number(_)) && self.compare.is_none() {
            self.draft.loose += 0.7;
            return;
        }
        if self.mode == Mode::Head {
            self.filter();
        }
        let operator = self.compare.unwrap_or(Operator::Equal);
        self.push_test(subject, Check::Compare(operator, given));
    }
}
