//! What MySQL or MariaDB says a statement reads, and what it expects of it.
//!
//! `EXPLAIN` leaves behind a note with the statement as the server understood it, every name spelled out and
//! merged views opened up (<https://mariadb.com/kb/en/explain/#explain-extended>). What was optimised away is
//! missing there, so the note can only accuse.

use std::collections::BTreeMap;

use sqlx::mysql::MySqlRow;
use sqlx::{AssertSqlSafe, Decode, MySql, Row as _, TypeInfo as _, ValueRef as _};

use super::{MysqlConnection, bind};
use crate::database::opinion::{Estimate, Opinion};
use crate::guard::{ApprovedSql, Relation};

/// The number of the note with the statement.
pub(in crate::database) const NOTE: &str = "1003";
/// To explain a view the login needs `SHOW VIEW` on it, to read it not.
pub(in crate::database) const VIEW_NOT_EXPLAINED: u16 = 1345;

/// Asks for the plan. Nothing is run.
pub(super) async fn consult(connection: &mut MysqlConnection, statement: &ApprovedSql) -> Result<Opinion, sqlx::Error> {
    let extended = if connection.is_mariadb { "EXTENDED " } else { "" };
    let explain = format!("EXPLAIN {extended}{}", statement.statement());
    let wire = &mut connection.wire;
    let arguments = bind::arguments(statement.parameters())?;
    let explained = sqlx::query_with(AssertSqlSafe(explain), arguments);
    let steps = match explained.fetch_all(&mut *wire).await {
        Ok(steps) => steps,
        Err(sqlx::Error::Database(refused)) if is_about_a_view(refused.as_ref()) => return Ok(Opinion::default()),
        Err(error) => return Err(error),
    };
    let notes = sqlx::raw_sql("SHOW WARNINGS").fetch_all(&mut *wire).await?;
    let mut relations = Vec::new();
    for note in &notes {
        if cell(note, 1)? == NOTE {
            relations.extend(relations_of(&cell(note, 2)?));
        }
    }
    Ok(Opinion { relations, estimate: Some(measure(&steps, column)?), ..Opinion::default() })
}

fn is_about_a_view(error: &dyn sqlx::error::DatabaseError) -> bool {
    error
        .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
        .is_some_and(|error| error.number() == VIEW_NOT_EXPLAINED)
}

/// The largest product of rows in one `SELECT`: the server runs its tables as loops in each other.
pub(in crate::database) fn measure<R>(
    steps: &[R],
    column: impl Fn(&R, &str) -> Result<Option<String>, sqlx::Error>,
) -> Result<Estimate, sqlx::Error> {
    let mut products: BTreeMap<String, f64> = BTreeMap::new();
    let mut estimate = Estimate::default();
    for step in steps {
        let Some(rows) = column(step, "rows")?.and_then(|rows| rows.parse::<f64>().ok()) else { continue };
        let product = products.entry(column(step, "id")?.unwrap_or_default());
        let first = matches!(product, std::collections::btree_map::Entry::Vacant(_));
        let product = product.or_insert(1.0);
        let extra = column(step, "Extra")?.unwrap_or_default();
        let whole = matches!(column(step, "type")?.as_deref(), Some("ALL" | "index"));
        estimate.is_cartesian |= !first && whole && *product > 1.0 && rows > 1.0 && !extra.contains("Using where");
        *product *= rows.max(1.0);
        estimate.rows = estimate.rows.max(*product);
    }
    Ok(estimate)
}

/// The tables in the FROM clauses of a statement that the server printed: each name in backquotes, joins spelled
/// out, never a comma.
pub(in crate::database) fn relations_of(printed: &str) -> Vec<Relation> {
    let mut found = Vec::new();
    let mut scan = Scan { rest: printed };
    let mut places = vec![Place::default()];
    let mut word = String::new();
    let mut expects = false;
    while let Some(token) = scan.next() {
        let here = places.last().copied().unwrap_or_default();
        match token {
            Token::Open => {
                // A parenthesis where a table is expected groups tables, or holds a query of its own.
                let is_call = matches!(word.as_str(), "extract" | "trim");
                places.push(Place { is_call, in_from: expects });
            }
            Token::Close => {
                places.pop();
                expects = false;
            }
            Token::Name(mut parts) => {
                if let (true, Some(name), Some(namespace)) = (expects, parts.pop(), parts.pop()) {
                    found.push(Relation { namespace, name });
                }
                expects = false;
            }
            Token::Word(next) => {
                let in_from = match next.as_str() {
                    "from" => !here.is_call,
                    "select" | "where" | "group" | "having" | "order" | "limit" | "union" => false,
                    _ => here.in_from,
                };
                if let Some(place) = places.last_mut() {
                    place.in_from = in_from;
                }
                // As an option of SELECT the last of these joins nothing.
                expects = in_from && matches!(next.as_str(), "from" | "join" | "straight_join");
                word = next;
                continue;
            }
            Token::Other => expects = false,
        }
        word.clear();
    }
    found
}

/// What a parenthesis holds.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The arguments of a function in which `from` begins no clause.
    is_call: bool,
    in_from: bool,
}

enum Token {
    Open,
    Close,
    /// Names in backquotes with dots between.
    Name(Vec<String>),
    /// In lower case.
    Word(String),
    Other,
}

struct Scan<'a> {
    rest: &'a str,
}

impl Scan<'_> {
    fn next(&mut self) -> Option<Token> {
        self.rest = self.rest.trim_start();
        while let Some(comment) = self.rest.strip_prefix("/*") {
            self.rest = comment.split_once("*/").map_or("", |(_, rest)| rest).trim_start();
        }
        let first = self.rest.chars().next()?;
        match first {
            '(' => self.skip(1, Token::Open),
            ')' => self.skip(1, Token::Close),
            '\'' | '"' => {
                self.quoted(first, true);
                Some(Token::Other)
            }
            '`' => {
                let mut parts = vec![self.quoted('`', false)];
                while let Some(rest) = self.rest.strip_prefix('.').filter(|rest| rest.starts_with('`')) {
                    self.rest = rest;
                    parts.push(self.quoted('`', false));
                }
                Some(Token::Name(parts))
            }
            letter if letter.is_ascii_alphabetic() || letter == '_' => {
                let end = self.rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                self.rest = rest;
                Some(Token::Word(word.to_ascii_lowercase()))
            }
            other => self.skip(other.len_utf8(), Token::Other),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape that `next` gives")]
    fn skip(&mut self, bytes: usize, token: Token) -> Option<Token> {
        self.rest = &self.rest[bytes..];
        Some(token)
    }

    /// What stands between two of `quote`, a doubled one counted as itself.
    fn quoted(&mut self, quote: char, escapes: bool) -> String {
        let mut inner = String::new();
        let mut letters = self.rest.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            if escapes && letter == '\\' {
                letters.next();
            } else if letter == quote {
                if letters.peek().is_some_and(|(_, next)| *next == quote) {
                    letters.next();
                    inner.push(quote);
                } else {
                    self.rest = &self.rest[at + letter.len_utf8()..];
                    return inner;
                }
            } else {
                inner.push(letter);
            }
        }
        self.rest = "";
        inner
    }
}

fn cell(row: &MySqlRow, index: usize) -> Result<String, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(String::new());
    }
    <&[u8] as Decode<MySql>>::decode(raw)
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .map_err(sqlx::Error::Decode)
}

/// A cell of the plan as text: MariaDB gives all of them as text, MySQL numbers as numbers.
fn column(row: &MySqlRow, name: &str) -> Result<Option<String>, sqlx::Error> {
    let raw = row.try_get_raw(name)?;
    if raw.is_null() {
        return Ok(None);
    }
    if raw.type_info().name().contains("INT") {
        return row.try_get_unchecked::<u64, _>(name).map(|number| Some(number.to_string()));
    }
    row.try_get_unchecked::<String, _>(name).map(Some)
}

#[cfg(test)]
mod tests {
    use super::relations_of;

    fn names(printed: &str) -> Vec<String> {
        relations_of(printed).into_iter().map(|relation| format!("{}.{}", relation.namespace, relation.name)).collect()
    }

    #[test]
    fn tables_stand_behind_from_and_join() {
        let printed = "/* select#1 */ select `s`.`o`.`id` AS `id`,'from `x`.`y`' AS `t` from (`s`.`orders` `o` left join \
                       (`s`.`users` `u` join `s`.`a``b`) on(`s`.`u`.`id` = `s`.`o`.`user_id`)) where `x`.`z` > 1";
        assert_eq!(names(printed), ["s.orders", "s.users", "s.a`b"]);
    }

    #[test]
    fn an_option_of_select_names_no_table() {
        let printed =
            "select straight_join `u`.`id` AS `id` from `s`.`users` `u` straight_join (`s`.`a` join (`s`.`b`))";
        assert_eq!(names(printed), ["s.users", "s.a", "s.b"]);
    }

    #[test]
    fn from_inside_a_function_is_no_clause() {
        let printed = "select extract(year from `t`.`day`) AS `y`,trim(both 'x' from `t`.`name`) AS `n` from (select 1 AS \
                       `day` from `s`.`days` where `s`.`days`.`id` in (select `s`.`k`.`id` from `s`.`k`)) `t`";
        assert_eq!(names(printed), ["s.days", "s.k"]);
    }
}
