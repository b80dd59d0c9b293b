//! Functions.

use super::{Rule, printable};
use crate::dialect::Dialect;
use crate::guard::Rejection;
use crate::guard::functions::{self, Verdict};

pub const RULE: Rule = Rule {
    slug: "function",
    law: "A function is called only if it is known to compute from its arguments and nothing else: functions that reach \
          files, the network, other sessions, settings, catalogues or SQL hidden in text, and functions that users \
          defined, are refused.",
    hint: "use a built-in function that only computes",
};

/// Checks a scalar, aggregate or window function; `name` is folded as the dialect folds.
pub(in crate::guard) fn check(dialect: Dialect, name: &str) -> Result<(), Rejection> {
    match functions::scalar(dialect, name) {
        Verdict::Harmless => Ok(()),
        Verdict::Known(reason) => Err(RULE.refuse(format!("function `{name}` {reason}"))),
        // PostgreSQL lets a function that gives rows stand in every expression.
        Verdict::Unknown if dialect == Dialect::Postgres && functions::gives_rows(dialect, name) => Ok(()),
        Verdict::Unknown => Err(unknown(name)),
    }
}

/// Checks a function that stands in FROM.
pub(in crate::guard) fn check_in_from(dialect: Dialect, name: &str) -> Result<(), Rejection> {
    if functions::gives_rows(dialect, name) {
        return Ok(());
    }
    match functions::scalar(dialect, name) {
        // PostgreSQL lets every function stand in FROM.
        Verdict::Harmless if dialect == Dialect::Postgres => Ok(()),
        Verdict::Known(reason) => Err(RULE.refuse(format!("function `{name}` {reason}"))),
        Verdict::Harmless | Verdict::Unknown => Err(unknown(name)),
    }
}

/// Refuses a function that is on no list.
pub(in crate::guard) fn unknown(name: &str) -> Rejection {
    RULE.refuse(format!("function `{}` is not on the list of harmless functions", printable(name)))
}
