//! Requests to write, which nothing here can do and nothing here pretends to do.
//!
//! Told from questions by shape: a command form where a clause begins ("delete all orders"). A past
//! form ("deleted accounts"), a noun ("price updates") and a verb inside a clause are questions.

use crate::grounding::Catalog;
use crate::grounding::link::{Target, links};
use crate::grounding::words::Token;

/// Verbs that always write when they open a clause.
const WRITES: &[&str] = &[
    "drop",
    "delete",
    "truncate",
    "insert",
    "update",
    "alter",
    "erase",
    "wipe",
    "purge",
    "destroy",
    "overwrite",
    "upsert",
];
/// Verbs that write when a thing follows them and they are not a part of its name.
const MAY_WRITE: &[&str] = &[
    "remove",
    "add",
    "set",
    "change",
    "modify",
    "create",
    "rename",
    "replace",
    "increase",
    "decrease",
    "raise",
    "reduce",
    "lower",
    "mark",
    "cancel",
    "archive",
    "reset",
    "edit",
    "correct",
    "clear",
    "grant",
    "revoke",
    "import",
    "register",
    "refund",
    "assign",
    "double",
    "restore",
    "deactivate",
    "activate",
    "approve",
];
/// What stands before the verb of a request.
const OPENINGS: &[&str] = &[
    "please",
    "kindly",
    "can",
    "could",
    "would",
    "will",
    "you",
    "i",
    "we",
    "want",
    "need",
    "like",
    "to",
    "must",
    "should",
    "go",
    "ahead",
    "and",
    "let",
    "us",
    "now",
    "just",
    "then",
    "help",
    "me",
    "also",
    "how",
    "do",
    "'d",
    "d",
    "your",
    "instructions",
    "ignore",
    "all",
    "previous",
];
/// What may stand before the thing that a verb writes.
const DETERMINERS: &[&str] = &[
    "the",
    "a",
    "an",
    "all",
    "every",
    "each",
    "any",
    "this",
    "that",
    "these",
    "those",
    "them",
    "it",
    "my",
    "our",
    "his",
    "her",
    "their",
    "some",
    "new",
    "another",
    "everything",
    "table",
    "tables",
    "column",
    "row",
    "rows",
    "record",
    "records",
    "from",
    "into",
    "index",
    "view",
    "user",
    "database",
    "schema",
    "*",
    "everyone",
];
/// What is made without writing: "create a list of customers".
const SHOWN: &[&str] = &[
    "list",
    "report",
    "summary",
    "overview",
    "chart",
    "graph",
    "breakdown",
    "ranking",
    "count",
    "total",
    "average",
    "histogram",
    "plot",
    "up",
    "filter",
    "condition",
    "sort",
];

/// The reply to a request to write; none to a question. `follows` says that a query stands before,
/// which "remove the cancelled ones" and "add the email" speak of.
#[must_use]
pub fn reply(tokens: &[Token], catalog: &Catalog, follows: bool) -> Option<String> {
    let verb = (0..tokens.len()).find(|at| writes(tokens, *at, catalog, follows))?;
    let example = catalog.schema().tables.first().map_or("rows".to_owned(), |table| table.name.replace('_', " "));
    Some(format!(
        "I only read this database, so I cannot {} anything in it. You can ask what is in it, for example: How many {example} are there?",
        tokens[verb].lower
    ))
}

fn writes(tokens: &[Token], at: usize, catalog: &Catalog, follows: bool) -> bool {
    let verb = tokens[at].lower.as_str();
    let always = WRITES.contains(&verb);
    if !always && (!MAY_WRITE.contains(&verb) || follows) || !opens(tokens, at) {
        return false;
    }
    let next = tokens.get(at + 1).map_or("", |token| token.lower.as_str());
    let shown = tokens[at + 1..].iter().take(3).any(|token| SHOWN.contains(&token.lower.as_str()));
    let named = links(tokens, catalog).into_iter().any(|link| {
        let covers = link.start == at && link.score > 0.8 && !matches!(link.target, Target::Value { .. });
        covers && (link.end > at + 1 || !always)
    });
    let determined = DETERMINERS.contains(&next);
    // "drop rate by month" is a name; "drop the rate" is not.
    if named && !determined || shown && !always {
        return false;
    }
    let thing = || links(tokens, catalog).into_iter().any(|link| link.start == at + 1 && link.score > 0.6);
    determined || thing() || (always && next.is_empty())
}

/// Whether a command may begin at `at`: the first word, or after a sentence, or behind "please" and its like.
fn opens(tokens: &[Token], at: usize) -> bool {
    let begins = tokens[..at]
        .iter()
        .rposition(|token| matches!(token.lower.as_str(), ";" | "." | "!" | "?" | ":"))
        .map_or(0, |sign| sign + 1);
    let lead = &tokens[begins..at];
    let and = lead.last().is_some_and(|token| matches!(token.lower.as_str(), "and" | "then" | "please"))
        && WRITES.contains(&tokens[at].lower.as_str());
    and || lead
        .iter()
        .all(|token| OPENINGS.contains(&token.lower.as_str()) || !token.lower.chars().any(char::is_alphanumeric))
}
