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
//! [`screen`] looks at questions, before there is a statement; it raises an alarm and decides nothing here.
//! [`RULES`] is the law in one table; `functions/` says which functions are harmless and why.

mod access;
mod caller;
mod everywhere;
mod functions;
mod glob;
mod grammar;
mod input;
mod lexer;
mod limit;
mod parse;
mod policy;
mod remarks;
mod resolve;
mod rewrite;
mod row_filter;
mod rules;
mod shape;
mod text;
mod walk;

use std::sync::Arc;

use crate::dialect::Dialect;
use crate::error::{Code, Error};
use crate::schema::{Schema, Table};
use crate::value::Value;

use access::Access;
pub use caller::Caller;
pub use everywhere::Everywhere;
pub use input::{Family, screen};
pub use policy::{ColumnAccess, Policy};
pub use row_filter::RowFilter;
pub use rules::{RULES, Rule};

/// Reads proposed SQL for one dialect under one policy.
#[derive(Clone, Debug)]
pub struct Guard {
    dialect: Dialect,
    access: Access,
    caller: Option<Arc<Caller>>,
    database: Option<String>,
    remarks: bool,
}

/// A statement that reads, and reads only what the policy allows. Only [`Guard`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovedSql {
    text: String,
    /// What is sent, where row filters made it another text.
    filtered: Option<Filtered>,
    reads: Reads,
}

/// The text with row filters in it, and what is bound to its placeholders.
#[derive(Clone, Debug, PartialEq)]
struct Filtered {
    text: String,
    parameters: Vec<Value>,
}

/// What a statement reads and gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Reads {
    relations: Vec<Relation>,
    columns: Vec<ReadColumn>,
    functions: Vec<String>,
    masked: Vec<bool>,
    remarks: Vec<String>,
}

/// A column that a statement refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReadColumn {
    /// The relation as the statement names it: a view stands as itself.
    pub relation: Relation,
    pub name: String,
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
        Self { dialect, access: Access::new(policy), caller: None, database: None, remarks: false }
    }

    /// Lets a table be named as `database.namespace.name` when `database` is the one connected to.
    #[must_use]
    pub fn in_database(mut self, database: impl Into<String>) -> Self {
        self.database = Some(database.into());
        self
    }

    /// Remarks on what it lets through, see [`ApprovedSql::remarks`].
    #[must_use]
    pub fn remarking(mut self) -> Self {
        self.remarks = true;
        self
    }

    /// Keeps another policy too: what may be read, both must allow.
    #[must_use]
    pub fn and(mut self, policy: Policy) -> Self {
        self.access = self.access.and(policy);
        self
    }

    /// Binds the placeholders of row filters to the attributes of `caller`.
    #[must_use]
    pub fn for_caller(mut self, caller: Arc<Caller>) -> Self {
        self.caller = Some(caller);
        self
    }

    /// Says of what may not be read that there is none.
    #[must_use]
    pub fn concealing(mut self) -> Self {
        self.access.conceals = true;
        self
    }

    /// Whether what may not be read is said not to exist.
    #[must_use]
    pub fn conceals(&self) -> bool {
        self.access.conceals
    }

    /// Refuses a caller without an attribute that a row filter needs, before there is a statement.
    ///
    /// # Errors
    /// A [`Rejection`] under the rule `row_filter`.
    pub fn check_caller(&self) -> Result<(), Rejection> {
        let has = |name: &str| self.caller.as_ref().is_some_and(|caller| caller.attribute(name).is_some());
        let missing = self.access.filters().flat_map(RowFilter::attributes).find(|name| !has(name));
        missing.map_or(Ok(()), |name| Err(rules::row_filter::no_attribute(name)))
    }

    /// The dialect it reads.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether its policies say anything about tables, columns or rows.
    #[must_use]
    pub fn restricts(&self) -> bool {
        self.access.restricts()
    }

    /// Whether the policies let a relation of that name be read, judged by the name alone.
    #[must_use]
    pub fn allows_name(&self, schema: &Schema, namespace: &str, name: &str) -> bool {
        self.access.allows_name(&schema.default_namespace, namespace, name)
    }

    /// Whether a policy blocks a relation of that name or shows only some of its rows.
    #[must_use]
    pub fn hides(&self, namespace: &str, name: &str) -> bool {
        self.access.blocks(namespace, name) || self.access.filters_of(namespace, name).next().is_some()
    }

    /// What may be done with a column of `table`.
    #[must_use]
    pub fn column(&self, schema: &Schema, table: &Table, column: &str) -> ColumnAccess {
        self.access.column(schema, table, column)
    }

    /// Whether the caller sees only some of the rows of `table`.
    #[must_use]
    pub fn filters_rows(&self, table: &Table) -> bool {
        self.access.filters_of(&table.namespace, &table.name).next().is_some()
    }

    /// The part of `schema` that the policies let be seen: masked columns are part of it, blocked ones
    /// and what is made from them are not.
    #[must_use]
    pub fn visible(&self, schema: &Schema) -> Schema {
        let mut visible = schema.filtered(|table| self.access.allows(schema, table));
        if self.access.limits_columns() {
            for table in &mut visible.tables {
                let hidden: Vec<String> = (table.columns.iter())
                    .filter(|column| self.column(schema, table, &column.name) == ColumnAccess::Blocked)
                    .map(|column| column.name.clone())
                    .collect();
                table.without_columns(&hidden);
            }
            visible.without_dangling_keys();
        }
        let conceals_columns = self.access.conceals && self.access.limits_columns();
        for table in &mut visible.tables {
            // Which tables have hidden columns must not be told by where `*` is refused.
            table.partial |= conceals_columns;
            if self.filters_rows(table) {
                // It counts everyone's rows.
                table.row_estimate = None;
            }
        }
        visible
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
        parse::approve(self, sql, &Schema::empty(self.dialect, self.dialect.default_namespace()), false)
    }

    /// `sql` without comments, the last `;` and outer blanks, its tokens byte for byte and a single blank
    /// where blanks parted them. It says nothing of whether the statement may run.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// use db_query_agent::guard::{Guard, Policy};
    /// let guard = Guard::new(Dialect::Mysql, Policy::default());
    /// assert_eq!(guard.sanitize("SELECT  a # secret\n FROM t;").unwrap(), "SELECT a FROM t");
    /// assert_eq!(guard.sanitize("SELECT 'open").unwrap_err().rule, "literal");
    /// ```
    ///
    /// # Errors
    /// A [`Rejection`] for a text that cannot be cut into tokens.
    pub fn sanitize(&self, sql: &str) -> Result<String, Rejection> {
        text::clean(self.dialect, sql).map(|(text, _)| text)
    }
}

/// The word that a statement begins with, where it is one that begins statements; `SELECT` for a `WITH`.
///
/// ```
/// use db_query_agent::guard::kind;
/// assert_eq!(kind("/* a */ drop table users"), Some("DROP"));
/// assert_eq!(kind("hello"), None);
/// ```
#[must_use]
pub fn kind(sql: &str) -> Option<&'static str> {
    text::kind(sql)
}

impl ApprovedSql {
    /// The text that was parsed, byte for byte, to show and to log. It is the proposed text, each comment
    /// replaced by a blank, outer whitespace and the last `;` dropped, and in PostgreSQL a blank put
    /// between an operator and the sign of the number behind it (`a>-1`).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is allowed and still worth a second look, where the guard was asked for it: columns that nobody
    /// asked for by name, and tables that nothing joins. A statement of uncommon size gets none.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// use db_query_agent::guard::{Guard, Policy};
    /// let guard = Guard::new(Dialect::Sqlite, Policy::default()).remarking();
    /// let approved = guard.approve_unresolved("SELECT u.name FROM users u, orders o").unwrap();
    /// assert!(approved.remarks()[0].starts_with("nothing joins"));
    /// ```
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.reads.remarks
    }

    /// The text to send: that of [`ApprovedSql::text`], in which the name of each table with a row filter
    /// is replaced by a derived table.
    #[must_use]
    pub fn statement(&self) -> &str {
        self.filtered.as_ref().map_or(&self.text, |filtered| &filtered.text)
    }

    /// What to bind to the placeholders of [`ApprovedSql::statement`], in their order: `$1` and on in
    /// PostgreSQL, `?` in MySQL and SQLite, `@P1` and on in SQL Server.
    #[must_use]
    pub fn parameters(&self) -> &[Value] {
        self.filtered.as_ref().map_or(&[], |filtered| &filtered.parameters)
    }

    /// The base relations it reads, sorted, each once: a view stands as what it reads, where the schema
    /// tells, else as itself. What row filters read is among them.
    #[must_use]
    pub fn relations(&self) -> &[Relation] {
        &self.reads.relations
    }

    /// The columns of relations it refers to, sorted, each once; those that `*` stands for are among
    /// them where the schema tells. Without a schema they are those that can belong to one table only.
    #[must_use]
    pub fn columns(&self) -> &[ReadColumn] {
        &self.reads.columns
    }

    /// The functions it calls, in lower case, sorted, each once.
    #[must_use]
    pub fn functions(&self) -> &[String] {
        &self.reads.functions
    }

    /// Which columns of the result must be masked, one entry a column; empty when none is.
    #[must_use]
    pub fn masked(&self) -> &[bool] {
        &self.reads.masked
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::new(Code::SqlRejected, rejection.message).with_hint(rejection.hint).with_rule(rejection.rule)
    }
}
