//! Groups: said ("for each"), or implied by an aggregate beside a plain column, a count in a
//! condition, or an order by a count.

use crate::engine::offline::ir::{Condition, Item, Operand, Query, Term};
use crate::engine::offline::parse::draft::Noun;
use crate::grounding::ColumnId;

use super::Planner;

impl Planner<'_> {
    pub(super) fn groups(&mut self, query: &mut Query) -> Option<()> {
        let aggregated = query.is_aggregate()
            || !query.having.is_empty()
            || !self.draft.counted.is_empty()
            || self.draft.orders.iter().any(|(pick, _)| pick.aggregate.is_some());
        for noun in &self.draft.groups.clone() {
            if !aggregated {
                self.plain_group(query, noun)?;
                continue;
            }
            match noun {
                Noun::Table(table) => self.group_table(query, *table),
                Noun::Column(mention) => {
                    let column = self.resolve(mention)?;
                    Self::group_column(query, column);
                }
                _ => {}
            }
        }
        if let Some(grain) = self.draft.grain {
            let column = self.time_column(false)?;
            let term = Term::Part(column, grain);
            query.group.insert(0, term.clone());
            query.select.insert(0, Item::term(term.clone()));
            if self.draft.orders.is_empty() {
                query.order.push(crate::engine::offline::ir::Order { item: Item::term(term), descending: false });
            }
        }
        self.counted(query);
        Some(())
    }

    /// "the name of each train" groups nothing; "for each park, show its trails" shows the park as well.
    fn plain_group(&mut self, query: &mut Query, noun: &Noun) -> Option<()> {
        if let Noun::Table(table) = noun {
            let others = query.select.iter().any(|item| item.term.tables().iter().any(|shown| shown != table));
            let shown = query.select.iter().any(|item| item.term.tables().contains(table));
            if *table != self.main && others && !shown && self.fans_out(*table) {
                for (place, column) in self.label(*table).iter().enumerate() {
                    query.select.insert(place, Item::column(*column));
                }
            }
        }
        if let Noun::Column(mention) = noun {
            let column = self.resolve(mention)?;
            if self.draft.picks.is_empty() {
                query.select = vec![Item::column(column)];
            } else if self.chunk_is_wanted(query, column) {
                query.select.insert(0, Item::column(column));
            }
        }
        Some(())
    }

    fn chunk_is_wanted(&self, query: &Query, column: ColumnId) -> bool {
        !query.select.contains(&Item::column(column)) && !self.catalog.is_key(column)
    }

    fn group_table(&mut self, query: &mut Query, table: usize) {
        let mut label = self.label(table).to_vec();
        if label.is_empty() {
            label.extend(self.key(table));
        }
        match self.key(table) {
            Some(key) => query.group.push(Term::Column(key)),
            None => query.group.extend(label.iter().map(|column| Term::Column(*column))),
        }
        let shown = query.select.iter().any(|item| !item.is_aggregate() && item.term.tables().contains(&table));
        if !shown {
            for (place, column) in label.into_iter().enumerate() {
                query.select.insert(place, Item::column(column));
            }
        }
    }

    fn group_column(query: &mut Query, column: ColumnId) {
        query.group.push(Term::Column(column));
        let shown = query.select.iter().any(|item| !item.is_aggregate());
        let asked = query.select.iter().any(Item::is_aggregate);
        if !query.select.contains(&Item::column(column)) && (asked || !shown) {
            query.select.insert(0, Item::column(column));
        }
    }

    fn counted(&mut self, query: &mut Query) {
        for counted in &self.draft.counted {
            if let Some(table) = counted.table
                && !query.tables.contains(&table)
            {
                query.tables.push(table);
            }
            query.having.push(Condition::Compare {
                left: counted.table.map_or_else(Item::count, |table| self.count_of(table, false)),
                operator: counted.operator,
                right: Operand::Number(counted.number),
            });
        }
    }

    /// Groups that nobody said but an aggregate needs.
    pub(super) fn finish_groups(&mut self, query: &mut Query) {
        let ordered = query.order.iter().any(|order| order.item.aggregate.is_some());
        let plain: Vec<Term> =
            query.select.iter().filter(|item| !item.is_aggregate()).map(|item| item.term.clone()).collect();
        let needed = ordered || !query.having.is_empty() || (query.is_aggregate() && !plain.is_empty());
        if !query.group.is_empty() || !needed || (ordered && plain.is_empty()) {
            return;
        }
        let counted_main =
            self.draft.counted.iter().any(|counted| counted.table.is_none_or(|table| table == self.main));
        let one_table = plain.iter().flat_map(Term::tables).all(|table| table == self.main);
        let only_main = query.relations().iter().all(|table| *table == self.main);
        match self.key(self.main) {
            Some(key) if one_table && !only_main && !counted_main => query.group.push(Term::Column(key)),
            _ => query.group = plain.into_iter().filter(|term| !matches!(term, Term::Every(_))).collect(),
        }
        if query.group.is_empty() {
            // Whole rows are shown: each is a group of its own.
            query.group.extend(self.catalog.columns_of(self.main).next().map(Term::Column));
        }
    }

    /// Who leads has a name: rows without one ("who manages the most": nobody) are no group to win.
    pub(super) fn name_leaders(&self, query: &mut Query) {
        if query.limit.is_none() || !query.order.iter().any(|order| order.item.aggregate.is_some()) {
            return;
        }
        for term in &query.group {
            if let Term::Column(column) = term
                && self.catalog.column(*column).nullable
                && !self.catalog.is_key(*column)
            {
                query.filter.push(Condition::Null { term: term.clone(), negated: true });
            }
        }
    }

    /// Tables that only gave a key that the other side holds already are left out of the join.
    pub(super) fn settle(query: &mut Query) {
        if query.distinct && query.order.iter().any(|order| !query.select.contains(&order.item)) {
            // An order by what is not shown cannot follow a DISTINCT.
            query.distinct = false;
        }
        if query.is_aggregate() && query.select.iter().all(Item::is_aggregate) && query.group.is_empty() {
            query.order.clear();
            query.limit = None;
            query.distinct = false;
        }
    }
}
