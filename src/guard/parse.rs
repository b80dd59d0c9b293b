//! From guarded text to a parsed statement, and from there to a verdict.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use sqlparser::ast::Statement;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::Token as Parsed;

use super::grammar::{self, Completed};
use super::lexer::{self, Lexed, compare};
use super::rules::{reads_only, too_large, understood};
use super::{ApprovedSql, Filtered, Guard, Reads, Rejection, Relation, limit, remarks, rewrite, walk};
use crate::dialect::Dialect;
use crate::schema::Schema;

/// Takes a text through every step.
pub(super) fn approve(guard: &Guard, sql: &str, schema: &Schema, resolved: bool) -> Result<ApprovedSql, Rejection> {
    let lexed = lexer::lex(guard.dialect, sql)?;
    limit::copying_operators(&lexed)?;
    let Some(first) = lexed.tokens.first() else {
        return Err(understood::RULE.refuse("the text holds no statement"));
    };
    reads_only::first_word(lexed.slice(*first))?;
    // A panic of the parser is its defect, and no reason to take the caller down.
    let here = || {
        let statement = statement(guard.dialect, &lexed, limit::SMALL_RECURSION)?;
        statement.map(|statement| understand(guard, &lexed, &statement, schema, resolved)).transpose()
    };
    let understood =
        if limit::is_small(&lexed) { catch_unwind(AssertUnwindSafe(here)).unwrap_or_else(|_| unread())? } else { None };
    let (reads, filtered) = match understood {
        Some(understood) => understood,
        None => on_a_large_stack(guard, &lexed, schema, resolved)?,
    };
    Ok(ApprovedSql { text: lexed.text, filtered, reads })
}

/// What a statement reads, and its text with row filters where it needs some.
type Understood = (Reads, Option<Filtered>);

fn understand(
    guard: &Guard,
    lexed: &Lexed,
    statement: &Statement,
    schema: &Schema,
    resolved: bool,
) -> Result<Understood, Rejection> {
    let mut found = walk::look(guard, statement, schema, resolved)?;
    if guard.remarks && limit::is_small(lexed) {
        found.reads.remarks = remarks::of(statement);
    }
    if found.filtered.is_empty() {
        return Ok((found.reads, None));
    }
    let (filtered, relations) = rewrite::rewrite(guard, lexed, schema, &found)?;
    let mut reads = found.reads;
    reads.relations = relations.into_iter().chain(reads.relations).collect::<BTreeSet<_>>().into_iter().collect();
    Ok((reads, Some(filtered)))
}

/// Checks a statement of our own making, in which every name must be found in the statement itself, and
/// gives what it reads.
pub(super) fn check_strictly(guard: &Guard, sql: &str, schema: &Schema) -> Result<Vec<Relation>, Rejection> {
    let lexed = lexer::lex(guard.dialect, sql)?;
    let statement = statement(guard.dialect, &lexed, limit::SMALL_RECURSION)?
        .ok_or_else(|| too_large::RULE.refuse("a row filter is nested too deeply"))?;
    walk::look_strictly(guard, &statement, schema)
}

/// Parses, walks and frees on a thread of its own, whose stack holds the deepest tree in bounds.
fn on_a_large_stack(guard: &Guard, lexed: &Lexed, schema: &Schema, resolved: bool) -> Result<Understood, Rejection> {
    let read = || match statement(guard.dialect, lexed, limit::RECURSION)? {
        Some(statement) => understand(guard, lexed, &statement, schema, resolved),
        None => Err(too_large::RULE.refuse("the statement is nested too deeply")),
    };
    thread::scope(|scope| {
        let reader = thread::Builder::new().name("guard".to_owned()).stack_size(limit::STACK).spawn_scoped(scope, read);
        let Ok(reader) = reader else {
            return Err(too_large::RULE.refuse("no thread could be had to read a statement of this size"));
        };
        reader.join().unwrap_or_else(|_| unread())
    })
}

/// The verdict where the parser gave up in a way that it should not.
fn unread<T>() -> Result<T, Rejection> {
    Err(understood::RULE.refuse("the statement could not be read"))
}

/// The statement, or `None` when it may be one that nests deeper than `recursion`.
fn statement(dialect: Dialect, lexed: &Lexed, recursion: usize) -> Result<Option<Statement>, Rejection> {
    let grammar = Completed::new(dialect);
    let mut tokens =
        grammar.tokens(&lexed.text).map_err(|_| understood::RULE.refuse("the statement cannot be cut into tokens"))?;
    compare::with_parser(lexed, &tokens)?;
    tokens.retain(|token| !matches!(token.token, Parsed::Whitespace(_)));
    grammar::without_unread_words(dialect, &mut tokens);
    grammar::simplify(dialect, &mut tokens);
    grammar::mark(dialect, &mut tokens);
    let mut parser = Parser::new(&grammar)
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(recursion)
        .with_tokens_with_locations(tokens);
    let parsed = parser.parse_statement();
    let complete = parsed.is_ok() && parser.peek_token_ref().token == Parsed::EOF;
    let statement = match parsed {
        Ok(statement) if complete => statement,
        // Where it nests too deeply the parser may say so, or try another reading and fail at that.
        _ if recursion < limit::RECURSION => return Ok(None),
        Err(ParserError::RecursionLimitExceeded) => {
            return Err(too_large::RULE.refuse("the statement is nested too deeply"));
        }
        // The parser's words may quote a literal of the statement, so they are not passed on.
        Err(ParserError::ParserError(_) | ParserError::TokenizerError(_)) => {
            return Err(understood::RULE.refuse(place("cannot be read", &parser)));
        }
        Ok(_) => return Err(understood::RULE.refuse(place("goes on where it should end", &parser))),
    };
    if grammar::is_marked(&statement) {
        return Err(understood::RULE.refuse("a reserved word stands where a name should"));
    }
    Ok(Some(statement))
}

/// Says about where the parser stands, in words that hold no value of the statement.
fn place(what: &str, parser: &Parser<'_>) -> String {
    let found = parser.peek_token();
    let start = found.span.start;
    let near = match found.token {
        Parsed::EOF => return format!("the statement {what} at its end"),
        Parsed::Word(word) if word.keyword != Keyword::NoKeyword => format!(" near `{:?}`", word.keyword),
        _ => String::new(),
    };
    format!("the statement {what}{near} (line {}, column {})", start.line, start.column)
}
