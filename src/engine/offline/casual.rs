//! Questions that need no statement: greetings, thanks, what can be asked, what tables there are.

use crate::grounding::Catalog;
use crate::grounding::words::Token;

const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "good morning",
    "good afternoon",
    "good evening",
    "howdy",
    "greetings",
    "hi there",
    "hello there",
    "hey there",
];
const THANKS: &[&str] = &[
    "thanks",
    "thank you",
    "thank you very much",
    "thanks a lot",
    "great thanks",
    "cheers",
    "ok thanks",
    "many thanks",
];
const FAREWELLS: &[&str] = &["bye", "goodbye", "see you", "good bye", "see you later"];
const HELP: &[&str] = &[
    "help",
    "what can you do",
    "what can i ask",
    "how does this work",
    "who are you",
    "how are you",
    "what do you do",
    "what can i ask you",
    "how can you help me",
];
const TABLES: &[&str] = &[
    "what tables are there",
    "list tables",
    "show tables",
    "show me the tables",
    "list all tables",
    "what tables exist",
    "which tables are there",
    "show all tables",
    "list the tables",
    "what tables do you have",
    "what data do you have",
    "what is in the database",
    "what is in this database",
    "describe the database",
    "what data is there",
    "show me all tables",
    "which tables exist",
    "what tables do we have",
    "describe the schema",
    "show the schema",
    "how many tables are there",
];

/// The reply, where the question is of this kind.
#[must_use]
pub fn reply(tokens: &[Token], catalog: &Catalog) -> Option<String> {
    let words: Vec<&str> = tokens
        .iter()
        .filter(|token| token.lower.chars().any(char::is_alphanumeric))
        .map(|token| token.lower.as_str())
        .collect();
    let text = words.join(" ");
    let is = |list: &[&str]| list.contains(&text.as_str());
    if is(GREETINGS) {
        return Some(format!("Hello! Ask me something about {}.", some_tables(catalog, 3)));
    }
    if is(THANKS) {
        return Some("You are welcome.".to_owned());
    }
    if is(FAREWELLS) {
        return Some("Goodbye.".to_owned());
    }
    if is(HELP) {
        return Some(format!(
            "I answer questions about this database from its own rows, for example how many {} there are. There are tables about {}.",
            catalog.schema().tables.first().map_or("rows", |table| table.name.as_str()),
            some_tables(catalog, 5)
        ));
    }
    if is(TABLES) {
        let count = catalog.schema().tables.len();
        let noun = if count == 1 { "table" } else { "tables" };
        return Some(format!("There are {count} {noun}: {}.", some_tables(catalog, 60)));
    }
    described(&words, catalog)
}

fn some_tables(catalog: &Catalog, most: usize) -> String {
    let schema = catalog.schema();
    let mut names: Vec<String> = schema.tables.iter().take(most).map(|table| schema.display_name(table)).collect();
    let left = schema.tables.len().saturating_sub(most);
    if left > 0 {
        names.push(format!("{left} more"));
    }
    match names.as_slice() {
        [] => "nothing: no table can be seen".to_owned(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// "describe orders", "what columns does orders have"
fn described(words: &[&str], catalog: &Catalog) -> Option<String> {
    let asks = ["describe", "columns", "column"].iter().any(|word| words.contains(word)) && words.len() <= 7;
    let filler = [
        "describe", "table", "the", "what", "which", "columns", "column", "does", "have", "are", "in", "of", "show",
        "list", "me",
    ];
    let mut left = words.iter().filter(|word| !filler.contains(word));
    let named = left.next().filter(|_| asks && left.next().is_none())?;
    let table = catalog.schema().tables.iter().find(|table| table.name.eq_ignore_ascii_case(named))?;
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("{} ({})", column.name, column.type_name)).collect();
    Some(format!("{} has {} columns: {}.", table.name, columns.len(), columns.join(", ")))
}
