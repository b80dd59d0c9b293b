//! Operators: those that the engines bring along.

use sqlparser::ast::{BinaryOperator, UnaryOperator};

use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::rules::operator;

/// The operators of PostgreSQL's own catalogue that the parser has no name for, and those of its
/// search extensions (`SELECT DISTINCT oprname FROM pg_operator` on version 15; `pg_trgm`, `vector`).
const POSTGRES: &[&str] = &[
    "!!", "!~", "!~*", "!~~", "!~~*", "#", "##", "#-", "#>", "#>>", "%", "&", "&&", "&<", "&<|", "&>", "*", "*<",
    "*<=", "*<>", "*=", "*>", "*>=", "+", "-", "->", "->>", "-|-", "/", "<", "<->", "<<", "<<=", "<<|", "<=", "<>",
    "<@", "<^", "=", ">", ">=", ">>", ">>=", ">^", "?", "?#", "?&", "?-", "?-|", "?|", "?||", "@", "@-@", "@>", "@?",
    "@@", "@@@", "^", "^@", "|", "|&>", "|/", "|>>", "||", "||/", "~", "~*", "~<=~", "~<~", "~=", "~>=~", "~>~", "~~",
    "~~*", "<%", "%>", "<<%", "%>>", "<<->", "<->>", "<#>", "<=>", "<+>", "!=",
];

impl Walk<'_> {
    pub(super) fn binary_operator(&self, binary: &BinaryOperator) -> Verdict {
        match binary {
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
            | BinaryOperator::StringConcat
            | BinaryOperator::Gt
            | BinaryOperator::Lt
            | BinaryOperator::GtEq
            | BinaryOperator::LtEq
            | BinaryOperator::Spaceship
            | BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::And
            | BinaryOperator::Or
            | BinaryOperator::Xor
            | BinaryOperator::BitwiseOr
            | BinaryOperator::BitwiseAnd
            | BinaryOperator::BitwiseXor
            | BinaryOperator::MyIntegerDivide
            | BinaryOperator::Match
            | BinaryOperator::Regexp
            | BinaryOperator::Glob
            | BinaryOperator::PGBitwiseXor
            | BinaryOperator::PGBitwiseShiftLeft
            | BinaryOperator::PGBitwiseShiftRight
            | BinaryOperator::PGExp
            | BinaryOperator::PGOverlap
            | BinaryOperator::PGRegexMatch
            | BinaryOperator::PGRegexIMatch
            | BinaryOperator::PGRegexNotMatch
            | BinaryOperator::PGRegexNotIMatch
            | BinaryOperator::PGLikeMatch
            | BinaryOperator::PGILikeMatch
            | BinaryOperator::PGNotLikeMatch
            | BinaryOperator::PGNotILikeMatch
            | BinaryOperator::PGStartsWith
            | BinaryOperator::Arrow
            | BinaryOperator::LongArrow
            | BinaryOperator::HashArrow
            | BinaryOperator::HashLongArrow
            | BinaryOperator::AtAt
            | BinaryOperator::AtArrow
            | BinaryOperator::ArrowAt
            | BinaryOperator::HashMinus
            | BinaryOperator::AtQuestion
            | BinaryOperator::Question
            | BinaryOperator::QuestionAnd
            | BinaryOperator::QuestionPipe
            | BinaryOperator::Overlaps
            | BinaryOperator::DoubleHash
            | BinaryOperator::LtDashGt
            | BinaryOperator::AndLt
            | BinaryOperator::AndGt
            | BinaryOperator::LtLtPipe
            | BinaryOperator::PipeGtGt
            | BinaryOperator::AndLtPipe
            | BinaryOperator::PipeAndGt
            | BinaryOperator::LtCaret
            | BinaryOperator::GtCaret
            | BinaryOperator::QuestionHash
            | BinaryOperator::QuestionDash
            | BinaryOperator::QuestionDashPipe
            | BinaryOperator::QuestionDoublePipe
            | BinaryOperator::At
            | BinaryOperator::TildeEq => Ok(()),
            BinaryOperator::Custom(name) => self.custom_operator(&[name.as_str()]),
            BinaryOperator::PGCustomBinaryOperator(parts) => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                self.custom_operator(&parts)
            }
            BinaryOperator::Assignment => Err(operator::refuse(":=")),
            BinaryOperator::DuckIntegerDivide => Err(operator::refuse("//")),
        }
    }

    /// An operator by its name, with the schema of the system before it or none.
    fn custom_operator(&self, parts: &[&str]) -> Verdict {
        let name = match parts {
            [name] => name,
            // The parser leaves quotes where they are.
            [system, name] if system.eq_ignore_ascii_case("pg_catalog") => name,
            [.., name] => return Err(operator::refuse(name)),
            [] => return Err(operator::refuse("")),
        };
        if self.is(Dialect::Postgres) && POSTGRES.contains(name) { Ok(()) } else { Err(operator::refuse(name)) }
    }

    /// Every unary operator computes; the match is here to see a new one.
    pub(super) fn unary_operator(unary: UnaryOperator) {
        match unary {
            UnaryOperator::AtDashAt
            | UnaryOperator::BangNot
            | UnaryOperator::BitwiseNot
            | UnaryOperator::DoubleAt
            | UnaryOperator::Hash
            | UnaryOperator::Plus
            | UnaryOperator::Minus
            | UnaryOperator::Not
            | UnaryOperator::PGAbs
            | UnaryOperator::PGCubeRoot
            | UnaryOperator::PGPostfixFactorial
            | UnaryOperator::PGPrefixFactorial
            | UnaryOperator::PGSquareRoot
            | UnaryOperator::QuestionDash
            | UnaryOperator::QuestionPipe => {}
        }
    }
}
