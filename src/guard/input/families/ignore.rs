//! "Ignore your previous instructions": the object of the verb decides, and whose it is.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;
use crate::guard::input::words::{IGNORE, MODELS, ORDERS, PROTECTION, VOID, WHOSE};

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "ignore|disregard|forget|discard * above",
        "ignore|disregard|forget everything|anything|whatever you|above|before|prior|previously|that|we",
        "set|put|leave|brush|throw|cast aside|away * your|the|those|all * instructions|rules|guidelines|constraints|restrictions|policy|policies|training|orders|setup",
        "never|pay|do|don't mind|no|not|listen|heed * rules|instructions|guidelines|constraints|restrictions|attention|developers|developer|above",
        "don't|not|stop listen|listening|attention to * developer|developers|system|rules|instructions|above|top|earlier|wrote|said",
        "whatever|all|everything|anything * told|given|handed|instructed|taught|said * is|are|was|were|before|earlier|void|obsolete",
        "whatever|all|everything you * told|given|handed|instructed|taught",
        "as though|if * rules|rule|safety|instructions|guidelines|restrictions|configuration|policy|section|guard|guardrails * never|not|gone|absent",
        "had|have|has never|not been written|given|set|said|there",
        "as though|if you * no|never|not|without",
        "withdrawn|void|superseded|obsolete * proceed|comply|answer|without|only",
        "fresh|clean start|slate * you|answer|obey|comply",
        "comply|obey with|to|me * everything|anything|whatever|any",
        "listen|answer|obey|report only|solely to|me",
        "ignore|disregard|forget|override what|whatever you|they|the|developers|anyone * told|said|given",
        "forget|ignore who|what you are|were",
        "stop following|obeying|enforcing|applying|respecting",
        "do not|never follow|obey|apply|enforce|respect * rules|rule|policy|policies|instructions|restrictions|limits|list|guidelines",
        "don't follow|obey|apply|enforce|respect * rules|rule|policy|policies|instructions|restrictions|limits|list|guidelines",
        "new instructions|instruction|directive|directives",
        "updated|real|actual|true instructions|instruction|directives|task",
        "your real|true|actual|new|only task|goal|job|purpose|instructions",
        "instructions|rules|guidelines|restrictions|policy|policies * obsolete|void|lifted|suspended|outdated|invalid|cancelled|revoked",
        "rules|restrictions|guidelines|policies|instructions|limits * do|does not|no apply",
        "rules|restrictions|guidelines|policies|instructions|limits don't|doesn't apply",
        "no longer applies|apply|bound|restricted",
        "reset|clear|wipe your|the memory|instructions|guidelines",
        "from now on * you|your|respond|answer|reply|act|do|ignore",
        "start|begin over * new instructions|rules",
    ])
});

/// Verbs and nouns whose words run together.
const UNSPACED: &[(&[&str], &[&str])] = &[
    (
        &["忽略", "无视", "無視", "忘记", "忘掉", "忘記", "不要遵守", "绕过", "繞過"],
        &["指令", "指示", "规则", "規則", "提示词", "提示詞", "限制", "命令", "安全"],
    ),
    (
        &["無視", "忘れ", "従わない", "破棄", "回避"],
        &["指示", "命令", "ルール", "規則", "プロンプト", "制限", "ガイドライン"],
    ),
    (&["무시", "잊어", "잊고", "따르지 마", "우회"], &["지시", "명령", "규칙", "프롬프트", "제한", "지침"]),
    (&["เพิกเฉย", "ละเว้น", "ลืม", "ไม่ต้องสนใจ"], &["คำสั่ง", "กฎ", "คำแนะนำ", "ข้อจำกัด"]),
    (&["bỏ qua", "phớt lờ", "quên", "mặc kệ"], &["hướng dẫn", "chỉ thị", "lệnh", "quy tắc", "chỉ dẫn"]),
    (&["نادیده بگیر", "فراموش کن"], &["دستور", "قوانین", "قواعد"]),
    (&["figyelmen kívül", "felejtsd el"], &["utasítás", "szabály"]),
    (
        &[
            "ne tiens pas compte",
            "ne tenez pas compte",
            "fais abstraction",
            "faites abstraction",
            "haz caso omiso",
            "non tenere conto",
            "beachte nicht",
        ],
        &[
            "instructions",
            "consignes",
            "te dijeron",
            "te han dicho",
            "dicho antes",
            "instrucciones",
            "istruzioni",
            "anweisungen",
            "règles",
            "reglas",
            "regole",
        ],
    ),
    (&["yok say", "görmezden gel", "dikkate alma"], &["talimat", "kural", "komut"]),
    (&["अनदेखा", "नज़रअंदाज़", "नजरअंदाज", "भूल जा"], &["निर्देश", "नियम", "आदेश"]),
];

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    let named = text.pairs(IGNORE, ORDERS, 7).any(|(verb, noun)| {
        let told = text.words[verb + 1..noun].iter().any(|word| word.means & WHOSE != 0);
        told && !text.words.get(noun + 1).is_some_and(|next| is_of_data(next.text))
    });
    // Where the verb comes last, as in Turkish, Hindi and Korean.
    let backwards = !text.plain.is_ascii() && text.pair(ORDERS, IGNORE, 6) && text.pair(WHOSE, ORDERS, 4);
    named || is_void(text) || backwards || foreign(text) || text.says(&PHRASES) || text.holds_both(UNSPACED)
}

/// "Your previous orders have been superseded."
fn is_void(text: &Text<'_>) -> bool {
    let void = |whose: usize, noun: usize| {
        let near = &text.words[whose..text.words.len().min(noun + 7)];
        near.iter().any(|word| word.means & VOID != 0)
    };
    !text.is_question() && text.pairs(MODELS, ORDERS | PROTECTION, 3).any(|(whose, noun)| void(whose, noun))
}

/// In other languages the verb and its object say enough: no table there is likely to be called "instrucciones".
fn foreign(text: &Text<'_>) -> bool {
    let is_foreign = |word: &str| !ENGLISH.contains(&word);
    text.pairs(IGNORE, ORDERS, 7)
        .any(|(verb, noun)| is_foreign(text.words[verb].text) && is_foreign(text.words[noun].text))
}

/// Objects and verbs that English has, too.
const ENGLISH: &[&str] = &[
    "ignore",
    "forget",
    "disregard",
    "override",
    "bypass",
    "skip",
    "drop",
    "wipe",
    "erase",
    "scrap",
    "discard",
    "dismiss",
    "rules",
    "rule",
    "instructions",
    "instruction",
    "policy",
    "policies",
    "orders",
    "commands",
    "restrictions",
    "training",
    "directions",
    "setup",
    "brief",
    "prompt",
    "limitations",
    "constraints",
    "programming",
    "neglect",
    "violate",
    "evade",
    "abandon",
    "ignoring",
    "disregarding",
    "overriding",
    "circumvent",
];

/// What shows that rules are stored things: "ignore the rules table", "ignore instructions with more than ten steps".
fn is_of_data(next: &str) -> bool {
    let of_data = [
        "table", "tables", "column", "field", "rows", "with", "where", "whose", "created", "that", "which", "per", "by",
    ];
    of_data.contains(&next)
}
