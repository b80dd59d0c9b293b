//! Charts as Vega-Lite (<https://vega.github.io/vega-lite/docs/spec.html>), in what its versions 5 and 6 share.
//!
//! Fields are called `x`, `y` and `series` whatever the columns are called: Vega takes a field's name for a path and
//! writes it into expressions, where quoting does not hold for every name.

use serde_json::{Map, Value as Json, json};

use super::Form;
use super::column::{Column, NULL, Role};
use super::moment::Grain;
use super::points::{self, Points};
use super::rules::{Drawing, Shape};
use crate::answer::cell;
use crate::config::Locale;
use crate::database::Rows;
use crate::value::Value;

const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v5.json";

/// Characters of a label that still fit under a bar.
const LONG_LABEL: usize = 12;

/// Bars that stand side by side with their labels level.
const MOST_UPRIGHT: usize = 8;

/// Points of a line that are marked besides.
const MOST_MARKED: usize = 40;

/// From here on there are fewer ticks than whole numbers anyway.
const MOST_STEPS: f64 = 8.0;

/// From here on an axis writes 10M instead of 10,000,000.
const LARGE: f64 = 1e7;

/// From here on it writes 2e+15: nobody counts in peta.
const HUGE: f64 = 1e15;

/// A specification with what all have in common.
pub(super) fn page(title: &str, notes: &[String], description: &str, values: Vec<Json>, rest: Json) -> Json {
    let mut heading = json!({ "text": title, "anchor": "start" });
    if !notes.is_empty() {
        heading["subtitle"] = notes.into();
        heading["subtitleColor"] = "#666".into();
    }
    let mut page = json!({
        "$schema": SCHEMA,
        "title": heading,
        "description": description,
        "data": {},
        "config": { "axis": { "labelLimit": 220 }, "legend": { "labelLimit": 220 }, "view": { "stroke": null } },
    });
    page["data"]["values"] = Json::Array(values);
    if let (Json::Object(page), Json::Object(rest)) = (&mut page, rest) {
        page.extend(rest);
    }
    page
}

/// One number, large, with the rest of its row below it.
pub(super) fn number(rows: &Rows, shape: &Shape, drawing: &Drawing, title: &str) -> Json {
    let Some(y) = drawing.y else { return Json::Null };
    let column = &shape.columns[y];
    let cells = |index: usize| &rows.cells[index];
    let text = match cells(y) {
        Value::Null => NULL.to_owned(),
        value => cell::write(&column.name, value, Locale::default()).to_string(),
    };
    let beside = |index: &usize| *index != y && !matches!(shape.columns[*index].role, Role::Other | Role::Key);
    let caption: Vec<&str> =
        (0..shape.columns.len()).filter(beside).map(|index| points::label(&shape.columns[index], 0)).collect();
    let values = vec![json!({ "y": points::number(cells(y), column, 0), "text": text, "caption": caption.join(", ") })];
    let mark = |field: &str, size: u32, dy: i32, colour: &str| {
        json!({
            "mark": { "type": "text", "fontSize": size, "dy": dy, "color": colour, "align": "left" },
            "encoding": { "text": { "field": field, "type": "nominal" } },
        })
    };
    let mut layer = vec![mark("text", 44, 0, "#1f2933")];
    if !caption.is_empty() {
        layer.push(mark("caption", 14, 40, "#666"));
    }
    let notes = if rows.truncated { vec!["more rows match than were read".to_owned()] } else { Vec::new() };
    let rest = json!({ "width": 320, "height": if caption.is_empty() { 60 } else { 110 }, "encoding": {
        "x": { "value": 0 }, "y": { "value": 30 },
    }, "layer": layer });
    page(title, &notes, &format!("A number: {title}"), values, rest)
}

/// Bars, lines or dots.
pub(super) fn marks(rows: &Rows, shape: &Shape, drawing: &Drawing, total: usize, title: &str) -> Json {
    let points = points::points(rows, shape, drawing, total);
    let (Some(x), Some(y)) = (drawing.x, drawing.y) else { return Json::Null };
    let (along, measure) = (&shape.columns[x], &shape.columns[y]);
    let lying = matches!(drawing.form, Form::Bar | Form::GroupedBar)
        && (points.places > MOST_UPRIGHT || points.longest > LONG_LABEL);
    let (along_channel, measure_channel) = if lying { ("y", "x") } else { ("x", "y") };
    let mut encoding = Map::new();
    encoding.insert(along_channel.into(), place(shape, drawing, along, lying));
    encoding.insert(measure_channel.into(), height(measure, drawing.form, points.stacked));
    let mut tips = vec![tip("x", along, shape, drawing), measured_tip(measure, &points)];
    if let Some(series) = drawing.series.map(|series| &shape.columns[series]) {
        let colour = json!({ "field": "series", "type": "nominal", "sort": null, "title": series.title });
        encoding.insert("color".into(), colour);
        if drawing.form == Form::GroupedBar {
            let offset = json!({ "field": "series", "type": "nominal", "sort": null });
            encoding.insert(if lying { "yOffset" } else { "xOffset" }.into(), offset);
        }
        tips.push(json!({ "field": "series", "type": "nominal", "title": series.title }));
    }
    encoding.insert("tooltip".into(), Json::Array(tips));
    let mut rest = json!({ "mark": mark(drawing.form, &points), "encoding": encoding });
    size(&mut rest, drawing, &points, lying);
    let kind = match drawing.form {
        Form::Line => "A line chart",
        Form::Scatter => "A scatter plot",
        _ => "A bar chart",
    };
    let description = format!("{kind}: {title}, {}", points::plural(points.values.len(), "point"));
    page(title, &points.notes, &description, points.values, rest)
}

fn mark(form: Form, points: &Points) -> Json {
    match form {
        Form::Line => json!({ "type": "line", "point": points.values.len() <= MOST_MARKED }),
        Form::Scatter => json!({ "type": "point", "filled": true, "opacity": 0.7, "size": 50 }),
        _ => json!({ "type": "bar" }),
    }
}

fn size(rest: &mut Json, drawing: &Drawing, points: &Points, lying: bool) {
    let grouped = drawing.form == Form::GroupedBar;
    let (width, height) = match drawing.form {
        Form::Line | Form::Scatter => (json!(520), json!(300)),
        _ if lying => {
            (json!(420), if grouped { json!({ "step": 12, "for": "offset" }) } else { json!({ "step": 22 }) })
        }
        _ if grouped => (json!({ "step": 24, "for": "offset" }), json!(300)),
        _ => (json!({ "step": if points.places <= 4 { 72 } else { 52 } }), json!(300)),
    };
    rest["width"] = width;
    rest["height"] = height;
}

/// The scale along which the marks stand.
fn place(shape: &Shape, drawing: &Drawing, column: &Column, lying: bool) -> Json {
    let title = match &column.zone {
        Some(zone) if column.grain == Some(Grain::Minute) => format!("{} ({zone})", column.title),
        _ => column.title.clone(),
    };
    if !points::continuous(shape, drawing) {
        // As the query sorted it, but a line runs from early to late.
        let sort = if drawing.form == Form::Line { json!("ascending") } else { Json::Null };
        let angle = if lying { json!({}) } else { json!({ "labelAngle": 0 }) };
        return json!({ "field": "x", "type": "nominal", "sort": sort, "title": title, "axis": angle });
    }
    match column.role {
        Role::Time => json!({ "field": "x", "type": "temporal", "title": title, "axis": calendar(column) }),
        Role::Part => {
            let numbers = || column.numbers.iter().flatten().copied();
            let mut axis = Map::from_iter([("format".to_owned(), "d".into())]);
            steps(&mut axis, numbers().fold(f64::MIN, f64::max) - numbers().fold(f64::MAX, f64::min));
            let scale = json!({ "zero": false, "nice": false });
            json!({ "field": "x", "type": "quantitative", "title": title, "scale": scale, "axis": axis })
        }
        _ => {
            json!({ "field": "x", "type": "quantitative", "title": title, "scale": { "zero": false }, "axis": axis(column) })
        }
    }
}

/// Ticks of a time axis: no finer than the values are.
fn calendar(column: &Column) -> Json {
    let few = column.distinct() <= 12;
    match column.grain {
        Some(Grain::Year) if few => json!({ "format": "%Y", "tickCount": "year" }),
        Some(Grain::Year) => json!({ "format": "%Y" }),
        Some(Grain::Quarter) => json!({ "format": "%Y Q%q", "tickCount": { "interval": "month", "step": 3 } }),
        Some(Grain::Month) if few => json!({ "format": "%b %Y", "tickCount": "month", "labelAngle": -45 }),
        Some(Grain::Month) => json!({ "format": "%b %Y" }),
        Some(Grain::Day) if few => json!({ "format": "%b %d", "tickCount": "day" }),
        _ => json!({}),
    }
}

fn height(column: &Column, form: Form, stacked: bool) -> Json {
    let mut height = json!({ "field": "y", "type": "quantitative", "title": column.title, "axis": axis(column) });
    match form {
        Form::Scatter => height["scale"] = json!({ "zero": false }),
        // Nothing to stack, and Vega's stacking takes a bar called `toString` for a function (vega-encode 5.1).
        Form::Bar | Form::GroupedBar if !stacked => height["stack"] = Json::Null,
        _ => {}
    }
    height
}

fn axis(column: &Column) -> Json {
    let largest = column.numbers.iter().flatten().fold(0.0_f64, |most, number| most.max(number.abs()));
    let whole = column.numbers.iter().flatten().all(|number| number.fract() == 0.0);
    let mut axis = Map::new();
    if largest >= HUGE {
        axis.insert("format".into(), "~e".into());
    } else if largest >= LARGE {
        axis.insert("format".into(), "~s".into());
        // The unit system says giga where money says billion.
        axis.insert("labelExpr".into(), "replace(datum.label, 'G', 'B')".into());
    }
    if whole {
        steps(&mut axis, largest);
    }
    Json::Object(axis)
}

/// Whole numbers over a short way have no ticks between them. (Vega-Lite's `tickMinStep` would say so; version 5.8 drops
/// it and 6.4 rounds past it.)
fn steps(axis: &mut Map<String, Json>, way: f64) {
    if (1.0..MOST_STEPS).contains(&way) {
        axis.insert("tickCount".into(), json!(way));
        axis.insert("format".into(), "d".into());
    }
}

fn tip(field: &str, column: &Column, shape: &Shape, drawing: &Drawing) -> Json {
    if !points::continuous(shape, drawing) {
        return json!({ "field": field, "type": "nominal", "title": column.title });
    }
    match (column.role, column.grain) {
        (Role::Time, grain) => {
            let format = match grain {
                Some(Grain::Year) => "%Y",
                Some(Grain::Quarter) => "%Y Q%q",
                Some(Grain::Month) => "%B %Y",
                Some(Grain::Day) => "%Y-%m-%d",
                _ => "%Y-%m-%d %H:%M",
            };
            json!({ "field": field, "type": "temporal", "title": column.title, "format": format })
        }
        (Role::Part, _) => json!({ "field": field, "type": "quantitative", "title": column.title, "format": "d" }),
        _ => json!({ "field": field, "type": "quantitative", "title": column.title, "format": digits(column) }),
    }
}

fn measured_tip(column: &Column, points: &Points) -> Json {
    if points.exact {
        return json!({ "field": "exact", "type": "nominal", "title": column.title });
    }
    json!({ "field": "y", "type": "quantitative", "title": column.title, "format": digits(column) })
}

/// Digits of a tooltip: four places, or four digits that count where all numbers are below one.
fn digits(column: &Column) -> &'static str {
    let small = column.numbers.iter().flatten().all(|number| number.abs() < 1.0);
    if small { ".4~g" } else { ",.4~f" }
}
