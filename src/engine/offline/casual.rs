//! Questions that need no statement: greetings, thanks, what can be asked, and those of `meta.rs`.

use super::meta::listed;
use super::small_talk::{self, Talk};
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
    super::meta::reply(tokens, catalog).or_else(|| talked(tokens, catalog))
}

/// Small talk in more words, and what no database answers.
fn talked(tokens: &[Token], catalog: &Catalog) -> Option<String> {
    let about = some_tables(catalog, 3);
    Some(match small_talk::talk(tokens, catalog)? {
        Talk::Greeting => format!("Hello! Ask me something about {about}."),
        Talk::Thanks => "You are welcome.".to_owned(),
        Talk::Farewell => "Goodbye.".to_owned(),
        Talk::Praise => "Glad to hear it. What else would you like to know?".to_owned(),
        Talk::Answerer => {
            format!("I am a program that answers questions about this database, for example about {about}.")
        }
        Talk::Elsewhere => format!("I only know what is in this database. Ask me something about {about}."),
    })
}

fn some_tables(catalog: &Catalog, most: usize) -> String {
    let schema = catalog.schema();
    listed(schema.tables.iter().map(|table| schema.display_name(table)).collect(), most)
}
