//! Tables and columns: what each one does in the clause it stands in.

use crate::engine::offline::ir::{Aggregate, Operator};

use crate::grounding::lexicon::REVENUE;

use super::cue::{Adjective, Cue};
use super::draft::{Absence, Check, Given, Mention, Noun, Pick};
use super::lattice::Kind;
use super::reader::{Extreme, Mode, Reader};

impl Reader<'_> {
    pub(super) fn table(&mut self, table: usize) {
        let noun = Noun::Table(table);
        if self.negated && self.mode == Mode::Filter && self.compare.is_none() {
            self.negated = false;
            self.absence = Some(Absence { tables: vec![table], tests: Vec::new() });
            return;
        }
        if let Some(absence) = &mut self.absence {
            absence.tables.push(table);
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

    fn head_table(&mut self, table: usize, count: bool, column_follows: bool) {
        if count || self.aggregates == [Aggregate::Sum] && !column_follows && !self.of {
            self.aggregates.clear();
            let distinct = std::mem::take(&mut self.distinct);
            self.draft.main.get_or_insert(table);
            self.draft.picks.push(Pick { aggregate: Some(Aggregate::Count), distinct, noun: Noun::Table(table) });
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
            let aggregate = aggregate.or(std::mem::take(&mut self.count).then_some(Aggregate::Count));
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
                let aggregate = self.aggregates.pop().or(std::mem::take(&mut self.count).then_some(Aggregate::Count));
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
                matches!(self.peek(skip + 1), Some(Kind::Quoted(_) | Kind::Value(_) | Kind::Word(_) | Kind::Number(_)))
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
            let aggregate = if amount { Aggregate::Sum } else { Aggregate::Count };
            self.draft.picks.push(Pick { aggregate: Some(aggregate), distinct, noun: Noun::Column(mention) });
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
        let aggregate = self.aggregates.pop().or(std::mem::take(&mut self.count).then_some(Aggregate::Count));
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

    fn extreme_limit(&mut self) {
        self.draft.limit.get_or_insert(1);
        self.top = false;
    }

    /// "the most orders": by how many rows of a table.
    fn extreme_table(&mut self, extreme: Extreme, table: usize) {
        let counted = Pick::of(Aggregate::Count, Noun::Table(table));
        if extreme.common && self.mode == Mode::Head && self.draft.picks.is_empty() {
            self.draft.main.get_or_insert(table);
            self.draft.picks.push(Pick::plain(Noun::Table(table)));
            let busy = self.busiest_partner(table).map_or(Noun::Rows, Noun::Table);
            if let Noun::Table(partner) = busy {
                self.draft.tables.push(partner);
            }
            self.draft.orders.push((Pick::of(Aggregate::Count, busy), extreme.up));
        } else {
            self.draft.orders.push((counted, extreme.up));
        }
        self.extreme_limit();
        self.aggregates.clear();
    }

    /// The table whose rows say how popular a row of `table` is: one that refers to it, sales before others.
    fn busiest_partner(&self, table: usize) -> Option<usize> {
        const DEEDS: [&str; 10] =
            ["order", "sale", "purchase", "booking", "visit", "vote", "play", "item", "rental", "enrollment"];
        let partners: Vec<usize> = self
            .catalog
            .joins()
            .at(table)
            .iter()
            .filter(|join| join.to.table == table)
            .map(|join| join.from.table)
            .collect();
        let deed = |partner: &usize| {
            self.catalog.names().table(*partner).words.iter().any(|word| DEEDS.contains(&word.as_str()))
        };
        partners.iter().copied().find(deed).or(partners.first().copied())
    }

    fn extreme_column(&mut self, extreme: Extreme, mention: Mention) {
        let aggregate = self.aggregates.pop();
        self.aggregates.clear();
        let counted = std::mem::take(&mut self.count) && aggregate.is_none();
        let noun = Noun::Column(mention);
        if extreme.common {
            if self.mode == Mode::Head && self.draft.picks.is_empty() {
                self.draft.picks.push(Pick::plain(noun.clone()));
            }
            self.draft.groups.push(noun);
            self.draft.orders.push((Pick::of(Aggregate::Count, Noun::Rows), extreme.up));
            self.extreme_limit();
            return;
        }
        if let Some(operator) = self.compare.filter(|_| self.mode == Mode::Filter) {
            let aggregate = if extreme.up { Aggregate::Maximum } else { Aggregate::Minimum };
            let subject = self.subject.take().unwrap_or_else(|| Pick::plain(noun));
            self.push_test(Some(subject), Check::Compare(operator, Given::Aggregate(aggregate)));
            return;
        }
        if counted {
            self.draft.orders.push((Pick::of(Aggregate::Count, noun), extreme.up));
            self.extreme_limit();
            return;
        }
        let asked = self.mode == Mode::Head
            && !self.top
            && aggregate.is_none()
            && self.draft.picks.iter().all(|pick| pick.aggregate.is_some())
            && self.draft.main.is_none()
            && !matches!(self.peek(1), Some(Kind::Table(_)));
        if asked {
            let aggregate = if extreme.up { Aggregate::Maximum } else { Aggregate::Minimum };
            self.draft.picks.push(Pick::of(aggregate, noun));
            return;
        }
        self.draft.orders.push((Pick { aggregate, distinct: false, noun }, extreme.up));
        self.extreme_limit();
    }

    pub(super) fn adjective(&mut self, word: &'static Adjective, superlative: bool, up: bool) {
        let noun = Noun::Measure { columns: word.columns, against: word.against };
        if superlative {
            if self.mode == Mode::Order {
                return;
            }
            if matches!(self.peek(1), Some(Kind::Column(rivals)) if self.measures(rivals)) {
                self.extreme = Some(Extreme { up, common: false });
                return;
            }
            let averaged = matches!(self.peek(1), Some(Kind::Cue(Cue::Aggregate(_))))
                && matches!(self.peek(2), Some(Kind::Column(rivals)) if self.measures(rivals));
            if averaged || matches!(self.peek(1), Some(Kind::Cue(Cue::HowMany))) {
                self.extreme = Some(Extreme { up, common: false });
                return;
            }
            self.draft.orders.push((Pick::plain(noun), up));
            self.extreme_limit();
            return;
        }
        if self.mode == Mode::Head && !self.is_fresh() {
            self.filter();
        }
        let operator = if up { Operator::More } else { Operator::Less };
        self.compare = Some(operator);
        if self.subject.is_none() {
            self.subject = Some(Pick::plain(noun));
        }
    }

    /// Whether a column can be the measure of a superlative.
    fn measures(&self, rivals: &[(crate::grounding::ColumnId, f32)]) -> bool {
        rivals.first().is_some_and(|(column, _)| {
            (self.catalog.is_numeric(*column) || self.catalog.is_temporal(*column))
                && !self.catalog.is_key(*column)
                && !self.catalog.joins().is_reference(*column)
        })
    }

    /// "the most" with nothing behind it.
    pub(super) fn late_extreme(&mut self, extreme: Extreme) {
        self.count = false;
        let table = self.draft.tables.last().copied().filter(|table| Some(*table) != self.draft.main);
        // "which employees sold the most": rows of a table are not counted by themselves but by what refers to them.
        let alone = matches!(self.draft.picks.as_slice(), [pick] if matches!(pick.noun, Noun::Table(_)) && pick.aggregate.is_none());
        let partner = self.draft.main.filter(|_| alone && table.is_none()).and_then(|main| self.busiest_partner(main));
        if let Some(partner) = partner {
            self.draft.tables.push(partner);
        }
        let noun = table.or(partner).map_or(Noun::Rows, Noun::Table);
        self.draft.orders.push((Pick::of(Aggregate::Count, noun), extreme.up));
        self.extreme_limit();
    }
}
