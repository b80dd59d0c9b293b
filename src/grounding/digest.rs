//! What is kept of the cells that were read of one column: distinct texts, and facts that cost no more
//! than having read them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::value::Value;

/// A longer text is prose, which questions do not quote.
const LONGEST_VALUE: usize = 120;
/// Hashes kept of a column, to tell how much of it another column holds.
const SKETCH: usize = 128;

/// What a column's values look like, whatever its declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Shape {
    #[default]
    Unknown,
    /// ISO days or times, as text.
    Dates,
    /// Numbers kept as text.
    Digits,
    /// `Y`/`N`, `yes`/`no`, `T`/`F`, `true`/`false`.
    Flags,
    Text,
}

/// What was read of one column. The same cells in another order give the same digest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Digest {
    /// Distinct, sorted.
    pub(super) texts: Vec<Box<str>>,
    pub(super) facts: Facts,
}

/// What is known of a column beside its texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) shape: Shape,
    pub(super) range: Option<(f64, f64)>,
    pub(super) cells: usize,
    pub(super) nulls: usize,
    /// Different values among the cells that were read, and how many of them were read once.
    pub(super) distinct: usize,
    pub(super) once: usize,
    /// Whether no value of the column is missing.
    pub(super) whole: bool,
    /// The smallest hashes of its values, sorted: of two columns they tell which share of one is in the other
    /// (bottom-k sketches: Cohen and Kaplan, 2007).
    pub(super) sketch: Box<[u64]>,
}

impl Digest {
    /// The digest of `cells`; `whole` when the column has no other.
    pub(super) fn of(cells: &[Value], whole: bool) -> Self {
        let mut facts = Facts { cells: cells.len(), whole, ..Facts::default() };
        let mut seen: HashMap<u64, bool> = HashMap::new();
        for cell in cells {
            if *cell == Value::Null {
                facts.nulls += 1;
                continue;
            }
            if let Some(number) = cell.as_f64() {
                let (low, high) = facts.range.unwrap_or((number, number));
                facts.range = Some((low.min(number), high.max(number)));
            }
            seen.entry(hash(cell)).and_modify(|once| *once = false).or_insert(true);
        }
        facts.distinct = seen.len();
        facts.once = seen.values().filter(|once| **once).count();
        let mut hashes: Vec<u64> = seen.into_keys().collect();
        if hashes.len() > SKETCH {
            hashes.select_nth_unstable(SKETCH);
            hashes.truncate(SKETCH);
        }
        hashes.sort_unstable();
        facts.sketch = hashes.into_boxed_slice();
        let mut texts: Vec<&str> =
            cells.iter().filter_map(Value::as_str).filter(|text| text.len() <= LONGEST_VALUE).collect();
        texts.sort_unstable();
        texts.dedup();
        facts.shape = shape(&texts);
        Self { texts: texts.into_iter().map(Into::into).collect(), facts }
    }

    /// The digest of an enumeration.
    pub(super) fn of_enumeration(values: &[String]) -> Self {
        let facts = Facts { shape: Shape::Text, distinct: values.len(), whole: true, ..Facts::default() };
        Self { texts: values.iter().map(|value| value.as_str().into()).collect(), facts }
    }

    /// Takes in every value of the column, each once; how often there is none is known from before.
    pub(super) fn finish(&mut self, values: &[Value]) {
        let all = Self::of(values, true);
        let (cells, nulls) = (self.facts.cells, self.facts.nulls.max(all.facts.nulls));
        *self = Self { facts: Facts { cells: cells.max(nulls), nulls, once: 0, ..all.facts }, ..all };
    }

    /// Whether its values repeat so much that all of them can be kept.
    pub(super) fn repeats(&self) -> bool {
        self.facts.distinct * 5 <= self.facts.cells
    }

    /// Keeps at most `most` texts, spread over all of them.
    pub(super) fn cut(&mut self, most: usize) {
        let count = self.texts.len();
        if count > most {
            self.facts.whole = false;
            let mut place = 0;
            self.texts.retain(|_| {
                place += 1;
                place * most / count > (place - 1) * most / count
            });
        }
    }
}

impl Facts {
    /// The share of the values of `self` that `other` holds, 0 to 1, as far as what was read of both tells;
    /// none where too little was read of either.
    pub(super) fn share_in(&self, other: &Self) -> Option<f64> {
        let limit = if other.distinct > SKETCH { *other.sketch.last()? } else { u64::MAX };
        let own: Vec<&u64> = self.sketch.iter().take_while(|hash| **hash <= limit).collect();
        if own.is_empty() || other.sketch.is_empty() {
            return None;
        }
        let held = own.iter().filter(|hash| other.sketch.binary_search(hash).is_ok()).count();
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        Some(held as f64 / own.len() as f64)
    }
}

/// Equal for what joins as equal: `7`, `7.0` and `'7'` too, since columns of keys are declared as either.
fn hash(cell: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match cell {
        Value::Int(number) => number.hash(&mut hasher),
        Value::Text(text) => match text.parse::<i64>() {
            Ok(number) => number.hash(&mut hasher),
            Err(_) => text.hash(&mut hasher),
        },
        _ => match cell.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
            Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).hash(&mut hasher),
            Some(number) => number.to_bits().hash(&mut hasher),
            None => format!("{cell:?}").hash(&mut hasher),
        },
    }
    hasher.finish()
}

fn shape(texts: &[&str]) -> Shape {
    if texts.is_empty() {
        return Shape::Unknown;
    }
    let most = |test: fn(&str) -> bool| texts.iter().filter(|text| test(text)).count() * 10 >= texts.len() * 9;
    if most(is_iso_day) {
        Shape::Dates
    } else if texts.len() <= 3 && most(is_flag) {
        Shape::Flags
    } else if most(|text| text.trim().parse::<f64>().is_ok()) {
        Shape::Digits
    } else {
        Shape::Text
    }
}

fn is_flag(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "y" | "n" | "yes" | "no" | "t" | "f" | "true" | "false" | "1" | "0")
}

fn is_iso_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[5..7].iter().all(u8::is_ascii_digit)
        && bytes[8..10].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(range: std::ops::Range<i64>) -> Vec<Value> {
        range.map(Value::Int).collect()
    }

    #[test]
    fn the_order_of_cells_does_not_matter() {
        let mut cells = numbers(0..2_000);
        cells.extend([Value::Null, "Rome".into(), "Oslo".into(), "Rome".into()]);
        let digest = Digest::of(&cells, true);
        cells.reverse();
        assert_eq!(Digest::of(&cells, true), digest);
        assert_eq!((digest.facts.nulls, digest.facts.distinct, digest.facts.once), (1, 2_002, 2_001));
        assert_eq!(digest.facts.range, Some((0.0, 1_999.0)));
    }

    #[test]
    fn a_share_is_told_from_sketches() {
        let share = |one: &[Value], other: &[Value]| {
            Digest::of(one, true).facts.share_in(&Digest::of(other, true).facts).unwrap_or(-1.0)
        };
        assert!((share(&numbers(0..100), &numbers(0..10_000)) - 1.0).abs() < f64::EPSILON);
        assert!(share(&numbers(20_000..20_100), &numbers(0..10_000)) < f64::EPSILON);
        let half = share(&numbers(5_000..15_000), &numbers(0..10_000));
        assert!((0.4..0.6).contains(&half), "{half}");
        assert!((share(&["7".into(), Value::Float(8.0)], &numbers(0..10)) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_cut_is_spread_over_all() {
        let cells: Vec<Value> = (0..1_000).map(|number| Value::from(format!("v{number:03}"))).collect();
        let mut digest = Digest::of(&cells, true);
        digest.cut(10);
        assert_eq!(digest.texts.len(), 10);
        assert_eq!((&*digest.texts[0], &*digest.texts[9]), ("v099", "v999"));
        assert!(!digest.facts.whole);
    }
}
