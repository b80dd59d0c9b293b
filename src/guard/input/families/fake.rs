//! Marks of a conversation's turns, of a prompt's parts and of tools, which a question has no business to hold.

use crate::guard::input::text::Text;
use crate::guard::input::words::PROTECTION;

const MARKS: &[&str] = &[
    // chat templates
    "<|im_",
    "<|system",
    "<|user|>",
    "<|assistant",
    "<|end",
    "<|start",
    "<|eot",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "<</sys>>",
    "<!--",
    "```system",
    "```admin",
    "end of schema",
    "begin question",
    "end of question",
    "developer note",
    "allow_write",
    "mask_columns",
    "[system]",
    "[/system]",
    "[assistant]",
    "[admin]",
    "role: system",
    "role:system",
    "assistant:",
    "human: ",
    // parts of a prompt
    "<system",
    "</system",
    "<assistant",
    "</assistant",
    "<user_question",
    "</user",
    "</question",
    "</input",
    "</schema",
    "### system",
    "###system",
    "### instruction",
    "### end",
    "### new",
    "### admin",
    "### response",
    "## system",
    "#system",
    "end of user input",
    "end of input",
    "end of prompt",
    "begin admin",
    "begin system",
    "begin override",
    "admin override",
    "system override",
    "-----begin",
    "=====",
    "new system message",
    "new system prompt",
    "system message:",
    "system prompt:",
    "system note",
    "system update",
    // tools and their results
    "<tool",
    "</tool",
    "<function",
    "[tool",
    "\"role\"",
    "'role':",
    "\"tool\"",
    "\"tool_call",
    "\"function\"",
    "\"arguments\"",
    "tool_calls",
    "function_call",
    "final answer:",
    "tool result:",
    "tool output:",
    // options of this package and its like
    "blocked_tables",
    "allowed_tables",
    "allow_writes",
    "enable_guardrails",
    "read_only=",
    "read_only =",
    "\"read_only\"",
];

pub(super) fn is_asked(text: &Text<'_>) -> bool {
    let line = |starts: &[&str]| {
        text.plain.lines().any(|line| {
            let line = line.trim_start_matches(['#', '*', '-', '>', ' ', '[', '"']);
            starts.iter().any(|start| line.starts_with(start))
        })
    };
    let turn = || line(&["system:", "developer:", "system]", "admin:", "tool:", "function:"]);
    let steps = || {
        let seen = [line(&["observation:"]), line(&["thought:"]), line(&["action:"]), line(&["action input:"])];
        seen.iter().filter(|step| **step).count() >= 2 || seen[0] && text.has(PROTECTION)
    };
    text.holds(MARKS) || turn() || steps()
}
