//! From a reading to a query: decides columns, main table, groups, and what negations mean.

mod best;
mod exclusive;
mod figure;
mod group;
mod listing;
mod other;
mod over;
mod path;
mod resolve;
mod test;
mod universal;

use crate::grounding::{Catalog, ColumnId};

use super::ir::{Aggregate, Figure, Formula, Item, Order, Query, SetOperator, Term};
use super::parse::cue;
use super::parse::draft::{Check, Draft, Noun, Pick};

pub use figure::figures;
pub use other::others;
pub use over::{overs, stacked, totalled};
pub use universal::is_universal;

/// A link at least this good says a key by its own name.
pub(super) const SAID_OUTRIGHT: f32 = 0.95;

/// A query with what was thought on the way.
#[derive(Clone, Debug)]
pub struct Planned {
    pub query: Query,
    /// How well the things chosen fit the words.
    pub fit: f32,
    pub assumptions: Vec<String>,
    /// How many mentions could also mean something else.
    pub open: usize,
    /// Whether rows are shown as they are, which leaves nothing to choose.
    pub listing: bool,
}

pub(super) struct Planner<'a> {
    pub catalog: &'a Catalog,
    pub draft: &'a Draft,
    pub main: usize,
    pub mentioned: Vec<usize>,
    pub fit: f32,
    pub assumptions: Vec<String>,
    pub both: bool,
    /// Mentions with close rivals so far, each by its first column.
    pub open: Vec<ColumnId>,
    /// Which of them takes its second choice.
    pub second: Option<usize>,
}

/// The query that a reading means, where it means one; the mention `second` of those that are open takes its second
/// choice.
#[must_use]
pub fn plan(draft: &Draft, catalog: &Catalog, second: Option<usize>) -> Option<Planned> {
    let mut planner = Planner {
        catalog,
        draft,
        main: 0,
        mentioned: draft.tables.clone(),
        fit: 0.0,
        assumptions: Vec::new(),
        both: draft.both,
        open: Vec::new(),
        second,
    };
    planner.main = planner.find_main()?;
    if !planner.mentioned.contains(&planner.main) {
        planner.mentioned.insert(0, planner.main);
    }
    let query = planner.build()?;
    let listing = planner.is_bare_listing();
    let Planner { fit, assumptions, open, .. } = planner;
    Some(Planned { query, fit, assumptions, open: open.len(), listing })
}

impl<'a> Planner<'a> {
    /// What a reader would take for the name of a row of `table`.
    pub(super) fn label(&self, table: usize) -> &'a [ColumnId] {
        self.catalog.names().label(table)
    }
}

impl Planner<'_> {
    /// The table the question is about.
    fn find_main(&self) -> Option<usize> {
        if let Some(main) = self.draft.main {
            return Some(main);
        }
        let picked = self.draft.picks.iter().chain(self.draft.orders.iter().map(|(pick, _)| pick));
        for pick in picked {
            if let Noun::Column(mention) = &pick.noun {
                if let Some(owner) = mention.owner {
                    return Some(owner);
                }
                let among = mention.rivals.iter().filter(|(column, _)| self.draft.tables.contains(&column.table));
                let best = among.max_by(|left, right| left.1.total_cmp(&right.1).then(right.0.cmp(&left.0)));
                if let Some((column, score)) = best
                    && *score + 0.25 >= mention.rivals[0].1
                {
                    return Some(column.table);
                }
                return Some(self.common_table().unwrap_or(mention.rivals[0].0.table));
            }
        }
        self.draft.tables.first().copied().or_else(|| self.common_table()).or_else(|| {
            self.draft.tests.iter().find_map(|test| match &test.check {
                Check::Stored(rivals) => rivals.first().map(|(column, _, _)| column.table),
                _ => None,
            })
        })
    }

    /// The table that most mentioned columns can come from, when no table was named.
    fn common_table(&self) -> Option<usize> {
        let mut weight = vec![0.0_f32; self.catalog.schema().tables.len()];
        let tested = self.draft.tests.iter().filter_map(|test| test.subject.as_ref());
        let picks = self.draft.picks.iter().chain(self.draft.orders.iter().map(|(pick, _)| pick)).chain(tested);
        for pick in picks {
            if let Noun::Column(mention) = &pick.noun {
                add_best(&mut weight, mention.rivals.iter().map(|(column, score)| (column.table, *score)));
            }
        }
        for test in &self.draft.tests {
            if let Check::Stored(rivals) = &test.check {
                add_best(&mut weight, rivals.iter().map(|(column, _, score)| (column.table, *score * 0.6)));
            }
        }
        for group in &self.draft.groups {
            if let Noun::Column(mention) = group {
                add_best(&mut weight, mention.rivals.iter().map(|(column, score)| (column.table, *score)));
            }
        }
        let best =
            weight.iter().enumerate().max_by(|left, right| left.1.total_cmp(right.1).then(right.0.cmp(&left.0)))?;
        (*best.1 > 0.0).then_some(best.0)
    }

    fn build(&mut self) -> Option<Query> {
        let mut query = Query {
            tables: self.mentioned.clone(),
            distinct: self.draft.distinct,
            limit: self.draft.limit,
            offset: self.draft.offset,
            ..Query::default()
        };
        query.tables.sort_by_key(|table| *table != self.main);
        self.select(&mut query)?;
        self.tests(&mut query)?;
        exclusive::relax(&mut query);
        self.absences(&mut query)?;
        self.groups(&mut query)?;
        self.orders(&mut query)?;
        self.finish_groups(&mut query);
        self.name_leaders(&mut query);
        self.unfan(&mut query);
        Self::settle(&mut query);
        query.via = path::said(&query, self.draft, self.catalog);
        if self.catalog.joins().tree(&query.relations(), &[]).is_none() {
            // Nothing joins them: one list after the other, where that is what the question may mean.
            return other::joined_lists(&query, self.draft);
        }
        Some(self.both(query))
    }

    fn select(&mut self, query: &mut Query) -> Option<()> {
        if self.draft.everything {
            query.select.push(Item::term(Term::Every(self.main)));
            return Some(());
        }
        if self.draft.grain.is_some() && self.draft.picks.iter().all(|pick| pick.noun == Noun::Table(self.main)) {
            // "orders per month": how many of them.
            query.select.push(self.count_of(self.main, false));
            return Some(());
        }
        if self.is_bare_listing() {
            query.select = self.readable_row();
            return Some(());
        }
        for pick in &self.draft.picks {
            for item in self.items(pick)? {
                let counted = |known: &Item| item == Item::count() && known.counted_key(self.catalog).is_some();
                if !query.select.contains(&item) && !query.select.iter().any(counted) {
                    query.select.push(item);
                }
            }
        }
        let only_entity =
            self.draft.picks.iter().all(|pick| matches!(pick.noun, Noun::Table(_)) && pick.aggregate.is_none());
        if query.select.is_empty() || (only_entity && query.select.is_empty()) {
            query.select.extend(self.shown(self.main));
            self.fit -= 0.4;
        }
        (!query.select.is_empty()).then_some(())
    }

    /// The items that a pick stands for.
    pub(super) fn items(&mut self, pick: &Pick) -> Option<Vec<Item>> {
        let item = |term| Item { aggregate: pick.aggregate, distinct: pick.distinct, term };
        Some(match &pick.noun {
            Noun::Rows => vec![Item::count()],
            Noun::Table(table) => match pick.aggregate {
                Some(Aggregate::Count) => vec![self.count_of(*table, pick.distinct)],
                Some(_) => vec![item(Term::Column(self.measure_of(*table)?))],
                None => self.shown(*table),
            },
            Noun::Column(mention) => {
                let column = self.resolve(mention)?;
                if matches!(pick.aggregate, Some(Aggregate::Sum | Aggregate::Average))
                    && !self.catalog.is_numeric(column)
                {
                    self.fit -= 0.6;
                }
                let said = mention.rivals.iter().find(|(rival, _)| *rival == column).map_or(1.0, |(_, score)| *score);
                if pick.aggregate.is_some_and(|aggregate| aggregate != Aggregate::Count)
                    && self.is_number_of_row(column, said)
                {
                    return None;
                }
                let label = self.label(column.table);
                if pick.aggregate.is_none() && label.len() == 2 && label.contains(&column) && said < 0.8 {
                    return Some(label.iter().copied().map(Item::column).collect());
                }
                vec![item(Term::Column(column))]
            }
            Noun::Formula(sides) => {
                let (left, operator, right) = sides.as_ref();
                let [left, right] = [self.items(left)?, self.items(right)?].map(|items| items.into_iter().next());
                let formula = Formula { left: Figure::Item(left?), operator: *operator, right: Figure::Item(right?) };
                vec![item(Term::Formula(Box::new(formula)))]
            }
            Noun::Measure { columns, against, owner } => {
                vec![item(Term::Column(self.adjective(columns, against, *owner)?.0))]
            }
        })
    }

    /// Whether a column only numbers rows, and was not asked for as such: its largest and its sum mean nothing.
    fn is_number_of_row(&self, column: ColumnId, said: f32) -> bool {
        let numbers = self.catalog.is_key(column) || self.catalog.joins().is_reference(column);
        numbers && self.catalog.is_numeric(column) && said < SAID_OUTRIGHT
    }

    /// Rows of a table are counted by its key, so that the writer can tell which rows are meant when a join
    /// repeats them.
    pub(super) fn count_of(&self, table: usize, distinct: bool) -> Item {
        match self.key(table) {
            Some(column) => Item { aggregate: Some(Aggregate::Count), distinct, term: Term::Column(column) },
            None => Item::count(),
        }
    }

    /// What is shown of a row when only its table was named. People's names repeat, so a unique
    /// column such as an address stands beside them.
    fn shown(&self, table: usize) -> Vec<Item> {
        let mut label = self.label(table).to_vec();
        if label.is_empty() {
            return vec![Item::term(Term::Every(table))];
        }
        if label.len() > 1 {
            let described = self.catalog.table(table);
            let unique = described.indexes.iter().filter(|index| index.unique).find_map(|index| {
                match index.columns.as_slice() {
                    [only] if !described.primary_key.contains(only) => Some(only),
                    _ => None,
                }
            });
            label.extend(
                unique
                    .and_then(|name| self.catalog.columns_of(table).find(|id| self.catalog.column(*id).name == *name)),
            );
        }
        label.into_iter().map(Item::column).collect()
    }

    pub(super) fn key(&self, table: usize) -> Option<ColumnId> {
        self.catalog.key(table)
    }

    fn orders(&mut self, query: &mut Query) -> Option<()> {
        for (pick, descending) in &self.draft.orders {
            let mut descending = *descending;
            let items = match &pick.noun {
                Noun::Measure { columns, against, owner } => match self.adjective(columns, against, *owner) {
                    Some((column, reversed)) if !(cue::is_quality(columns) && self.is_given(column)) => {
                        descending ^= reversed;
                        self.graded(query, column, pick.aggregate)
                    }
                    _ if cue::is_quality(columns) => vec![self.standing(query)?],
                    _ => return None,
                },
                Noun::Column(mention) if pick.aggregate.is_none() && query.limit.is_some() => {
                    let items = self.items(pick)?;
                    let said = mention.rivals.first().map_or(1.0, |(_, score)| *score);
                    if items
                        .iter()
                        .flat_map(|item| item.term.columns())
                        .any(|column| self.is_number_of_row(column, said))
                    {
                        return None;
                    }
                    items
                }
                Noun::Table(table) if pick.aggregate == Some(Aggregate::Count) => {
                    if !query.tables.contains(table) {
                        query.tables.push(*table);
                    }
                    vec![self.count_of(*table, false)]
                }
                _ => self.items(pick)?,
            };
            let several = self
                .draft
                .limit
                .map_or(items.iter().any(|item| item.aggregate == Some(Aggregate::Sum)), |limit| limit > 1);
            let entity =
                self.draft.picks.iter().all(|pick| matches!(pick.noun, Noun::Table(_)) && pick.aggregate.is_none());
            if several
                && entity
                && items.iter().all(|item| item.aggregate != Some(Aggregate::Count))
                && !self.draft.everything
                && !query.select.iter().any(|item| matches!(item.term, Term::Every(_)))
            {
                query
                    .select
                    .extend(items.iter().filter(|item| !query.select.contains(item)).cloned().collect::<Vec<_>>());
            }
            if items.iter().any(|item| matches!(item.term, Term::Every(_))) {
                self.fit -= 0.6;
                continue;
            }
            query.order.extend(items.into_iter().map(|item| Order { item, descending }));
        }
        Some(())
    }

    /// A sum over a table whose rows the join repeats counts them several times. Where the repeating
    /// side has a price and a quantity, their product is the same money without repetition.
    fn unfan(&mut self, query: &mut Query) {
        let relations = query.relations();
        let Some((joins, _)) = self.catalog.joins().tree(&relations, &[]) else { return };
        let repeated = |table: usize| joins.iter().find(|join| join.to.table == table).map(|join| join.from.table);
        let mut changed = false;
        let items = query.select.iter_mut().chain(query.order.iter_mut().map(|order| &mut order.item));
        for item in items {
            let (Some(Aggregate::Sum), Term::Column(column)) = (item.aggregate, &item.term) else { continue };
            let price = self.catalog.names().column(*column).words.iter().any(|word| word == "price");
            let Some(other) = repeated(column.table).or_else(|| price.then_some(column.table)) else { continue };
            if other == column.table && self.line_value(other).is_none() {
                continue;
            }
            match self.line_value(other) {
                Some(term) => {
                    item.term = term;
                    changed = true;
                }
                None => self.fit -= 0.3,
            }
        }
        if changed {
            self.assumptions.push("money is counted as price times quantity of each line".to_owned());
        }
    }

    /// Price times quantity in one table.
    fn line_value(&self, table: usize) -> Option<Term> {
        let find = |wanted: &[&str]| {
            self.catalog.columns_of(table).find(|id| {
                let words = &self.catalog.names().column(*id).words;
                self.catalog.is_numeric(*id) && words.iter().any(|word| wanted.contains(&word.as_str()))
            })
        };
        Some(Term::Product(find(&["quantity"])?, find(&["price"])?))
    }

    /// "both A and B": rows of the first that are rows of the second.
    fn both(&self, query: Query) -> Query {
        if query.filter.len() < 2 || !self.both {
            return query;
        }
        let last = query.filter.len() - 1;
        if !test::alike(&query.filter[last], &query.filter[last - 1]) {
            return query;
        }
        let mut other = query.clone();
        let mut first = query;
        first.filter.remove(last);
        other.filter.remove(last - 1);
        (first.order, first.limit) = (Vec::new(), None);
        (other.order, other.limit) = (Vec::new(), None);
        first.set = Some((SetOperator::Intersect, Box::new(other)));
        first
    }
}

fn add_best(weight: &mut [f32], rivals: impl Iterator<Item = (usize, f32)>) {
    let mut best = vec![0.0_f32; weight.len()];
    for (table, score) in rivals {
        best[table] = best[table].max(score);
    }
    for (total, score) in weight.iter_mut().zip(best) {
        *total += score;
    }
}
