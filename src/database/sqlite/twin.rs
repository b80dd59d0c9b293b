//! An empty database of ours with the tables of one that only its application can reach.
//!
//! What a statement reads, which types its columns were declared with and what the schema is, SQLite tells on an open
//! handle of its C library only; the connection of an application may be another build of SQLite behind another
//! binding. A database with the same `CREATE` statements and no rows tells the same.

use super::introspect;
use super::location::Location;
use super::read::{self, Described};
use super::session::Session;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::guard::ApprovedSql;
use crate::schema::Schema;

/// An entry of `sqlite_schema`.
pub(in crate::database) struct Entry {
    pub(in crate::database) name: String,
    pub(in crate::database) sql: String,
}

/// An entry of `sqlite_stat1`: the table, the index and what `ANALYZE` counted.
pub(in crate::database) type Count = (String, Option<String>, String);

/// The empty database.
pub(in crate::database) struct Twin {
    session: Session,
    /// What could not be made.
    warnings: Vec<String>,
}

impl Twin {
    /// A database of `entries`, tables, indexes and views in the order of the catalogue.
    ///
    /// # Errors
    /// When SQLite has no memory.
    pub(in crate::database) fn new(entries: &[Entry], counts: &[Count]) -> Result<Self> {
        let session = Session::open(&Location::private(None), None)?;
        let own = |sql: &str| session.execute(sql).map_err(|failure| failure.into_error("", false));
        own("PRAGMA query_only = OFF")?;
        let virtual_tables: Vec<String> =
            entries.iter().filter(|entry| is_virtual(&entry.sql)).map(|entry| format!("{}_", entry.name)).collect();
        let mut warnings = Vec::new();
        for entry in entries {
            // Those of SQLite come by themselves, as do the tables in which a virtual one keeps its data.
            let is_storage = virtual_tables.iter().any(|table| entry.name.starts_with(table.as_str()));
            if entry.name.starts_with("sqlite_") || is_storage {
                continue;
            }
            if let Err(failure) = session.execute(&entry.sql) {
                warnings.push(format!("`{}` cannot be read: {}", entry.name, failure.message));
            }
        }
        if !counts.is_empty() {
            own("ANALYZE")?;
            own("DELETE FROM sqlite_stat1")?;
            let text = |text: &str| Dialect::Sqlite.literal(text);
            for (table, index, count) in counts {
                let index = index.as_deref().map_or_else(|| "NULL".to_owned(), text);
                own(&format!("INSERT INTO sqlite_stat1 VALUES ({}, {index}, {})", text(table), text(count)))?;
            }
        }
        own("PRAGMA query_only = ON")?;
        Ok(Self { session, warnings })
    }

    /// The whole schema.
    ///
    /// # Errors
    /// As [`introspect::introspect`].
    pub(in crate::database) fn introspect(&self) -> Result<Schema> {
        let mut schema = introspect::introspect(&self.session)?;
        schema.warnings.extend(self.warnings.iter().cloned());
        Ok(schema)
    }

    /// What `statement` reads and gives, once it has passed the strict fence.
    ///
    /// # Errors
    /// What SQLite says of it, or that it reads what was not approved.
    pub(in crate::database) fn describe(&self, statement: &ApprovedSql) -> Result<Described> {
        read::describe(&self.session, statement)
    }
}

fn is_virtual(sql: &str) -> bool {
    sql.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("CREATE VIRTUAL"))
}
