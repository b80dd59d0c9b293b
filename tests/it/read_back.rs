//! Statements that somebody else wrote, read back: printed anew they give the same rows, follow-ups change them, and
//! what cannot be said without losing something is not read.

use std::sync::Arc;

use chrono::Utc;
use db_query_agent::dialect::Dialect;
use db_query_agent::engine::offline::{read, write};
use db_query_agent::engine::{Ask, Engine, ModelEngine, Outcome, Proposal};
use db_query_agent::grounding::Catalog;
use db_query_agent::llm::{Model, Scripted};
use db_query_agent::session::Turn;
use serde_json::json;

use crate::offline::{Shop, now, turn, written};

/// Statements in every form that is read.
const READ: &[&str] = &[
    "SELECT * FROM orders",
    "select o.* from orders as o where o.total > 20 order by o.total desc, o.id limit 3",
    "SELECT DISTINCT c.name FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.city = 'Berlin'",
    "SELECT p.name FROM products p JOIN order_items i ON p.id = i.product_id ORDER BY p.name",
    "SELECT c.name, o.id FROM customers c, orders o WHERE c.id = o.customer_id AND (o.total < 30 OR o.total >= 80)",
    "SELECT name FROM customers WHERE city NOT IN ('Paris', 'Rome') AND birth_date IS NOT NULL",
    "SELECT name FROM customers WHERE birth_date IS NULL OR NOT (city = 'Berlin')",
    "SELECT name FROM products WHERE price BETWEEN 10 AND 30 AND name LIKE '%e%'",
    "SELECT name FROM products WHERE price NOT BETWEEN 10 AND 30",
    "SELECT count(*) FROM orders WHERE ordered_at >= '2024-05-01'",
    "SELECT COUNT(DISTINCT customer_id), AVG(total) AS mean, max(total) - min(total) FROM orders",
    "SELECT sum(i.quantity * i.unit_price) FROM order_items i",
    "SELECT status, count(*) AS n FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY n DESC",
    "SELECT c.name, count(*) FROM customers c JOIN orders o ON c.id = o.customer_id GROUP BY c.id ORDER BY 2 DESC LIMIT 1",
    "SELECT strftime('%Y-%m', ordered_at) AS month, sum(total) FROM orders GROUP BY month ORDER BY month",
    "SELECT STRFTIME('%Y', ordered_at), COUNT(*) FROM orders GROUP BY 1",
    "SELECT name FROM products WHERE price > (SELECT avg(price) FROM products)",
    "SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE status = 'completed')",
    "SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)",
    "SELECT city FROM customers UNION SELECT name FROM categories",
    "SELECT name FROM customers EXCEPT SELECT c.name FROM customers c JOIN orders o ON o.customer_id = c.id",
    "SELECT id FROM orders ORDER BY total LIMIT 2 OFFSET 1",
    "SELECT round(avg(total), 1) AS mean FROM orders WHERE lower(status) = 'completed'",
    "SELECT name, CASE WHEN price > 20 THEN 'dear' ELSE 'cheap' END AS kind FROM products ORDER BY kind, name",
    "SELECT upper(name) || '!' FROM customers WHERE length(name) + 1 > 3",
    "SELECT id FROM orders WHERE ordered_at > date('2024-06-01', '-40 days') AND total * 2 > 60",
    "SELECT id FROM orders WHERE 50 < total",
    "SELECT count(*) FROM (SELECT DISTINCT city, newsletter FROM customers) AS places",
];

/// What would lose something, and so is not read.
const NOT_READ: &[&str] = &[
    "SELECT c.name FROM customers c LEFT JOIN orders o ON o.customer_id = c.id",
    "SELECT a.name FROM customers a JOIN customers b ON a.city = b.city",
    "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)",
    "SELECT name FROM products p WHERE price > (SELECT avg(unit_price) FROM order_items i WHERE i.product_id = p.id)",
    "WITH big AS (SELECT * FROM orders WHERE total > 50) SELECT count(*) FROM big",
    "SELECT name, rank() OVER (ORDER BY price) FROM products",
    "SELECT city FROM customers UNION ALL SELECT name FROM categories",
    "SELECT city FROM customers UNION SELECT name FROM categories ORDER BY 1",
    "SELECT c.name FROM customers c, products p",
    "SELECT n FROM (SELECT name AS n FROM customers) AS t",
    "SELECT customers.name FROM customers JOIN orders ON orders.customer_id < customers.id",
    "SELECT id FROM orders ORDER BY total DESC LIMIT -1",
    "SELECT DISTINCT status, count(*) FROM orders GROUP BY status",
    "SELECT status, total FROM orders GROUP BY status",
    "SELECT nothing FROM orders",
    "SELECT 1; SELECT 2",
    "DELETE FROM orders",
    "no statement",
];

#[tokio::test]
async fn a_statement_read_back_gives_the_same_rows() {
    let shop = Shop::open().await;
    for sql in READ {
        let query = read::query(sql, shop.catalog()).unwrap_or_else(|| panic!("not read: {sql}"));
        let anew = write::sql(&query, shop.catalog()).unwrap();
        let (mut wanted, mut found) = (written(&shop.run_sql(sql).await), written(&shop.run_sql(&anew).await));
        if !sql.to_uppercase().contains("ORDER BY") {
            wanted.sort();
            found.sort();
        }
        assert!(!wanted.is_empty(), "{sql}");
        assert_eq!(found, wanted, "{sql}\n{anew}");
    }
}

#[tokio::test]
async fn what_would_lose_something_is_not_read() {
    let shop = Shop::open().await;
    for sql in NOT_READ {
        assert_eq!(read::query(sql, shop.catalog()), None, "{sql}");
    }
}

#[tokio::test]
async fn each_dialect_is_read_as_it_is_meant() {
    let shop = Shop::open().await;
    let of = |dialect: Dialect| {
        let mut schema = (**shop.catalog().schema()).clone();
        schema.dialect = dialect;
        Catalog::names_of(Arc::new(schema))
    };
    for (dialect, sql, is_read) in [
        (Dialect::Postgres, "SELECT name FROM customers WHERE city ILIKE '%ber%'", true),
        (Dialect::Postgres, r#"SELECT "name" FROM "customers" WHERE birth_date > DATE '1980-01-01'"#, true),
        (Dialect::Postgres, r#"SELECT "NAME" FROM customers"#, false),
        (Dialect::Postgres, "SELECT name FROM customers ORDER BY birth_date DESC", true),
        (Dialect::Postgres, "SELECT name FROM customers ORDER BY birth_date DESC NULLS LAST", true),
        (Dialect::Postgres, "SELECT name FROM customers ORDER BY birth_date DESC NULLS LAST, city NULLS FIRST", true),
        (Dialect::Postgres, "SELECT to_char(ordered_at, 'YYYY-MM'), count(*) FROM orders GROUP BY 1 ORDER BY 1", true),
        (
            Dialect::Postgres,
            "SELECT avg(total)::numeric(10,2) FROM orders WHERE ordered_at >= now() - INTERVAL '7 days'",
            true,
        ),
        (Dialect::Mysql, "SELECT `name` FROM customers WHERE city = \"Berlin\" LIMIT 1, 2", true),
        (Dialect::Mysql, "SELECT id FROM orders WHERE ordered_at >= DATE_SUB(NOW(), INTERVAL 1 MONTH)", true),
        (Dialect::Mysql, "SELECT id FROM orders WHERE status LIKE 'a\\\\_%' OR lower(status) = 'a\\\\'", true),
        (Dialect::Mysql, "SELECT id FROM orders WHERE lower(concat(status, '\\\\')) = 'a'", false),
        (Dialect::Sqlite, r#"SELECT name FROM customers WHERE city = "Berlin""#, true),
        (Dialect::Mssql, "SELECT TOP (3) [name] FROM products ORDER BY price DESC", true),
        (Dialect::Mssql, "SELECT TOP 3 WITH TIES name FROM products ORDER BY price DESC", false),
    ] {
        let catalog = of(dialect);
        let anew = read::query(sql, &catalog).map(|query| write::sql(&query, &catalog).unwrap());
        assert_eq!(anew.is_some(), is_read, "{dialect} {sql} {anew:?}");
        // What is written anew is read as the same query.
        if let Some(anew) = anew {
            let again = read::query(&anew, &catalog).and_then(|query| write::sql(&query, &catalog));
            assert_eq!(again.as_ref(), Some(&anew), "{dialect} {sql}");
        }
    }
    let nulls =
        |sql: &str| write::sql(&read::query(sql, &of(Dialect::Postgres)).unwrap(), &of(Dialect::Postgres)).unwrap();
    assert!(nulls("SELECT name FROM customers ORDER BY birth_date DESC").ends_with("birth_date DESC"));
    assert!(nulls("SELECT name FROM customers ORDER BY birth_date DESC NULLS LAST").ends_with("DESC NULLS LAST"));
}

/// A turn that a model answered.
fn of_a_model(sql: &str) -> Turn {
    Turn {
        question: "orders of people in Berlin".to_owned(),
        sql: Some(sql.to_owned()),
        answer: String::new(),
        plan: None,
        at: Utc::now(),
        caller: None,
        role: None,
    }
}

const IN_BERLIN: &str =
    "SELECT o.id, o.total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.city = 'Berlin'";

#[tokio::test]
async fn a_follow_up_changes_what_a_model_wrote() {
    let shop = Shop::open().await;
    for (sql, question, rows) in [
        (IN_BERLIN, "sort by total", &["4|12", "2|25", "5|40", "1|52"][..]),
        (IN_BERLIN, "only the completed ones", &["1|52", "4|12"]),
        (IN_BERLIN, "how many is that?", &["4"]),
        (IN_BERLIN, "by status", &["cancelled|1", "completed|2", "pending|1"]),
        (IN_BERLIN, "sort them by total descending", &["1|52", "5|40", "2|25", "4|12"]),
        ("SELECT * FROM orders ORDER BY total DESC LIMIT 3", "how many are those?", &["3"]),
        ("SELECT name FROM products p JOIN order_items i ON i.product_id = p.id", "how many is that?", &["6"]),
        ("SELECT DISTINCT city, newsletter FROM customers", "how many are those?", &["4"]),
        ("SELECT city, newsletter, count(*) FROM customers GROUP BY 1, 2", "how many is that?", &["4"]),
        (
            "SELECT name, price FROM products WHERE lower(name) LIKE '%e%'",
            "sort them by price",
            &["Novel|12", "Kite|25"],
        ),
        ("SELECT id, total FROM orders WHERE total > 20", "only those with status pending", &["2|25"]),
    ] {
        let proposal = shop.proposal(question, &[of_a_model(sql)]);
        let mut found = written(&shop.run(&proposal).await);
        if !question.contains("sort") {
            found.sort();
        }
        assert_eq!(found, rows, "{sql} / {question}: {}", proposal.sql);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_asked_back() {
    let shop = Shop::open().await;
    let unread = of_a_model("SELECT name, rank() OVER (ORDER BY price) FROM products");
    match shop.outcome("sort them by price", &[unread]) {
        Outcome::Clarify { question, .. } => assert!(question.contains("whole question"), "{question}"),
        other => panic!("{other:?}"),
    }
}

/// What a model that answers `sql` proposes for `question` after `before`, and what it was told last.
async fn asked(shop: &Shop, before: &str, question: &str, sql: &str) -> (Vec<Proposal>, String) {
    let reply = json!({"sql": sql, "answer": null}).to_string();
    let model = Arc::new(Scripted::new("small").answer(&*reply));
    let engine = ModelEngine::new(Arc::clone(&model) as Arc<dyn Model>, None);
    let conversation = [of_a_model(before)];
    let ask = Ask { conversation: &conversation, ..Ask::new(question, shop.catalog(), now()) };
    let proposed = engine.propose(&ask).await.unwrap();
    let told = model.requests().remove(0).messages.pop().unwrap().content;
    match proposed.outcome {
        Outcome::Sql(proposals) => (proposals, told),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_model_is_told_the_changed_statement_and_no_condition_is_lost() {
    let shop = Shop::open().await;
    // It forgets the city.
    let (proposals, told) =
        asked(&shop, IN_BERLIN, "sort by total", "SELECT id, total FROM orders ORDER BY total").await;
    assert!(told.contains("Draft") && told.contains("Berlin") && told.contains("ORDER BY orders.total"), "{told}");
    assert_eq!(written(&shop.run(&proposals[0]).await), ["4|12", "2|25", "5|40", "1|52"]);
    assert_eq!(proposals[0].assumptions, ["the model left out a condition that was asked for; it is put back"]);
    assert_eq!(proposals[1].sql, "SELECT id, total FROM orders ORDER BY total");
    // It keeps the city in its own way.
    let own = "SELECT id, total FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE city LIKE 'Berlin') ORDER BY 2";
    let (proposals, _) = asked(&shop, IN_BERLIN, "sort by total", own).await;
    assert_eq!(proposals[0].sql, own);
    // It is asked for another city, and for something else.
    let paris = IN_BERLIN.replace("Berlin", "Paris");
    let (proposals, _) = asked(&shop, IN_BERLIN, "what about Paris?", &paris).await;
    assert_eq!(proposals[0].sql, paris);
    let (proposals, _) = asked(&shop, IN_BERLIN, "How many products are there?", "SELECT count(*) FROM products").await;
    assert_eq!(proposals[0].sql, "SELECT count(*) FROM products");
}

#[tokio::test]
async fn a_figure_without_a_name_is_said_by_what_it_counts() {
    let shop = Shop::open().await;
    for (sql, template) in [
        ("SELECT count(*) FROM orders", "There are {#1} orders."),
        ("SELECT COUNT(*) FROM orders WHERE status = 'pending'", "There are {#1} orders where status is pending."),
        ("SELECT avg(price) FROM products", "The average price is {#1}."),
        ("SELECT count(DISTINCT city) FROM customers", "The number of different city is {#1}."),
    ] {
        let (proposals, _) = asked(&shop, "SELECT 1", "a question that is none", sql).await;
        assert_eq!(proposals[0].template.as_deref(), Some(template), "{sql}");
    }
}

#[tokio::test]
async fn turns_on_one_another_hold() {
    let shop = Shop::open().await;
    for (first, turns) in [
        (
            "SELECT * FROM orders WHERE ordered_at >= '2024-01-01' AND ordered_at < '2025-01-01'",
            &[
                ("filter those by status=completed", &["1|1", "3|2"][..]),
                ("sort by total descending", &["3|2", "1|1"]),
                ("how many is that?", &["2"]),
            ][..],
        ),
        (
            "SELECT p.* FROM products p JOIN categories k ON k.id = p.category_id WHERE k.name = 'Books'",
            &[
                ("sort by price", &["2|Novel", "1|Atlas"]),
                ("only the most expensive", &["1|Atlas"]),
                ("how many is that?", &["1"]),
            ],
        ),
    ] {
        let mut conversation = vec![of_a_model(first)];
        for (question, rows) in turns {
            let proposal = shop.proposal(question, &conversation);
            let found: Vec<String> = written(&shop.run(&proposal).await)
                .iter()
                .map(|row| row.splitn(3, '|').take(2).collect::<Vec<_>>().join("|"))
                .collect();
            assert_eq!(found, *rows, "{question}: {}", proposal.sql);
            conversation.push(turn(question, &proposal));
        }
    }
}
