//! Reads the statements of a file back into the engine's own form and writes them anew.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use db_query_agent::engine::offline::{read, write};
use serde_json::{Value as Json, json};

use crate::catalogue::Catalogues;
use crate::questions::text;
use crate::source::Source;

/// Reads the `gold_sql` of each question, or of each turn, of the file `questions`; writes one JSON object a line to
/// `out`: the statement as it is written anew, where it could be read. Prints how many could.
pub async fn read_back(source: &Source, questions: &str, out: &str) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(out)?);
    let mut catalogues = Catalogues::default();
    let (mut all, mut read_back) = (0_u32, 0_u32);
    for line in BufReader::new(File::open(questions)?).lines() {
        let record: Json = serde_json::from_str(&line?)?;
        let catalog = catalogues.get(source, &text(&record, "db_id")).await?;
        let id = text(&record, "id");
        let golds: Vec<(String, String)> = match record["turns"].as_array() {
            Some(turns) => {
                turns.iter().map(|turn| (format!("{id}#{}", turn["turn"]), text(turn, "gold_sql"))).collect()
            }
            None => vec![(id, text(&record, "gold_sql"))],
        };
        for (id, gold) in golds {
            let anew = read::query(&gold, &catalog).and_then(|query| write::sql(&query, &catalog));
            all += 1;
            read_back += u32::from(anew.is_some());
            writeln!(
                out,
                "{}",
                json!({"id": id, "gold": gold, "sql": anew.clone().unwrap_or_default(), "read": anew.is_some()})
            )?;
        }
    }
    println!("{read_back} of {all} statements were read back ({:.1} %)", f64::from(read_back) * 100.0 / f64::from(all));
    Ok(())
}
