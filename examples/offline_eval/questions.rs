//! Puts every question to an agent on its database and writes what came of it.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use db_query_agent::agent::{Agent, Events, Question};
use db_query_agent::database;
use serde_json::{Value as Json, json};

use crate::source::Source;
use crate::witness::Witness;

/// The longest that reading all stored values of a database may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Asks the questions of the file `questions`; writes one JSON object a line to `out`.
///
/// A record with `turns` is a conversation: each turn is asked in it, and its id is `ID#TURN`.
pub async fn ask(source: &Source, questions: &str, out: &str) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(out)?);
    let mut booth: Option<Booth> = None;
    for line in BufReader::new(File::open(questions)?).lines() {
        let record: Json = serde_json::from_str(&line?)?;
        let (id, database, hide) = (text(&record, "id"), text(&record, "db_id"), text(&record, "hide"));
        let booth = match booth.take() {
            Some(open) if open.database == database && open.hide == hide => booth.insert(open),
            other => {
                if let Some(before) = other {
                    before.agent.close().await;
                }
                booth.insert(Booth::open(source, &database, &hide).await?)
            }
        };
        if let Some(turns) = record["turns"].as_array() {
            for turn in turns {
                let name = format!("{id}#{}", turn["turn"]);
                writeln!(out, "{}", booth.ask(&name, &text(turn, "question"), Some(id.clone())).await)?;
            }
        } else {
            writeln!(out, "{}", booth.ask(&id, &text(&record, "question"), None).await)?;
        }
    }
    Ok(())
}

pub fn text(record: &Json, key: &str) -> String {
    record[key].as_str().unwrap_or_default().to_owned()
}

/// An agent on one database, and who listens to its engine.
struct Booth {
    database: String,
    /// What of it the agent knows nothing of.
    hide: String,
    agent: Agent,
    witness: Arc<Witness>,
    /// From the first connection to the first answer, with what could be read of the values by then.
    first_answer: Duration,
}

impl Booth {
    /// Opens the database and waits until all of its values are known, so that no figure hangs on the machine's speed.
    async fn open(source: &Source, name: &str, hide: &str) -> Result<Self, Box<dyn Error>> {
        let config = source.config(name, hide)?;
        let witness = Arc::new(Witness::default());
        let database = database::connect(&config.database)?;
        let agent = Agent::with_parts(config, database, Arc::clone(&witness) as _)?;
        let begun = Instant::now();
        let mut first_answer = None;
        while !witness.testimony().complete {
            if begun.elapsed() > PATIENCE {
                return Err(format!("the values of `{name}` could not all be read").into());
            }
            agent.query(question("How many rows are there?", None), &Events::default()).await?;
            first_answer.get_or_insert_with(|| begun.elapsed());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let first_answer = first_answer.unwrap_or_default();
        Ok(Self { database: name.to_owned(), hide: hide.to_owned(), agent, witness, first_answer })
    }

    async fn ask(&self, id: &str, asked: &str, session: Option<String>) -> Json {
        let begun = Instant::now();
        let answer = self.agent.query(question(asked, session), &Events::default()).await;
        let whole = begun.elapsed();
        let heard = self.witness.testimony();
        let mut record = json!({
            "id": id,
            "db_id": self.database,
            "question": asked,
            "engine_micros": heard.engine_time.as_micros(),
            "whole_micros": whole.as_micros(),
            "first_answer_micros": self.first_answer.as_micros(),
        });
        record["evidence"] = heard.evidence.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        match answer {
            Err(error) => record["error"] = json!(format!("{}: {error}", error.code().as_str())),
            Ok(answer) => {
                // What is not the first was refused by the guard before this one.
                let proposals = heard.proposals.iter().skip_while(|sql| Some(*sql) != answer.sql.as_ref());
                record["sql"] = json!(answer.sql);
                record["proposals"] = json!(proposals.collect::<Vec<_>>());
                record["confidence"] = json!(answer.confidence);
                record["explanation"] = json!(answer.explanation);
                record["warnings"] = json!(answer.warnings);
                record["casual"] = json!(answer.is_casual);
                record["reply"] = json!(answer.natural_response);
                if let Some(clarification) = answer.clarification {
                    record["choices"] = json!(clarification.choices);
                    record["choice_sqls"] = json!(heard.choices);
                }
            }
        }
        record
    }
}

fn question(text: &str, session: Option<String>) -> Question {
    Question { text: text.to_owned(), session, dry_run: true, ..Question::default() }
}
