//! Looks at every node of a parsed statement and lets through only those that are known to read.
//!
//! No match here has a wildcard arm over the parser's types, and structs are taken apart field by
//! field: a new kind of node makes the build fail, never the guard.

mod expression;
mod from;
mod function;
mod operator;
mod query;
mod select;
mod source;
mod types;
mod value;

use sqlparser::ast::{Ident, Statement};

use super::resolve::{Names, fold};
use super::rules::{reads_only, reserved_word};
use super::{Guard, Rejection, Relation};
use crate::dialect::Dialect;
use crate::schema::Schema;
use source::Sources;

/// The outcome of looking at a node.
type Verdict = Result<(), Rejection>;

/// A walk over one statement.
struct Walk<'a> {
    dialect: Dialect,
    names: Names<'a>,
    sources: Sources<'a>,
}

/// Walks over `statement` and gives the base relations that it reads.
pub(super) fn relations(
    guard: &Guard,
    statement: &Statement,
    schema: &Schema,
    resolved: bool,
) -> Result<Vec<Relation>, Rejection> {
    let dialect = guard.dialect;
    let names = Names::new(&guard.access, schema, dialect, guard.database.as_deref(), resolved);
    let mut walk = Walk { dialect, names, sources: Sources::default() };
    walk.query(reads_only::query(statement)?)?;
    Ok(walk.names.into_relations())
}

impl Walk<'_> {
    fn is(&self, dialect: Dialect) -> bool {
        self.dialect == dialect
    }

    /// The name of an alias as the dialect compares it.
    fn folded(&self, ident: &Ident) -> String {
        fold(self.dialect, ident).into_owned()
    }

    /// Checks a name that the statement gives to something.
    fn alias(&self, ident: &Ident) -> Verdict {
        if self.is(Dialect::Mssql) && ident.quote_style.is_none() {
            reserved_word::alias(&ident.value)?;
        }
        Ok(())
    }

    /// Looks at each of `nodes`.
    fn each<'n, T: 'n>(
        &mut self,
        nodes: impl IntoIterator<Item = &'n T>,
        look: impl Fn(&mut Self, &'n T) -> Verdict,
    ) -> Verdict {
        nodes.into_iter().try_for_each(|node| look(self, node))
    }
}
