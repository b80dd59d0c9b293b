//! Somebody without rules, whom a model is to be.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{LAWLESS, OBEY, PRETEND, WHOSE};

use super::{sql, write};

static ROLE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "you are|were now|an|a|my|the|in|no|free|not",
        "you're now|an|a|my|in|no|free",
        "act|behave|respond|answer|talk as|like",
        "pretend|imagine|suppose|assume|simulate|become|roleplay|role-play",
        "let's|let|we'll|we * play|game|role",
        "play|playing a|the|my game|role|part",
        "role play",
        "for|in a|my|the|this novel|story|movie|film|play|script|game|book|scene|screenplay",
        "switch|change|go|enter to|into|in",
        "enter|enable|activate|engage * mode",
        "stay in character",
        "please|just|now be my|a|an|the",
        "you|you'll play|are|portray",
        "let's do",
        "improv|improvise|bedtime|grandmother|grandma",
        "you will|can now",
    ])
});

static FREE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "developer|debug|maintenance|god|admin|root|unsafe|unrestricted|sudo|jailbreak|test|diagnostic|emergency|privileged|service|opposite|raw|superuser|dev mode",
        "no|without|any|zero|free * restriction|restrictions|rules|limits|limitation|limitations|filter|filters|guardrails|guidelines|policy|policies|censorship|safety|security|read-only",
        "filters|rules|restrictions|guards|checks * disabled|off|removed|lifted|suspended|abolished|gone|void",
        "ignores|ignore|bypasses|breaks|violates|skips * policies|rules|security|policy|restrictions|safety|checks",
        "not bound by",
        "free of|from",
        "used|loved to * read|tell|recite|dictate * me|us",
    ])
});

static ACTS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "execute|run it|that|this",
        "really|actually|truly send|run|execute|do|issue|type",
        "runs|executes|performs|types|sends|wipes|deletes truncate|drop|delete|update|insert|alter|a|the",
    ])
});

static PLAIN: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "do anything now",
        "your|an|my|the evil twin|self|version|side|mode|assistant|ai|bot|dba",
        "session|mode|conversation|chat|world with|without|where * no|any|rules|restrictions|limits",
        "jailbreak mode|yourself",
        "mode the|all guard|guards|filter|filters|rules|restrictions|checks is|are off|disabled|suspended",
    ])
});

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    // "Which orders were placed in developer mode?" asks about data.
    let first = text.words.first().map_or("", |word| word.text);
    if ["which", "how", "who", "when", "where", "what", "count"].contains(&first) {
        return false;
    }
    let role = || text.says(&ROLE) || text.words.iter().any(|word| word.opens && word.means & PRETEND != 0);
    let lawless = || text.has(LAWLESS) || text.says(&FREE);
    let acts =
        || sql::has_statement(text.plain) || write::is_asked(text) || text.pair(OBEY, WHOSE, 3) && text.says(&ACTS);
    text.says(&PLAIN) || role() && (lawless() || acts() || text.says(&ACTS))
}
