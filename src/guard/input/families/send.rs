//! Out of the house.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{OBEY, REVEAL, SEND};

static PLACE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "pastebin|webhook|ngrok|requestbin|gist",
        "to my|this|the|an|external server|webhook|endpoint|url|site|bucket|address|inbox|email|e-mail|drive",
    ])
});

static SENT: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "email|send|post|upload|forward|exfiltrate|transmit|mail * to|my",
        "make|do|issue|perform|trigger a|an dns|http|get|post|web",
        "url|link|address|href|src is|ends|followed|with|equals",
        "whose url|src|address|link",
        "followed by",
        "append|attach * to",
    ])
});

/// The name that is looked up carries the value.
static LOOKUP: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&["make|do|issue|perform|trigger|resolve a|an|one dns|http|get|post|web lookup|request|query|call"])
});

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    let is_address =
        |word: &str| word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if text.says(&LOOKUP) && !text.is_question() {
        return true;
    }
    let place = text.holds(&["http://", "https://", "ftp://"])
        || text.plain.split_whitespace().any(is_address)
        || text.says(&PLACE);
    let commanded = || text.words.iter().any(|word| word.opens && word.means & SEND != 0);
    // What is drawn is fetched, and the address may carry a row.
    let drawn = || text.holds(&["](http", "<img", "<script"]) && text.has(REVEAL | OBEY | SEND);
    place && (commanded() || drawn() || text.says(&SENT) && !text.is_question())
}
