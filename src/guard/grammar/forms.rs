//! Forms of single dialects that the parser does not know, brought into ones that it does.
//!
//! Only what the parser reads is changed, never the text. Each form is told by words that the dialect
//! reserves or that can stand nowhere else, and what is dropped names nothing that is read or called.

use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::is_word;
use crate::dialect::Dialect;

/// Types of PostgreSQL that hold plain values and whose literals, such as `inet '::1'`, the parser takes for a
/// column with an alias.
const TEXT_TYPES: &[&str] = &[
    "bpchar",
    "box",
    "cidr",
    "circle",
    "citext",
    "daterange",
    "datemultirange",
    "hstore",
    "inet",
    "int4multirange",
    "int4range",
    "int8multirange",
    "int8range",
    "jsonpath",
    "line",
    "lseg",
    "ltree",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "nummultirange",
    "numrange",
    "path",
    "point",
    "polygon",
    "timetz",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
];

/// MySQL's units of two fields (<https://dev.mysql.com/doc/refman/8.4/en/keywords.html>), all reserved.
const DOUBLE_UNITS: &[&str] = &[
    "day_hour",
    "day_microsecond",
    "day_minute",
    "day_second",
    "hour_microsecond",
    "hour_minute",
    "hour_second",
    "minute_microsecond",
    "minute_second",
    "second_microsecond",
    "year_month",
];

/// Query hints of SQL Server that choose a plan (<https://learn.microsoft.com/sql/t-sql/queries/hints-transact-sql-query>);
/// `#` is a number above nothing, since 0 lifts a limit.
const QUERY_HINTS: &[&[&str]] = &[
    &["recompile"],
    &["maxrecursion", "#"],
    &["maxdop", "#"],
    &["fast", "#"],
    &["hash", "join"],
    &["merge", "join"],
    &["loop", "join"],
    &["hash", "group"],
    &["order", "group"],
    &["concat", "union"],
    &["hash", "union"],
    &["merge", "union"],
    &["force", "order"],
    &["keep", "plan"],
    &["keepfixed", "plan"],
    &["optimize", "for", "unknown"],
    &["robust", "plan"],
];

/// Brings the forms of `dialect` into those that the parser knows; `tokens` hold no blanks.
pub(in crate::guard) fn simplify(dialect: Dialect, tokens: &mut Vec<TokenWithSpan>) {
    match dialect {
        Dialect::Sqlite => {}
        Dialect::Postgres => {
            drop_all(tokens, literal_type);
            // Both stand between the name and the value of an argument, and nowhere else.
            for TokenWithSpan { token, span: _ } in tokens.iter_mut().filter(|token| token.token == Token::Assignment) {
                *token = Token::RArrow;
            }
            drop_all(tokens, xml_name);
            // The lexer lets a text follow another one only where it goes on with it.
            let text = |token: &TokenWithSpan| matches!(token.token, Token::SingleQuotedString(_));
            tokens.dedup_by(|next, before| text(next) && text(before));
        }
        Dialect::Mysql => {
            single_units(tokens);
            drop_all(tokens, character_set);
        }
        Dialect::Mssql => {
            money(tokens);
            query_options(tokens);
        }
    }
}

fn drop_all(tokens: &mut Vec<TokenWithSpan>, found: fn(&[TokenWithSpan], usize) -> Option<Range<usize>>) {
    for at in (0..tokens.len()).rev() {
        if let Token::Word(_) = tokens[at].token
            && let Some(range) = found(tokens, at)
        {
            tokens.drain(range);
        }
    }
}

fn at(tokens: &[TokenWithSpan], at: usize) -> Option<&Token> {
    tokens.get(at).map(|token| &token.token)
}

fn word_at(tokens: &[TokenWithSpan], place: usize, word: &str) -> bool {
    at(tokens, place).is_some_and(|token| is_word(token, word))
}

/// The type before a text of PostgreSQL.
fn literal_type(tokens: &[TokenWithSpan], place: usize) -> Option<Range<usize>> {
    if !matches!(at(tokens, place + 1), Some(Token::SingleQuotedString(_))) {
        return None;
    }
    let is_type = TEXT_TYPES.iter().any(|name| word_at(tokens, place, name));
    // Of another schema it is another type, and an alias is none.
    let named = place > 0 && (at(tokens, place - 1) == Some(&Token::Period) || word_at(tokens, place - 1, "as"));
    (is_type && !named).then(|| place..place + 1)
}

/// The name of an element in `xmlelement(name a, …)`, those of values in `xmlforest(b AS a)`.
fn xml_name(tokens: &[TokenWithSpan], place: usize) -> Option<Range<usize>> {
    let name = |place| matches!(at(tokens, place), Some(Token::Word(_)));
    if word_at(tokens, place, "name") && name(place + 1) {
        let opens = place > 1 && at(tokens, place - 1) == Some(&Token::LParen);
        let comma = usize::from(at(tokens, place + 2) == Some(&Token::Comma));
        return (opens && word_at(tokens, place - 2, "xmlelement")).then(|| place..place + 2 + comma);
    }
    let ends = matches!(at(tokens, place + 2), Some(Token::Comma | Token::RParen));
    if !(ends && name(place + 1) && word_at(tokens, place, "as")) {
        return None;
    }
    let call = enclosing(tokens, place)?;
    let of_values = ["xmlforest", "xmlattributes"].iter().any(|name| word_at(tokens, call, name));
    of_values.then(|| place..place + 2)
}

/// The character set in `CHAR(65 USING utf8mb4)`.
fn character_set(tokens: &[TokenWithSpan], place: usize) -> Option<Range<usize>> {
    let closes = at(tokens, place + 2) == Some(&Token::RParen);
    let using = word_at(tokens, place, "using") && matches!(at(tokens, place + 1), Some(Token::Word(_))) && closes;
    (using && word_at(tokens, enclosing(tokens, place)?, "char")).then(|| place..place + 2)
}

/// The token before the parenthesis that is open at `place`.
fn enclosing(tokens: &[TokenWithSpan], place: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for before in (0..place).rev() {
        match at(tokens, before)? {
            Token::RParen => depth += 1,
            Token::LParen if depth == 0 => return before.checked_sub(1),
            Token::LParen => depth -= 1,
            _ => {}
        }
    }
    None
}

fn single_units(tokens: &mut [TokenWithSpan]) {
    let mut behind_a_dot = false;
    for TokenWithSpan { token, span: _ } in tokens {
        if let Token::Word(word) = token
            && word.quote_style.is_none()
            && !behind_a_dot
            && word.value.contains('_')
            && DOUBLE_UNITS.iter().any(|unit| word.value.eq_ignore_ascii_case(unit))
        {
            word.keyword = Keyword::DAY;
        }
        behind_a_dot = *token == Token::Period;
    }
}

/// `$12.50`: the lexer lets nothing else of this kind through.
fn money(tokens: &mut [TokenWithSpan]) {
    for TokenWithSpan { token, span: _ } in tokens {
        if let Token::Placeholder(text) = token {
            *token = Token::Number(text.trim_start_matches('$').to_owned(), false);
        }
    }
}

/// `OPTION (…)` at the end of a statement, when it holds only known hints.
fn query_options(tokens: &mut Vec<TokenWithSpan>) {
    let Some(last) = tokens.len().checked_sub(1).filter(|last| at(tokens, *last) == Some(&Token::RParen)) else {
        return;
    };
    let Some(option) = enclosing(tokens, last).filter(|place| word_at(tokens, *place, "option")) else { return };
    let fits = |hint: &[TokenWithSpan], form: &[&str]| {
        hint.len() == form.len()
            && hint.iter().zip(form).all(|(token, word)| match &token.token {
                Token::Number(digits, _) => *word == "#" && digits.parse::<u16>().is_ok_and(|number| number > 0),
                token => is_word(token, word),
            })
    };
    let hints = tokens.get(option + 2..last).unwrap_or_default();
    let known = |hint: &[TokenWithSpan]| QUERY_HINTS.iter().any(|form| fits(hint, form));
    if option > 0 && hints.split(|token| token.token == Token::Comma).all(known) {
        tokens.truncate(option);
    }
}
