//! Why nothing matched: which condition removed every row, and what is stored near the text it compares with.
//!
//! Conditions are left out one at a time, in statements that end at their first row, pass the same guard as any other
//! and have little time. What cannot be found out so is not said.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::conditions::{Aggregate, Condition, Conditions};
use super::run::Walk;
use crate::database::{Limits, Rows};
use crate::error::Result;
use crate::grounding::{Catalog, ColumnId};
use crate::guard::{ApprovedSql, ColumnAccess};
use crate::schema::Schema;
use crate::value::Value;

/// The time of all probes together.
const BUDGET: Duration = Duration::from_millis(300);
/// Bytes of a probe's row.
const BYTES: usize = 4096;
/// From this likeness on (Jaro and Winkler's, 0 to 1) a stored text is near.
const NEAR: f64 = 0.85;
/// Stored texts that are compared, and those that are told.
const COMPARED: usize = 20_000;
const TOLD: usize = 3;
/// Letters of a condition and of a stored text that are told.
const LETTERS: usize = 80;

impl Walk<'_> {
    /// What is said behind a sentence about `rows` in which nothing is.
    pub(super) async fn why_nothing(&self, sql: &str, rows: &Rows, catalog: &Catalog) -> Option<String> {
        if !is_nothing(rows) {
            return None;
        }
        let conditions = Conditions::read(sql, catalog.schema().dialect)?;
        let was_counted = matches!(
            (conditions.aggregate, rows.cells.first()),
            (Some(Aggregate::Count), Some(Value::Int(0))) | (Some(Aggregate::Other), Some(Value::Null))
        );
        if !rows.is_empty() && !was_counted {
            return None;
        }
        match self.removed_by(sql, &conditions).await {
            Ok(removing) => removing.map(|removing| tell(&conditions, &removing, catalog)),
            Err(error) => {
                tracing::debug!(code = error.code().as_str(), "why nothing matched could not be found out");
                None
            }
        }
    }

    /// The places of the conditions without which there would be rows; `None` where it may not or cannot be known.
    async fn removed_by(&self, sql: &str, conditions: &Conditions) -> Result<Option<Vec<usize>>> {
        let schema = self.agent.knowledge.full_schema().await?;
        if self.reads_masked(&self.admitted.approve(sql, &schema)?, &schema) {
            return Ok(None);
        }
        let deadline = Instant::now() + BUDGET;
        let limits = Limits { rows: 1, bytes: BYTES, timeout: BUDGET.min(self.agent.limits().timeout) };
        let mut removing = Vec::new();
        for place in 0..conditions.parts.len() {
            let Some(sql) = conditions.without(place) else { return Ok(None) };
            let approved = self.admitted.approve(&sql, &schema)?;
            let probe = self.agent.examiner.run(&approved, &self.admitted.guard, &schema, &limits);
            match timeout_at(deadline, probe).await {
                Ok(rows) => {
                    if !rows?.is_empty() {
                        removing.push(place);
                    }
                }
                Err(_) => return Ok(None),
            }
        }
        Ok(Some(removing))
    }

    /// Whether a statement reads a column whose values are hidden, of which a probe would tell.
    fn reads_masked(&self, approved: &ApprovedSql, schema: &Schema) -> bool {
        let guard = &self.admitted.guard;
        guard.restricts()
            && approved.columns().iter().any(|read| {
                let table = schema.table(Some(&read.relation.namespace), &read.relation.name);
                table.is_none_or(|table| guard.column(schema, table, &read.name) != ColumnAccess::Clear)
            })
    }
}

/// Whether `rows` are none, or one cell that may stand for none.
fn is_nothing(rows: &Rows) -> bool {
    matches!(rows.cells.as_slice(), [] | [Value::Null | Value::Int(0)])
}

fn tell(conditions: &Conditions, removing: &[usize], catalog: &Catalog) -> String {
    let quoted = |place: &usize| format!("`{}`", cut(&conditions.parts[*place].text));
    let near: Vec<String> =
        conditions.parts.iter().filter_map(|condition| nearest(condition, conditions, catalog)).collect();
    let why = match removing {
        [] if conditions.parts.len() == 1 => {
            let tables: Vec<String> = conditions.tables.iter().map(|(name, _)| format!("`{name}`")).collect();
            return format!("There is nothing to choose from: {} has no rows.", tables.join(" with "));
        }
        [] => "More than one of the conditions leaves nothing".to_owned(),
        [only] => format!("Without {} there would be some", quoted(only)),
        all => {
            let all: Vec<String> = all.iter().map(quoted).collect();
            format!("Nothing meets {} together, though without any of them there would be some", all.join(" and "))
        }
    };
    if near.is_empty() { format!("{why}.") } else { format!("{why}; {}.", near.join("; ")) }
}

/// "near 'Jon Smith' is 'John Smith'", where the text is not stored as it is.
fn nearest(condition: &Condition, conditions: &Conditions, catalog: &Catalog) -> Option<String> {
    let compared = condition.compared.as_ref()?;
    let column = column(compared.table.as_deref(), &compared.column, conditions, catalog)?;
    let found: Vec<String> = compared.texts.iter().filter_map(|text| near(text, column, catalog)).collect();
    (!found.is_empty()).then(|| found.join("; "))
}

fn near(text: &str, column: ColumnId, catalog: &Catalog) -> Option<String> {
    let wanted = text.to_lowercase();
    let mut best: Vec<(f64, &str)> = Vec::new();
    for stored in catalog.values().values(column).iter().take(COMPARED) {
        if stored == text {
            return None;
        }
        let lower = stored.to_lowercase();
        let likeness = if lower == wanted { 1.0 } else { strsim::jaro_winkler(&lower, &wanted) };
        if likeness >= NEAR {
            best.push((likeness, stored));
        }
    }
    best.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    let told: Vec<String> = best.iter().take(TOLD).map(|(_, stored)| format!("'{}'", cut(stored))).collect();
    let name = &catalog.column(column).name;
    (!told.is_empty()).then(|| format!("the `{name}` nearest to '{}': {}", cut(text), told.join(", ")))
}

/// The column that a condition names.
fn column(table: Option<&str>, name: &str, conditions: &Conditions, catalog: &Catalog) -> Option<ColumnId> {
    let is_named = |(real, alias): &&(String, Option<String>)| {
        table.is_none_or(|table| alias.as_ref().unwrap_or(real).eq_ignore_ascii_case(table))
    };
    let mut found = conditions.tables.iter().filter(is_named).filter_map(|(real, _)| {
        let mut places =
            catalog.schema().tables.iter().enumerate().filter(|(_, table)| table.name.eq_ignore_ascii_case(real));
        let (place, _) = places.next()?;
        let is_one = places.next().is_none();
        let column = catalog.columns_of(place).find(|id| catalog.column(*id).name.eq_ignore_ascii_case(name));
        column.filter(|_| is_one)
    });
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
