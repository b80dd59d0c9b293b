//! What can be said of a text without judging it: its clean form and its kind.

use super::lexer::{self, Kind, Lexed};
use super::{Rejection, limit};
use crate::dialect::Dialect;

/// Words that begin a statement, for telling what a refused one wanted to be.
const KINDS: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "ATTACH",
    "BACKUP",
    "BEGIN",
    "CALL",
    "CHECKPOINT",
    "CLUSTER",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DENY",
    "DESCRIBE",
    "DETACH",
    "DISCARD",
    "DO",
    "DROP",
    "END",
    "EXEC",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "FLUSH",
    "GRANT",
    "HANDLER",
    "IMPORT",
    "INSERT",
    "KILL",
    "LISTEN",
    "LOAD",
    "LOCK",
    "MERGE",
    "NOTIFY",
    "OPTIMIZE",
    "PRAGMA",
    "PREPARE",
    "REFRESH",
    "REINDEX",
    "RELEASE",
    "RENAME",
    "REPAIR",
    "REPLACE",
    "RESET",
    "RESTORE",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "SHUTDOWN",
    "START",
    "TABLE",
    "TRUNCATE",
    "UNLISTEN",
    "UNLOCK",
    "UPDATE",
    "USE",
    "VACUUM",
    "VALUES",
    "WAITFOR",
    "WITH",
];

/// The tokens of `sql` with what stood between them made a single blank, comments too.
pub(super) fn clean(dialect: Dialect, sql: &str) -> Result<(String, Lexed), Rejection> {
    let lexed = lexer::lex(dialect, sql)?;
    let mut text = String::with_capacity(lexed.text.len());
    let mut last = None;
    for token in &lexed.tokens {
        if let Some((kind, end)) = last
            && end < token.start
        {
            // PostgreSQL joins two texts that a line break parts.
            let between = lexed.text.get(end..token.start).unwrap_or_default();
            let breaks = kind == Kind::Text && token.kind == Kind::Text && between.contains('\n');
            text.push(if breaks { '\n' } else { ' ' });
        }
        text.push_str(lexed.slice(*token));
        last = Some((token.kind, token.end));
    }
    Ok((text, lexed))
}

/// The word that `sql` begins with, where it is one that begins a statement: `SELECT` for a `WITH`.
pub(super) fn kind(sql: &str) -> Option<&'static str> {
    let mut rest = sql.get(..limit::BYTES.min(sql.len())).unwrap_or(sql);
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ';'));
        rest = if rest.starts_with("--") || rest.starts_with('#') {
            rest.split_once('\n')?.1
        } else if rest.starts_with("/*") {
            rest.split_once("*/")?.1
        } else {
            break;
        };
    }
    let word = rest.split(|letter: char| !letter.is_ascii_alphabetic()).next()?;
    let known = KINDS.iter().find(|kind| kind.eq_ignore_ascii_case(word))?;
    Some(if *known == "WITH" { "SELECT" } else { known })
}

/// Whether every engine sees the same words in `sql`: nothing that only one of them takes for a quote or a
/// comment, and within quotes nothing that could end them for another.
pub(super) fn is_plain(sql: &str) -> bool {
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '"', '`', '[', '\\', '#', '$', '@', '{', '}', '\r', '-', '/']) {
        let (mark, behind) = rest.split_at(at).1.split_at(1);
        let end = match mark {
            "'" | "\"" | "`" | "[" => {
                let close = if mark == "[" { "]" } else { mark };
                let Some((inside, after)) = behind.split_once(close) else { return false };
                let odd = ["'", "\"", "`", "[", "]", "\\", "$", "\n", "--", "/*", "*/"];
                if odd.iter().any(|one| inside.contains(one)) {
                    return false;
                }
                after
            }
            "-" if behind.starts_with("- ") => behind.find('\n').map_or("", |end| &behind[end..]),
            "/" if behind.starts_with('*') => match behind[1..].split_once("*/") {
                Some((inside, after)) if !inside.contains("/*") && !inside.starts_with(['!', '+', 'M']) => after,
                _ => return false,
            },
            "-" if behind.starts_with('-') => return false,
            "-" | "/" => behind,
            _ => return false,
        };
        rest = end;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_text_is_the_same_statement() {
        let text = |dialect, sql| clean(dialect, sql).map(|(text, _)| text).map_err(|no| no.rule);
        assert_eq!(text(Dialect::Sqlite, " SELECT\n  a -- x\n , b ; ").as_deref(), Ok("SELECT a , b"));
        assert_eq!(text(Dialect::Postgres, "SELECT 'a'\n  'b'").as_deref(), Ok("SELECT 'a'\n'b'"));
        assert_eq!(text(Dialect::Postgres, "SELECT E'a\\'  --'").as_deref(), Ok("SELECT E'a\\'  --'"));
        assert_eq!(text(Dialect::Mysql, "SELECT 1 # x").as_deref(), Ok("SELECT 1"));
        assert_eq!(text(Dialect::Mysql, "SELECT /*! 1 */"), Err("comment"));
    }

    #[test]
    fn the_kind_is_the_first_word() {
        for (sql, expected) in [
            ("select 1", Some("SELECT")),
            (" /* a */ -- b\n (WITH x AS (SELECT 1) SELECT 2)", Some("SELECT")),
            ("drop table users", Some("DROP")),
            ("DROPS", None),
            ("", None),
            ("-- only", None),
            ("/*! DELETE", None),
        ] {
            assert_eq!(kind(sql), expected, "{sql}");
        }
    }

    #[test]
    fn only_what_all_engines_cut_alike_is_plain() {
        for sql in [
            "SELECT 'a', \"b\", `c`, [d] FROM t",
            "SELECT 'it''s'",
            "SELECT x::date, tags[1] - 1 / 2",
            "SELECT 1 -- it's\n, /* it's */ 2",
        ] {
            assert!(is_plain(sql), "{sql}");
        }
        for sql in [
            r"SELECT '\''",
            "SELECT 1 --x",
            "SELECT /*! x */ 1",
            "SELECT /* /* */ */ 1",
            "SELECT $$a$$",
            "SELECT \"a'b\"",
            "SELECT [a'b]",
            "SELECT 'a--b'",
            "SELECT 'open",
        ] {
            assert!(!is_plain(sql), "{sql}");
        }
    }
}
