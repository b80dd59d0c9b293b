//! The small word lists behind linking: irregular forms, abbreviations of identifiers, synonyms
//! that questions about databases use. Made by hand for this project, one text file a list, but for
//! `thesaurus.txt`, which `scripts/build_thesaurus.py` makes from `WordNet` 3.1 (terms in `THIRD-PARTY`).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Words for money taken in, which a database seldom names so.
pub const REVENUE: &[&str] = &["revenue", "sale", "turnover", "taking", "earning", "spending", "spend"];
/// Words of columns that hold such money, best first.
pub const MONEY_TAKEN: &[&str] = &["revenue", "sale", "total", "amount", "price"];

struct Lexicon {
    numbers: HashMap<&'static str, f64>,
    irregular: HashMap<&'static str, &'static str>,
    abbreviations: HashMap<&'static str, &'static str>,
    /// Words that identifiers glue together without a sign between them.
    glued: HashSet<&'static str>,
    /// Whole words that would fall apart into glued ones.
    whole: HashSet<&'static str>,
    synonyms: HashMap<&'static str, Vec<&'static str>>,
    values: HashMap<&'static str, Vec<&'static str>>,
    stop: HashSet<&'static str>,
    /// Words that an answer may leave out without being another answer.
    overlooked: HashSet<&'static str>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon {
    numbers: numbers(include_str!("lexicon/numbers.txt")),
    irregular: include_str!("lexicon/irregular.txt").lines().filter_map(|line| line.split_once(' ')).collect(),
    abbreviations: include_str!("lexicon/abbreviations.txt")
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .collect(),
    glued: include_str!("lexicon/glued.txt").split_whitespace().collect(),
    whole: include_str!("lexicon/whole.txt").split_whitespace().collect(),
    synonyms: synonym_groups(include_str!("lexicon/synonyms.txt")),
    values: include_str!("lexicon/values.txt")
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(word, forms)| (word, forms.split(", ").collect()))
        .collect(),
    stop: include_str!("lexicon/stop.txt").split_whitespace().collect(),
    overlooked: include_str!("lexicon/overlooked.txt").split_whitespace().collect(),
});

/// Lines of cardinal, ordinal (or `-`) and number.
fn numbers(list: &'static str) -> HashMap<&'static str, f64> {
    let mut numbers = HashMap::new();
    for line in list.lines() {
        if let [cardinal, ordinal, number] = line.split(' ').collect::<Vec<_>>().as_slice()
            && let Ok(number) = number.parse()
        {
            numbers.insert(*cardinal, number);
            numbers.insert(*ordinal, number);
        }
    }
    numbers.remove("-");
    numbers
}

/// Lines of words that stand for one another; a phrase may hold spaces.
fn synonym_groups(list: &'static str) -> HashMap<&'static str, Vec<&'static str>> {
    let mut words: HashMap<&str, Vec<&str>> = HashMap::new();
    for group in list.lines() {
        let group: Vec<&str> = group.split(", ").collect();
        for word in &group {
            let others = words.entry(word).or_default();
            for other in group.iter().filter(|other| *other != word) {
                if !others.contains(other) {
                    others.push(other);
                }
            }
        }
    }
    words
}

pub(super) fn number(word: &str) -> Option<f64> {
    LEXICON.numbers.get(word).copied()
}

pub(super) fn irregular(word: &str) -> Option<&'static str> {
    LEXICON.irregular.get(word).copied()
}

/// What a short form that only identifiers use stands for.
pub(super) fn abbreviation(piece: &str) -> Option<&'static str> {
    LEXICON.abbreviations.get(piece).copied()
}

/// The parts of a glued identifier such as `roomtype`, or none when it is one word.
pub(super) fn compound(piece: &str) -> Option<Vec<&str>> {
    if piece.len() < 4 || !piece.is_ascii() || LEXICON.glued.contains(piece) || LEXICON.whole.contains(piece) {
        return None;
    }
    split_glued(piece, 3).filter(|parts| parts.len() > 1)
}

fn split_glued(piece: &str, left: usize) -> Option<Vec<&str>> {
    if piece.is_empty() {
        return Some(Vec::new());
    }
    if left == 0 {
        return None;
    }
    (2..=piece.len()).rev().filter(|&end| LEXICON.glued.contains(&piece[..end])).find_map(|end| {
        let mut parts = vec![&piece[..end]];
        parts.extend(split_glued(&piece[end..], left - 1)?);
        Some(parts)
    })
}

/// Words and phrases that may stand for `phrase`, in the order of the list.
pub(super) fn synonyms(phrase: &str) -> impl Iterator<Item = &'static str> {
    LEXICON.synonyms.get(phrase).into_iter().flatten().copied()
}

/// Related words and phrases out of a general lexicon, each with how near it is: 9 is nearest.
pub(super) fn relatives(phrase: &str) -> impl Iterator<Item = (String, f32)> {
    let list = include_str!("lexicon/thesaurus.txt");
    let word = phrase.replace(' ', "_");
    let line = line_of(list, &word);
    // "headquarters", "earnings": words that have no singular there.
    let line = if line.is_empty() { line_of(list, &(word + "s")) } else { line };
    line.split(' ').filter_map(|relative| {
        let near = relative.chars().next()?.to_digit(10)?;
        #[expect(clippy::cast_precision_loss, reason = "one digit")]
        Some((relative[1..].replace('_', " "), near as f32))
    })
}

/// What follows `word` on its line of a sorted list.
fn line_of(list: &'static str, word: &str) -> &'static str {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = list[..middle].rfind('\n').map_or(0, |end| end + 1);
        let end = list[middle..].find('\n').map_or(list.len(), |length| middle + length);
        let (entry, rest) = list[start..end].split_once(' ').unwrap_or((&list[start..end], ""));
        match entry.cmp(word) {
            std::cmp::Ordering::Equal => return rest,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    ""
}

/// Short stored forms that a word may stand for in a column of codes.
pub(super) fn value_aliases(lemma: &str) -> &'static [&'static str] {
    LEXICON.values.get(lemma).map_or(&[], Vec::as_slice)
}

/// Whether a lemma says nothing about the data by itself.
#[must_use]
pub fn is_stop(lemma: &str) -> bool {
    LEXICON.stop.contains(lemma)
}

/// Whether a word that nothing explains may be left out without changing what is asked.
#[must_use]
pub fn is_overlooked(word: &str) -> bool {
    LEXICON.overlooked.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_thesaurus_is_found_by_its_word() {
        let list = include_str!("lexicon/thesaurus.txt");
        for line in list.lines() {
            let (word, rest) = line.split_once(' ').expect("a word and its relatives");
            assert_eq!(line_of(list, word), rest);
        }
        assert_eq!(line_of(list, "zzz"), "");
    }

    #[test]
    fn relatives_come_with_how_near_they_are() {
        let found: Vec<_> = relatives("singer").filter(|(other, _)| other == "vocalist").collect();
        assert_eq!(found, [("vocalist".to_owned(), 9.0)]);
    }
}
