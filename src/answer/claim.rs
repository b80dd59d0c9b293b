//! The numbers that a text states: in digits, in words, and in digits with a word behind.

use crate::config::Locale;

/// A number in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Claim {
    /// Where it stands, in bytes; what is behind it and belongs to it is part of it.
    pub start: usize,
    pub end: usize,
    /// As it stands there, without what belongs to it: `1,234`, `third`, `Q3`.
    pub text: String,
    /// What it may mean; nothing where it is no number by itself, as in `B12`.
    pub readings: Vec<Reading>,
    pub is_percent: bool,
}

/// One meaning of a number as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    pub value: f64,
    /// Half of what its last digit stands for: any number that far away is written in the same way.
    pub slack: f64,
}

/// Words for numbers. "One" is none of them, since it mostly stands for a thing.
const WORDS: &[(&str, f64)] = &[
    ("zero", 0.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("thirteen", 13.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("seventeen", 17.0),
    ("eighteen", 18.0),
    ("nineteen", 19.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
    ("twice", 2.0),
    ("double", 2.0),
    ("thrice", 3.0),
    ("triple", 3.0),
    ("half", 0.5),
    ("hundred", 100.0),
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
];

/// Words that state a number without naming it.
const VAGUE: &[&str] = &["dozen", "dozens", "hundreds", "thousands", "millions", "billions"];

/// What may stand behind digits, at once or after a blank, and makes them so many times larger.
const SCALES: &[(&str, f64)] = &[
    ("k", 1e3),
    ("thousand", 1e3),
    ("m", 1e6),
    ("mn", 1e6),
    ("million", 1e6),
    ("bn", 1e9),
    ("billion", 1e9),
    ("trillion", 1e12),
];

const ORDINALS: &[&str] = &["st", "nd", "rd", "th"];

/// Every number that `text` states, in order. Separators are read as `locale` writes them and as English does.
pub(super) fn claims(text: &str, locale: Locale) -> Vec<Claim> {
    let words = words(text);
    let mut claims: Vec<Claim> = Vec::new();
    for (at, (start, word)) in words.iter().enumerate() {
        let next = words.get(at + 1).filter(|(next, _)| is_blank(&text[start + word.len()..*next]));
        // "3.4 million" is one number, not two.
        let is_taken = claims.last().is_some_and(|before| before.end > *start);
        if !is_taken {
            claims.extend(claim(text, *start, word, next.copied(), locale));
        }
    }
    claims
}

/// Numbers in digits that stand in `text`, each by itself, also as parts of a day or of a name.
pub(super) fn digits(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty())
}

fn claim(text: &str, start: usize, word: &str, next: Option<(usize, &str)>, locale: Locale) -> Option<Claim> {
    let lower = word.to_lowercase();
    let end = start + word.len();
    let bare = |readings| Claim { start, end, text: word.to_owned(), readings, is_percent: false };
    if !word.contains(char::is_numeric) {
        let exact = |value| bare(vec![Reading { value, slack: 0.0 }]);
        if VAGUE.contains(&lower.as_str()) {
            return Some(bare(Vec::new()));
        }
        let (_, value) = WORDS.iter().find(|(name, _)| *name == lower)?;
        return Some(percented(exact(*value), text));
    }
    let number = word.trim_end_matches(char::is_alphabetic);
    let tail = &lower[lower.len().min(lowered_len(number))..];
    if !number.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) || number.contains(char::is_alphabetic) {
        return Some(bare(Vec::new()));
    }
    let scale_of = |word: &str| SCALES.iter().find(|(name, _)| *name == word).map(|(_, scale)| *scale);
    let (scale, end) = match (tail, next) {
        ("", Some((at, next))) if next.len() > 2 => match scale_of(&next.to_lowercase()) {
            Some(scale) => (scale, at + next.len()),
            None => (1.0, end),
        },
        ("", _) => (1.0, end),
        (tail, _) if ORDINALS.contains(&tail) || tail == "s" => (1.0, end),
        (tail, _) => match scale_of(tail) {
            Some(scale) => (scale, end),
            None => return Some(bare(Vec::new())),
        },
    };
    let sign = if is_negative(text, start) { -1.0 } else { 1.0 };
    let readings = readings(number, locale)
        .into_iter()
        .map(|reading| Reading { value: reading.value * scale * sign, slack: reading.slack * scale });
    Some(percented(Claim { end, text: number.to_owned(), readings: readings.collect(), ..bare(Vec::new()) }, text))
}

fn percented(claim: Claim, text: &str) -> Claim {
    let behind = text[claim.end..].trim_start_matches(['\u{a0}', '\u{202f}', ' ']).to_lowercase();
    let is_percent = behind.starts_with('%') || behind.starts_with("percent") || behind.starts_with("per cent");
    Claim { is_percent, ..claim }
}

/// What digits with separators may mean.
fn readings(number: &str, locale: Locale) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for (group, decimal) in [(locale.group(), locale.decimal()), (',', '.')] {
        let reading = read(number, group, decimal);
        readings.extend(reading.filter(|reading| !readings.contains(reading)));
    }
    readings
}

fn read(number: &str, group: char, decimal: char) -> Option<Reading> {
    let (whole, fraction) = number.split_once(decimal).map_or((number, ""), |(whole, fraction)| (whole, fraction));
    let groups: Vec<&str> = whole.split([group, '\u{a0}', '\u{202f}', '\'', '\u{2019}']).collect();
    let [first, rest @ ..] = groups.as_slice() else { return None };
    let is_plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let ends_well = rest.last().is_none_or(|last| last.len() == 3);
    let is_grouped = rest.iter().all(|group| is_plain(group) && matches!(group.len(), 2 | 3)) && ends_well;
    let is_whole = is_plain(first) && is_grouped && (rest.is_empty() || first.len() <= 3);
    if !is_whole || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: f64 = format!("{}.{fraction}0", groups.concat()).parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()?;
    Some(Reading { value, slack: 0.5 * 10f64.powi(-places) })
}

/// The words of `text`: runs of letters and digits, with the signs that stand between the digits of a number.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut letters = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map_or(' ', |(_, next)| *next);
        let joins = before.is_ascii_digit()
            && next.is_ascii_digit()
            && matches!(letter, '.' | ',' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}');
        if letter.is_alphanumeric() || joins {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            words.push((from, &text[from..at]));
        }
        before = letter;
    }
    words.extend(start.map(|from| (from, &text[from..])));
    words
}

/// Whether a minus stands before `start`: one behind a digit or a letter is a hyphen or part of a day.
fn is_negative(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end_matches(['$', '€', '£', '¥']);
    let Some(rest) = before.strip_suffix(['-', '\u{2212}']) else { return false };
    !rest.ends_with(char::is_alphanumeric)
}

fn is_blank(between: &str) -> bool {
    matches!(between, " " | "\u{a0}" | "\u{202f}")
}

/// How many bytes `text` has in lower case.
fn lowered_len(text: &str) -> usize {
    text.to_lowercase().len()
}

#[cfg(test)]
mod tests {
    use super::claims;
    use crate::config::Locale;

    fn values(text: &str, tag: &str) -> Vec<(String, Vec<f64>, bool)> {
        let claims = claims(text, Locale::parse(tag).unwrap());
        let values = |claim: super::Claim| {
            (claim.text, claim.readings.iter().map(|reading| reading.value).collect(), claim.is_percent)
        };
        claims.into_iter().map(values).collect()
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for (text, expected) in [
            ("There are 1,234 users.", vec![1234.0]),
            ("It cost $1,234.50, in 2024.", vec![1234.5, 2024.0]),
            ("1.2 million and 3k", vec![1_200_000.0, 3000.0]),
            ("twelve of 20 are half done", vec![12.0, 20.0, 0.5]),
            ("the 3rd of the 1990s", vec![3.0, 1990.0]),
            ("down to -5, or −6 (2024-03-05)", vec![-5.0, -6.0, 2024.0, 3.0, 5.0]),
            ("no one, and Nina", vec![]),
        ] {
            let found: Vec<f64> = values(text, "en").into_iter().flat_map(|(_, values, _)| values).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_number_in_a_name_and_a_vague_one_mean_nothing_by_themselves() {
        assert_eq!(
            values("Q3 had hundreds of B12.", "en"),
            [("Q3".into(), vec![], false), ("hundreds".into(), vec![], false), ("B12".into(), vec![], false)]
        );
    }

    #[test]
    fn separators_are_those_of_the_region_or_of_english() {
        assert_eq!(values("1.234,5", "de"), [("1.234,5".into(), vec![1234.5], false)]);
        assert_eq!(values("1.234", "de"), [("1.234".into(), vec![1234.0, 1.234], false)]);
        assert_eq!(values("1.234", "en"), [("1.234".into(), vec![1.234], false)]);
        assert_eq!(values("12,34,567", "en-IN"), [("12,34,567".into(), vec![1_234_567.0], false)]);
        assert_eq!(values("1\u{202f}234 %", "fr"), [("1\u{202f}234".into(), vec![1234.0], true)]);
        assert_eq!(values("1.2.3", "en"), [("1.2.3".into(), vec![], false)]);
    }
}
