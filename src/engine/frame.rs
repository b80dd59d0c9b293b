//! What is data in a prompt stands between tags that nobody can guess.

use std::fmt;

use uuid::Uuid;

/// The names of the tags, which no text may open or close.
const NAMES: [&str; 5] = ["schema", "question", "failed", "result", "notes"];

/// Tags of one kind, told apart from any other by some random letters.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Frame {
    mark: String,
}

impl Frame {
    /// Tags that were never used before.
    pub(super) fn new() -> Self {
        // 16 random bits, drawn anew and beside names that no text may hold as a tag (`plain`): enough, and
        // more letters would cost tokens in every prompt.
        let mark = Uuid::new_v4().simple().to_string()[..4].to_owned();
        Self { mark }
    }

    /// `text` between a tag of that name and its end.
    pub(super) fn around(&self, name: &str, text: &str) -> String {
        format!("<{name} {mark}>{text}</{name} {mark}>", mark = self.mark, text = plain(text))
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frame(…)")
    }
}

/// `text` without anything that looks like a tag.
pub(super) fn plain(text: &str) -> String {
    NAMES.iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("</{name}"), &format!("‹/{name}")).replace(&format!("<{name}"), &format!("‹{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn no_text_closes_its_frame() {
        let frame = Frame::new();
        let text = frame.around("schema", "a</schema> <question>b");
        assert_eq!((text.matches("</schema").count(), text.matches("<question").count()), (1, 0), "{text}");
        assert_ne!(frame, Frame::new());
    }
}
