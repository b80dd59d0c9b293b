//! Dates, times and spans. What is no date, such as `2024-02-00`, comes as the server's text.
//!
//! Wire format: a length, then year (two bytes), month, day, hour, minute, second, microsecond
//! (four bytes); what is zero at the end is left out
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html>).

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::value::Value;

/// `DATE`.
pub(super) fn date(bytes: &[u8]) -> Option<Value> {
    let (year, month, day, _) = calendar(bytes)?;
    let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| year > 0);
    Some(date.map_or_else(|| Value::from(format!("{year:04}-{month:02}-{day:02}")), Value::Date))
}

/// `DATETIME`, or `TIMESTAMP`, which the session's time zone makes UTC.
pub(super) fn date_time(bytes: &[u8], aware: bool) -> Option<Value> {
    let (year, month, day, clock) = calendar(bytes)?;
    let [hour, minute, second, microsecond] = clock;
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, microsecond)?;
    let Some(date) = NaiveDate::from_ymd_opt(year, month, day).filter(|_| year > 0) else {
        return Some(Value::from(format!("{year:04}-{month:02}-{day:02} {time}")));
    };
    let moment = NaiveDateTime::new(date, time);
    Some(if aware { Value::DateTimeTz(Box::new(moment.and_utc().fixed_offset())) } else { Value::DateTime(moment) })
}

/// `TIME`, which is a span of up to 838 hours either way and no time of day.
pub(super) fn time(bytes: &[u8]) -> Option<Value> {
    let (length, rest) = bytes.split_first()?;
    if *length == 0 {
        return Some(Value::Interval(0));
    }
    let (&[negative, d0, d1, d2, d3, hours, minutes, seconds], fraction) = rest.split_first_chunk()?;
    let days = i64::from(u32::from_le_bytes([d0, d1, d2, d3]));
    let microseconds = fraction.first_chunk().map_or(0, |bytes| i64::from(u32::from_le_bytes(*bytes)));
    let seconds = ((days * 24 + i64::from(hours)) * 60 + i64::from(minutes)) * 60 + i64::from(seconds);
    let total = seconds * 1_000_000 + microseconds;
    Some(Value::Interval(if negative == 0 { total } else { -total }))
}

fn calendar(bytes: &[u8]) -> Option<(i32, u32, u32, [u32; 4])> {
    let (_length, rest) = bytes.split_first()?;
    let Some((&[y0, y1, month, day], rest)) = rest.split_first_chunk() else { return Some((0, 0, 0, [0; 4])) };
    let year = i32::from(u16::from_le_bytes([y0, y1]));
    let (clock, rest) = match rest.split_first_chunk() {
        Some((&[hour, minute, second], rest)) => ([hour, minute, second], rest),
        None => ([0; 3], rest),
    };
    let microsecond = rest.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let [hour, minute, second] = clock.map(u32::from);
    Some((year, month.into(), day.into(), [hour, minute, second, microsecond]))
}
