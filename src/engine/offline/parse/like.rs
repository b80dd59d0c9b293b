//! Parts of texts: "names that contain …", "with 'Led' in their titles".

use super::cue::Cue;
use super::draft::{Check, Mention, Noun, Pick};
use super::lattice::Kind;
use super::reader::{Mode, Reader};

impl Reader<'_> {
    /// Whether what stands here is a part of a text: "whose name has X", "with X in their address".
    pub(super) fn part_of_text(&self) -> bool {
        let start = self.chunks[self.at].start;
        let before = start.checked_sub(1).map_or("", |at| self.tokens[at].lower.as_str());
        let held = matches!(before, "has" | "have" | "had" | "having" | "with" | "without");
        if !held || self.compare.is_some() {
            return false;
        }
        let named = self.subject.as_ref().is_some_and(|subject| {
            matches!(&subject.noun, Noun::Column(mention) if mention.rivals.first().is_some_and(|(column, _)| {
                !self.catalog.is_numeric(*column) && !self.catalog.is_temporal(*column)
            }))
        });
        named && matches!(before, "has" | "have" | "had" | "having") || self.text_column_behind().is_some()
    }

    /// The column of "… in their names", and the chunk that names it.
    fn text_column_behind(&self) -> Option<(Mention, usize)> {
        let inside = self.chunks[self.at].end;
        if self.tokens.get(inside).is_none_or(|token| !matches!(token.lower.as_str(), "in" | "within" | "inside")) {
            return None;
        }
        let mut places = self.at + 1..self.chunks.len();
        let small = |kind: &Kind| matches!(kind, Kind::Cue(Cue::Of | Cue::Filler | Cue::Their));
        let place = places.find(|place| !small(&self.chunks[*place].kind))?;
        let Kind::Column(rivals) = &self.chunks[place].kind else { return None };
        let text = rivals
            .first()
            .is_some_and(|(column, _)| !self.catalog.is_numeric(*column) && !self.catalog.is_temporal(*column));
        text.then(|| (Mention { rivals: rivals.clone(), owner: None }, place))
    }

    /// The chunk as the question has it.
    pub(super) fn said(&self) -> String {
        let chunk = &self.chunks[self.at];
        let words: Vec<&str> = self.tokens[chunk.start..chunk.end].iter().map(|token| token.text.as_str()).collect();
        words.join(" ")
    }

    pub(super) fn push_like(&mut self, like: Cue, text: &str) {
        let behind = self.text_column_behind();
        let subject = match behind {
            Some((mention, place)) => {
                self.at = place;
                self.subject = None;
                Some(Pick::plain(Noun::Column(mention)))
            }
            None => self.subject.take().or_else(|| self.last_subject.clone()),
        };
        if self.mode == Mode::Head && !self.is_fresh() {
            self.filter();
        }
        let check = match like {
            Cue::Starts => Check::Starts(text.to_owned()),
            Cue::Ends => Check::Ends(text.to_owned()),
            _ => Check::Contains(text.to_owned()),
        };
        self.push_test(subject, check);
    }
}
