//! What the agent knows of its database: the schema and the words and values in it, read once and
//! shared by every question until its time is over or it turns out to be stale. The schema is read once
//! for all; what may be seen of it, and the values in that, are kept for each policy by its place in
//! `access.rs`. No row of a table with a row filter is ever in here.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use moka::future::Cache;

use super::catalogs::Catalogs;
use super::privilege;
use crate::config::Config;
use crate::database::Database;
use crate::error::{Code, Error, Result};
use crate::grounding::Catalog;
use crate::grounding::hidden::Hidden;
use crate::grounding::lookup::Lookup;
use crate::guard::Guard;
use crate::schema::Schema;

/// Reads schema and catalogue on first use; equal readers at the same time share one reading.
pub(super) struct Knowledge {
    database: Arc<dyn Database>,
    guards: Vec<Guard>,
    schemas: Cache<(), Arc<Reading>>,
    catalogs: Catalogs,
    /// Whether a login that can do more than read is refused, each time before the schema is read: no statement
    /// runs without one.
    least_privilege: bool,
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
    /// The fingerprint of that, which is not made anew for each question.
    fingerprint: u64,
    /// The same as callers are shown it: where something is concealed, no view names it.
    pub shown: Arc<Schema>,
    /// What it does not, where that may be said.
    pub hidden: Arc<Hidden>,
}

impl Knowledge {
    pub(super) fn new(database: Arc<dyn Database>, guards: Vec<Guard>, config: &Config) -> Self {
        Self {
            catalogs: Catalogs::new(Arc::clone(&database), &guards, config),
            database,
            guards,
            schemas: Cache::builder().max_capacity(1).time_to_live(config.cache.schema_ttl).build(),
            least_privilege: config.safety.require_least_privilege,
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
            let fingerprint = visible.fingerprint();
            if guard.conceals() {
                let mut shown = Schema::clone(&visible);
                shown.forget_absent_sources();
                return View { visible, fingerprint, shown: Arc::new(shown), hidden: Arc::default() };
            }
            let hidden = Arc::new(Hidden::between(&reading.full, &visible));
            View { shown: Arc::clone(&visible), visible, fingerprint, hidden }
        };
        Ok(view.get_or_init(see).clone())
    }

    /// The words and values of what the policy at `place` lets through. Where nothing is known yet, what
    /// `question` names is read first.
    pub(super) async fn catalog(&self, place: usize, question: &str) -> Result<Arc<Catalog>> {
        let View { visible, fingerprint, .. } = self.view(place).await?;
        self.catalogs.get(place, &visible, fingerprint, question).await
    }

    /// `catalog` with what the question names and it does not hold; none when there is nothing to look up.
    pub(super) async fn look_up(
        &self,
        place: usize,
        question: &str,
        catalog: &Catalog,
        budget: Duration,
    ) -> Option<Lookup> {
        self.catalogs.look_up(place, question, catalog, budget).await
    }

    /// Forgets the schema, so that the next question reads it anew. Values stay as long as the
    /// schema turns out to be the same.
    pub(super) async fn forget(&self) {
        self.schemas.invalidate(&()).await;
    }

    /// Reads the schema anew; says whether the policy at `place` shows another one than `known`.
    pub(super) async fn refresh(&self, place: usize, known: &Schema) -> Result<bool> {
        self.forget().await;
        Ok(self.view(place).await?.fingerprint != known.fingerprint())
    }

    /// How many schemas are remembered.
    pub(super) async fn count(&self) -> u64 {
        self.schemas.run_pending_tasks().await;
        self.schemas.entry_count()
    }

    /// Ends what goes on in the background.
    pub(super) fn rest(&self) {
        self.catalogs.rest();
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

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn shared(error: Arc<Error>) -> Error {
    Error::clone(&error)
}
