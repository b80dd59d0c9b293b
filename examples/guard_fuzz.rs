//! Texts by chance against the guard on SQLite, PostgreSQL and MariaDB, each engine reached as an administrator
//! and past every other fence: what the guard lets through must show no secret and change nothing.
//!
//! `SECONDS` (180) is the time for all three together, `SEED` makes the same texts again, `FINDINGS` is the
//! file that findings are written to (`target/guard_fuzz.txt`). `TEXTS` names a file of texts, a blank line between
//! each two, that are judged in place of texts by chance. The servers are those of the tests.
//!
//! `make fuzz SECONDS=60 SEED=7`

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and fails")]

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use db_query_agent::dialect::Dialect;

#[path = "../tests/it/enemy/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
mod enemy;

#[path = "../tests/it/law.rs"]
#[expect(dead_code, reason = "of the tests, which use all of it")]
mod law;

use enemy::{Hides, Trial, Verdict};

const ENGINES: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql];

fn main() -> ExitCode {
    let number = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty()).map(|text| text.parse::<u64>());
    let (Ok(seconds), Ok(seed)) = (number("SECONDS").transpose(), number("SEED").transpose()) else {
        eprintln!("SECONDS and SEED are whole numbers");
        return ExitCode::from(2);
    };
    let seed = seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        now.as_secs() ^ u64::from(now.subsec_nanos())
    });
    let time = Duration::from_secs(seconds.unwrap_or(180)) / 3;
    println!("seed {seed}, {} s for each engine", time.as_secs());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if let Ok(path) = std::env::var("TEXTS") {
        return judge(&runtime, &path);
    }
    let mut found = String::new();
    for dialect in ENGINES {
        let start = Instant::now();
        let report = runtime.block_on(enemy::fuzz(dialect, seed, |_| start.elapsed() < time));
        println!(
            "{dialect}: {} texts, {} accepted, {} of them gave rows, {} timed out, {} findings",
            report.made,
            report.accepted,
            report.answered,
            report.timed_out,
            report.findings.len()
        );
        println!("    refused by rule: {:?}", report.refused);
        println!("    errors of the engine: {:?}", report.errors);
        for finding in report.findings {
            found.push_str(&format!(
                "seed {seed}, {dialect}, {}: {}\n{}\n\n",
                finding.what, finding.detail, finding.text
            ));
        }
    }
    if found.is_empty() {
        return ExitCode::SUCCESS;
    }
    let path = std::env::var("FINDINGS").unwrap_or_else(|_| "target/guard_fuzz.txt".to_owned());
    print!("{found}");
    match std::fs::write(&path, &found) {
        Ok(()) => println!("written to {path}"),
        Err(error) => eprintln!("{path}: {error}"),
    }
    ExitCode::FAILURE
}

/// Says of each text in a file what becomes of it on each engine.
fn judge(runtime: &tokio::runtime::Runtime, path: &str) -> ExitCode {
    let texts = match std::fs::read_to_string(path) {
        Ok(texts) => texts,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    let mut wrong = false;
    for dialect in ENGINES {
        let mut trial = runtime.block_on(Trial::start(dialect, Hides::Everything));
        for text in texts.split("\n\n").filter(|text| !text.trim().is_empty()) {
            let verdict = runtime.block_on(trial.judge(text));
            let verdict = runtime.block_on(trial.settle()).map_or(verdict, Verdict::Wrong);
            wrong |= matches!(verdict, Verdict::Wrong(_));
            println!("{dialect}: {text}\n    {verdict:?}");
        }
        runtime.block_on(trial.stop());
    }
    if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
