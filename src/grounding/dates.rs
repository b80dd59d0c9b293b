//! Days and periods that a question names, as half-open ranges of days.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, Weekday};

use super::words::Token;

/// The days from `from` up to but not including `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Set when only a year was named, which may also be a plain number in the database.
    pub year: Option<i32>,
}

/// A period named by the tokens `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateSpan {
    pub start: usize,
    pub end: usize,
    pub period: Period,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// The periods in `tokens`, left to right, longest first, never overlapping.
#[must_use]
pub fn find(tokens: &[Token], now: NaiveDateTime) -> Vec<DateSpan> {
    let today = now.date();
    let mut spans = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((length, period)) = named(&tokens[at..], today) {
            spans.push(DateSpan { start: at, end: at + length, period });
            at += length;
        } else {
            at += 1;
        }
    }
    spans
}

fn named(tokens: &[Token], today: NaiveDate) -> Option<(usize, Period)> {
    relative(tokens, today)
        .or_else(|| quarter(tokens, today))
        .or_else(|| calendar(tokens, today))
        .or_else(|| iso(tokens))
        .or_else(|| year(tokens))
}

fn word(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.lower.as_str())
}

fn period(from: NaiveDate, to: Option<NaiveDate>) -> Option<Period> {
    Some(Period { from, to: to?, year: None })
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "day" | "days" => Unit::Day,
        "week" | "weeks" => Unit::Week,
        "month" | "months" => Unit::Month,
        "quarter" | "quarters" => Unit::Quarter,
        "year" | "years" => Unit::Year,
        _ => return None,
    })
}

/// The day `count` units away; negative counts lie in the past.
fn shift(day: NaiveDate, unit: Unit, count: i32) -> Option<NaiveDate> {
    let size = count.unsigned_abs();
    let months = match unit {
        Unit::Day | Unit::Week => {
            let days = Days::new(u64::from(size) * if matches!(unit, Unit::Week) { 7 } else { 1 });
            return if count < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) };
        }
        Unit::Month => Months::new(size),
        Unit::Quarter => Months::new(size.checked_mul(3)?),
        Unit::Year => Months::new(size.checked_mul(12)?),
    };
    if count < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) }
}

/// The first day of the unit that holds `day`; weeks begin on Monday (ISO 8601).
fn floor(day: NaiveDate, unit: Unit) -> Option<NaiveDate> {
    match unit {
        Unit::Day => Some(day),
        Unit::Week => day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))),
        Unit::Month => day.with_day(1),
        Unit::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Unit::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    }
}

fn relative(tokens: &[Token], today: NaiveDate) -> Option<(usize, Period)> {
    let tomorrow = shift(today, Unit::Day, 1);
    match word(tokens, 0) {
        "today" => return Some((1, period(today, tomorrow)?)),
        "yesterday" => return Some((1, period(shift(today, Unit::Day, -1)?, Some(today))?)),
        "tomorrow" => return Some((1, period(tomorrow?, shift(today, Unit::Day, 2))?)),
        _ => {}
    }
    let past = match word(tokens, 0) {
        "last" | "past" | "previous" => true,
        "this" | "current" => {
            let unit = unit(word(tokens, 1))?;
            let from = floor(today, unit)?;
            return Some((2, period(from, shift(from, unit, 1))?));
        }
        "next" | "coming" => false,
        _ => return ago(tokens, today),
    };
    if let Some(day) = weekday(word(tokens, 1)) {
        let back = (7 + today.weekday().num_days_from_monday() - day.num_days_from_monday()) % 7;
        let back = if back == 0 { 7 } else { back };
        let from = if past {
            today.checked_sub_days(Days::new(back.into()))?
        } else {
            today.checked_add_days(Days::new((7 - back % 7).into()))?
        };
        return Some((2, period(from, shift(from, Unit::Day, 1))?));
    }
    if let Some(month) = month(word(tokens, 1)).filter(|_| past) {
        let year = if month < today.month() { today.year() } else { today.year() - 1 };
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        return Some((2, period(from, shift(from, Unit::Month, 1))?));
    }
    if let Some(unit) = unit(word(tokens, 1)) {
        let here = floor(today, unit)?;
        let from = shift(here, unit, if past { -1 } else { 1 })?;
        return Some((2, period(from, shift(from, unit, 1))?));
    }
    let count = whole(tokens.get(1)?)?;
    let unit = unit(word(tokens, 2))?;
    let (from, to) = match (past, unit) {
        // Seven days that end today are seven calendar days.
        (true, Unit::Day | Unit::Week) => (shift(shift(today, unit, -count)?, Unit::Day, 1)?, tomorrow),
        (true, _) => (shift(today, unit, -count)?, tomorrow),
        (false, _) => (tomorrow?, shift(shift(today, unit, count)?, Unit::Day, 1)),
    };
    Some((3, period(from, to)?))
}

fn whole(token: &Token) -> Option<i32> {
    let number = token.number?;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be a small whole number")]
    (number.fract() == 0.0 && (1.0..=10_000.0).contains(&number)).then_some(number as i32)
}

/// "3 days ago"
fn ago(tokens: &[Token], today: NaiveDate) -> Option<(usize, Period)> {
    let count = whole(tokens.first()?)?;
    let unit = unit(word(tokens, 1))?;
    if word(tokens, 2) != "ago" {
        return None;
    }
    let from = floor(shift(today, unit, -count)?, unit)?;
    Some((3, period(from, shift(from, unit, 1))?))
}

fn weekday(word: &str) -> Option<Weekday> {
    (word.len() >= 6).then(|| word.parse().ok()).flatten()
}

/// "Q2 2024", "second quarter of 2024", "the first quarter"
fn quarter(tokens: &[Token], today: NaiveDate) -> Option<(usize, Period)> {
    let (number, mut length) = match word(tokens, 0) {
        "q1" => (1, 1),
        "q2" => (2, 1),
        "q3" => (3, 1),
        "q4" => (4, 1),
        _ if word(tokens, 1) == "quarter" => (whole(tokens.first()?).or((word(tokens, 0) == "first").then_some(1))?, 2),
        _ => return None,
    };
    if matches!(word(tokens, length), "of" | "in") && year_number(tokens, length + 1).is_some() {
        length += 1;
    }
    let year = year_number(tokens, length);
    let month = u32::try_from(number).ok()?.checked_sub(1)? * 3 + 1;
    let from = NaiveDate::from_ymd_opt(year.unwrap_or_else(|| today.year()), month, 1)?;
    Some((length + usize::from(year.is_some()), period(from, shift(from, Unit::Quarter, 1))?))
}

fn month(word: &str) -> Option<u32> {
    let place = MONTHS
        .iter()
        .position(|month| *month == word || (word.len() == 3 && month.starts_with(word) && word != "may"))?;
    u32::try_from(place + 1).ok()
}

fn year_number(tokens: &[Token], at: usize) -> Option<i32> {
    let token = tokens.get(at)?;
    (token.text.len() == 4).then(|| whole(token)).flatten().filter(|year| (1000..=2999).contains(year))
}

fn day_number(tokens: &[Token], at: usize) -> Option<u32> {
    whole(tokens.get(at)?).and_then(|day| u32::try_from(day).ok()).filter(|day| (1..=31).contains(day))
}

/// "March 2023", "March 5, 2023", "5 March 2023", "5th of March 2023", "March 5", "March"
fn calendar(tokens: &[Token], today: NaiveDate) -> Option<(usize, Period)> {
    if let Some(number) = month(word(tokens, 0)) {
        if let Some(year) =
            year_number(tokens, 1).or_else(|| (word(tokens, 1) == "of").then(|| year_number(tokens, 2))?)
        {
            let from = NaiveDate::from_ymd_opt(year, number, 1)?;
            let length = if word(tokens, 1) == "of" { 3 } else { 2 };
            return Some((length, period(from, shift(from, Unit::Month, 1))?));
        }
        if let Some(day) = day_number(tokens, 1) {
            let comma = usize::from(word(tokens, 2) == ",");
            let year = year_number(tokens, 2 + comma);
            let from = NaiveDate::from_ymd_opt(year.unwrap_or_else(|| today.year()), number, day)?;
            return Some((if year.is_some() { 3 + comma } else { 2 }, period(from, shift(from, Unit::Day, 1))?));
        }
        if word(tokens, 0) == "may" && !tokens[0].is_capitalised() {
            return None;
        }
        // The latest such month that has begun.
        let year = if number <= today.month() { today.year() } else { today.year() - 1 };
        let from = NaiveDate::from_ymd_opt(year, number, 1)?;
        return Some((1, period(from, shift(from, Unit::Month, 1))?));
    }
    let day = day_number(tokens, 0)?;
    let of = usize::from(word(tokens, 1) == "of");
    let number = month(word(tokens, 1 + of))?;
    let comma = usize::from(word(tokens, 2 + of) == ",");
    let year = year_number(tokens, 2 + of + comma);
    let from = NaiveDate::from_ymd_opt(year.unwrap_or_else(|| today.year()), number, day)?;
    Some((if year.is_some() { 3 + of + comma } else { 2 + of }, period(from, shift(from, Unit::Day, 1))?))
}

/// "2023-03-05", "2023-03", "3/5/2023"
fn iso(tokens: &[Token]) -> Option<(usize, Period)> {
    let text = word(tokens, 0);
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y/%m/%d"))
        .or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%Y"));
    if let Ok(from) = day {
        return Some((1, period(from, shift(from, Unit::Day, 1))?));
    }
    let from = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok()?;
    Some((1, period(from, shift(from, Unit::Month, 1))?))
}

fn year(tokens: &[Token]) -> Option<(usize, Period)> {
    let year = year_number(tokens, 0).filter(|year| (1700..=2100).contains(year))?;
    if tokens[0].text.contains('.') {
        return None;
    }
    let from = NaiveDate::from_ymd_opt(year, 1, 1)?;
    Some((1, Period { from, to: shift(from, Unit::Year, 1)?, year: Some(year) }))
}

#[cfg(test)]
mod tests {
    use super::super::words::tokenize;
    use super::*;

    fn ranges(question: &str) -> Vec<String> {
        let now = NaiveDate::from_ymd_opt(2024, 5, 15).and_then(|day| day.and_hms_opt(10, 0, 0)).expect("a day");
        find(&tokenize(question), now).iter().map(|span| format!("{}..{}", span.period.from, span.period.to)).collect()
    }

    #[test]
    fn periods_are_half_open() {
        for (question, range) in [
            ("orders today", "2024-05-15..2024-05-16"),
            ("orders yesterday", "2024-05-14..2024-05-15"),
            ("last month", "2024-04-01..2024-05-01"),
            ("this quarter", "2024-04-01..2024-07-01"),
            ("last week", "2024-05-06..2024-05-13"),
            ("in the last 7 days", "2024-05-09..2024-05-16"),
            ("in the past three months", "2024-02-15..2024-05-16"),
            ("since March 2023", "2023-03-01..2023-04-01"),
            ("in 2023", "2023-01-01..2024-01-01"),
            ("on March 5, 2023", "2023-03-05..2023-03-06"),
            ("on the 5th of March 2023", "2023-03-05..2023-03-06"),
            ("on 2023-03-05", "2023-03-05..2023-03-06"),
            ("in Q2 2023", "2023-04-01..2023-07-01"),
            ("in the first quarter of 2023", "2023-01-01..2023-04-01"),
            ("last Monday", "2024-05-13..2024-05-14"),
            ("in June", "2023-06-01..2023-07-01"),
            ("2 weeks ago", "2024-04-29..2024-05-06"),
        ] {
            assert_eq!(ranges(question), [range], "{question}");
        }
    }

    #[test]
    fn two_periods_are_two_spans() {
        assert_eq!(ranges("between 2020 and 2022").len(), 2);
        assert!(ranges("more than 56 of them may be").is_empty());
    }
}
