//! Rows that were read before, for those who ask for it (`cache_results`): by the statement as it runs, with what is bound
//! to it, so that a row filter gives each caller rows of its own. The guard has read the statement anew each time.

use std::future::Future;
use std::sync::Arc;

use serde::Serialize;

use crate::cache::{Digest, Figures, Link, Shelf};
use crate::config::{CacheResults, Config};
use crate::database::Rows;
use crate::error::Result;
use crate::guard::{ApprovedSql, Relation};
use crate::schema::Schema;
use crate::value::Value;

/// Bytes of all results that are remembered in memory, and of the largest of them.
const CAPACITY: u64 = 64 << 20;
const LARGEST: usize = 4 << 20;

/// Functions whose result is another one each time, whatever the rows.
const CHANCE: [&str; 6] = ["random", "rand", "randomblob", "uuid", "gen_random_uuid", "newid"];

/// A cause that every result has.
pub(super) const ANY: &str = "*";

/// Remembers results; nothing unless it is asked for.
pub(super) struct Results {
    shelf: Shelf<Rows>,
    /// What of the configuration a result depends on.
    configuration: Digest,
}

#[derive(Serialize)]
struct Key<'a> {
    configuration: &'a str,
    statement: &'a str,
    parameters: &'a [Value],
    masked: &'a [bool],
    /// The place of the policy, and the schema under it.
    policy: usize,
    schema: u64,
}

impl Results {
    pub(super) fn new(config: &Config, link: Option<Arc<Link>>) -> Self {
        let on = config.cache.enabled && config.cache.results != CacheResults::Off;
        let link = link.filter(|_| config.cache.results == CacheResults::Shared);
        let weigh = |rows: &Rows| u32::try_from(rows.bytes().max(1)).unwrap_or(u32::MAX);
        Self {
            shelf: Shelf::new("rows", config.cache.query_ttl, if on { CAPACITY } else { 0 }, weigh, link),
            configuration: Digest::of(&format!("{:?}", config.safety)),
        }
    }

    /// The rows of `approved` as they were read before, or as `run` reads them now.
    pub(super) async fn get_or_run<F>(
        &self,
        approved: &ApprovedSql,
        policy: usize,
        schema: &Schema,
        run: impl Fn() -> F,
    ) -> Result<Rows>
    where
        F: Future<Output = Result<Rows>>,
    {
        let is_by_chance = |function: &String| CHANCE.contains(&function.to_lowercase().as_str());
        if !self.shelf.is_on() || approved.functions().iter().any(is_by_chance) {
            return run().await;
        }
        let key = Digest::of(&Key {
            configuration: self.configuration.as_str(),
            statement: approved.statement(),
            parameters: approved.parameters(),
            masked: approved.masked(),
            policy,
            schema: schema.fingerprint(),
        });
        let causes: Vec<String> = approved.relations().iter().flat_map(names).chain([ANY.to_owned()]).collect();
        let had = self.shelf.get_or_make(&key, &causes, |rows| rows.bytes() <= LARGEST, run).await?;
        if had.is_new {
            return Ok(Arc::try_unwrap(had.value).unwrap_or_else(|shared| Rows::clone(&shared)));
        }
        let mut rows = Rows::clone(&had.value);
        rows.as_of = Some(had.made);
        rows.warnings.push(format!("the rows are those of {}", had.made.format("%Y-%m-%d %H:%M:%S UTC")));
        Ok(rows)
    }

    /// Results that were read from `table` no longer count; `schema.name`, or `name` in every schema.
    pub(super) async fn outdate(&self, table: &str) {
        self.shelf.outdate(&table.trim().to_lowercase()).await;
    }

    pub(super) async fn clear(&self) {
        self.shelf.clear().await;
    }

    pub(super) async fn figures(&self) -> Figures {
        self.shelf.figures().await
    }
}

/// The names by which a table may be said to have changed.
fn names(relation: &Relation) -> [String; 2] {
    let name = relation.name.to_lowercase();
    [format!("{}.{name}", relation.namespace.to_lowercase()), name]
}
