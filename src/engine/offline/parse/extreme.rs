//! Ends of an order: "the most orders", "the oldest", "the three largest", and what they are the ends of.

use crate::engine::offline::ir::{Aggregate, Operator};
use crate::engine::offline::plan::SAID_OUTRIGHT;
use crate::grounding::ColumnId;

use super::cue::{Adjective, Cue};
use super::draft::{Check, Given, Mention, Noun, Pick};
use super::lattice::Kind;
use super::reader::{Extreme, Mode, Reader};

impl Reader<'_> {
    fn extreme_limit(&mut self) {
        self.draft.limit.get_or_insert(1);
        self.top = false;
    }

    /// "the most orders": by how many rows of a table.
    pub(super) fn extreme_table(&mut self, extreme: Extreme, table: usize) {
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

    pub(super) fn extreme_column(&mut self, extreme: Extreme, mention: Mention) {
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
        if self.draft.offset > 0 && self.mode == Mode::Head && self.draft.picks.is_empty() && aggregate.is_none() {
            // "the second highest price": of the different prices, the one behind the first.
            if !matches!(self.peek(1), Some(Kind::Table(_))) || self.draft.main.is_none() {
                self.draft.picks.push(Pick::plain(noun.clone()));
                self.draft.distinct = true;
            }
        } else if asked {
            let aggregate = if extreme.up { Aggregate::Maximum } else { Aggregate::Minimum };
            self.draft.picks.push(Pick::of(aggregate, noun));
            return;
        }
        self.draft.orders.push((Pick { aggregate, distinct: false, noun }, extreme.up));
        self.extreme_limit();
    }

    pub(super) fn adjective(&mut self, word: &'static Adjective, superlative: bool, up: bool) {
        let owner = match self.peek(1) {
            Some(Kind::Table(rivals)) => Some(rivals[0].0),
            _ => None,
        };
        let noun = word.noun(owner);
        if superlative {
            if self.mode == Mode::Order {
                return;
            }
            if matches!(self.peek(1), Some(Kind::Column(rivals)) if self.measures(rivals) || self.numbers(rivals)) {
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

    /// "employees who earn more than …": the measure that a verb speaks of.
    pub(super) fn measure(&mut self, word: &'static Adjective) {
        if matches!(self.mode, Mode::Order) || self.subject.is_some() {
            return;
        }
        if self.mode == Mode::Head && !self.is_fresh() {
            self.filter();
        }
        self.subject = Some(Pick::plain(word.noun(None)));
    }

    /// "the three smallest ids": a number of rows that is asked for by its own name.
    fn numbers(&self, rivals: &[(ColumnId, f32)]) -> bool {
        rivals.first().is_some_and(|(column, score)| *score >= SAID_OUTRIGHT && self.catalog.is_numeric(*column))
    }

    /// Whether a column can be the measure of a superlative.
    fn measures(&self, rivals: &[(ColumnId, f32)]) -> bool {
        rivals.first().is_some_and(|(column, _)| {
            (self.catalog.is_numeric(*column) || self.catalog.is_temporal(*column))
                && !self.catalog.is_key(*column)
                && !self.catalog.joins().is_reference(*column)
        })
    }

    /// "the most" with nothing behind it.
    pub(super) fn late_extreme(&mut self, extreme: Extreme) {
        self.count = false;
        // "who earned the most"
        if let Some(subject) = self.subject.take_if(|subject| matches!(subject.noun, Noun::Measure { .. })) {
            self.draft.orders.push((subject, extreme.up));
            self.extreme_limit();
            return;
        }
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
