//! Writes all readings of each question with what the ranker sees of them.
//!
//! What the linear half sees goes into two files of its own, `OUT.counts` and `OUT.marks`: for each candidate two `u16`,
//! how many marks of words and how many of clauses, and the marks as `u32`, little endian.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use chrono::Local;
use db_query_agent::engine::offline::rank::{self, Marks};
use db_query_agent::grounding::words::{Token, tokenize};
use serde_json::{Value as Json, json};

use crate::catalogue::Catalogues;
use crate::questions::text;
use crate::source::Source;

/// Reads the questions of the file `questions`; writes one JSON object a line to `out`.
pub async fn list(source: &Source, questions: &str, out: &str) -> Result<(), Box<dyn Error>> {
    let file = |tail: &str| File::create(format!("{out}.{tail}")).map(BufWriter::new);
    let (mut counts, mut marks) = (file("counts")?, file("marks")?);
    let mut out = BufWriter::new(File::create(out)?);
    let mut catalogues = Catalogues::default();
    let now = Local::now().naive_local();
    for line in BufReader::new(File::open(questions)?).lines() {
        let record: Json = serde_json::from_str(&line?)?;
        let catalog = catalogues.get(source, &text(&record, "db_id")).await?;
        let tokens = tokenize(&text(&record, "question"));
        let (candidates, seen): (Vec<_>, Vec<_>) = rank::marked(&tokens, &catalog, now).into_iter().unzip();
        writeln!(out, "{}", listing(&text(&record, "id"), &candidates, &tokens))?;
        write_marks(&seen, &mut counts, &mut marks)?;
    }
    Ok(())
}

/// Marks that all candidates of a question have say nothing about which is right, and are left out.
fn write_marks(candidates: &[Marks], counts: &mut impl Write, marks: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut seen: HashMap<u32, usize> = HashMap::new();
    for candidate in candidates {
        let mut all: Vec<u32> = candidate.words.iter().chain(&candidate.clauses).copied().collect();
        all.sort_unstable();
        all.dedup();
        for mark in all {
            *seen.entry(mark).or_default() += 1;
        }
    }
    for candidate in candidates {
        for part in [&candidate.words, &candidate.clauses] {
            let own: Vec<u32> = part.iter().copied().filter(|mark| seen[mark] < candidates.len()).collect();
            counts.write_all(&u16::try_from(own.len())?.to_le_bytes())?;
            for mark in own {
                marks.write_all(&mark.to_le_bytes())?;
            }
        }
    }
    Ok(())
}

fn listing(id: &str, candidates: &[rank::Candidate], tokens: &[Token]) -> Json {
    let sheets: Vec<_> = candidates.iter().map(|candidate| candidate.sheet(tokens)).collect();
    let names: Vec<&str> =
        sheets.first().map(|first| first.iter().map(|(name, _)| *name).collect()).unwrap_or_default();
    // What the question alone says stands in front, the same for all.
    let shared = names.iter().position(|name| *name == "length").map_or(0, |place| place + 1);
    let values = |sheet: &[(&str, f32)]| sheet.iter().map(|(_, value)| *value).collect::<Vec<f32>>();
    let question = sheets.first().map(|first| values(&first[..shared]));
    let candidates: Vec<Json> = candidates
        .iter()
        .zip(&sheets)
        .map(|(candidate, sheet)| {
            let sheet = values(&sheet[shared..]);
            let doubtful = !candidate.answers();
            json!({"sql": candidate.sql, "sheet": sheet, "score": candidate.score, "worth": candidate.worth,
                "confidence": candidate.confidence, "doubtful": doubtful})
        })
        .collect();
    json!({"id": id, "names": names, "question": question, "candidates": candidates})
}
