//! Tables of one name in two schemas: the default one is meant unless the question names the other.

use std::collections::HashMap;

use db_query_agent::agent::Agent;
use db_query_agent::config::Config;
use db_query_agent::dialect::Dialect;
use db_query_agent::value::Value;
use serde_json::json;

use crate::scratch::{Scratch, run_raw, server_url};
use crate::value_index::ask;

/// A schema whose name is one word of letters, dropped with it.
struct Beside {
    dialect: Dialect,
    name: String,
}

impl Beside {
    /// `prefix` decides whether the name stands before or behind others in the catalogue's order.
    async fn new(dialect: Dialect, prefix: &str, statements: &str) -> Self {
        let random = uuid::Uuid::new_v4().simple().to_string();
        let letters = random.bytes().take(12).map(|digit| char::from(b'k' + digit % 13));
        let name: String = prefix.chars().chain(letters).collect();
        run_raw(dialect, &server_url(dialect), &format!("CREATE SCHEMA {name}")).await;
        run_raw(dialect, &server_url(dialect), &statements.replace("{}", &name)).await;
        Self { dialect, name }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let (dialect, url) = (self.dialect, server_url(self.dialect));
        let cascade = if dialect == Dialect::Postgres { " CASCADE" } else { "" };
        let sql = format!("DROP SCHEMA {}{cascade}", self.name);
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run_raw(dialect, &url, &sql));
        });
        dropper.join().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_schema_is_meant_unless_another_is_named() {
    let orders = |rows: &str| {
        format!(
            "CREATE TABLE {{}}orders (id INTEGER PRIMARY KEY, status VARCHAR(20), total INTEGER);
             INSERT INTO {{}}orders VALUES {rows};"
        )
    };
    let here = orders("(1, 'pending', 5), (2, 'pending', 6), (3, 'shipped', 7)").replace("{}", "");
    let there = orders("(1, 'pending', 100), (2, 'lost', 200), (3, 'lost', 300), (4, 'lost', 400)");
    for (dialect, prefix) in
        [(Dialect::Postgres, "a"), (Dialect::Postgres, "z"), (Dialect::Mysql, "a"), (Dialect::Mysql, "z")]
    {
        let scratch = Scratch::new(dialect).await;
        scratch.execute(&here).await;
        let beside = Beside::new(dialect, prefix, &there.replace("{}orders", "{}.orders")).await;
        let options = json!({"database_url": scratch.url(), "schemas": [scratch.name, beside.name]});
        let agent = Agent::new(Config::build(options.as_object().unwrap(), &HashMap::new()).unwrap()).unwrap();
        let name = &beside.name;
        for (question, rows) in [
            ("How many orders are there?".to_owned(), 3),
            ("How many orders are pending?".to_owned(), 2),
            ("What is the highest total of the orders?".to_owned(), 7),
            (format!("How many {name} orders are there?"), 4),
            (format!("How many {name}.orders are there?"), 4),
            (format!("How many orders in {name} are pending?"), 1),
            (format!("What is the highest total of the orders in the {name}?"), 400),
            ("How many orders are lost?".to_owned(), 3),
        ] {
            let answer = ask(&agent, &question).await;
            let number = answer.rows.cells.first().and_then(Value::as_f64);
            assert_eq!(number, Some(f64::from(rows)), "{dialect} {question}: {answer:?}");
        }
        agent.close().await;
    }
}
