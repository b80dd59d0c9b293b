//! Keeps stored values at home.
//!
//! A statement of an earlier turn may hold a value that was looked up in the database and that
//! nobody ever typed. A model needs the shape of the statement, not the value: it is given a
//! stand-in and the value is put back into what it answers.

use crate::dialect::Dialect;

/// The stand-ins of one conversation with a model.
#[derive(Debug)]
pub(super) struct Veil {
    dialect: Dialect,
    /// What the user typed and the schema says, in lower case: whatever stands here is known already.
    known: String,
    /// Whether everything may be seen.
    lifted: bool,
    /// The content of each hidden literal, as it was spelled; the index makes the stand-in.
    hidden: Vec<String>,
}

impl Veil {
    /// A veil that lets through what stands in one of `known`.
    pub(super) fn new<'a>(dialect: Dialect, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known = known.into_iter().map(str::to_lowercase).collect::<Vec<_>>().join("\n");
        Self { dialect, known, lifted: false, hidden: Vec::new() }
    }

    /// A veil that hides nothing.
    pub(super) fn lifted(dialect: Dialect) -> Self {
        Self { dialect, known: String::new(), lifted: true, hidden: Vec::new() }
    }

    /// `sql` with a stand-in for each literal that is not known.
    pub(super) fn hide(&mut self, sql: &str) -> String {
        let mut text = String::with_capacity(sql.len());
        let mut rest = sql;
        while let Some(start) = rest.find(|letter| self.opens(letter)) {
            let quote = &rest[start..=start];
            text.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            let end = self.literal_end(rest, quote);
            let content = &rest[..end];
            text.push_str(&self.stand_in(content));
            rest = &rest[end..];
            // The closing quote is the next letter; taken here, it opens nothing.
            if !rest.is_empty() {
                text.push_str(quote);
                rest = &rest[1..];
            }
        }
        text.push_str(rest);
        text
    }

    /// A stored value as the content of a literal, behind a stand-in unless it is known.
    pub(super) fn cover(&mut self, value: &str) -> String {
        let literal = self.dialect.literal(value);
        let content = literal.trim_start_matches('N').strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        self.stand_in(content.unwrap_or(value))
    }

    /// `reason` of a failure, without the quoted pieces that are not known: a database likes to
    /// repeat the value it stumbled over.
    pub(super) fn hide_quoted(&self, reason: &str) -> String {
        let mut pieces = reason.split(['\'', '"', '`']);
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let outside = piece.starts_with([' ', ',', '.', ')', ':', ';']) || piece.is_empty();
            text.push('`');
            text.push_str(if outside || self.is_known(piece) { piece } else { "…" });
        }
        text
    }

    /// `text` with the values put back in the place of their stand-ins.
    pub(super) fn reveal(&self, text: &str) -> String {
        // From the last to the first, so that the stand-in 1 is not taken for the start of 10.
        let numbered = self.hidden.iter().enumerate().rev();
        numbered.fold(text.to_owned(), |text, (index, content)| text.replace(&name(index), content))
    }

    fn opens(&self, letter: char) -> bool {
        letter == '\'' || letter == '"' && self.dialect == Dialect::Mysql
    }

    fn literal_end(&self, text: &str, quote: &str) -> usize {
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let next_is_quote = letters.peek().is_some_and(|(_, next)| quote.starts_with(*next));
            if letter == '\\' && self.dialect == Dialect::Mysql || quote.starts_with(letter) && next_is_quote {
                letters.next();
            } else if quote.starts_with(letter) {
                return at;
            }
        }
        text.len()
    }

    fn stand_in(&mut self, content: &str) -> String {
        if self.is_known(content.trim_matches('%')) || is_format(content) {
            return content.to_owned();
        }
        let index = self.hidden.iter().position(|hidden| hidden == content).unwrap_or_else(|| {
            self.hidden.push(content.to_owned());
            self.hidden.len() - 1
        });
        name(index)
    }

    fn is_known(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        self.lifted || text.is_empty() || is_date(&text) || self.says(&text)
    }

    /// Whether `text` is known as words of its own: who says `annual` has not said `Ann`.
    fn says(&self, text: &str) -> bool {
        let joined = |left: Option<char>, right: Option<char>| {
            left.is_some_and(char::is_alphanumeric) && right.is_some_and(char::is_alphanumeric)
        };
        self.known.match_indices(text).any(|(at, _)| {
            let (before, after) = (&self.known[..at], &self.known[at + text.len()..]);
            let begins_inside = joined(before.chars().next_back(), text.chars().next());
            let ends_inside = joined(text.chars().next_back(), after.chars().next());
            !begins_inside && !ends_inside
        })
    }
}

/// How the name of every stand-in begins.
const STAND_IN: &str = "HIDDEN_VALUE_";

/// Whether a stand-in is in `text`.
pub(super) fn is_stand_in(text: &str) -> bool {
    text.contains(STAND_IN)
}

fn name(index: usize) -> String {
    format!("{STAND_IN}{}", index + 1)
}

/// Days and times come from the question's own words and today's date, not from a row.
fn is_date(text: &str) -> bool {
    let digits = |piece: &str, length: usize| piece.len() == length && piece.bytes().all(|byte| byte.is_ascii_digit());
    let day = text.split([' ', 't']).next().unwrap_or_default();
    let pieces: Vec<&str> = day.split('-').collect();
    matches!(pieces[..], [year, month, ..] if digits(year, 4) && digits(month, 2))
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. tz+".contains(&byte))
}

/// `%Y-%m`, `start of month`, `-1 month`, `month`: words of the dialect.
fn is_format(text: &str) -> bool {
    const UNITS: [&str; 9] = ["second", "minute", "hour", "day", "week", "month", "quarter", "year", "weekday"];
    let text = text.to_lowercase();
    let is_unit = |word: &str| UNITS.contains(&word.strip_suffix('s').unwrap_or(word));
    let is_word = |word: &str| matches!(word, "start" | "of" | "now" | "localtime" | "utc") || is_unit(word);
    let is_step = |word: &str| word.trim_start_matches(['+', '-']).parse::<u16>().is_ok();
    let is_pattern = text.contains('%')
        && text.split('%').skip(1).all(|piece| {
            let mut letters = piece.chars();
            letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
                && letters.all(|letter| "-/:. t".contains(letter))
        });
    is_pattern
        || text.split_whitespace().all(|word| is_word(word) || is_step(word)) && text.split_whitespace().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::Veil;
    use crate::dialect::Dialect;

    #[test]
    fn hides_what_nobody_typed_and_puts_it_back() {
        let mut veil = Veil::new(Dialect::Sqlite, ["orders of Bob in state paid"]);
        let sql = "SELECT strftime('%Y-%m', d, '-1 month') FROM o WHERE n = 'O''Brien' AND b LIKE '%bob%' AND d > '2026-01-01' \
            AND c <> 'Zoë' OR n = 'O''Brien'";
        let hidden = veil.hide(sql);
        assert!(!hidden.contains("Brien") && !hidden.contains("Zoë"), "{hidden}");
        assert!(
            hidden.contains("'%bob%'") && hidden.contains("'2026-01-01'") && hidden.contains("'%Y-%m', d, '-1 month'")
        );
        assert_eq!(hidden.matches("HIDDEN_VALUE_1").count(), 2);
        assert_eq!(veil.reveal(&hidden), sql);
    }

    #[test]
    fn knows_the_strings_of_each_dialect() {
        let mut veil = Veil::new(Dialect::Mysql, []);
        let hidden = veil.hide(r#"SELECT "x\" y", 'a\'b' FROM t WHERE c = 'open"#);
        assert_eq!(hidden, "SELECT \"HIDDEN_VALUE_1\", 'HIDDEN_VALUE_2' FROM t WHERE c = 'HIDDEN_VALUE_3");
        let mut veil = Veil::new(Dialect::Postgres, []);
        assert_eq!(veil.hide("SELECT \"Name\" FROM t"), "SELECT \"Name\" FROM t");
        let mut veil = Veil::new(Dialect::Sqlite, ["the annual report of Bob's shop"]);
        assert_eq!(veil.hide("n IN ('Ann', 'Bob', 'report of')"), "n IN ('HIDDEN_VALUE_1', 'Bob', 'report of')");
    }

    #[test]
    fn a_failure_keeps_names_and_loses_values() {
        let veil = Veil::new(Dialect::Postgres, ["create table orders (total numeric)"]);
        let reason = veil.hide_quoted("invalid input for \"total\": \"Jane Doe\" in `orders`");
        assert_eq!(reason, "invalid input for `total`: `…` in `orders`");
    }
}
