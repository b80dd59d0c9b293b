//! Tables and columns: what each one does in the clause it stands in.

use crate::engine::offline::ir::{Aggregate, Operator};

use crate::grounding::lexicon::REVENUE;

use super::cue::{self, Cue};
use super::draft::{Absence, Check, Given, Mention, Noun, Pick};
use super::lattice::{Kind, Rivals};
use super::reader::{Extreme, Mode, Reader};

impl Reader<'_> {
    pub(super) fn table(&mut self, table: usize) {
        let noun = Noun::Table(table);
        let start = self.chunks[self.at].start;
        let said = |back: usize| start.checked_sub(back).map_or("", |at| self.tokens[at].lower.as_str());
        // "for every park" takes one after the other.
        let all = match (said(3), said(2), said(1)) {
            ("for" | "of", "every", "single") | ("for" | "of", "all", "the") | (_, "for" | "of", "all" | "every") => {
                false
            }
            (_, _, "all" | "every") | (_, "every", "single") | (_, "all", "the") => true,
            _ => false,
        };
        if all {
            self.draft.universal.push(table);
        }
        if self.negated && self.mode == Mode::Filter && self.compare.is_none() {
            self.negated = false;
            self.absence = Some(Absence { tables: vec![table], tests: Vec::new() });
            return;
        }
        if let Some(absence) = &mut self.absence {
            absence.tables.push(table);
            return;
        }
        if self.is_yardstick(table) || self.is_shared(Noun::Table(table)) {
            return;
        }
        if !self.draft.tables.contains(&table) {
            self.draft.tables.push(table);
        }
        let column_next = matches!(self.chunks.get(self.at + 1).map(|chunk| &chunk.kind), Some(Kind::Column(_)));
        if self.each && !column_next {
            self.each = false;
            self.draft.groups.push(noun);
            if self.mode == Mode::Head && self.draft.main.is_none() && !self.draft.picks.is_empty() {
                self.own(table);
            }
            return;
        }
        let column_follows = matches!(self.chunks.get(self.at + 1).map(|chunk| &chunk.kind), Some(Kind::Column(_)))
            && !matches!(
                self.peek(2),
                Some(
                    Kind::Cue(Cue::Compare(_) | Cue::Between | Cue::Starts | Cue::Contains | Cue::Ends)
                        | Kind::Number(_)
                )
            );
        if let Some(extreme) = self.extreme.filter(|_| !column_follows) {
            self.extreme = None;
            self.count = false;
            self.extreme_table(extreme, table);
            return;
        }
        let count = std::mem::take(&mut self.count);
        if count && column_follows && self.distinct {
            self.count = true;
            return;
        }
        match self.mode {
            Mode::Order => {
                if count {
                    self.push_order(Pick::of(Aggregate::Count, noun));
                } else if !self.of && !column_follows {
                    self.push_order(Pick::plain(noun));
                }
            }
            Mode::Head => self.head_table(table, count, column_follows),
            Mode::Filter => {
                if count {
                    self.subject = Some(Pick::of(Aggregate::Count, noun));
                }
            }
        }
    }

    /// "older than all pupils in Ulm", "before any match of 2020": compared with the end of such rows.
    fn is_yardstick(&mut self, table: usize) -> bool {
        let Some(operator) = self.compare.filter(|_| self.mode == Mode::Filter && !self.count) else { return false };
        let again = self.draft.main == Some(table) || self.draft.tables.contains(&table);
        let column_follows = matches!(self.chunks.get(self.at + 1).map(|chunk| &chunk.kind), Some(Kind::Column(_)));
        let start = self.chunks[self.at].start;
        let before = |words: &[&str]| {
            (1..4).any(|back| start.checked_sub(back).is_some_and(|at| words.contains(&self.tokens[at].lower.as_str())))
        };
        let some = before(&["any", "some", "one"]);
        let in_time = (some || before(&["all", "every"])) && before(&["before", "after", "since"]);
        let open = self.subject.is_none() && !in_time;
        if !again || column_follows || open || matches!(operator, Operator::Equal | Operator::Different) {
            return false;
        }
        let above = matches!(operator, Operator::More | Operator::AtLeast);
        let end = if above == some { Aggregate::Minimum } else { Aggregate::Maximum };
        let aggregate = self.aggregates.pop().unwrap_or(end);
        let subject = self.subject.take().unwrap_or_else(|| Pick::plain(cue::recency()));
        self.push_test(Some(subject), Check::Compare(operator, Given::Aggregate(aggregate)));
        let one = start.checked_sub(1).is_some_and(|at| self.tokens[at].lower == "the");
        if one && matches!(self.peek(1), Some(Kind::Cue(Cue::Relative) | Kind::Value(_) | Kind::Quoted(_))) {
            // "than the pupil whose …": of that one.
            self.draft.described = Some(self.draft.tests.len());
        }
        true
    }

    /// "in the same city as Bob": what rows have in common with those that the words behind it describe.
    fn is_shared(&mut self, noun: Noun) -> bool {
        let chunk = &self.chunks[self.at];
        let same = chunk.start.checked_sub(1).is_some_and(|at| self.tokens[at].lower == "same");
        let compared = self.tokens.get(chunk.end).is_some_and(|token| token.lower == "as");
        if !same || !compared || self.is_fresh() {
            return false;
        }
        self.filter();
        (self.subject, self.compare) = (None, None);
        self.draft.shared = Some((noun, self.draft.tests.len()));
        true
    }

    fn head_table(&mut self, table: usize, count: bool, column_follows: bool) {
        if count || self.aggregates == [Aggregate::Sum] && !column_follows && !self.of {
            self.aggregates.clear();
            let distinct = std::mem::take(&mut self.distinct);
            self.draft.main.get_or_insert(table);
            self.draft.picks.push(Pick { aggregate: Some(Aggregate::Count), distinct, noun: Noun::Table(table) });
            return;
        }
        if let Some(sibling) = self.sibling(table) {
            self.draft.picks.push(sibling);
            return;
        }
        let owned = self.of && !self.draft.picks.is_empty();
        if !owned && !column_follows && (self.draft.picks.is_empty() || self.and) {
            self.draft.main.get_or_insert(table);
            self.draft.distinct |= std::mem::take(&mut self.distinct);
            self.draft.picks.push(Pick::plain(Noun::Table(table)));
            return;
        }
        if owned {
            self.own(table);
        }
        if owned || !column_follows {
            self.draft.main.get_or_insert(table);
        }
    }

    /// "the phones of customers and suppliers": the column of the same name of the second table.
    fn sibling(&self, table: usize) -> Option<Pick> {
        let Noun::Column(Mention { rivals, owner: Some(owner) }) = &self.draft.picks.last()?.noun else { return None };
        let best = rivals.first()?.1;
        let same: Rivals<_> =
            rivals.iter().filter(|(id, score)| id.table == table && *score + 0.1 > best).copied().collect();
        let listed = self.and && *owner != table && !self.count && self.aggregates.is_empty();
        (listed && !same.is_empty()).then(|| Pick::plain(Noun::Column(Mention { rivals: same, owner: Some(table) })))
    }

    /// The columns so far are of this table.
    fn own(&mut self, table: usize) {
        for pick in &mut self.draft.picks {
            if let Noun::Column(mention) = &mut pick.noun
                && mention.owner.is_none()
            {
                mention.owner = Some(table);
            }
        }
    }

    pub(super) fn column(&mut self, mut mention: Mention) {
        if self.is_shared(Noun::Column(mention.clone())) {
            return;
        }
        if let Some((operator, outside)) = self.formula.take()
            && self.figures(operator, outside, &mention)
        {
            return;
        }
        let before = self.at.checked_sub(1).and_then(|at| self.chunks.get(at)).map(|chunk| &chunk.kind);
        if let Some(Kind::Table(rivals)) = before
            && self.draft.picks.last().is_none_or(|pick| pick.noun != Noun::Table(rivals[0].0))
        {
            mention.owner = Some(rivals[0].0);
        }
        if self.each {
            self.each = false;
            self.draft.groups.push(Noun::Column(mention));
            return;
        }
        let word = &self.tokens[self.chunks[self.at].start].lemma;
        let money = self.chunks[self.at].end == self.chunks[self.at].start + 1 && REVENUE.contains(&word.as_str());
        let said =
            mention.rivals.first().is_some_and(|(column, _)| self.catalog.names().column(*column).words.contains(word));
        if money && !said && self.aggregates.is_empty() && !self.is_subject(&mention) {
            self.aggregates.push(Aggregate::Sum);
            self.count = false;
        }
        if self.top && self.mode == Mode::Filter && self.draft.orders.is_empty() && self.draft.limit.is_some() {
            // "mountains with the top 3 heights"
            self.extreme.get_or_insert(Extreme { up: true, common: false });
        }
        if let Some(extreme) = self.extreme.take() {
            self.extreme_column(extreme, mention);
            return;
        }
        if self.is_flag(&mention) {
            self.push_test(Some(Pick::plain(Noun::Column(mention))), Check::Flag);
            return;
        }
        if let Some(operator) = self.supply(&mention) {
            if self.mode == Mode::Head {
                self.filter();
            }
            self.push_test(Some(Pick::plain(Noun::Column(mention))), Check::Compare(operator, Given::Number(0.0)));
            return;
        }
        if self.is_subject(&mention) {
            let aggregate = self.aggregates.pop();
            let aggregate = aggregate.or(self.take_count(&mention));
            // "customers who spent more than 1000": in all of their orders.
            let apart = mention
                .rivals
                .first()
                .is_some_and(|(column, _)| self.draft.main.is_some_and(|main| main != column.table));
            let aggregate = aggregate.or((money && !said && apart).then_some(Aggregate::Sum));
            self.aggregates.clear();
            if self.mode == Mode::Head {
                if self.draft.picks.is_empty() && aggregate.is_none() && self.draft.tables.is_empty() {
                    self.draft.distinct |= std::mem::take(&mut self.distinct);
                    self.draft.picks.push(Pick::plain(Noun::Column(mention.clone())));
                }
                self.mode = Mode::Filter;
            }
            self.subject = Some(Pick { aggregate, distinct: false, noun: Noun::Column(mention) });
            return;
        }
        let entity = self.draft.picks.last().is_some_and(|pick| matches!(pick.noun, Noun::Table(_)));
        if self.mode == Mode::Head && entity && !self.and && self.sentence == 0 && mention.owner.is_none() {
            self.filter();
        }
        match self.mode {
            Mode::Order if !self.draft.orders.is_empty() && !self.and => self.draft.loose += 0.3,
            Mode::Order => {
                let aggregate = self.aggregates.pop().or(self.take_count(&mention));
                self.push_order(Pick { aggregate, distinct: false, noun: Noun::Column(mention) });
            }
            Mode::Head => self.head_column(mention),
            Mode::Filter => self.filter_column(mention),
        }
    }

    /// How an amount compares with nothing in "out of stock" and "in stock".
    fn supply(&self, mention: &Mention) -> Option<Operator> {
        let start = self.chunks[self.at].start;
        let word = |back: usize| start.checked_sub(back).map_or("", |at| self.tokens[at].lower.as_str());
        let amount = mention.rivals.first().is_some_and(|(column, _)| self.is_amount(*column));
        let whose = !self.draft.tables.is_empty() && self.compare.is_none() && !self.is_subject(mention);
        let stock = matches!(self.tokens[start].lemma.as_str(), "stock" | "inventory");
        match (word(2), word(1)) {
            _ if !(amount && whose) => None,
            ("out", "of") => Some(Operator::Equal),
            (_, "in") if stock => Some(if self.negated { Operator::AtMost } else { Operator::More }),
            _ => None,
        }
    }

    /// Whether a yes-or-no column is used as an adjective or a verb: "active products", "subscribed to the newsletter".
    fn is_flag(&self, mention: &Mention) -> bool {
        let flag = mention.rivals.first().is_some_and(|(column, score)| {
            *score > 0.55 && self.catalog.column(*column).class == crate::schema::TypeClass::Boolean
        });
        let tested = matches!(self.peek(1), Some(Kind::Value(_) | Kind::Number(_) | Kind::Cue(Cue::Compare(_))));
        let entity = self.draft.picks.last().is_some_and(|pick| matches!(pick.noun, Noun::Table(_)));
        let head = self.count || entity || matches!(self.peek(1), Some(Kind::Table(_)));
        flag && !tested && (self.mode == Mode::Filter || self.mode == Mode::Head && head)
    }

    /// Whether a test of this column follows at once.
    fn is_subject(&self, mention: &Mention) -> bool {
        if self.mode == Mode::Order {
            return false;
        }
        if self.mode == Mode::Head
            && matches!(self.peek(1), Some(Kind::Cue(Cue::By | Cue::Of)))
            && let Some(Kind::Value(values)) = self.peek(2)
            && !self.draft.picks.is_empty()
        {
            return values.iter().any(|(column, _, _)| mention.rivals.iter().any(|(rival, _)| rival == column));
        }
        let mut skip = 1;
        while matches!(self.peek(skip), Some(Kind::Cue(Cue::Not | Cue::Of | Cue::Relative))) && skip < 3 {
            let negation = matches!(self.peek(skip), Some(Kind::Cue(Cue::Not)));
            if !negation && self.mode == Mode::Head {
                break;
            }
            skip += 1;
        }
        match self.peek(skip) {
            Some(Kind::Cue(Cue::Compare(_))) => self.mode == Mode::Filter || self.compared_value(skip + 1),
            Some(Kind::Cue(Cue::Between | Cue::AboveAverage(_) | Cue::Null)) => true,
            Some(Kind::Cue(Cue::Contains | Cue::Starts | Cue::Ends)) => {
                let text = |kind: &Kind| {
                    matches!(
                        kind,
                        Kind::Quoted(_) | Kind::Value(_) | Kind::Word(_) | Kind::Number(_) | Kind::Cue(Cue::Contains)
                    )
                };
                self.peek(skip + 1).is_some_and(text)
            }
            Some(Kind::Cue(Cue::Both)) => self.mode == Mode::Filter,
            Some(Kind::Value(values)) => {
                values.iter().any(|(column, _, _)| mention.rivals.iter().any(|(rival, _)| rival == column))
            }
            Some(Kind::Number(_) | Kind::Date(_) | Kind::Quoted(_)) => {
                self.mode == Mode::Filter || (!self.draft.picks.is_empty() && skip == 1)
            }
            _ => false,
        }
    }

    fn compared_value(&self, skip: usize) -> bool {
        let counted =
            matches!(self.peek(skip), Some(Kind::Number(_))) && matches!(self.peek(skip + 1), Some(Kind::Table(_)));
        !counted && (!self.draft.picks.is_empty() || self.count)
    }

    fn head_column(&mut self, mention: Mention) {
        let distinct = std::mem::take(&mut self.distinct);
        if self.sentence > 0 || self.their {
            let entity = |pick: &Pick| matches!(pick.noun, Noun::Table(_)) && pick.aggregate.is_none();
            self.draft.picks.retain(|pick| !entity(pick) || self.their);
        }
        if std::mem::take(&mut self.count) && self.aggregates.is_empty() {
            let amount = mention.rivals.first().is_some_and(|(column, score)| *score > 0.7 && self.is_amount(*column))
                && !distinct;
            // "the name and the number of floors": of each row.
            let beside = amount
                && self.draft.picks.iter().any(|pick| pick.aggregate.is_none() && matches!(pick.noun, Noun::Column(_)));
            let aggregate = if amount { Aggregate::Sum } else { Aggregate::Count };
            let aggregate = Some(aggregate).filter(|_| !beside);
            self.draft.picks.push(Pick { aggregate, distinct, noun: Noun::Column(mention) });
            return;
        }
        if self.of && !self.draft.picks.is_empty() && !self.and && self.aggregates.is_empty() {
            self.draft.loose += 0.5;
        }
        if self.and
            && self.aggregates.is_empty()
            && let Some(Pick { aggregate: Some(before), noun: Noun::Column(_), .. }) = self.draft.picks.last()
            && *before != Aggregate::Count
            && mention
                .rivals
                .first()
                .is_some_and(|(column, _)| self.catalog.is_numeric(*column) && !self.catalog.is_key(*column))
        {
            self.aggregates.push(*before);
        }
        if self.aggregates.is_empty() {
            self.draft.distinct |= distinct;
            self.draft.picks.push(Pick::plain(Noun::Column(mention)));
            return;
        }
        for aggregate in std::mem::take(&mut self.aggregates) {
            self.draft.picks.push(Pick { aggregate: Some(aggregate), distinct, noun: Noun::Column(mention.clone()) });
        }
    }

    /// "the number of seats", where a column holds that number, is not counted.
    fn take_count(&mut self, mention: &Mention) -> Option<Aggregate> {
        let kept = mention.rivals.first().is_some_and(|(column, score)| *score > 0.7 && self.is_amount(*column));
        (std::mem::take(&mut self.count) && !kept).then_some(Aggregate::Count)
    }

    /// Numbers that add up: no keys, no references, no years.
    fn is_amount(&self, column: crate::grounding::ColumnId) -> bool {
        let years = |word: &String| {
            matches!(word.as_str(), "year" | "age" | "id" | "code" | "rank" | "number" | "grade" | "room")
        };
        self.catalog.is_numeric(column)
            && !self.catalog.is_key(column)
            && !self.catalog.joins().is_reference(column)
            && !self.catalog.names().column(column).words.iter().any(years)
    }

    fn filter_column(&mut self, mention: Mention) {
        if let Some(operator) = self.compare {
            let subject = Pick::plain(Noun::Column(mention.clone()));
            if let Some(aggregate) = self.aggregates.pop() {
                self.count = false;
                let subject = self.subject.take().unwrap_or(subject);
                self.push_test(Some(subject), Check::Compare(operator, Given::Aggregate(aggregate)));
            } else if let Some(left) = self.subject.take() {
                self.push_test(Some(left), Check::Compare(operator, Given::Column(mention)));
            } else {
                self.subject = Some(subject);
            }
            return;
        }
        let aggregate = self.aggregates.pop().or(self.take_count(&mention));
        if self.and && self.subject.is_none() && self.draft.tests.is_empty() && self.draft.absences.is_empty() {
            self.draft.loose += 0.1;
        }
        if let Some(old) = self.subject.replace(Pick { aggregate, distinct: false, noun: Noun::Column(mention) }) {
            self.draft.loose += 0.3;
            self.last_subject = Some(old);
        }
    }

    pub(super) fn push_order(&mut self, pick: Pick) {
        let descending = self.direction.unwrap_or(false);
        self.draft.orders.push((pick, descending));
    }
}
