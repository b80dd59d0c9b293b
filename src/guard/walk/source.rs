//! What FROM has brought.

use std::rc::Rc;

use crate::dialect::Dialect;
use crate::guard::Relation;
use crate::guard::shape::Shape;
use crate::schema::{Column, Table};

/// What a row of a source consists of.
pub(super) enum Row<'a> {
    /// The columns of one table, or of several that the name may mean.
    Tables(Vec<&'a Table>),
    /// The columns of a query.
    Query(Rc<Shape<'a>>),
    /// The result of a function.
    Function { name: String, masked: bool },
    /// A relation that no schema describes.
    Named(Relation),
}

pub(super) struct Source<'a> {
    pub name: String,
    pub row: Row<'a>,
    /// The names that the alias gives to the first columns.
    columns: Vec<String>,
}

/// What a column's name turned out to mean.
pub(super) enum Hit<'a> {
    Column(&'a Table, &'a Column),
    /// A column of a query or of a function.
    Result {
        masked: bool,
    },
}

/// The sources in scope, inner ones last.
pub(super) struct Sources<'a> {
    list: Vec<Source<'a>>,
    scope: Scope,
    /// The names that select lists in scope give to their columns.
    aliases: Vec<String>,
    /// What the query gives that was walked last.
    pub output: Shape<'a>,
}

/// What belongs to one SELECT.
#[derive(Clone, Copy, Default)]
pub(super) struct Scope {
    /// The place of its first source.
    own: usize,
    /// Whether USING or NATURAL makes one column of two.
    pub merges: bool,
    /// Whether a named window looks at something masked.
    pub masked_window: bool,
    /// Up to which source NATURAL has looked at whole rows.
    naturally: usize,
}

/// A place to come back to.
pub(super) struct Mark {
    sources: usize,
    aliases: usize,
    scope: Scope,
}

/// Columns that functions name in their result.
const FUNCTION_COLUMNS: &[&str] =
    &["key", "value", "ordinality", "alias", "description", "token", "dictionaries", "dictionary", "lexemes", "tokid"];

/// Whether the dialect takes two names of columns or sources for the same.
pub(super) fn same(dialect: Dialect, one: &str, other: &str) -> bool {
    match dialect {
        Dialect::Postgres => one == other,
        Dialect::Sqlite | Dialect::Mysql => one.eq_ignore_ascii_case(other),
        // SQL Server compares without the blanks at the end.
        Dialect::Mssql => one.trim_end_matches(' ').eq_ignore_ascii_case(other.trim_end_matches(' ')),
    }
}

/// Names of a row's number in SQLite (<https://www.sqlite.org/lang_createtable.html#rowid>).
const ROW_NUMBERS: &[&str] = &["rowid", "oid", "_rowid_"];

/// Whether the dialect takes the name for a row's number, which a key may be.
pub(super) fn is_row_number(name: &str) -> bool {
    ROW_NUMBERS.iter().any(|number| name.eq_ignore_ascii_case(number))
}

/// Whether `name`, which no column has, may mean `column` because that is a key: SQLite's row number is an
/// integer primary key, MySQL has `_rowid` for one
/// (<https://dev.mysql.com/doc/refman/8.4/en/create-index.html#create-index-unique>), and SQL Server has
/// `IDENTITYCOL` and `ROWGUIDCOL` for columns that the schema does not tell from others.
fn is_key_named(dialect: Dialect, table: &Table, column: &Column, name: &str) -> bool {
    let is_in = |names: &[String]| names.contains(&column.name);
    match dialect {
        Dialect::Sqlite => is_row_number(name) && is_in(&table.primary_key),
        Dialect::Mysql => {
            let unique = || table.indexes.iter().any(|index| index.unique && is_in(&index.columns));
            name.eq_ignore_ascii_case("_rowid") && (is_in(&table.primary_key) || unique())
        }
        Dialect::Mssql => name.eq_ignore_ascii_case("identitycol") || name.eq_ignore_ascii_case("rowguidcol"),
        Dialect::Postgres => false,
    }
}

/// Whether a function may name a column of its result so.
pub(super) fn is_function_column(name: &str) -> bool {
    FUNCTION_COLUMNS.contains(&name)
}

impl<'a> Source<'a> {
    /// Adds what `name` may mean here to `hits`.
    pub fn look_up(&self, dialect: Dialect, name: &str, hits: &mut Vec<Hit<'a>>) {
        match &self.row {
            Row::Tables(tables) => {
                // The schema may lack columns that the login may not read and the alias counts, so a new name
                // may mean any column up to its place, and an old one may still hold.
                let renamed = self.columns.iter().rposition(|column| same(dialect, column, name));
                for table in tables {
                    let columns = table.columns.iter().enumerate();
                    let found = columns.filter(|(at, column)| {
                        same(dialect, &column.name, name) || renamed.is_some_and(|place| *at <= place)
                    });
                    let before = hits.len();
                    hits.extend(found.map(|(_, column)| Hit::Column(table, column)));
                    if hits.len() == before {
                        let keys = table.columns.iter().filter(|column| is_key_named(dialect, table, column, name));
                        hits.extend(keys.map(|column| Hit::Column(table, column)));
                    }
                }
            }
            Row::Query(shape) => {
                let found = shape
                    .columns
                    .iter()
                    .filter(|column| column.name.as_ref().is_some_and(|column| same(dialect, column, name)));
                hits.extend(found.map(|column| Hit::Result { masked: column.masked }));
            }
            Row::Function { name: function, masked } => {
                let mut names = self.columns.iter().chain([&self.name, function]);
                if names.any(|column| same(dialect, column, name)) || is_function_column(name) {
                    hits.push(Hit::Result { masked: *masked });
                }
            }
            Row::Named(_) => {}
        }
    }

    /// Whether it may have columns that are not known.
    pub fn is_open(&self) -> bool {
        match &self.row {
            Row::Tables(tables) => tables.iter().any(|table| table.columns.is_empty()),
            Row::Query(shape) => !shape.closed,
            Row::Function { .. } => false,
            Row::Named(_) => true,
        }
    }

    /// The names of a function's result that `*` may stand for.
    pub fn function_columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str).chain([self.name.as_str()]).chain(FUNCTION_COLUMNS.iter().copied())
    }

    /// What the alias calls the column at that place.
    pub fn renamed(&self, at: usize) -> Option<&String> {
        self.columns.get(at)
    }
}

impl<'a> Sources<'a> {
    pub fn new() -> Self {
        Self { list: Vec::new(), scope: Scope::default(), aliases: Vec::new(), output: Shape::empty() }
    }

    /// The place to come back to with [`Sources::leave`].
    pub fn enter(&self) -> Mark {
        Mark { sources: self.list.len(), aliases: self.aliases.len(), scope: self.scope }
    }

    /// Forgets the sources of an inner scope.
    pub fn leave(&mut self, mark: &Mark) {
        self.list.truncate(mark.sources);
        self.aliases.truncate(mark.aliases);
        self.scope = mark.scope;
    }

    /// Begins the scope of a SELECT; it ends when its query is left.
    pub fn open(&mut self) {
        self.scope = Scope { own: self.list.len(), ..Scope::default() };
    }

    pub fn scope(&mut self) -> &mut Scope {
        &mut self.scope
    }

    /// Brings a source into scope.
    pub fn add(&mut self, name: String, row: Row<'a>, columns: Vec<String>) {
        let (row, columns) = match row {
            Row::Query(shape) if !columns.is_empty() => {
                (Row::Query(Rc::new(Shape::clone(&shape).renamed(columns))), Vec::new())
            }
            row => (row, columns),
        };
        self.list.push(Source { name, row, columns });
    }

    /// Takes the result of every function in the query's FROM for masked.
    pub fn mask_functions(&mut self) {
        let own = self.own();
        for source in self.list.iter_mut().skip(own.start) {
            if let Row::Function { name: _, masked } = &mut source.row {
                *masked = true;
            }
        }
    }

    /// Takes away the sources from `first` on.
    pub fn drop_from(&mut self, first: usize) {
        self.list.truncate(first);
        self.scope.naturally = self.scope.naturally.min(first);
    }

    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The sources of enclosing queries, and those of this one.
    pub fn outer_and_own(&self) -> (&[Source<'a>], &[Source<'a>]) {
        self.list.split_at(self.scope.own.min(self.list.len()))
    }

    pub fn all(&self) -> &[Source<'a>] {
        &self.list
    }

    /// The sources of that name: those of this query, or else those of enclosing ones.
    pub fn named(&self, dialect: Dialect, name: &str) -> Vec<usize> {
        let has_it = |(_, source): &(usize, &Source<'a>)| same(dialect, &source.name, name);
        let own = self.list.iter().enumerate().skip(self.scope.own).filter(has_it).map(|(at, _)| at);
        let found: Vec<usize> = own.collect();
        if found.is_empty() { self.list.iter().enumerate().filter(has_it).map(|(at, _)| at).collect() } else { found }
    }

    /// The sources of this query that NATURAL has not looked at yet: a chain of joins looks at each once.
    pub fn naturally_joined(&mut self) -> std::ops::Range<usize> {
        let own = self.own();
        let from = self.scope.naturally.clamp(own.start, own.end);
        self.scope.naturally = own.end;
        from..own.end
    }

    pub fn own(&self) -> std::ops::Range<usize> {
        self.scope.own.min(self.list.len())..self.list.len()
    }

    /// Notes the name that a select list gives to a column.
    pub fn name_output(&mut self, alias: String) {
        self.aliases.push(alias);
    }

    pub fn names_output(&self, dialect: Dialect, name: &str) -> bool {
        self.aliases.iter().any(|alias| same(dialect, alias, name))
    }
}
