//! Answers whose statement or rows are remembered: the same for those who may see the same, and said to be old.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use db_query_agent::agent::{Agent, Answer, Events, Question};
use db_query_agent::config::Config;
use db_query_agent::database;
use db_query_agent::engine::{Ask, Engine, Outcome, Proposal, Proposed};
use db_query_agent::guard::Caller;
use db_query_agent::llm::Usage;
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};

use crate::sqlite::File;

const SHOP: &str = "
CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant INTEGER, total INTEGER);
CREATE TABLE users (id INTEGER PRIMARY KEY);
INSERT INTO orders VALUES (1, 1, 10), (2, 2, 20), (3, 1, 30);";

const COUNT: &str = "SELECT count(*) AS count FROM orders";

/// A model that says one statement, and counts how often it is asked.
struct Parrot {
    sql: &'static str,
    asked: AtomicUsize,
}

#[async_trait]
impl Engine for Parrot {
    fn name(&self) -> &'static str {
        "parrot"
    }

    async fn propose(&self, ask: &Ask<'_>) -> db_query_agent::Result<Proposed> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        let proposal = Proposal {
            sql: self.sql.to_owned(),
            explanation: String::new(),
            confidence: 0.9,
            template: None,
            plan: None,
            assumptions: Vec::new(),
        };
        ask.bill.unwrap().charge(Usage { calls: 1, ..Usage::default() });
        Ok(Proposed {
            outcome: Outcome::Sql(vec![proposal]),
            engine: "parrot".to_owned(),
            warnings: Vec::new(),
            is_a_models: true,
        })
    }
}

/// An agent of its own, as another process would have, on the file.
fn on(file: &File, sql: &'static str, options: Json) -> (Agent, Arc<Parrot>) {
    let mut given: serde_json::Map<String, Json> = serde_json::from_value(options).unwrap();
    given.insert("database_url".to_owned(), format!("sqlite:///{}", file.path().display()).into());
    let config = Config::build(&given, &HashMap::new()).unwrap();
    let parrot = Arc::new(Parrot { sql, asked: AtomicUsize::new(0) });
    let database = database::connect(&config.database).unwrap();
    (Agent::with_parts(config, database, Arc::clone(&parrot) as Arc<dyn Engine>).unwrap(), parrot)
}

async fn ask(agent: &Agent, caller: Option<&Arc<Caller>>) -> Answer {
    let question = Question { text: "how many orders?".to_owned(), caller: caller.cloned(), ..Question::default() };
    agent.query(question, &Events::default()).await.unwrap()
}

fn count(answer: &Answer) -> i64 {
    match answer.rows.cells.as_slice() {
        [Value::Int(count)] => *count,
        other => panic!("not one number: {other:?}"),
    }
}

#[tokio::test]
async fn rows_are_remembered_where_it_is_asked_for_and_say_how_old_they_are() {
    let file = File::new(SHOP).await;
    let (agent, _) = on(&file, COUNT, json!({"cache_results": "memory"}));
    let first = ask(&agent, None).await;
    assert_eq!((count(&first), first.rows.as_of, first.cached), (3, None, false));
    file.execute("INSERT INTO orders VALUES (4, 1, 40)").await;
    let again = ask(&agent, None).await;
    assert_eq!((count(&again), again.cached), (3, true));
    let read = again.rows.as_of.unwrap();
    assert!(again.warnings.iter().any(|warning| warning.contains(&read.format("%H:%M:%S").to_string())));
    assert_eq!(agent.run_sql(COUNT, None).await.unwrap().cells, [Value::Int(4)], "one's own statement runs");

    agent.outdate(Some("users")).await;
    assert_eq!(count(&ask(&agent, None).await), 3);
    for (number, table) in [(5, Some("orders")), (6, Some("MAIN.Orders")), (7, None)] {
        file.execute(&format!("INSERT INTO orders VALUES ({number}, 1, 1)")).await;
        agent.outdate(table).await;
        assert_eq!(count(&ask(&agent, None).await), number);
    }
    let caches = agent.caches().await;
    assert_eq!((caches.results.entries, caches.proposals.entries, caches.shared), (1, 1, None));
    agent.forget().await;
    let caches = agent.caches().await;
    assert_eq!((caches.results.entries, caches.proposals.entries, caches.schemas), (0, 0, 0));

    let (fresh, _) = on(&file, COUNT, json!({}));
    ask(&fresh, None).await;
    file.execute("DELETE FROM orders").await;
    let answer = ask(&fresh, None).await;
    assert_eq!((count(&answer), answer.rows.as_of, answer.cached), (0, None, true));
}

#[tokio::test]
async fn chance_is_not_remembered() {
    let file = File::new(SHOP).await;
    let (agent, _) = on(&file, "SELECT random() AS number", json!({"cache_results": "memory"}));
    assert_ne!(ask(&agent, None).await.rows.cells, ask(&agent, None).await.rows.cells);
}

#[tokio::test]
async fn each_caller_is_remembered_apart_where_rows_are_filtered() {
    let file = File::new(SHOP).await;
    let options = json!({"cache_results": "memory", "row_filters": {"orders": "tenant = :tenant"}});
    let (agent, parrot) = on(&file, COUNT, options);
    let of = |id: &str, tenant: i64| {
        let attributes = BTreeMap::from([("tenant".to_owned(), Value::Int(tenant))]);
        Arc::new(Caller { id: id.to_owned(), attributes, ..Caller::default() })
    };
    let (ann, bob) = (of("ann", 1), of("bob", 2));
    for _ in 0..2 {
        assert_eq!(count(&ask(&agent, Some(&ann)).await), 2);
        assert_eq!(count(&ask(&agent, Some(&bob)).await), 1);
    }
    assert_eq!(parrot.asked.load(Ordering::Relaxed), 2, "a model may look at rows, so its words are the caller's own");
    assert_eq!(agent.caches().await.results.entries, 2);
    // The same tenant, so the same rows, whoever asks.
    assert!(ask(&agent, Some(&of("cy", 1))).await.rows.as_of.is_some());
}

#[tokio::test]
async fn a_question_is_put_to_a_model_once_for_all_who_ask_it_at_the_same_time() {
    let file = File::new(SHOP).await;
    let (agent, parrot) = on(&file, COUNT, json!({}));
    let answers = futures::future::join_all((0..20).map(|_| ask(&agent, None))).await;
    assert_eq!(parrot.asked.load(Ordering::Relaxed), 1);
    assert!(answers.iter().all(|answer| count(answer) == 3));
    assert_eq!(answers.iter().map(|answer| answer.usage.calls).sum::<u64>(), 1, "it is paid once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_share_what_they_may() {
    let file = File::new(SHOP).await;
    let redis = std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is not set: run the tests by `make test`");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cache.db");
    for place in
        [json!({"cache_backend": "sqlite", "cache_path": path}), json!({"cache_backend": "redis", "redis_url": redis})]
    {
        let with = |more: Json| {
            let mut options = place.as_object().cloned().unwrap();
            options.extend(more.as_object().cloned().unwrap());
            on(&file, COUNT, options.into())
        };
        let (agent, parrot) = with(json!({"cache_results": "shared"}));
        ask(&agent, None).await;
        let (other, silent) = with(json!({"cache_results": "shared"}));
        let answer = ask(&other, None).await;
        assert_eq!((answer.usage.calls, silent.asked.load(Ordering::Relaxed)), (0, 0), "the statement is known");
        assert!(answer.rows.as_of.is_some(), "and so are its rows");
        assert_eq!(other.caches().await.shared, Some(true));

        let (apart, silent) = with(json!({"cache_results": "memory"}));
        assert_eq!(ask(&apart, None).await.rows.as_of, None, "rows are shared by those alone who say so");
        assert_eq!(silent.asked.load(Ordering::Relaxed), 0);
        let (stricter, asked) = with(json!({"cache_results": "shared", "blocked_tables": ["users"]}));
        assert_eq!(ask(&stricter, None).await.rows.as_of, None, "under another policy nothing is known");
        assert_eq!(asked.asked.load(Ordering::Relaxed), 1);

        agent.outdate(Some("orders")).await;
        let (third, _) = with(json!({"cache_results": "shared"}));
        assert_eq!(ask(&third, None).await.rows.as_of, None);
        agent.forget().await;
        let (fourth, asked) = with(json!({}));
        ask(&fourth, None).await;
        assert_eq!((parrot.asked.load(Ordering::Relaxed), asked.asked.load(Ordering::Relaxed)), (1, 1));
        fourth.forget().await;
    }
}
