//! The stored values of a database, found by the words of a question.

use std::collections::{BTreeMap, HashMap};

use super::ColumnId;
use super::words::value_key;
use crate::schema::{Schema, TypeClass};
use crate::value::Value;

/// Distinct values kept for one column.
const VALUES_PER_COLUMN: usize = 20_000;
/// A longer text is prose, which questions do not quote.
const LONGEST_VALUE: usize = 120;

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

/// A stored value that some words name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    pub column: ColumnId,
    /// Exactly as stored.
    pub text: &'a str,
}

/// Distinct values by column and by their folded words.
#[derive(Debug, Default)]
pub struct ValueIndex {
    columns: BTreeMap<ColumnId, Facts>,
    keys: HashMap<String, Vec<(ColumnId, usize)>>,
    longest: usize,
}

#[derive(Debug, Default)]
struct Facts {
    values: Vec<Box<str>>,
    shape: Shape,
    range: Option<(f64, f64)>,
    has_null: bool,
}

impl ValueIndex {
    pub(super) fn new(schema: &Schema, parts: Vec<(ColumnId, Vec<Value>)>) -> Self {
        let mut index = Self::default();
        for (id, values) in parts {
            let mut facts = Facts::default();
            let mut texts: Vec<&str> =
                values.iter().filter_map(Value::as_str).filter(|text| text.len() <= LONGEST_VALUE).collect();
            texts.sort_unstable();
            texts.dedup();
            texts.truncate(VALUES_PER_COLUMN);
            facts.shape = shape(&texts);
            facts.values = texts.into_iter().map(Into::into).collect();
            facts.has_null = values.contains(&Value::Null);
            for number in values.iter().filter_map(Value::as_f64) {
                let (low, high) = facts.range.unwrap_or((number, number));
                facts.range = Some((low.min(number), high.max(number)));
            }
            index.columns.insert(id, facts);
        }
        for (table, columns) in schema.tables.iter().enumerate() {
            for (column, described) in
                columns.columns.iter().enumerate().filter(|(_, column)| !column.enum_values.is_empty())
            {
                let facts = index.columns.entry(ColumnId { table, column }).or_default();
                facts.values = described.enum_values.iter().map(|value| value.as_str().into()).collect();
                facts.shape = Shape::Text;
            }
        }
        index.build_keys(schema);
        index
    }

    fn build_keys(&mut self, schema: &Schema) {
        for (id, facts) in &self.columns {
            if facts.shape == Shape::Dates || schema.tables[id.table].columns[id.column].class == TypeClass::Uuid {
                continue;
            }
            for (place, value) in facts.values.iter().enumerate() {
                let key = value_key(value);
                if !key.is_empty() {
                    self.longest = self.longest.max(key.split(' ').count());
                    self.keys.entry(key).or_default().push((*id, place));
                }
            }
        }
    }

    /// The values whose folded words are `key` (see [`value_key`]), by column.
    pub fn find(&self, key: &str) -> impl Iterator<Item = Stored<'_>> {
        self.keys.get(key).into_iter().flatten().filter_map(|(column, place)| {
            let text = self.columns.get(column)?.values.get(*place)?;
            Some(Stored { column: *column, text })
        })
    }

    /// The stored text of `column` with the folded words of `text`.
    #[must_use]
    pub fn stored(&self, column: ColumnId, text: &str) -> Option<&str> {
        self.find(&value_key(text)).find(|stored| stored.column == column).map(|stored| stored.text)
    }

    /// The distinct values of a column that were read, sorted.
    #[must_use]
    pub fn values(&self, column: ColumnId) -> &[Box<str>] {
        self.columns.get(&column).map_or(&[], |facts| facts.values.as_slice())
    }

    /// What a column's texts look like.
    #[must_use]
    pub fn shape(&self, column: ColumnId) -> Shape {
        self.columns.get(&column).map_or(Shape::Unknown, |facts| facts.shape)
    }

    /// The smallest and largest number that was read.
    #[must_use]
    pub fn range(&self, column: ColumnId) -> Option<(f64, f64)> {
        self.columns.get(&column)?.range
    }

    /// Whether a NULL was read.
    #[must_use]
    pub fn has_null(&self, column: ColumnId) -> bool {
        self.columns.get(&column).is_some_and(|facts| facts.has_null)
    }

    /// Most words that a value has.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest.min(12)
    }
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
