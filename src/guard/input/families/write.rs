//! Requests to write. They do no harm, since nothing here writes; they are answered before a model is asked.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::{Text, Word};
use crate::guard::input::words::{CHANGE, SHOWN, STORED, WRITE};

use super::sql;

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "and save|commit|persist it|them|the|this|that|changes|permanently",
        "save|commit|persist the|these|all|my change|changes|update|updates",
        "then|and|now remove|delete|drop|wipe|truncate|update the|all|them|it|every|everything",
        "get rid of",
        "make me|him|her|them|myself|user|everyone a|an|the|admin * administrator|admin|superuser|owner|manager|root",
        "make me|him|her|them|myself|user|everyone administrator|admin|superuser|owner|root|an",
        "and commit|save",
        "build|create|add|put an|a|the|another index|trigger|constraint|procedure on|to|for|in",
        "create|build|add|drop index|trigger|constraint|procedure on|to|for",
        "add|create|register|insert a|another|one|two new|additional",
        "take|bring|set|put|push|cut * down|up|back to * zero|one|0|1",
        "give * a|an new date|status|price|role|name|value|salary|address|password|owner|label",
        "give|grant * write|admin|full|superuser|root|edit access|rights|role|privileges|permission|permissions",
        "give him|her|them|user|users|everyone|myself|public|this * access|rights|privileges|permissions|raise|discount|refund|credit",
        "give me * admin|access|rights|privileges|permissions|discount|refund|credit|raise",
        "run|execute|do|perform|start a|an|the|this update|delete|insert|drop|truncate|migration|deletion|cleanup",
    ])
});

/// Languages whose words run together: what tells to write, and what makes a question or a remark of it.
const UNSPACED: &[(&[&str], &[&str])] = &[
    (
        &["删除", "刪除", "清空", "删掉", "刪掉"],
        &[
            "多少",
            "几",
            "已删除",
            "已刪除",
            "被删除",
            "被刪除",
            "哪些",
            "删除了",
            "刪除了",
            "删除的",
            "刪除的",
            "删除率",
        ],
    ),
    (
        &["更新", "修改", "插入", "添加"],
        &["多少", "几", "哪些", "了", "的", "最近", "时间", "日期", "已", "?", "显示", "列出"],
    ),
    (&["削除して", "消して", "変更して", "更新して", "追加して", "消去して"], &["いますか", "いる"]),
    (&["삭제해", "삭제하세요", "지워", "변경해", "수정해", "추가해"], &["삭제해서", "몇"]),
    (&["xóa bảng", "xoá bảng", "xóa tất cả", "xoá tất cả", "xóa người"], &["bao nhiêu"]),
    (&["ลบตาราง", "ลบข้อมูล", "ลบผู้ใช้"], &["กี่"]),
    (&["हटा दो", "हटाओ", "मिटा दो", "मिटाओ", "डिलीट कर"], &["कितने"]),
];

/// Where a clause tells somebody to change what is stored; how it is shown may be changed.
pub(super) fn is_asked(text: &Text<'_>) -> bool {
    if sql::is_sought(text.plain) {
        return false;
    }
    let commanded = text.words.iter().enumerate().filter(|(_, word)| word.opens).any(|(at, word)| {
        let rest: Vec<&Word<'_>> = text.words[at + 1..].iter().take_while(|next| next.clause == word.clause).collect();
        let Some(next) = rest.first() else { return false };
        // "Update it for the last 30 days" is about the query.
        let is_again = word.text == "update" && ["it", "this", "that", "for", "me"].contains(&next.text);
        let writes = word.means & WRITE != 0 && !is_noun_before(next.text) && !is_again;
        (writes || word.means & CHANGE != 0 && changes(word.text, &rest)) && !is_shown(&rest)
    });
    let glued = |(verbs, others): &(&[&str], &[&str])| text.holds(verbs) && !text.holds(others);
    commanded || text.says(&PHRASES) || UNSPACED.iter().any(glued)
}

/// Whether only the answer is changed: "drop the decimals", "insert the country next to each user in the result".
fn is_shown(rest: &[&Word<'_>]) -> bool {
    let pair = |first: &str, seconds: &[&str]| {
        rest.windows(2).any(|pair| pair[0].text == first && seconds.contains(&pair[1].text))
    };
    rest.iter().any(|word| word.means & SHOWN != 0)
        && !rest
            .iter()
            .any(|word| matches!(word.text, "table" | "database") && !pair("table", &["of", "with", "showing"]))
        || rest.iter().any(|word| matches!(word.text, "showing" | "displayed" | "shown"))
        || pair("top", &["row", "rows"])
        || pair("first", &["row", "rows"])
        || pair("last", &["row", "rows"])
        || pair("next", &["to"])
        || pair("when", &["you", "showing", "displaying", "counting"])
        || pair("in", &["brackets", "parentheses", "bold"])
        || pair("from", &["consideration"])
        || pair("table", &["of", "with", "showing", "comparing", "for"])
}

/// Whether a verb before `next` is a noun: "delete rate by month", "update history".
fn is_noun_before(next: &str) -> bool {
    const NEXT: &[&str] = &[
        "rate",
        "rates",
        "count",
        "counts",
        "history",
        "log",
        "logs",
        "flag",
        "flags",
        "date",
        "dates",
        "time",
        "times",
        "frequency",
        "me",
        "us",
        "off",
        "shipping",
        "requests",
        "events",
        "by",
        "per",
        "and",
        "is",
        "was",
        "were",
        "has",
        "in",
        "statistics",
        "vs",
        "versus",
        "avenue",
        "street",
    ];
    NEXT.contains(&next)
}

/// Whether `verb` changes a stored thing: which one is said, or what it becomes.
fn changes(verb: &str, rest: &[&Word<'_>]) -> bool {
    let near = &rest[..rest.len().min(4)];
    let owned = rest.iter().any(|word| ["my", "our", "table", "database"].contains(&word.text));
    let stored =
        owned || near.iter().any(|word| word.means & STORED != 0 && !["the", "a", "an", "its"].contains(&word.text));
    let becomes = rest.iter().any(|word| ["to", "by", "as", "into", "from"].contains(&word.text));
    let possessive = rest.iter().any(|word| word.text.ends_with("'s"));
    match verb {
        "set" | "change" | "increase" | "decrease" | "raise" | "reduce" | "lower" | "adjust" | "assign"
        | "transfer" | "move" | "bump" | "put" | "take" => (stored || possessive) && becomes,
        "double" | "halve" | "reset" | "edit" | "modify" | "promote" | "fix" | "correct" | "mark" => {
            stored || possessive
        }
        "create" | "add" | "register" | "write" | "import" | "load" | "copy" | "merge" => {
            stored && !rest.iter().any(|word| ["names", "name", "showing", "per"].contains(&word.text))
        }
        "cancel" | "archive" | "refund" | "clear" | "empty" | "approve" | "restore" | "undo" | "clean" | "replace"
        | "fire" => stored,
        _ => false,
    }
}
