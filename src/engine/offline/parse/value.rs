//! Values: what each one is a test of.

use crate::engine::offline::ir::{Aggregate, Operator};
use crate::grounding::ColumnId;
use crate::grounding::words::value_key;

use super::cue::Cue;
use super::draft::{Check, Counted, Given, Mention, Noun, Pick};
use super::lattice::{Kind, StoredRivals};
use super::reader::{Between, Mode, Reader};

/// A value of a column and how sure it is that it is meant.
type Stored = (ColumnId, String, f32);

impl Reader<'_> {
    pub(super) fn stored(&mut self, rivals: StoredRivals) {
        if let Some(like) = self.like.take() {
            let text = rivals[0].1.clone();
            self.push_like(like, &text);
            return;
        }
        if self.part_of_text() {
            let text = self.said();
            self.push_like(Cue::Contains, &text);
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
        if self.mode == Mode::Head && !self.table_follows() && !self.owned_column_follows() {
            self.filter();
        }
        let measured = subject.as_ref().is_some_and(|subject| match &subject.noun {
            Noun::Measure { .. } => true,
            Noun::Column(mention) => mention.rivals.first().is_some_and(|(column, _)| {
                (self.catalog.is_numeric(*column) || self.catalog.is_temporal(*column))
                    && !rivals.iter().any(|(rival, ..)| rival == column)
            }),
            _ => false,
        });
        if let (Some(operator), None, true) =
            (self.compare, &subject, rivals[0].1.contains(|sign: char| sign.is_ascii_digit()))
            && operator != Operator::Equal
        {
            // "after 12:00:00"
            let text = rivals[0].1.clone();
            let columns = rivals.iter().map(|(column, _, score)| (*column, *score)).collect();
            let subject = Pick::plain(Noun::Column(Mention { rivals: columns, owner: None }));
            self.push_test(Some(subject), Check::Compare(operator, Given::Text(text)));
            return;
        }
        if let (Some(operator), true) = (self.compare, measured) {
            self.push_test(subject, Check::Compare(operator, Given::Row(rivals)));
            return;
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
                let better = |(column, text, score): &(ColumnId, String, f32)| {
                    named(column).map(|named| (*column, text.clone(), score + named))
                };
                rivals = rivals.iter().filter_map(better).collect();
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

    /// "Ada Lovelace's email": the value stands before what is asked of its row.
    fn owned_column_follows(&self) -> bool {
        let mut rest = self.chunks[self.at + 1..].iter().map(|chunk| &chunk.kind);
        let next = rest.find(|kind| !matches!(kind, Kind::Cue(Cue::Filler) | Kind::Value(_)));
        self.draft.picks.is_empty() && !self.count && matches!(next, Some(Kind::Column(_)))
    }

    pub(super) fn quoted(&mut self, text: &str) {
        if let Some(like) = self.like.take() {
            self.push_like(like, text);
            return;
        }
        if self.part_of_text() {
            self.push_like(Cue::Contains, text);
            return;
        }
        if self.compare.is_none()
            && let Some((first, second)) = self.two_parts(text)
        {
            self.subject = None;
            self.filter();
            self.push_test(None, Check::Stored([first].into()));
            self.push_test(None, Check::Stored([second].into()));
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

    pub(super) fn number(&mut self, number: f64) {
        // "codes starting with 4", but not "countries that contain 3 or more cities"
        let of_things = matches!(self.peek(1), Some(Kind::Table(_) | Kind::Cue(Cue::OrMore(_))));
        if let Some(like) = self.like.take().filter(|_| !of_things) {
            let text = self.said();
            self.push_like(like, &text);
            return;
        }
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
        if many && rows > 1 && superlative_next && self.is_ordinal() {
            self.draft.offset = rows - 1;
            self.draft.limit = Some(1);
            return;
        }
        let ended = matches!(before, Some(Kind::Cue(Cue::Extreme(_) | Cue::Common(_) | Cue::Top)));
        if many && (self.top || self.extreme.is_some() && ended || superlative_next) {
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
        if many && leaders && self.leads() {
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
        if self.often(number) {
            return;
        }
        if let (Between::High(Given::Number(low)), true) = (&self.between, self.count_follows()) {
            let ends = [(Operator::AtLeast, *low), (Operator::AtMost, number)];
            let table = if let Some(Kind::Table(rivals)) = self.peek(1) { Some(rivals[0].0) } else { None };
            let counted = ends.map(|(operator, number)| Counted { operator, number, table });
            self.draft.counted.extend(counted);
            self.between = Between::No;
            return;
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

    /// "at least twice": how many rows of what was named; once is what being named means.
    fn often(&mut self, number: f64) -> bool {
        let word = self.tokens[self.chunks[self.at].start].lower.as_str();
        let Some(operator) = self.compare.filter(|_| matches!(word, "once" | "twice" | "thrice")) else { return false };
        self.compare = None;
        if operator != Operator::AtLeast || number > 1.0 {
            let table = self.draft.tables.last().copied().filter(|table| Some(*table) != self.draft.main);
            self.draft.counted.push(Counted { operator, number, table });
        }
        true
    }

    /// Whether a column holds numbers, whatever its declared type.
    fn holds_numbers(&self, column: ColumnId) -> bool {
        let digits = self.catalog.values().shape(column) == crate::grounding::index::Shape::Digits;
        self.catalog.is_numeric(column) || digits
    }

    /// "second", "3rd"
    fn is_ordinal(&self) -> bool {
        let word = self.tokens[self.chunks[self.at].start].lower.as_str();
        let digits = word.starts_with(|sign: char| sign.is_ascii_digit());
        matches!(word, "second" | "third")
            || ["th", "st", "nd", "rd"].iter().any(|tail| word.ends_with(tail)) && (digits || word.ends_with("th"))
    }

    /// Whether a number says how many lead: "which 3 products", "the ids of the two shops with the most orders".
    fn leads(&self) -> bool {
        let start = self.chunks[self.at].start;
        let before = start.checked_sub(1).map_or("", |at| self.tokens[at].lower.as_str());
        let things = matches!(self.peek(1), Some(Kind::Table(_) | Kind::Column(_)));
        let spoken = self.mode == Mode::Head && self.compare.is_none() && matches!(before, "the" | "which" | "what");
        things && (self.is_fresh() || spoken)
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
                let things = !self.holds_numbers(column)
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
        if subject.as_ref().is_none_or(|subject| matches!(subject.noun, Noun::Measure { .. }))
            && let Some(Kind::Column(rivals)) = self.peek(1)
            && matches!(given, Given::Number(_))
            && rivals.first().is_some_and(|(column, _)| self.holds_numbers(*column))
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
                key.map(|key| Pick::plain(Noun::Column(Mention { rivals: [(key, 1.0)].into(), owner: Some(table) })));
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
