//! The query as the engine thinks of it: clauses over columns, without joins and without a dialect.
//!
//! Joins follow from the tables that take part, and the text from [`super::write`]. A conversation
//! keeps a [`Plan`], so that the next question can change a clause of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

use crate::grounding::ColumnId;

/// Columns that a term reads, terms that a condition tests, tables that take part: mostly so few that they need no
/// allocation, and every candidate is asked for them many times.
pub type Columns = SmallVec<[ColumnId; 2]>;
pub type Terms<'q> = SmallVec<[&'q Term; 2]>;
pub type Tables = SmallVec<[usize; 4]>;

/// One `SELECT`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub select: Vec<Item>,
    pub distinct: bool,
    /// Tables that take part beside those of the columns; the first is what the question is about.
    pub tables: Vec<usize>,
    /// All must hold.
    pub filter: Vec<Condition>,
    pub group: Vec<Term>,
    /// All must hold of a group.
    pub having: Vec<Condition>,
    pub order: Vec<Order>,
    pub limit: Option<u64>,
    /// Rows of the order that are passed over: the second highest is behind one.
    #[serde(default)]
    pub offset: u64,
    pub set: Option<(SetOperator, Box<Query>)>,
    /// References that tables are joined by where there is a choice: the station a trip ended at, not where it began.
    #[serde(default)]
    pub via: Vec<ColumnId>,
    /// The joins of a statement that was read back, each with the table that is there already on its left. Its rows
    /// stand as often as these make them; without it joins follow from the tables, and each row stands once.
    #[serde(default)]
    pub joined: Option<Vec<[ColumnId; 2]>>,
    /// Whether the engine's own habits hold, as in a statement that was read back: where NULL stands in an order, and
    /// which keys of a group need not be said.
    #[serde(default)]
    pub native: bool,
    /// The rows it reads are those of another query; it has no tables then.
    #[serde(default)]
    pub of: Option<Box<Query>>,
}

/// A value of a row or of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub aggregate: Option<Aggregate>,
    pub distinct: bool,
    pub term: Term,
}

/// What a value is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Term {
    /// The row itself: `*`, and what `COUNT(*)` counts.
    Row,
    /// Every column of one table.
    Every(usize),
    Column(ColumnId),
    /// A day cut to a month, a year, and so on, as text that sorts.
    Part(ColumnId, Grain),
    /// One column times another: a price times a quantity.
    Product(ColumnId, ColumnId),
    /// What two figures give together: a difference, a ratio, a percentage.
    Formula(Box<Formula>),
    /// An expression of a statement that was read back, which is kept as it was written.
    Verbatim(Verbatim),
}

/// SQL that no other term says, with places for the columns: how these are spelled hangs on the joins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verbatim {
    pub pieces: Vec<Piece>,
    /// Whether it is one value of many rows.
    pub is_aggregate: bool,
    /// What the statement calls it.
    pub name: Option<String>,
}

/// What it is called makes no other value of it.
impl PartialEq for Verbatim {
    fn eq(&self, other: &Self) -> bool {
        self.pieces == other.pieces && self.is_aggregate == other.is_aggregate
    }
}

/// A piece of a [`Verbatim`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    Sql(String),
    Column(ColumnId),
}

/// Two figures and what is done with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Formula {
    pub left: Figure,
    pub operator: Arithmetic,
    pub right: Figure,
}

/// One side of a [`Formula`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Figure {
    /// Of the rows or groups of the query itself.
    Item(Item),
    /// One number that a query of its own gives.
    Query(Box<Query>),
}

/// What is done with two figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arithmetic {
    Plus,
    Minus,
    Over,
    /// The left one as a part of the right one.
    Share,
    /// The left one in hundredths of the right one.
    Percent,
}

/// How finely time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// How the values of a group become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aggregate {
    Count,
    Sum,
    Average,
    Minimum,
    Maximum,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    Compare {
        left: Item,
        operator: Operator,
        right: Operand,
    },
    Between {
        left: Item,
        low: Operand,
        high: Operand,
    },
    /// Letters are compared without case.
    Like {
        term: Term,
        pattern: String,
        negated: bool,
    },
    In {
        term: Term,
        values: Vec<Operand>,
        negated: bool,
    },
    /// `column` is among what `query` gives.
    Among {
        column: ColumnId,
        query: Box<Query>,
        negated: bool,
    },
    Null {
        term: Term,
        negated: bool,
    },
    /// `column` is the largest (`high`) or smallest of the rows that are alike in `per`.
    Peak {
        column: ColumnId,
        per: ColumnId,
        high: bool,
    },
    Any(Vec<Condition>),
    All(Vec<Condition>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Operand {
    Number(f64),
    Text(String),
    Flag(bool),
    Day(NaiveDate),
    Query(Box<Query>),
    Term(Term),
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub item: Item,
    pub descending: bool,
}

/// How two results become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// A query with the schema it speaks of; kept in the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Hexadecimal [`crate::schema::Schema::fingerprint`]: places mean nothing in another schema.
    pub schema: String,
    pub query: Query,
}

impl Item {
    /// The bare column.
    #[must_use]
    pub fn column(id: ColumnId) -> Self {
        Self::term(Term::Column(id))
    }

    /// The bare term.
    #[must_use]
    pub fn term(term: Term) -> Self {
        Self { aggregate: None, distinct: false, term }
    }

    /// `COUNT(*)`
    #[must_use]
    pub fn count() -> Self {
        Self::of(Aggregate::Count, Term::Row)
    }

    /// The aggregate of a term.
    #[must_use]
    pub fn of(aggregate: Aggregate, term: Term) -> Self {
        Self { aggregate: Some(aggregate), distinct: false, term }
    }

    /// Whether it is one value of many rows.
    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        let computed = match &self.term {
            Term::Formula(formula) => formula.left.is_aggregate() || formula.right.is_aggregate(),
            Term::Verbatim(verbatim) => verbatim.is_aggregate,
            _ => false,
        };
        self.aggregate.is_some() || computed
    }
}

impl Term {
    /// The columns it reads.
    #[must_use]
    pub fn columns(&self) -> Columns {
        match self {
            Self::Row | Self::Every(_) => Columns::new(),
            Self::Column(id) | Self::Part(id, _) => smallvec![*id],
            Self::Product(left, right) => smallvec![*left, *right],
            Self::Formula(formula) => {
                let sides = [&formula.left, &formula.right].into_iter();
                sides.filter_map(Figure::item).flat_map(|item| item.term.columns()).collect()
            }
            Self::Verbatim(verbatim) => verbatim.columns(),
        }
    }

    /// The tables it reads.
    #[must_use]
    pub fn tables(&self) -> Tables {
        match self {
            Self::Every(table) => smallvec![*table],
            other => other.columns().iter().map(|id| id.table).collect(),
        }
    }
}

impl Verbatim {
    fn columns(&self) -> Columns {
        let column = |piece: &Piece| match piece {
            Piece::Column(id) => Some(*id),
            Piece::Sql(_) => None,
        };
        self.pieces.iter().filter_map(column).collect()
    }
}

impl Figure {
    /// The item, where it is one of the query itself.
    #[must_use]
    pub fn item(&self) -> Option<&Item> {
        match self {
            Self::Item(item) => Some(item),
            Self::Query(_) => None,
        }
    }

    fn is_aggregate(&self) -> bool {
        self.item().is_none_or(Item::is_aggregate)
    }
}

impl Condition {
    /// What holds where the expression of a statement does.
    #[must_use]
    pub fn holds(verbatim: Verbatim) -> Self {
        let left = Item::term(Term::Verbatim(verbatim));
        Self::Compare { left, operator: Operator::Equal, right: Operand::Flag(true) }
    }

    /// The terms of this level, not those of queries inside.
    #[must_use]
    pub fn terms(&self) -> Terms<'_> {
        match self {
            Self::Compare { left, right: Operand::Term(term), .. } => smallvec![&left.term, term],
            Self::Compare { left, .. } | Self::Between { left, .. } => smallvec![&left.term],
            Self::Like { term, .. } | Self::In { term, .. } | Self::Null { term, .. } => smallvec![term],
            Self::Among { .. } | Self::Peak { .. } => Terms::new(),
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::terms).collect(),
        }
    }

    /// The tables of this level.
    #[must_use]
    pub fn tables(&self) -> Tables {
        match self {
            Self::Among { column, .. } => smallvec![column.table],
            Self::Peak { column, per, .. } => smallvec![column.table, per.table],
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::tables).collect(),
            _ => self.terms().iter().flat_map(|term| term.tables()).collect(),
        }
    }
}

impl Operator {
    /// As SQL writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Different => "<>",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// What holds when this does not.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Equal => Self::Different,
            Self::Different => Self::Equal,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::More,
            Self::More => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }
}

impl Query {
    /// Whether a select item is an aggregate.
    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        self.select.iter().any(Item::is_aggregate)
    }

    /// Whether something it shows or orders by is computed from two figures.
    #[must_use]
    pub fn computes(&self) -> bool {
        let items = self.select.iter().chain(self.order.iter().map(|order| &order.item));
        items.into_iter().any(|item| matches!(item.term, Term::Formula(_)))
    }

    /// Every table that takes part at this level, the main one first, each once.
    #[must_use]
    pub fn relations(&self) -> Tables {
        let mut once = Tables::new();
        let mut add = |tables: &[usize]| {
            for table in tables {
                if !once.contains(table) {
                    once.push(*table);
                }
            }
        };
        add(&self.tables);
        self.select.iter().for_each(|item| add(&item.term.tables()));
        self.filter.iter().for_each(|condition| add(&condition.tables()));
        self.group.iter().for_each(|term| add(&term.tables()));
        self.having.iter().for_each(|condition| add(&condition.tables()));
        self.order.iter().for_each(|order| add(&order.item.term.tables()));
        once
    }
}
