//! Words that begin a statement of their own.

use super::Rule;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "reserved_word",
    law: "A bare alias in SQL Server is no reserved word, because statements there need no `;` between them and \
          `SELECT 1 SHUTDOWN` is two; a relation in PostgreSQL is not called `only`, which is a keyword.",
    hint: "choose another name or quote it",
};

/// The reserved words of Transact-SQL that can stand alone as a statement or begin one
/// (<https://learn.microsoft.com/sql/t-sql/language-elements/reserved-keywords-transact-sql>), and
/// the unreserved ones that can.
const STATEMENTS: &[&str] = &[
    "add",
    "alter",
    "backup",
    "begin",
    "break",
    "bulk",
    "checkpoint",
    "close",
    "commit",
    "continue",
    "conversation",
    "create",
    "dbcc",
    "deallocate",
    "declare",
    "delete",
    "deny",
    "disable",
    "disk",
    "drop",
    "dump",
    "else",
    "enable",
    "end",
    "exec",
    "execute",
    "exit",
    "fetch",
    "for",
    "get",
    "go",
    "goto",
    "grant",
    "if",
    "insert",
    "kill",
    "lineno",
    "load",
    "merge",
    "move",
    "offsets",
    "open",
    "option",
    "print",
    "proc",
    "procedure",
    "raiserror",
    "readtext",
    "receive",
    "reconfigure",
    "rename",
    "restore",
    "return",
    "revert",
    "revoke",
    "rollback",
    "rowcount",
    "save",
    "select",
    "send",
    "set",
    "setuser",
    "shutdown",
    "statistics",
    "stop",
    "throw",
    "tran",
    "transaction",
    "truncate",
    "tsequal",
    "update",
    "updatetext",
    "use",
    "values",
    "waitfor",
    "while",
    "with",
    "writetext",
];

/// Checks a bare alias of SQL Server.
pub(in crate::guard) fn alias(word: &str) -> Result<(), Rejection> {
    if STATEMENTS.iter().any(|statement| word.eq_ignore_ascii_case(statement)) {
        Err(RULE.refuse(format!("`{word}` would begin another statement")))
    } else {
        Ok(())
    }
}

/// Checks the bare name of a PostgreSQL relation.
pub(in crate::guard) fn relation(word: &str) -> Result<(), Rejection> {
    if word.eq_ignore_ascii_case("only") { Err(RULE.refuse("`ONLY` cannot be read here")) } else { Ok(()) }
}
