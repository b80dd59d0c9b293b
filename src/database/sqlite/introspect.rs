//! Reads what the database looks like in four statements, whatever the number of tables.
//!
//! SQLite answers its `PRAGMA`s as table-valued functions, so one join with the catalogue gives the
//! columns of every table at once. A view over a table that is gone, or a virtual table of a module
//! that is not here, makes that statement fail as a whole; then the relations are asked for one by
//! one and the broken one becomes a warning.

use std::collections::HashMap;

use super::authorizer::Phase;
use super::failure::Failure;
use super::session::Session;
use super::statement::{Cell, Statement};
use super::types;
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::schema::{Column, ForeignKey, Index, Schema, Table, TableKind};

/// The one namespace: nothing can be attached.
const NAMESPACE: &str = "main";

/// Relations in the order of the catalogue, without SQLite's own and without the storage of virtual
/// tables. `wr` is WITHOUT ROWID, whose keys cannot be null.
const RELATIONS: &str = "
    SELECT s.name, l.type, l.wr OR l.strict, s.sql
    FROM sqlite_schema AS s JOIN pragma_table_list AS l ON l.name = s.name AND l.schema = 'main'
    WHERE s.type IN ('table', 'view') AND l.type <> 'shadow' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY s.rowid";

const COLUMNS: &str = "
    SELECT s.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden
    FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS c
    WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

const FOREIGN_KEYS: &str = "
    SELECT s.name, k.id, k.\"table\", k.\"from\", k.\"to\"
    FROM sqlite_schema AS s, pragma_foreign_key_list(s.name) AS k
    WHERE s.type = 'table' AND s.sql LIKE '%references%'
    ORDER BY s.rowid, k.id DESC, k.seq";

/// Columns of unique constraints and indexes; the primary key is told by the columns.
const INDEXES: &str = "
    SELECT s.name, i.name, i.\"unique\" AND NOT i.partial, x.name, x.seqno, d.sql
    FROM sqlite_schema AS s, pragma_index_list(s.name) AS i, pragma_index_xinfo(i.name) AS x
    LEFT JOIN sqlite_schema AS d ON d.type = 'index' AND d.name = i.name
    WHERE s.type = 'table' AND i.origin <> 'pk' AND x.key
    ORDER BY s.rowid, i.seq DESC, x.seqno";

const ESTIMATES: &str = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl";

/// The whole schema.
pub(super) fn introspect(session: &Session) -> Result<Schema> {
    read(session).map_err(|failure| match failure.into_error("", session.is_cancelled()) {
        error if matches!(error.code(), Code::Cancelled | Code::QueryTimeout | Code::ConnectionFailed) => error,
        error => Error::new(Code::SchemaFailed, format!("the schema cannot be read: {error}")),
    })
}

fn read(session: &Session) -> Result<Schema, Failure> {
    let mut schema = Schema::empty(Dialect::Sqlite, NAMESPACE);
    let mut strict = Vec::new();
    each(session, RELATIONS, |row| {
        let (name, kind) = (row.text(0)?, row.text(1)?);
        strict.push(row.flag(2)?);
        schema.tables.push(Table {
            namespace: NAMESPACE.to_owned(),
            name,
            kind: if kind == "view" { TableKind::View } else { TableKind::Table },
            comment: None,
            columns: Vec::new(),
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: None,
            reads: Vec::new(),
            partial: false,
        });
        Ok(())
    })?;
    let places = Places::of(&schema);
    columns(session, &mut schema, &places, &strict)?;
    foreign_keys(session, &mut schema, &places)?;
    indexes(session, &mut schema, &places)?;
    estimates(session, &mut schema, &places);
    views(session, &mut schema, &places);
    // What has no columns could not be read, and stands in the warnings.
    schema.tables.retain(|table| !table.columns.is_empty());
    Ok(schema)
}

fn columns(session: &Session, schema: &mut Schema, places: &Places, strict: &[bool]) -> Result<(), Failure> {
    let mut found: Vec<Vec<(Column, i64)>> = vec![Vec::new(); schema.tables.len()];
    let mut add = |row: &Row<'_, '_>| {
        if let Some(place) = places.find(&row.text(0)?) {
            found[place].extend(column(row)?);
        }
        Ok(())
    };
    if let Err(failure) = each(session, COLUMNS, &mut add) {
        if is_final(&failure) {
            return Err(failure);
        }
        for columns in &mut found {
            columns.clear();
        }
        for (place, table) in schema.tables.iter().enumerate() {
            let one = format!("{COLUMNS} AND s.name = {}", Dialect::Sqlite.literal(&table.name));
            let read = each(session, &one, |row| {
                found[place].extend(column(row)?);
                Ok(())
            });
            match read {
                Err(failure) if is_final(&failure) => return Err(failure),
                Err(failure) => {
                    found[place].clear();
                    let warning = format!("`{}` cannot be read: {}", table.name, failure.message);
                    schema.warnings.push(warning);
                }
                Ok(()) => {}
            }
        }
    }
    for ((table, columns), strict) in schema.tables.iter_mut().zip(found).zip(strict) {
        let mut key: Vec<(i64, String)> =
            columns.iter().filter(|(_, pk)| *pk > 0).map(|(column, pk)| (*pk, column.name.clone())).collect();
        key.sort();
        for (mut column, pk) in columns {
            // An INTEGER PRIMARY KEY is the rowid. Any other key of an ordinary table may hold NULL,
            // a fault that SQLite keeps for the sake of old files.
            let rowid = pk > 0 && key.len() == 1 && column.type_name.eq_ignore_ascii_case("INTEGER");
            column.nullable &= !(rowid || (pk > 0 && *strict));
            table.columns.push(column);
        }
        table.primary_key = key.into_iter().map(|(_, name)| name).collect();
    }
    Ok(())
}

/// A column and its place in the primary key; nothing for the hidden ones of a virtual table.
fn column(row: &Row<'_, '_>) -> Result<Option<(Column, i64)>, Failure> {
    let hidden = row.integer(6)?;
    if hidden == 1 {
        return Ok(None);
    }
    let type_name = row.text(2)?;
    let column = Column {
        name: row.text(1)?,
        class: types::class(Some(&type_name)),
        // SQLite appends it to the type of a generated column.
        type_name: type_name.trim_end_matches(" GENERATED ALWAYS").to_owned(),
        nullable: !row.flag(3)?,
        default: row.optional_text(4)?,
        generated: hidden > 1,
        comment: None,
        enum_values: Vec::new(),
    };
    Ok(Some((column, row.integer(5)?)))
}

fn foreign_keys(session: &Session, schema: &mut Schema, places: &Places) -> Result<(), Failure> {
    // A key whose target leaves the columns out means the target's primary key.
    let mut last = None;
    each(session, FOREIGN_KEYS, |row| {
        let Some(place) = places.find(&row.text(0)?) else { return Ok(()) };
        let (id, referred, from) = (row.integer(1)?, row.text(2)?, row.text(3)?);
        let Some(target) = places.find(&referred) else {
            if last != Some((place, id)) {
                last = Some((place, id));
                let name = &schema.tables[place].name;
                let warning = format!("a foreign key of `{name}` refers to `{referred}`, which does not exist");
                schema.warnings.push(warning);
            }
            return Ok(());
        };
        if last != Some((place, id)) {
            last = Some((place, id));
            let key = ForeignKey {
                name: None,
                columns: Vec::new(),
                referred_namespace: NAMESPACE.to_owned(),
                referred_table: schema.tables[target].name.clone(),
                referred_columns: Vec::new(),
            };
            schema.tables[place].foreign_keys.push(key);
        }
        let from = spelled(&schema.tables[place], from);
        let position = schema.tables[place].foreign_keys.last().map_or(0, |key| key.columns.len());
        let to = match row.optional_text(4)? {
            Some(to) => Some(spelled(&schema.tables[target], to)),
            None => schema.tables[target].primary_key.get(position).cloned(),
        };
        if let Some(key) = schema.tables[place].foreign_keys.last_mut() {
            key.columns.push(from);
            key.referred_columns.extend(to);
        }
        Ok(())
    })?;
    for table in &mut schema.tables {
        table.foreign_keys.retain(|key| key.columns.len() == key.referred_columns.len());
    }
    Ok(())
}

/// The column's own spelling, since a constraint may write it in another case.
fn spelled(table: &Table, name: String) -> String {
    table.column(&name).map_or(name, |column| column.name.clone())
}

fn indexes(session: &Session, schema: &mut Schema, places: &Places) -> Result<(), Failure> {
    each(session, INDEXES, |row| {
        let Some(place) = places.find(&row.text(0)?) else { return Ok(()) };
        let (name, position) = (row.text(1)?, row.integer(4)?);
        let column = match row.optional_text(3)? {
            Some(column) => column,
            None => indexed_expression(&row.text(5)?, usize::try_from(position).unwrap_or_default()),
        };
        let indexes = &mut schema.tables[place].indexes;
        if position == 0 {
            indexes.push(Index { name, columns: Vec::new(), unique: row.flag(2)? });
        }
        if let Some(index) = indexes.last_mut() {
            index.columns.push(column);
        }
        Ok(())
    })
}

/// The text of the expression at `position` in a `CREATE INDEX` statement, which SQLite keeps but
/// does not take apart for us.
fn indexed_expression(sql: &str, position: usize) -> String {
    let (mut depth, mut quote, mut parts) = (0_usize, None, vec![String::new()]);
    for letter in sql.chars() {
        let inside = depth > 0;
        match (quote, letter) {
            (Some(end), _) => quote = (letter != end).then_some(end),
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '[') => quote = Some(']'),
            (None, '(') => depth += 1,
            (None, ')') if depth == 1 => break,
            (None, ')') => depth -= 1,
            (None, ',') if depth == 1 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if inside && let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.get(position).map(|part| part.trim().to_owned()).unwrap_or_default()
}

/// What `ANALYZE` counted, where it ever ran; without it SQLite has no such table.
fn estimates(session: &Session, schema: &mut Schema, places: &Places) {
    let _ = each(session, ESTIMATES, |row| {
        if let Some(place) = places.find(&row.text(0)?) {
            schema.tables[place].row_estimate = u64::try_from(row.integer(1)?).ok();
        }
        Ok(())
    });
}

/// The relations under each view, as SQLite's own name resolution finds them.
fn views(session: &Session, schema: &mut Schema, places: &Places) {
    for view in 0..schema.tables.len() {
        if schema.tables[view].kind != TableKind::View || schema.tables[view].columns.is_empty() {
            continue;
        }
        let sql = format!("SELECT * FROM {}", Dialect::Sqlite.quote(&schema.tables[view].name));
        session.fence().take_noted();
        let noting = session.fence().raise(Phase::Noting);
        let prepared = Statement::prepare(session, &sql);
        drop(noting);
        if prepared.is_ok() {
            let mut read: Vec<usize> = session
                .fence()
                .take_noted()
                .iter()
                .filter_map(|noted| places.find(&noted.name))
                .filter(|&at| at != view)
                .collect();
            read.sort_unstable();
            read.dedup();
            schema.tables[view].reads =
                read.into_iter().map(|at| (NAMESPACE.to_owned(), schema.tables[at].name.clone())).collect();
        }
    }
}

/// Whether the statement ended for a reason that meets every other one too.
fn is_final(failure: &Failure) -> bool {
    failure.primary() != libsqlite3_sys::SQLITE_ERROR
}

/// Where each relation stands in the schema, by its name without case.
struct Places(HashMap<String, usize>);

impl Places {
    fn of(schema: &Schema) -> Self {
        let place = |(place, table): (usize, &Table)| (table.name.to_ascii_lowercase(), place);
        Self(schema.tables.iter().enumerate().map(place).collect())
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.get(name).or_else(|| self.0.get(&name.to_ascii_lowercase())).copied()
    }
}

/// The current row of a catalogue statement.
struct Row<'r, 's>(&'r Statement<'s>);

impl Row<'_, '_> {
    fn optional_text(&self, column: i32) -> Result<Option<String>, Failure> {
        Ok(match self.0.cell(column)? {
            Cell::Text(bytes) | Cell::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        })
    }

    fn text(&self, column: i32) -> Result<String, Failure> {
        self.optional_text(column).map(Option::unwrap_or_default)
    }

    fn integer(&self, column: i32) -> Result<i64, Failure> {
        Ok(if let Cell::Integer(number) = self.0.cell(column)? { number } else { 0 })
    }

    fn flag(&self, column: i32) -> Result<bool, Failure> {
        self.integer(column).map(|number| number != 0)
    }
}

fn each(
    session: &Session,
    sql: &str,
    mut take: impl FnMut(&Row<'_, '_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut statement = Statement::prepare(session, sql)?;
    while statement.step()? {
        take(&Row(&statement))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indexed_expression_is_cut_out_of_its_statement() {
        let sql = "CREATE INDEX \"odd (name\" ON t (a, lower(b || ',)'), json_extract(c, '$.x') DESC) WHERE a > 1";
        assert_eq!(indexed_expression(sql, 1), "lower(b || ',)')");
        assert_eq!(indexed_expression(sql, 2), "json_extract(c, '$.x') DESC");
        assert_eq!(indexed_expression(sql, 9), "");
    }
}
