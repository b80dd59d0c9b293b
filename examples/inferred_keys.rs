//! How well foreign keys are inferred: hides the declared ones of every SQLite database in a folder and counts
//! which of them come back, and what else does.
//!
//! `cargo run --example inferred_keys -- <folder> [<file with names of databases to leave out>] [-v]`

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use db_query_agent::config::Config;
use db_query_agent::database;
use db_query_agent::dialect::Dialect;
use db_query_agent::grounding::{Catalog, ColumnId};
use db_query_agent::guard::{Guard, Policy};
use serde_json::{Map, json};

/// Two columns that join, in either direction.
type Pair = (ColumnId, ColumnId);

#[derive(Default)]
struct Count {
    declared: usize,
    inferred: usize,
    right: usize,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let verbose = arguments.iter().any(|argument| argument == "-v");
    let mut arguments = arguments.iter().filter(|argument| *argument != "-v");
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let left_out = arguments.next().map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    let left_out: BTreeSet<&str> = left_out.lines().map(str::trim).collect();
    let mut files = Vec::new();
    find(&folder, &mut files)?;
    files.retain(|file| !file.file_stem().is_some_and(|name| left_out.contains(&*name.to_string_lossy())));
    files.sort();
    let mut count = Count::default();
    for file in &files {
        if let Err(error) = measure(file, verbose, &mut count).await {
            eprintln!("{}: {error}", file.display());
        }
    }
    let Count { declared, inferred, right } = count;
    println!("{} databases: {declared} keys declared, {inferred} inferred, {right} of them declared", files.len());
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    println!("precision {:.1} %, recall {:.1} %", share(right, inferred), share(right, declared));
    Ok(())
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|kind| kind == "sqlite" || kind == "db") {
            files.push(path);
        }
    }
    Ok(())
}

async fn measure(file: &Path, verbose: bool, count: &mut Count) -> Result<(), Box<dyn Error>> {
    let mut options = Map::new();
    options.insert("database_url".to_owned(), json!(format!("sqlite:///{}", file.display())));
    let database = database::connect(&Config::build(&options, &HashMap::new())?.database)?;
    let guard = Guard::new(Dialect::Sqlite, Policy::default());
    let mut schema = database.introspect().await?;
    let declared = pairs(&Catalog::names_of(Arc::new(schema.clone())), true);
    for table in &mut schema.tables {
        table.foreign_keys.clear();
    }
    let catalog = Catalog::load(Arc::new(schema), database.as_ref(), &guard, Duration::from_mins(2)).await?;
    let inferred = pairs(&catalog, false);
    let right = inferred.intersection(&declared).count();
    count.declared += declared.len();
    count.inferred += inferred.len();
    count.right += right;
    if verbose {
        let name = |id: ColumnId| format!("{}.{}", catalog.table(id.table).name, catalog.column(id).name);
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (from, to) in declared.difference(&inferred) {
            println!("{stem}: missed {} = {}", name(*from), name(*to));
        }
        for (from, to) in inferred.difference(&declared) {
            println!("{stem}: wrong {} = {}", name(*from), name(*to));
        }
    }
    Ok(())
}

/// The joins of a catalogue, those that keys declare or those that were inferred.
fn pairs(catalog: &Catalog, declared: bool) -> BTreeSet<Pair> {
    (0..catalog.schema().tables.len())
        .flat_map(|table| catalog.joins().at(table))
        .filter(|join| join.declared == declared)
        .map(|join| (join.from.min(join.to), join.from.max(join.to)))
        .collect()
}
