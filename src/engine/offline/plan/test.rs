//! Conditions: from tests over words to comparisons over columns.

use chrono::NaiveDate;

use crate::engine::offline::ir::{Aggregate, Condition, Item, Operand, Operator, Query, Term};
use crate::engine::offline::parse::draft::{Absence, Check, Given, Noun, Test};
use crate::grounding::ColumnId;
use crate::grounding::index::Shape;
use crate::grounding::words::fold;

use super::Planner;

/// Whether two conditions ask different things of one column.
pub(super) fn alike(left: &Condition, right: &Condition) -> bool {
    let column = |condition: &Condition| condition.terms().first().map(|term| (*term).clone());
    column(left).is_some() && column(left) == column(right)
}

impl Planner<'_> {
    pub(super) fn tests(&mut self, query: &mut Query) -> Option<()> {
        let tests = self.draft.tests.clone();
        let mut last: Option<ColumnId> = None;
        let shared = self.draft.shared.clone();
        let (mut first_shared, mut first_described) = (None, None);
        for (place, test) in tests.iter().enumerate() {
            if self.draft.described == Some(place) {
                first_described = Some(query.filter.len());
            }
            if shared.as_ref().is_some_and(|(_, first)| *first == place) {
                first_shared = Some(query.filter.len());
            }
            let aggregated = test.subject.as_ref().is_some_and(|subject| subject.aggregate.is_some());
            let (condition, column) = self.condition(test, last)?;
            last = column.or(last);
            let table = column.map(|column| column.table);
            if aggregated && test.or && !query.having.is_empty() {
                let before = query.having.pop()?;
                query.having.push(either(before, condition));
            } else if aggregated {
                query.having.push(condition);
            } else if test.negated && table.is_some_and(|table| self.fans_out(table)) {
                let absence =
                    Absence { tables: Vec::new(), tests: vec![Test { negated: false, or: false, ..test.clone() }] };
                let among = self.absent(&absence)?;
                query.filter.push(among);
            } else if test.or && !query.filter.is_empty() {
                let before = query.filter.pop()?;
                query.filter.push(either(before, condition));
            } else {
                self.and(query, condition);
            }
        }
        if let Some(first) = first_described.filter(|first| *first > 0) {
            let filter = query.filter.split_off(first);
            if let Some(Condition::Compare { right: Operand::Query(inner), .. }) = query.filter.last_mut() {
                inner.filter = filter;
            }
        }
        if let Some((noun, _)) = shared {
            self.share(query, &noun, first_shared?)?;
        }
        Some(())
    }

    /// Rows that have a column in common with those that the conditions from `first` on describe.
    fn share(&mut self, query: &mut Query, noun: &Noun, first: usize) -> Option<()> {
        let column = match noun {
            Noun::Table(table) => {
                self.catalog.joins().at(self.main).iter().find(|join| join.to.table == *table).map(|join| join.from)?
            }
            Noun::Column(mention) => self.resolve(mention)?,
            _ => return None,
        };
        let filter = query.filter.split_off(first);
        let inner =
            Query { select: vec![Item::column(column)], tables: vec![column.table], filter, ..Query::default() };
        query.filter.push(Condition::Among { column, query: Box::new(inner), negated: false });
        Some(())
    }

    /// Two different values of one column of the main table cannot both hold of a row: either is meant.
    fn and(&mut self, query: &mut Query, condition: Condition) {
        if let (Some(Condition::Compare { left, operator: Operator::Equal, right: Operand::Text(_) }), false) =
            (query.filter.last(), self.draft.both)
            && let Condition::Compare { left: new, operator: Operator::Equal, right: Operand::Text(_) } = &condition
            && left == new
        {
            let partner = left.term.tables().first().is_some_and(|table| self.fans_out(*table));
            let (label, key) = (self.label(self.main), self.key(self.main));
            let named = |id: &ColumnId| label.contains(id) || key == Some(*id);
            let attribute = query
                .select
                .iter()
                .all(|item| item.aggregate.is_none() && matches!(&item.term, Term::Column(id) if !named(id)));
            if partner || attribute {
                self.both = true;
                query.filter.push(condition);
                return;
            }
            let Some(before) = query.filter.pop() else { return };
            query.filter.push(either(before, condition));
            return;
        }
        query.filter.push(condition);
    }

    /// Whether rows of `table` can stand beside one row of the main table several times.
    pub(super) fn fans_out(&self, table: usize) -> bool {
        if table == self.main {
            return false;
        }
        self.catalog.joins().tree(&[self.main, table], &[]).is_some_and(|(joins, _)| {
            let mut at = self.main;
            joins.iter().any(|join| {
                let many = join.to.table == at;
                at = join.other(at);
                many
            })
        })
    }

    /// The condition, and the column it tests.
    fn condition(&mut self, test: &Test, last: Option<ColumnId>) -> Option<(Condition, Option<ColumnId>)> {
        if let Check::Stored(rivals) = &test.check {
            return self.stored(rivals, test.negated);
        }
        let (item, column) = self.subject(test, last)?;
        let operator = |operator: Operator| if test.negated { operator.negated() } else { operator };
        let term = item.term.clone();
        let condition = match &test.check {
            Check::Compare(compared, given) => self.compare(item, column, operator(*compared), given)?,
            Check::Between(low, high) => self.between(item, column, low, high)?,
            Check::Contains(text) => Condition::Like { term, pattern: format!("%{text}%"), negated: test.negated },
            Check::Starts(text) => Condition::Like { term, pattern: format!("{text}%"), negated: test.negated },
            Check::Ends(text) => Condition::Like { term, pattern: format!("%{text}"), negated: test.negated },
            Check::Null => Condition::Null { term, negated: test.negated },
            Check::Flag => {
                Condition::Compare { left: item, operator: Operator::Equal, right: Operand::Flag(!test.negated) }
            }
            Check::Stored(_) => return None,
        };
        Some((condition, Some(column)))
    }

    fn stored(&mut self, rivals: &[(ColumnId, String, f32)], negated: bool) -> Option<(Condition, Option<ColumnId>)> {
        let mut totals: Vec<(ColumnId, f32)> = Vec::new();
        for (column, _, score) in rivals {
            let label = self.label(column.table).contains(column);
            totals.push((*column, score + self.nearness(column.table) * 1.5 + if label { 0.08 } else { 0.0 }));
        }
        let (chosen, total) = self.choose(totals)?;
        let (column, text, _) = rivals.iter().find(|(column, ..)| *column == chosen)?;
        self.fit += (total - 1.3).clamp(-1.0, 0.0);
        let operator = if negated { Operator::Different } else { Operator::Equal };
        let left = Item::column(*column);
        Some((Condition::Compare { left, operator, right: Operand::Text(text.clone()) }, Some(*column)))
    }

    fn subject(&mut self, test: &Test, last: Option<ColumnId>) -> Option<(Item, ColumnId)> {
        let given = match &test.check {
            Check::Compare(_, given) | Check::Between(given, _) => Some(given),
            _ => None,
        };
        let Some(pick) = &test.subject else {
            let column = match given {
                Some(Given::Period { year, .. }) => self.time_column(year.is_some())?,
                Some(Given::Text(_)) | None => last.or_else(|| self.label(self.main).first().copied())?,
                Some(Given::Number(_)) => {
                    self.fit -= 0.3;
                    last.filter(|column| self.catalog.is_numeric(*column)).or_else(|| self.measure_of(self.main))?
                }
                Some(Given::Aggregate(_) | Given::Column(_) | Given::Row(_)) => {
                    self.fit -= 0.3;
                    self.measure_of(self.main)?
                }
            };
            return Some((Item::column(column), column));
        };
        let column = match &pick.noun {
            Noun::Column(mention) => self.resolve(mention)?,
            Noun::Measure { columns, against, owner } => self.adjective(columns, against, *owner)?.0,
            Noun::Table(table) => match given {
                Some(Given::Period { year, .. }) => self.time_of(*table, year.is_some())?,
                _ => *self.label(*table).first()?,
            },
            Noun::Rows | Noun::Formula(_) => return None,
        };
        Some((Item { aggregate: pick.aggregate, distinct: false, term: Term::Column(column) }, column))
    }

    fn compare(&mut self, left: Item, column: ColumnId, operator: Operator, given: &Given) -> Option<Condition> {
        if let Given::Text(text) = given
            && !self.catalog.values().values(column).is_empty()
            && self.catalog.values().stored(column, text).is_none()
        {
            self.fit -= 0.4;
            self.assumptions
                .push(format!("no such {} was seen among the stored values", self.catalog.column(column).name));
        }
        let right = match given {
            Given::Number(number) => Operand::Number(*number),
            Given::Text(text) => Operand::Text(self.catalog.values().stored(column, text).unwrap_or(text).to_owned()),
            Given::Period { from, to, year } => return Some(self.period(left, column, operator, (*from, *to, *year))),
            Given::Aggregate(aggregate) => {
                let average = Query {
                    select: vec![Item::of(*aggregate, Term::Column(column))],
                    tables: vec![column.table],
                    ..Query::default()
                };
                Operand::Query(Box::new(average))
            }
            Given::Row(rivals) => Operand::Query(Box::new(self.row(column, operator, rivals)?)),
            Given::Column(mention) => Operand::Term(Term::Column(self.resolve(mention)?)),
        };
        if matches!(right, Operand::Number(_)) && !self.catalog.is_numeric(column) && left.aggregate.is_none() {
            let digits = self.catalog.values().shape(column) == Shape::Digits;
            self.fit -= if digits { 0.05 } else { 0.5 };
        }
        Some(Condition::Compare { left, operator, right })
    }

    /// The value of `column` in the rows that a stored value names; of several, the end that all of them are met by.
    fn row(&mut self, column: ColumnId, operator: Operator, rivals: &[(ColumnId, String, f32)]) -> Option<Query> {
        let near = |id: ColumnId| if id.table == column.table { 1.0 } else { self.nearness(id.table) };
        let totals = rivals.iter().map(|(id, _, score)| (*id, score + near(*id))).collect();
        let (chosen, _) = self.choose(totals)?;
        let text = rivals.iter().find(|(id, ..)| *id == chosen).map(|(_, text, _)| text.clone())?;
        let aggregate = match operator {
            Operator::Less | Operator::AtMost => Aggregate::Minimum,
            _ => Aggregate::Maximum,
        };
        Some(Query {
            select: vec![Item::of(aggregate, Term::Column(column))],
            tables: vec![column.table],
            filter: vec![Condition::Compare {
                left: Item::column(chosen),
                operator: Operator::Equal,
                right: Operand::Text(text),
            }],
            ..Query::default()
        })
    }

    fn between(&mut self, left: Item, column: ColumnId, low: &Given, high: &Given) -> Option<Condition> {
        match (low, high) {
            (Given::Number(low), Given::Number(high)) => {
                Some(Condition::Between { left, low: Operand::Number(*low), high: Operand::Number(*high) })
            }
            (Given::Period { from, year: low, .. }, Given::Period { to, year: high, .. }) => {
                if let (Some(low), Some(high), false) = (low, high, self.catalog.is_temporal(column)) {
                    let (low, high) = (Operand::Number(f64::from(*low)), Operand::Number(f64::from(*high)));
                    return Some(Condition::Between { left, low, high });
                }
                Some(Self::days(&left, *from, *to))
            }
            _ => None,
        }
    }

    fn period(
        &self,
        left: Item,
        column: ColumnId,
        operator: Operator,
        given: (NaiveDate, NaiveDate, Option<i32>),
    ) -> Condition {
        let (from, to, year) = given;
        if !self.catalog.is_temporal(column) {
            if let Some(year) = year {
                let text = self.catalog.column(column).class == crate::schema::TypeClass::Text
                    && self.catalog.values().shape(column) == Shape::Text;
                if text && operator == Operator::Equal {
                    return Condition::Like { term: left.term, pattern: format!("%{year}%"), negated: false };
                }
                return Condition::Compare { left, operator, right: Operand::Number(f64::from(year)) };
            }
            let whole = self.catalog.values().stored(column, &fold(&from.to_string())).map(str::to_owned);
            return Condition::Compare {
                left,
                operator,
                right: Operand::Text(whole.unwrap_or_else(|| from.to_string())),
            };
        }
        let one = |operator, day| Condition::Compare { left: left.clone(), operator, right: Operand::Day(day) };
        match operator {
            Operator::Equal => Self::days(&left, from, to),
            Operator::Different => Condition::Any(vec![one(Operator::Less, from), one(Operator::AtLeast, to)]),
            Operator::Less => one(Operator::Less, from),
            Operator::AtMost => one(Operator::Less, to),
            Operator::More => one(Operator::AtLeast, to),
            Operator::AtLeast => one(Operator::AtLeast, from),
        }
    }

    fn days(left: &Item, from: NaiveDate, to: NaiveDate) -> Condition {
        Condition::All(vec![
            Condition::Compare { left: left.clone(), operator: Operator::AtLeast, right: Operand::Day(from) },
            Condition::Compare { left: left.clone(), operator: Operator::Less, right: Operand::Day(to) },
        ])
    }

    pub(super) fn absences(&mut self, query: &mut Query) -> Option<()> {
        for absence in &self.draft.absences.clone() {
            let condition = self.absent(absence)?;
            query.filter.push(condition);
        }
        Some(())
    }

    /// `main.key NOT IN (SELECT partner.key FROM partner … WHERE tests)`
    fn absent(&mut self, absence: &Absence) -> Option<Condition> {
        let mut inner = Query::default();
        let mut tables: Vec<usize> = absence.tables.iter().copied().filter(|table| *table != self.main).collect();
        for test in &absence.tests {
            let (condition, column) = self.condition(test, None)?;
            if let Some(column) = column
                && !tables.contains(&column.table)
                && column.table != self.main
            {
                tables.push(column.table);
            }
            if test.or && !inner.filter.is_empty() {
                let before = inner.filter.pop()?;
                inner.filter.push(either(before, condition));
            } else {
                inner.filter.push(condition);
            }
        }
        let mut all = vec![self.main];
        all.extend(&tables);
        let (joins, _) = self.catalog.joins().tree(&all, &[])?;
        let bridge = joins.iter().find(|join| join.from.table == self.main || join.to.table == self.main)?;
        let partner = bridge.side(bridge.other(self.main));
        inner.tables = vec![partner.table];
        inner.tables.extend(tables.into_iter().filter(|table| *table != partner.table));
        inner.select = vec![Item::column(partner)];
        if self.catalog.column(partner).nullable && !self.catalog.is_key(partner) {
            inner.filter.push(Condition::Null { term: Term::Column(partner), negated: true });
        }
        Some(Condition::Among { column: bridge.side(self.main), query: Box::new(inner), negated: true })
    }
}

fn either(left: Condition, right: Condition) -> Condition {
    match left {
        Condition::Any(mut parts) => {
            parts.push(right);
            Condition::Any(parts)
        }
        other => Condition::Any(vec![other, right]),
    }
}
