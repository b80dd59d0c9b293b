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
        Verdict::Unknown => Err(unknown(dialect, name)),
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
        Verdict::Harmless | Verdict::Unknown => Err(unknown(dialect, name)),
    }
}

/// The hint about a function that another dialect has.
const ANOTHER_DIALECT: &str = "use a function of the dialect that the database speaks";

/// Refuses a function that is on no list of `dialect`.
fn unknown(dialect: Dialect, name: &str) -> Rejection {
    let has =
        |other: &Dialect| functions::scalar(*other, name) == Verdict::Harmless || functions::gives_rows(*other, name);
    match Dialect::ALL.into_iter().filter(|other| *other != dialect).find(has) {
        Some(other) => {
            let message = format!("function `{}` is one of {other} and not of {dialect}", printable(name));
            RULE.refuse_with(message, ANOTHER_DIALECT)
        }
        None => RULE.refuse(format!("function `{}` is not on the list of harmless functions", printable(name))),
    }
}

/// Whether a statement was refused for a function that only another dialect has.
pub(in crate::guard) fn is_of_another_dialect(rejection: &Rejection) -> bool {
    rejection.rule == RULE.slug && rejection.hint == ANOTHER_DIALECT
}
