//! Rows that no chart says more of: the first of them as text.

use serde_json::{Value as Json, json};

use super::column::{Column, NULL, Role};
use super::points::{count, plural};
use super::rules::Shape;
use super::specification::page;
use crate::answer::cell;
use crate::database::Rows;
use crate::value::Value;

/// Rows and columns of a table in a picture.
const MOST_ROWS: usize = 20;
const MOST_COLUMNS: usize = 8;

/// Characters of a cell that are shown.
const LONGEST: usize = 28;

/// Pixels that a character takes on average, those between two columns, and those of a line.
const CHARACTER: usize = 7;
const GAP: usize = 20;
const LINE: usize = 20;

/// The top left of the rows. Each text stands at its own pixels, since no scale of Vega's makes columns of their own widths.
pub(super) fn specification(rows: &Rows, shape: &Shape, total: usize, title: &str) -> Json {
    let columns = shape.columns.len().min(MOST_COLUMNS);
    let height = shape.rows.min(MOST_ROWS);
    let (mut values, mut heads, mut left) = (Vec::with_capacity(columns * height), Vec::with_capacity(columns), 0);
    for (index, column) in shape.columns.iter().take(columns).enumerate() {
        let texts: Vec<String> = rows.iter().take(height).map(|row| text(&row[index])).collect();
        let head = cut(&column.name);
        let widest = texts.iter().chain([&head]).map(|text| text.chars().count()).max().unwrap_or_default();
        let right = left + widest * CHARACTER;
        let at = if numbers(column) { right } else { left };
        heads.push(json!({ "at": at, "line": 0, "text": head, "number": numbers(column) }));
        let value = |(row, text): (usize, String)| json!({ "at": at, "line": row + 1, "text": text, "number": numbers(column), "column": column.name });
        values.extend(texts.into_iter().enumerate().map(value));
        left = right + GAP;
    }
    let mut notes = Vec::new();
    if total > height {
        notes.push(format!("the first {}", plural(height, "row")));
    }
    if shape.columns.len() > columns {
        notes.push(format!("the first {} of {} columns", count(columns), count(shape.columns.len())));
    }
    if rows.truncated {
        notes.push("more rows match than were read".to_owned());
    }
    let scale = |most: usize| json!({ "domain": [0, most], "nice": false, "zero": false });
    let mut lines = scale(height + 1);
    lines["reverse"] = true.into();
    let layer = |weight: &str, number: bool| {
        json!({
            "transform": [{ "filter": if number { "datum.number" } else { "!datum.number" } }],
            "mark": {
                "type": "text", "align": if number { "right" } else { "left" }, "baseline": "middle", "fontWeight": weight,
            },
        })
    };
    let mut layers = vec![layer("normal", false), layer("normal", true), layer("bold", false), layer("bold", true)];
    for head in &mut layers[2..] {
        head["data"] = json!({ "values": heads });
    }
    let rest = json!({
        "width": left.max(1),
        "height": (height + 1) * LINE,
        "encoding": {
            "x": { "field": "at", "type": "quantitative", "scale": scale(left.max(1)), "axis": null },
            "y": { "field": "line", "type": "quantitative", "scale": lines, "axis": null },
            "text": { "field": "text", "type": "nominal" },
        },
        "layer": layers,
    });
    page(title, &notes, &format!("A table of {}", plural(total, "row")), values, rest)
}

fn numbers(column: &Column) -> bool {
    column.numeric() && matches!(column.role, Role::Measure | Role::Key | Role::Part)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => NULL.to_owned(),
        value => cut(&cell::plain(value)),
    }
}

fn cut(text: &str) -> String {
    // A line break would leave the cell.
    let line = text.replace(|letter: char| letter.is_control(), " ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
