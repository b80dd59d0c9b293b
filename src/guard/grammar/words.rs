//! Words that the parser does not know and that hold nothing to judge.
//!
//! They are taken out of what the parser reads, never out of the text. Each is a fixed run of words at
//! a place that only it can have, so nothing that names a table or calls a function can hide in it.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::is_word;
use crate::dialect::Dialect;

/// A run of words and what must stand around it.
struct Run {
    dialects: &'static [Dialect],
    /// Words of which one stands before the run; empty for any token.
    before: &'static [&'static str],
    words: &'static [&'static str],
    after: After,
}

/// What must follow a run.
enum After {
    Anything,
    /// An opening parenthesis.
    Opens,
    /// A closing parenthesis.
    Closes,
    /// JOIN.
    Joins,
    /// A name, which is taken out too.
    Name,
}

const FRAME: &[Dialect] = &[Dialect::Sqlite, Dialect::Postgres];
const JOINS: &[&str] = &["inner", "left", "right", "full", "outer"];
const BOUND: &[&str] = &["row", "preceding", "following"];

const RUNS: &[Run] = &[
    // Rows left out of a window's frame (<https://www.postgresql.org/docs/current/sql-expressions.html#SYNTAX-WINDOW-FUNCTIONS>).
    Run { dialects: FRAME, before: BOUND, words: &["exclude", "current", "row"], after: After::Closes },
    Run { dialects: FRAME, before: BOUND, words: &["exclude", "no", "others"], after: After::Closes },
    Run { dialects: FRAME, before: BOUND, words: &["exclude", "group"], after: After::Closes },
    Run { dialects: FRAME, before: BOUND, words: &["exclude", "ties"], after: After::Closes },
    // How a common table expression is kept (<https://www.sqlite.org/lang_with.html>).
    Run { dialects: &[Dialect::Sqlite], before: &["as"], words: &["not", "materialized"], after: After::Opens },
    Run { dialects: &[Dialect::Sqlite], before: &["as"], words: &["materialized"], after: After::Opens },
    // Which index to use (<https://www.sqlite.org/lang_indexedby.html>).
    Run { dialects: &[Dialect::Sqlite], before: &[], words: &["indexed", "by"], after: After::Name },
    Run { dialects: &[Dialect::Sqlite], before: &[], words: &["not", "indexed"], after: After::Anything },
    // The arguments of an array, one by one; reserved (<https://www.postgresql.org/docs/current/sql-syntax-calling-funcs.html>).
    Run { dialects: &[Dialect::Postgres], before: &[], words: &["variadic"], after: After::Anything },
    // How to join (<https://learn.microsoft.com/sql/t-sql/queries/hints-transact-sql-join>).
    Run { dialects: &[Dialect::Mssql], before: JOINS, words: &["hash"], after: After::Joins },
    Run { dialects: &[Dialect::Mssql], before: JOINS, words: &["merge"], after: After::Joins },
    Run { dialects: &[Dialect::Mssql], before: JOINS, words: &["loop"], after: After::Joins },
    // The character set of a text; reserved (<https://dev.mysql.com/doc/refman/8.4/en/cast-functions.html>).
    Run { dialects: &[Dialect::Mysql], before: &[], words: &["character", "set"], after: After::Name },
    // Bounds in either order (<https://www.postgresql.org/docs/current/functions-comparison.html>).
    Run { dialects: &[Dialect::Postgres], before: &["between"], words: &["symmetric"], after: After::Anything },
];

/// Takes the runs of `dialect` out of `tokens`, which hold no blanks.
pub(in crate::guard) fn without_unread_words(dialect: Dialect, tokens: &mut Vec<TokenWithSpan>) {
    let runs = || RUNS.iter().filter(|run| run.dialects.contains(&dialect));
    let first: Vec<&str> = runs().filter_map(|run| run.words.first().copied()).collect();
    let candidates: Vec<usize> = (1..tokens.len())
        .filter(|at| tokens.get(*at).is_some_and(|token| first.iter().any(|word| is_word(&token.token, word))))
        .collect();
    for start in candidates.into_iter().rev() {
        let run = runs().find_map(|run| run.end(tokens, start));
        if let Some(end) = run {
            tokens.drain(start..end);
        }
    }
}

impl Run {
    /// Where the run ends, when it begins at `start`.
    fn end(&self, tokens: &[TokenWithSpan], start: usize) -> Option<usize> {
        let before = tokens.get(start.checked_sub(1)?)?;
        if !self.before.is_empty() && !self.before.iter().any(|word| is_word(&before.token, word)) {
            return None;
        }
        let mut rest = tokens.iter().enumerate().skip(start);
        let mut end = start;
        for word in self.words {
            let (at, token) = rest.next()?;
            if !is_word(&token.token, word) {
                return None;
            }
            end = at + 1;
        }
        let next = rest.next();
        match self.after {
            After::Anything => Some(end),
            After::Opens => next.filter(|(_, token)| token.token == Token::LParen).map(|_| end),
            After::Closes => next.filter(|(_, token)| token.token == Token::RParen).map(|_| end),
            After::Joins => next.filter(|(_, token)| is_word(&token.token, "join")).map(|_| end),
            After::Name => next.filter(|(_, token)| matches!(token.token, Token::Word(_))).map(|(at, _)| at + 1),
        }
    }
}
