//! The short way to what most expressions begin with: a column, a number, a text, a call.
//!
//! Before anything else the parser reads each of them as the type of a literal (`DATE '2025-01-01'`), words an
//! error, and goes back. That is most of the time it takes. A word that names no type and begins no special form
//! ends as a column or a call in any case, so it is read as one right away, and by the parser's own functions.

use sqlparser::ast::{Expr, ObjectName};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::Completed;

/// Keywords that the parser takes for a plain name where an expression begins.
const PLAIN: &[Keyword] = &[
    Keyword::NoKeyword,
    Keyword::ABS,
    Keyword::AVG,
    Keyword::CATEGORY,
    Keyword::COALESCE,
    Keyword::COUNT,
    Keyword::DENSE_RANK,
    Keyword::FIRST_VALUE,
    Keyword::ID,
    Keyword::LAG,
    Keyword::LAST_VALUE,
    Keyword::LEAD,
    Keyword::LOWER,
    Keyword::MAX,
    Keyword::MIN,
    Keyword::NAME,
    Keyword::NTILE,
    Keyword::NULLIF,
    Keyword::RANK,
    Keyword::ROW_NUMBER,
    Keyword::STATUS,
    Keyword::SUM,
    Keyword::TYPE,
    Keyword::UPPER,
    Keyword::VALUE,
];

impl Completed {
    /// What the expression begins with, when that is plain; `None` leaves it to the parser.
    pub(super) fn plain_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let first = parser.peek_token_ref();
        match &first.token {
            Token::Number(..) | Token::SingleQuotedString(_) => Some(parser.parse_value().map(Expr::Value)),
            Token::Word(word) if PLAIN.contains(&word.keyword) => {
                if is_call(parser) {
                    let name = ObjectName::from(vec![word.to_ident(first.span)]);
                    self.call(parser, name)
                } else {
                    column(parser).map(Ok)
                }
            }
            _ => None,
        }
    }

    fn call(&self, parser: &mut Parser, name: ObjectName) -> Option<Result<Expr, ParserError>> {
        if self.call_failed.get() {
            return None;
        }
        parser.advance_token();
        let call = parser.parse_function(name);
        if call.is_err() {
            self.call_failed.set(true);
        }
        Some(call)
    }
}

/// Whether the next word is followed by arguments, and not by the `(+)` of an outer join.
fn is_call(parser: &Parser) -> bool {
    parser.peek_nth_token_ref(1).token == Token::LParen && parser.peek_nth_token_ref(2).token != Token::Plus
}

/// The column that the next words name, when nothing follows that could belong to it: behind a subscript it could be
/// a type, before a text too, and before a parenthesis a function.
fn column(parser: &mut Parser) -> Option<Expr> {
    let mut words = 1;
    while parser.peek_nth_token_ref(words * 2 - 1).token == Token::Period {
        words += 1;
    }
    let ends = matches!(
        parser.peek_nth_token_ref(words * 2 - 1).token,
        Token::EOF
            | Token::Comma
            | Token::RParen
            | Token::Word(_)
            | Token::Eq
            | Token::Neq
            | Token::Lt
            | Token::LtEq
            | Token::Gt
            | Token::GtEq
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod
            | Token::StringConcat
            | Token::DoubleColon
    );
    if !ends {
        return None;
    }
    let mut names = Vec::with_capacity(words);
    for at in 0..words {
        let part = parser.peek_nth_token_ref(at * 2);
        let Token::Word(word) = &part.token else { return None };
        names.push(word.to_ident(part.span));
    }
    for _ in 1..words * 2 {
        parser.advance_token();
    }
    if words == 1 { names.pop().map(Expr::Identifier) } else { Some(Expr::CompoundIdentifier(names)) }
}

#[cfg(test)]
mod tests {
    use sqlparser::ast::Statement;
    use sqlparser::dialect::Dialect as Grammar;
    use sqlparser::parser::{Parser, ParserError};

    use super::{Completed, PLAIN};
    use crate::dialect::Dialect;

    const FORMS: &[&str] = &[
        "SELECT _",
        "SELECT _, 1 FROM t",
        "SELECT _ x",
        "SELECT _ AS x",
        "SELECT _.b FROM _",
        "SELECT t._ FROM t",
        "SELECT a._.c, _.* FROM t",
        "SELECT (_)",
        "SELECT _ + 1, 1 - _, _ * _, _ / 2, _ % 2, _ || 'x'",
        "SELECT _ 'x'",
        "SELECT _.b 'x'",
        "SELECT _ = 1, _ <> 1, _ < 1, _ >= 1",
        "SELECT _ IS NULL, _ IN (1, 2), _ BETWEEN _ AND 2",
        "SELECT _()",
        "SELECT _(*)",
        "SELECT _(1, 'x', a.b)",
        "SELECT _(DISTINCT a) FROM t",
        "SELECT _(a) x FROM t",
        "SELECT _(_(1), _(_))",
        "SELECT _(a) OVER (PARTITION BY b ORDER BY _ DESC) FROM t",
        "SELECT b._(1)",
        "SELECT _ (+)",
        "SELECT * FROM t WHERE _ = u._(+)",
        "SELECT _[1]",
        "SELECT _.b[1]",
        "SELECT _[1] 'x'",
        "SELECT _.b[1] 'x'",
        "SELECT _::text, _.b::int",
        "SELECT _ -> 'k', _ ->> 'k'",
        "SELECT _(a => 1)",
        "SELECT _.",
        "SELECT _(",
        "SELECT _(1",
        "SELECT _(1 2)",
        "SELECT _..b",
        "SELECT _ _ _",
        "SELECT 'x' 'y', 1 2",
        "SELECT 'x'.y",
        "SELECT 1 FROM t GROUP BY _, _.b HAVING _(b) > 1 ORDER BY _, 2 LIMIT 3",
        "SELECT CASE _ WHEN 1 THEN _ END",
        "SELECT _ NOTNULL",
        "SELECT _ COLLATE c",
        "SELECT _ AT TIME ZONE 'UTC'",
        "SELECT INTERVAL '1 day' + _",
    ];

    fn parse(grammar: &dyn Grammar, sql: &str) -> Result<Vec<Statement>, ParserError> {
        Parser::parse_sql(grammar, sql)
    }

    #[test]
    fn the_short_way_ends_where_the_long_one_does() {
        for dialect in Dialect::ALL {
            let words = PLAIN.iter().map(|keyword| format!("{keyword:?}"));
            let own = ["t", "\"quoted\"", "`quoted`", "[quoted]", "_utf8", "é"].map(ToOwned::to_owned);
            for word in words.chain(own) {
                for form in FORMS {
                    let sql = form.replace('_', &word);
                    let grammar = Completed::new(dialect);
                    let (short, long) = (parse(&grammar, &sql), parse(grammar.inner, &sql));
                    assert_eq!(short.ok(), long.ok(), "{dialect}: {sql}");
                }
            }
        }
    }

    #[test]
    fn a_call_that_fails_is_not_read_again_at_every_level() {
        for dialect in Dialect::ALL {
            let sql = format!("SELECT {}x x{}", "IF(f(current_time(".repeat(12), ")))".repeat(12));
            assert!(parse(&Completed::new(dialect), &sql).is_err(), "{dialect}");
        }
    }
}
