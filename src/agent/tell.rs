//! The end of the way of a question: the answer in words, and its turn kept.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::Utc;

use super::run::Walk;
use super::{Answer, Clarification, Event};
use crate::answer::{Evidence, Gate};
use crate::database::Rows;
use crate::engine::{Outcome, Proposal, Proposed, Tale};
use crate::error::{Code, Error, Result};
use crate::grounding::Catalog;
use crate::session::Turn;

impl Walk<'_> {
    /// The answer to a statement that ran, in words.
    pub(super) async fn tell(
        &self,
        proposed: &Proposed,
        proposal: &Proposal,
        rows: Option<Rows>,
        catalog: &Catalog,
    ) -> Answer {
        self.events.send(Event::Status("answer"));
        let mut warnings: Vec<String> =
            [&proposed.warnings, &proposal.assumptions].into_iter().flatten().cloned().collect();
        let sentence = match &rows {
            Some(rows) => {
                if rows.as_of.is_some() {
                    self.events.send(Event::Status(Event::RECALL));
                }
                warnings.extend(rows.warnings.iter().cloned());
                let spoken = format!("{} {}", self.text, proposal.sql);
                let evidence = Evidence { rows, spoken: &spoken, locale: self.agent.config.locale };
                if let Some(narrated) = self.narrate(evidence, &mut warnings).await {
                    narrated
                } else {
                    let sentence = evidence.sentence(proposal.template.as_deref());
                    let why = self.why_nothing(&proposal.sql, rows, catalog).await;
                    self.speak([Some(sentence), why].into_iter().flatten().collect::<Vec<_>>().join(" "))
                }
            }
            None => self.speak(proposal.explanation.clone()),
        };
        Answer {
            sql: Some(proposal.sql.clone()),
            explanation: proposal.explanation.clone(),
            confidence: proposal.confidence,
            warnings,
            rows: rows.unwrap_or_default(),
            ..self.blank(proposed.engine.clone(), sentence)
        }
    }

    /// The sentence as a model writes it from the rows, where it may see them; told as far as its numbers hold. `None`
    /// where there is no model to write it, or where one did not hold, with the reason among `warnings`.
    async fn narrate(&self, evidence: Evidence<'_>, warnings: &mut Vec<String>) -> Option<String> {
        let is_asked_for = self.agent.config.share_results && !self.question.wordless && !evidence.rows.is_empty();
        if !is_asked_for {
            return None;
        }
        let gate = Mutex::new(Gate::new(evidence));
        let heard = |piece: &str| self.send_text(lock(&gate).push(piece));
        let tale = Tale { question: self.text, rows: evidence.rows, deadline: self.deadline, bill: &self.bill };
        let outcome = self.agent.engine.tell(&tale, &heard).await;
        let mut gate = gate.into_inner().unwrap_or_else(PoisonError::into_inner);
        let why = match outcome {
            Ok(None) => return None,
            Ok(Some(narration)) => {
                let is_whole = !narration.cut_off && !narration.text.trim().is_empty();
                match gate.finish().filter(|_| is_whole) {
                    Some(rest) => {
                        let end = evidence.with_end(String::new());
                        self.send_text(&format!("{rest}{end}"));
                        return Some(format!("{}{end}", narration.text.trim()));
                    }
                    None if is_whole => "it stated a number that is in no cell".to_owned(),
                    None => "it did not come to its end".to_owned(),
                }
            }
            Err(error) => error.to_string(),
        };
        if gate.has_passed() {
            self.send_text("\n");
        }
        warnings.push(format!("a plain sentence stands in the place of the model's: {why}"));
        None
    }

    /// The answer that needs no statement: a question back, or plain words.
    pub(super) async fn say(&self, proposed: Proposed, cached: bool) -> Result<Answer> {
        self.events.send(Event::Status("answer"));
        let blank = |text| {
            let text = self.speak(text);
            Answer { cached, warnings: proposed.warnings, ..self.blank(proposed.engine, text) }
        };
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

    /// Tells `text` word by word.
    fn speak(&self, text: String) -> String {
        for word in text.split_inclusive(' ') {
            self.send_text(word);
        }
        text
    }

    fn send_text(&self, piece: &str) {
        if !piece.is_empty() {
            self.events.send(Event::Text(piece.to_owned()));
        }
    }

    fn blank(&self, engine: String, natural_response: String) -> Answer {
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
            usage: self.bill.spent(),
        }
    }

    /// Keeps the turn, so that the next question may build on it.
    pub(super) async fn record(&self, answer: Answer, plan: Option<serde_json::Value>) -> Result<Answer> {
        let warnings = self.alarm.iter().cloned().chain(answer.warnings).collect();
        let answer = Answer { warnings, ..answer };
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

fn lock<'g, 'e>(gate: &'g Mutex<Gate<'e>>) -> MutexGuard<'g, Gate<'e>> {
    // Nothing under this lock can panic half way.
    gate.lock().unwrap_or_else(PoisonError::into_inner)
}
