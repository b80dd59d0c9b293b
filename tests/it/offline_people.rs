//! What people ask of their own shop without a model: counts over joins, requests to write, "best",
//! words that mean nothing there, bare listings, sentences, and a conversation.

use db_query_agent::engine::Outcome;

use crate::offline::{Shop, turn, written};

#[tokio::test]
async fn a_row_that_a_join_repeats_counts_once() {
    let shop = Shop::open().await;
    for (question, rows) in [
        ("How many customers ordered in 2024?", &["2"][..]),
        ("How many customers have orders?", &["3"]),
        ("how many customers per city ordered in 2024", &["Berlin|1", "Paris|1"]),
        ("Which customers ordered in 2024?", &["Ada", "Ben"]),
        ("What is the average price of products ordered in 2024?", &["25.666666666666668"]),
        ("How many orders does each customer have?", &["Ada|3", "Ben|1", "Cleo|1"]),
        ("How many order items are there?", &["6"]),
        ("orders by status", &["cancelled|1", "completed|3", "pending|1"]),
        ("which customers bought the most", &["Ada"]),
        ("list the ids of the newest 2 orders", &["2", "3"]),
        ("how many orders in 2023 and 2024", &["5"]),
        ("how many orders in 2024", &["4"]),
    ] {
        let mut found = shop.rows(question).await;
        found.sort();
        assert_eq!(found, rows, "{question}: {}", shop.proposal(question, &[]).sql);
    }
}

#[tokio::test]
async fn a_request_to_write_is_told_that_it_only_reads() {
    let shop = Shop::open().await;
    for question in [
        "drop table customers",
        "delete all orders",
        "update the prices",
        "Please insert a new customer",
        "can you remove the customer Ada",
        "set all prices to 0",
        "show customers and delete them",
        "truncate orders;",
        "add a new product",
    ] {
        match shop.outcome(question, &[]) {
            Outcome::Casual(text) => assert!(text.contains("only read"), "{question}: {text}"),
            other => panic!("`{question}` gave {other:?}"),
        }
    }
    for question in [
        "show dropped orders",
        "orders updated last week",
        "deleted customers",
        "create a list of customers",
        "add up the totals of orders",
    ] {
        if let Outcome::Casual(text) = shop.outcome(question, &[]) {
            panic!("`{question}` is a question: {text}");
        }
    }
}

#[tokio::test]
async fn the_best_is_by_a_measure_that_is_said_or_asked_for() {
    let shop = Shop::open().await;
    let best = shop.proposal("who is our best customer?", &[]);
    assert_eq!(written(&shop.run(&best).await), ["Ada|117"], "{}", best.sql);
    assert!(best.assumptions.iter().any(|words| words.contains("total")), "{:?}", best.assumptions);
    match shop.outcome("what is the best category?", &[]) {
        Outcome::Clarify { question, choices, .. } => {
            assert!(question.contains("best"), "{question}");
            assert!(choices.iter().any(|choice| choice.contains("most products")), "{choices:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_word_that_nothing_explains_is_named_and_not_left_out() {
    let shop = Shop::open().await;
    for (question, word) in [
        ("how many orders are overdue?", "overdue"),
        ("show all archived products", "archived"),
        ("customers from Atlantis", "atlantis"),
        ("How many customers churned last month?", "churned"),
    ] {
        match shop.outcome(question, &[]) {
            Outcome::Clarify { question: back, choices, confidence } => {
                assert!(back.to_lowercase().contains(word), "{question}: {back}");
                assert!(!choices.is_empty() && confidence < 0.2, "{question}: {choices:?} {confidence}");
            }
            other => panic!("`{question}` gave {other:?}"),
        }
    }
    for (question, row) in [
        ("how many customers do we currently have overall please", "4"),
        ("how many orders are stored in our database?", "5"),
        ("How many orders were placed by Ada?", "3"),
    ] {
        assert_eq!(shop.rows(question).await, [row], "{question}");
    }
}

#[tokio::test]
async fn a_bare_listing_shows_the_rows_and_a_column_only_itself() {
    let shop = Shop::open().await;
    for question in ["show me all products", "list products", "products"] {
        let rows = shop.run(&shop.proposal(question, &[])).await;
        assert_eq!((rows.len(), rows.columns.len()), (3, 4), "{question}");
    }
    let rows = shop.run(&shop.proposal("list the names of all products", &[])).await;
    assert_eq!(rows.columns.len(), 1);
}

#[tokio::test]
async fn sentences_say_who_leads_how_many_groups_and_how_many_rows() {
    let shop = Shop::open().await;
    for (question, sentence) in [
        ("top 2 customers by revenue", "{name} leads with {total} (total revenue)."),
        ("Which customer has the most orders?", "{name} has the highest number of orders."),
        ("What is the cheapest product?", "{name} has the lowest price."),
        ("total revenue by category", "The total revenue for each category, {row_count} in all."),
        ("How many orders per month in 2024?", "The number of orders for each month, {row_count} in all."),
        ("show me all products", "Found {row_count} products."),
        ("How many customers ordered in 2024?", "There are {count} such customers."),
        ("What is the average price of products?", "The average price is {average_price}."),
    ] {
        assert_eq!(shop.proposal(question, &[]).template.as_deref(), Some(sentence), "{question}");
    }
}

#[tokio::test]
async fn a_conversation_narrows_sorts_counts_and_moves() {
    let shop = Shop::open().await;
    for (talk, ends) in [
        (
            &[
                "show all orders from last month",
                "filter those by status=completed",
                "sort by total descending",
                "how many is that?",
            ][..],
            "1",
        ),
        (&["top 5 customers by revenue", "only those from Berlin"], "Ada|117\nCleo|12"),
        (&["how many orders in 2024", "what about 2023?"], "1"),
        (&["how many orders in 2024", "by month"], "2024-04|2\n2024-05|2"),
        (&["Which customers ordered in 2024?", "what about 2023?"], "Cleo"),
        (&["Which customers ordered in 2024?", "how many is that?"], "2"),
    ] {
        let mut conversation = Vec::new();
        let mut last = Vec::new();
        for question in talk {
            let proposal = shop.proposal(question, &conversation);
            last = written(&shop.run(&proposal).await);
            conversation.push(turn(question, &proposal));
        }
        assert_eq!(last.join("\n"), ends, "{talk:?}: {:?}", conversation.last());
    }
}

#[tokio::test]
async fn rows_without_a_name_do_not_lead() {
    let shop = Shop::open().await;
    let leader = shop.proposal("Which birth date has the most customers?", &[]).sql;
    assert!(leader.contains("birth_date IS NOT NULL"), "{leader}");
    let all = shop.proposal("How many customers per birth date?", &[]).sql;
    assert!(!all.contains("IS NOT NULL"), "{all}");
}

#[tokio::test]
async fn records_of_no_named_table_are_those_of_the_only_one_or_asked_back() {
    let alone = Shop::with("CREATE TABLE notes (id INTEGER PRIMARY KEY); INSERT INTO notes VALUES (1), (2)").await;
    let shop = Shop::open().await;
    for question in ["Count all records", "how many rows are there in the database?", "total number of entries"] {
        assert_eq!(alone.rows(question).await, ["2"], "{question}");
        match shop.outcome(question, &[]) {
            Outcome::Clarify { choices, .. } => assert!(choices.contains(&"How many orders are there?".to_owned())),
            other => panic!("`{question}` gave {other:?}"),
        }
    }
    assert_eq!(shop.rows("How many records are there in orders?").await, ["5"]);
}

#[tokio::test]
async fn a_related_word_names_a_table_when_nothing_is_called_so() {
    let shop = Shop::open().await;
    for (question, rows) in
        [("How many consumers are there?", &["4"][..]), ("Which commodities cost more than 20?", &["Atlas", "Kite"])]
    {
        assert_eq!(shop.rows(question).await, rows, "{question}");
    }
}

const STORE: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, phone TEXT, city TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price DECIMAL(10,2) NOT NULL, stock_qty INTEGER NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TIMESTAMP NOT NULL, total DECIMAL(10,2) NOT NULL);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id), rating INTEGER NOT NULL);
INSERT INTO customers VALUES (1, 'Ada', 'Long', '030 11', 'Berlin'), (2, 'Ben', 'Short', '01 22', 'Paris'),
    (3, 'Cleo', 'King', NULL, 'Berlin');
INSERT INTO products VALUES (1, 'Atlas', 40, 3), (2, 'Novel', 12, 0), (3, 'Kite', 25, 7), (4, 'Globe', 80, 0);
INSERT INTO orders VALUES (1, 1, '2024-04-10 10:00:00', 700), (2, 1, '2024-05-02 09:00:00', 600),
    (3, 2, '2024-05-14 12:00:00', 900), (4, 3, '2023-12-24 12:00:00', 1100), (5, 2, '2023-04-30 23:59:59', 50);
INSERT INTO reviews VALUES (1, 1, 1, 5), (2, 1, 2, 1), (3, 2, 1, 4), (4, 2, 3, 4), (5, 3, 1, 2), (6, 4, 1, 5);
";

#[tokio::test]
async fn amounts_of_a_store_are_read_as_its_keeper_means_them() {
    let shop = Shop::with(STORE).await;
    for (question, rows) in [
        ("which 3 products have the best average rating?", &["Globe|5", "Novel|4", "Atlas|3"][..]),
        ("which 2 products have the worst average rating?", &["Kite|2", "Atlas|3"]),
        ("which products are out of stock?", &["Novel", "Globe"]),
        ("products out of stock", &["Novel", "Globe"]),
        ("how many products are in stock?", &["2"]),
        ("who is the best customer?", &["Ada|Long|1300"]),
        ("customers who spent more than 1000", &["Ada|Long", "Cleo|King"]),
        ("which customers spent more than 1000 in 2024?", &["Ada|Long"]),
        ("compare revenue in 2023 and 2024", &["2023|1150", "2024|2200"]),
        ("orders in 2023 vs 2024", &["2023|2", "2024|3"]),
        ("how many orders in 2023 and 2024", &["5"]),
        ("phone number of Ada", &["030 11"]),
        ("what is the phone number of Ben Short?", &["01 22"]),
        ("forenames of all customers", &["Ada", "Ben", "Cleo"]),
        ("how many orders did Ada place?", &["2"]),
    ] {
        assert_eq!(shop.rows(question).await, rows, "{question}: {}", shop.proposal(question, &[]).sql);
    }
}
