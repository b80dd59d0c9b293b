//! Prints a [`Query`] as SQL that gives the same rows on every engine.

mod clause;
mod determined;
mod name;
mod once;
mod term;

use crate::dialect::Dialect;
use crate::grounding::Catalog;

use super::ir::{Grain, Query, SetOperator};
use clause::Writer;

pub use determined::is_determined;

/// The statement, or none when its tables cannot be joined.
#[must_use]
pub fn sql(query: &Query, catalog: &Catalog) -> Option<String> {
    let query = &once::rows_once(query, catalog);
    let mut text = Writer::new(query, catalog)?.select()?;
    if let Some((operator, other)) = &query.set {
        let word = match operator {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except => "EXCEPT",
        };
        text = format!("{text} {word} {}", sql(other, catalog)?);
    }
    Some(text)
}

/// The names of the result's columns, in order; `*` stays as it is.
#[must_use]
pub fn headings(query: &Query, catalog: &Catalog) -> Vec<String> {
    name::headings(query, catalog).into_iter().map(|heading| heading.text).collect()
}

/// `column`, an expression, cut to a grain as text.
#[must_use]
pub fn part(dialect: Dialect, column: &str, grain: Grain) -> String {
    term::part(dialect, column, grain)
}
