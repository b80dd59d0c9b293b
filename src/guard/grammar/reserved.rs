//! Words that no engine takes for a name, and that the parser sometimes does.
//!
//! `SELECT secret_value XOR FROM secrets` has an alias `XOR` for PostgreSQL and SQLite; the parser reads an
//! operator, then a column called `FROM` with the alias `secrets`, and sees no table. The same goes for
//! what may stand before a name: `OVER`, `COLLATE`, `AND`. So each bare word that begins a part of a query
//! is marked before it is parsed: the parser knows it by its keyword still, but when it takes it for a
//! name, the mark stands in the tree.

use std::hash::{Hash, Hasher};

use sqlparser::ast::Statement;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::dialect::Dialect;

/// Stands in place of the word. The lexer lets no such character in.
const MARK: &str = "\u{1}reserved\u{1}";

/// Reserved in all four dialects: after one of these comes a table, a query or a condition.
const WORDS: &[Keyword] = &[
    Keyword::SELECT,
    Keyword::FROM,
    Keyword::JOIN,
    Keyword::WHERE,
    Keyword::UNION,
    Keyword::INTERSECT,
    Keyword::EXCEPT,
    Keyword::GROUP,
    Keyword::HAVING,
    Keyword::ORDER,
    Keyword::ON,
    Keyword::AS,
    Keyword::INTO,
    Keyword::TABLE,
];

/// Marks the reserved words among `tokens`, which hold no blanks. Behind a dot every word is a name, and in PostgreSQL behind AS too.
pub(in crate::guard) fn mark(dialect: Dialect, tokens: &mut [TokenWithSpan]) {
    let mut name_follows = false;
    for TokenWithSpan { token, span: _ } in tokens {
        match token {
            Token::Word(word) if word.quote_style.is_none() && WORDS.contains(&word.keyword) => {
                let explicit = dialect == Dialect::Postgres && word.keyword == Keyword::AS && !name_follows;
                if !name_follows {
                    MARK.clone_into(&mut word.value);
                }
                name_follows = explicit;
            }
            Token::Period => name_follows = true,
            _ => name_follows = false,
        }
    }
}

/// Whether the parser took a marked word for a name, anywhere in the tree.
pub(in crate::guard) fn is_marked(statement: &Statement) -> bool {
    let mut search = Search(false);
    statement.hash(&mut search);
    search.0
}

/// Sees every text of a tree: hashing a tree visits all of it, fields that no walk looks at too.
struct Search(bool);

impl Hasher for Search {
    fn finish(&self) -> u64 {
        u64::from(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 |= bytes == MARK.as_bytes();
    }

    fn write_u8(&mut self, _: u8) {}
    fn write_u32(&mut self, _: u32) {}
    fn write_u64(&mut self, _: u64) {}
    fn write_usize(&mut self, _: usize) {}
    fn write_isize(&mut self, _: isize) {}
}
