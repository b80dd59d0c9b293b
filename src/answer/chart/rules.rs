//! The one table of which shape of a result becomes which chart.

use std::collections::HashSet;

use super::column::{Column, Role};
use super::{Form, MOST_BARS, MOST_SERIES};

/// Columns beside keys that a chart can still show the sense of.
const MOST_COLUMNS: usize = 4;

/// Columns that may stand beside the only number of a row.
const MOST_CAPTIONS: usize = 2;

/// Fewest rows in which an order is more than chance.
const FEWEST_IN_ORDER: usize = 3;

/// What a shape of a result becomes.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name in the reference.
    pub name: &'static str,
    pub form: Form,
    /// The condition, in words.
    pub law: &'static str,
    pub(super) draw: fn(&Shape) -> Option<Drawing>,
}

/// The columns of a result, read.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
}

/// A form and the columns in it, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) form: Form,
    pub(super) x: Option<usize>,
    pub(super) y: Option<usize>,
    pub(super) series: Option<usize>,
}

/// Every rule, in the order in which they are tried; the last one fits whatever is left.
pub const RULES: &[Rule] = &[
    Rule {
        name: "nothing",
        form: Form::Table,
        law: "no rows",
        draw: |shape| (shape.rows == 0).then_some(Drawing::TABLE),
    },
    Rule {
        name: "one number",
        form: Form::Number,
        law: "one row with one measure and at most two other columns, which become its caption; or a part of a date alone",
        draw: one_number,
    },
    Rule {
        name: "one row",
        form: Form::Table,
        law: "any other single row",
        draw: |shape| (shape.rows == 1).then_some(Drawing::TABLE),
    },
    Rule {
        name: "listing",
        form: Form::Table,
        law: "more than four columns beside keys; or each row has a key of its own and more than one column beside keys \
              and measures",
        draw: listing,
    },
    Rule {
        name: "ranked times",
        form: Form::Bar,
        law: "one row for each time, in the order of the measure and not of time",
        draw: ranked_times,
    },
    Rule {
        name: "trend",
        form: Form::Line,
        law: "one row for each time, and a measure, unless a category that is another for each row comes first",
        draw: trend,
    },
    Rule {
        name: "comparison",
        form: Form::Bar,
        law: "one row for each category, and a measure: of several the one that the rows are ordered by, else the first; \
              not where there are several, no order and more than 30 rows",
        draw: comparison,
    },
    Rule {
        name: "trends",
        form: Form::Line,
        law: "one row for each time and category (or for each month and year), and a measure; a line for each category",
        draw: trends,
    },
    Rule {
        name: "groups",
        form: Form::GroupedBar,
        law: "one row for each pair of two categories, one of which has at most 10 values, and a measure",
        draw: groups,
    },
    Rule {
        name: "numbers as groups",
        form: Form::Bar,
        law: "two measures, the first of which is another whole number in each of at most 30 rows, while the name of the \
              second has a word like count, sum or average",
        draw: numbered_groups,
    },
    Rule {
        name: "distribution",
        form: Form::Line,
        law: "the same in more than 30 rows, in the order of the first",
        draw: distribution,
    },
    Rule {
        name: "two measures",
        form: Form::Scatter,
        law: "at least two measures in at least three rows; a category of 2 to 10 values colours the dots",
        draw: cloud,
    },
    Rule {
        name: "dots over time",
        form: Form::Scatter,
        law: "times that repeat, and a measure, in at least three rows",
        draw: dots_over_time,
    },
    Rule {
        name: "keys",
        form: Form::Bar,
        law: "one row for each key, and a measure, in at most 30 rows or in the order of the measure",
        draw: keys,
    },
    Rule { name: "the rest", form: Form::Table, law: "everything else", draw: |_| Some(Drawing::TABLE) },
];

impl Drawing {
    pub(super) const TABLE: Self = Self { form: Form::Table, x: None, y: None, series: None };

    fn of(form: Form, x: usize, y: usize) -> Self {
        Self { form, x: Some(x), y: Some(y), series: None }
    }

    fn by(self, series: Option<usize>) -> Self {
        Self { series, ..self }
    }
}

impl Shape {
    /// The columns of these roles that tell rows apart: one with a single value says nothing in a chart.
    pub(super) fn of(&self, roles: &[Role]) -> Vec<usize> {
        let fits = |index: &usize| {
            let column = &self.columns[*index];
            roles.contains(&column.role)
                && !column.appended
                && (self.rows <= 1 || column.role == Role::Measure || column.distinct() > 1)
        };
        (0..self.columns.len()).filter(fits).collect()
    }

    /// The measure that the rows are ordered by, else the first.
    pub(super) fn measure(&self) -> Option<usize> {
        let measures = self.of(&[Role::Measure]);
        measures.iter().copied().find(|index| self.ordered_by(*index)).or_else(|| measures.first().copied())
    }

    fn ordered_by(&self, column: usize) -> bool {
        self.rows >= FEWEST_IN_ORDER && self.columns[column].sorted()
    }

    /// Whether no two rows agree in all of these columns.
    pub(super) fn tells_apart(&self, columns: &[usize]) -> bool {
        let mut seen = HashSet::with_capacity(self.rows);
        (0..self.rows).all(|row| {
            let labels: Vec<&Option<String>> =
                columns.iter().filter_map(|column| self.columns[*column].labels.get(row)).collect();
            seen.insert(labels)
        })
    }

    fn first_apart(&self, roles: &[Role]) -> Option<usize> {
        self.of(roles).into_iter().find(|index| self.tells_apart(&[*index]))
    }

    fn distinct(&self, column: usize) -> usize {
        self.columns[column].distinct()
    }
}

const TIMES: &[Role] = &[Role::Time, Role::Part];
const CATEGORIES: &[Role] = &[Role::Category];
const MEASURES: &[Role] = &[Role::Measure];
const KEYS: &[Role] = &[Role::Key];

fn one_number(shape: &Shape) -> Option<Drawing> {
    if shape.rows != 1 || shape.columns.len() > MOST_CAPTIONS + 1 {
        return None;
    }
    let y = match shape.of(MEASURES)[..] {
        [measure] => measure,
        [] if shape.columns.len() == 1 => shape.of(&[Role::Part]).first().copied()?,
        _ => return None,
    };
    Some(Drawing { form: Form::Number, x: None, y: Some(y), series: None })
}

fn listing(shape: &Shape) -> Option<Drawing> {
    let beside = |roles: &[Role]| {
        shape.columns.iter().filter(|column| !roles.contains(&column.role) && !column.appended).count()
    };
    let owned = || shape.first_apart(KEYS).is_some() && beside(&[Role::Key, Role::Measure]) > 1;
    (beside(KEYS) > MOST_COLUMNS || owned()).then_some(Drawing::TABLE)
}

fn ranked_times(shape: &Shape) -> Option<Drawing> {
    let (x, y) = (shape.first_apart(TIMES)?, shape.measure()?);
    (shape.ordered_by(y) && !shape.columns[x].sorted()).then_some(Drawing::of(Form::Bar, x, y))
}

fn trend(shape: &Shape) -> Option<Drawing> {
    let (x, y) = (shape.first_apart(TIMES)?, shape.measure()?);
    let named_first = shape.first_apart(CATEGORIES).is_some_and(|category| category < x);
    (!named_first).then_some(Drawing::of(Form::Line, x, y))
}

fn comparison(shape: &Shape) -> Option<Drawing> {
    let (x, y) = (shape.first_apart(CATEGORIES)?, shape.measure()?);
    let clear = shape.of(MEASURES).len() == 1 || shape.ordered_by(y) || shape.rows <= MOST_BARS;
    clear.then_some(Drawing::of(Form::Bar, x, y))
}

fn trends(shape: &Shape) -> Option<Drawing> {
    let (times, y) = (shape.of(TIMES), shape.measure()?);
    // The finest time runs along the axis: years are lines over months.
    let x = times.iter().copied().max_by_key(|index| {
        let column = &shape.columns[*index];
        (column.part.is_none(), column.part)
    })?;
    let mut others = shape.of(CATEGORIES);
    others.extend(times.into_iter().filter(|time| *time != x));
    // A line needs two points.
    let series = others
        .into_iter()
        .find(|series| shape.distinct(*series) * 2 <= shape.rows && shape.tells_apart(&[x, *series]))?;
    Some(Drawing::of(Form::Line, x, y).by(Some(series)))
}

fn groups(shape: &Shape) -> Option<Drawing> {
    let (categories, y) = (shape.of(CATEGORIES), shape.measure()?);
    let [first, second] = categories[..] else { return None };
    let (x, series) = if shape.distinct(second) > MOST_SERIES { (second, first) } else { (first, second) };
    let fits = shape.distinct(series) <= MOST_SERIES && shape.tells_apart(&[x, series]);
    fits.then_some(Drawing::of(Form::GroupedBar, x, y).by(Some(series)))
}

fn numbered_groups(shape: &Shape) -> Option<Drawing> {
    let (x, y) = counted(shape)?;
    (shape.rows <= MOST_BARS).then_some(Drawing::of(Form::Bar, x, y))
}

fn distribution(shape: &Shape) -> Option<Drawing> {
    let (x, y) = counted(shape)?;
    shape.ordered_by(x).then_some(Drawing::of(Form::Line, x, y))
}

/// A whole number that groups the rows, and what was computed of each group.
fn counted(shape: &Shape) -> Option<(usize, usize)> {
    let [x, y] = shape.of(MEASURES)[..] else { return None };
    let (group, measure) = (&shape.columns[x], &shape.columns[y]);
    let whole = group.numbers.iter().all(|number| number.is_some_and(|number| number.fract() == 0.0));
    let computed = measure.words.aggregate() && !group.words.aggregate();
    (whole && computed && shape.tells_apart(&[x])).then_some((x, y))
}

fn cloud(shape: &Shape) -> Option<Drawing> {
    let [x, y, ..] = shape.of(MEASURES)[..] else { return None };
    let colours =
        |category: &usize| (2..=MOST_SERIES).contains(&shape.distinct(*category)) && !shape.tells_apart(&[*category]);
    let series = shape.of(CATEGORIES).into_iter().find(colours);
    (shape.rows >= FEWEST_IN_ORDER).then_some(Drawing::of(Form::Scatter, x, y).by(series))
}

fn dots_over_time(shape: &Shape) -> Option<Drawing> {
    let (x, y) = (shape.of(&[Role::Time]).first().copied()?, shape.measure()?);
    (shape.rows >= FEWEST_IN_ORDER).then_some(Drawing::of(Form::Scatter, x, y))
}

fn keys(shape: &Shape) -> Option<Drawing> {
    let (x, y) = (shape.first_apart(KEYS)?, shape.measure()?);
    (shape.rows <= MOST_BARS || shape.ordered_by(y)).then_some(Drawing::of(Form::Bar, x, y))
}
