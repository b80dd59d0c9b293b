//! Lets through what a model writes, piece by piece, as far as its numbers hold.

use super::Evidence;

/// Holds the last word back, so that a number is read with what belongs to it, and a number that is not found until its
/// sentence ends, which may still say how it is computed.
#[derive(Debug)]
pub struct Gate<'a> {
    evidence: Evidence<'a>,
    text: String,
    /// How much of it was let through, in bytes.
    passed: usize,
    is_shut: bool,
}

impl<'a> Gate<'a> {
    /// A gate before numbers that `evidence` does not support.
    #[must_use]
    pub fn new(evidence: Evidence<'a>) -> Self {
        Self { evidence, text: String::new(), passed: 0, is_shut: false }
    }

    /// Takes the next piece; gives what may be shown now: nothing any more once a number does not hold.
    pub fn push(&mut self, piece: &str) -> &str {
        self.text.push_str(piece);
        let whole = end_of_words(&self.text);
        let last = end_of_words(self.text[..whole].trim_end());
        let ended = end_of_sentences(&self.text[..whole]);
        self.pass(whole, last, ended)
    }

    /// The text is complete: gives the rest of it, or none where a number does not hold.
    pub fn finish(&mut self) -> Option<&str> {
        let end = self.text.len();
        let from = self.passed;
        self.pass(end, end, end);
        (!self.is_shut).then(|| &self.text[from..])
    }

    /// Whether something was let through.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.passed > 0
    }

    /// What was pushed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Lets through what stands before `end` and holds, read with what is known up to `known`. What does not hold in
    /// a sentence that is over shuts the gate.
    fn pass(&mut self, known: usize, end: usize, ended: usize) -> &str {
        // What was let through was held to the rows before: they may be many.
        let from = self.passed;
        self.is_shut |= self.evidence.first_unfounded(&self.text[..ended], from).is_some();
        if self.is_shut {
            return "";
        }
        let unfounded = self.evidence.first_unfounded(&self.text[..known], from);
        self.passed = end.min(unfounded.unwrap_or(end)).max(from);
        &self.text[from..self.passed]
    }
}

/// Behind the last blank.
fn end_of_words(text: &str) -> usize {
    text.char_indices().rfind(|(_, letter)| letter.is_whitespace()).map_or(0, |(at, letter)| at + letter.len_utf8())
}

/// Behind the last sign that ends a sentence and the blank that follows it.
fn end_of_sentences(text: &str) -> usize {
    let mut ended = 0;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if letter == '\n' || (letter.is_whitespace() && matches!(before, '.' | '!' | '?')) {
            ended = at + letter.len_utf8();
        }
        before = letter;
    }
    ended
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Gate;
    use crate::answer::Evidence;
    use crate::config::Locale;
    use crate::database::{ResultColumn, Rows};
    use crate::value::Value;

    fn rows() -> Rows {
        let columns = vec![ResultColumn { name: "n".into(), type_name: String::new() }];
        Rows { columns, cells: vec![Value::Int(3), Value::Int(4_000_000)], ..Rows::default() }
    }

    /// What is let through of `pieces`, and whether it was all.
    fn through(pieces: &[&str]) -> (String, bool) {
        let rows = rows();
        let mut gate = Gate::new(Evidence { rows: &rows, spoken: "", locale: Locale::default() });
        let mut shown = String::new();
        for piece in pieces {
            shown.push_str(gate.push(piece));
        }
        let rest = gate.finish().map(str::to_owned);
        let is_all = rest.is_some();
        shown.push_str(&rest.unwrap_or_default());
        (shown, is_all)
    }

    #[test]
    fn what_holds_passes_one_word_late() {
        let rows = rows();
        let mut gate = Gate::new(Evidence { rows: &rows, spoken: "", locale: Locale::default() });
        let shown: Vec<String> =
            ["There ", "are 3", " cats", " and", " dogs."].map(|piece| gate.push(piece).to_owned()).into();
        assert_eq!(shown, ["", "There ", "are ", "3 ", "cats "]);
        assert_eq!(gate.finish(), Some("and dogs."));
    }

    #[test]
    fn a_number_is_read_with_the_words_behind_it() {
        assert_eq!(through(&["About 4 ", "million ", "cats."]), ("About 4 million cats.".into(), true));
        assert_eq!(through(&["About 3 ", "million ", "cats."]), ("About ".into(), false));
    }

    #[test]
    fn a_sum_waits_for_its_sentence_to_say_so() {
        let text = ["There are 4,000,003 ", "cats ", "in total", ". They ", "purr."];
        assert_eq!(through(&text), (text.concat(), true));
        assert_eq!(through(&["There are 4,000,003 ", "cats. ", "They purr."]), ("There are ".into(), false));
    }

    proptest! {
        #[test]
        fn whatever_the_pieces_only_what_holds_passes_as_a_whole(
            pieces in prop::collection::vec("[a-c34 .,\n]{0,4}|million|total| %", 0..12),
        ) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let (shown, is_all) = through(&pieces);
            let whole = pieces.concat();
            prop_assert!(whole.starts_with(&shown));
            if is_all {
                let rows = rows();
                let evidence = Evidence { rows: &rows, spoken: "", locale: Locale::default() };
                prop_assert!(evidence.holds(&whole), "{whole}");
                prop_assert_eq!(shown, whole);
            }
        }
    }
}
