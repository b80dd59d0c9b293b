//! Runs the offline engine over a file of questions: `offline_eval CATALOGUES QUESTIONS PREDICTIONS [candidates]`.
//! With `candidates` every reading is printed with what the ranker sees of it (`scripts/fit_ranker.py` reads that).
//!
//! `scripts/eval.py` makes the catalogues (one JSON file a database, with sampled values), calls this
//! and compares the results of the predicted statements with those of the gold ones. With `-` as the
//! second argument it reads lines `database<TAB>question` from the terminal and answers, with its readings
//! where `OFFLINE_READINGS` is set; a question
//! that begins with `+` goes on with the conversation before it.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::{Local, NaiveDateTime, Utc};
use db_query_agent::dialect::Dialect;
use db_query_agent::engine::offline::parse::lattice;
use db_query_agent::engine::offline::{Offline, rank};
use db_query_agent::engine::{Ask, Outcome};
use db_query_agent::grounding::words::tokenize;
use db_query_agent::grounding::{Catalog, ColumnId};
use db_query_agent::guard::{Guard, Policy};
use db_query_agent::schema::{Column, ForeignKey, Schema, Table, TableKind, TypeClass};
use db_query_agent::session::Turn;
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [catalogues, questions, rest @ ..] = arguments.as_slice() else {
        return Err("usage: offline_eval CATALOGUES QUESTIONS PREDICTIONS".into());
    };
    let now = Local::now().naive_local();
    if questions == "-" {
        return converse(Path::new(catalogues), now);
    }
    let listed = rest.get(1).is_some_and(|option| option == "candidates");
    let predictions = rest.first().ok_or("name a file for the predictions")?;
    let mut out = BufWriter::new(File::create(predictions)?);
    let mut cache = HashMap::new();
    for line in BufReader::new(File::open(questions)?).lines() {
        let record: Json = serde_json::from_str(&line?)?;
        let (id, database) = (text(&record, "id"), text(&record, "db_id"));
        let catalog = catalogue(Path::new(catalogues), &database, &mut cache)?;
        let asked = text(&record, "question");
        if listed {
            writeln!(out, "{}", listing(&id, &rank::candidates(&tokenize(&asked), &catalog, now)))?;
            continue;
        }
        let begun = Instant::now();
        let ask = Ask { question: &asked, catalog: &catalog, conversation: &[], now, failure: None };
        let outcome = Offline.answer(&ask);
        let micros = begun.elapsed().as_micros();
        let line = match outcome {
            Outcome::Sql(proposals) => {
                let guard = Guard::new(Dialect::Sqlite, Policy::default());
                for proposal in &proposals {
                    if let Err(rejection) = guard.approve(&proposal.sql, catalog.schema()) {
                        eprintln!("the guard refuses {id} by `{}`: {}", rejection.rule, proposal.sql);
                    }
                }
                let sqls: Vec<&str> = proposals.iter().map(|proposal| proposal.sql.as_str()).collect();
                let candidates = rank::candidates(&tokenize(&asked), &catalog, now);
                let unexplained = candidates.first().map(|candidate| candidate.unexplained.clone());
                json!({"id": id, "sql": sqls[0], "unexplained": unexplained, "alternatives": sqls, "template": proposals[0].template, "explanation": proposals[0].explanation, "confidence": proposals[0].confidence, "micros": micros})
            }
            Outcome::Clarify { question, confidence, choices } => {
                json!({"id": id, "sql": null, "clarify": question, "choices": choices, "confidence": confidence, "micros": micros})
            }
            Outcome::Casual(reply) => json!({"id": id, "sql": null, "casual": reply, "micros": micros}),
        };
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// All readings of a question with what the ranker sees of them.
fn listing(id: &str, candidates: &[rank::Candidate]) -> Json {
    let names: Vec<&str> =
        candidates.first().map(|first| first.sheet.iter().map(|(name, _)| *name).collect()).unwrap_or_default();
    // What the question alone says stands in front, the same for all.
    let shared = names.iter().position(|name| *name == "length").map_or(0, |place| place + 1);
    let values = |sheet: &[(&str, f32)]| sheet.iter().map(|(_, value)| *value).collect::<Vec<f32>>();
    let question = candidates.first().map(|first| values(&first.sheet[..shared]));
    let candidates: Vec<Json> = candidates
        .iter()
        .map(|candidate| {
            let sheet = values(&candidate.sheet[shared..]);
            let doubtful = !candidate.answers();
            json!({"sql": candidate.sql, "sheet": sheet, "score": candidate.score, "worth": candidate.worth,
                "confidence": candidate.confidence, "doubtful": doubtful})
        })
        .collect();
    json!({"id": id, "names": names, "question": question, "candidates": candidates})
}

fn converse(catalogues: &Path, now: NaiveDateTime) -> Result<(), Box<dyn Error>> {
    let mut cache = HashMap::new();
    let mut conversation: Vec<Turn> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let Some((database, asked)) = line.split_once('\t') else { continue };
        let catalog = catalogue(catalogues, database, &mut cache)?;
        let (asked, goes_on) = asked.strip_prefix('+').map_or((asked, false), |rest| (rest, true));
        if !goes_on {
            conversation.clear();
        }
        let ask = Ask { question: asked, catalog: &catalog, conversation: &conversation, now, failure: None };
        let outcome = Offline.answer(&ask);
        println!("\n{asked}");
        match &outcome {
            Outcome::Sql(proposals) => {
                let best = &proposals[0];
                println!(
                    "{}\n{}\n{}\n{:?}",
                    best.sql,
                    best.explanation,
                    best.template.clone().unwrap_or_default(),
                    best.assumptions
                );
                println!("confidence {:.2}", best.confidence);
                let (sql, plan) = (Some(best.sql.clone()), best.plan.clone());
                conversation.push(Turn {
                    question: asked.to_owned(),
                    sql,
                    answer: String::new(),
                    plan,
                    at: Utc::now(),
                    caller: None,
                    role: None,
                });
            }
            other => println!("{other:#?}"),
        }
        if std::env::var_os("OFFLINE_READINGS").is_none() {
            continue;
        }
        let tokens = tokenize(asked);
        for candidate in rank::candidates(&tokens, &catalog, now) {
            println!("{:.2} {:.2} {:.2} {}", candidate.score, candidate.worth, candidate.confidence, candidate.sql);
        }
        for cut in lattice::cuts(&tokens, &catalog, now, 4) {
            println!("cut {:.2}", cut.score);
            for chunk in &cut.chunks {
                let words: Vec<&str> = tokens[chunk.start..chunk.end].iter().map(|token| token.text.as_str()).collect();
                let kind = format!("{:?}", chunk.kind);
                println!("  {:.2} {} {}", chunk.score, words.join(" "), kind.chars().take(300).collect::<String>());
            }
        }
    }
    Ok(())
}

fn text(record: &Json, key: &str) -> String {
    record[key].as_str().unwrap_or_default().to_owned()
}

type Cache = HashMap<String, Arc<Catalog>>;

fn catalogue(folder: &Path, database: &str, cache: &mut Cache) -> Result<Arc<Catalog>, Box<dyn Error>> {
    if let Some(known) = cache.get(database) {
        return Ok(Arc::clone(known));
    }
    let json: Json = serde_json::from_reader(BufReader::new(File::open(folder.join(format!("{database}.json")))?))?;
    let mut schema = Schema::empty(Dialect::Sqlite, "main");
    let mut values = Vec::new();
    for (place, table) in array(&json["tables"]).iter().enumerate() {
        for (column, cells) in array(&table["values"]).iter().enumerate() {
            values.push((ColumnId { table: place, column }, array(cells).iter().map(cell).collect()));
        }
        schema.tables.push(described(table));
    }
    let catalog = Arc::new(Catalog::from_parts(Arc::new(schema), values));
    cache.insert(database.to_owned(), Arc::clone(&catalog));
    Ok(catalog)
}

fn array(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn strings(json: &Json) -> Vec<String> {
    array(json).iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

fn cell(json: &Json) -> Value {
    match json {
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)), Value::Int)
        }
        Json::String(text) => Value::from(text.as_str()),
        _ => Value::Null,
    }
}

fn described(table: &Json) -> Table {
    let columns = array(&table["columns"]).iter().map(|column| Column {
        name: text(column, "name"),
        type_name: text(column, "type"),
        class: class(&text(column, "type")),
        nullable: true,
        default: None,
        generated: false,
        comment: None,
        enum_values: Vec::new(),
    });
    let foreign_keys = array(&table["foreign_keys"]).iter().map(|key| ForeignKey {
        name: None,
        columns: strings(&key["columns"]),
        referred_namespace: "main".into(),
        referred_table: text(key, "table"),
        referred_columns: strings(&key["referred"]),
    });
    Table {
        namespace: "main".into(),
        name: text(table, "name"),
        kind: TableKind::Table,
        comment: None,
        columns: columns.collect(),
        primary_key: strings(&table["primary_key"]),
        foreign_keys: foreign_keys.collect(),
        indexes: Vec::new(),
        row_estimate: None,
        reads: Vec::new(),
        partial: false,
    }
}

/// What a declared SQLite type holds, by the words in it.
fn class(declared: &str) -> TypeClass {
    let declared = declared.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if has(&["datetime", "timestamp"]) {
        TypeClass::DateTime
    } else if has(&["date"]) {
        TypeClass::Date
    } else if has(&["bool"]) {
        TypeClass::Boolean
    } else if has(&["int", "year"]) {
        TypeClass::Integer
    } else if has(&["real", "num", "dec", "float", "double"]) {
        TypeClass::Number
    } else if has(&["time"]) {
        TypeClass::Time
    } else {
        TypeClass::Text
    }
}
