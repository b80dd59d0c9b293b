//! Texts by chance, until something is found or the time is over.

use std::collections::BTreeMap;

use db_query_agent::dialect::Dialect;

use super::law;
use super::mix::{self, Dice, Pieces};
use super::session::Outcome;
use super::trial::{Finding, Hides, Trial, Verdict};

/// What a run has seen.
#[derive(Debug, Default)]
pub struct Report {
    pub made: usize,
    /// How often each rule refused.
    pub refused: BTreeMap<&'static str, usize>,
    pub accepted: usize,
    /// Those that gave rows.
    pub answered: usize,
    pub timed_out: usize,
    /// How often the engine gave each error.
    pub errors: BTreeMap<String, usize>,
    pub findings: Vec<Finding>,
}

/// More findings than this say nothing new.
const ENOUGH: usize = 20;

/// Judges texts made from `seed`, as long as `goes_on` says so of their number. The same seed makes the same
/// texts in the same order.
pub async fn fuzz(dialect: Dialect, seed: u64, goes_on: impl Fn(usize) -> bool) -> Report {
    let law = law::texts();
    let mut dice = Dice::new(seed ^ dialect.as_str().bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte)));
    let mut trial = Trial::start(dialect, Hides::Everything).await;
    let mut report = Report::default();
    while goes_on(report.made) && report.findings.len() < ENOUGH {
        let pieces = mix::text(&mut dice, dialect, &law);
        report.made += 1;
        match trial.judge(&pieces.concat()).await {
            Verdict::Refused(rule) => *report.refused.entry(rule).or_default() += 1,
            Verdict::Accepted(outcome) => {
                report.accepted += 1;
                match outcome {
                    Outcome::Rows(_) => report.answered += 1,
                    Outcome::TimedOut => report.timed_out += 1,
                    Outcome::Error(code, _) => *report.errors.entry(code).or_default() += 1,
                }
            }
            Verdict::Wrong(finding) => {
                report.accepted += 1;
                report.findings.push(shrunk(&mut trial, pieces, finding).await);
            }
        }
    }
    report.findings.extend(trial.settle().await);
    trial.stop().await;
    report
}

/// Leaves out piece after piece as long as the same thing happens.
async fn shrunk(trial: &mut Trial, mut pieces: Pieces, mut finding: Finding) -> Finding {
    // A change was found among many texts and is not in these pieces.
    if finding.what == "changed" {
        return finding;
    }
    let mut width = pieces.len() / 2;
    while width > 0 {
        let mut at = 0;
        while at + width <= pieces.len() {
            let shorter = [&pieces[..at], &pieces[at + width..]].concat();
            match trial.judge(&shorter.concat()).await {
                Verdict::Wrong(next) if next.what == finding.what => (pieces, finding) = (shorter, next),
                _ => at += width,
            }
        }
        width /= 2;
    }
    finding
}
