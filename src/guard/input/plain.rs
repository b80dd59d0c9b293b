//! What a text says once its disguises are off.

use unicode_normalization::UnicodeNormalization as _;

/// Characters that look like Latin ones and are used in their place: lower-case Cyrillic and Greek, after Unicode's
/// confusables (<https://www.unicode.org/Public/security/latest/confusables.txt>), and digits put for letters are not
/// among them, since questions hold numbers.
const LOOKALIKES: &[(char, char)] = &[
    ('а', 'a'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('ё', 'e'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ї', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('ո', 'n'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('с', 'c'),
    ('ѕ', 's'),
    ('т', 't'),
    ('υ', 'u'),
    ('ν', 'v'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('х', 'x'),
    ('у', 'y'),
    ('α', 'a'),
    ('ε', 'e'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('τ', 't'),
    ('χ', 'x'),
    ('ı', 'i'),
    ('ɡ', 'g'),
    ('ⅼ', 'l'),
    ('в', 'b'),
    ('н', 'h'),
];

/// `text` in compatibility form and lower case, without what cannot be seen.
pub(super) fn plain(text: &str) -> String {
    let lower: String = text.nfkc().filter_map(visible).flat_map(char::to_lowercase).collect();
    latin_words(&lower)
}

/// The character as it is read; tag characters (U+E0000 to U+E007F) spell ASCII that nobody sees.
fn visible(letter: char) -> Option<char> {
    match letter {
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180e}' => None,
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' => None,
        '\u{e0020}'..='\u{e007e}' => char::from_u32(letter as u32 - 0xe0000),
        '\u{e0000}'..='\u{e007f}' => None,
        '’' | '‘' | '`' | '´' => Some('\''),
        '“' | '”' | '„' | '«' | '»' => Some('"'),
        other => Some(other),
    }
}

/// Words that mix Latin letters with lookalikes, or consist of lookalikes alone, in Latin; others stay as they are.
fn latin_words(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let letters = || word.chars().filter(|letter| letter.is_alphabetic());
        let foreign = letters().any(|letter| latin(letter) != letter);
        let is_disguise = foreign && letters().all(|letter| latin(letter).is_ascii());
        plain.extend(word.chars().map(|letter| if is_disguise { latin(letter) } else { letter }));
    }
    plain
}

fn latin(letter: char) -> char {
    LOOKALIKES.iter().find(|(lookalike, _)| *lookalike == letter).map_or(letter, |(_, latin)| *latin)
}

/// `text` with the digits and signs that stand for letters inside words (`1gn0r3 4ll`) written as these, where there are
/// two such words at least: one is a product's number.
pub(super) fn spelled(text: &str) -> Option<String> {
    let letter = |sign: char| match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    };
    let is_disguised = |word: &str| {
        let letters = word.chars().filter(|sign| sign.is_alphabetic()).count();
        let signs = word.chars().filter(|sign| letter(*sign) != *sign).count();
        letters >= 1 && signs >= 1 && letters + signs == word.chars().count()
    };
    let bare = |word: &str| is_disguised(word.trim().trim_matches(['.', ',', '?', ';', ':', '"', '\'']));
    let words = || text.split_inclusive(char::is_whitespace);
    let spelled = || words().map(|word| if bare(word) { word.chars().map(letter).collect() } else { word.to_owned() });
    (words().filter(|word| bare(word)).count() >= 2).then(|| spelled().collect())
}

/// `text` with words that were spelled letter by letter (`i g n o r e`, `d-r-o-p`) put together, where one of them has
/// five letters at least: `U.S.A.` is no disguise.
pub(super) fn joined(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let (mut joined, mut at, mut longest) = (String::with_capacity(text.len()), 0, 0);
    while at < letters.len() {
        let end = spelled_to(&letters, at);
        let length = (end - at) / 2 + 1;
        if length >= 3 {
            joined.extend(letters[at..=end].iter().step_by(2));
            (at, longest) = (end + 1, longest.max(length));
        } else {
            joined.push(letters[at]);
            at += 1;
        }
    }
    (longest >= 5).then_some(joined)
}

/// Where the run of single letters that begins at `at` ends, each but the last with one sign behind it.
fn spelled_to(letters: &[char], at: usize) -> usize {
    let is_single = |at: usize| {
        letters[at].is_alphabetic()
            && (at == 0 || !letters[at - 1].is_alphanumeric())
            && letters.get(at + 1).is_none_or(|next| !next.is_alphanumeric())
    };
    let mut end = at;
    while is_single(end)
        && end + 2 < letters.len()
        && matches!(letters[end + 1], ' ' | '-' | '.' | '_' | '*' | '/')
        && letters[end + 1] == letters[at + 1]
        && is_single(end + 2)
    {
        end += 2;
    }
    end
}
