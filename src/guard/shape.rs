//! The columns that a query gives.

use std::borrow::Cow;

/// A column of a result.
#[derive(Clone, Debug)]
pub(super) struct Column<'a> {
    /// As the dialect folds it; `None` where the engine makes one up.
    pub name: Option<Cow<'a, str>>,
    /// Whether something masked is in it.
    pub masked: bool,
}

/// What is known of the columns that a query gives.
#[derive(Clone, Debug)]
pub(super) struct Shape<'a> {
    pub columns: Vec<Column<'a>>,
    /// Whether `columns` are all of them, each once and in order.
    pub in_order: bool,
    /// Whether no column has a name that is not in `columns`.
    pub closed: bool,
    /// Whether a column that is not in `columns` may hold something masked.
    pub masked: bool,
}

impl<'a> Shape<'a> {
    /// A shape to put columns in.
    pub fn empty() -> Self {
        Self { columns: Vec::new(), in_order: true, closed: true, masked: false }
    }

    /// A shape of which nothing is known but whether something masked may be in it.
    pub fn open(masked: bool) -> Self {
        Self { columns: Vec::new(), in_order: false, closed: false, masked }
    }

    pub fn push(&mut self, name: Option<Cow<'a, str>>, masked: bool) {
        self.columns.push(Column { name, masked });
    }

    /// Puts the columns of `other` behind its own.
    pub fn append(&mut self, other: Self) {
        self.columns.extend(other.columns);
        self.in_order &= other.in_order;
        self.closed &= other.closed;
        self.masked |= other.masked;
    }

    /// Whether anything masked may be in it.
    pub fn has_masked(&self) -> bool {
        self.masked || self.columns.iter().any(|column| column.masked)
    }

    /// The same with every column masked.
    pub fn all_masked(mut self) -> Self {
        for column in &mut self.columns {
            column.masked = true;
        }
        self.masked = true;
        self
    }

    /// The same under the names of an alias' column list, which name the first columns.
    pub fn renamed(mut self, names: Vec<String>) -> Self {
        if self.in_order {
            for (column, name) in self.columns.iter_mut().zip(names) {
                column.name = Some(Cow::Owned(name));
            }
        } else {
            let masked = self.has_masked();
            self.columns.extend(names.into_iter().map(|name| Column { name: Some(Cow::Owned(name)), masked }));
        }
        self
    }

    /// The shape of a set operation: the names of this side, and masked what is on either.
    pub fn united(mut self, other: &Self) -> Self {
        let aligned = self.in_order && other.in_order && self.columns.len() == other.columns.len();
        if aligned {
            for (column, with) in self.columns.iter_mut().zip(&other.columns) {
                column.masked |= with.masked;
            }
        } else if other.has_masked() {
            self.in_order = false;
            self = self.all_masked();
        } else {
            self.in_order = false;
        }
        self
    }
}
