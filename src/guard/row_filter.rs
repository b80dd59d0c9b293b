//! Conditions that decide which rows of a table there are for a caller.

use super::lexer::{self, Kind, Lexed};
use super::policy::Policy;
use super::{Guard, Rejection};
use crate::dialect::Dialect;
use crate::guard::rules::row_filter;

/// A condition on the rows of a table, written by who runs the agent and never by a model.
///
/// `:name` stands for an attribute of the caller and is bound as a parameter; a list is bound as one
/// parameter an element, for `IN (:name)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowFilter {
    /// An entry as in [`Policy::blocked_tables`].
    pub(super) table: String,
    pub(super) pieces: Vec<Piece>,
    /// The relations that subqueries of the condition read, lower case.
    pub(super) relations: Vec<String>,
}

/// A part of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    Text(String),
    /// The name of an attribute.
    Attribute(String),
}

/// What stands in the text for an attribute while it is read; its length hides no other name.
const MARK: &str = "caller_attribute_";

impl RowFilter {
    /// Reads `condition`, which holds for the rows of `table` that may be seen.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// use db_query_agent::guard::RowFilter;
    ///
    /// assert!(RowFilter::new(Dialect::Postgres, "orders", "tenant_id = :tenant").is_ok());
    /// assert!(RowFilter::new(Dialect::Postgres, "orders", "tenant_id = ").is_err());
    /// ```
    ///
    /// # Errors
    /// A condition that cannot be read, or that the guard would not let a statement hold.
    pub fn new(dialect: Dialect, table: impl Into<String>, condition: &str) -> Result<Self, Rejection> {
        let (marked, attributes) = marked(condition);
        let statement = format!("SELECT 1 WHERE ({marked})");
        let approved = Guard::new(dialect, Policy::default())
            .approve_unresolved(&statement)
            .map_err(|rejection| row_filter::unreadable(&rejection.message))?;
        let lexed = lexer::lex(dialect, &marked).map_err(|rejection| row_filter::unreadable(&rejection.message))?;
        if closes_too_much(&lexed) {
            return Err(row_filter::unreadable("a parenthesis closes what it did not open"));
        }
        let mut pieces = Vec::new();
        let mut from = 0;
        for token in lexed.tokens.iter().filter(|token| token.kind == Kind::Word) {
            let number = lexed.slice(*token).strip_prefix(MARK).and_then(|number| number.parse::<usize>().ok());
            if let Some(name) = number.and_then(|number| attributes.get(number)) {
                pieces.push(Piece::Text(lexed.text.get(from..token.start).unwrap_or_default().to_owned()));
                pieces.push(Piece::Attribute(name.clone()));
                from = token.end;
            }
        }
        pieces.push(Piece::Text(lexed.text.get(from..).unwrap_or_default().to_owned()));
        let relations = approved.relations().iter().map(|relation| relation.name.to_lowercase()).collect();
        Ok(Self { table: table.into(), pieces, relations })
    }

    /// The names of the caller's attributes it needs.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Attribute(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }
}

/// Whether a text would end the parenthesis it is put in.
fn closes_too_much(lexed: &Lexed) -> bool {
    let mut depth = 0_i32;
    lexed.tokens.iter().any(|token| {
        depth += match lexed.slice(*token) {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
        depth < 0
    })
}

/// `condition` with each `:name` outside quotes turned into a word that the lexer reads, and the names.
fn marked(condition: &str) -> (String, Vec<String>) {
    let (mut text, mut names) = (String::with_capacity(condition.len()), Vec::new());
    let mut letters = condition.char_indices().peekable();
    let mut quote = None;
    let mut before = ' ';
    while let Some((at, letter)) = letters.next() {
        match (quote, letter) {
            (Some(end), _) => {
                if letter == end {
                    quote = None;
                }
                text.push(letter);
            }
            (None, '\'' | '"' | '`') => {
                quote = Some(letter);
                text.push(letter);
            }
            (None, ':') if before != ':' => {
                let rest = condition.get(at + 1..).unwrap_or_default();
                let length = rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(rest.len());
                let name = rest.get(..length).unwrap_or_default();
                if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
                    text.push_str(&format!("{MARK}{}", names.len()));
                    names.push(name.to_owned());
                    for _ in 0..length {
                        letters.next();
                    }
                } else {
                    text.push(letter);
                }
            }
            (None, _) => text.push(letter),
        }
        before = letter;
    }
    (text, names)
}
