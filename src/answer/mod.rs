//! From rows to words: a sentence whose every number stands in a cell, counts the rows, or is computed from cells in a
//! way that it states; and, in [`chart`], from rows to pictures.
//!
//! ```
//! use db_query_agent::answer::Evidence;
//! use db_query_agent::config::Locale;
//! use db_query_agent::database::{ResultColumn, Rows};
//! use db_query_agent::value::Value;
//!
//! let columns = vec![ResultColumn { name: "count".into(), type_name: "bigint".into() }];
//! let rows = Rows { columns, cells: vec![Value::Int(1234)], ..Rows::default() };
//! let evidence = Evidence { rows: &rows, spoken: "", locale: Locale::default() };
//! assert_eq!(evidence.sentence(Some("You have {count} active users.")), "You have 1,234 active users.");
//! assert_eq!(evidence.sentence(None), "The count is 1,234.");
//! assert!(evidence.holds("About 1.2 thousand."));
//! assert!(!evidence.holds("About 1,300."));
//! ```

mod cell;
pub mod chart;
mod claim;
mod evidence;
mod gate;
mod template;

use crate::config::Locale;
use crate::value::Value;

pub use evidence::Evidence;
pub use gate::Gate;

/// How many rows a sentence spells out before it only counts them.
const SPELLED_ROWS: usize = 5;

/// A cell as it stands in a line of text, digits as they are.
#[must_use]
pub fn plain(value: &Value) -> String {
    cell::write("id", value, Locale::default()).to_string()
}

/// What the rows show, without a template.
fn describe(evidence: &Evidence<'_>) -> String {
    let Evidence { rows, locale, .. } = *evidence;
    let one_column = rows.columns.len() == 1;
    let names: Vec<String> = rows.columns.iter().map(|column| cell::label(&column.name)).collect();
    match (rows.len(), rows.iter().next()) {
        (0, _) | (_, None) => "No rows match.".to_owned(),
        (1, Some([Value::Null])) => format!("There is no {}: nothing matches.", names[0]),
        (1, Some([value])) => format!("The {} is {}.", names[0], cell::write(&rows.columns[0].name, value, locale)),
        (1, Some(row)) => format!("There is one row: {}.", pairs(evidence, &names, row)),
        (count, _) if one_column && count <= SPELLED_ROWS => {
            let cells: Vec<String> =
                rows.iter().map(|row| cell::write(&rows.columns[0].name, &row[0], locale).to_string()).collect();
            format!("There are {count}: {}.", listed(&cells))
        }
        (count, Some(row)) => {
            format!("There are {}. The first is {}.", evidence.plural(count, "row"), pairs(evidence, &names, row))
        }
    }
}

fn pairs(evidence: &Evidence<'_>, names: &[String], row: &[Value]) -> String {
    let shown: Vec<String> = names
        .iter()
        .zip(&evidence.rows.columns)
        .zip(row)
        .take(SPELLED_ROWS)
        .map(|((label, column), value)| format!("{label} {}", cell::write(&column.name, value, evidence.locale)))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Evidence, describe};
    use crate::config::Locale;
    use crate::database::{ResultColumn, Rows};
    use crate::value::Value;

    fn rows(names: &[&str], cells: Vec<Value>) -> Rows {
        let columns =
            names.iter().map(|name| ResultColumn { name: (*name).into(), type_name: String::new() }).collect();
        Rows { columns, cells, ..Rows::default() }
    }

    fn sentence(template: Option<&str>, spoken: &str, rows: &Rows) -> String {
        Evidence { rows, spoken, locale: Locale::default() }.sentence(template)
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

    #[test]
    fn a_number_word_that_nobody_said_is_not_repeated() {
        let rows = rows(&["count"], vec![Value::Int(7)]);
        assert_eq!(sentence(Some("{count} users in three cities."), "", &rows), "The count is 7.");
        assert_eq!(sentence(Some("{count} of two cities."), "users of two cities", &rows), "7 of two cities.");
    }

    #[test]
    fn numbers_and_days_are_written_as_the_region_does() {
        let day = chrono::NaiveDate::from_ymd_opt(2024, 3, 5).unwrap();
        let rows = rows(&["total", "day"], vec![Value::Decimal("1234567.50".into()), Value::Date(day)]);
        for (tag, expected) in [
            ("en", "1,234,567.50 on 2024-03-05"),
            ("de-DE", "1.234.567,50 on 05.03.2024"),
            ("fr", "1\u{202f}234\u{202f}567,50 on 2024-03-05"),
            ("hr", "1.234.567,50 on 05. 03. 2024."),
        ] {
            let evidence = Evidence { rows: &rows, spoken: "", locale: Locale::parse(tag).unwrap() };
            assert_eq!(evidence.sentence(Some("{total} on {day}")), expected);
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<u64>().prop_map(Value::UInt),
            any::<f64>().prop_map(Value::Float),
            "-?[0-9]{1,20}(\\.[0-9]{1,12})?".prop_map(|digits| Value::Decimal(digits.into())),
            ".{0,40}".prop_map(Value::from),
            "([a-z]{1,5} )?[0-9.,:-]{0,30}".prop_map(Value::from),
            (1i32..3_652_059)
                .prop_filter_map("a day", |day| { chrono::NaiveDate::from_num_days_from_ce_opt(day).map(Value::Date) }),
            any::<i64>().prop_map(|seconds| Value::Interval(seconds / 2)),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Value::Bytes(bytes.into())),
        ]
    }

    proptest! {
        #[test]
        fn what_the_rows_show_holds(
            cells in prop::collection::vec(value(), 0..12),
            tag in prop::sample::select(vec!["en", "de", "fr", "pl", "en-IN", "de-CH", "sl"]),
        ) {
            let width = if cells.len() % 2 == 0 { 2 } else { 1 };
            let rows = rows(&["total", "name"][..width], cells);
            let evidence = Evidence { rows: &rows, spoken: "", locale: Locale::parse(tag).unwrap() };
            let text = describe(&evidence);
            prop_assert!(evidence.holds(&text), "{text}");
        }
    }
}
