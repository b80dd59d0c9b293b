//! Sentences with blanks: how an engine answers without having seen the rows.

use super::{Evidence, cell};
use crate::value::Value;

/// `template` with every blank filled; `None` when one cannot be, or when the template holds a
/// number of its own that was not spoken.
pub(super) fn fill(template: &str, evidence: &Evidence<'_>) -> Option<String> {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(start) = rest.find(['{', '}']) {
        let (before, blank) = rest.split_at(start);
        let end = blank.find('}').filter(|_| blank.starts_with('{'))?;
        push_spoken(&mut text, before, evidence.spoken)?;
        text.push_str(&cell_text(blank[1..end].trim(), evidence)?);
        rest = &blank[end + 1..];
    }
    push_spoken(&mut text, rest, evidence.spoken)?;
    (!text.trim().is_empty()).then_some(text)
}

fn push_spoken(text: &mut String, piece: &str, spoken: &str) -> Option<()> {
    let mut numbers = piece.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty());
    numbers.all(|digits| says(spoken, digits)).then(|| text.push_str(piece))
}

/// Whether `digits` stand in `spoken` as a number of their own, not as a part of a longer one.
fn says(spoken: &str, digits: &str) -> bool {
    spoken.split(|letter: char| !letter.is_ascii_digit()).any(|number| number == digits)
}

fn cell_text(blank: &str, evidence: &Evidence<'_>) -> Option<String> {
    let (rows, locale) = (evidence.rows, evidence.locale);
    if blank.eq_ignore_ascii_case("row_count") {
        return Some(locale.number(&rows.len().to_string()));
    }
    let named = || rows.columns.iter().position(|column| column.name.eq_ignore_ascii_case(blank));
    let index = match blank.strip_prefix('#').and_then(|place| place.parse::<usize>().ok()) {
        Some(place) => place.checked_sub(1).filter(|index| *index < rows.columns.len())?,
        None => named()?,
    };
    match &rows.iter().next()?[index] {
        Value::Null => None,
        value => Some(cell::write(&rows.columns[index].name, value, locale).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fill;
    use crate::answer::Evidence;
    use crate::config::Locale;
    use crate::database::Rows;

    proptest! {
        #[test]
        fn never_panics_and_never_invents_a_digit(template in ".{0,60}") {
            let rows = Rows::default();
            let evidence = Evidence { rows: &rows, spoken: "", locale: Locale::default() };
            if let Some(text) = fill(&template, &evidence) {
                prop_assert!(!text.replace('0', "").contains(|letter: char| letter.is_ascii_digit()));
            }
        }
    }
}
