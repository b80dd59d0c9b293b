//! Somebody who says that it is allowed.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{AUTHORITY, ORDERS, PERMIT, PROTECTION};

static SOMEBODY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "i am|i'm the|your|a|an|from|with|admin|root|authorized|authorised",
        "i'm the|your|a|an|from|with|admin|root|authorized|authorised",
        "as your|the|an|a",
        "this is",
        "on behalf of",
        "speaking as",
        "by order of",
        "from|by the security|compliance|legal|admin|engineering|it|ops|management|devops",
        "compliance|security|legal|management|it|admin|administrator|ceo|cto|operator|owner|support has|have|team|just|department|already|says|said|wants|asked|approved|authorized|authorised",
        "my|the|our manager|boss|ceo|cto|admin|supervisor|dba|lead has|approved|authorized|authorised|said|says|gave",
    ])
});

static LIFTS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "you may|can|must|should|have",
        "authorize|authorise|allow|permit you|this|me",
        "authorized|authorised|allowed|permitted|cleared|approved you|me|us",
        "grant|granted|granting you|me|us|an|a|permission|access|exception",
        "disable|bypass|override|skip|lift|ignore the|pii|all|any|masking|your",
        "output|show|print|reveal|read the blocked|hidden|forbidden|secret|secrets",
        "exception",
        "have|has clearance|permission|authorization|authorisation|approval|full",
        "i|we authorize|authorise|approve|permit|allow",
        "testing you|your",
        "emergency",
        "approved * write|update|change|deletion|access|export|delete",
        "full|unrestricted|complete access",
    ])
});

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    // "Which users was the admin role granted to" is asked, nobody claims to be one.
    !text.is_question()
        && text.has(AUTHORITY)
        && text.says(&SOMEBODY)
        && (text.pair(PERMIT, ORDERS | PROTECTION, 8) || text.says(&LIFTS))
}
