//! What a reading of the question says, before columns are decided and tables joined.

use chrono::NaiveDate;

use crate::engine::offline::ir::{Aggregate, Arithmetic, Grain, Operator};
use crate::grounding::ColumnId;

use super::lattice::{Rivals, StoredRivals};

/// A mentioned column: rivals, and the table it was said to be of.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    pub rivals: Rivals<ColumnId>,
    pub owner: Option<usize>,
}

/// What is shown, grouped or ordered by.
#[derive(Clone, Debug, PartialEq)]
pub enum Noun {
    Column(Mention),
    Table(usize),
    /// The column an adjective such as "oldest" speaks of: words of names, and words that run the other way.
    Measure {
        columns: &'static [&'static str],
        against: &'static [&'static str],
        /// The table whose rows are measured, where it was said.
        owner: Option<usize>,
    },
    /// Two figures of the same rows, computed with.
    Formula(Box<(Pick, Arithmetic, Pick)>),
    /// Rows, with no table named.
    Rows,
}

/// One thing asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    pub aggregate: Option<Aggregate>,
    pub distinct: bool,
    pub noun: Noun,
}

/// The value of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Number(f64),
    Text(String),
    /// The first day of a period that is in, and the first that is out.
    Period {
        from: NaiveDate,
        to: NaiveDate,
        year: Option<i32>,
    },
    /// The average, the largest or the smallest of the tested column.
    Aggregate(Aggregate),
    Column(Mention),
    /// The same column of the row that a stored value names: "older than Bob".
    Row(StoredRivals),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub subject: Option<Pick>,
    pub check: Check,
    pub negated: bool,
    /// Joined to the test before it by "or".
    pub or: bool,
}

/// What a condition checks.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    Compare(Operator, Given),
    Between(Given, Given),
    Contains(String),
    Starts(String),
    Ends(String),
    /// A stored value, and the columns that hold it.
    Stored(StoredRivals),
    Null,
    /// A yes-or-no column that is said to hold.
    Flag,
}

/// "without orders in 2024": rows that have no such partner.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Absence {
    pub tables: Vec<usize>,
    pub tests: Vec<Test>,
}

/// "more than 3 orders"
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    pub operator: Operator,
    pub number: f64,
    pub table: Option<usize>,
}

/// A reading.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Draft {
    pub picks: Vec<Pick>,
    pub distinct: bool,
    pub everything: bool,
    /// Mentioned tables in order, not those of absences.
    pub tables: Vec<usize>,
    /// Those of them of which "all" or "every" is said.
    pub universal: Vec<usize>,
    /// What the question is about.
    pub main: Option<usize>,
    pub tests: Vec<Test>,
    /// "the same city as …": what is shared, and the place of the first test that describes with whom.
    pub shared: Option<(Noun, usize)>,
    /// "older than the one who …": the place of the first test that describes what is compared with.
    pub described: Option<usize>,
    pub absences: Vec<Absence>,
    pub counted: Vec<Counted>,
    pub groups: Vec<Noun>,
    pub grain: Option<Grain>,
    pub orders: Vec<(Pick, bool)>,
    pub limit: Option<u64>,
    /// "the second highest": how many come before.
    pub offset: u64,
    /// "top customers": the first ones, by an order that may not be said.
    pub top: bool,
    /// "both A and B": each of the last two tests holds of some partner row.
    pub both: bool,
    /// Content words that mean nothing here.
    pub unexplained: Vec<String>,
    /// The dictionary forms of all words of the question.
    pub words: Vec<String>,
    /// Things that were read but found no use.
    pub loose: f32,
}

impl Pick {
    /// The noun as it is.
    #[must_use]
    pub fn plain(noun: Noun) -> Self {
        Self { aggregate: None, distinct: false, noun }
    }

    /// An aggregate of it.
    #[must_use]
    pub fn of(aggregate: Aggregate, noun: Noun) -> Self {
        Self { aggregate: Some(aggregate), distinct: false, noun }
    }
}
