//! Reading `information_schema` in one round trip, behind the one that opens the fence.

pub(in crate::database) mod queries;
mod spelling;

use std::collections::HashMap;

use futures::TryStreamExt as _;
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Either, Executor as _};

use crate::database::row::TextRow;
use crate::dialect::Dialect;
use crate::schema::{Column, ForeignKey, Index, Schema, Table, TableKind};

/// Reads the databases named in `schemas`, or `database` of the URL, or all but the system's.
pub(super) async fn introspect(
    connection: &mut MySqlConnection,
    database: Option<&str>,
    schemas: Option<&[String]>,
) -> Result<Schema, sqlx::Error> {
    let mut catalogue = Catalogue::default();
    let sql = AssertSqlSafe(queries::all(database, schemas));
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

/// What was read so far.
#[derive(Default)]
pub(in crate::database) struct Catalogue {
    default_namespace: Option<String>,
    tables: Vec<Table>,
    /// Where in `tables` a relation stands, by database and name.
    places: HashMap<(String, String), usize>,
    /// The definitions of views, to be read when all relations are known.
    definitions: Vec<(usize, String)>,
}

impl Catalogue {
    /// Takes one row of the query at that place in [`queries::all`].
    pub(in crate::database) fn take(&mut self, query: usize, row: &dyn TextRow) -> Result<(), sqlx::Error> {
        let row = Cells(row);
        if query == 1 {
            self.default_namespace = row.optional(0)?.map(str::to_owned);
            return Ok(());
        }
        let relation = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        if query == 2 {
            return self.take_relation(relation, &row);
        }
        let Some(&place) = self.places.get(&relation) else { return Ok(()) };
        match query {
            3 => self.take_column(place, &row)?,
            4 => self.take_key(place, &row)?,
            5 => self.take_index(place, &row)?,
            _ => self.definitions.push((place, row.text(2)?.to_owned())),
        }
        Ok(())
    }

    fn take_relation(&mut self, relation: (String, String), row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let is_view = row.text(2)?.contains("VIEW");
        let comment = row.optional(3)?.filter(|comment| !comment.is_empty() && !is_view);
        self.places.insert(relation.clone(), self.tables.len());
        self.tables.push(Table {
            namespace: relation.0,
            name: relation.1,
            kind: if is_view { TableKind::View } else { TableKind::Table },
            comment: comment.map(str::to_owned),
            columns: Vec::new(),
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: row.optional(4)?.filter(|_| !is_view).and_then(|count| count.parse().ok()),
            reads: Vec::new(),
            partial: false,
        });
        Ok(())
    }

    fn take_column(&mut self, place: usize, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let type_name = row.text(3)?;
        let extra = row.text(7)?.to_ascii_lowercase();
        // MySQL says `DEFAULT_GENERATED` of a default that is an expression: nothing is generated.
        let generated = ["auto_increment", "virtual", "stored", "persistent"].iter().any(|word| extra.contains(word));
        // MariaDB writes the default as SQL, where MySQL leaves it out.
        let default = row.optional(6)?.filter(|default| *default != "NULL");
        self.tables[place].columns.push(Column {
            name: row.text(2)?.to_owned(),
            type_name: type_name.to_owned(),
            class: spelling::class(row.text(4)?, type_name),
            nullable: row.text(5)? == "YES",
            default: default.map(str::to_owned),
            generated,
            comment: row.optional(8)?.filter(|comment| !comment.is_empty()).map(str::to_owned),
            enum_values: spelling::enum_values(type_name),
        });
        Ok(())
    }

    /// One column of a primary or foreign key; those of one key follow each other.
    fn take_key(&mut self, place: usize, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let (key, column) = (row.text(2)?, row.text(3)?.to_owned());
        let Some(referred_table) = row.optional(5)? else {
            self.tables[place].primary_key.push(column);
            return Ok(());
        };
        let referred_namespace = row.text(4)?;
        let referred_column = row.text(6)?.to_owned();
        let keys = &mut self.tables[place].foreign_keys;
        match keys.last_mut().filter(|last| last.name.as_deref() == Some(key)) {
            Some(last) => {
                last.columns.push(column);
                last.referred_columns.push(referred_column);
            }
            None => keys.push(ForeignKey {
                name: Some(key.to_owned()),
                columns: vec![column],
                referred_namespace: referred_namespace.to_owned(),
                referred_table: referred_table.to_owned(),
                referred_columns: vec![referred_column],
            }),
        }
        Ok(())
    }

    /// One column of an index; those of one index follow each other.
    fn take_index(&mut self, place: usize, row: &Cells<'_>) -> Result<(), sqlx::Error> {
        let (name, unique) = (row.text(2)?, row.text(3)? == "0");
        let column = row.optional(4)?.unwrap_or("(expression)").to_owned();
        let indexes = &mut self.tables[place].indexes;
        match indexes.last_mut().filter(|last| last.name == name) {
            Some(last) => last.columns.push(column),
            None => indexes.push(Index { name: name.to_owned(), columns: vec![column], unique }),
        }
        Ok(())
    }

    pub(in crate::database) fn into_schema(mut self, schemas: Option<&[String]>) -> Schema {
        for (place, definition) in std::mem::take(&mut self.definitions) {
            let pairs = spelling::quoted_pairs(&definition).into_iter();
            let mut reads: Vec<_> = pairs.filter(|pair| self.places.get(pair).is_some_and(|at| *at != place)).collect();
            reads.sort();
            reads.dedup();
            self.tables[place].reads = reads;
        }
        let mut schema = Schema::empty(Dialect::Mysql, self.default_namespace.unwrap_or_default());
        // A relation of which no column may be read is not there for this login.
        let places = std::mem::take(&mut self.places);
        let readable: Vec<bool> = self.tables.iter().map(|table| !table.columns.is_empty()).collect();
        let is_readable = |namespace: &str, name: &str| {
            places.get(&(namespace.to_owned(), name.to_owned())).is_some_and(|place| readable[*place])
        };
        let hidden = readable.iter().filter(|readable| !**readable).count();
        schema.tables = self.tables.into_iter().filter(|table| !table.columns.is_empty()).collect();
        for table in &mut schema.tables {
            table.foreign_keys.retain(|key| is_readable(&key.referred_namespace, &key.referred_table));
        }
        for name in schemas.unwrap_or_default() {
            if !schema.tables.iter().any(|table| table.namespace == *name) {
                schema.warnings.push(format!("database `{name}` does not exist or holds nothing this login may read"));
            }
        }
        if schema.tables.is_empty() && hidden > 0 {
            schema.warnings.push(format!("there are {hidden} relations, and this login may read none of them"));
        }
        schema
    }
}

/// A row in the text protocol.
struct Cells<'r>(&'r dyn TextRow);

impl<'r> Cells<'r> {
    fn optional(&self, index: usize) -> Result<Option<&'r str>, sqlx::Error> {
        self.0.cell(index)
    }

    fn text(&self, index: usize) -> Result<&'r str, sqlx::Error> {
        Ok(self.optional(index)?.unwrap_or_default())
    }
}
