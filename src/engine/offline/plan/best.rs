//! "Best", "top" and "worst" where the question names no measure.

use crate::engine::offline::ir::{Aggregate, Item, Query, Term};
use crate::engine::offline::parse::draft::{Noun, Pick};
use crate::grounding::ColumnId;
use crate::grounding::lexicon::MONEY_TAKEN;

use super::Planner;

/// What tables of people are called: a rating beside them is what they gave, not what they got.
const PEOPLE: &[&str] = &[
    "customer",
    "client",
    "buyer",
    "user",
    "employee",
    "salesperson",
    "member",
    "account",
    "person",
    "guest",
    "shopper",
];

impl Planner<'_> {
    /// The column of a found adjective; many ratings of one row are averaged.
    pub(super) fn graded(&self, query: &Query, column: ColumnId, said: Option<Aggregate>) -> Vec<Item> {
        let own = column.table == self.main || !self.draft.groups.is_empty() || query.is_aggregate();
        let several = !own && self.refers(column.table, self.main) && self.catalog.is_numeric(column);
        let aggregate = said.or(several.then_some(Aggregate::Average));
        vec![Item { aggregate, distinct: false, term: Term::Column(column) }]
    }

    /// What rows of the main table are compared by when nobody says: the money they stand for, or the
    /// ratings they got. None where that is open.
    pub(super) fn standing(&mut self, query: &mut Query) -> Option<Item> {
        let of_rows = |pick: &Pick| pick.noun == Noun::Table(self.main) && pick.aggregate.is_none();
        if !self.draft.picks.iter().any(of_rows) {
            return None;
        }
        let mut partners: Vec<(usize, Item, String)> = Vec::new();
        let tables: Vec<usize> = std::iter::once(self.main)
            .chain(self.catalog.joins().at(self.main).iter().map(|join| join.other(self.main)))
            .filter(|table| *table == self.main || self.refers(*table, self.main))
            .collect();
        for table in tables {
            if partners.iter().any(|(known, ..)| *known == table) {
                continue;
            }
            if let Some((item, words)) = self.worth(table) {
                partners.push((table, item, words));
            }
        }
        if let Some(own) = partners.iter().position(|(table, ..)| *table == self.main) {
            partners = vec![partners.swap_remove(own)];
        }
        let [(table, item, words)] = partners.as_slice() else { return None };
        if !query.tables.contains(table) {
            query.tables.push(*table);
        }
        if !query.select.contains(item) {
            query.select.push(item.clone());
        }
        self.assumptions.push(format!("the question names no measure, so rows are compared by {words}"));
        self.fit -= 0.1;
        Some(item.clone())
    }

    /// Whether rows of people, whom the question is about, gave these ratings to something else.
    pub(super) fn is_given(&self, column: ColumnId) -> bool {
        column.table != self.main && self.is_of_people() && self.refers(column.table, self.main)
    }

    fn is_of_people(&self) -> bool {
        self.catalog.names().table(self.main).words.iter().any(|word| PEOPLE.contains(&word.as_str()))
    }

    fn refers(&self, table: usize, main: usize) -> bool {
        self.catalog.joins().at(main).iter().any(|join| join.to.table == main && join.from.table == table)
    }

    /// How a table says what a row of the main one is worth.
    fn worth(&self, table: usize) -> Option<(Item, String)> {
        let own = table == self.main;
        let name = self.catalog.table(table).name.replace('_', " ");
        let aggregate = |aggregate| (!own).then_some(aggregate);
        let measure = |wanted: &[&str]| {
            wanted.iter().find_map(|word| {
                self.catalog.columns_of(table).find(|id| {
                    let amount = self.catalog.is_numeric(*id)
                        && !self.catalog.is_key(*id)
                        && !self.catalog.joins().is_reference(*id);
                    amount && self.catalog.names().column(*id).words.iter().any(|own| own == word)
                })
            })
        };
        let people = self.is_of_people();
        if let Some(column) = measure(&["rating", "score", "star"]).filter(|_| own || !people) {
            let words =
                format!("{}{} of {name}", if own { "the " } else { "the average " }, self.catalog.column(column).name);
            return Some((
                Item { aggregate: aggregate(Aggregate::Average), distinct: false, term: Term::Column(column) },
                words,
            ));
        }
        if let Some(term) = self.line_value(table).filter(|_| !own) {
            return Some((Item::of(Aggregate::Sum, term), format!("the value of their {name}")));
        }
        let money = measure(&MONEY_TAKEN[..4])?;
        let words = format!("the {}{} of {name}", if own { "" } else { "summed " }, self.catalog.column(money).name);
        Some((Item { aggregate: aggregate(Aggregate::Sum), distinct: false, term: Term::Column(money) }, words))
    }
}
