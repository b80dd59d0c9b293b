//! Which functions are known to be harmless, by dialect, and why.
//!
//! An allow list: a function that stands in no class is refused. Each class says why its members may
//! be called, and the classes of known refusals say why not, for a better message.

mod mssql;
mod mysql;
mod postgres;
mod sqlite;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::dialect::Dialect;

/// Functions that are judged alike.
struct Class {
    /// For an allowed class why it is harmless, for a refused one what it does.
    reason: &'static str,
    /// Names in lower case, parted by blanks.
    names: &'static str,
}

/// The lists of one dialect.
struct Lists {
    /// Scalar, aggregate and window functions that only compute.
    harmless: &'static [Class],
    /// Functions that give rows and may stand in FROM.
    rows: &'static [Class],
    /// Functions that are refused with a reason.
    refused: &'static [Class],
}

/// What the lists say of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Harmless,
    /// Refused, and what it does.
    Known(&'static str),
    Unknown,
}

struct Index {
    harmless: HashSet<&'static str>,
    rows: HashSet<&'static str>,
    refused: HashMap<&'static str, &'static str>,
}

impl Index {
    fn of(lists: &Lists) -> Self {
        let names =
            |classes: &'static [Class]| classes.iter().flat_map(|class| class.names.split_whitespace()).collect();
        Self {
            harmless: names(lists.harmless),
            rows: names(lists.rows),
            refused: lists
                .refused
                .iter()
                .flat_map(|class| class.names.split_whitespace().map(|name| (name, class.reason)))
                .collect(),
        }
    }
}

static SQLITE: LazyLock<Index> = LazyLock::new(|| Index::of(&sqlite::LISTS));
static POSTGRES: LazyLock<Index> = LazyLock::new(|| Index::of(&postgres::LISTS));
static MYSQL: LazyLock<Index> = LazyLock::new(|| Index::of(&mysql::LISTS));
static MSSQL: LazyLock<Index> = LazyLock::new(|| Index::of(&mssql::LISTS));

fn index(dialect: Dialect) -> &'static Index {
    match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
        Dialect::Mysql => &MYSQL,
        Dialect::Mssql => &MSSQL,
    }
}

/// Judges a scalar, aggregate or window function by its name in lower case.
pub(super) fn scalar(dialect: Dialect, name: &str) -> Verdict {
    let index = index(dialect);
    if index.harmless.contains(name) {
        Verdict::Harmless
    } else if let Some(reason) = index.refused.get(name) {
        Verdict::Known(reason)
    } else {
        Verdict::Unknown
    }
}

/// Whether a function may stand in FROM.
pub(super) fn gives_rows(dialect: Dialect, name: &str) -> bool {
    index(dialect).rows.contains(name)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, gives_rows, index, scalar};
    use crate::dialect::Dialect;

    #[test]
    fn no_function_is_both_harmless_and_refused() {
        for dialect in Dialect::ALL {
            let index = index(dialect);
            for name in index.refused.keys() {
                assert!(!index.harmless.contains(name) && !index.rows.contains(name), "{dialect}: {name}");
            }
        }
    }

    #[test]
    fn names_are_in_lower_case() {
        for dialect in Dialect::ALL {
            let index = index(dialect);
            for name in index.harmless.iter().chain(&index.rows).chain(index.refused.keys()) {
                assert_eq!(*name, name.to_ascii_lowercase(), "{dialect}");
            }
        }
    }

    #[test]
    fn the_known_traps_are_refused() {
        for name in ["ts_stat", "ts_rewrite", "query_to_xml", "table_to_xml", "pg_read_file", "set_config", "pg_sleep"]
        {
            assert!(matches!(scalar(Dialect::Postgres, name), Verdict::Known(_)), "{name}");
            assert!(!gives_rows(Dialect::Postgres, name), "{name}");
        }
    }
}
