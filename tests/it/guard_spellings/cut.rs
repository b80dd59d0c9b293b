//! Cuts a text where its letters may be changed without changing what it says.

use db_query_agent::dialect::Dialect;

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    Blank,
    Comment,
    /// Something between quotes, with the word that touches its opening one.
    Quoted,
    /// Any other character.
    Symbol,
}

impl Kind {
    pub fn is_between(self) -> bool {
        matches!(self, Self::Blank | Self::Comment)
    }
}

/// Joined, the pieces are the text. What is not closed goes to the end.
pub fn cut(dialect: Dialect, text: &str) -> Vec<(Kind, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = if let Some(length) = comment(dialect, rest) {
            (Kind::Comment, length)
        } else if let Some(length) = closed(dialect, rest, false) {
            (Kind::Quoted, length)
        } else if is_blank(first) {
            (Kind::Blank, rest.find(|letter| !is_blank(letter)).unwrap_or(rest.len()))
        } else if is_word(first) {
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            let escapes = dialect == Dialect::Postgres && rest[..length].eq_ignore_ascii_case("e");
            let literal = rest[length..].starts_with(['\'', '"', '$']);
            match closed(dialect, &rest[length..], escapes).filter(|_| literal) {
                Some(more) => (Kind::Quoted, length + more),
                None => (Kind::Word, length),
            }
        } else {
            (Kind::Symbol, first.len_utf8())
        };
        let (piece, after) = rest.split_at(length);
        pieces.push((kind, piece));
        rest = after;
    }
    pieces
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r')
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn comment(dialect: Dialect, text: &str) -> Option<usize> {
    let line = text.starts_with("--") || (dialect == Dialect::Mysql && text.starts_with('#'));
    if line {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*").then(|| {
        let nests = matches!(dialect, Dialect::Postgres | Dialect::Mssql);
        let (mut open, mut at) = (1, 2);
        while open > 0 && at < text.len() {
            let here = &text.as_bytes()[at..];
            let (change, step) = match here {
                [b'*', b'/', ..] => (-1, 2),
                [b'/', b'*', ..] if nests => (1, 2),
                _ => (0, 1),
            };
            open += change;
            at += step;
        }
        let mut end = at.min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        end
    })
}

/// The length of what is quoted at the start of `text`.
fn closed(dialect: Dialect, text: &str, escapes: bool) -> Option<usize> {
    let close = match text.chars().next()? {
        '$' if dialect == Dialect::Postgres => {
            let tag = text[1..].find('$').filter(|end| text[1..=*end].chars().all(is_word))? + 2;
            return Some(text[tag..].find(&text[..tag]).map_or(text.len(), |end| end + 2 * tag));
        }
        '[' if matches!(dialect, Dialect::Mssql | Dialect::Sqlite) => ']',
        quote @ ('\'' | '"' | '`') => quote,
        _ => return None,
    };
    let escapes = escapes || (dialect == Dialect::Mysql && close != '`');
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && escapes {
            letters.next();
        } else if letter == close {
            match letters.peek() {
                Some((_, next)) if *next == close => drop(letters.next()),
                _ => return Some(at + letter.len_utf8()),
            }
        }
    }
    Some(text.len())
}
