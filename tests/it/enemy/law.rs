//! The texts of the law, allowed and refused alike.

use std::path::Path;

/// Every text in `tests/spec/guard/*.md`, each once, in the order of the pages.
///
/// # Panics
/// When there are none: whoever reads them would prove nothing.
pub fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec/guard");
    let mut pages: Vec<_> =
        std::fs::read_dir(folder).expect("the law is there").map(|entry| entry.expect("a page").path()).collect();
    pages.sort();
    let mut texts = Vec::new();
    for page in pages {
        let page = std::fs::read_to_string(page).expect("a text");
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("```sql ") {
                let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
                texts.extend(body.join("\n").split("\n\n").map(unescaped).filter(|text| !text.trim().is_empty()));
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    assert!(texts.len() > 300, "only {} texts of the law were found", texts.len());
    texts
}

/// Puts the character in place of its number, written `\u{a0}`.
pub fn unescaped(sql: &str) -> String {
    let mut parts = sql.split("\\u{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("a closed escape");
        let number = u32::from_str_radix(number, 16).expect("a number");
        text.push(char::from_u32(number).expect("a character"));
        text.push_str(rest);
    }
    text
}
