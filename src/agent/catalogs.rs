//! The catalogue of each policy: made for the first question, kept, and read anew in the background when it is
//! incomplete, when the schema has changed and after a time. No question waits for more than the first glance.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::config::Config;
use crate::database::Database;
use crate::error::Result;
use crate::grounding::lookup::{Lookup, look_up};
use crate::grounding::{Catalog, Pace};
use crate::guard::{Guard, Policy};
use crate::schema::Schema;

/// How long the first question waits for stored values.
const FIRST_BUDGET: Duration = Duration::from_millis(250);
/// How long reading them may take in the background.
const WHOLE_BUDGET: Duration = Duration::from_mins(2);
/// How long one statement may take there.
const STATEMENT: Duration = Duration::from_secs(5);

/// Reads and keeps catalogues.
pub(super) struct Catalogs {
    database: Arc<dyn Database>,
    /// By the place of the policy.
    places: Arc<[Place]>,
    /// After how long values are read again.
    ttl: Duration,
    /// The longest a statement may run, also one that reads values.
    statement: Duration,
}

struct Place {
    /// The policy, with columns masked whose values are not to be read ahead.
    guard: Guard,
    kept: Mutex<Kept>,
    /// Held by the question that takes the first glance, so that others wait for it and take none of their own.
    glance: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    catalog: Option<Arc<Catalog>>,
    /// When it was last tried to read all of it, and for which schema.
    tried: Option<(Instant, u64)>,
    reading: Option<JoinHandle<()>>,
    closed: bool,
}

impl Catalogs {
    pub(super) fn new(database: Arc<dyn Database>, guards: &[Guard], config: &Config) -> Self {
        let unread = Policy { masked_columns: config.cache.unindexed_columns.clone(), ..Policy::default() };
        let place = |guard: &Guard| Place {
            guard: guard.clone().and(unread.clone()),
            kept: Mutex::default(),
            glance: tokio::sync::Mutex::default(),
        };
        Self {
            database,
            places: guards.iter().map(place).collect(),
            ttl: config.cache.values_ttl,
            statement: config.safety.max_query_timeout,
        }
    }

    /// The catalogue of `visible`, which is what the policy at `place` lets through, by its `fingerprint`. Where there
    /// is none yet, the tables that `question` names are read first.
    pub(super) async fn get(
        &self,
        place: usize,
        visible: &Arc<Schema>,
        fingerprint: u64,
        question: &str,
    ) -> Result<Arc<Catalog>> {
        let catalog = if let Some(catalog) = self.places[place].of(fingerprint) {
            catalog
        } else {
            let _turn = self.places[place].glance.lock().await;
            match self.places[place].of(fingerprint) {
                Some(catalog) => catalog,
                None => self.first(place, visible, question).await?,
            }
        };
        self.read_aside(place, fingerprint, &catalog);
        Ok(catalog)
    }

    /// The same with what the question names and the catalogue does not hold.
    pub(super) async fn look_up(
        &self,
        place: usize,
        question: &str,
        catalog: &Catalog,
        budget: Duration,
    ) -> Option<Lookup> {
        let budget = budget.min(self.statement);
        look_up(question, catalog, self.database.as_ref(), &self.places[place].guard, budget).await
    }

    /// Ends what goes on in the background, and lets nothing begin there; its statement is stopped on the server.
    pub(super) fn rest(&self) {
        for place in self.places.iter() {
            let mut kept = place.kept();
            kept.closed = true;
            if let Some(reading) = kept.reading.take() {
                reading.abort();
            }
        }
    }

    /// A catalogue for a schema that has none: what is known of the schema before, else a first glance.
    async fn first(&self, place: usize, visible: &Arc<Schema>, question: &str) -> Result<Arc<Catalog>> {
        let before = self.places[place].kept().catalog.clone();
        let bare = Catalog::names_of(Arc::clone(visible));
        let guard = &self.places[place].guard;
        let catalog = if let Some(before) = before {
            bare.with_values_of(&before, guard)
        } else {
            let pace = Pace::glance(FIRST_BUDGET.min(self.statement));
            bare.read(self.database.as_ref(), guard, pace, question).await?
        };
        let catalog = Arc::new(catalog);
        self.places[place].kept().catalog = Some(Arc::clone(&catalog));
        Ok(catalog)
    }

    /// Reads values in the background where it is time to, one reading at a time; later questions find them.
    fn read_aside(&self, place: usize, fingerprint: u64, catalog: &Arc<Catalog>) {
        let places = Arc::clone(&self.places);
        let mut kept = places[place].kept();
        let tried = kept.tried.filter(|(_, schema)| *schema == fingerprint);
        let is_due = match tried {
            // The first glance saw everything there is; from then on its time runs.
            None if catalog.is_complete() => {
                kept.tried = Some((Instant::now(), fingerprint));
                false
            }
            None => true,
            Some((at, _)) => at.elapsed() >= self.ttl,
        };
        let is_reading = kept.reading.as_ref().is_some_and(|reading| !reading.is_finished()) && tried.is_some();
        if kept.closed || !is_due || is_reading {
            return;
        }
        kept.tried = Some((Instant::now(), fingerprint));
        let pace = Pace::aside(WHOLE_BUDGET, STATEMENT.min(self.statement));
        let (database, before, places) = (Arc::clone(&self.database), Arc::clone(catalog), Arc::clone(&self.places));
        let reading = tokio::spawn(async move {
            let place = &places[place];
            match before.read(database.as_ref(), &place.guard, pace, "").await {
                Ok(catalog) => place.put(fingerprint, Arc::new(catalog)),
                Err(error) => tracing::warn!(code = error.code().as_str(), "stored values could not be read"),
            }
        });
        if let Some(outdated) = kept.reading.replace(reading) {
            outdated.abort();
        }
    }
}

impl Place {
    /// The catalogue of that schema.
    fn of(&self, fingerprint: u64) -> Option<Arc<Catalog>> {
        self.kept().catalog.clone().filter(|catalog| catalog.fingerprint() == fingerprint)
    }

    /// Keeps `catalog` unless the schema is another one by now.
    fn put(&self, fingerprint: u64, catalog: Arc<Catalog>) {
        let mut kept = self.kept();
        if kept.catalog.as_ref().is_some_and(|known| known.fingerprint() == fingerprint) {
            kept.catalog = Some(catalog);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Each change is a single assignment, so a panic elsewhere leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Catalogs {
    fn drop(&mut self) {
        self.rest();
    }
}
