//! Reading PostgreSQL's catalogue in one round trip, behind the one that opens the fence.
//!
//! The queries go over the simple protocol as one text of ours, into which only the schema names of
//! the configuration are put. They read `pg_catalog` itself: the views of `information_schema` join
//! so much that a thousand tables take them seconds.

pub(in crate::database) mod queries;

use std::collections::HashMap;

use futures::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Either, Executor as _};

use crate::database::row::TextRow;
use crate::dialect::Dialect;
use crate::schema::{Column, ForeignKey, Index, Schema, Table, TableKind, TypeClass};

/// Separates the columns of an index in one text; no name holds it.
const SEPARATOR: char = '\u{1f}';

/// Reads the schemas named, or all but the system's.
pub(super) async fn introspect(
    connection: &mut PgConnection,
    schemas: Option<&[String]>,
) -> Result<Schema, sqlx::Error> {
    let mut catalogue = Catalogue::default();
    let sql = AssertSqlSafe(queries::all(schemas));
    let mut results = connection.fetch_many(sqlx::raw_sql(sql));
    let mut query = 0;
    while let Some(step) = results.try_next().await? {
        match step {
            Either::Left(_done) => query += 1,
            Either::Right(row) => catalogue.take(query, &row)?,
        }
    }
    drop(results);
    Ok(catalogue.into_schema(schemas))
}

/// What was read so far, with the catalogue's numbers still in it.
#[derive(Default)]
pub(in crate::database) struct Catalogue {
    default_namespace: Option<String>,
    tables: Vec<Table>,
    /// Where in `tables` a relation stands.
    places: HashMap<u32, usize>,
    /// Beside `tables`: the numbers of the columns, in the same order.
    numbers: Vec<Vec<i16>>,
    /// Enumeration types, by number.
    enums: HashMap<u32, Vec<String>>,
    /// Types of columns, by number and modifier.
    types: HashMap<(u32, i32), ColumnType>,
    /// Relations that this login may not read.
    hidden: usize,
}

/// A type as the columns of that type share it.
struct ColumnType {
    name: String,
    class: TypeClass,
    /// A domain may refuse NULL by itself.
    not_null: bool,
    enum_values: Vec<String>,
}

impl Catalogue {
    /// Takes one row of the query at that place in [`queries::all`].
    pub(in crate::database) fn take(&mut self, query: usize, row: &dyn TextRow) -> Result<(), sqlx::Error> {
        let row = Cells(row);
        match query {
            0 => self.default_namespace = row.optional(0)?.map(str::to_owned),
            1 => self.take_enum_label(&row)?,
            2 => self.take_type(&row)?,
            3 => self.take_relation(&row)?,
            4 => self.take_column(&row)?,
            5 => self.take_constraint(&row)?,
            6 => self.take_index(&row)?,
            _ => self.take_read(&row)?,
        }
        Ok(())
    }

    fn take_enum_label(&mut self, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        self.enums.entry(row.number(0)?).or_default().push(row.text(1)?.to_owned());
        Ok(())
    }

    fn take_type(&mut self, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let labels = row.optional(6)?.and_then(|number| self.enums.get(&number.parse().ok()?));
        let column_type = ColumnType {
            name: row.text(2)?.to_owned(),
            class: class(row.text(3)?, row.text(4)?),
            not_null: row.flag(5)?,
            enum_values: labels.cloned().unwrap_or_default(),
        };
        self.types.insert((row.number(0)?, row.number(1)?), column_type);
        Ok(())
    }

    fn take_relation(&mut self, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        if !row.flag(5)? {
            self.hidden += 1;
            return Ok(());
        }
        let kind = match row.text(3)? {
            "v" => TableKind::View,
            "m" => TableKind::MaterializedView,
            "f" => TableKind::ForeignTable,
            _ => TableKind::Table,
        };
        self.places.insert(row.number(0)?, self.tables.len());
        self.numbers.push(Vec::new());
        self.tables.push(Table {
            namespace: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            kind,
            comment: row.optional(4)?.map(str::to_owned),
            columns: Vec::new(),
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            // A negative estimate says that nobody has counted yet.
            row_estimate: row.optional(6)?.and_then(|count| count.parse().ok()),
            reads: Vec::new(),
            partial: false,
        });
        Ok(())
    }

    fn take_column(&mut self, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let Some(&place) = self.places.get(&row.number(0)?) else { return Ok(()) };
        let Some(column_type) = self.types.get(&(row.number(3)?, row.number(4)?)) else { return Ok(()) };
        self.numbers[place].push(row.number(1)?);
        self.tables[place].columns.push(Column {
            name: row.text(2)?.to_owned(),
            type_name: column_type.name.clone(),
            class: column_type.class,
            nullable: !row.flag(5)? && !column_type.not_null,
            default: row.optional(6)?.map(str::to_owned),
            generated: row.flag(7)?,
            comment: row.optional(8)?.map(str::to_owned),
            enum_values: column_type.enum_values.clone(),
        });
        Ok(())
    }

    fn take_constraint(&mut self, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let Some(&place) = self.places.get(&row.number(0)?) else { return Ok(()) };
        // A key over a column that this login may not read is no help to it.
        let Some(columns) = self.names(place, row.text(3)?) else { return Ok(()) };
        if row.text(2)? == "p" {
            self.tables[place].primary_key = columns;
            return Ok(());
        }
        let Some(&referred) = self.places.get(&row.number(4)?) else { return Ok(()) };
        let Some(referred_columns) = self.names(referred, row.text(5)?) else { return Ok(()) };
        let key = ForeignKey {
            name: Some(row.text(1)?.to_owned()),
            columns,
            referred_namespace: self.tables[referred].namespace.clone(),
            referred_table: self.tables[referred].name.clone(),
            referred_columns,
        };
        self.tables[place].foreign_keys.push(key);
        Ok(())
    }

    fn take_index(&mut self, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let Some(&place) = self.places.get(&row.number(0)?) else { return Ok(()) };
        let columns = match row.optional(4)? {
            Some(definitions) => Some(definitions.split(SEPARATOR).map(str::to_owned).collect()),
            None => self.names(place, row.text(3)?),
        };
        if let Some(columns) = columns {
            let index = Index { name: row.text(1)?.to_owned(), columns, unique: row.flag(2)? };
            self.tables[place].indexes.push(index);
        }
        Ok(())
    }

    fn take_read(&mut self, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        if let Some(&place) = self.places.get(&row.number(0)?) {
            self.tables[place].reads.push((row.text(1)?.to_owned(), row.text(2)?.to_owned()));
        }
        Ok(())
    }

    /// The names of the columns with these numbers, written with blanks between.
    fn names(&self, place: usize, numbers: &str) -> Option<Vec<String>> {
        let name = |number: &str| {
            let number: i16 = number.parse().ok()?;
            let at = self.numbers[place].iter().position(|known| *known == number)?;
            Some(self.tables[place].columns[at].name.clone())
        };
        numbers.split_whitespace().map(name).collect()
    }

    pub(in crate::database) fn into_schema(self, schemas: Option<&[String]>) -> Schema {
        let mut schema =
            Schema::empty(Dialect::Postgres, self.default_namespace.unwrap_or_else(|| "public".to_owned()));
        schema.tables = self.tables;
        for (table, numbers) in schema.tables.iter_mut().zip(self.numbers) {
            // They come in the order of their storage, which is not quite that of their numbers.
            let mut columns: Vec<_> = numbers.into_iter().zip(std::mem::take(&mut table.columns)).collect();
            columns.sort_by_key(|(number, _column)| *number);
            table.columns = columns.into_iter().map(|(_number, column)| column).collect();
        }
        for name in schemas.unwrap_or_default() {
            if !schema.tables.iter().any(|table| table.namespace == *name) {
                schema.warnings.push(format!("schema `{name}` does not exist or holds nothing this login may read"));
            }
        }
        if schema.tables.is_empty() && self.hidden > 0 {
            let message = format!("there are {} relations, and this login may read none of them", self.hidden);
            schema.warnings.push(message);
        }
        schema
    }
}

/// The class of a type by its name (a domain's base) and its category (`pg_type.typcategory`).
fn class(name: &str, category: &str) -> TypeClass {
    match (name, category) {
        ("int2" | "int4" | "int8" | "oid", _) => TypeClass::Integer,
        (_, "N") => TypeClass::Number,
        (_, "B") => TypeClass::Boolean,
        (_, "S" | "E") => TypeClass::Text,
        ("date", _) => TypeClass::Date,
        ("time" | "timetz", _) => TypeClass::Time,
        ("timestamp" | "timestamptz", _) => TypeClass::DateTime,
        (_, "T") => TypeClass::Interval,
        (_, "A") => TypeClass::Array,
        ("uuid", _) => TypeClass::Uuid,
        ("json" | "jsonb", _) => TypeClass::Json,
        ("bytea", _) => TypeClass::Bytes,
        _ => TypeClass::Other,
    }
}

/// A row in the simple protocol's text form.
struct Cells<'r>(&'r dyn TextRow);

impl<'r> Cells<'r> {
    fn optional(&self, index: usize) -> Result<Option<&'r str>, sqlx::Error> {
        self.0.cell(index)
    }

    fn text(&self, index: usize) -> Result<&'r str, sqlx::Error> {
        Ok(self.optional(index)?.unwrap_or_default())
    }

    fn flag(&self, index: usize) -> Result<bool, sqlx::Error> {
        Ok(self.text(index)? == "t")
    }

    /// A number, 0 where there is none: the catalogue's own sign for nothing.
    fn number<T: std::str::FromStr + Default>(&self, index: usize) -> Result<T, sqlx::Error> {
        Ok(self.text(index)?.parse().unwrap_or_default())
    }
}
