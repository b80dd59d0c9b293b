//! Answers questions of the terminal, to look at one closely.
//!
//! A question that begins with `+` goes on with the conversation before it. Where `OFFLINE_READINGS` is set,
//! every reading and every way to cut the question is shown.

use std::error::Error;
use std::io::BufRead;

use chrono::{Local, Utc};
use db_query_agent::engine::offline::parse::lattice;
use db_query_agent::engine::offline::{Offline, rank};
use db_query_agent::engine::{Ask, Outcome, Proposal};
use db_query_agent::grounding::words::tokenize;
use db_query_agent::session::Turn;

use crate::catalogue::Catalogues;
use crate::source::Source;

pub async fn talk(source: &Source) -> Result<(), Box<dyn Error>> {
    let mut catalogues = Catalogues::default();
    let mut conversation: Vec<Turn> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let Some((database, asked)) = line.split_once('\t') else { continue };
        let catalog = catalogues.get(source, database).await?;
        let (asked, goes_on) = asked.strip_prefix('+').map_or((asked, false), |rest| (rest, true));
        if !goes_on {
            conversation.clear();
        }
        let now = Local::now().naive_local();
        let ask = Ask { conversation: &conversation, ..Ask::new(asked, &catalog, now) };
        println!("\n{asked}");
        let outcome = Offline.answer(&ask);
        if std::env::var_os("OFFLINE_READINGS").is_some() {
            show_readings(&ask);
        }
        match outcome {
            Outcome::Sql(proposals) => {
                let best = &proposals[0];
                let template = best.template.clone().unwrap_or_default();
                println!("{}\n{}\n{template}\n{:?}", best.sql, best.explanation, best.assumptions);
                println!("confidence {:.2}", best.confidence);
                conversation.push(turn(asked, best));
            }
            other => println!("{other:#?}"),
        }
    }
    Ok(())
}

fn turn(asked: &str, best: &Proposal) -> Turn {
    Turn {
        question: asked.to_owned(),
        sql: Some(best.sql.clone()),
        answer: String::new(),
        plan: best.plan.clone(),
        at: Utc::now(),
        caller: None,
        role: None,
    }
}

fn show_readings(ask: &Ask) {
    let (catalog, tokens) = (ask.catalog, tokenize(ask.question));
    for candidate in rank::candidates(&tokens, catalog, ask.now) {
        println!("{:.2} {:.2} {:.2} {}", candidate.score, candidate.worth, candidate.confidence, candidate.sql);
    }
    for cut in lattice::cuts(&tokens, catalog, ask.now, 4) {
        println!("cut {:.2}", cut.score);
        for chunk in &cut.chunks {
            let words: Vec<&str> = tokens[chunk.start..chunk.end].iter().map(|token| token.text.as_str()).collect();
            let kind = format!("{:?}", chunk.kind);
            println!("  {:.2} {} {}", chunk.score, words.join(" "), kind.chars().take(300).collect::<String>());
        }
    }
}
