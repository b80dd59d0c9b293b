//! Cuts a statement into tokens the way the engine does, before the parser sees it.
//!
//! The parser's own tokenizer and the engines disagree in places (where a comment starts, what a
//! dollar quote is, which letters a number swallows), and each disagreement hides a table from the
//! one and shows it to the other. This lexer reads only what all sides read alike and refuses the
//! rest. What it hands on is the *guarded text*: the statement without comments, outer whitespace
//! and the last `;`. That text is parsed, and that same text is sent.

pub(super) mod compare;
mod literal;
mod symbol;

use crate::dialect::Dialect;

use super::Rejection;
use super::limit;
use super::rules::{character, comment, understood};

/// What a token is, as far as its boundaries matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word: keyword or name.
    Word,
    /// A quoted name.
    Name,
    /// A text, bytes or bits literal with its prefix.
    Text,
    Number,
    /// An operator or punctuation.
    Symbol,
}

/// A piece of the guarded text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    /// Byte offsets into the guarded text.
    pub start: usize,
    pub end: usize,
}

/// The guarded text and its tokens.
#[derive(Debug)]
pub(super) struct Lexed {
    pub text: String,
    pub tokens: Vec<Token>,
    /// The most parentheses and brackets open at once.
    pub depth: usize,
}

impl Lexed {
    /// The text of a token.
    pub fn slice(&self, token: Token) -> &str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }
}

/// Reads `sql`, or says what in it is not read alike by everyone.
pub(super) fn lex(dialect: Dialect, sql: &str) -> Result<Lexed, Rejection> {
    limit::size(sql)?;
    let mut lexer = Lexer {
        dialect,
        source: sql,
        bytes: sql.as_bytes(),
        at: 0,
        text: String::with_capacity(sql.len() + 8),
        tokens: Vec::with_capacity(sql.len() / 4 + 8),
        depth: 0,
        deepest: 0,
        ended: false,
    };
    lexer.run()?;
    let Lexer { mut text, tokens, deepest, .. } = lexer;
    text.truncate(tokens.last().map_or(0, |token| token.end));
    limit::tokens(tokens.len())?;
    Ok(Lexed { text, tokens, depth: deepest })
}

struct Lexer<'a> {
    dialect: Dialect,
    source: &'a str,
    bytes: &'a [u8],
    /// The next byte of the source to read.
    at: usize,
    text: String,
    tokens: Vec<Token>,
    depth: usize,
    deepest: usize,
    /// Whether a `;` was read: only whitespace and comments may follow.
    ended: bool,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), Rejection> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\n' => self.space(1),
                b'\r' if self.peek(1) == Some(b'\n') => self.space(2),
                b'-' if self.peek(1) == Some(b'-') => self.line_comment()?,
                b'#' if self.dialect == Dialect::Mysql => self.line_comment()?,
                b'/' if self.peek(1) == Some(b'*') => self.block_comment()?,
                b';' => {
                    self.ended = true;
                    self.at += 1;
                }
                _ => {
                    if self.ended {
                        return Err(
                            super::rules::one_statement::RULE.refuse("text follows the `;` that ends the statement")
                        );
                    }
                    self.token(byte)?;
                }
            }
        }
        Ok(())
    }

    fn token(&mut self, byte: u8) -> Result<(), Rejection> {
        match byte {
            b'\'' => self.text_literal(self.at, self.dialect == Dialect::Mysql),
            b'"' if self.dialect == Dialect::Mysql => self.text_literal(self.at, true),
            b'"' => self.quoted_name(b'"', true),
            b'`' if matches!(self.dialect, Dialect::Mysql | Dialect::Sqlite) => self.quoted_name(b'`', true),
            b'[' if self.dialect == Dialect::Mssql => self.quoted_name(b']', true),
            b'[' if self.dialect == Dialect::Sqlite => self.quoted_name(b']', false),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            b'$' if self.dialect == Dialect::Postgres => self.dollar_literal(),
            b'$' if self.dialect == Dialect::Mssql => self.money(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
            b'\0'..=b' ' | 0x7f => Err(character::control(byte)),
            _ => self.symbol(byte),
        }
    }

    /// The byte `ahead` of the next one.
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// The character that starts at byte `at`.
    fn character(&self, at: usize) -> Option<char> {
        self.source.get(at..).and_then(|rest| rest.chars().next())
    }

    /// Keeps `length` bytes of whitespace.
    fn space(&mut self, length: usize) {
        if !self.tokens.is_empty() {
            self.text.push_str(self.source.get(self.at..self.at + length).unwrap_or_default());
        }
        self.at += length;
    }

    /// Ends a token that runs from the next byte to `end`.
    fn emit(&mut self, kind: Kind, end: usize) {
        let start = self.text.len();
        self.text.push_str(self.source.get(self.at..end).unwrap_or_default());
        self.tokens.push(Token { kind, start, end: self.text.len() });
        self.at = end;
    }

    /// Whether the last token ends exactly where the next one would start.
    fn touches(&self) -> Option<Kind> {
        self.tokens.last().filter(|token| token.end == self.text.len()).map(|token| token.kind)
    }

    /// `--` or `#` to the end of the line; the line break stays.
    fn line_comment(&mut self) -> Result<(), Rejection> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let comment = rest.get(..line).unwrap_or_default();
        comment::line(self.dialect, comment)?;
        self.drop_comment(line);
        Ok(())
    }

    /// `/* … */`, nested where the dialect nests.
    fn block_comment(&mut self) -> Result<(), Rejection> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        comment::block(self.dialect, rest)?;
        let nests = matches!(self.dialect, Dialect::Postgres | Dialect::Mssql);
        let (mut at, mut open) = (2, 1_u32);
        while open > 0 {
            match (rest.get(at), rest.get(at + 1)) {
                (Some(b'*'), Some(b'/')) => {
                    open -= 1;
                    at += 2;
                }
                (Some(b'/'), Some(b'*')) if nests => {
                    open += 1;
                    at += 2;
                }
                (Some(_), _) => at += 1,
                (None, _) => return Err(comment::RULE.refuse("a comment is not closed")),
            }
        }
        self.drop_comment(at);
        Ok(())
    }

    /// A comment parts two tokens, so a blank takes its place.
    fn drop_comment(&mut self, length: usize) {
        if !self.tokens.is_empty() {
            self.text.push(' ');
        }
        self.at += length;
    }

    /// A bare word, or the prefix of a literal.
    fn word(&mut self) -> Result<(), Rejection> {
        let mut end = self.at;
        while let Some(byte) = self.bytes.get(end) {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' => end += 1,
                b'$' if self.dialect != Dialect::Sqlite => end += 1,
                0x80.. => {
                    let Some(letter) = self.character(end) else { break };
                    character::in_bare_word(letter)?;
                    end += letter.len_utf8();
                }
                _ => break,
            }
        }
        if self.touches().is_some_and(|kind| kind != Kind::Symbol) {
            return Err(understood::RULE.refuse("two words stand together without a blank between them"));
        }
        if matches!(self.bytes.get(end), Some(b'\'' | b'"' | b'&')) {
            return self.prefixed(end);
        }
        self.emit(Kind::Word, end);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(dialect: Dialect, sql: &str) -> String {
        lex(dialect, sql).map_or_else(|rejection| format!("refused: {}", rejection.rule), |lexed| lexed.text)
    }

    #[test]
    fn comments_become_blanks_and_the_rest_stays() {
        assert_eq!(text(Dialect::Postgres, " -- a\nSELECT/* x */1 ; -- end"), "SELECT 1");
        assert_eq!(text(Dialect::Postgres, "SELECT 'a -- b' /* /* n */ */"), "SELECT 'a -- b'");
        assert_eq!(text(Dialect::Mysql, "SELECT 1 # c\n+ 2"), "SELECT 1  \n+ 2");
    }

    #[test]
    fn an_operator_stops_at_a_comment() {
        assert_eq!(text(Dialect::Postgres, "SELECT 'a' ||/* ' */ 'b'"), "SELECT 'a' ||  'b'");
    }

    #[test]
    fn postgres_operators_do_not_end_in_a_sign() {
        assert_eq!(text(Dialect::Postgres, "SELECT a>-1"), "SELECT a> -1");
        assert_eq!(text(Dialect::Postgres, "SELECT a@-1"), "SELECT a@-1");
    }

    #[test]
    fn what_sides_read_differently_is_refused() {
        for (dialect, sql) in [
            (Dialect::Mysql, "SELECT 1.5FROM t"),
            (Dialect::Mysql, r#"SELECT b"\" FROM t"#),
            (Dialect::Mysql, "SELECT 1 --\u{a0} UNION"),
            (Dialect::Mysql, "SELECT /*!50000 1 */ 1"),
            (Dialect::Mysql, "SELECT /*M! 1 */ 1"),
            (Dialect::Postgres, "SELECT $\u{201c}$ 1 $\u{201c}$"),
            (Dialect::Postgres, r#"SELECT U&"x""#),
            (Dialect::Postgres, r"SELECT U&'\00'"),
            (Dialect::Postgres, "SELECT $1"),
            (Dialect::Sqlite, "SELECT $1::b(/*)"),
            (Dialect::Sqlite, "SELECT [a]]"),
            (Dialect::Mssql, r"SELECT X'\' "),
            (Dialect::Mssql, "SELECT 1\rSELECT 2"),
            (Dialect::Mssql, "SELECT @x = 1"),
            (Dialect::Mssql, "SELECT $1.5,000"),
            (Dialect::Sqlite, "SELECT 1; SELECT 2"),
            (Dialect::Sqlite, "SELECT 1 /* open"),
        ] {
            assert!(lex(dialect, sql).is_err(), "{dialect}: {sql}");
        }
    }
}
