//! The sentence of an answer: as a model writes it from rows, and why nothing matched, on real databases.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use db_query_agent::agent::{Agent, Answer, Event, Events, Question};
use db_query_agent::config::Config;
use db_query_agent::database;
use db_query_agent::dialect::Dialect;
use db_query_agent::engine::{Ask, Engine, Listener, Narration, Outcome, Proposal, Proposed, Tale};
use db_query_agent::llm::Usage;
use tokio::sync::Notify;
use tokio::sync::mpsc::unbounded_channel;

use crate::scratch::Scratch;
use crate::sqlite::File;

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40), city VARCHAR(40), tenant INTEGER);
    CREATE TABLE visits (id INTEGER PRIMARY KEY, customer_id INTEGER);
    INSERT INTO customers VALUES (1, 'John Smith', 'Oslo', 1), (2, 'Jane Doe', 'Rome', 1), (3, 'Ann Lee', 'Oslo', 2);";

/// Proposes the statement that the question is, and tells in two pieces, the second when it is let.
#[derive(Default)]
struct Teller {
    pieces: Option<[&'static str; 2]>,
    go_on: Notify,
}

#[async_trait]
impl Engine for Teller {
    fn name(&self) -> &'static str {
        "teller"
    }

    async fn propose(&self, ask: &Ask<'_>) -> db_query_agent::Result<Proposed> {
        let proposal = Proposal {
            sql: ask.question.to_owned(),
            explanation: String::new(),
            confidence: 1.0,
            template: None,
            plan: None,
            assumptions: Vec::new(),
        };
        ask.bill.unwrap().charge(Usage { calls: 1, ..Usage::default() });
        let (outcome, engine) = (Outcome::Sql(vec![proposal]), "teller".to_owned());
        Ok(Proposed { outcome, engine, warnings: Vec::new(), is_a_models: true })
    }

    async fn tell(&self, tale: &Tale<'_>, heard: Listener<'_>) -> db_query_agent::Result<Option<Narration>> {
        assert!(!tale.rows.is_empty());
        let Some([first, second]) = self.pieces else { return Ok(None) };
        heard(first);
        self.go_on.notified().await;
        heard(second);
        tale.bill.charge(Usage { calls: 1, completion_tokens: 9, ..Usage::default() });
        Ok(Some(Narration { text: format!("{first}{second}"), cut_off: false }))
    }
}

fn agent(url: &str, teller: Arc<Teller>, options: &[(&str, serde_json::Value)]) -> Agent {
    let mut given = serde_json::Map::new();
    given.insert("database_url".to_owned(), url.into());
    given.extend(options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let config = Config::build(&given, &HashMap::new()).unwrap();
    let database = database::connect(&config.database).unwrap();
    Agent::with_parts(config, database, teller).unwrap()
}

fn url_of(file: &File) -> String {
    format!("sqlite:///{}", file.path().display())
}

async fn ask(agent: &Agent, sql: &str) -> Answer {
    let question = Question { text: sql.to_owned(), ..Question::default() };
    agent.query(question, &Events::default()).await.unwrap()
}

/// What is told before the model may go on, in all, and the answer.
async fn narrated(pieces: [&'static str; 2], shown: &str) -> (String, Answer) {
    let file = File::new(SHOP).await;
    let teller = Arc::new(Teller { pieces: Some(pieces), ..Teller::default() });
    let agent = agent(&url_of(&file), Arc::clone(&teller), &[("share_results", true.into())]);
    let (sender, mut events) = unbounded_channel();
    let question = Question { text: "SELECT name FROM customers ORDER BY id".to_owned(), ..Question::default() };
    let asked = tokio::spawn(async move { agent.query(question, &Events::to(sender)).await.unwrap() });
    let mut told = String::new();
    while told.len() < shown.len() {
        match events.recv().await.expect("more is told") {
            Event::Text(piece) => told.push_str(&piece),
            Event::Done(_) => panic!("the model was not let go on"),
            _ => {}
        }
    }
    assert_eq!(told, shown);
    teller.go_on.notify_one();
    while let Some(event) = events.recv().await {
        if let Event::Text(piece) = event {
            told.push_str(&piece);
        }
    }
    (told, asked.await.unwrap())
}

#[tokio::test]
async fn a_sentence_is_told_while_it_is_written() {
    let (told, answer) = narrated(["All 3 are known: ", "John Smith and others."], "All 3 are ").await;
    assert_eq!(told, "All 3 are known: John Smith and others.");
    assert_eq!((answer.natural_response, answer.warnings), (told, Vec::<String>::new()));
    assert_eq!((answer.usage.calls, answer.usage.completion_tokens), (2, 9));
}

#[tokio::test]
async fn what_does_not_hold_is_never_told() {
    let plain = "There are 3: John Smith, Jane Doe and Ann Lee.";
    let (told, answer) = narrated(["There are many, ", "namely 400. So it is."], "There are ").await;
    assert_eq!(told, format!("There are \n{plain}"));
    assert_eq!(answer.natural_response, plain);
    assert!(answer.warnings[0].contains("no cell"), "{:?}", answer.warnings);
}

#[tokio::test]
async fn no_model_is_asked_to_tell_unless_rows_may_be_shown() {
    let file = File::new(SHOP).await;
    let teller = Arc::new(Teller { pieces: Some(["never ", "said"]), ..Teller::default() });
    let agent = agent(&url_of(&file), teller, &[]);
    assert_eq!(ask(&agent, "SELECT count(*) AS n FROM customers").await.natural_response, "The n is 3.");
}

async fn reasons(url: &str, options: &[(&str, serde_json::Value)]) {
    let agent = agent(url, Arc::default(), options);
    agent.warm_up().await.unwrap();
    for (sql, expected) in [
        (
            "SELECT id FROM customers WHERE name = 'Jon Smith'",
            "No rows match. Without `name = 'Jon Smith'` there would be some; the `name` nearest to 'Jon Smith': \
             'John Smith'.",
        ),
        (
            "SELECT count(*) AS n FROM customers c WHERE lower(c.name) = 'jon smith' AND c.city = 'Oslo'",
            "The n is 0. Without `lower(c.name) = 'jon smith'` there would be some; the `name` nearest to 'jon smith': \
             'John Smith'.",
        ),
        (
            "SELECT max(id) AS m FROM customers WHERE city = 'Rome' AND name = 'Ann Lee'",
            "There is no m: nothing matches. Nothing meets `city = 'Rome'` and `name = 'Ann Lee'` together, though \
             without any of them there would be some.",
        ),
        (
            "SELECT v.id FROM visits v WHERE v.customer_id > 3",
            "No rows match. There is nothing to choose from: `visits` has no rows.",
        ),
        (
            "SELECT city, count(*) AS n FROM customers WHERE id > 0 GROUP BY city HAVING count(*) > 9",
            "No rows match. Without `count(*) > 9` there would be some.",
        ),
        (
            "SELECT id FROM customers WHERE id = 99 AND city = 'Lima'",
            "No rows match. More than one of the conditions leaves nothing.",
        ),
        // A row that holds a zero is an answer.
        ("SELECT id - 1 AS zero FROM customers WHERE id = 1", "The zero is 0."),
    ] {
        assert_eq!(ask(&agent, sql).await.natural_response, expected, "{sql}");
    }
}

#[tokio::test]
async fn why_nothing_matched_is_said_on_sqlite() {
    let file = File::new(SHOP).await;
    reasons(&url_of(&file), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_nothing_matched_is_said_on_servers() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = Scratch::new(dialect).await;
        scratch.execute(SHOP).await;
        reasons(&scratch.url(), &[("schemas", vec![scratch.name.clone()].into())]).await;
    }
}

#[tokio::test]
async fn nothing_is_told_of_what_is_hidden() {
    let file = File::new(SHOP).await;
    let masked = [("masked_columns", vec!["customers.name"].into())];
    let agent_of = |options: &[(&str, serde_json::Value)]| agent(&url_of(&file), Arc::default(), options);
    let sql = "SELECT id FROM customers WHERE name = 'Jon Smith'";
    assert_eq!(ask(&agent_of(&masked), sql).await.natural_response, "No rows match.");
    let filtered = agent_of(&[("row_filters", serde_json::json!({"customers": "tenant = 2"}))]);
    let sql = "SELECT id FROM customers WHERE name = 'John Smit'";
    let said = ask(&filtered, sql).await.natural_response;
    assert_eq!(said, "No rows match. Without `name = 'John Smit'` there would be some.");
    let sql = "SELECT id FROM customers WHERE city = 'Rome' AND name = 'Ann Lee'";
    let said = ask(&filtered, sql).await.natural_response;
    assert_eq!(said, "No rows match. Without `city = 'Rome'` there would be some.");
}
