//! Puts row filters into an approved text: the name of a table gives way to a derived table.
//!
//! The text is cut and joined at the boundaries of tokens that the lexer and the parser agree on; no
//! tree is ever printed. `orders o` becomes `(SELECT * FROM orders WHERE (tenant_id = ?)) o`.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};
use sqlparser::tokenizer::Location;

use super::lexer::Lexed;
use super::policy::{ColumnAccess, Policy};
use super::resolve::fold;
use super::row_filter::{Piece, RowFilter};
use super::rules::{row_filter, understood};
use super::walk::Found;
use super::walk::grouping::Grouping;
use super::{Guard, Rejection, Relation, parse};
use crate::dialect::Dialect;
use crate::schema::{Schema, Table};
use crate::value::Value;

/// A place at which a table with row filters is named.
pub(super) struct Filtered<'a> {
    /// The first and the last part of the name.
    first: Location,
    last: Location,
    table: &'a Table,
    pub filters: Vec<&'a RowFilter>,
    aliased: bool,
}

/// A place at which a column or a row is named with more than its source in front.
pub(super) struct Prefix {
    first: Location,
    source: Location,
    name: String,
}

impl<'a> Filtered<'a> {
    pub fn new(name: &ObjectName, table: &'a Table, filters: Vec<&'a RowFilter>, aliased: bool) -> Self {
        let place = |part: Option<&ObjectNamePart>| {
            part.and_then(ObjectNamePart::as_ident).map_or(Location::new(0, 0), |ident| ident.span.start)
        };
        Self { first: place(name.0.first()), last: place(name.0.last()), table, filters, aliased }
    }
}

impl Prefix {
    /// What stands before `source` in a name that begins with `first`.
    pub fn new(dialect: Dialect, first: &Ident, source: &Ident) -> Self {
        Self { first: first.span.start, source: source.span.start, name: fold(dialect, source).into_owned() }
    }
}

/// The text with the row filters that were `found` in it, what is bound to its
/// placeholders, and what the filters read.
pub(super) fn rewrite(
    guard: &Guard,
    lexed: &Lexed,
    schema: &Schema,
    found: &Found<'_>,
) -> Result<(super::Filtered, Vec<Relation>), Rejection> {
    let places = found.filtered.as_slice();
    let mut edits = Vec::with_capacity(places.len());
    for place in places {
        let start = token_at(lexed, place.first)?.0;
        let (last, end) = token_at(lexed, place.last)?;
        edits.push((start, end, Edit::Filter(place, last)));
    }
    for prefix in &found.prefixes {
        // A derived table has no namespace: `public.orders.id` is `orders.id` then.
        let replaced = |place: &&Filtered<'_>| !place.aliased && place.table.name.eq_ignore_ascii_case(&prefix.name);
        if places.iter().any(|place| replaced(&place)) {
            edits.push((token_at(lexed, prefix.first)?.0, token_at(lexed, prefix.source)?.0, Edit::Cut));
        }
    }
    for grouping in &found.groupings {
        if places.iter().any(|place| std::ptr::eq(place.table, grouping.table)) {
            let (start, _) = token_at(lexed, grouping.place)?;
            edits.push((start, start, Edit::Group(grouping)));
        }
    }
    edits.sort_by_key(|(start, end, _)| (*start, *end));
    // A part of the statement may have been walked twice.
    edits.dedup_by_key(|(start, end, _)| (*start, *end));
    let mut writer = Writer {
        guard,
        schema,
        text: String::with_capacity(lexed.text.len() * 2),
        parameters: Vec::new(),
        relations: Vec::new(),
    };
    let mut from = 0;
    for (start, end, edit) in edits {
        let Some(between) = lexed.text.get(from..start) else {
            return Err(understood::RULE.refuse("two names stand at one place"));
        };
        writer.text.push_str(between);
        match edit {
            Edit::Filter(place, last) => {
                writer.derived_table(place, &lexed.text[start..end], &lexed.text[last..end])?;
            }
            Edit::Group(grouping) => {
                let source = quoted(guard.dialect, &grouping.source);
                for column in &grouping.columns {
                    writer.text.push_str(&format!("{source}.{}, ", quoted(guard.dialect, &column.name)));
                }
            }
            Edit::Cut => {}
        }
        from = end;
    }
    writer.text.push_str(&lexed.text[from..]);
    Ok((super::Filtered { text: writer.text, parameters: writer.parameters }, writer.relations))
}

/// What happens to a piece of the text.
enum Edit<'p> {
    /// A table's name gives way to a derived table; with the place of the name's last part.
    Filter(&'p Filtered<'p>, usize),
    /// Columns are put before the one that stands there.
    Group(&'p Grouping<'p>),
    Cut,
}

struct Writer<'a> {
    guard: &'a Guard,
    schema: &'a Schema,
    text: String,
    parameters: Vec<Value>,
    /// What the filters read.
    relations: Vec<Relation>,
}

impl Writer<'_> {
    fn derived_table(&mut self, place: &Filtered<'_>, written: &str, last: &str) -> Result<(), Rejection> {
        let blocked = |name: &str| self.guard.column(self.schema, place.table, name) == ColumnAccess::Blocked;
        let shown: Vec<&str> =
            (place.table.columns.iter()).map(|column| column.name.as_str()).filter(|name| !blocked(name)).collect();
        self.text.push_str("(SELECT ");
        if shown.len() == place.table.columns.len() {
            self.text.push('*');
        } else {
            let names: Vec<String> = shown.iter().map(|name| quoted(self.guard.dialect, name)).collect();
            self.text.push_str(&names.join(", "));
        }
        self.text.push_str(" FROM ");
        self.text.push_str(written);
        self.text.push_str(" WHERE ");
        for (at, filter) in place.filters.iter().enumerate() {
            self.relations.extend(check(self.guard, self.schema, place.table, filter)?);
            self.text.push_str(if at == 0 { "(" } else { " AND (" });
            self.condition(filter)?;
            self.text.push(')');
        }
        self.text.push(')');
        if !place.aliased {
            self.text.push_str(" AS ");
            self.text.push_str(last);
        }
        Ok(())
    }

    fn condition(&mut self, filter: &RowFilter) -> Result<(), Rejection> {
        for piece in &filter.pieces {
            match piece {
                Piece::Text(text) => self.text.push_str(text),
                Piece::Attribute(name) => {
                    let caller = self.guard.caller.as_ref();
                    let value = caller.and_then(|caller| caller.attribute(name));
                    match value.ok_or_else(|| row_filter::no_attribute(name))? {
                        // In an empty list there is nothing.
                        Value::Array(values) if values.is_empty() => self.text.push_str("NULL"),
                        Value::Array(values) => {
                            for (at, value) in values.into_iter().enumerate() {
                                self.text.push_str(if at == 0 { "" } else { ", " });
                                self.placeholder(value);
                            }
                        }
                        value => self.placeholder(value),
                    }
                }
            }
        }
        Ok(())
    }

    fn placeholder(&mut self, value: Value) {
        self.parameters.push(value);
        let number = self.parameters.len();
        match self.guard.dialect {
            Dialect::Postgres => self.text.push_str(&format!("${number}")),
            Dialect::Mysql | Dialect::Sqlite => self.text.push('?'),
            Dialect::Mssql => self.text.push_str(&format!("@P{number}")),
        }
    }
}

/// Refuses a filter with a name that its table does not have: where the table is named in a subquery,
/// the name would be looked for in what the statement has around it. Gives what the filter reads.
fn check(guard: &Guard, schema: &Schema, table: &Table, filter: &RowFilter) -> Result<Vec<Relation>, Rejection> {
    let condition: String = filter
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Attribute(_) => "NULL",
        })
        .collect();
    let name = quoted(guard.dialect, &table.name);
    let name = match guard.dialect {
        Dialect::Sqlite => name,
        _ => format!("{}.{name}", quoted(guard.dialect, &table.namespace)),
    };
    let open = Guard::new(guard.dialect, Policy::default());
    parse::check_strictly(&open, &format!("SELECT 1 FROM {name} WHERE ({condition})"), schema)
        .map_err(|rejection| row_filter::unreadable(&rejection.message))
}

/// A name in the quotes of the dialect.
fn quoted(dialect: Dialect, name: &str) -> String {
    let (open, close) = match dialect {
        Dialect::Postgres | Dialect::Sqlite => ('"', '"'),
        Dialect::Mysql => ('`', '`'),
        Dialect::Mssql => ('[', ']'),
    };
    format!("{open}{}{close}", name.replace(close, &format!("{close}{close}")))
}

/// Start and end of the token that the parser says begins at `location`.
fn token_at(lexed: &Lexed, location: Location) -> Result<(usize, usize), Rejection> {
    let offset = || {
        let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
        let mut lines = lexed.text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(line).map(str::len).sum();
        let within = lines.next()?.char_indices().nth(column)?.0;
        Some(before + within)
    };
    let token = offset().and_then(|offset| {
        let place = lexed.tokens.binary_search_by_key(&offset, |token| token.start).ok()?;
        lexed.tokens.get(place)
    });
    token
        .map(|token| (token.start, token.end))
        .ok_or_else(|| understood::RULE.refuse("the place of a table's name is not clear"))
}
