//! The end of the way of a question: the answer in words, and its turn kept.

use chrono::Utc;

use super::run::Walk;
use super::{Answer, Clarification, Event};
use crate::answer::Evidence;
use crate::database::Rows;
use crate::engine::{Outcome, Proposal, Proposed};
use crate::error::{Code, Error, Result};
use crate::grounding::Catalog;
use crate::llm::Usage;
use crate::session::Turn;

impl Walk<'_> {
    /// The answer to a statement that ran, in words.
    #[expect(clippy::unused_async, reason = "what is to be told may have to be asked for")]
    pub(super) async fn tell(
        &self,
        proposed: &Proposed,
        proposal: &Proposal,
        rows: Option<Rows>,
        _catalog: &Catalog,
        usage: Usage,
    ) -> Answer {
        self.events.send(Event::Status("answer"));
        let natural_response = match &rows {
            Some(rows) => {
                let spoken = format!("{} {}", self.text, proposal.sql);
                let evidence = Evidence { rows, spoken: &spoken, locale: self.agent.config.locale };
                evidence.sentence(proposal.template.as_deref())
            }
            None => proposal.explanation.clone(),
        };
        let rows = rows.unwrap_or_default();
        let warnings = [&proposed.warnings, &proposal.assumptions, &rows.warnings].into_iter().flatten().cloned();
        Answer {
            sql: Some(proposal.sql.clone()),
            explanation: proposal.explanation.clone(),
            confidence: proposal.confidence,
            warnings: warnings.collect(),
            rows,
            ..self.blank(proposed.engine.clone(), natural_response, usage)
        }
    }

    /// Adds what calls of a model cost to what the question has cost so far.
    pub(super) fn spend(&self, spent: &mut Usage, usage: Usage) {
        if usage != Usage::default() {
            *spent += usage;
            self.events.send(Event::Usage(*spent));
        }
    }

    /// The answer that needs no statement: a question back, or plain words.
    pub(super) async fn say(&self, proposed: Proposed, cached: bool, usage: Usage) -> Result<Answer> {
        self.events.send(Event::Status("answer"));
        let blank = |text| Answer { cached, warnings: proposed.warnings, ..self.blank(proposed.engine, text, usage) };
        let answer = match proposed.outcome {
            Outcome::Sql(_) => return Err(Error::new(Code::Internal, "a statement was taken for words")),
            Outcome::Clarify { question, choices, confidence } => {
                let clarification = Some(Clarification { question: question.clone(), choices });
                Answer { confidence, clarification, ..blank(question) }
            }
            Outcome::Casual(text) => Answer { is_casual: true, confidence: 1.0, ..blank(text) },
        };
        self.record(answer, None).await
    }

    fn blank(&self, engine: String, natural_response: String, usage: Usage) -> Answer {
        for word in natural_response.split_inclusive(' ') {
            self.events.send(Event::Text(word.to_owned()));
        }
        Answer {
            question: self.question.text.clone(),
            sql: None,
            rows: Rows::default(),
            natural_response,
            execution_time: self.started.elapsed(),
            explanation: String::new(),
            confidence: 0.0,
            clarification: None,
            engine,
            cached: false,
            is_casual: false,
            warnings: Vec::new(),
            usage,
        }
    }

    /// Keeps the turn, so that the next question may build on it.
    pub(super) async fn record(&self, answer: Answer, plan: Option<serde_json::Value>) -> Result<Answer> {
        let Some(session) = &self.question.session else { return Ok(answer) };
        let turn = Turn {
            question: self.text.to_owned(),
            sql: answer.sql.clone(),
            answer: answer.natural_response.clone(),
            plan,
            at: Utc::now(),
            caller: self.admitted.caller.as_ref().map(|caller| caller.id.clone()),
            role: self.admitted.role.clone(),
        };
        self.agent.sessions.append(session, turn).await?;
        Ok(answer)
    }
}
