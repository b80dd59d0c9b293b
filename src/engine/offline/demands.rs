//! What a question asks outright, so that no reading may trade it for a better fit.
//!
//! The trees learned from a benchmark that has hardly any ratios, months or days, and that takes the number of a row
//! for its name: on these points rules decide.

use chrono::{Datelike, NaiveDate};

use crate::grounding::dates::Period;
use crate::grounding::words::Token;
use crate::grounding::{Catalog, ColumnId};

use super::ir::{Aggregate, Condition, Item, Operand, Query, Term};
use super::parse::cue::Cue;
use super::parse::draft::{Draft, Noun};
use super::parse::lattice::{Cut, Kind};
use super::plan::{SAID_OUTRIGHT, is_universal, stacked, totalled};

/// The first cuts, in which demands are looked for.
const CUTS: usize = 4;
/// What a reading is worth less that leaves out a demand.
const UNMET: f32 = 12.0;
/// What showing the number of a row costs where nobody asked for numbers: benchmarks take it for a name, people do not.
const NUMBERED: f32 = 2.0;
/// What a ranking of things costs that shows by what they are ranked and not which they are.
const NAMELESS: f32 = 2.0;
/// What figures of groups cost that stand there without their groups.
const HEADLESS: f32 = 2.0;
/// What a day costs that is taken for one of birth without a word of births.
const MISDATED: f32 = 4.0;

/// Words that ask for partners of every kind.
const ALL_PARTNERS: [&str; 4] = ["every", "common", "shared", "share"];

/// Places of the question that ask for something, and what.
#[derive(Debug, Default)]
pub struct Demands {
    figures: Vec<(usize, String)>,
    grains: Vec<usize>,
    periods: Vec<(usize, Period)>,
    all_partners: bool,
    /// An aggregate of figures that groups have.
    stacked: bool,
    /// The total of rows that have a column for it.
    totalled: bool,
}

impl Demands {
    #[must_use]
    pub fn of(cuts: &[Cut], tokens: &[Token], catalog: &Catalog) -> Self {
        let shared = tokens.iter().any(|token| ALL_PARTNERS.contains(&token.lower.as_str()));
        let all = |start: usize| {
            let said = |back: usize| start.checked_sub(back).map_or("", |place| tokens[place].lower.as_str());
            // "for every park" takes one after the other.
            matches!(said(1), "all" | "every" | "single") && !matches!(said(2), "for" | "of") && said(3) != "for"
        };
        let first = || cuts.iter().take(CUTS);
        let mut demands = Self {
            stacked: first().any(|cut| stacked(&cut.chunks, tokens).is_some()),
            totalled: first().any(|cut| totalled(&cut.chunks, tokens, catalog).is_some()),
            ..Self::default()
        };
        for chunk in first().flat_map(|cut| &cut.chunks) {
            let start = chunk.start;
            match &chunk.kind {
                Kind::Table(_) => demands.all_partners |= shared && all(start),
                Kind::Cue(Cue::Formula(_)) if demands.figures.iter().all(|(place, _)| *place != start) => {
                    demands.figures.push((start, tokens[start].lower.clone()));
                }
                Kind::Cue(Cue::Grain(_)) if !demands.grains.contains(&start) => demands.grains.push(start),
                Kind::Date(period) if demands.periods.iter().all(|(place, _)| *place != start) => {
                    demands.periods.push((start, *period));
                }
                _ => {}
            }
        }
        demands
    }

    /// The word for a ratio, a share or a difference that a reading does not compute.
    #[must_use]
    pub fn uncomputed(&self, cut: &Cut, query: &Query) -> Option<&str> {
        let open = self.figures.iter().find(|(place, _)| !names_a_thing(cut, *place));
        open.filter(|_| !query.computes()).map(|(_, word)| word.as_str())
    }

    /// What a reading is worth less for the demands it leaves out.
    #[must_use]
    pub fn cost(&self, cut: &Cut, query: &Query, catalog: &Catalog) -> f32 {
        let in_parts = query.group.iter().any(|term| matches!(term, Term::Part(..)));
        let unmet = [
            self.uncomputed(cut, query).is_some(),
            self.grains.iter().any(|place| !names_a_thing(cut, *place)) && !in_parts,
            self.leaves_days_out(cut, query),
            self.all_partners && !is_universal(query),
            self.stacked && query.of.is_none(),
            self.totalled && !query.select.iter().any(|item| is_a_sum(item, catalog)),
        ];
        let mut cost = if unmet.contains(&true) { UNMET } else { 0.0 };
        if shows_numbers(cut, query, catalog) {
            cost += NUMBERED;
        }
        if tests_births(cut, query, catalog) {
            cost += MISDATED;
        }
        cost
    }
}

impl Demands {
    /// Whether a period of the question bounds nothing in the query.
    fn leaves_days_out(&self, cut: &Cut, query: &Query) -> bool {
        let wanted: Vec<&Period> =
            self.periods.iter().filter(|(place, _)| !names_a_thing(cut, *place)).map(|(_, period)| period).collect();
        if wanted.is_empty() {
            return false;
        }
        let mut bounds = Bounds::default();
        bounds.take(query);
        // The end of one year is the start of the next: a period that is there whole speaks for no other.
        let whole = |period: &&&Period| bounds.days.iter().any(|days| days[..] == [period.from, period.to]);
        let taken: Vec<[NaiveDate; 2]> = wanted.iter().filter(whole).map(|period| [period.from, period.to]).collect();
        let free = || bounds.days.iter().filter(|days| !taken.iter().any(|pair| days[..] == pair[..])).flatten();
        let met = |period: &&Period| {
            let year = period.from.year();
            taken.contains(&[period.from, period.to])
                || free().any(|day| *day == period.from || *day == period.to)
                || bounds.numbers.iter().any(|number| (number - f64::from(year)).abs() < 0.5)
                || bounds.texts.iter().any(|text| text.contains(&year.to_string()))
        };
        !wanted.iter().all(met)
    }
}

/// What a query compares with; the days of one condition together.
#[derive(Default)]
struct Bounds {
    days: Vec<Vec<NaiveDate>>,
    numbers: Vec<f64>,
    texts: Vec<String>,
}

impl Bounds {
    fn take(&mut self, query: &Query) {
        for condition in query.filter.iter().chain(&query.having) {
            let mut days = Vec::new();
            self.condition(condition, &mut days);
            self.days.push(days);
        }
        for other in query.of.iter().chain(query.set.iter().map(|(_, other)| other)) {
            self.take(other);
        }
    }

    fn condition(&mut self, condition: &Condition, days: &mut Vec<NaiveDate>) {
        match condition {
            Condition::Compare { right, .. } => self.operand(right, days),
            Condition::Between { low, high, .. } => {
                self.operand(low, days);
                self.operand(high, days);
            }
            Condition::Like { pattern, .. } => self.texts.push(pattern.clone()),
            Condition::In { values, .. } => values.iter().for_each(|value| self.operand(value, days)),
            Condition::Among { query, .. } => self.take(query),
            Condition::All(parts) => parts.iter().for_each(|part| self.condition(part, days)),
            Condition::Any(parts) => {
                for part in parts {
                    let mut own = Vec::new();
                    self.condition(part, &mut own);
                    self.days.push(own);
                }
            }
            Condition::Null { .. } | Condition::Peak { .. } => {}
        }
    }

    fn operand(&mut self, operand: &Operand, days: &mut Vec<NaiveDate>) {
        match operand {
            Operand::Day(day) => days.push(*day),
            Operand::Number(number) => self.numbers.push(*number),
            Operand::Text(text) => self.texts.push(text.clone()),
            Operand::Query(query) => self.take(query),
            Operand::Flag(_) | Operand::Term(_) => {}
        }
    }
}

/// Whether a query gives figures of all rows together.
#[must_use]
pub fn is_one_figure(query: &Query) -> bool {
    query.group.is_empty() && !query.select.is_empty() && query.select.iter().all(Item::is_aggregate)
}

/// Whether an item adds up what can be added up.
fn is_a_sum(item: &Item, catalog: &Catalog) -> bool {
    item.aggregate == Some(Aggregate::Sum) && item.term.columns().iter().all(|id| catalog.is_numeric(*id))
}

/// What a query is worth less that ranks things and shows none of them: "top 3 products by price" asks for products.
#[must_use]
pub fn nameless(draft: &Draft, query: &Query, catalog: &Catalog) -> f32 {
    let things = draft.picks.iter().all(|pick| matches!(pick.noun, Noun::Table(_)) && pick.aggregate.is_none());
    let ranked = query.limit.is_some() && !query.order.is_empty() && query.group.is_empty() && !query.is_aggregate();
    if draft.picks.is_empty() || !things || !ranked {
        return 0.0;
    }
    let only_measures = query.select.iter().all(|item| query.order.iter().any(|order| order.item == *item));
    let is_label = |id: &ColumnId| catalog.names().label(id.table).contains(id);
    let names_one = query.select.iter().flat_map(|item| item.term.columns()).any(|id| is_label(&id));
    if only_measures && !names_one { NAMELESS } else { 0.0 }
}

/// What a query is worth less that shows figures of groups and no group: "revenue by store" asks for stores, too.
#[must_use]
pub fn headless(draft: &Draft, query: &Query) -> f32 {
    let shows_figures_alone = !query.select.is_empty() && query.select.iter().all(Item::is_aggregate);
    let is_headless =
        !draft.groups.is_empty() && !query.group.is_empty() && query.limit.is_none() && shows_figures_alone;
    if is_headless { HEADLESS } else { 0.0 }
}

/// Whether a cut takes the word at `place` for a table, a column or a value: it then has its part there.
fn names_a_thing(cut: &Cut, place: usize) -> bool {
    let chunk = cut.chunks.iter().find(|chunk| (chunk.start..chunk.end).contains(&place));
    chunk.is_some_and(|chunk| matches!(chunk.kind, Kind::Table(_) | Kind::Column(_) | Kind::Value(_) | Kind::Quoted(_)))
}

/// Whether the words call a column by its own name.
fn said(cut: &Cut, id: ColumnId, least: f32) -> bool {
    cut.chunks.iter().any(|chunk| {
        matches!(&chunk.kind, Kind::Column(rivals)
            if rivals.iter().any(|(rival, score)| *rival == id && *score >= least))
    })
}

/// Whether a key or a reference is shown that the words do not call by its own name.
fn shows_numbers(cut: &Cut, query: &Query, catalog: &Catalog) -> bool {
    let plain = query.select.iter().filter(|item| item.aggregate.is_none()).flat_map(|item| item.term.columns());
    plain.into_iter().any(|id| {
        let is_id = || catalog.names().column(id).words.last().is_some_and(|word| word == "id");
        (catalog.is_key(id) || catalog.joins().is_reference(id))
            && (catalog.is_numeric(id) || is_id())
            && !said(cut, id, SAID_OUTRIGHT)
    })
}

fn tests_births(cut: &Cut, query: &Query, catalog: &Catalog) -> bool {
    let tested = query.filter.iter().flat_map(Condition::terms).flat_map(Term::columns);
    tested.into_iter().any(|id| {
        catalog.is_temporal(id)
            && catalog.names().column(id).words.iter().any(|word| word == "birth")
            && !said(cut, id, 0.0)
    })
}
