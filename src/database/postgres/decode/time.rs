//! Dates, times and intervals. What Python's `datetime` cannot hold comes as PostgreSQL's text.

use chrono::{DateTime, NaiveDate, NaiveTime};

use super::{take, take_i32};
use crate::value::Value;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
const MICROSECONDS_PER_DAY: i64 = 86_400 * MICROSECONDS_PER_SECOND;
/// PostgreSQL counts from 2000-01-01; this is that day counted from 0001-01-01, which is day 1.
const EPOCH_DAY: i32 = 730_120;
/// And this is the same instant counted from 1970-01-01.
const EPOCH_MICROSECONDS: i64 = 946_684_800 * MICROSECONDS_PER_SECOND;
/// 9999-12-31, counted like [`EPOCH_DAY`]: the last day of Python's calendar.
const LAST_DAY: i32 = 3_652_059;

/// `date`: days since 2000-01-01.
pub(super) fn date(bytes: &[u8]) -> Option<Value> {
    let days = i32::from_be_bytes(bytes.try_into().ok()?);
    let day = match days {
        i32::MAX => return Some(Value::from("infinity")),
        i32::MIN => return Some(Value::from("-infinity")),
        _ => i64::from(days) + i64::from(EPOCH_DAY),
    };
    match i32::try_from(day) {
        Ok(day) if (1..=LAST_DAY).contains(&day) => NaiveDate::from_num_days_from_ce_opt(day).map(Value::Date),
        _ => {
            let (date, era) = far_date(day);
            Some(Value::from(format!("{date}{era}")))
        }
    }
}

/// `time`: microseconds since midnight; `24:00:00` is a value of its own.
pub(super) fn time(bytes: &[u8]) -> Option<Value> {
    let microseconds = i64::from_be_bytes(bytes.try_into().ok()?);
    Some(clock(microseconds).map_or_else(|| Value::from("24:00:00"), Value::Time))
}

/// `timetz`, as text: Python's `time` knows no seconds in a zone and most code no zone in a time.
pub(super) fn time_with_zone(mut bytes: &[u8]) -> Option<Value> {
    let microseconds = take(&mut bytes).map(i64::from_be_bytes)?;
    // Seconds west of Greenwich.
    let zone = take_i32(&mut bytes)?;
    let sign = if zone > 0 { '-' } else { '+' };
    let (hours, minutes) = (zone.abs() / 3600, zone.abs() / 60 % 60);
    let minutes = if minutes == 0 { String::new() } else { format!(":{minutes:02}") };
    Some(Value::from(format!("{}{sign}{hours:02}{minutes}", clock_text(microseconds))))
}

/// `timestamp` and `timestamptz`: microseconds since 2000-01-01, the latter in UTC.
pub(super) fn timestamp(bytes: &[u8], aware: bool) -> Option<Value> {
    let microseconds = i64::from_be_bytes(bytes.try_into().ok()?);
    match microseconds {
        i64::MAX => return Some(Value::from("infinity")),
        i64::MIN => return Some(Value::from("-infinity")),
        _ => {}
    }
    let day = microseconds.div_euclid(MICROSECONDS_PER_DAY) + i64::from(EPOCH_DAY);
    if !(1..=i64::from(LAST_DAY)).contains(&day) {
        let (date, era) = far_date(day);
        let zone = if aware { "+00" } else { "" };
        let clock = clock_text(microseconds.rem_euclid(MICROSECONDS_PER_DAY));
        return Some(Value::from(format!("{date} {clock}{zone}{era}")));
    }
    let instant = DateTime::from_timestamp_micros(microseconds.checked_add(EPOCH_MICROSECONDS)?)?;
    Some(if aware { Value::DateTimeTz(Box::new(instant.fixed_offset())) } else { Value::DateTime(instant.naive_utc()) })
}

/// `interval`: microseconds, days, months. Months have no fixed length, so with them it is text.
pub(super) fn interval(mut bytes: &[u8]) -> Option<Value> {
    let microseconds = take(&mut bytes).map(i64::from_be_bytes)?;
    let (days, months) = (take_i32(&mut bytes)?, take_i32(&mut bytes)?);
    // From version 17 on intervals can be infinite.
    match (microseconds, days, months) {
        (i64::MAX, i32::MAX, i32::MAX) => return Some(Value::from("infinity")),
        (i64::MIN, i32::MIN, i32::MIN) => return Some(Value::from("-infinity")),
        _ => {}
    }
    let total = i64::from(days).checked_mul(MICROSECONDS_PER_DAY).and_then(|days| days.checked_add(microseconds));
    match (total, months) {
        (Some(total), 0) => Some(Value::Interval(total)),
        _ => Some(Value::from(interval_text(microseconds, days, months))),
    }
}

fn clock(microseconds: i64) -> Option<NaiveTime> {
    let seconds = u32::try_from(microseconds / MICROSECONDS_PER_SECOND).ok()?;
    let nanoseconds = u32::try_from(microseconds % MICROSECONDS_PER_SECOND * 1000).ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanoseconds)
}

/// `04:05:06.5`, hours without an upper end.
fn clock_text(microseconds: i64) -> String {
    let seconds = microseconds / MICROSECONDS_PER_SECOND;
    let fraction = microseconds % MICROSECONDS_PER_SECOND;
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { text } else { format!("{text}.{fraction:06}").trim_end_matches('0').to_owned() }
}

/// In the server's `intervalstyle = postgres`: `1 year 2 mons -3 days +04:05:06`.
fn interval_text(microseconds: i64, days: i32, months: i32) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut after_negative = false;
    for (number, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if number != 0 {
            let plus = if after_negative && number > 0 { "+" } else { "" };
            let plural = if number == 1 { "" } else { "s" };
            parts.push(format!("{plus}{number} {unit}{plural}"));
            after_negative = number < 0;
        }
    }
    if microseconds != 0 {
        let sign = match (microseconds < 0, after_negative) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        parts.push(format!("{sign}{}", clock_text(microseconds.saturating_abs())));
    }
    parts.join(" ")
}

/// A day outside of Python's calendar, counted like [`EPOCH_DAY`], as date and ` BC` or nothing.
///
/// The proleptic Gregorian calendar repeats every 400 years of 146,097 days, so the day is moved
/// into a cycle that chrono knows.
fn far_date(day: i64) -> (String, &'static str) {
    const CYCLE_DAYS: i64 = 146_097;
    let cycle = (day - 1).div_euclid(CYCLE_DAYS);
    let within = i32::try_from((day - 1).rem_euclid(CYCLE_DAYS) + 1).unwrap_or(1);
    let date = NaiveDate::from_num_days_from_ce_opt(within).unwrap_or_default();
    let year = i64::from(chrono::Datelike::year(&date)) + cycle * 400;
    // There is no year 0: the one before year 1 is 1 BC.
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    (format!("{year:04}-{}", date.format("%m-%d")), era)
}
