//! A model that looks around before it answers, on a real database.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use db_query_agent::agent::{Agent, Callable, Event, Events, Question};
use db_query_agent::config::Config;
use db_query_agent::engine::{Engine, ModelEngine};
use db_query_agent::error::{Code, Error, Result};
use db_query_agent::llm::{Completion, Model, Request, Tool, ToolCall, Usage};
use serde_json::{Map, Value as Json, json};

use crate::sqlite::File;

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), status TEXT);
    INSERT INTO customers VALUES (1, 'Zaphod Beeblebrox', 'Betelgeuse'), (2, 'Trillian', 'Islington');
    INSERT INTO orders VALUES (10, 1, 'wrapped-in-foil');";

/// Says what stands in its script, and remembers what it was asked.
#[derive(Default)]
struct Explorer {
    script: Mutex<Vec<Completion>>,
    heard: Mutex<Vec<Request>>,
}

impl Explorer {
    fn new(script: impl IntoIterator<Item = Completion>) -> Arc<Self> {
        let mut script: Vec<Completion> = script.into_iter().collect();
        script.reverse();
        Arc::new(Self { script: Mutex::new(script), heard: Mutex::default() })
    }

    /// The contents of the last request's messages from place `from` on.
    fn last(&self, from: usize) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.last().unwrap().messages[from..].iter().map(|message| message.content.clone()).collect()
    }
}

#[async_trait]
impl Model for Explorer {
    fn name(&self) -> &'static str {
        "explorer"
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        self.heard.lock().unwrap().push(request.clone());
        let spent = || Error::new(Code::ModelBadResponse, "the script is over");
        let said = self.script.lock().unwrap().pop().ok_or_else(spent);
        said.inspect(|completion| request.bill.charge(completion.usage))
    }
}

fn call(calls: &[(&str, Json)]) -> Completion {
    let call = |(place, (name, arguments)): (usize, &(&str, Json))| ToolCall {
        id: format!("call-{place}"),
        name: (*name).to_owned(),
        arguments: arguments.to_string(),
    };
    Completion { calls: calls.iter().enumerate().map(call).collect(), usage: cost(), ..Completion::default() }
}

fn say(text: &str) -> Completion {
    Completion { text: text.to_owned(), usage: cost(), ..Completion::default() }
}

fn cost() -> Usage {
    Usage { prompt_tokens: 100, completion_tokens: 10, calls: 1, ..Usage::default() }
}

fn agent(file: &File, model: &Arc<Explorer>, options: &Json) -> Agent {
    let mut given = json!({"database_url": format!("sqlite:///{}", file.path().display()), "model_tools": "always"});
    given.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    let config = Config::build(given.as_object().unwrap(), &std::collections::HashMap::new()).unwrap();
    let engine: Arc<dyn Engine> =
        Arc::new(ModelEngine::new(Arc::clone(model) as Arc<dyn Model>, Some(5)).within(&config.effort));
    Agent::with_parts(config, file.open(), engine).unwrap()
}

async fn ask(agent: &Agent, question: &str) -> Result<db_query_agent::agent::Answer> {
    agent.query(Question { text: question.to_owned(), ..Question::default() }, &Events::default()).await
}

#[tokio::test]
async fn a_model_looks_around_and_then_answers() {
    let file = File::new(SHOP).await;
    let model = Explorer::new([
        call(&[
            ("get_schema_info", json!({"tables": ["orders"]})),
            ("get_schema_info", json!({})),
            ("search_values", json!({"text": "trilian"})),
            ("validate_query", json!({"sql": "DELETE FROM orders"})),
            ("execute_query", json!({"sql": "SELECT name FROM customers"})),
            ("execute_query", json!({"query": "SELECT 1"})),
            ("drop_everything", json!({})),
        ]),
        say(
            r#"{"sql": "SELECT count(*) AS n FROM customers WHERE name = 'HIDDEN_VALUE_1'", "answer": "There is {n}."}"#,
        ),
    ]);
    let agent = agent(&file, &model, &json!({}));
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let question = Question { text: "how many hitchhikers are called like her?".to_owned(), ..Question::default() };
    let answer = agent.query(question, &Events::to(sender)).await.unwrap();
    // The stand-in that the tool gave stands for the value.
    assert_eq!(answer.sql.as_deref(), Some("SELECT count(*) AS n FROM customers WHERE name = 'Trillian'"));
    assert_eq!(answer.natural_response, "There is 1.");
    assert_eq!((answer.usage.calls, answer.usage.prompt_tokens), (2, 200));
    let mut told = Vec::new();
    while let Some(event) = receiver.recv().await {
        match event {
            Event::Usage(usage) => told.push(usage.prompt_tokens),
            Event::Done(_) => break,
            _ => {}
        }
    }
    assert_eq!(told, [100, 200], "the cost is told after each call");
    let results = model.last(3);
    for (result, expected) in results.iter().zip([
        "orders(id int key, customer_id int, status)\norders(customer_id) refers to customers(id)",
        "customers, orders",
        "customers.name = 'HIDDEN_VALUE_1'",
        "error sql_rejected:",
        "2 rows of (name). Values are not shown.",
        "error model_bad_response: `execute_query` needs the argument `sql`",
        "error model_bad_response: there is no tool `drop_everything`",
    ]) {
        assert!(result.contains(expected), "{expected} not in {result}");
    }
    let sent = format!("{:?}", model.heard.lock().unwrap());
    for value in ["Zaphod", "Trillian", "Betelgeuse", "foil"] {
        assert!(!sent.contains(value), "{value} in {sent}");
    }
}

#[tokio::test]
async fn rows_are_seen_where_they_may_be_and_masks_stay() {
    let file = File::new(SHOP).await;
    let options = json!({"share_results": true, "masked_columns": ["customers.name"]});
    let query = json!({"sql": "SELECT name, city FROM customers ORDER BY id"});
    // A model that ran its statement and then only talks has given it.
    let talk = say("There are two of them, I think.");
    let model = Explorer::new([call(&[("execute_query", query)]), talk, say("One of 2 is in Islington.")]);
    let agent = agent(&file, &model, &options);
    let answer = ask(&agent, "who is there?").await.unwrap();
    assert_eq!(answer.sql.as_deref(), Some("SELECT name, city FROM customers ORDER BY id"));
    assert_eq!(answer.rows.len(), 2);
    assert_eq!(answer.natural_response, "One of 2 is in Islington.");
    let heard = model.heard.lock().unwrap();
    // The second request shows what the tool gave, the third what the sentence is made of.
    for seen in [&heard[1].messages[3].content, &heard[2].messages[1].content] {
        assert!(seen.contains("*** | Islington") && !seen.contains("Trillian"), "{seen}");
    }
}

#[tokio::test]
async fn a_model_that_never_stops_calling_has_to_answer() {
    let file = File::new(SHOP).await;
    let again = || call(&[("get_schema_info", json!({}))]);
    let done = say(r#"{"sql": "SELECT count(*) AS n FROM orders", "answer": null}"#);
    for options in [json!({"max_tool_steps": 2}), json!({"max_tool_tokens": 150})] {
        let model = Explorer::new([again(), again(), done.clone()]);
        let agent = agent(&file, &model, &options);
        ask(&agent, "how many flumphs?").await.unwrap();
        let heard = model.heard.lock().unwrap();
        assert!(heard[0].tools.len() == 4 && heard.last().unwrap().tools.is_empty());
        assert!(heard.last().unwrap().messages.last().unwrap().content.contains("Answer now"));
    }
}

#[tokio::test]
async fn tools_are_given_where_they_help() {
    let file = File::new(SHOP).await;
    let wrong = say(r#"{"sql": "SELECT nothing FROM orders", "answer": null}"#);
    let right = say(r#"{"sql": "SELECT status FROM orders", "answer": null}"#);
    for (tools, first, repair) in [("auto", 0, 4), ("always", 4, 4), ("never", 0, 0)] {
        let model = Explorer::new([wrong.clone(), right.clone()]);
        let agent = agent(&file, &model, &json!({"model_tools": tools}));
        ask(&agent, "the glorps of flumphs").await.unwrap();
        let heard = model.heard.lock().unwrap();
        assert_eq!((heard[0].tools.len(), heard[1].tools.len()), (first, repair), "{tools}");
    }
}

struct Weather(Tool);

#[async_trait]
impl Callable for Weather {
    fn tool(&self) -> &Tool {
        &self.0
    }

    async fn call(&self, arguments: &Map<String, Json>) -> Result<String> {
        match arguments.get("city").and_then(Json::as_str) {
            Some(city) => Ok(format!("It rains in {city}.")),
            None => Err(Error::new(Code::ToolFailed, "no city")),
        }
    }
}

fn weather(name: &str) -> Arc<Weather> {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    Arc::new(Weather(Tool { name: name.to_owned(), description: "The weather in a city.".to_owned(), parameters }))
}

#[tokio::test]
async fn a_tool_of_the_users_own_is_called() {
    let file = File::new(SHOP).await;
    let model = Explorer::new([
        call(&[("weather", json!({"city": "Islington"})), ("weather", json!({}))]),
        say(r#"{"sql": "SELECT count(*) AS n FROM customers WHERE city = 'Islington'", "answer": null}"#),
    ]);
    let agent = agent(&file, &model, &json!({"model_tools": "auto"}));
    agent.add_tool(weather("weather")).unwrap();
    ask(&agent, "how many live where it rains in flumph?").await.unwrap();
    assert_eq!(model.heard.lock().unwrap()[0].tools.len(), 1);
    let results = model.last(3);
    assert!(results[0].contains("It rains in Islington.") && results[1].contains("error tool_failed: no city"));
    for name in ["execute_query", "", "a b", &"x".repeat(65)] {
        assert_eq!(agent.add_tool(weather(name)).unwrap_err().code(), Code::InvalidOption, "{name}");
    }
}

#[tokio::test]
async fn what_is_taught_is_shown_and_answers_its_own_question() {
    let file = File::new(SHOP).await;
    let good = "SELECT name FROM customers WHERE city = 'Betelgeuse'";
    let model = Explorer::new([say(&json!({"sql": good, "answer": null}).to_string())]);
    let agent = agent(&file, &model, &json!({"blocked_tables": ["orders"], "model_strategy": "offline"}));
    agent.add_example("Who are our froods?", &format!("{good};")).await.unwrap();
    agent.add_example("Which froods ordered?", "SELECT customer_id FROM orders").await.unwrap();
    agent.add_documentation("A frood is somebody who knows where the towel is.").unwrap();
    for (question, sql) in [(" ", good), ("delete all", "DELETE FROM orders"), ("ghosts", "SELECT 1 FROM ghosts")] {
        let error = agent.add_example(question, sql).await.unwrap_err();
        assert!(matches!(error.code(), Code::EmptyQuestion | Code::SqlRejected), "{sql}: {error:?}");
    }
    assert_eq!(agent.add_documentation("").unwrap_err().code(), Code::InvalidOption);
    ask(&agent, "list every frood we have").await.unwrap();
    let told = model.last(0).join("\n");
    assert!(told.contains(good) && told.contains("knows where the towel is"), "{told}");
    assert!(!told.contains("FROM orders"), "what the caller may not run is not shown: {told}");
}

#[tokio::test]
async fn a_taught_question_needs_no_engine() {
    let file = File::new(SHOP).await;
    let options = json!({"database_url": format!("sqlite:///{}", file.path().display()), "model_strategy": "offline"});
    let config = Config::build(options.as_object().unwrap(), &std::collections::HashMap::new()).unwrap();
    let agent = Agent::new(config).unwrap();
    agent.add_example("Who are our froods?", "SELECT name FROM customers WHERE id = 1").await.unwrap();
    let answer = ask(&agent, "who are our FROODS").await.unwrap();
    assert_eq!((&*answer.engine, answer.rows.len()), ("example", 1));
}

#[tokio::test]
async fn a_prompt_keeps_to_its_budget() {
    let tables: Vec<String> = (0..300)
        .map(|table| format!("CREATE TABLE ledger_{table} (id INTEGER PRIMARY KEY, amount_{table} REAL, note TEXT);"))
        .collect();
    let file = File::new(&tables.join("\n")).await;
    for (shown, budget) in [(300, 100_000), (300, 2_000), (300, 300), (5, 300)] {
        let done = say(r#"{"sql": "SELECT amount_7 FROM ledger_7", "answer": null}"#);
        let model = Explorer::new([done]);
        let options = json!({"max_prompt_tokens": budget, "model_tools": "never"});
        let mut given = json!({"database_url": format!("sqlite:///{}", file.path().display())});
        given.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let config = Config::build(given.as_object().unwrap(), &std::collections::HashMap::new()).unwrap();
        let engine = ModelEngine::new(Arc::clone(&model) as Arc<dyn Model>, Some(shown)).within(&config.effort);
        let agent = Agent::with_parts(config, file.open(), Arc::new(engine)).unwrap();
        ask(&agent, "the flumph amount_7 of ledger_7").await.unwrap();
        let letters: usize = model.last(0).iter().map(String::len).sum();
        assert!(letters / 3 <= budget, "{letters} letters for {budget} tokens");
        assert!(model.last(0)[0].contains("\nledger_7("), "what matters stays");
    }
}
