//! What each column and each table does in a query.

use smallvec::SmallVec;

use crate::engine::offline::ir::{Aggregate, Condition, Figure, Item, Operand, Operator, Query, SetOperator, Term};
use crate::grounding::ColumnId;

/// Parts a column or a table can have in a query, one bit each.
pub mod part {
    pub const SHOWN: u32 = 1;
    pub const COUNTED: u32 = 1 << 1;
    pub const COUNTED_DISTINCT: u32 = 1 << 2;
    pub const SUMMED: u32 = 1 << 3;
    pub const AVERAGED: u32 = 1 << 4;
    pub const LEAST: u32 = 1 << 5;
    pub const MOST: u32 = 1 << 6;
    pub const EQUAL: u32 = 1 << 7;
    pub const DIFFERENT: u32 = 1 << 8;
    pub const MORE: u32 = 1 << 9;
    pub const LESS: u32 = 1 << 10;
    pub const BETWEEN: u32 = 1 << 11;
    pub const LIKE: u32 = 1 << 12;
    pub const NULL: u32 = 1 << 13;
    pub const MEASURED: u32 = 1 << 14;
    pub const GROUPED: u32 = 1 << 15;
    pub const OF_GROUP: u32 = 1 << 16;
    pub const UP: u32 = 1 << 17;
    pub const DOWN: u32 = 1 << 18;
    pub const AGGREGATED_ORDER: u32 = 1 << 19;
    pub const AMONG: u32 = 1 << 20;
    pub const ABSENT: u32 = 1 << 21;
    pub const INNER: u32 = 1 << 22;
    pub const OTHER_HALF: u32 = 1 << 23;
    pub const EITHER: u32 = 1 << 24;
    pub const MAIN: u32 = 1 << 25;
    pub const BARE: u32 = 1 << 26;
    pub const WHOLE: u32 = 1 << 27;
    pub const COMPUTED: u32 = 1 << 28;
}

/// The parts that columns and tables have.
#[derive(Default)]
pub struct Roles {
    columns: Parts<ColumnId>,
    tables: Parts<usize>,
}

/// Things in their order, each with its parts: so few that they are found by looking at all.
type Parts<T> = SmallVec<[(T, u32); 6]>;

fn parts_of<T: PartialEq>(parts: &Parts<T>, thing: &T) -> u32 {
    parts.iter().find(|(known, _)| known == thing).map_or(0, |(_, parts)| *parts)
}

fn give<T: Ord>(parts: &mut Parts<T>, thing: T, more: u32) {
    match parts.binary_search_by(|(known, _)| known.cmp(&thing)) {
        Ok(place) => parts[place].1 |= more,
        Err(place) => parts.insert(place, (thing, more)),
    }
}

impl Roles {
    pub fn of(query: &Query) -> Self {
        let mut roles = Self::default();
        roles.take(query, 0);
        if let Some(main) = query.relations().first() {
            roles.table_is(*main, part::MAIN);
        }
        roles
    }

    /// The parts of a column; 0 where it has none.
    pub fn column(&self, id: ColumnId) -> u32 {
        parts_of(&self.columns, &id)
    }

    /// The parts of a table; 0 where it has none.
    pub fn table(&self, table: usize) -> u32 {
        parts_of(&self.tables, &table)
    }

    /// Every column that has a part.
    pub fn columns(&self) -> impl Iterator<Item = (ColumnId, u32)> {
        self.columns.iter().copied()
    }

    /// Every table that has a part.
    pub fn tables(&self) -> impl Iterator<Item = (usize, u32)> {
        self.tables.iter().copied()
    }

    fn is(&mut self, id: ColumnId, parts: u32) {
        give(&mut self.columns, id, parts);
        // Where a table's columns have parts, the table has them, too.
        self.table_is(id.table, parts);
    }

    fn table_is(&mut self, table: usize, parts: u32) {
        give(&mut self.tables, table, parts);
    }

    fn take(&mut self, query: &Query, around: u32) {
        for table in &query.tables {
            self.table_is(*table, part::BARE | around);
        }
        for item in &query.select {
            self.item(item, around, part::SHOWN);
        }
        for condition in &query.filter {
            self.condition(condition, around);
        }
        for condition in &query.having {
            self.condition(condition, around | part::OF_GROUP);
        }
        for term in &query.group {
            self.term(term, part::GROUPED | around);
        }
        for order in &query.order {
            let way = if order.descending { part::DOWN } else { part::UP };
            let aggregated = if order.item.aggregate.is_some() { part::AGGREGATED_ORDER } else { 0 };
            self.item(&order.item, around | way | aggregated, 0);
        }
        if let Some((operator, other)) = &query.set {
            let not = if *operator == SetOperator::Except { part::ABSENT } else { 0 };
            self.take(other, around | part::OTHER_HALF | not);
        }
    }

    fn item(&mut self, item: &Item, around: u32, plain: u32) {
        let kind = match item.aggregate {
            None => plain,
            Some(Aggregate::Count) if item.distinct => part::COUNTED_DISTINCT,
            Some(Aggregate::Count) => part::COUNTED,
            Some(Aggregate::Sum) => part::SUMMED,
            Some(Aggregate::Average) => part::AVERAGED,
            Some(Aggregate::Minimum) => part::LEAST,
            Some(Aggregate::Maximum) => part::MOST,
        };
        self.term(&item.term, kind | around);
    }

    fn term(&mut self, term: &Term, parts: u32) {
        if let Term::Every(table) = term {
            self.table_is(*table, parts | part::WHOLE);
        }
        if let Term::Formula(formula) = term {
            for figure in [&formula.left, &formula.right] {
                match figure {
                    Figure::Item(item) => self.item(item, parts | part::COMPUTED, 0),
                    Figure::Query(query) => self.take(query, parts | part::COMPUTED),
                }
            }
            return;
        }
        for id in term.columns() {
            self.is(id, parts);
        }
    }

    fn condition(&mut self, condition: &Condition, around: u32) {
        match condition {
            Condition::Compare { left, operator, right } => {
                let test = match operator {
                    Operator::Equal => part::EQUAL,
                    Operator::Different => part::DIFFERENT,
                    Operator::More | Operator::AtLeast => part::MORE,
                    Operator::Less | Operator::AtMost => part::LESS,
                };
                self.item(left, around | test, 0);
                match right {
                    Operand::Query(query) => {
                        self.item(left, around | part::MEASURED, 0);
                        self.take(query, around | part::INNER);
                    }
                    Operand::Term(term) => self.term(term, around | test),
                    _ => {}
                }
            }
            Condition::Between { left, .. } => self.item(left, around | part::BETWEEN, 0),
            Condition::Like { term, .. } => self.term(term, around | part::LIKE),
            Condition::In { term, negated, .. } => {
                self.term(term, around | if *negated { part::DIFFERENT } else { part::EQUAL });
            }
            Condition::Null { term, .. } => self.term(term, around | part::NULL),
            Condition::Among { column, query, negated } => {
                let kind = if *negated { part::ABSENT } else { part::AMONG };
                self.is(*column, around | kind);
                self.take(query, around | kind | part::INNER);
            }
            Condition::Peak { column, per, high } => {
                let end = if *high { part::MOST } else { part::LEAST };
                self.is(*column, around | part::MEASURED | end);
                self.is(*per, around | part::INNER | part::GROUPED);
            }
            Condition::Any(parts) => parts.iter().for_each(|one| self.condition(one, around | part::EITHER)),
            Condition::All(parts) => parts.iter().for_each(|one| self.condition(one, around)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Roles, part};
    use crate::engine::offline::ir::{Aggregate, Condition, Item, Operand, Operator, Order, Query, Term};
    use crate::grounding::ColumnId;

    #[test]
    fn each_column_has_the_parts_of_its_clauses() {
        let id = |table, column| ColumnId { table, column };
        let query = Query {
            select: vec![Item::column(id(0, 0)), Item::of(Aggregate::Average, Term::Column(id(1, 2)))],
            tables: vec![0],
            filter: vec![Condition::Compare {
                left: Item::column(id(0, 1)),
                operator: Operator::AtLeast,
                right: Operand::Number(3.0),
            }],
            group: vec![Term::Column(id(0, 0))],
            order: vec![Order { item: Item::count(), descending: true }],
            ..Query::default()
        };
        let roles = Roles::of(&query);
        assert_eq!(roles.column(id(0, 0)), part::SHOWN | part::GROUPED);
        assert_eq!(roles.column(id(0, 1)), part::MORE);
        assert_eq!(roles.column(id(1, 2)), part::AVERAGED);
        assert_eq!(roles.column(id(1, 0)), 0);
        assert_eq!(roles.table(1), part::AVERAGED);
        assert_eq!(roles.table(0), part::SHOWN | part::GROUPED | part::MORE | part::BARE | part::MAIN);
    }
}
