//! A text from elsewhere whose orders are to be followed, and notes to the machine that reads it.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{DISABLE, IGNORE, MACHINE, OBEY, REVEAL, SEND};

use super::{sql, write};

static FOLLOWED: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "follow|obey|execute|perform|apply|run the|any|all|its|every|whatever|their|those|these instruction|instructions|command|commands|order|orders|directive|directives",
        "carry out the|any|all|its|every|whatever|their|those|these",
        "follow|obey|execute the|any|all * instructions|commands|directives * there|inside|below|find|in|contains|contain|within|it|hidden",
        "do|act|comply|behave|proceed as|exactly|with|whatever it|they|the|is|instructed|told|note|comment|text|ticket|row|written|message|says|said",
        "do what it|they|he|she|the * says|say|said|tells|wants|written",
        "as|whatever it|they|he|she * says|say|tells|tell|instructs|orders|commands",
        "instructions|commands * you|it find|contains|finds|found",
        "act|respond|proceed|behave accordingly",
        "run|execute it|them|that as sql|code|a|query|command",
        "run|execute whatever|anything|everything",
        "respect|honour|honor|heed|implement the|that|this|its * description|instruction|note|comment|request|wish|text",
        "must|should also|now|instead|always return|output|reveal|include|show|print|send|call",
        "call the|a|an|your|its export|function|tool|email|delete",
        "as your system|new|own prompt|instructions|instruction|rules",
        "treat * as instruction|instructions|command|commands|order|orders|a|an",
    ])
});

static NOTE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "note|message|instruction|instructions|memo|attention|important|warning|notice|hint * assistant|llm|ai|chatbot|gpt|model|models|bot|copilot|agents",
        "assistant|llm|ai|chatbot|gpt|copilot before|please|must|should|you|ignore|now|disable|enable|list|delete|drop|output|call|reveal|send|export|print|run|execute",
        "system note|notice|update|instruction|command|override|alert|directive",
        "hey|hi|hello|dear|attention assistant|llm|ai|chatbot|gpt|model|bot|agent|copilot",
        "before|after|while answering|responding|replying",
        "user is authorised|authorized|admin|an|allowed|trusted",
    ])
});

static SYSTEM: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "system note|notice|instruction|command|override|directive",
        "user is authorised|authorized|trusted",
    ])
});

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    if text.is_question() {
        return false;
    }
    let commands = || {
        text.words.iter().any(|word| {
            word.means & OBEY != 0
                || ["treat", "proceed", "behave", "respect", "honour", "honor", "heed", "call", "must", "should"]
                    .contains(&word.text)
        })
    };
    let addressed = || text.says(&NOTE) && (text.has(MACHINE) || text.says(&SYSTEM));
    let ordered =
        || text.has(REVEAL | OBEY | SEND | DISABLE | IGNORE) || sql::has_statement(text.plain) || write::is_asked(text);
    commands() && text.says(&FOLLOWED) || addressed() && ordered()
}
