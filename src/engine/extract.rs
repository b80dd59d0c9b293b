//! Finds the answer in what a model wrote, however it wrapped it: JSON, JSON in a fence or between
//! sentences, SQL in a fence, or bare SQL.

use serde_json::{Deserializer, Map, Value as Json};

use super::thoughts;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// The object that was asked for, or one much like it.
    Object(Map<String, Json>),
    /// A statement and nothing around it.
    Sql(String),
}

/// Members by which the object is known.
const MEMBERS: [&str; 4] = ["sql", "needs_clarification", "is_casual", "clarification_question"];
/// What models call `sql` when nothing holds them to the name.
const OTHER_NAMES: [&str; 5] = ["query", "sql_query", "SQL", "statement", "code"];
/// Places where an object could begin that are tried: answers have a handful, an attack has many.
const MOST_PLACES: usize = 200;

/// The answer in `text`, or `None` when there is neither JSON nor SQL in it.
pub(super) fn extract(text: &str) -> Option<Found> {
    let text = thoughts::without(text);
    if let Some(object) = object(text) {
        return Some(Found::Object(object));
    }
    let fenced = fences(text).into_iter().find_map(statement);
    fenced.or_else(|| bare(text)).map(Found::Sql)
}

fn object(text: &str) -> Option<Map<String, Json>> {
    let places = text.match_indices('{').take(MOST_PLACES);
    let mut covered = 0;
    for (place, _) in places {
        if place < covered {
            continue;
        }
        let mut values = Deserializer::from_str(&text[place..]).into_iter::<Json>();
        if let Some(Ok(Json::Object(object))) = values.next() {
            covered = place + values.byte_offset();
            if let Some(object) = known(object) {
                return Some(object);
            }
        }
    }
    None
}

/// `object`, or the one inside it, when it is the answer.
fn known(mut object: Map<String, Json>) -> Option<Map<String, Json>> {
    let other = OTHER_NAMES.into_iter().find(|name| object.get(*name).is_some_and(Json::is_string));
    if !object.contains_key("sql")
        && let Some(sql) = other.and_then(|name| object.remove(name))
    {
        object.insert("sql".to_owned(), sql);
    }
    if MEMBERS.iter().any(|member| object.contains_key(*member)) {
        return Some(object);
    }
    object.into_iter().find_map(|(_, value)| match value {
        Json::Object(inner) => known(inner),
        _ => None,
    })
}

/// What stands between fences of three backticks, without the language behind the first.
fn fences(text: &str) -> Vec<&str> {
    let language =
        |piece: &str| piece.chars().take_while(|letter| letter.is_alphanumeric()).map(char::len_utf8).sum::<usize>();
    let pieces = text.split("```").skip(1).step_by(2);
    // `SELECT` right behind the fence is no language.
    pieces.map(|piece| if begins(piece) { piece } else { &piece[language(piece)..] }).collect()
}

/// `text` as one statement, when it begins like one that reads.
pub(super) fn statement(text: &str) -> Option<String> {
    let text = fences(text).into_iter().next().unwrap_or(text);
    let text = text.trim().trim_end_matches(|letter: char| letter == ';' || letter.is_whitespace());
    begins(text).then(|| text.to_owned())
}

/// A statement that stands alone or begins a line; it ends at its semicolon or at an empty line.
fn bare(text: &str) -> Option<String> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if begins(line) {
            let rest = &text[start..];
            let end = [rest.find(";\n"), rest.find("\n\n"), rest.find("; ")].into_iter().flatten().min();
            return statement(&rest[..end.unwrap_or(rest.len())]).filter(|sql| reads_like_sql(sql));
        }
        start += line.len();
    }
    None
}

fn begins(text: &str) -> bool {
    let text = text.trim_start().trim_start_matches('(').trim_start();
    ["select", "with"].iter().any(|word| {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && text[word.len()..].starts_with(|next: char| next.is_whitespace() || "*('\"`[".contains(next))
    })
}

/// "With pleasure!" and "Select what you need" begin like a statement too.
fn reads_like_sql(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    match words.first().map(String::as_str) {
        Some("with" | "(with") => has("select") || text.to_lowercase().contains("(select"),
        _ => has("from") || words.len() <= 3,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Found, extract};

    #[test]
    fn finds_json_wherever_it_stands() {
        let wanted = json!({"sql": "SELECT '{' FROM t"}).as_object().cloned().map(Found::Object);
        for text in [
            r#"{"sql": "SELECT '{' FROM t"}"#,
            "```json\n{\"sql\": \"SELECT '{' FROM t\"}\n```",
            "Sure {of course}! {\"note\": 1} Here: {\"sql\": \"SELECT '{' FROM t\"} Done {.",
            "<think>{\"sql\": \"SELECT 2\"}</think>{\"sql\": \"SELECT '{' FROM t\"}",
            r#"{"answer": {"query": "SELECT '{' FROM t"}}"#,
        ] {
            assert_eq!(extract(text), wanted, "{text}");
        }
    }

    #[test]
    fn finds_sql_without_json() {
        for text in [
            "SELECT a\nFROM t;",
            "select a\nFROM t",
            "```sql\nSELECT a\nFROM t;\n```",
            "```\nSELECT a\nFROM t\n```",
            "Here it is:\n\nSELECT a\nFROM t;\n\nIt lists a.",
            "The statement:\n```SQL\nSELECT a\nFROM t\n```\nGood luck; bye",
        ] {
            let Some(Found::Sql(sql)) = extract(text) else { panic!("{text}") };
            assert_eq!(sql.to_lowercase(), "select a\nfrom t", "{text}");
        }
        assert_eq!(
            extract("WITH x AS (SELECT 1) SELECT * FROM x"),
            Some(Found::Sql("WITH x AS (SELECT 1) SELECT * FROM x".into()))
        );
    }

    #[test]
    fn finds_nothing_in_prose() {
        for text in [
            "",
            "There are 42 orders.",
            "With pleasure! Ask me anything.",
            "Select the table you want, please.",
            "{\"a\": 1}",
            "```python\nprint(1)\n```",
            "{\"sql\": \"SELECT cut",
        ] {
            assert_eq!(extract(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "(```|\\{|\\}|\"sql\"|:|SELECT |é|\n|;|[a-z ]){0,40}") {
            let _ = extract(&text);
        }
    }
}
