//! One error for every failure a caller can meet: a stable code, whose fault it is, what happened,
//! and what to do about it.
//!
//! The table in this file is the only list of codes. The Python exceptions, the reference page and
//! the exit codes of the command line are all made from it.

use std::fmt;

/// `std::result::Result` with [`Error`] as the failure.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who has to act: the person who asked or configured, or whoever runs the systems behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// The question, the configuration or the policy has to change.
    User,
    /// A database, a network or a model has to be mended.
    System,
}

impl Category {
    /// The word used in JSON and in Python.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::System => "system",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $slug:literal, $category:ident, $exception:literal, $hint:literal;)+) => {
        /// The stable name of a kind of failure. New ones may come; a slug never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The slug that stands in `error.code`.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $slug,)+ } }

            /// Whose fault it is.
            #[must_use]
            pub fn category(self) -> Category { match self { $(Self::$name => Category::$category,)+ } }

            /// The Python exception that carries it.
            #[must_use]
            pub fn exception(self) -> &'static str { match self { $(Self::$name => $exception,)+ } }

            /// What to do, where the place that failed knows nothing better.
            #[must_use]
            pub fn hint(self) -> &'static str { match self { $(Self::$name => $hint,)+ } }

            /// What it means, for the reference page.
            #[must_use]
            pub fn meaning(self) -> &'static str { match self { $(Self::$name => concat!($($doc),+),)+ } }
        }
    };
}

codes! {
    /// An option has a value that cannot be used.
    InvalidOption = "invalid_option", User, "ConfigurationError", "check the value against the configuration reference";
    /// An option of that name does not exist.
    UnknownOption = "unknown_option", User, "ConfigurationError", "check the spelling against the configuration reference";
    /// A `.env` file could not be read or understood.
    InvalidEnvFile = "invalid_env_file", User, "ConfigurationError", "each line is `NAME=value`, a comment or empty";
    /// The database URL cannot be read.
    InvalidUrl = "invalid_url", User, "ConfigurationError", "write it as `dialect://user:password@host:port/database`";
    /// No connector serves the scheme of the database URL.
    UnsupportedScheme = "unsupported_scheme", User, "ConfigurationError", "use `sqlite`, `postgresql` or `mysql`";
    /// The database cannot be reached.
    ConnectionFailed = "connection_failed", System, "ConnectionError", "check that the server runs and that host and port are right";
    /// The server did not answer in time while a connection was being made.
    ConnectionTimeout = "connection_timeout", System, "ConnectionError", "check host, port and firewall, or raise `pool_timeout`";
    /// The server refused the user name or the password.
    AuthenticationFailed = "authentication_failed", User, "ConnectionError", "check user name and password in the database URL";
    /// The server has no database of that name, or the file does not exist.
    DatabaseNotFound = "database_not_found", User, "ConnectionError", "check the last part of the database URL";
    /// The encrypted connection could not be made.
    TlsFailed = "tls_failed", System, "ConnectionError", "check the certificate options (`ssl_ca`, `ssl_verify`)";
    /// All connections of the pool were busy for the whole wait.
    PoolTimeout = "pool_timeout", System, "ConnectionError", "raise `pool_size` or `max_overflow`, or ask less at once";
    /// The login can do more than read, or what it can do is not known, and `require_least_privilege` is set.
    PrivilegedLogin = "privileged_login", User, "ConfigurationError", "give the agent a login that may only read; `security_report()` says what this one can do";
    /// The schema could not be read.
    SchemaFailed = "schema_failed", System, "SchemaExtractionError", "check that the login may read the catalogue";
    /// The question is empty.
    EmptyQuestion = "empty_question", User, "QuestionError", "ask something, for example `how many orders are there?`";
    /// The question is longer than allowed.
    QuestionTooLong = "question_too_long", User, "QuestionError", "shorten the question";
    /// The question looks like an attempt to talk a model round, and `injection_screen` is `block`.
    QuestionBlocked = "question_blocked", User, "QuestionError", "ask for the data alone; `injection_screen=\"flag\"` answers with a warning instead";
    /// `roles` are set, and the question has no caller with one of them.
    NoRole = "no_role", User, "AccessError", "pass `caller=Caller(id, roles=[…])` with one of the roles of `roles`";
    /// An attribute of the caller has a value that no row filter can use.
    InvalidCaller = "invalid_caller", User, "AccessError", "give attributes as text, numbers, truth values, dates, UUIDs, or lists of them";
    /// The conversation was begun by another caller.
    OtherCaller = "other_caller", User, "AccessError", "use a conversation of the caller's own";
    /// The guard refused the SQL; `rule` names the rule.
    SqlRejected = "sql_rejected", User, "ValidationError", "ask for the data in another way";
    /// The database expects more rows or more cost than allowed.
    TooExpensive = "too_expensive", User, "ValidationError", "narrow the question, or raise `max_estimated_rows` or `max_estimated_cost`";
    /// The database refused or failed to run the statement.
    ExecutionFailed = "execution_failed", System, "QueryExecutionError", "look at the statement in `sql`";
    /// The statement names something the database no longer has.
    StaleSchema = "stale_schema", System, "QueryExecutionError", "check the names in `sql`; if a table was altered, ask again";
    /// The login lacks a right that the statement needs.
    PermissionDenied = "permission_denied", User, "QueryExecutionError", "grant SELECT on the table, or ask for other data";
    /// The statement ran longer than allowed and was stopped on the server.
    QueryTimeout = "query_timeout", User, "QueryTimeoutError", "narrow the question or raise `max_query_timeout`";
    /// The answer was not there in time, retries and repairs included.
    QuestionTimeout = "question_timeout", System, "QueryTimeoutError", "ask for less, or raise `question_timeout`";
    /// The caller gave up and the statement was stopped on the server.
    Cancelled = "cancelled", User, "QueryCancelledError", "ask again";
    /// The model refused the key.
    ModelAuthentication = "model_authentication", User, "ModelError", "check `openai_api_key`";
    /// The model's server refused the request.
    ModelRefused = "model_refused", User, "ModelError", "check the model's name and `base_url`";
    /// The model cannot be reached.
    ModelUnreachable = "model_unreachable", System, "ModelError", "check `base_url` and the network, or use `model_strategy=\"offline\"`";
    /// The model's server asks to slow down.
    ModelRateLimited = "model_rate_limited", System, "ModelError", "wait, or use another key or model";
    /// The model did not answer in time.
    ModelTimeout = "model_timeout", System, "ModelError", "raise `model_timeout` or use a faster model";
    /// The model's answer could not be understood.
    ModelBadResponse = "model_bad_response", System, "ModelError", "use a model that can write SQL and JSON";
    /// A tool that was added for models failed.
    ToolFailed = "tool_failed", User, "ModelError", "look into the tool; the model is told what it raised";
    /// The conversation could not be read or kept.
    SessionFailed = "session_failed", System, "SessionError", "check `session_backend` and the options of its place";
    /// The agent was closed.
    Closed = "closed", User, "DatabaseQueryAgentError", "make a new agent";
    /// A defect in this package.
    Internal = "internal", System, "DatabaseQueryAgentError", "please report it";
}

/// A failure, with everything a caller needs to act on it.
///
/// ```
/// use db_query_agent::error::{Code, Error};
/// let error = Error::new(Code::InvalidOption, "`pool_size` must be at least 1").with_hint("leave it out for 10");
/// assert_eq!(error.code().as_str(), "invalid_option");
/// assert_eq!(error.to_string(), "`pool_size` must be at least 1");
/// assert_eq!(error.hint(), "leave it out for 10");
/// ```
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    code: Code,
    message: String,
    hint: Option<String>,
    rule: Option<&'static str>,
    sql: Option<String>,
}

impl Error {
    /// A failure of kind `code`. The message is lower case, without a final period, with values in
    /// backticks, and must never hold a password, a key or a row value.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { code, message: message.into(), hint: None, rule: None, sql: None }))
    }

    /// Replaces the general hint of the code by a better one.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Names the guard's rule that refused.
    #[must_use]
    pub fn with_rule(mut self, rule: &'static str) -> Self {
        self.0.rule = Some(rule);
        self
    }

    /// Remembers the statement that failed.
    #[must_use]
    pub fn with_sql(mut self, sql: impl Into<String>) -> Self {
        self.0.sql = Some(sql.into());
        self
    }

    /// The kind of failure.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Whose fault it is.
    #[must_use]
    pub fn category(&self) -> Category {
        self.0.code.category()
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &str {
        self.0.hint.as_deref().unwrap_or_else(|| self.0.code.hint())
    }

    /// The guard's rule that refused, for [`Code::SqlRejected`].
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        self.0.rule
    }

    /// The statement that failed, where there was one.
    #[must_use]
    pub fn sql(&self) -> Option<&str> {
        self.0.sql.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
