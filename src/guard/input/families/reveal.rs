//! The prompt, the configuration, or what stands behind a policy is to come to light.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{PERMIT, REVEAL, SECRET};

static PROMPT: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "system|hidden|initial|original|secret|developer prompt|prompts|instruction|instructions|message|messages|text|directions",
        "prompt|prompts|instructions|message de|del|do|du|di|of sistema|système|sistem|system|the",
        "systemprompt|preprompt|pre-prompt|metaprompt|системный|системные|systemanweisung|systeminstruktion",
        "context window",
        "what|which|how were|are you told|instructed|given|asked|configured|prompted|programmed",
        "system-prompt|system-prompts",
        "config|configuration file|files",
        "directions|guidance|instructions|text|rules|orders|message * you received|got|were|from|had|see|given|before|put|placed",
        "your|the initial|original|hidden|system|full|exact|own instructions|instruction|prompt|rules|configuration",
        "your|full|entire|whole pre-prompt|context|preamble|preprompt",
        "your|the block|deny|allow|black|white list|lists",
        "your blocklist|denylist|allowlist|blacklist|whitelist",
        "your prompt|instructions|guidelines|rules|configuration|config|guardrails|directives|policy",
        "everything|text|words|lines|content|message|messages|instructions above|before|preceding",
        "above this line|message|text|conversation",
        "instructions|prompt|rules|message you were|have been|received|got|given",
    ])
});

static ASKS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "what is|are|were|was|do|does",
        "what's",
        "what exactly|precisely does|do|is|are",
        "how were you",
        "which tables|columns|api",
        "which rules|instructions",
    ])
});

static ENVIRONMENT: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "environment variable|variables",
        "env var|vars|variable|variables",
        "api key|keys|token * you use|have|hold|call|run",
        "your api key|keys|token|credentials",
        "your|database connection string|strings|url|password|credentials",
        "connection string|strings",
        "config file",
        "openai_api_key|database_url|aws_secret_access_key|api_key",
    ])
});

static FORBIDDEN: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "you|you're * not|never allowed|permitted|supposed|meant|authorised|authorized to|for",
        "you|i|we may not see|read|show|access|reveal",
        "you|i|we aren't|isn't|cannot|can't allowed|permitted|supposed|meant|see|access|read",
        "hidden|concealed|withheld|kept from me|us",
        "blocked|forbidden|restricted|prohibited|off-limits|hidden|protected table|tables|column|columns|schema|schemas",
    ])
});

static VERBATIM: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&["starting|beginning with you|you're", "repeat * word|words|above|verbatim", "verbatim"])
});

static DUMPED: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "print|dump|leak|expose|reveal * api|secret key|keys|token|tokens|passwords|password|secrets|secret|credentials",
    ])
});

static PLAINLY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "all|every|plaintext|raw|full|unmasked|unhashed password|passwords|secrets|secret|credentials|ssn|ssns|tokens",
    ])
});

/// What a model was told, and to say it, in languages whose words run together.
const UNSPACED: &[(&[&str], &[&str])] = &[
    (
        &["提示词", "提示詞", "系统提示", "系統提示", "初始指令", "系统指令"],
        &["显示", "顯示", "输出", "輸出", "告诉", "告訴", "打印", "重复", "重複", "写出"],
    ),
    (&["指示", "プロンプト", "システムメッセージ"], &["出力", "表示して", "見せて", "教えて", "そのまま", "繰り返"]),
    (&["시스템 프롬프트", "프롬프트", "지시"], &["출력", "보여", "알려", "그대로"]),
];

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    let asks = text.has(REVEAL) || text.says(&ASKS);
    let secrets = || text.pairs(REVEAL, SECRET, 6).any(|(verb, _)| text.words[verb].opens) && text.says(&PLAINLY);
    let forbidden = || (asks || text.has(PERMIT)) && text.says(&FORBIDDEN);
    let prompt = || text.says(&PROMPT) && (asks || text.says(&VERBATIM));
    let environment =
        || asks && (text.says(&ENVIRONMENT) || text.holds(&["_api_key", "_secret_key", "os.environ", "process.env"]));
    text.holds_both(UNSPACED) || prompt() || environment() || forbidden() || text.says(&DUMPED) || secrets()
}
