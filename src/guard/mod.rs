//! The gate between a proposed text and a database.
//!
//! [`Guard::approve`] is the only maker of [`ApprovedSql`], and a connector runs nothing else, so
//! there is no second way to a connection. A text passes these steps, each with its own file:
//!
//! | step | file | refuses |
//! | --- | --- | --- |
//! | bounds | `limit.rs` | what could exhaust a stack |
//! | lexer | `lexer/` | what engines and parsers cut differently |
//! | parse | `parse.rs` | what the parser does not understand to its end |
//! | walk | `walk/` | every node that is not known to read |
//! | names | `resolve.rs` | relations that are unknown, the system's, or not allowed |
//!
//! [`RULES`] is the law in one table; `functions/` says which functions are harmless and why.

mod functions;
mod grammar;
mod lexer;
mod limit;
mod parse;
mod policy;
mod resolve;
mod rules;
mod walk;

use crate::dialect::Dialect;
use crate::error::{Code, Error};
use crate::schema::Schema;

pub use policy::Policy;
pub use rules::{RULES, Rule};

/// Reads proposed SQL for one dialect under one policy.
#[derive(Clone, Debug)]
pub struct Guard {
    dialect: Dialect,
    policy: Policy,
    database: Option<String>,
}

/// A statement that reads, and reads only what the policy allows. Only [`Guard`] makes one.
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
    /// The slug of the rule, stable; one of [`RULES`].
    pub rule: &'static str,
    pub message: String,
    pub hint: String,
}

impl Guard {
    /// A guard for `dialect` under `policy`.
    #[must_use]
    pub fn new(dialect: Dialect, policy: Policy) -> Self {
        Self { dialect, policy, database: None }
    }

    /// Lets a table be named as `database.namespace.name` when `database` is the one connected to.
    #[must_use]
    pub fn in_database(mut self, database: impl Into<String>) -> Self {
        self.database = Some(database.into());
        self
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

    /// The part of `schema` that the policy lets be seen.
    #[must_use]
    pub fn visible(&self, schema: &Schema) -> Schema {
        schema.filtered(|table| self.policy.allows(schema, table))
    }

    /// Lets `sql` through, or says which rule stands against it. Every relation must be in `schema`.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// use db_query_agent::guard::{Guard, Policy};
    /// use db_query_agent::schema::Schema;
    ///
    /// let guard = Guard::new(Dialect::Postgres, Policy::default());
    /// let schema = Schema::empty(Dialect::Postgres, "public");
    /// assert_eq!(guard.approve("SELECT 1 + 1; -- two", &schema).unwrap().text(), "SELECT 1 + 1");
    /// assert_eq!(guard.approve("SELECT * FROM ghosts", &schema).unwrap_err().rule, "known_relation");
    /// assert_eq!(guard.approve("DROP TABLE ghosts", &schema).unwrap_err().rule, "reads_only");
    /// ```
    ///
    /// # Errors
    /// A [`Rejection`].
    pub fn approve(&self, sql: &str, schema: &Schema) -> Result<ApprovedSql, Rejection> {
        parse::approve(self, sql, schema, true)
    }

    /// Like [`Guard::approve`] where there is no database to ask: a relation is judged by the policy on
    /// its name alone, so a misspelled table passes and what stands under a view is not seen.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// use db_query_agent::guard::{Guard, Policy};
    ///
    /// let policy = Policy { allowed_tables: Some(vec!["orders".into()]), ..Policy::default() };
    /// let guard = Guard::new(Dialect::Sqlite, policy);
    /// assert!(guard.approve_unresolved("SELECT count(*) FROM orders").is_ok());
    /// assert_eq!(guard.approve_unresolved("SELECT * FROM salaries").unwrap_err().rule, "allowed_relation");
    /// ```
    ///
    /// # Errors
    /// A [`Rejection`].
    pub fn approve_unresolved(&self, sql: &str) -> Result<ApprovedSql, Rejection> {
        let namespace = match self.dialect {
            Dialect::Sqlite => "main",
            Dialect::Postgres => "public",
            Dialect::Mysql => "",
            Dialect::Mssql => "dbo",
        };
        parse::approve(self, sql, &Schema::empty(self.dialect, namespace), false)
    }
}

impl ApprovedSql {
    /// The text to send: byte for byte the one that was parsed. It is the proposed text, each comment
    /// replaced by a blank, outer whitespace and the last `;` dropped, and in PostgreSQL a blank put
    /// between an operator and the sign of the number behind it (`a>-1`).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The base relations it reads, sorted, each once: a view stands as what it reads, where the schema
    /// tells, else as itself.
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
