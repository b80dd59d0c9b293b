//! A command in a disguise that the model is to take off.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{DECODE, OBEY};

static DISGUISED: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "first|initial|last letters|letter|characters",
        "put|join|glue|stitch|add|combine them|the|these|those|together|pieces|parts|strings",
        "read|say|spell * backwards|backward|reverse|reversed",
        "spelled|spell|spells out",
        "hidden message|instruction|command|instructions|here|below",
    ])
});

static OBEYED: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "execute|run|obey|follow|perform|apply|do|comply|carry it|that|this|what|the|them|with|as|out|hidden|decoded|result|instruction|instructions|command",
        "do as|what|that|it|so|exactly",
        "and|then execute|run|obey|follow|perform|comply|do|act|answer",
        "execute|run|obey|follow * following|result|decoded|hidden|hex|base64|rot13|text|string|command|instruction",
    ])
});

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    let commands = text.words.iter().any(|word| word.means & (OBEY | DECODE) != 0 && word.opens);
    commands && !text.is_question() && (text.has(DECODE) || text.says(&DISGUISED)) && text.says(&OBEYED)
}
