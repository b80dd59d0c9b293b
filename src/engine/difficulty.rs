//! How hard a question is, by what the grounding makes of it: which tables it needs, whether its statement nests,
//! and whether the offline engine is in doubt.

use super::relevance::named_tables;
use super::{Ask, Outcome};

/// Which model should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difficulty {
    Easy,
    Middling,
    Hard,
}

/// From this confidence on the draft's shape is taken for the answer's.
const LIKELY: f64 = 0.5;
/// From this confidence on nothing is in doubt.
const CLEAR: f64 = 0.75;
/// A second reading within this share of the first one's confidence makes a question ambiguous.
const CLOSE: f64 = 0.8;

/// How hard `ask` is, where the offline engine makes `draft` of it. A repair is hard by experience.
pub(super) fn difficulty(ask: &Ask<'_>, draft: Option<&Outcome>) -> Difficulty {
    if ask.failure.is_some() {
        return Difficulty::Hard;
    }
    let named = named_tables(ask).saturating_sub(1);
    let points = match draft {
        Some(Outcome::Sql(proposals)) => {
            let best = proposals.first();
            let confidence = best.map_or(0.0, |best| best.confidence);
            let shape = best.filter(|_| confidence >= LIKELY).map_or(0, |best| shape(&best.sql));
            let ambiguous = proposals.get(1).is_some_and(|second| second.confidence >= confidence * CLOSE);
            let doubt = usize::from(confidence < CLEAR) + usize::from(confidence < LIKELY);
            shape.max(named) + doubt + usize::from(ambiguous)
        }
        // What it cannot read at all is more than a plain question.
        Some(Outcome::Clarify { .. }) | None => named + 2,
        Some(Outcome::Casual(_)) => 0,
    };
    match points {
        0..=1 => Difficulty::Easy,
        2..=3 => Difficulty::Middling,
        _ => Difficulty::Hard,
    }
}

/// Joins, and twice the queries inside, of a statement that the offline engine has written.
fn shape(sql: &str) -> usize {
    let count = |word: &str| sql.matches(word).count();
    count(" JOIN ") + 2 * count("SELECT ").saturating_sub(1)
}
