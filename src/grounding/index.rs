//! The stored values of a database, found by the words of a question.
//!
//! All texts lie one behind another in one allocation, and their folded words are found by hash: a value
//! costs its letters and 20 bytes, so that a million of them fit beside everything else.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::ColumnId;
use super::digest::{Digest, Facts};
use super::words::value_key;
use crate::schema::{Schema, TypeClass};

pub use super::digest::Shape;

/// Distinct values kept of one column.
const VALUES_PER_COLUMN: usize = 20_000;
/// Distinct values kept of a database, shared out evenly among its columns of text.
const VALUES_IN_ALL: usize = 1_000_000;

/// A stored value that some words name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    pub column: ColumnId,
    /// Exactly as stored.
    pub text: &'a str,
}

/// Distinct values by column and by their folded words. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ValueIndex {
    read: Arc<Read>,
    /// What was looked up for one question, by folded words.
    found: Vec<(String, ColumnId, Box<str>)>,
}

/// What was read ahead.
#[derive(Debug, Default)]
struct Read {
    columns: BTreeMap<ColumnId, Kept>,
    /// Every text, one behind another; each ends at its place in `ends`.
    letters: String,
    ends: Vec<u32>,
    /// Where the texts of each column begin.
    owners: Vec<(usize, ColumnId)>,
    /// Hashes of folded words, sorted, and which text has them.
    keys: Vec<(u64, u32)>,
    longest: usize,
}

#[derive(Debug)]
struct Kept {
    facts: Facts,
    /// Its texts: from the first to before the second.
    texts: (usize, usize),
}

/// The texts of one column that were read, sorted.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    read: &'a Read,
    texts: (usize, usize),
}

impl ValueIndex {
    pub(super) fn new(schema: &Schema, mut digests: BTreeMap<ColumnId, Digest>) -> Self {
        for (table, described) in schema.tables.iter().enumerate() {
            for (column, described) in described.columns.iter().enumerate() {
                if !described.enum_values.is_empty() {
                    digests.insert(ColumnId { table, column }, Digest::of_enumeration(&described.enum_values));
                }
            }
        }
        let most = most_of_column(digests.values().filter(|digest| !digest.texts.is_empty()).count());
        let mut read = Read::default();
        for (id, mut digest) in digests {
            digest.cut(most);
            read.add(id, digest, schema.tables[id.table].columns[id.column].class);
        }
        read.keys.sort_unstable();
        read.keys.shrink_to_fit();
        read.letters.shrink_to_fit();
        Self { read: Arc::new(read), found: Vec::new() }
    }

    /// The same with values that were looked up for one question, and whether one of them was not known.
    pub(super) fn with(&self, found: impl IntoIterator<Item = (ColumnId, String)>) -> (Self, bool) {
        let mut index = self.clone();
        for (column, text) in found {
            let key = value_key(&text);
            if !key.is_empty() && index.stored(column, &text) != Some(text.as_str()) {
                index.found.push((key, column, text.into_boxed_str()));
            }
        }
        let is_more = index.found.len() > self.found.len();
        (index, is_more)
    }

    /// What was read of `column`, as it came.
    pub(super) fn digest(&self, column: ColumnId) -> Option<Digest> {
        let facts = self.read.columns.get(&column)?.facts.clone();
        Some(Digest { texts: self.values(column).iter().map(Into::into).collect(), facts })
    }

    pub(super) fn facts(&self, column: ColumnId) -> Option<&Facts> {
        self.read.columns.get(&column).map(|kept| &kept.facts)
    }

    /// The values whose folded words are `key` (see [`value_key`]), by column.
    pub fn find(&self, key: &str) -> impl Iterator<Item = Stored<'_>> {
        let wanted = hash(key);
        let from = self.read.keys.partition_point(|(hash, _)| *hash < wanted);
        let read = self.read.keys[from..].iter().take_while(move |(hash, _)| *hash == wanted);
        let read = read.map(|(_, place)| self.read.stored(*place as usize));
        let found = self.found.iter().map(|(_, column, text)| Stored { column: *column, text });
        // Nothing is kept of the folded words but their hash.
        let mut all: Vec<Stored<'_>> = read.chain(found).filter(|stored| value_key(stored.text) == key).collect();
        all.sort_by_key(|stored| stored.column);
        all.into_iter()
    }

    /// The stored text of `column` with the folded words of `text`.
    #[must_use]
    pub fn stored(&self, column: ColumnId, text: &str) -> Option<&str> {
        self.find(&value_key(text)).find(|stored| stored.column == column).map(|stored| stored.text)
    }

    /// The distinct values of a column that were read, sorted.
    #[must_use]
    pub fn values(&self, column: ColumnId) -> Values<'_> {
        let texts = self.read.columns.get(&column).map_or((0, 0), |kept| kept.texts);
        Values { read: &self.read, texts }
    }

    /// What a column's texts look like.
    #[must_use]
    pub fn shape(&self, column: ColumnId) -> Shape {
        self.facts(column).map_or(Shape::Unknown, |facts| facts.shape)
    }

    /// The smallest and largest number that was read.
    #[must_use]
    pub fn range(&self, column: ColumnId) -> Option<(f64, f64)> {
        self.facts(column)?.range
    }

    /// Whether a NULL was read.
    #[must_use]
    pub fn has_null(&self, column: ColumnId) -> bool {
        self.facts(column).is_some_and(|facts| facts.nulls > 0)
    }

    /// The share of NULLs among the cells that were read, 0 to 1.
    #[must_use]
    pub fn null_rate(&self, column: ColumnId) -> Option<f64> {
        let facts = self.facts(column).filter(|facts| facts.cells > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        Some(facts.nulls as f64 / facts.cells as f64)
    }

    /// How many different values the column has: counted where all were read, else estimated from how many of
    /// those that were read came once, for a table of `rows` (the estimator of Haas and Stokes, 1998, that
    /// PostgreSQL uses).
    #[must_use]
    pub fn distinct(&self, column: ColumnId, rows: Option<u64>) -> Option<u64> {
        let facts = self.facts(column)?;
        let seen = facts.cells - facts.nulls;
        let rows = rows.filter(|rows| !facts.whole && *rows > facts.cells as u64 && seen > 0);
        let Some(rows) = rows else { return facts.whole.then_some(facts.distinct as u64) };
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let (distinct, once, seen, rows) = (facts.distinct as f64, facts.once as f64, seen as f64, rows as f64);
        let estimate = seen * distinct / (seen - once + once * seen / rows);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between nothing and all rows")]
        Some(estimate.clamp(distinct, rows).round() as u64)
    }

    /// Whether every value of the column is here, so that none has to be looked up.
    #[must_use]
    pub fn is_whole(&self, column: ColumnId) -> bool {
        self.facts(column).is_some_and(|facts| facts.whole)
    }

    /// Most words that a value has.
    #[must_use]
    pub fn longest(&self) -> usize {
        let found = self.found.iter().map(|(key, ..)| key.split(' ').count()).max();
        self.read.longest.max(found.unwrap_or_default()).min(12)
    }

    /// The memory it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let read = &self.read;
        let of_column = size_of::<ColumnId>() + size_of::<Kept>();
        let columns = read.columns.values().map(|kept| of_column + size_of_val(&*kept.facts.sketch)).sum::<usize>();
        let texts = read.letters.capacity()
            + read.ends.capacity() * size_of::<u32>()
            + read.owners.capacity() * size_of::<(usize, ColumnId)>()
            + read.keys.capacity() * size_of::<(u64, u32)>();
        columns + texts
    }
}

impl Read {
    fn add(&mut self, id: ColumnId, digest: Digest, class: TypeClass) {
        let Digest { texts, mut facts } = digest;
        let first = self.ends.len();
        let is_said = facts.shape != Shape::Dates && class != TypeClass::Uuid;
        for text in texts {
            let place = u32::try_from(self.ends.len());
            let (Ok(place), Ok(end)) = (place, u32::try_from(self.letters.len() + text.len())) else {
                facts.whole = false;
                break;
            };
            let key = if is_said { value_key(&text) } else { String::new() };
            if !key.is_empty() {
                self.longest = self.longest.max(key.split(' ').count());
                self.keys.push((hash(&key), place));
            }
            self.letters.push_str(&text);
            self.ends.push(end);
        }
        self.owners.push((first, id));
        self.columns.insert(id, Kept { facts, texts: (first, self.ends.len()) });
    }

    fn text(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.letters[start as usize..self.ends[place] as usize]
    }

    fn stored(&self, place: usize) -> Stored<'_> {
        let after = self.owners.partition_point(|(first, _)| *first <= place);
        Stored { column: self.owners[after - 1].1, text: self.text(place) }
    }
}

impl<'a> Values<'a> {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.1 - self.texts.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (read, (from, to)) = (self.read, self.texts);
        (from..to).map(move |place| read.text(place))
    }
}

/// How many values of each column are kept where so many have texts.
fn most_of_column(columns: usize) -> usize {
    (VALUES_IN_ALL / columns.max(1)).clamp(100, VALUES_PER_COLUMN)
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
