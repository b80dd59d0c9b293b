//! The way of a question, step by step. A new feature is a new step or lives inside one.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use chrono::{Local, NaiveDateTime};

use super::access::Admitted;
use super::alarm::alarm;
use super::explore::Explorer;
use super::{Agent, Answer, Event, Events, Question};
use crate::cache::Digest;
use crate::database::Rows;
use crate::engine::{Ask, Failure, Outcome, Proposal, Proposed};
use crate::error::{Code, Error, Result};
use crate::grounding::Catalog;
use crate::grounding::lessons::{Example, Lessons};
use crate::guard::ApprovedSql;
use crate::llm::Bill;
use crate::schema::Schema;
use crate::session::Turn;

/// How often a question may be proposed anew after a statement failed.
const REPAIRS: usize = 2;

/// How long the words of a question may be looked up where not all values were read yet, and once more before
/// it is asked back or a word is left out.
const LOOK: Duration = Duration::from_millis(200);
const SEARCH: Duration = Duration::from_secs(2);

/// The share of a question's time after which no model is waited for, so that there is time to stand in for it.
const FOR_MODELS: f64 = 0.8;

/// Lessons of a kind that a model is shown at most.
const LESSONS: usize = 3;

/// Walks the steps: admit, ground, recall or propose, approve, run, repair, answer, record.
pub(super) async fn answer(
    agent: &Agent,
    question: &Question,
    admitted: Admitted,
    turns: &[Turn],
    events: &Events,
) -> Result<Answer> {
    let mut walk = Walk::admit(agent, question, admitted, turns, events)?;
    let mut catalog = walk.ground().await?;
    if catalog.schema().tables.is_empty() {
        catalog = walk.reground(&catalog).await?.unwrap_or(catalog);
    }
    if catalog.schema().tables.is_empty() {
        return walk.say(nothing_to_ask(&catalog), false).await;
    }
    let mut open = true;
    if !catalog.is_complete() {
        (catalog, open) = walk.look_up(catalog, LOOK).await;
    }
    walk.learn().await?;
    let mut failed: Option<(Failure, Error)> = None;
    for _ in 0..=REPAIRS {
        let (proposed, cached) = walk.propose(&catalog, failed.as_ref().map(|(failure, _)| failure)).await?;
        if cached {
            events.send(Event::Status(Event::RECALL));
        }
        if open && leaves_out(&proposed) {
            open = false;
            let (found, _) = walk.look_up(Arc::clone(&catalog), SEARCH).await;
            if !Arc::ptr_eq(&found, &catalog) {
                walk.forget(&catalog).await;
                catalog = found;
                continue;
            }
        }
        let Outcome::Sql(proposals) = &proposed.outcome else {
            if let Some(newer) = walk.reground(&catalog).await? {
                catalog = newer;
                continue;
            }
            return walk.say(walk.unless_hidden(proposed, &catalog).await?, cached).await;
        };
        match walk.settle(proposals, &catalog).await? {
            Settled::Answered(proposal, rows) => {
                let mut answer = walk.tell(&proposed, proposal, rows, &catalog).await;
                let hidden = walk.hidden(&catalog, false).await?;
                answer.warnings.extend(hidden.map(|name| format!("`{name}` may not be read, so it is left out")));
                let cached = cached || answer.rows.as_of.is_some();
                return walk.record(Answer { cached, ..answer }, proposal.plan.clone()).await;
            }
            Settled::Outdated(failure, error) => {
                catalog = walk.ground().await?;
                failed = Some((failure, error));
            }
            Settled::Failed(failure, error) => {
                // The same statement on the same schema fails the same way.
                let again = failed.as_ref().is_some_and(|(before, _)| before.sql == failure.sql);
                failed = Some((failure, error));
                if again {
                    break;
                }
            }
        }
    }
    let nothing = || Error::new(Code::Internal, "the schema changed with every try");
    Err(failed.map_or_else(nothing, |(_, error)| error))
}

/// A question on its way, with what every step needs.
pub(super) struct Walk<'a> {
    pub(super) agent: &'a Agent,
    pub(super) question: &'a Question,
    pub(super) admitted: Admitted,
    pub(super) text: &'a str,
    pub(super) turns: &'a [Turn],
    pub(super) now: NaiveDateTime,
    pub(super) started: Instant,
    /// When a model's answer comes too late: early enough for the offline engine to stand in.
    pub(super) deadline: Option<tokio::time::Instant>,
    /// What was taught about questions like this one.
    lessons: Lessons,
    pub(super) events: &'a Events,
    /// What asking models has cost so far.
    pub(super) bill: Bill,
    /// What the question looks like, where that is worth a warning.
    pub(super) alarm: Option<String>,
}

/// What became of the statements of one proposal.
enum Settled<'p> {
    /// This one ran; `None` for rows: it was only asked for.
    Answered(&'p Proposal, Option<Rows>),
    /// One did not run because the schema has changed, so the others are not worth a try.
    Outdated(Failure, Error),
    /// None ran; the last failure, for the engine and for the user.
    Failed(Failure, Error),
}

impl<'a> Walk<'a> {
    /// Refuses what is no question.
    fn admit(
        agent: &'a Agent,
        question: &'a Question,
        admitted: Admitted,
        turns: &'a [Turn],
        events: &'a Events,
    ) -> Result<Self> {
        let text = question.text.trim();
        if text.is_empty() {
            return Err(Error::new(Code::EmptyQuestion, "the question is empty"));
        }
        let longest = agent.config.safety.max_question_length;
        let length = text.chars().count();
        if length > longest {
            let message = format!("the question has {length} characters, {longest} are allowed");
            return Err(Error::new(Code::QuestionTooLong, message));
        }
        Ok(Self {
            agent,
            question,
            admitted,
            text,
            turns,
            now: question.now.unwrap_or_else(|| Local::now().naive_local()),
            started: Instant::now(),
            deadline: tokio::time::Instant::now().checked_add(agent.config.effort.question_timeout.mul_f64(FOR_MODELS)),
            lessons: Lessons::default(),
            events,
            bill: bill(events),
            alarm: alarm(text, &agent.config.safety)?,
        })
    }

    /// Words to tables, columns, values: the catalogue of what the caller may see.
    async fn ground(&self) -> Result<Arc<Catalog>> {
        self.events.send(Event::Status("ground"));
        self.agent.knowledge.catalog(self.admitted.place, self.text).await
    }

    /// `catalog` with what the question names and the index does not hold, and whether more of it may be found in
    /// more time. The same catalogue where nothing was found.
    async fn look_up(&self, catalog: Arc<Catalog>, budget: Duration) -> (Arc<Catalog>, bool) {
        match self.agent.knowledge.look_up(self.admitted.place, self.text, &catalog, budget).await {
            None => (catalog, false),
            Some(lookup) if lookup.is_more => (Arc::new(lookup.catalog), lookup.is_cut),
            Some(lookup) => (catalog, lookup.is_cut),
        }
    }

    /// A catalogue newer than `catalog`, when the schema has changed since.
    async fn reground(&self, catalog: &Catalog) -> Result<Option<Arc<Catalog>>> {
        if self.changed(catalog).await? { self.ground().await.map(Some) } else { Ok(None) }
    }

    async fn changed(&self, catalog: &Catalog) -> Result<bool> {
        self.agent.knowledge.refresh(self.admitted.place, catalog.schema()).await
    }

    /// What was taught about questions like this one, as far as the caller may use it.
    async fn learn(&mut self) -> Result<()> {
        if self.agent.lectures.is_empty() {
            return Ok(());
        }
        let schema = self.agent.knowledge.full_schema().await?;
        let may = |example: &Example| self.admitted.approve(&example.sql, &schema).is_ok();
        self.lessons = self.agent.lectures.about(self.text, LESSONS, may);
        Ok(())
    }

    /// What the engine makes of the question, and whether it is remembered from before.
    async fn propose(&self, catalog: &Catalog, failure: Option<&Failure>) -> Result<(Proposed, bool)> {
        self.events.send(Event::Status("propose"));
        let ask = self.ask(catalog, failure);
        let key = self.key(&ask);
        if failure.is_some() {
            self.agent.recall.forget(&key).await;
        }
        let (toolbox, linked) = (Explorer::new(self, catalog), OnceLock::new());
        let ask = Ask { toolbox: Some(&toolbox), linked: Some(&linked), ..ask };
        self.agent.recall.get_or_propose(&key, || self.agent.engine.propose(&ask)).await
    }

    fn ask<'s>(&'s self, catalog: &'s Catalog, failure: Option<&'s Failure>) -> Ask<'s> {
        Ask {
            conversation: self.turns,
            failure,
            lessons: Some(&self.lessons),
            deadline: self.deadline,
            bill: Some(&self.bill),
            ..Ask::new(self.text, catalog, self.now)
        }
    }

    /// Forgets what was proposed before more was known.
    async fn forget(&self, catalog: &Catalog) {
        let key = self.key(&self.ask(catalog, None));
        self.agent.recall.forget(&key).await;
    }

    /// By which a proposal is remembered.
    fn key(&self, ask: &Ask<'_>) -> Digest {
        self.agent.recall.key(ask, &self.admitted, &self.agent.tools)
    }

    /// The first of `proposals` that the guard lets through and the database runs.
    async fn settle<'p>(&self, proposals: &'p [Proposal], catalog: &Catalog) -> Result<Settled<'p>> {
        let mut failed = None;
        for proposal in proposals {
            match self.attempt(proposal).await {
                Ok(rows) => return Ok(Settled::Answered(proposal, rows)),
                Err(error) if repairable(&error) => {
                    let failure = Failure { sql: proposal.sql.clone(), reason: format!("{error} ({})", error.hint()) };
                    if self.changed(catalog).await? {
                        return Ok(Settled::Outdated(failure, error));
                    }
                    failed = Some((failure, error));
                }
                Err(error) => return Err(error),
            }
        }
        let nothing = || Error::new(Code::Internal, "the engine proposed nothing");
        failed.map(|(failure, error)| Settled::Failed(failure, error)).ok_or_else(nothing)
    }

    async fn attempt(&self, proposal: &Proposal) -> Result<Option<Rows>> {
        self.events.send(Event::Status("approve"));
        let schema = self.agent.knowledge.full_schema().await?;
        let approved = self.admitted.approve(&proposal.sql, &schema)?;
        if self.question.dry_run {
            return Ok(None);
        }
        self.run(&approved, &schema).await.map(Some)
    }

    async fn run(&self, approved: &ApprovedSql, schema: &Schema) -> Result<Rows> {
        self.events.send(Event::Status("run"));
        self.events.send(Event::Sql(approved.text().to_owned()));
        let rows = self.agent.recalled(&self.admitted, approved, schema).await?;
        self.events.send(Event::rows(&rows));
        Ok(rows)
    }

    /// Says of what is hidden that it may not be read, in the place of not knowing it.
    async fn unless_hidden(&self, proposed: Proposed, catalog: &Catalog) -> Result<Proposed> {
        let Some(name) = self.hidden(catalog, true).await? else { return Ok(proposed) };
        let question = format!("`{name}` may not be read. What else would you like to know?");
        Ok(Proposed { outcome: Outcome::Clarify { question, choices: Vec::new(), confidence: 0.0 }, ..proposed })
    }

    /// What the question names that the caller may not see, where that may be said.
    async fn hidden(&self, catalog: &Catalog, loosely: bool) -> Result<Option<String>> {
        if !self.admitted.guard.restricts() {
            return Ok(None);
        }
        let view = self.agent.knowledge.view(self.admitted.place).await?;
        Ok(view.hidden.named_in(self.text, catalog, loosely).map(str::to_owned))
    }
}

/// A bill that tells `events` what was spent.
fn bill(events: &Events) -> Bill {
    let events = events.clone();
    Bill::telling(move |spent| events.send(Event::Usage(spent)))
}

/// What is said of a database in which nothing may be read: not a failure, there is just no answer. With
/// it goes what was noticed when the schema was read: a namespace that does not exist, for one.
fn nothing_to_ask(catalog: &Catalog) -> Proposed {
    let question = "There is no table that I may read: the database is empty, or its login or the policy hides \
                    everything. Which database did you mean?";
    let outcome = Outcome::Clarify { question: question.to_owned(), choices: Vec::new(), confidence: 0.0 };
    Proposed { outcome, engine: "offline".to_owned(), warnings: catalog.schema().warnings.clone(), is_a_models: false }
}

/// Whether words of the question may have been left out because nobody knows what they mean.
fn leaves_out(proposed: &Proposed) -> bool {
    match &proposed.outcome {
        Outcome::Sql(proposals) => proposals.first().is_some_and(|proposal| !proposal.assumptions.is_empty()),
        Outcome::Clarify { .. } => true,
        Outcome::Casual(_) => false,
    }
}

/// Whether another statement might do where this one failed.
fn repairable(error: &Error) -> bool {
    matches!(error.code(), Code::SqlRejected | Code::ExecutionFailed | Code::StaleSchema)
}
