//! What a model's answer means.

use serde_json::{Map, Value as Json};

use super::extract::{Found, extract, statement};
use super::veil::Veil;
use super::{Outcome, Proposal};
use crate::error::{Code, Error, Result};
use crate::llm::Completion;

/// The confidence of a statement that came without one. A coin's: such an answer came from a model
/// that did not keep to the form either.
const UNSTATED: f64 = 0.5;

/// The outcome in `completion`, with the values behind `veil` put back.
pub(super) fn read(completion: &Completion, asked: &str, veil: &Veil) -> Result<Outcome> {
    match extract(&completion.text) {
        Some(Found::Object(object)) => outcome(&object, asked, veil),
        Some(Found::Sql(sql)) => Some(Outcome::Sql(vec![bare(veil.reveal(&sql))])),
        None => None,
    }
    .ok_or_else(|| {
        let error = Error::new(Code::ModelBadResponse, "the model's answer holds no statement and no question");
        if completion.cut_off { error.with_hint("the answer was cut off: raise `max_tokens`") } else { error }
    })
}

/// The outcome of a model that ran `sql` and gave no other statement.
pub(super) fn ran(sql: String) -> Outcome {
    Outcome::Sql(vec![bare(sql)])
}

fn outcome(object: &Map<String, Json>, asked: &str, veil: &Veil) -> Option<Outcome> {
    let text = |name: &str| {
        let text = object.get(name)?.as_str()?.trim();
        (!text.is_empty() && !text.eq_ignore_ascii_case("null")).then(|| veil.reveal(text))
    };
    let texts = |name: &str| -> Vec<String> {
        let items = object.get(name).and_then(Json::as_array);
        let items = items.into_iter().flatten().filter_map(Json::as_str);
        items.map(str::trim).filter(|item| !item.is_empty()).map(|item| veil.reveal(item)).collect()
    };
    let is = |name: &str| object.get(name).and_then(Json::as_bool).unwrap_or(false);
    // What is no reading statement goes on too: the guard says why it may not run.
    let sql = text("sql").map(|sql| statement(&sql).unwrap_or(sql));
    let confidence = object.get("confidence").and_then(share);
    // What a prompt asks for is `answer`; models that were trained on longer forms keep to those.
    let said = text("answer").or_else(|| text("answer_template"));
    let question = text("clarification_question")
        .or_else(|| said.clone().filter(|said| sql.is_none() && said.ends_with(['?', '？', '؟'])));
    if is("needs_clarification")
        && let Some(question) = &question
    {
        let confidence = confidence.unwrap_or(0.0);
        return Some(Outcome::Clarify { question: question.clone(), choices: texts("choices"), confidence });
    }
    if let Some(sql) = sql {
        return Some(Outcome::Sql(vec![Proposal {
            explanation: text("explanation").or_else(|| said.as_deref().map(without_blanks)).unwrap_or_default(),
            confidence: confidence.unwrap_or(UNSTATED),
            template: said.filter(|said| said.contains('{') && !miscounts(said, &sql)),
            assumptions: texts("assumptions"),
            ..bare(sql)
        }]));
    }
    if is("is_casual") || (question.is_none() && said.is_some()) {
        return Some(Outcome::Casual(casual(said.or_else(|| text("explanation")), asked)));
    }
    let question = question.or_else(|| text("explanation"))?;
    Some(Outcome::Clarify { question, choices: texts("choices"), confidence: confidence.unwrap_or(0.0) })
}

/// A sentence before its numbers are known: `… tickets are open.`
fn without_blanks(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, (_, after))) = rest.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?))) {
        text.push_str(before);
        text.push('…');
        rest = after;
    }
    text + rest
}

/// Whether `template` gives the number of rows where `sql` computes the number in a cell: one row
/// with a count of 1,200 is not "1 customer".
fn miscounts(template: &str, sql: &str) -> bool {
    let sql = sql.to_lowercase();
    let computes = ["count(", "sum(", "avg(", "min(", "max("].iter().any(|function| sql.contains(function));
    template.contains("{row_count}") && computes && !sql.contains("group by")
}

/// The reply to small talk. A model may take a question about the data for small talk and make up a
/// number; a reply with a number of its own is not passed on.
fn casual(reply: Option<String>, asked: &str) -> String {
    let numbers = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let known = numbers(asked);
    reply
        .filter(|reply| !reply.contains(['{', '}']) && numbers(reply).iter().all(|number| known.contains(number)))
        .unwrap_or_else(|| {
            "I answer questions about the data in this database. What would you like to know?".to_owned()
        })
}

fn bare(sql: String) -> Proposal {
    Proposal {
        sql,
        explanation: String::new(),
        confidence: UNSTATED,
        template: None,
        plan: None,
        assumptions: Vec::new(),
    }
}

/// A confidence from 0 to 1; models also write percent, and numbers as text.
fn share(value: &Json) -> Option<f64> {
    let number = match value {
        Json::String(text) => text.trim().trim_end_matches('%').parse().ok()?,
        value => value.as_f64()?,
    };
    let share: f64 = if number > 1.0 && number <= 100.0 { number / 100.0 } else { number };
    share.is_finite().then(|| share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::{Veil, read};
    use crate::dialect::Dialect;
    use crate::error::Code;
    use crate::llm::Completion;

    fn outcome(text: &str) -> Outcome {
        let completion = Completion { text: text.to_owned(), ..Completion::default() };
        read(&completion, "hello 7", &Veil::new(Dialect::Sqlite, [])).unwrap()
    }

    #[test]
    fn a_statement_with_all_around_it() {
        let text = r#"{"sql": "```sql\nSELECT 1;\n```", "confidence": "85%", "answer_template": " ", "needs_clarification": true,
            "clarification_question": null, "assumptions": ["a", ""]}"#;
        let Outcome::Sql(proposals) = outcome(text) else { panic!() };
        assert_eq!((&*proposals[0].sql, proposals[0].template.as_deref()), ("SELECT 1", None));
        assert!((proposals[0].confidence - 0.85).abs() < 1e-9);
        assert_eq!(proposals[0].assumptions, ["a"]);
    }

    #[test]
    fn the_number_of_rows_is_not_taken_for_a_count() {
        let template = |sql: &str| {
            let text = format!(r#"{{"sql": "{sql}", "answer_template": "There are {{row_count}}."}}"#);
            let Outcome::Sql(proposals) = outcome(&text) else { panic!() };
            proposals[0].template.clone()
        };
        assert_eq!(template("SELECT COUNT(*) FROM t"), None);
        assert_eq!(template("SELECT a, count(*) FROM t GROUP BY a").as_deref(), Some("There are {row_count}."));
        assert_eq!(template("SELECT a FROM t").as_deref(), Some("There are {row_count}."));
    }

    #[test]
    fn a_question_back() {
        let text = r#"{"sql": "SELECT 1", "needs_clarification": true, "clarification_question": "Which?", "choices": ["A?"]}"#;
        let Outcome::Clarify { question, choices, .. } = outcome(text) else { panic!() };
        assert_eq!((&*question, &*choices), ("Which?", &["A?".to_owned()][..]));
    }

    #[test]
    fn small_talk_without_made_up_numbers() {
        let casual = |reply: &str| match outcome(&format!(
            r#"{{"sql": null, "is_casual": true, "answer_template": "{reply}"}}"#
        )) {
            Outcome::Casual(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(casual("Hello, you 7!"), "Hello, you 7!");
        assert!(casual("You have 42 users.").starts_with("I answer questions"));
        assert!(casual("You have {count} users.").starts_with("I answer questions"));
    }

    #[test]
    fn nothing_usable_is_an_error() {
        for (text, cut_off) in
            [("Let me think", true), (r#"{"sql": " ", "is_casual": false}"#, false), (r#"{"sql": null}"#, false)]
        {
            let completion = Completion { text: text.to_owned(), cut_off, ..Completion::default() };
            let error = read(&completion, "", &Veil::new(Dialect::Sqlite, [])).unwrap_err();
            assert_eq!(error.code(), Code::ModelBadResponse);
            assert_eq!(error.hint().contains("max_tokens"), cut_off);
        }
    }
}
