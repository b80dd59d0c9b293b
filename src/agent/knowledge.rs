//! What the agent knows of its database: the schema and the words and values in it, read once and
//! shared by every question until its time is over or it turns out to be stale. The schema is read once
//! for all; what may be seen of it, and the values in that, are kept for each policy by its place in
//! `access.rs`. No row of a table with a row filter is ever in here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use moka::future::Cache;
use tokio::task::JoinHandle;

use super::privilege;
use crate::config::Config;
use crate::database::Database;
use crate::error::{Code, Error, Result};
use crate::grounding::Catalog;
use crate::grounding::hidden::Hidden;
use crate::guard::Guard;
use crate::schema::Schema;

/// How long the first question waits for stored values.
const FIRST_BUDGET: Duration = Duration::from_millis(500);

/// How long reading them may take in the background when the first budget did not suffice.
const WHOLE_BUDGET: Duration = Duration::from_mins(1);

/// Stored values are kept this long at least, also where the schema is read for each question.
const VALUES_TTL: Duration = Duration::from_mins(1);

/// Reads schema and catalogue on first use; equal readers at the same time share one reading.
pub(super) struct Knowledge {
    database: Arc<dyn Database>,
    guards: Vec<Guard>,
    schemas: Cache<(), Arc<Reading>>,
    catalogs: Cache<(usize, u64), Arc<Catalog>>,
    /// The longest a statement may run, also one that reads values.
    statement: Duration,
    /// Whether a login that can do more than read is refused, each time before the schema is read: no statement
    /// runs without one.
    least_privilege: bool,
    /// Reads the values that the first answer did not wait for.
    completing: Mutex<HashMap<usize, (u64, JoinHandle<()>)>>,
}

/// The schema at one moment.
struct Reading {
    full: Arc<Schema>,
    /// What each policy lets through, from when it is first asked for.
    views: Vec<OnceLock<View>>,
}

/// What one policy makes of the schema.
#[derive(Clone)]
pub(super) struct View {
    /// What it lets through: all that a prompt, a link or a page may show.
    pub visible: Arc<Schema>,
    /// The same as callers are shown it: where something is concealed, no view names it.
    pub shown: Arc<Schema>,
    /// What it does not, where that may be said.
    pub hidden: Arc<Hidden>,
}

impl Knowledge {
    pub(super) fn new(database: Arc<dyn Database>, guards: Vec<Guard>, config: &Config) -> Self {
        let ttl = config.cache.schema_ttl;
        let policies = u64::try_from(guards.len()).unwrap_or(u64::MAX);
        Self {
            database,
            guards,
            schemas: Cache::builder().max_capacity(1).time_to_live(ttl).build(),
            catalogs: Cache::builder().max_capacity(policies).time_to_live(ttl.max(VALUES_TTL)).build(),
            statement: config.safety.max_query_timeout,
            least_privilege: config.safety.require_least_privilege,
            completing: Mutex::default(),
        }
    }

    /// Everything the login may see, for the guard to resolve names in.
    pub(super) async fn full_schema(&self) -> Result<Arc<Schema>> {
        Ok(Arc::clone(&self.reading().await?.full))
    }

    /// What the policy at `place` makes of the schema.
    pub(super) async fn view(&self, place: usize) -> Result<View> {
        let reading = self.reading().await?;
        let (Some(guard), Some(view)) = (self.guards.get(place), reading.views.get(place)) else {
            return Err(Error::new(Code::Internal, "there is no such policy"));
        };
        let see = || {
            let visible = Arc::new(guard.visible(&reading.full));
            if guard.conceals() {
                let mut shown = Schema::clone(&visible);
                shown.forget_absent_sources();
                return View { visible, shown: Arc::new(shown), hidden: Arc::default() };
            }
            let hidden = Arc::new(Hidden::between(&reading.full, &visible));
            View { shown: Arc::clone(&visible), visible, hidden }
        };
        Ok(view.get_or_init(see).clone())
    }

    /// What the policy at `place` lets through.
    pub(super) async fn visible_schema(&self, place: usize) -> Result<Arc<Schema>> {
        Ok(self.view(place).await?.visible)
    }

    /// The words and values of what the policy at `place` lets through.
    pub(super) async fn catalog(&self, place: usize) -> Result<Arc<Catalog>> {
        let visible = self.visible_schema(place).await?;
        let load = async {
            let budget = FIRST_BUDGET.min(self.statement);
            let load = Catalog::load(Arc::clone(&visible), self.database.as_ref(), &self.guards[place], budget);
            Ok(Arc::new(load.await?))
        };
        let key = (place, visible.fingerprint());
        let catalog = self.catalogs.try_get_with(key, load).await.map_err(shared)?;
        if !catalog.is_complete() {
            self.complete(key, &visible);
        }
        Ok(catalog)
    }

    /// Goes on reading values in the background, once a schema; the questions after that find them.
    fn complete(&self, key: (usize, u64), visible: &Arc<Schema>) {
        let (place, fingerprint) = key;
        let mut completing = self.completing.lock().unwrap_or_else(PoisonError::into_inner);
        if completing.get(&place).is_some_and(|(begun, _)| *begun == fingerprint) {
            return;
        }
        let (visible, catalogs) = (Arc::clone(visible), self.catalogs.clone());
        let (database, guard) = (Arc::clone(&self.database), self.guards[place].clone());
        let budget = WHOLE_BUDGET.min(self.statement);
        let work = tokio::spawn(async move {
            match Catalog::load(Arc::clone(&visible), database.as_ref(), &guard, budget).await {
                Ok(catalog) => catalogs.insert(key, Arc::new(catalog)).await,
                Err(error) => tracing::warn!(code = error.code().as_str(), "stored values could not be read"),
            }
        });
        if let Some((_, outdated)) = completing.insert(place, (fingerprint, work)) {
            outdated.abort();
        }
    }

    /// Forgets the schema, so that the next question reads it anew. Values stay as long as the
    /// schema turns out to be the same.
    pub(super) async fn forget(&self) {
        self.schemas.invalidate(&()).await;
    }

    /// Reads the schema anew; says whether the policy at `place` shows another one than `known`.
    pub(super) async fn refresh(&self, place: usize, known: &Schema) -> Result<bool> {
        self.forget().await;
        Ok(self.visible_schema(place).await?.fingerprint() != known.fingerprint())
    }

    /// How many schemas are remembered.
    pub(super) async fn count(&self) -> u64 {
        self.schemas.run_pending_tasks().await;
        self.schemas.entry_count()
    }

    /// Ends what goes on in the background; its statement is stopped on the server.
    pub(super) fn rest(&self) {
        for (_, (_, work)) in self.completing.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            work.abort();
        }
    }

    async fn reading(&self) -> Result<Arc<Reading>> {
        let read = async {
            if self.least_privilege {
                privilege::demand_least(self.database.as_ref()).await?;
            }
            let full = Arc::new(self.database.introspect().await?);
            let views = self.guards.iter().map(|_| OnceLock::new()).collect();
            Ok(Arc::new(Reading { full, views }))
        };
        self.schemas.try_get_with((), read).await.map_err(shared)
    }
}

impl Drop for Knowledge {
    fn drop(&mut self) {
        self.rest();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn shared(error: Arc<Error>) -> Error {
    Error::clone(&error)
}
