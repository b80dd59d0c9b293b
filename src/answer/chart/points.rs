//! The values that a chart draws, and what it says of those that it leaves out.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::column::{Column, NULL, Role};
use super::rules::{Drawing, Shape};
use super::{Form, MOST_BARS, MOST_SERIES};
use crate::config::Locale;
use crate::database::Rows;
use crate::value::Value;

/// Whole numbers up to here are exact in JavaScript (ECMA-262, `Number.MAX_SAFE_INTEGER`).
const MOST_SAFE: u64 = (1 << 53) - 1;

/// Decimal digits that a double always keeps (IEEE 754, `DBL_DIG`).
const SAFE_DIGITS: usize = 15;

/// What is drawn.
pub(super) struct Points {
    /// Objects with `x`, `y`, `series`, and `exact` where a number has more digits than a renderer keeps.
    pub(super) values: Vec<Json>,
    /// What a reader should know, for the subtitle.
    pub(super) notes: Vec<String>,
    /// Whether some have `exact`.
    pub(super) exact: bool,
    /// Whether several bars stand in one place.
    pub(super) stacked: bool,
    /// Marks along the axis.
    pub(super) places: usize,
    /// Characters of the longest label along the axis.
    pub(super) longest: usize,
}

/// How the column along the axis is drawn: on a scale of its own, or as labels side by side.
pub(super) fn continuous(shape: &Shape, drawing: &Drawing) -> bool {
    let role = drawing.x.map(|x| shape.columns[x].role);
    match drawing.form {
        Form::Line | Form::Scatter => matches!(role, Some(Role::Time | Role::Part | Role::Measure)),
        _ => false,
    }
}

/// The points of a bar, line or scatter chart, in the order of the rows.
pub(super) fn points(rows: &Rows, shape: &Shape, drawing: &Drawing, total: usize) -> Points {
    let mut notes = Vec::new();
    if total > shape.rows {
        notes.push(format!("made from the first {} of {} rows", count(shape.rows), count(total)));
    }
    if rows.truncated {
        notes.push("more rows match than were read".to_owned());
    }
    let (Some(x), Some(y)) = (drawing.x, drawing.y) else {
        return Points { values: Vec::new(), notes, exact: false, stacked: false, places: 0, longest: 0 };
    };
    let mut kept: Vec<usize> = (0..shape.rows).collect();
    if continuous(shape, drawing) {
        leave_out(&mut kept, &shape.columns[x], |row| placed(&shape.columns[x], row), &mut notes);
    }
    let numbers = |row: usize| shape.columns[y].numbers[row].is_some();
    if drawing.form == Form::Scatter {
        leave_out(&mut kept, &shape.columns[y], numbers, &mut notes);
    } else {
        let without = kept.iter().filter(|row| !numbers(**row)).count();
        if without > 0 {
            notes.push(format!("no number for {} in {}", shape.columns[y].title, plural(without, "row")));
        }
    }
    if let Some(series) = drawing.series {
        let all = names(&kept, &shape.columns[series]).len();
        if all > MOST_SERIES {
            keep_largest(&mut kept, &shape.columns[series], &shape.columns[y]);
            notes.push(format!("the {MOST_SERIES} largest of {} groups", count(all)));
        }
    }
    let mut stacked = false;
    if matches!(drawing.form, Form::Bar | Form::GroupedBar) {
        keep_first(&mut kept, shape, drawing, &mut notes);
        let beside = drawing.series.filter(|_| drawing.form == Form::GroupedBar);
        let apart: Vec<usize> = [Some(x), beside].into_iter().flatten().collect();
        stacked = !shape.tells_apart(&apart);
        if stacked {
            notes.push("rows of the same name are stacked".to_owned());
        }
    }
    let places = names(&kept, &shape.columns[x]);
    let longest = places.keys().map(|label| label.chars().count()).max().unwrap_or_default();
    let places = places.len();
    let mut exact = false;
    let value = |row: &usize| {
        let cells = |column: usize| &rows.cells[row * rows.columns.len() + column];
        let mut point = Map::new();
        point.insert("x".into(), along(shape, drawing, x, cells(x), *row));
        point.insert("y".into(), number(cells(y), &shape.columns[y], *row));
        if let Some(series) = drawing.series {
            point.insert("series".into(), Json::from(label(&shape.columns[series], *row)));
        }
        if let Some(digits) = beyond_doubles(cells(y)) {
            exact = true;
            point.insert("exact".into(), Json::from(Locale::default().number(&digits)));
        }
        Json::Object(point)
    };
    let mut values: Vec<Json> = kept.iter().map(value).collect();
    if exact {
        // A tooltip takes its text from one field of all points.
        for point in &mut values {
            if point.get("exact").is_none() {
                point["exact"] = Json::from(Locale::default().number(&point["y"].to_string()));
            }
        }
    }
    Points { values, notes, exact, stacked, places, longest }
}

/// The label of a cell.
pub(super) fn label(column: &Column, row: usize) -> &str {
    column.labels[row].as_deref().unwrap_or(NULL)
}

/// A number for JSON: whole ones with all digits, none for NULL and for what is not finite.
pub(super) fn number(cell: &Value, column: &Column, row: usize) -> Json {
    match cell {
        Value::Int(number) => json!(number),
        Value::UInt(number) => json!(number),
        _ => column.numbers[row].map_or(Json::Null, |number| json!(number)),
    }
}

/// The digits of a number that a renderer would round.
fn beyond_doubles(cell: &Value) -> Option<String> {
    match cell {
        Value::Int(number) => (number.unsigned_abs() > MOST_SAFE).then(|| number.to_string()),
        Value::UInt(number) => (*number > MOST_SAFE).then(|| number.to_string()),
        Value::Decimal(digits) => {
            let significant = digits.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
            (significant > SAFE_DIGITS && cell.as_f64().is_some_and(f64::is_finite)).then(|| digits.to_string())
        }
        _ => None,
    }
}

fn along(shape: &Shape, drawing: &Drawing, x: usize, cell: &Value, row: usize) -> Json {
    let column = &shape.columns[x];
    if !continuous(shape, drawing) {
        return Json::from(label(column, row));
    }
    match column.times.get(row).copied().flatten() {
        // Without a zone, and never a date alone: a browser takes that one for UTC and shows the day before west of it
        // (ECMA-262, Date Time String Format).
        Some(time) => Json::from(time.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
        None if column.role == Role::Part => json!(super::column::whole(cell)),
        None => number(cell, column, row),
    }
}

fn placed(column: &Column, row: usize) -> bool {
    column.times.get(row).is_some_and(Option::is_some) || column.numbers[row].is_some()
}

fn leave_out(kept: &mut Vec<usize>, column: &Column, keep: impl Fn(usize) -> bool, notes: &mut Vec<String>) {
    let before = kept.len();
    kept.retain(|row| keep(*row));
    if kept.len() < before {
        let left = plural(before - kept.len(), "row");
        notes.push(format!("{left} without {} left out", column.title));
    }
}

/// The labels among these rows, with the place of the first of each.
fn names<'a>(kept: &[usize], column: &'a Column) -> HashMap<&'a str, usize> {
    let mut places = HashMap::new();
    for row in kept {
        let next = places.len();
        places.entry(label(column, *row)).or_insert(next);
    }
    places
}

fn keep_first(kept: &mut Vec<usize>, shape: &Shape, drawing: &Drawing, notes: &mut Vec<String>) {
    let Some(x) = drawing.x else { return };
    let places = names(kept, &shape.columns[x]);
    let within = match drawing.series {
        Some(series) if drawing.form == Form::GroupedBar => names(kept, &shape.columns[series]).len().max(1),
        _ => 1,
    };
    // Groups of bars are wider, and colours help to tell more of them apart.
    let most = if within == 1 { MOST_BARS } else { (2 * MOST_BARS / within).max(3) };
    if places.len() > most {
        kept.retain(|row| places.get(label(&shape.columns[x], *row)).is_some_and(|place| *place < most));
        notes.push(format!("the first {most} of {} bars", count(places.len())));
    }
}

fn keep_largest(kept: &mut Vec<usize>, series: &Column, measure: &Column) {
    let places = names(kept, series);
    let mut sizes: Vec<(&str, f64, usize)> = places.iter().map(|(name, place)| (*name, 0.0, *place)).collect();
    sizes.sort_by_key(|(.., place)| *place);
    for row in &*kept {
        if let (Some(place), Some(number)) = (places.get(label(series, *row)), measure.numbers[*row]) {
            sizes[*place].1 += number.abs();
        }
    }
    // Stable: of equal ones those that come first stay.
    sizes.sort_by(|one, other| other.1.total_cmp(&one.1));
    sizes.truncate(MOST_SERIES);
    kept.retain(|row| sizes.iter().any(|(name, ..)| *name == label(series, *row)));
}

pub(super) fn count(number: usize) -> String {
    Locale::default().number(&number.to_string())
}

pub(super) fn plural(number: usize, word: &str) -> String {
    format!("{} {word}{}", count(number), if number == 1 { "" } else { "s" })
}
