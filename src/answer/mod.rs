//! From rows to words: a sentence whose every number stands in a cell or counts the rows.
//!
//! ```
//! use db_query_agent::answer::sentence;
//! use db_query_agent::database::{ResultColumn, Rows};
//! use db_query_agent::value::Value;
//!
//! let columns = vec![ResultColumn { name: "count".into(), type_name: "bigint".into() }];
//! let rows = Rows { columns, cells: vec![Value::Int(1234)], ..Rows::default() };
//! assert_eq!(sentence(Some("You have {count} active users."), "", &rows), "You have 1,234 active users.");
//! assert_eq!(sentence(None, "", &rows), "The count is 1,234.");
//! ```

mod cell;
mod template;

use crate::database::Rows;
use crate::value::Value;

/// How many rows a sentence spells out before it only counts them.
const SPELLED_ROWS: usize = 5;

/// The sentence for `rows`: `template` with its blanks filled, or, where there is none or it cannot
/// be trusted, what the rows show.
///
/// A blank is `{column}` (the first row's cell of that column) or `{row_count}`. A template may
/// hold a digit of its own only if `spoken` (the question and the statement) holds the same number:
/// a model that makes numbers up is not repeated.
#[must_use]
pub fn sentence(template: Option<&str>, spoken: &str, rows: &Rows) -> String {
    let filled = template.and_then(|template| template::fill(template, spoken, rows));
    let mut text = filled.unwrap_or_else(|| describe(rows));
    if rows.truncated {
        text = format!("{text} Only the first {} are shown; there are more.", plural(rows.len(), "row"));
    }
    text
}

/// A cell as it stands in a line of text, digits as they are.
#[must_use]
pub fn plain(value: &Value) -> String {
    cell::write("id", value).to_string()
}

/// What the rows show, without a template.
fn describe(rows: &Rows) -> String {
    let one_column = rows.columns.len() == 1;
    let names: Vec<String> = rows.columns.iter().map(|column| cell::label(&column.name)).collect();
    match (rows.len(), rows.iter().next()) {
        (0, _) | (_, None) => "No rows match.".to_owned(),
        (1, Some([Value::Null])) => format!("There is no {}: nothing matches.", names[0]),
        (1, Some([value])) => format!("The {} is {}.", names[0], cell::write(&rows.columns[0].name, value)),
        (1, Some(row)) => format!("There is one row: {}.", pairs(rows, &names, row)),
        (count, _) if one_column && count <= SPELLED_ROWS => {
            let cells: Vec<String> =
                rows.iter().map(|row| cell::write(&rows.columns[0].name, &row[0]).to_string()).collect();
            format!("There are {count}: {}.", listed(&cells))
        }
        (count, Some(row)) => {
            format!("There are {}. The first is {}.", plural(count, "row"), pairs(rows, &names, row))
        }
    }
}

fn pairs(rows: &Rows, names: &[String], row: &[Value]) -> String {
    let shown: Vec<String> = names
        .iter()
        .zip(&rows.columns)
        .zip(row)
        .take(SPELLED_ROWS)
        .map(|((label, column), value)| format!("{label} {}", cell::write(&column.name, value)))
        .collect();
    shown.join(", ")
}

fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", cell::grouped(&count.to_string()))
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::database::{ResultColumn, Rows};
    use crate::value::Value;

    fn rows(names: &[&str], cells: Vec<Value>) -> Rows {
        let columns =
            names.iter().map(|name| ResultColumn { name: (*name).into(), type_name: String::new() }).collect();
        Rows { columns, cells, ..Rows::default() }
    }

    #[test]
    fn blanks_are_filled_from_the_first_row() {
        let rows = rows(&["name", "total"], vec!["Ada".into(), Value::Decimal("10250.50".into())]);
        assert_eq!(sentence(Some("{name} spent {total}."), "", &rows), "Ada spent 10,250.50.");
    }

    #[test]
    fn a_blank_without_a_column_falls_back_to_the_rows() {
        let rows = rows(&["count"], vec![Value::Int(7)]);
        assert_eq!(sentence(Some("There are {users} users."), "", &rows), "The count is 7.");
    }

    #[test]
    fn a_number_nobody_said_is_not_repeated() {
        let rows = rows(&["count"], vec![Value::Int(7)]);
        assert_eq!(sentence(Some("About 9,000 users."), "how many users", &rows), "The count is 7.");
        assert_eq!(sentence(Some("{count} users since 2023."), "users since 2023", &rows), "7 users since 2023.");
    }

    #[test]
    fn an_aggregate_over_nothing_is_no_number() {
        let rows = rows(&["average_price"], vec![Value::Null]);
        assert_eq!(
            sentence(Some("The average price is {average_price}."), "", &rows),
            "There is no average price: nothing matches."
        );
    }

    #[test]
    fn no_rows_is_said_in_words() {
        let rows = rows(&["name"], Vec::new());
        assert_eq!(sentence(Some("The best is {name}."), "", &rows), "No rows match.");
        assert_eq!(sentence(Some("I found {row_count} customers."), "", &rows), "I found 0 customers.");
    }

    #[test]
    fn short_lists_are_spelled_out() {
        let rows = rows(&["city"], vec!["Oslo".into(), "Rome".into(), "Lima".into()]);
        assert_eq!(sentence(None, "", &rows), "There are 3: Oslo, Rome and Lima.");
    }

    #[test]
    fn truncation_is_said() {
        let mut rows = rows(&["city"], vec!["Oslo".into(), "Rome".into()]);
        rows.truncated = true;
        assert_eq!(
            sentence(Some("Here are the cities."), "", &rows),
            "Here are the cities. Only the first 2 rows are shown; there are more."
        );
    }

    #[test]
    fn identifiers_and_years_keep_their_digits_together() {
        let rows = rows(&["order_id", "year", "n"], vec![Value::Int(123_456), Value::Int(2024), Value::Int(123_456)]);
        assert_eq!(sentence(Some("{order_id} {year} {n}"), "", &rows), "123456 2024 123,456");
    }
}
