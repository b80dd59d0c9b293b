//! The words and values of one database, read as an agent reads them.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use db_query_agent::database;
use db_query_agent::grounding::Catalog;
use db_query_agent::guard::{Guard, Policy};

use crate::source::Source;

/// Reading every value of the largest database takes seconds.
const BUDGET: Duration = Duration::from_mins(2);

/// Catalogues by database, each made once.
#[derive(Default)]
pub struct Catalogues(HashMap<String, Arc<Catalog>>);

impl Catalogues {
    /// The catalogue of `database`.
    pub async fn get(&mut self, source: &Source, database: &str) -> Result<Arc<Catalog>, Box<dyn Error>> {
        if let Some(known) = self.0.get(database) {
            return Ok(Arc::clone(known));
        }
        let catalog = Arc::new(read(source, database).await?);
        self.0.insert(database.to_owned(), Arc::clone(&catalog));
        Ok(catalog)
    }
}

async fn read(source: &Source, name: &str) -> Result<Catalog, Box<dyn Error>> {
    let database = database::connect(&source.config(name, "")?.database)?;
    let schema = Arc::new(database.introspect().await?);
    let guard = Guard::new(schema.dialect, Policy::default());
    let catalog = Catalog::load(schema, database.as_ref(), &guard, BUDGET).await?;
    database.close().await;
    if !catalog.is_complete() {
        return Err(format!("the values of `{name}` could not all be read").into());
    }
    Ok(catalog)
}
