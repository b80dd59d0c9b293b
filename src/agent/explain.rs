//! What is known of a statement before it runs.

use std::sync::Arc;

use super::Agent;
use crate::database::Estimate;
use crate::error::{Error, Result};
use crate::guard::{Caller, ReadColumn, Relation};

/// What the guard and the database say of a statement that was not run.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The statement as the guard lets it through, comments and the last `;` dropped.
    pub sql: String,
    /// The tables it reads, also through views.
    pub relations: Vec<Relation>,
    pub columns: Vec<ReadColumn>,
    /// The functions it calls, in lower case.
    pub functions: Vec<String>,
    /// Whether row filters of the policy narrow what it reads.
    pub is_filtered: bool,
    /// Whether columns of its result come out masked.
    pub is_masked: bool,
    /// What is allowed and still worth a second look.
    pub remarks: Vec<String>,
    /// What the database expects; `None` where the engine makes no estimate.
    pub estimate: Option<Estimate>,
}

impl Agent {
    /// What the guard and the database say of `sql`, which is not run.
    ///
    /// # Errors
    /// Those that [`Agent::run_sql`] would end in before the statement runs.
    pub async fn explain_sql(&self, sql: &str, caller: Option<&Arc<Caller>>) -> Result<Explanation> {
        let work = async {
            let admitted = self.access.admit(caller)?;
            let schema = self.knowledge.full_schema().await?;
            let guard = admitted.guard.clone().remarking();
            let approved = guard.approve(sql, &schema).map_err(|rejection| Error::from(rejection).with_sql(sql))?;
            let opinion = self.examiner.hear(&approved, &admitted.guard, &schema, &self.limits()).await;
            let opinion = opinion.map_err(|error| error.with_sql(approved.text()))?;
            Ok(Explanation {
                sql: approved.text().to_owned(),
                relations: approved.relations().to_vec(),
                columns: approved.columns().to_vec(),
                functions: approved.functions().to_vec(),
                is_filtered: approved.statement() != approved.text(),
                is_masked: approved.masked().contains(&true),
                remarks: approved.remarks().to_vec(),
                estimate: opinion.estimate,
            })
        };
        self.unless_closed(work).await
    }
}
