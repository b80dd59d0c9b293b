//! Asks the database about a statement before it runs: what it reads, against what the guard saw, and how
//! much it is expected to cost, against what is allowed.

use std::sync::{Arc, OnceLock};

use moka::future::Cache;

use crate::config::{Config, SafetyConfig, SecondOpinion};
use crate::database::{Database, Estimate, Examination, Limits, Opinion, Rows};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::{ApprovedSql, Guard, Relation};
use crate::schema::{Schema, TableKind};

/// Opinions remembered at most.
const CAPACITY: u64 = 10_000;

/// Said where the plan has a join without a condition.
const CARTESIAN: &str = "the database joins tables without a condition between them, so rows may be repeated";

/// The rule that stands in a refusal.
const RULE: &str = "second_opinion";

/// Asks once for each statement and schema.
pub(super) struct Examiner {
    database: Arc<dyn Database>,
    safety: SafetyConfig,
    heard: Cache<(String, u64), Arc<Opinion>>,
}

impl Examiner {
    pub(super) fn new(database: Arc<dyn Database>, config: &Config) -> Self {
        // With a schema that is read for each question nothing is remembered either.
        let heard = Cache::builder().max_capacity(CAPACITY).time_to_live(config.cache.schema_ttl).build();
        Self { database, safety: config.safety.clone(), heard }
    }

    /// Runs `approved` once the database has been heard. Refuses it where the database reads what `guard` did
    /// not see, or expects more than is allowed.
    pub(super) async fn run(
        &self,
        approved: &ApprovedSql,
        guard: &Guard,
        schema: &Schema,
        limits: &Limits,
    ) -> Result<Rows> {
        let reads = self.compares(guard);
        let limited = self.safety.max_estimated_rows.is_some() || self.safety.max_estimated_cost.is_some();
        let estimate = limited && guard.dialect() != Dialect::Sqlite;
        if !reads && !estimate {
            return self.database.run(approved, limits).await;
        }
        let judge = |opinion: &Opinion| self.judge(opinion, reads, approved, guard, schema);
        // What is expected depends on the values that are bound.
        let lasts = !estimate || approved.parameters().is_empty();
        let key = (approved.statement().to_owned(), schema.fingerprint());
        let (mut rows, opinion) = if let Some(opinion) = self.heard.get(&key).await.filter(|_| lasts) {
            judge(&opinion)?;
            (self.database.run(approved, limits).await?, opinion)
        } else {
            let heard = OnceLock::new();
            let listen = |opinion: Opinion| judge(heard.get_or_init(|| Arc::new(opinion)));
            let examination = Examination { estimate, judge: &listen };
            let rows = self.database.run_examined(approved, limits, &examination).await?;
            let silent = || Error::new(Code::Internal, "a statement ran that nobody was asked about");
            let opinion = heard.into_inner().ok_or_else(silent)?;
            if lasts {
                self.heard.insert(key, Arc::clone(&opinion)).await;
            }
            (rows, opinion)
        };
        if opinion.estimate.is_some_and(|expected| expected.is_cartesian) {
            rows.warnings.push(CARTESIAN.to_owned());
        }
        Ok(rows)
    }

    /// What the database says of `approved`, its estimate included. Nothing runs; what [`Examiner::run`] would
    /// refuse is refused.
    pub(super) async fn hear(
        &self,
        approved: &ApprovedSql,
        guard: &Guard,
        schema: &Schema,
        limits: &Limits,
    ) -> Result<Opinion> {
        let heard = OnceLock::new();
        // To refuse every statement is the way to ask about it alone.
        let listen = |opinion: Opinion| {
            heard.get_or_init(|| opinion);
            Err(Error::new(Code::Internal, "the statement was only asked about"))
        };
        let examination = Examination { estimate: guard.dialect() != Dialect::Sqlite, judge: &listen };
        let outcome = self.database.run_examined(approved, limits, &examination).await;
        let unheard = |()| Error::new(Code::Internal, "a statement ran that nobody was asked about");
        let Some(opinion) = heard.into_inner() else { return Err(outcome.map(drop).map_or_else(|e| e, unheard)) };
        self.judge(&opinion, self.compares(guard), approved, guard, schema)?;
        Ok(opinion)
    }

    /// Whether what the database reads is compared with what `guard` saw.
    fn compares(&self, guard: &Guard) -> bool {
        match self.safety.second_opinion {
            SecondOpinion::Always => true,
            SecondOpinion::Auto => guard.restricts(),
            SecondOpinion::Never => false,
        }
    }

    fn judge(
        &self,
        opinion: &Opinion,
        reads: bool,
        approved: &ApprovedSql,
        guard: &Guard,
        schema: &Schema,
    ) -> Result<()> {
        if reads {
            compare(opinion, approved, guard, schema)?;
        }
        opinion.estimate.as_ref().map_or(Ok(()), |expected| self.afford(expected))
    }

    fn afford(&self, expected: &Estimate) -> Result<()> {
        let over = |what: &str, expected: f64, allowed: f64| {
            let message = format!("the database expects {what} of {expected:.0}, and {allowed:.0} is allowed");
            Err(Error::new(Code::TooExpensive, message))
        };
        #[expect(clippy::cast_precision_loss, reason = "an option has at most 53 bits")]
        let rows = self.safety.max_estimated_rows.map(|rows| rows as f64);
        if let Some(allowed) = rows.filter(|allowed| expected.rows > *allowed) {
            return over("a number of rows", expected.rows, allowed);
        }
        if let (Some(cost), Some(allowed)) = (expected.cost, self.safety.max_estimated_cost)
            && cost > allowed
        {
            return over("a cost", cost, allowed);
        }
        Ok(())
    }
}

/// Refuses what the database reads and the guard did not see.
fn compare(opinion: &Opinion, approved: &ApprovedSql, guard: &Guard, schema: &Schema) -> Result<()> {
    let same = |one: &Relation, other: &Relation| match guard.dialect() {
        Dialect::Postgres => one == other,
        _ => one.name.eq_ignore_ascii_case(&other.name) && one.namespace.eq_ignore_ascii_case(&other.namespace),
    };
    let seen = |relation: &Relation| {
        approved.relations().iter().any(|other| same(relation, other)) || is_walked_view(relation, approved, schema)
    };
    // A view whose base the schema does not tell was approved by its own name, with all that is under it.
    let opaque = approved.relations().iter().any(|relation| opinion.views.iter().any(|view| same(relation, view)));
    let hidden = |relation: &Relation| guard.hides(&relation.namespace, &relation.name);
    let unseen = opinion.relations.iter().find(|relation| !seen(relation) && (!opaque || hidden(relation)));
    let heir = opinion.children.iter().find(|child| !seen(child) && hidden(child));
    if let Some(relation) = unseen.or(heir) {
        // The name of what may not be read is no news for whoever asked.
        let name = if guard.allows_name(schema, &relation.namespace, &relation.name) {
            format!("`{}.{}`", relation.namespace, relation.name)
        } else {
            "a table".to_owned()
        };
        return Err(refuse(format!("the database says that the statement reads {name}, which was not approved")));
    }
    let silent = opinion.relations.is_empty() && opinion.views.is_empty() && !approved.relations().is_empty();
    if silent && opinion.is_complete && guard.dialect() == Dialect::Postgres {
        return Err(refuse("the database does not say what the statement reads".to_owned()));
    }
    Ok(())
}

/// Whether it is a view, which MySQL names where it does not merge it, and all that it reads was approved.
fn is_walked_view(relation: &Relation, approved: &ApprovedSql, schema: &Schema) -> bool {
    let Some(view) = schema.table(Some(&relation.namespace), &relation.name) else { return false };
    view.kind == TableKind::View
        && !view.reads.is_empty()
        && view.reads.iter().all(|(namespace, name)| {
            let base = Relation { namespace: namespace.clone(), name: name.clone() };
            approved.relations().contains(&base) || is_walked_view(&base, approved, schema)
        })
}

fn refuse(message: String) -> Error {
    Error::new(Code::SqlRejected, message)
        .with_rule(RULE)
        .with_hint("ask for the data in another way; where the database was altered, ask again")
}
