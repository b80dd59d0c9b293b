//! The second opinion on tokens: the parser's tokenizer must cut the guarded text as the lexer did.

use sqlparser::tokenizer::{Location, Token as Parsed, TokenWithSpan, Whitespace};

use super::{Kind, Lexed, Token};
use crate::guard::Rejection;
use crate::guard::rules::understood;

/// Checks that the parser's tokenizer cut words, names, literals and numbers where the lexer did.
pub(in crate::guard) fn with_parser(lexed: &Lexed, tokens: &[TokenWithSpan]) -> Result<(), Rejection> {
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
#[expect(clippy::too_many_lines, reason = "one arm a token, so that a new one fails to compile")]
fn kinds(token: &Parsed) -> Result<Option<&'static [Kind]>, ()> {
    Ok(match token {
        Parsed::Word(word) if word.quote_style.is_some() => Some(&[Kind::Name]),
        Parsed::Word(_) => Some(&[Kind::Word]),
        Parsed::Number(..) => Some(&[Kind::Number]),
        // An amount of money: the lexer lets no other `$` through where the parser sees a placeholder.
        Parsed::Placeholder(_) => Some(&[Kind::Number]),
        Parsed::HexStringLiteral(_) => Some(&[Kind::Text, Kind::Number]),
        Parsed::SingleQuotedString(_)
        | Parsed::DoubleQuotedString(_)
        | Parsed::DollarQuotedString(_)
        | Parsed::SingleQuotedByteStringLiteral(_)
        | Parsed::NationalStringLiteral(_)
        | Parsed::EscapedStringLiteral(_)
        | Parsed::UnicodeStringLiteral(_) => Some(&[Kind::Text]),
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
        | Parsed::SemiColon
        | Parsed::Backslash
        | Parsed::LBrace
        | Parsed::RBrace
        | Parsed::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_))
        | Parsed::Char(_) => return Err(()),
        Parsed::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab)
        | Parsed::EOF
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
