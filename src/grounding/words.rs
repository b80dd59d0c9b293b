//! Words: what a question and an identifier are made of, brought to one form so that they can meet.

use strsim::damerau_levenshtein;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::lexicon;

/// What kind of piece a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Word,
    /// Digits, perhaps with a sign, thousands commas and a fraction.
    Number,
    /// What stood between quotation marks, without them.
    Quoted,
    /// One sign: comma, full stop, question mark, bracket, dash, `%` and the like.
    Sign,
}

/// One piece of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// As it was written.
    pub text: String,
    /// Folded: lower case, no accents.
    pub lower: String,
    /// The dictionary form of `lower`.
    pub lemma: String,
    pub kind: TokenKind,
    /// The number it is, where it is one: `1,200`, `twelve`, `3rd`.
    pub number: Option<f64>,
}

impl Token {
    fn new(text: &str, kind: TokenKind) -> Self {
        let lower = fold(text);
        let number = match kind {
            TokenKind::Number => text.replace(',', "").parse().ok(),
            TokenKind::Word => number_word(&lower),
            TokenKind::Quoted | TokenKind::Sign => None,
        };
        Self { text: text.to_owned(), lemma: lemma(&lower), lower, kind, number }
    }

    /// Whether it begins with a capital letter.
    #[must_use]
    pub fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

/// Lower case without accents, so that `São` meets `sao`.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|sign| !is_combining_mark(*sign)).flat_map(char::to_lowercase).collect()
}

/// The pieces of `question`, in order.
///
/// ```
/// use db_query_agent::grounding::words::tokenize;
/// let texts: Vec<String> = tokenize("Customers' orders over $1,200?").into_iter().map(|token| token.text).collect();
/// assert_eq!(texts, ["Customers", "orders", "over", "1,200", "?"]);
/// ```
#[must_use]
pub fn tokenize(question: &str) -> Vec<Token> {
    let signs: Vec<char> = question.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        let sign = signs[at];
        if let Some(end) = quoted_end(&signs, at) {
            let inner: String = signs[at + 1..end].iter().collect();
            if !inner.trim().is_empty() {
                tokens.push(Token::new(inner.trim(), TokenKind::Quoted));
            }
            at = end + 1;
        } else if sign.is_ascii_digit() || (sign == '-' && starts_number(&signs, at)) {
            at = take_number(&signs, at, &mut tokens);
        } else if sign.is_alphanumeric() {
            at = take_word(&signs, at, &mut tokens);
        } else {
            if !sign.is_whitespace() && !matches!(sign, '\'' | '’' | '`' | '$' | '€' | '£' | '"' | '_') {
                tokens.push(Token::new(&sign.to_string(), TokenKind::Sign));
            }
            at += 1;
        }
    }
    tokens
}

fn starts_number(signs: &[char], at: usize) -> bool {
    signs.get(at + 1).is_some_and(char::is_ascii_digit) && (at == 0 || signs[at - 1].is_whitespace())
}

/// The place of the closing mark when a quotation opens at `at`.
fn quoted_end(signs: &[char], at: usize) -> Option<usize> {
    let close: &[char] = match signs[at] {
        '"' | '“' | '”' => &['"', '”'],
        '\'' | '‘' | '’' => &['\'', '’'],
        '`' => &['`', '\''],
        _ => return None,
    };
    if at > 0 && signs[at - 1].is_alphanumeric() {
        return None;
    }
    (at + 1..signs.len()).find(|&end| {
        close.contains(&signs[end])
            && end > at + 1
            && !signs.get(end + 1).is_some_and(|next| next.is_alphanumeric())
            && !(signs[at] != '"'
                && signs[end - 1] == 's'
                && signs[end + 1..].iter().filter(|sign| close.contains(sign)).count() % 2 == 1)
    })
}

fn take_number(signs: &[char], at: usize, tokens: &mut Vec<Token>) -> usize {
    let mut end = at + usize::from(signs[at] == '-');
    while end < signs.len() {
        let grouped = signs[end] == ','
            && signs.len() >= end + 4
            && signs[end + 1..end + 4].iter().all(char::is_ascii_digit)
            && !signs.get(end + 4).is_some_and(char::is_ascii_digit);
        let fraction = signs[end] == '.' && signs.get(end + 1).is_some_and(char::is_ascii_digit);
        if !(signs[end].is_ascii_digit() || grouped || fraction) {
            break;
        }
        end += 1;
    }
    let date = end < signs.len()
        && matches!(signs[end], '-' | '/' | ':')
        && signs.get(end + 1).is_some_and(char::is_ascii_digit);
    if date {
        while end < signs.len() && (signs[end].is_ascii_digit() || matches!(signs[end], '-' | '/' | ':')) {
            end += 1;
        }
        tokens.push(Token::new(&signs[at..end].iter().collect::<String>(), TokenKind::Word));
        return end;
    }
    let suffix: String = signs[end..].iter().take_while(|sign| sign.is_alphanumeric()).collect();
    let text: String = signs[at..end].iter().collect();
    if suffix.is_empty() {
        tokens.push(Token::new(&text, TokenKind::Number));
    } else {
        let mut token = Token::new(&format!("{text}{suffix}"), TokenKind::Word);
        if matches!(suffix.to_lowercase().as_str(), "st" | "nd" | "rd" | "th") {
            token.number = text.parse().ok();
        } else if let Some(factor) = magnitude(&suffix.to_lowercase()) {
            token.number = text.replace(',', "").parse::<f64>().ok().map(|number| number * factor);
            token.kind = TokenKind::Number;
        }
        tokens.push(token);
    }
    end + suffix.chars().count()
}

fn magnitude(suffix: &str) -> Option<f64> {
    match suffix {
        "k" => Some(1e3),
        "m" => Some(1e6),
        "bn" => Some(1e9),
        _ => None,
    }
}

fn take_word(signs: &[char], at: usize, tokens: &mut Vec<Token>) -> usize {
    let mut end = at;
    while end < signs.len() && (signs[end].is_alphanumeric() || is_combining_mark(signs[end])) {
        end += 1;
    }
    let text: String = signs[at..end].iter().collect();
    let apostrophe = end < signs.len() && matches!(signs[end], '\'' | '’');
    if apostrophe {
        let tail: String = signs[end + 1..]
            .iter()
            .take_while(|sign| sign.is_alphabetic())
            .flat_map(|sign| sign.to_lowercase())
            .collect();
        if tail == "t" && text.to_lowercase().ends_with('n') {
            let stem = &text[..text.len() - 1];
            let stem = if stem.eq_ignore_ascii_case("ca") { "can" } else { stem };
            tokens.push(Token::new(stem, TokenKind::Word));
            tokens.push(Token::new("not", TokenKind::Word));
            return end + 2;
        }
        if matches!(tail.as_str(), "s" | "re" | "ve" | "ll" | "d" | "m") {
            tokens.push(Token::new(&text, TokenKind::Word));
            return end + 1 + tail.chars().count();
        }
    }
    tokens.push(Token::new(&text, TokenKind::Word));
    end
}

/// The words of an identifier in their dictionary forms, abbreviations written out.
///
/// ```
/// use db_query_agent::grounding::words::split_identifier;
/// assert_eq!(split_identifier("custOrderQty2"), ["customer", "order", "quantity", "2"]);
/// assert_eq!(split_identifier("LName"), ["last", "name"]);
/// ```
#[must_use]
pub fn split_identifier(name: &str) -> Vec<String> {
    // "LName" is no name of an L.
    if let Some(long) = lexicon::abbreviation(&fold(name)) {
        return long.split(' ').map(str::to_owned).collect();
    }
    let mut words = Vec::new();
    for piece in pieces(name) {
        let piece = fold(&piece);
        if let Some(long) = lexicon::abbreviation(&piece) {
            words.extend(long.split(' ').map(str::to_owned));
        } else if let Some(parts) = lexicon::compound(&piece) {
            words.extend(parts.iter().flat_map(|part| {
                lexicon::abbreviation(part)
                    .map_or_else(|| vec![lemma(part)], |long| long.split(' ').map(str::to_owned).collect())
            }));
        } else {
            words.push(lemma(&piece));
        }
    }
    words
}

/// Cuts at underscores, signs, changes of case, and between letters and digits.
fn pieces(name: &str) -> Vec<String> {
    let signs: Vec<char> = name.chars().collect();
    let mut out: Vec<String> = Vec::new();
    let mut piece = String::new();
    for (at, &sign) in signs.iter().enumerate() {
        if !sign.is_alphanumeric() {
            out.push(std::mem::take(&mut piece));
            continue;
        }
        if let Some(&before) = at.checked_sub(1).and_then(|at| signs.get(at)) {
            let camel = before.is_lowercase() && sign.is_uppercase();
            let acronym = before.is_uppercase()
                && sign.is_uppercase()
                && signs.get(at + 1).is_some_and(|next| next.is_lowercase())
                && signs.get(at + 2).is_some_and(|next| next.is_lowercase());
            let digits = before.is_ascii_digit() != sign.is_ascii_digit();
            if camel || acronym || digits {
                out.push(std::mem::take(&mut piece));
            }
        }
        piece.push(sign);
    }
    out.push(piece);
    out.retain(|piece| !piece.is_empty());
    out
}

/// The dictionary form of a folded word: nouns in the singular, common irregular verbs.
///
/// ```
/// use db_query_agent::grounding::words::lemma;
/// assert_eq!(lemma("countries"), "country");
/// assert_eq!(lemma("people"), "person");
/// assert_eq!(lemma("status"), "status");
/// ```
#[must_use]
pub fn lemma(word: &str) -> String {
    if let Some(base) = lexicon::irregular(word) {
        return base.to_owned();
    }
    let cut = |tail: usize| word[..word.len() - tail].to_owned();
    if word.len() <= 3 || !word.is_ascii() || !word.ends_with('s') {
        return word.to_owned();
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    if word.ends_with("ies") && word.len() > 4 {
        return cut(3) + "y";
    }
    for tail in ["sses", "shes", "ches", "xes", "zzes", "oes"] {
        if word.ends_with(tail) && word.len() > tail.len() + 1 {
            return cut(2);
        }
    }
    cut(1)
}

/// Whether two words are at most `most` letters apart: letters left out, put in, taken for others or swapped.
#[must_use]
pub fn are_near(one: &str, other: &str, most: usize) -> bool {
    differing_letters(one, other) <= 2 * most && damerau_levenshtein(one, other) <= most
}

/// How many letters one of two words has and the other has not, each as often as it stands there. A letter left out or
/// put in makes it one more, another letter two.
fn differing_letters(one: &str, other: &str) -> usize {
    let mut balance = [0_i16; 256];
    // Several letters may count as one, which makes it less and never more.
    one.chars().for_each(|letter| balance[usize::from(letter as u8)] += 1);
    other.chars().for_each(|letter| balance[usize::from(letter as u8)] -= 1);
    balance.iter().map(|count| usize::from(count.unsigned_abs())).sum()
}

/// A rough common root of related words, for weak matches: `performed`, `performance`.
#[must_use]
pub fn stem(lemma: &str) -> String {
    const TAILS: [&str; 23] = [
        "ization", "isation", "ational", "ation", "ition", "ment", "ance", "ence", "ings", "ing", "edly", "ed", "ers",
        "er", "or", "ion", "ity", "ial", "al", "ive", "ly", "y", "e",
    ];
    if !lemma.is_ascii() {
        return lemma.to_owned();
    }
    let mut root = lemma;
    for tail in TAILS {
        if let Some(head) = lemma.strip_suffix(tail)
            && head.len() >= 4
        {
            root = head;
            break;
        }
    }
    let bytes = root.as_bytes();
    let doubled = bytes.len() > 4 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2] && !root.ends_with("ss");
    root[..root.len() - usize::from(doubled)].trim_end_matches('e').to_owned()
}

/// The number that one word names, cardinal or ordinal.
#[must_use]
pub fn number_word(lower: &str) -> Option<f64> {
    match lower {
        "once" => return Some(1.0),
        "twice" => return Some(2.0),
        "thrice" => return Some(3.0),
        _ => {}
    }
    lexicon::number(lower)
}

/// The folded words of a stored value, joined by one space: how values are keyed and looked up.
#[must_use]
pub fn value_key(value: &str) -> String {
    let mut key = String::with_capacity(value.len());
    let mut gap = false;
    for sign in fold(value).chars() {
        if sign.is_alphanumeric() {
            if gap && !key.is_empty() {
                key.push(' ');
            }
            key.push(sign);
            gap = false;
        } else if !(matches!(sign, '\'' | '’')) {
            gap = true;
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(question: &str) -> Vec<String> {
        tokenize(question).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn quotations_stay_whole_and_contractions_open() {
        assert_eq!(
            texts("songs named 'Le Pop', which don't end"),
            ["songs", "named", "Le Pop", ",", "which", "do", "not", "end"]
        );
        assert_eq!(texts("the customer's \"2 x 4\""), ["the", "customer", "2 x 4"]);
    }

    #[test]
    fn numbers_are_read() {
        let numbers: Vec<_> =
            tokenize("top five of 1,234.5 and 3rd, 20k").iter().filter_map(|token| token.number).collect();
        assert_eq!(numbers, [5.0, 1234.5, 3.0, 20000.0]);
        assert_eq!(texts("on 2024-03-05 or 1/2/2020"), ["on", "2024-03-05", "or", "1/2/2020"]);
    }

    #[test]
    fn identifiers_open_into_words() {
        assert_eq!(split_identifier("deptName"), ["department", "name"]);
        assert_eq!(split_identifier("Num_of_Employees"), ["number", "of", "employee"]);
        assert_eq!(split_identifier("stuid"), ["student", "id"]);
    }

    #[test]
    fn words_are_near_by_letters() {
        for (one, other) in [("custmer", "customer"), ("ordres", "orders"), ("cafe", "café"), ("a", "a")] {
            assert!(are_near(one, other, 1), "{one} {other}");
        }
        for (one, other) in [("order", "broader"), ("stone", "notes"), ("abcd", "efgh")] {
            assert!(!are_near(one, other, 1), "{one} {other}");
        }
        for word in ["customer", "costumer", "reviews", "naïve", "cities"] {
            for other in ["customers", "review", "naive", "city", "consumer"] {
                for most in 0..4 {
                    let near = damerau_levenshtein(word, other) <= most;
                    assert_eq!(are_near(word, other, most), near, "{word} {other} {most}");
                }
            }
        }
    }

    #[test]
    fn stems_join_families() {
        assert_eq!(stem("performance"), stem("performed"));
        assert_eq!(stem("attended"), stem("attendance"));
    }
}
