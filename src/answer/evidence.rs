//! What a sentence may state: the cells, what the question and the statement said, and sums, averages and percentages
//! of cells where the sentence says that they are such.

use super::claim::{Claim, Reading, claims, digits};
use super::{cell, template};
use crate::config::Locale;
use crate::database::Rows;
use crate::value::Value;

/// Rows and what was said about them, against which a sentence is held.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    pub rows: &'a Rows,
    /// The question and the statement.
    pub spoken: &'a str,
    pub locale: Locale,
}

/// Words that say of a number that it was added up.
const ADDED: &[&str] = &["total", "sum", "altogether", "together", "combined", "overall", "in all"];
/// Words that say that it is a mean.
const AVERAGED: &[&str] = &["average", "mean", "avg", "typical"];
/// Words that say of a positive number that it stands for a negative one.
const LOST: &[&str] =
    &["minus", "negative", "below", "loss", "lost", "lose", "fell", "fall", "drop", "decrease", "less"];
/// Digits of a number of double precision that are sure.
const SURE_DIGITS: usize = 15;

impl Evidence<'_> {
    /// The sentence for the rows: `template` with its blanks filled, or, where there is none or it cannot be trusted,
    /// what the rows show.
    ///
    /// A blank is `{column}` (the first row's cell of that column), `{#2}` (of the second column) or `{row_count}`. A
    /// template may hold a digit of its own only if the question or the statement holds the same number: a model that
    /// makes numbers up is not repeated.
    #[must_use]
    pub fn sentence(&self, template: Option<&str>) -> String {
        let filled = template.and_then(|template| template::fill(template, self)).filter(|text| self.holds(text));
        self.with_end(filled.unwrap_or_else(|| super::describe(self)))
    }

    /// `text` and, where there are more rows than the limit, that there are.
    #[must_use]
    pub fn with_end(&self, text: String) -> String {
        if !self.rows.truncated {
            return text;
        }
        format!("{text} Only the first {} are shown; there are more.", self.plural(self.rows.len(), "row"))
    }

    /// Whether every number that `text` states stands in a cell, was spoken, counts the rows, or is a sum, an average
    /// or a percentage of cells that `text` calls so.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        self.first_unfounded(text, 0).is_none()
    }

    /// Where the first number behind `from` stands for which there is no evidence.
    pub(super) fn first_unfounded(&self, text: &str, from: usize) -> Option<usize> {
        let lower = text.to_lowercase();
        let claims = claims(text, self.locale);
        let mut new = claims.iter().filter(|claim| claim.end > from);
        new.find(|claim| !self.supports(claim, text, &lower)).map(|claim| claim.start)
    }

    /// A count and its noun.
    pub(super) fn plural(&self, count: usize, noun: &str) -> String {
        let ending = if count == 1 { "" } else { "s" };
        format!("{} {noun}{ending}", self.locale.number(&count.to_string()))
    }

    fn supports(&self, claim: &Claim, text: &str, lower: &str) -> bool {
        self.is_marker(claim, text)
            || self.counts(claim)
            || self.is_shown(claim, lower)
            || self.is_said(claim)
            || self.is_dated(claim)
            || (!self.rows.truncated && self.is_computed(claim, lower))
    }

    /// Whether it counts the rows that are there.
    fn counts(&self, claim: &Claim) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "far below")]
        let count = self.rows.len() as f64;
        claim.readings.iter().any(|reading| same(reading.value, count))
    }

    /// Whether it only numbers a line of a list: `2.` or `2)` where a line begins.
    fn is_marker(&self, claim: &Claim, text: &str) -> bool {
        let begins =
            text[..claim.start].trim_end_matches([' ', '*', '#']).chars().next_back().is_none_or(|it| it == '\n');
        let behind = text[claim.end..].strip_prefix(['.', ')']).is_some_and(|rest| rest.starts_with(' '));
        #[expect(clippy::cast_precision_loss, reason = "far below")]
        let most = self.rows.len() as f64;
        begins && behind && claim.readings.iter().any(|reading| reading.value >= 1.0 && reading.value <= most)
    }

    /// Whether a cell has the number, exactly or rounded to the digits that are written, or holds it in its text.
    fn is_shown(&self, claim: &Claim, lower: &str) -> bool {
        let may_lose = LOST.iter().any(|word| lower.contains(word));
        let many_digits = digits(&claim.text).map(str::len).sum::<usize>() > SURE_DIGITS;
        self.rows.cells.iter().any(|value| match value.as_f64() {
            Some(number) if !many_digits => claim.readings.iter().any(|reading| {
                reads(*reading, number)
                    || (may_lose && reads(*reading, -number))
                    || (claim.is_percent && reads(*reading, number * 100.0))
            }),
            Some(_) => {
                let shown = only_digits(&claim.text);
                [cell::plain(value), cell::write("", value, self.locale).to_string()]
                    .iter()
                    .any(|cell| only_digits(cell) == shown)
            }
            None => !matches!(value, Value::Null | Value::Bool(_)) && stands_in(claim, &cell::plain(value)),
        })
    }

    /// Whether the question, the statement or a column's name says it.
    fn is_said(&self, claim: &Claim) -> bool {
        stands_in(claim, self.spoken) || self.rows.columns.iter().any(|column| stands_in(claim, &column.name))
    }

    /// Whether it is a day of a cell, as the region writes it in one word.
    fn is_dated(&self, claim: &Claim) -> bool {
        let days = |value: &Value| cell::day(value).map(|day| self.locale.date(day));
        claim.readings.is_empty() && self.rows.cells.iter().filter_map(days).any(|day| day == claim.text)
    }

    fn is_computed(&self, claim: &Claim, lower: &str) -> bool {
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let width = self.rows.columns.len();
        (0..width).any(|column| {
            let numbers: Vec<f64> =
                self.rows.cells.iter().skip(column).step_by(width).filter_map(Value::as_f64).collect();
            if numbers.is_empty() {
                return false;
            }
            let sum: f64 = numbers.iter().sum();
            #[expect(clippy::cast_precision_loss, reason = "far below")]
            let mean = sum / numbers.len() as f64;
            claim.readings.iter().any(|reading| {
                (says(ADDED) && reads(*reading, sum))
                    || (says(AVERAGED) && reads(*reading, mean))
                    || (claim.is_percent
                        && sum != 0.0
                        && numbers.iter().any(|part| reads(*reading, part / sum * 100.0)))
            })
        })
    }
}

/// Whether `number` would be written as `reading` was.
fn reads(reading: Reading, number: f64) -> bool {
    let is_whole = number.fract() == 0.0;
    // A whole number is not rounded to another one, but may be to millions.
    let slack = if is_whole && reading.slack < 1.0 { 0.0 } else { reading.slack };
    (reading.value - number).abs() <= slack + number.abs() * 1e-12
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < f64::EPSILON * one.abs().max(1.0)
}

/// Whether the claim stands in `text` as a number, a word or a part of a day.
fn stands_in(claim: &Claim, text: &str) -> bool {
    // Most cells end here.
    if claim.text.contains(char::is_numeric) && !text.contains(char::is_numeric) {
        return false;
    }
    let (wanted, lower) = (claim.text.to_lowercase(), text.to_lowercase());
    let is_word = lower.match_indices(&wanted).any(|(at, _)| {
        let ends = [lower[..at].chars().next_back(), lower[at + wanted.len()..].chars().next()];
        !ends.into_iter().flatten().any(char::is_alphanumeric)
    });
    is_word
        || digits(text).any(|digits| {
            digits.parse().is_ok_and(|number| claim.readings.iter().any(|reading| same(reading.value.abs(), number)))
        })
        || claims(text, Locale::default())
            .iter()
            .flat_map(|other| &other.readings)
            .any(|other| claim.readings.iter().any(|reading| same(reading.value, other.value)))
}

fn only_digits(text: &str) -> String {
    digits(text).collect()
}

#[cfg(test)]
mod tests {
    use super::Evidence;
    use crate::config::Locale;
    use crate::database::{ResultColumn, Rows};
    use crate::value::Value;

    fn sales() -> Rows {
        let columns = ["city", "total", "day"];
        let columns = columns.map(|name| ResultColumn { name: name.into(), type_name: String::new() }).to_vec();
        let day = |day| Value::Date(chrono::NaiveDate::from_ymd_opt(2024, 3, day).unwrap_or_default());
        let cells = vec![
            "Oslo".into(),
            Value::Decimal("1234.567".into()),
            day(5),
            "Rome".into(),
            Value::Int(300),
            day(6),
            "Area 51".into(),
            Value::Int(-20),
            Value::Null,
        ];
        Rows { columns, cells, ..Rows::default() }
    }

    fn holds(text: &str, spoken: &str, rows: &Rows) -> bool {
        Evidence { rows, spoken, locale: Locale::default() }.holds(text)
    }

    #[test]
    fn what_stands_in_cells_counts_rows_or_was_spoken_holds() {
        for text in [
            "Oslo sold 1,234.57 on March 5, 2024, Rome 300.",
            "About 1.2 thousand, or 1,235, in Oslo.",
            "These 3 cities; three in all.",
            "Area 51 lost 20.",
            "Area 51 made -20.",
            "Of the top 10 since 2023, one stands out.",
            "1. Oslo\n2. Rome\n3. Area 51",
            "No number at all.",
        ] {
            assert!(holds(text, "top 10 cities since 2023-01-01", &sales()), "{text}");
        }
    }

    #[test]
    fn what_is_computed_must_be_stated() {
        for text in ["1,514.57 in total.", "On average 504.86.", "Oslo has 81.5 % of it.", "Together 1514.567."] {
            assert!(holds(text, "", &sales()), "{text}");
        }
        for text in ["1,514.57 was sold.", "504.86 each.", "Oslo has 81.5 of it.", "On average 505.86."] {
            assert!(!holds(text, "", &sales()), "{text}");
        }
        let more = Rows { truncated: true, ..sales() };
        assert!(!holds("1,514.57 in total.", "", &more));
    }

    #[test]
    fn what_is_nowhere_does_not_hold() {
        for text in [
            "Oslo sold 1,234.56.",
            "Rome sold 301.",
            "Rome sold 299.6.",
            "Rome sold 30.",
            "Four cities.",
            "Twice as much.",
            "Thousands were sold.",
            "Area 52 lost 20.",
            "Area 51 made 20.",
            "9. Oslo",
            "Since 2022.",
            "On 2024-03-07.",
            "Q3 was best.",
            "٣ cities, ½ of it.",
        ] {
            assert!(!holds(text, "top 10 cities since 2023-01-01", &sales()), "{text}");
        }
    }
}
