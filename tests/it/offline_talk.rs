//! What is no question about the data is answered as such, and no question about the data is taken for it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};
use db_query_agent::engine::offline::Offline;
use db_query_agent::engine::{Ask, Outcome};
use db_query_agent::grounding::Catalog;
use db_query_agent::guard::{Guard, Policy};

use crate::sqlite::File;

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), placed_on DATE, total REAL);
    CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, price REAL);
    INSERT INTO customers VALUES (1, 'Ada', 'France'), (2, 'Bob', 'Peru');
    INSERT INTO orders VALUES (10, 1, '2026-10-03', 5.0);";

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(14, 30, 0).unwrap()
}

async fn catalog(statements: &str) -> Catalog {
    let file = File::new(statements).await;
    let database = file.open();
    let guard = Guard::new(database.dialect(), Policy::default());
    let schema = Arc::new(database.introspect().await.unwrap());
    Catalog::load(schema, &*database, &guard, Duration::from_secs(10)).await.unwrap()
}

fn casual(question: &str, catalog: &Catalog) -> Option<String> {
    match Offline.answer(&Ask::new(question, catalog, now())) {
        Outcome::Casual(reply) => Some(reply),
        _ => None,
    }
}

#[tokio::test]
async fn small_talk_is_answered_in_kind() {
    let catalog = catalog(SHOP).await;
    for (said, reply) in [
        ("hi", "Hello!"),
        ("Good morning everyone!", "Hello!"),
        ("what's up?", "Hello!"),
        ("how's it going?", "Hello!"),
        ("thanks, that helps!", "You are welcome."),
        ("thank you so much", "You are welcome."),
        ("great, thanks a lot", "You are welcome."),
        ("bye bye", "Goodbye."),
        ("ok, cool", "Glad"),
        ("that was great", "Glad"),
        ("Hey, how are you?", "I am a program"),
        ("who made you?", "I am a program"),
        ("what's your name?", "I am a program"),
        ("are you a robot or a human?", "I am a program"),
        ("nice to meet you", "I am a program"),
        ("I love you", "I am a program"),
    ] {
        let answer = casual(said, &catalog).unwrap_or_else(|| panic!("a question: {said}"));
        assert!(answer.starts_with(reply), "{said}: {answer}");
    }
}

#[tokio::test]
async fn what_no_database_holds_is_not_looked_for() {
    let catalog = catalog(SHOP).await;
    for said in [
        "tell me a joke",
        "what's the weather like in Paris?",
        "what is the capital of Norway?",
        "write me a poem about the sea",
        "who won the world cup?",
        "how do I cook pasta?",
        "what is 2+2?",
        "calculate 3 * (4 - 1)",
        "translate hello to Spanish",
        "what time is it?",
        "what day is it today?",
        "can you write python code?",
    ] {
        let answer = casual(said, &catalog).unwrap_or_else(|| panic!("a question: {said}"));
        assert!(answer.starts_with("I only know what is in this database."), "{said}: {answer}");
    }
}

#[tokio::test]
async fn questions_about_the_data_are_no_small_talk() {
    let catalog = catalog(SHOP).await;
    for asked in [
        "hello, how many orders are there?",
        "thanks, and how many customers?",
        "can you show me the customers?",
        "what can you tell me about products?",
        "ok show me products",
        "which customers do you have?",
        "great products",
        "how are orders doing?",
        "who bought what?",
        "what is the total today",
        "how many?",
        "how much did we make?",
        "what is the capital of France?",
        "2026",
        "more than 3",
    ] {
        assert_eq!(casual(asked, &catalog), None, "{asked}");
    }
}

#[tokio::test]
async fn a_database_may_hold_what_is_talked_about() {
    let catalog = catalog(
        "CREATE TABLE jokes (id INTEGER PRIMARY KEY, text TEXT);
         CREATE TABLE weather (id INTEGER PRIMARY KEY, city TEXT, degrees REAL);
         CREATE TABLE robots (id INTEGER PRIMARY KEY, name TEXT);",
    )
    .await;
    for asked in ["tell me a joke", "what was the weather like in Paris?", "are you a robot?"] {
        assert_eq!(casual(asked, &catalog), None, "{asked}");
    }
}
