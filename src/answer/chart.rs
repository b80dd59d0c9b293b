//! Which chart a result is shown as, and that chart as a Vega-Lite specification with the data in it.
//!
//! The choice is made from the names, types and shape of the columns by two tables, [`KINDS`] and [`RULES`], and by no
//! model. Nothing is computed that is not in the rows: no sum, no average, no missing month.
//!
//! ```
//! use db_query_agent::answer::chart::{Form, Wish, chart};
//! use db_query_agent::database::{ResultColumn, Rows};
//!
//! let columns = ["city", "total"].map(|name| ResultColumn { name: name.into(), type_name: String::new() });
//! let cells = vec!["Berlin".into(), 70.into(), "Rome".into(), 50.into()];
//! let rows = Rows { columns: columns.to_vec(), cells, ..Rows::default() };
//! let drawn = chart(&rows, rows.len(), &Wish::default()).unwrap();
//! assert_eq!((drawn.form, drawn.title.as_str()), (Form::Bar, "Total by city"));
//! assert_eq!(drawn.specification["data"]["values"][0]["y"], 70);
//! ```
//!
//! | file | what it holds |
//! | --- | --- |
//! | `words`, `moment`, `column` | what a column is: its name, its times, its kind |
//! | `rules` | which chart a shape gets |
//! | `wish` | what somebody asked for instead |
//! | `points` | the values that are drawn, and what is said of those that are not |
//! | `specification`, `table` | Vega-Lite |

mod column;
mod moment;
mod points;
mod rules;
mod specification;
mod table;
mod wish;
mod words;

use serde_json::Value as Json;

use self::column::Column;
pub use self::column::{KINDS, Kind, Role};
use self::rules::{Drawing, Shape};
pub use self::rules::{RULES, Rule};
pub use self::wish::Wish;
use crate::database::Rows;
use crate::error::Result;

/// Rows that a chart is made from at most, as many as Altair embeds without being told to
/// (<https://altair-viz.github.io/user_guide/large_datasets.html>).
pub const MOST_ROWS: usize = 5_000;

/// Bars in a row that a person still compares.
pub const MOST_BARS: usize = 30;

/// Colours that are still told apart: those of Vega's palette `tableau10`.
pub const MOST_SERIES: usize = 10;

/// The form of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Bar,
    Line,
    GroupedBar,
    Scatter,
    Number,
    Table,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 6] = [Self::Bar, Self::Line, Self::GroupedBar, Self::Scatter, Self::Number, Self::Table];

    /// Its name in Python and in the reference.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bar => "bar",
            Self::Line => "line",
            Self::GroupedBar => "grouped_bar",
            Self::Scatter => "scatter",
            Self::Number => "number",
            Self::Table => "table",
        }
    }
}

/// A chart of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    pub form: Form,
    /// The rule that chose it, by its name in [`RULES`]; `None` where the wish went beyond the rules.
    pub rule: Option<&'static str>,
    /// The column that the marks stand at, however they lie; its values are `x` in the data.
    pub x: Option<String>,
    /// The column that is measured; its values are `y` in the data.
    pub y: Option<String>,
    /// The column that colours tell apart; its values are `series` in the data.
    pub series: Option<String>,
    /// What is shown, in the words of the columns.
    pub title: String,
    /// Vega-Lite, valid for its versions 5 and 6.
    pub specification: Json,
}

/// Draws `rows`, the first of `total`, as `wish` says or as the rules do. More than [`MOST_ROWS`] are not looked at.
///
/// # Errors
/// [`InvalidOption`](crate::error::Code::InvalidOption): the wish names a column that is not there, or one that the form
/// cannot show.
pub fn chart(rows: &Rows, total: usize, wish: &Wish<'_>) -> Result<Chart> {
    let read = rows.len().min(MOST_ROWS);
    let shape = Shape { columns: Column::all(rows, read), rows: read };
    let (drawing, rule) = wish.drawing(&shape)?;
    let name = |index: Option<usize>| index.map(|index| shape.columns[index].name.clone());
    let total = total.max(read);
    let title = title(&shape, &drawing, total);
    let specification = match drawing.form {
        Form::Table => table::specification(rows, &shape, total, &title),
        Form::Number => specification::number(rows, &shape, &drawing, &title),
        _ => specification::marks(rows, &shape, &drawing, total, &title),
    };
    Ok(Chart {
        form: drawing.form,
        rule,
        x: name(drawing.x),
        y: name(drawing.y),
        series: name(drawing.series),
        title,
        specification,
    })
}

/// `Total by city and status`, in the words of the columns.
fn title(shape: &Shape, drawing: &Drawing, total: usize) -> String {
    let of = |index: usize| shape.columns[index].title.as_str();
    let lower = |index: usize| {
        let mut letters = of(index).chars();
        let second_is_small = of(index).chars().nth(1).is_none_or(char::is_lowercase);
        match letters.next() {
            // `VAT` keeps its capitals.
            Some(first) if second_is_small => first.to_lowercase().chain(letters).collect(),
            _ => of(index).to_owned(),
        }
    };
    match (drawing.form, drawing.x, drawing.y, drawing.series) {
        (Form::Scatter, Some(x), Some(y), _) => format!("{} and {}", of(y), lower(x)),
        (_, Some(x), Some(y), Some(series)) => format!("{} by {} and {}", of(y), lower(x), lower(series)),
        (_, Some(x), Some(y), None) => format!("{} by {}", of(y), lower(x)),
        (Form::Number, _, Some(y), _) => of(y).to_owned(),
        _ => match total {
            0 => "No rows".to_owned(),
            _ => points::plural(total, "row"),
        },
    }
}
