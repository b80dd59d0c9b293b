//! The engine without a model on a real database: what it reads, what it asks back, how follow-ups change the query.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, Utc};
use db_query_agent::database::{Database, Rows};
use db_query_agent::dialect::Dialect;
use db_query_agent::engine::offline::{Offline, rank};
use db_query_agent::engine::{Ask, Outcome, Proposal};
use db_query_agent::grounding::Catalog;
use db_query_agent::grounding::words::tokenize;
use db_query_agent::guard::{Guard, Policy};
use db_query_agent::session::Turn;
use db_query_agent::value::Value;

use crate::sqlite::{File, WIDE};

const SHOP: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, newsletter BOOLEAN NOT NULL, birth_date DATE);
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price DECIMAL(10,2) NOT NULL,
    category_id INTEGER NOT NULL REFERENCES categories (id));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), status TEXT NOT NULL,
    ordered_at TIMESTAMP NOT NULL, total DECIMAL(10,2) NOT NULL);
CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id),
    product_id INTEGER NOT NULL REFERENCES products (id), quantity INTEGER NOT NULL, unit_price DECIMAL(10,2) NOT NULL);
INSERT INTO customers VALUES (1, 'Ada', 'Berlin', 1, '1980-02-01'), (2, 'Ben', 'Paris', 0, '1990-03-02'),
    (3, 'Cleo', 'Berlin', 0, '1970-04-03'), (4, 'Dan', 'Rome', 1, NULL);
INSERT INTO categories VALUES (1, 'Books'), (2, 'Toys');
INSERT INTO products VALUES (1, 'Atlas', 40, 1), (2, 'Novel', 12, 1), (3, 'Kite', 25, 2);
INSERT INTO orders VALUES (1, 1, 'completed', '2024-04-10 10:00:00', 52), (2, 1, 'pending', '2024-05-02 09:00:00', 25),
    (3, 2, 'completed', '2024-05-14 12:00:00', 80), (4, 3, 'completed', '2023-12-24 12:00:00', 12), (5, 1, 'cancelled', '2024-04-30 23:59:59', 40);
INSERT INTO order_items VALUES (1, 1, 1, 1, 40), (2, 1, 2, 1, 12), (3, 2, 3, 1, 25), (4, 3, 1, 2, 40), (5, 4, 2, 1, 12), (6, 5, 1, 1, 40);
";

/// Long enough to read all of so small a database.
const BUDGET: Duration = Duration::from_secs(10);

pub(crate) struct Shop {
    database: Arc<dyn Database>,
    catalog: Catalog,
    guard: Guard,
    _file: File,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(SHOP).await
    }

    pub(crate) async fn with(statements: &str) -> Self {
        let file = File::new(statements).await;
        let database = file.open();
        let guard = Guard::new(Dialect::Sqlite, Policy::default());
        let schema = Arc::new(database.introspect().await.unwrap());
        let catalog = Catalog::load(schema, &*database, &guard, BUDGET).await.unwrap();
        Self { database, catalog, guard, _file: file }
    }

    pub(crate) fn outcome(&self, question: &str, conversation: &[Turn]) -> Outcome {
        Offline.answer(&Ask { conversation, ..Ask::new(question, &self.catalog, now()) })
    }

    pub(crate) fn proposal(&self, question: &str, conversation: &[Turn]) -> Proposal {
        match self.outcome(question, conversation) {
            Outcome::Sql(proposals) => proposals.into_iter().next().unwrap(),
            other => panic!("`{question}` gave {other:?}"),
        }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(crate) async fn run(&self, proposal: &Proposal) -> Rows {
        self.run_sql(&proposal.sql).await
    }

    pub(crate) async fn run_sql(&self, sql: &str) -> Rows {
        let approved = self.guard.approve(sql, self.catalog.schema()).expect("the guard lets it through");
        self.database.run(&approved, &WIDE).await.expect("the statement runs")
    }

    /// The rows of every reading; each passes the guard and runs.
    pub(crate) async fn readings(&self, question: &str) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for candidate in rank::candidates(&tokenize(question), &self.catalog, now()) {
            let approved = self.guard.approve(&candidate.sql, self.catalog.schema()).expect(&candidate.sql);
            found.push(written(&self.database.run(&approved, &WIDE).await.expect(&candidate.sql)));
        }
        found
    }

    /// The rows as text, cells joined by a bar.
    pub(crate) async fn rows(&self, question: &str) -> Vec<String> {
        written(&self.run(&self.proposal(question, &[])).await)
    }
}

/// Wednesday, 15 May 2024
pub(crate) fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 5, 15).and_then(|day| day.and_hms_opt(10, 0, 0)).unwrap()
}

pub(crate) fn written(rows: &Rows) -> Vec<String> {
    let cell = |value: &Value| match value {
        Value::Text(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        other => other.as_f64().map_or_else(|| format!("{other:?}"), |number| number.to_string()),
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join("|")).collect()
}

pub(crate) fn turn(question: &str, proposal: &Proposal) -> Turn {
    Turn {
        question: question.to_owned(),
        sql: Some(proposal.sql.clone()),
        answer: String::new(),
        plan: proposal.plan.clone(),
        at: Utc::now(),
        caller: None,
        role: None,
    }
}

#[tokio::test]
async fn questions_give_the_rows_they_ask_for() {
    let shop = Shop::open().await;
    let mut wrong = Vec::new();
    for (question, rows) in [
        ("How many customers are there?", &["4"][..]),
        ("List the names of all products", &["Atlas", "Novel", "Kite"]),
        ("How many orders are completed?", &["3"]),
        ("How many orders were placed last month?", &["2"]),
        ("How many orders were placed in 2023?", &["1"]),
        ("How many orders since May 2024?", &["2"]),
        ("Which customers are from berlin?", &["Ada", "Cleo"]),
        ("Which products cost more than 20?", &["Atlas", "Kite"]),
        ("products with a price between 20 and 30", &["Kite"]),
        ("What is the cheapest product?", &["Novel"]),
        ("What is the average price of products?", &["25.666666666666668"]),
        ("How many orders does each customer have?", &["Ada|3", "Ben|1", "Cleo|1"]),
        ("Which customer has the most orders?", &["Ada"]),
        ("Which customers have more than 2 orders?", &["Ada"]),
        ("Which customers have never placed an order?", &["Dan"]),
        ("What is the total order amount by status?", &["cancelled|40", "completed|144", "pending|25"]),
        ("How many orders per month in 2024?", &["2024-04|2", "2024-05|2"]),
        ("Show product names sorted by price descending", &["Atlas", "Kite", "Novel"]),
        ("How many different cities do customers live in?", &["3"]),
        ("Which products have a price above the average price?", &["Atlas"]),
        ("Customers from Paris or Rome", &["Ben", "Dan"]),
        ("products whose name starts with 'K'", &["Kite"]),
        ("How many customers subscribed to the newsletter?", &["2"]),
        ("What are the names of products in the category Books?", &["Atlas", "Novel"]),
        ("total revenue by category", &["Books|184", "Toys|25"]),
    ] {
        let mut found = shop.rows(question).await;
        let mut wanted: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        if !question.contains("sorted") {
            found.sort();
            wanted.sort();
        }
        if found != wanted {
            wrong.push(format!("{question}: {found:?} by {}", shop.proposal(question, &[]).sql));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_stored_value_is_spelled_as_stored() {
    let shop = Shop::open().await;
    let sql = shop.proposal("How many customers live in BERLIN?", &[]).sql;
    assert!(sql.contains("'Berlin'"), "{sql}");
}

#[tokio::test]
async fn what_it_does_not_understand_gets_no_number() {
    let shop = Shop::open().await;
    for question in
        ["What is the weather in Paris?", "Who wrote Hamlet?", "colourless green ideas sleep furiously", "¿Cuántos?"]
    {
        match shop.outcome(question, &[]) {
            Outcome::Clarify { question: back, choices, .. } => {
                assert!(back.contains("not sure"), "{question}: {back}");
                assert!(!choices.is_empty(), "{question}");
            }
            other => panic!("`{question}` gave {other:?}"),
        }
    }
}

#[tokio::test]
async fn small_talk_needs_no_statement() {
    let shop = Shop::open().await;
    for (question, part) in [
        ("Hello!", "customers"),
        ("thanks", "welcome"),
        ("What tables are there?", "order_items"),
        ("describe products", "price"),
    ] {
        match shop.outcome(question, &[]) {
            Outcome::Casual(text) => assert!(text.contains(part), "{question}: {text}"),
            other => panic!("`{question}` gave {other:?}"),
        }
    }
}

#[tokio::test]
async fn follow_ups_change_the_query_before() {
    let shop = Shop::open().await;
    let mut conversation: Vec<Turn> = Vec::new();
    for (question, rows) in [
        ("List the ids of all orders", &["1", "2", "3", "4", "5"][..]),
        ("Filter those by status=completed", &["1", "3", "4"]),
        ("sort them by total descending", &["3", "1", "4"]),
        ("only the top 2", &["3", "1"]),
    ] {
        let proposal = shop.proposal(question, &conversation);
        let found = written(&shop.run(&proposal).await);
        assert_eq!(found, rows, "{question}: {}", proposal.sql);
        conversation.push(turn(question, &proposal));
    }
}

#[tokio::test]
async fn a_follow_up_divides_a_count() {
    let shop = Shop::open().await;
    for before in ["How many orders are there?", "List the ids of all orders"] {
        let first = shop.proposal(before, &[]);
        let parts = shop.proposal("by status", &[turn(before, &first)]);
        assert!(parts.sql.contains("GROUP BY"), "{}", parts.sql);
        let found = written(&shop.run(&parts).await);
        assert_eq!(found, ["cancelled|1", "completed|3", "pending|1"], "{}", parts.sql);
    }
}

#[tokio::test]
async fn a_follow_up_counts_and_moves_the_time() {
    let shop = Shop::open().await;
    let first = shop.proposal("Show all orders placed in 2024", &[]);
    assert_eq!(shop.run(&first).await.len(), 4);
    let conversation = [turn("Show all orders placed in 2024", &first)];
    let count = shop.proposal("how many is that?", &conversation);
    assert_eq!(written(&shop.run(&count).await), ["4"], "{}", count.sql);
    let moved = shop.proposal("what about 2023?", &conversation);
    assert_eq!(shop.run(&moved).await.len(), 1, "{}", moved.sql);
}

#[tokio::test]
async fn the_same_question_gives_the_same_statement() {
    let shop = Shop::open().await;
    let again = Catalog::load(Arc::clone(shop.catalog.schema()), &*shop.database, &shop.guard, BUDGET).await.unwrap();
    for question in ["Which customer has the most orders?", "total revenue by category", "orders of Ada"] {
        let ask = Ask::new(question, &again, now());
        let Outcome::Sql(other) = Offline.answer(&ask) else { panic!("{question}") };
        assert_eq!(shop.proposal(question, &[]).sql, other[0].sql);
    }
}

#[tokio::test]
async fn the_sentence_has_blanks_for_the_cells() {
    let shop = Shop::open().await;
    let proposal = shop.proposal("How many orders are completed?", &[]);
    assert_eq!(proposal.template.as_deref(), Some("There are {count} orders where status is completed."));
    assert!(proposal.explanation.starts_with("Number of orders"), "{}", proposal.explanation);
}
