//! From guarded text to a parsed statement, and from there to a verdict.

use std::thread;

use sqlparser::ast::Statement;
use sqlparser::dialect::{Dialect as Grammar, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::{Location, Token as Parsed, TokenWithSpan, Tokenizer};

use super::lexer::{self, Kind, Lexed, Token};
use super::rules::{reads_only, too_large, understood};
use super::{ApprovedSql, Guard, Rejection, limit, walk};
use crate::dialect::Dialect;
use crate::schema::Schema;

/// Takes a text through every step.
pub(super) fn approve(guard: &Guard, sql: &str, schema: &Schema, resolved: bool) -> Result<ApprovedSql, Rejection> {
    let lexed = lexer::lex(guard.dialect, sql)?;
    let Some(first) = lexed.tokens.first() else {
        return Err(understood::RULE.refuse("the text holds no statement"));
    };
    reads_only::first_word(lexed.slice(*first))?;
    let relations = if lexed.tokens.len() <= limit::SMALL_TOKENS && lexed.depth <= limit::SMALL_DEPTH {
        match statement(guard.dialect, &lexed, limit::SMALL_RECURSION)? {
            Some(statement) => walk::relations(guard, &statement, schema, resolved)?,
            None => on_a_large_stack(guard, &lexed, schema, resolved)?,
        }
    } else {
        on_a_large_stack(guard, &lexed, schema, resolved)?
    };
    Ok(ApprovedSql { text: lexed.text, relations })
}

/// Parses, walks and frees on a thread of its own, whose stack holds the deepest tree in bounds.
fn on_a_large_stack(
    guard: &Guard,
    lexed: &Lexed,
    schema: &Schema,
    resolved: bool,
) -> Result<Vec<super::Relation>, Rejection> {
    let read = || match statement(guard.dialect, lexed, limit::RECURSION)? {
        Some(statement) => walk::relations(guard, &statement, schema, resolved),
        None => Err(too_large::RULE.refuse("the statement is nested too deeply")),
    };
    thread::scope(|scope| {
        let reader = thread::Builder::new().name("guard".to_owned()).stack_size(limit::STACK).spawn_scoped(scope, read);
        let Ok(reader) = reader else {
            return Err(too_large::RULE.refuse("no thread could be had to read a statement of this size"));
        };
        reader.join().unwrap_or_else(|_panic| Err(understood::RULE.refuse("the statement could not be read")))
    })
}

/// The statement, or `None` when it nests deeper than `recursion`.
fn statement(dialect: Dialect, lexed: &Lexed, recursion: usize) -> Result<Option<Statement>, Rejection> {
    let grammar: &dyn Grammar = match dialect {
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlDialect {},
        Dialect::Mssql => &MsSqlDialect {},
    };
    let tokens = Tokenizer::new(grammar, &lexed.text)
        .with_unescape(false)
        .tokenize_with_location()
        .map_err(|_| understood::RULE.refuse("the statement cannot be cut into tokens"))?;
    compare(lexed, &tokens)?;
    let mut parser = Parser::new(grammar)
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(recursion)
        .with_tokens_with_locations(tokens);
    let statement = match parser.parse_statement() {
        Ok(statement) => statement,
        Err(ParserError::RecursionLimitExceeded) => return Ok(None),
        // The parser's words may quote a literal of the statement, so they are not passed on.
        Err(ParserError::ParserError(_) | ParserError::TokenizerError(_)) => {
            return Err(understood::RULE.refuse(place("cannot be read", lexed, &parser)));
        }
    };
    if parser.peek_token().token != Parsed::EOF {
        return Err(understood::RULE.refuse(place("goes on where it should end", lexed, &parser)));
    }
    Ok(Some(statement))
}

/// Says about where the parser stands, in words that hold no value of the statement.
fn place(what: &str, lexed: &Lexed, parser: &Parser<'_>) -> String {
    let found = parser.peek_token();
    match found.token {
        Parsed::Word(word) if word.quote_style.is_none() && word.value.len() <= 32 => {
            format!(
                "the statement {what} near `{}` (line {}, column {})",
                word.value, found.span.start.line, found.span.start.column
            )
        }
        Parsed::EOF => format!("the statement {what} at its end"),
        _ if lexed.text.is_empty() => format!("the statement {what}"),
        _ => format!("the statement {what} near line {}, column {}", found.span.start.line, found.span.start.column),
    }
}

/// Checks that the parser's tokenizer cut words, names, literals and numbers where the lexer did.
fn compare(lexed: &Lexed, tokens: &[TokenWithSpan]) -> Result<(), Rejection> {
    let different = || understood::RULE.refuse("the lexer and the parser cut the statement differently");
    let mut own = lexed.tokens.iter().filter(|token| token.kind != Kind::Symbol);
    let mut cursor = Cursor { text: lexed.text.as_bytes(), at: 0, line: 1, column: 1 };
    for token in tokens {
        let Some(fits) = kinds(&token.token).map_err(|()| different())? else { continue };
        let Some(Token { kind, start, end }) = own.next() else { return Err(different()) };
        let same = fits.contains(kind) && cursor.is_at(*start, token.span.start) && cursor.is_at(*end, token.span.end);
        if !same {
            return Err(different());
        }
    }
    if own.next().is_some() { Err(different()) } else { Ok(()) }
}

/// A place in the guarded text, counted as the parser counts: lines and characters from 1.
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
    column: u64,
}

impl Cursor<'_> {
    /// Moves on to the byte `to` and says whether the parser means the same place.
    fn is_at(&mut self, to: usize, place: Location) -> bool {
        for byte in self.text.get(self.at..to).unwrap_or_default() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.column = 1;
                }
                // A byte within a character.
                0x80..=0xBF => {}
                _ => self.column += 1,
            }
        }
        self.at = to;
        (self.line, self.column) == (place.line, place.column)
    }
}

/// Which kinds a token of the parser may have here; `None` for blanks and symbols, an error for
/// what the guarded text cannot hold.
fn kinds(token: &Parsed) -> Result<Option<&'static [Kind]>, ()> {
    Ok(match token {
        Parsed::Word(word) if word.quote_style.is_some() => Some(&[Kind::Name]),
        Parsed::Word(_) => Some(&[Kind::Word]),
        Parsed::Number(..) => Some(&[Kind::Number]),
        Parsed::HexStringLiteral(_) => Some(&[Kind::Text, Kind::Number]),
        Parsed::SingleQuotedString(_)
        | Parsed::DoubleQuotedString(_)
        | Parsed::DollarQuotedString(_)
        | Parsed::SingleQuotedByteStringLiteral(_)
        | Parsed::NationalStringLiteral(_)
        | Parsed::EscapedStringLiteral(_) => Some(&[Kind::Text]),
        Parsed::TripleSingleQuotedString(_)
        | Parsed::TripleDoubleQuotedString(_)
        | Parsed::DoubleQuotedByteStringLiteral(_)
        | Parsed::TripleSingleQuotedByteStringLiteral(_)
        | Parsed::TripleDoubleQuotedByteStringLiteral(_)
        | Parsed::SingleQuotedRawStringLiteral(_)
        | Parsed::DoubleQuotedRawStringLiteral(_)
        | Parsed::TripleSingleQuotedRawStringLiteral(_)
        | Parsed::TripleDoubleQuotedRawStringLiteral(_)
        | Parsed::QuoteDelimitedStringLiteral(_)
        | Parsed::NationalQuoteDelimitedStringLiteral(_)
        | Parsed::UnicodeStringLiteral(_)
        | Parsed::Placeholder(_)
        | Parsed::SemiColon
        | Parsed::Backslash
        | Parsed::LBrace
        | Parsed::RBrace
        | Parsed::Char(_) => return Err(()),
        Parsed::Whitespace(blank) => {
            use sqlparser::tokenizer::Whitespace;
            match blank {
                Whitespace::Space | Whitespace::Newline | Whitespace::Tab => None,
                Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_) => return Err(()),
            }
        }
        Parsed::EOF
        | Parsed::Comma
        | Parsed::DoubleEq
        | Parsed::Eq
        | Parsed::Neq
        | Parsed::Lt
        | Parsed::Gt
        | Parsed::LtEq
        | Parsed::GtEq
        | Parsed::Spaceship
        | Parsed::Plus
        | Parsed::Minus
        | Parsed::Mul
        | Parsed::Div
        | Parsed::DuckIntDiv
        | Parsed::Mod
        | Parsed::StringConcat
        | Parsed::LParen
        | Parsed::RParen
        | Parsed::Period
        | Parsed::Colon
        | Parsed::DoubleColon
        | Parsed::Assignment
        | Parsed::LBracket
        | Parsed::RBracket
        | Parsed::Ampersand
        | Parsed::Pipe
        | Parsed::Caret
        | Parsed::RArrow
        | Parsed::Sharp
        | Parsed::DoubleSharp
        | Parsed::Tilde
        | Parsed::TildeAsterisk
        | Parsed::ExclamationMarkTilde
        | Parsed::ExclamationMarkTildeAsterisk
        | Parsed::DoubleTilde
        | Parsed::DoubleTildeAsterisk
        | Parsed::ExclamationMarkDoubleTilde
        | Parsed::ExclamationMarkDoubleTildeAsterisk
        | Parsed::ShiftLeft
        | Parsed::ShiftRight
        | Parsed::Overlap
        | Parsed::ExclamationMark
        | Parsed::DoubleExclamationMark
        | Parsed::AtSign
        | Parsed::CaretAt
        | Parsed::PGSquareRoot
        | Parsed::PGCubeRoot
        | Parsed::Arrow
        | Parsed::LongArrow
        | Parsed::HashArrow
        | Parsed::AtDashAt
        | Parsed::QuestionMarkDash
        | Parsed::AmpersandLeftAngleBracket
        | Parsed::AmpersandRightAngleBracket
        | Parsed::AmpersandLeftAngleBracketVerticalBar
        | Parsed::VerticalBarAmpersandRightAngleBracket
        | Parsed::TwoWayArrow
        | Parsed::LeftAngleBracketCaret
        | Parsed::RightAngleBracketCaret
        | Parsed::QuestionMarkSharp
        | Parsed::QuestionMarkDashVerticalBar
        | Parsed::QuestionMarkDoubleVerticalBar
        | Parsed::TildeEqual
        | Parsed::ShiftLeftVerticalBar
        | Parsed::VerticalBarShiftRight
        | Parsed::VerticalBarRightAngleBracket
        | Parsed::HashLongArrow
        | Parsed::AtArrow
        | Parsed::ArrowAt
        | Parsed::HashMinus
        | Parsed::AtQuestion
        | Parsed::AtAt
        | Parsed::Question
        | Parsed::QuestionAnd
        | Parsed::QuestionPipe
        | Parsed::CustomBinaryOperator(_) => None,
    })
}
