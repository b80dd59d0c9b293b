//! Columns of points in time: dates, date-times, and texts that are written like them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::words::Words;
use crate::value::Value;

/// How fine the times of a column are, from coarse to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grain {
    Year,
    Quarter,
    Month,
    Day,
    Minute,
}

/// The times of a column as a clock on the wall shows them.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    pub(super) grain: Grain,
    pub(super) times: Vec<Option<NaiveDateTime>>,
    /// The zone of that clock, where the values have one: `UTC` or `+02:00`.
    pub(super) zone: Option<String>,
}

#[derive(Clone, Copy)]
enum Point {
    Wall(NaiveDateTime, Option<Grain>),
    Zoned(DateTime<FixedOffset>),
}

impl Moments {
    /// The times of a column of this name; `None` where a value is none, or all are NULL.
    pub(super) fn read(words: &Words, cells: &[&Value]) -> Option<Self> {
        let mut points = Vec::with_capacity(cells.len());
        for cell in cells {
            points.push(if matches!(cell, Value::Null) { None } else { Some(point(cell, words)?) });
        }
        let offsets = || {
            points.iter().flatten().filter_map(|point| match point {
                Point::Zoned(time) => Some(*time.offset()),
                Point::Wall(..) => None,
            })
        };
        let first = offsets().next();
        let uniform = first.filter(|first| offsets().all(|offset| offset == *first));
        let zone = first.map(|_| match uniform {
            Some(offset) if offset.local_minus_utc() != 0 => offset.to_string(),
            _ => "UTC".to_owned(),
        });
        let wall = |point: &Point| match point {
            Point::Wall(time, _) => *time,
            // One zone keeps its clock, so that a month that was cut off there stays one; several agree on UTC.
            Point::Zoned(time) if uniform.is_some() => time.naive_local(),
            Point::Zoned(time) => time.naive_utc(),
        };
        let times: Vec<Option<NaiveDateTime>> = points.iter().map(|point| point.as_ref().map(wall)).collect();
        let said = points.iter().flatten().filter_map(|point| match point {
            Point::Wall(_, grain) => *grain,
            Point::Zoned(_) => None,
        });
        let grain = said.max().or_else(|| shown(words, &times))?;
        Some(Self { grain, times, zone })
    }
}

impl Grain {
    /// A time as a label, in ISO 8601 as far as it goes.
    pub(super) fn label(self, time: NaiveDateTime) -> String {
        match self {
            Self::Year => time.format("%Y").to_string(),
            Self::Quarter => format!("{}-Q{}", time.year(), time.month0() / 3 + 1),
            Self::Month => time.format("%Y-%m").to_string(),
            Self::Day => time.format("%Y-%m-%d").to_string(),
            Self::Minute => time.format("%Y-%m-%d %H:%M").to_string(),
        }
    }
}

/// How fine the times are, by what they have in common; one time alone is a day.
fn shown(words: &Words, times: &[Option<NaiveDateTime>]) -> Option<Grain> {
    let of = |time: &NaiveDateTime| match (time.num_seconds_from_midnight(), time.day(), time.month()) {
        (1.., _, _) => Grain::Minute,
        (0, 2.., _) => Grain::Day,
        (0, _, 1 | 4 | 7 | 10) if words.quarter() => Grain::Quarter,
        (0, _, 2..) => Grain::Month,
        (0, ..) => Grain::Year,
    };
    let finest = times.iter().flatten().map(of).max()?;
    let mut seen = times.iter().flatten();
    let first = seen.next();
    Some(if seen.any(|time| Some(time) != first) { finest } else { finest.max(Grain::Day) })
}

fn point(cell: &Value, words: &Words) -> Option<Point> {
    match cell {
        Value::Date(date) => Some(Point::Wall(midnight(*date), None)),
        Value::DateTime(time) => Some(Point::Wall(*time, None)),
        Value::DateTimeTz(time) => Some(Point::Zoned(**time)),
        Value::Text(text) => written(text.trim(), words),
        _ => None,
    }
}

/// A time in a text: ISO 8601 by itself, `2024-03` and `2024-Q1` where the column's name speaks of time.
fn written(text: &str, words: &Words) -> Option<Point> {
    let starts_as_year = text.len() >= 7 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    // Bytes 4 and 7 are asked for next, so neither may stand inside a letter.
    if !starts_as_year || !text.is_ascii() || text.len() > 40 {
        return None;
    }
    match text.len() {
        7 if words.period() => period(text),
        7 => None,
        10 => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| Point::Wall(midnight(date), None)),
        _ => {
            let with_blank = text.replacen('T', " ", 1).replacen('Z', "+00:00", 1);
            for pattern in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z"] {
                if let Ok(time) = DateTime::parse_from_str(&with_blank, pattern) {
                    return Some(Point::Zoned(time));
                }
            }
            let patterns = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
            let parsed = patterns.iter().find_map(|pattern| NaiveDateTime::parse_from_str(&with_blank, pattern).ok());
            parsed.map(|time| Point::Wall(time, None))
        }
    }
}

fn period(text: &str) -> Option<Point> {
    let year = text.get(..4)?.parse().ok()?;
    let (grain, month) = match (text.get(4..5)?, text.get(5..)?.as_bytes()) {
        ("-" | " ", [b'Q' | b'q', quarter @ b'1'..=b'4']) => (Grain::Quarter, u32::from(quarter - b'1') * 3 + 1),
        ("-" | "/", digits) if digits.iter().all(u8::is_ascii_digit) => (Grain::Month, text.get(5..)?.parse().ok()?),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month, 1).map(|date| Point::Wall(midnight(date), Some(grain)))
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::{Grain, Moments};
    use crate::answer::chart::words::Words;
    use crate::value::Value;

    fn read(name: &str, texts: &[&str]) -> Option<(Grain, Vec<String>, Option<String>)> {
        let values: Vec<Value> = texts.iter().map(|text| Value::from(*text)).collect();
        let moments = Moments::read(&Words::of(name), &values.iter().collect::<Vec<_>>())?;
        let labels = moments.times.iter().flatten().map(|time| moments.grain.label(*time)).collect();
        Some((moments.grain, labels, moments.zone))
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn texts_of_time_are_read() {
        let as_is = |name: &str, texts: &[&str], grain: Grain| {
            assert_eq!(read(name, texts), Some((grain, owned(texts), None)), "{name}");
        };
        as_is("x", &["2024-03-07", "2024-03-08"], Grain::Day);
        as_is("x", &["2024-03-07 10:30", "2024-03-08 11:00"], Grain::Minute);
        as_is("month", &["2024-03", "2023-12"], Grain::Month);
        as_is("quarter", &["2024-Q1", "2024-Q4"], Grain::Quarter);
        assert_eq!(
            read("at", &["2024-03-07T10:30:00Z", "2024-03-07T12:30:00.25+02:00"]),
            Some((Grain::Minute, owned(&["2024-03-07 10:30", "2024-03-07 10:30"]), Some("UTC".to_owned())))
        );
        assert_eq!(
            read("at", &["2024-03-01T00:00:00+02:00", "2024-04-01T00:00:00+02:00"]),
            Some((Grain::Month, owned(&["2024-03", "2024-04"]), Some("+02:00".to_owned())))
        );
    }

    #[test]
    fn what_is_no_time_is_left_alone() {
        for (name, text) in [
            ("code", "2024-03"),
            ("week", "2024-03"),
            ("month", "2024-13"),
            ("x", "2024-02-30"),
            ("x", "2024-03-07 noon"),
            ("x", "20240307"),
            ("month", "２０２４-03"),
            ("month", "2024-é"),
            ("x", ""),
        ] {
            assert_eq!(read(name, &[text]), None, "{name} {text}");
        }
        assert_eq!(read("month", &["2024-03", "soon"]), None);
        assert_eq!(read("month", &[]), None);
    }

    #[test]
    fn first_days_are_months_and_years_where_there_are_several() {
        let grain = |name: &str, texts: &[&str]| read(name, texts).map(|(grain, ..)| grain);
        assert_eq!(grain("x", &["2024-03-01", "2024-05-01"]), Some(Grain::Month));
        assert_eq!(grain("x", &["2024-01-01", "2023-01-01"]), Some(Grain::Year));
        assert_eq!(grain("quarter", &["2024-01-01", "2024-04-01"]), Some(Grain::Quarter));
        assert_eq!(grain("x", &["2024-01-01"]), Some(Grain::Day));
    }
}
