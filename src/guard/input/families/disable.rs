//! A protection is to be taken away, or got past.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{DISABLE, IGNORE, PROTECTION};

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        // off
        "its|your|the|with safeguards|guardrails|restrictions|filters|safety|guards * removed|disabled|off|lifted|stripped",
        "turn|switch|shut off|down * guard|guards|guardrails|guardrail|filter|filters|read-only|readonly|read|validation|validator|masking|safety|security|protection|checks|limits|restrictions",
        "turn|switch * guard|guards|guardrails|filter|filters|read-only|validation|validator|masking|safety|security|protection|checks|restrictions off",
        "leave|exit|end|quit read-only|readonly|safe|restricted",
        "read-only|readonly mode off|is|disabled|no",
        "make|set|open|reconnect|connect * read-write|writable|writeable",
        "read_only to|false|off",
        "pii masking|filter|redaction off|is",
        "row|row-level|rls level|filter|filters|security * off|disabled|disable|bypass",
        "safety|security settings|setting|filter|filters|checks|controls|policy|policies|measures|features off|disabled|aside",
        "override|disable|remove|drop|lift|ignore|skip|bypass|suspend|relax|change your|the|all|any safety|security|content|table|read|sql settings|filter|filters|controls|control|checks|policy|allow|block|only|guard|validator|restriction|restrictions|list",
        "remove|drop|lift|disable|raise|ignore|bypass the|all|any|your restriction|restrictions|guard|guards|guardrails|safeguards|blocklist|allowlist|masking|read-only",
        "disable|skip|bypass|ignore|override|lift|circumvent|evade|drop|remove|raise * block|allow|deny list|lists",
        "disable|skip|bypass|ignore|override|lift|circumvent|evade|remove * row|rate|table|query|size limit|limits",
        "disable|skip|bypass|ignore|override|lift|circumvent|evade * security|permission|permissions|authorization|authentication",
        "switch|change|move|go from|off * read-only|readonly",
        "don't|not|never|stop mask|masking|redact|redacting|anonymize|anonymise|anonymizing|pseudonymize|sanitize",
        "in clear|plain text",
        // without
        "without validation|validating|masking|redaction|guard|guardrails|sanitizing|sanitization",
        "without the|any|your validation|validator|masking|guard|guardrails|safety|security|read-only|permission",
        "unmask|unredact|unmasked|unredacted",
        "trick|fool|deceive|confuse|cheat the|your|a validator|guard|checker|parser|filter|filters|guardrails|scanner",
        "full|complete|raw|unmasked|cleartext|plaintext card|credit|ssn|social|passport number|numbers|security|card",
        // past
        "so the|that * filter|filters|validator|guard|check|checker|scanner|policy|firewall|audit|monitor|dlp|detector|masking|parser|layer|redaction|scrubber|it * does|doesn't|won't|cannot|can't|will|only|misses|not|fails",
        "not be|get detected|noticed|caught|logged|flagged|blocked|masked",
        "get|work|go|sneak|slip|smuggle|route around|past|through|by|from * restriction|restrictions|filter|filters|guard|guards|blocklist|allowlist|policy|policies|validator|validation|check|checks|masking|rules|security|block|controls|detection",
        "around|past|work|circumvent|evade|evading|avoid|avoiding|avoids|sidestep|sidestepping|dodge|fool|trick|defeat|bypasses|bypass the|your|any|all|blocked|around * denylist|filter|filters|guard|guards|blocklist|allowlist|restriction|restrictions|validator|validation|check|checks|masking|detection|security|policy|control|controls|read-only",
        "split|hide|disguise|conceal|wrap|encode|obfuscate|alias * statement|statements|query|sql|table|output|values|value|name|column|it * filter|validator|guard|detect|notice|sees|checker|undetected|detected|detection",
    ])
});

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    !text.is_question() && (text.pair(DISABLE | IGNORE, PROTECTION, 5) || text.says(&PHRASES))
}
