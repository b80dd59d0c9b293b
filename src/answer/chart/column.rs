//! What each column of a result can be in a chart.

use std::collections::HashSet;

use chrono::NaiveDateTime;

use super::moment::{Grain, Moments};
use super::words::{Part, Words};
use crate::answer::cell;
use crate::database::Rows;
use crate::value::Value;

/// Longest text, in characters, that is still a name and no prose.
const LONGEST_NAME: usize = 80;

/// Longest label of a column, in characters.
const LONGEST_LABEL: usize = 60;

/// What a cell without a value is called where its label is needed.
pub(super) const NULL: &str = "NULL";

/// What a column can be in a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    Other,
    /// A point in time.
    Time,
    /// A part of a date that stands alone, like a year or an hour.
    Part,
    /// What names a row: never a measure.
    Key,
    /// A quantity.
    Measure,
    /// A group, or what a row is called.
    Category,
}

/// How a column is found to be one of them.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in the reference.
    pub name: &'static str,
    pub role: Role,
    /// The condition, in words.
    pub law: &'static str,
    fits: fn(&Words, &[&Value]) -> bool,
}

/// Every kind of column, in the order in which they are tried; the last one fits whatever is left.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "nothing to draw",
        role: Role::Other,
        law: "no value at all, or a value that is bytes, JSON, a list or a duration, or a text of more than 80 characters",
        fits: |_, cells| present(cells).next().is_none() || present(cells).any(undrawable),
    },
    Kind {
        name: "time",
        role: Role::Time,
        law: "dates and date-times, also as texts in ISO 8601; texts like `2024-03` and `2024-Q1` where the name has a \
              word like month, quarter, period or date",
        fits: |words, cells| Moments::read(words, cells).is_some(),
    },
    Kind {
        name: "part of a date",
        role: Role::Part,
        law: "whole numbers, or texts of digits, whose name ends in year, quarter, month, week, day, weekday, hour or \
              minute, and that such a part can have",
        fits: |words, cells| {
            words.part().is_some_and(|part| present(cells).all(|cell| whole(cell).is_some_and(|n| part.has(n))))
        },
    },
    Kind {
        name: "key",
        role: Role::Key,
        law: "numbers whose name ends in a word like id, key, code, number, rank, zip or latitude; texts whose name ends \
              in id or uuid; UUIDs",
        fits: |words, cells| {
            (words.key() && present(cells).all(numeric))
                || (words.text_key() && present(cells).all(|cell| cell.as_str().is_some()))
                || present(cells).all(|cell| matches!(cell, Value::Uuid(_)))
        },
    },
    Kind { name: "measure", role: Role::Measure, law: "other numbers", fits: |_, cells| present(cells).all(numeric) },
    Kind {
        name: "category",
        role: Role::Category,
        law: "whatever is left: texts, truth values, times of day, values of several types",
        fits: |_, _| true,
    },
];

/// A column, read once.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name, with `_1` behind where another column before it has the same.
    pub(super) name: String,
    /// The name as a title.
    pub(super) title: String,
    pub(super) words: Words,
    pub(super) role: Role,
    /// Whether its labels stand behind those of the column before, as a family name does behind a first name.
    pub(super) appended: bool,
    pub(super) part: Option<Part>,
    pub(super) grain: Option<Grain>,
    pub(super) zone: Option<String>,
    /// The cells as labels; `None` for NULL.
    pub(super) labels: Vec<Option<String>>,
    /// The cells as numbers, where they are.
    pub(super) numbers: Vec<Option<f64>>,
    /// The cells as times, where they are.
    pub(super) times: Vec<Option<NaiveDateTime>>,
}

impl Column {
    /// Every column of the first `read` rows.
    pub(super) fn all(rows: &Rows, read: usize) -> Vec<Self> {
        let names: Vec<&str> = rows.columns.iter().map(|column| column.name.as_str()).collect();
        let unique = unique(&names);
        let read = |(index, name): (usize, String)| {
            let cells: Vec<&Value> = rows.iter().take(read).map(|row| &row[index]).collect();
            Self::read(&rows.columns[index].name, name, index, &cells)
        };
        let mut columns: Vec<Self> = unique.into_iter().enumerate().map(read).collect();
        for second in 1..columns.len() {
            let (before, rest) = columns.split_at_mut(second);
            if let (Some(first), Some(last)) = (before.last_mut(), rest.first_mut()) {
                first.append(last);
            }
        }
        columns
    }

    /// A person is called by both names.
    fn append(&mut self, last: &mut Self) {
        let texts = self.role == Role::Category && last.role == Role::Category;
        if !texts || !self.words.begins_name(&last.words) {
            return;
        }
        last.appended = true;
        self.title = title(&self.words.whole_name(), 0);
        for (label, behind) in self.labels.iter_mut().zip(&last.labels) {
            match (label.as_mut(), behind) {
                (Some(label), Some(behind)) => *label = format!("{label} {behind}"),
                (None, Some(behind)) => *label = Some(behind.clone()),
                (_, None) => {}
            }
        }
    }

    fn read(given: &str, name: String, index: usize, cells: &[&Value]) -> Self {
        let words = Words::of(given);
        let kind = KINDS.iter().find(|kind| (kind.fits)(&words, cells));
        let role = kind.map_or(Role::Other, |kind| kind.role);
        let moments = if role == Role::Time { Moments::read(&words, cells) } else { None };
        let (grain, zone, times) =
            moments.map_or((None, None, Vec::new()), |read| (Some(read.grain), read.zone, read.times));
        let label = |index: usize, cell: &Value| match (role, cell) {
            (_, Value::Null) => None,
            (Role::Time, _) => times.get(index).copied().flatten().zip(grain).map(|(time, grain)| grain.label(time)),
            (Role::Part, _) => whole(cell).map(|number| number.to_string()),
            // What is not drawn needs no text, which may be long.
            (Role::Other, _) => Some(String::new()),
            _ => Some(cell::plain(cell)),
        };
        let labels = cells.iter().enumerate().map(|(index, cell)| label(index, cell)).collect();
        let numbers = cells.iter().map(|cell| number(cell, role)).collect();
        let part = words.part().filter(|_| role == Role::Part);
        Self {
            title: title(&name, index),
            name,
            words,
            role,
            appended: false,
            part,
            grain,
            zone,
            labels,
            numbers,
            times,
        }
    }

    /// How many labels it has, NULL among them.
    pub(super) fn distinct(&self) -> usize {
        self.labels.iter().collect::<HashSet<_>>().len()
    }

    /// Whether its values stand in an order, up or down; equal ones side by side are allowed, no value is not.
    pub(super) fn sorted(&self) -> bool {
        let in_order = |up: bool| {
            let pairs = || (0..self.labels.len()).zip(1..self.labels.len());
            pairs().all(|(one, next)| {
                let (one, next) = if up { (one, next) } else { (next, one) };
                match (self.times.get(one), self.times.get(next)) {
                    (Some(Some(one)), Some(Some(next))) => one <= next,
                    (None, None) => matches!((self.numbers[one], self.numbers[next]), (Some(a), Some(b)) if a <= b),
                    _ => false,
                }
            })
        };
        self.distinct() > 1 && (in_order(true) || in_order(false))
    }

    /// Whether it can be drawn as a height: numbers of any kind.
    pub(super) fn numeric(&self) -> bool {
        self.numbers.iter().any(Option::is_some)
    }
}

/// A column's name as a title: words that begin with a capital.
///
/// Renderers write titles into JavaScript expressions without quoting them (Vega-Lite 6.4: a tooltip's title), so what
/// ends a string there is replaced by what looks like it; the capital keeps a column `constructor` from being taken
/// for what every JavaScript object has.
pub(super) fn title(name: &str, index: usize) -> String {
    let spoken = cell::label(name).replace('"', "\u{201d}").replace('\\', "/");
    let separates = |letter: char| letter.is_whitespace() || letter.is_control();
    let words: Vec<&str> = spoken.split(separates).filter(|word| !word.is_empty()).collect();
    let joined = words.join(" ");
    let mut letters = joined.chars();
    let Some(first) = letters.next() else { return format!("Column {}", index + 1) };
    let whole: String = first.to_uppercase().chain(letters).collect();
    match whole.char_indices().nth(LONGEST_LABEL) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

/// The names with `_1`, `_2` behind those that came before, as the exports write them; one that is empty gets a number.
fn unique(names: &[&str]) -> Vec<String> {
    let mut made: Vec<String> = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let name = if name.is_empty() { format!("column {}", index + 1) } else { (*name).to_owned() };
        let mut candidate = name.clone();
        let mut number = 0;
        while made.contains(&candidate) || (number > 0 && names.contains(&candidate.as_str())) {
            number += 1;
            candidate = format!("{name}_{number}");
        }
        made.push(candidate);
    }
    made
}

fn present<'a>(cells: &'a [&'a Value]) -> impl Iterator<Item = &'a Value> {
    cells.iter().copied().filter(|cell| !matches!(cell, Value::Null))
}

fn undrawable(cell: &Value) -> bool {
    match cell {
        Value::Bytes(_) | Value::Json(_) | Value::Array(_) | Value::Tuple(_) | Value::Interval(_) => true,
        Value::Text(text) => text.chars().nth(LONGEST_NAME).is_some(),
        _ => false,
    }
}

fn numeric(cell: &Value) -> bool {
    matches!(cell, Value::Int(_) | Value::UInt(_) | Value::Float(_) | Value::Decimal(_))
}

/// The whole number in a cell, also as a double, a decimal or a text of at most four digits.
pub(super) fn whole(cell: &Value) -> Option<i64> {
    match cell {
        Value::Int(number) => Some(*number),
        Value::Text(digits) if digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok()
        }
        #[expect(clippy::cast_possible_truncation, reason = "asked for just before")]
        cell => cell.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e6).map(|number| number as i64),
    }
}

fn number(cell: &Value, role: Role) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a part of a date is small")]
    let part = || whole(cell).map(|number| number as f64);
    if role == Role::Part { part() } else { cell.as_f64().filter(|number| number.is_finite()) }
}
