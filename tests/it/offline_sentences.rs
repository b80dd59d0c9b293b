//! What people say that a benchmark does not: rankings of things, totals, averages of counts, and the sentences to them.

use crate::offline::{Shop, turn, written};

#[tokio::test]
async fn a_ranking_shows_what_is_ranked() {
    let shop = Shop::open().await;
    for (question, rows) in [
        ("Top 3 products by price", &["Atlas|40", "Kite|25", "Novel|12"][..]),
        ("show the 2 cheapest products", &["Novel|12", "Kite|25"]),
        ("the two highest priced products", &["Atlas|40", "Kite|25"]),
        ("list the top 2 products by their price", &["Atlas|40", "Kite|25"]),
    ] {
        assert_eq!(shop.rows(question).await, rows, "{question}");
    }
    // Who asks for the measure gets it alone.
    assert_eq!(shop.rows("What are the prices of the 2 most expensive products?").await, ["40", "25"]);
}

#[tokio::test]
async fn a_total_is_one_figure() {
    let shop = Shop::open().await;
    for (question, mut rows) in [
        ("total of orders", vec!["209"]),
        ("What is the sum of all the orders?", vec!["209"]),
        ("the total of all orders by status", vec!["completed|144", "pending|25", "cancelled|40"]),
        ("total of the orders of Ada", vec!["117"]),
    ] {
        let mut found = shop.rows(question).await;
        found.sort();
        rows.sort_unstable();
        assert_eq!(found, rows, "{question}: {}", shop.proposal(question, &[]).sql);
    }
}

#[tokio::test]
async fn an_aggregate_of_counts_is_one_figure() {
    let shop = Shop::open().await;
    for (question, figure, template) in [
        (
            "average number of orders per customer",
            5.0 / 3.0,
            "The average number of orders for each customer is {average_count}.",
        ),
        (
            "What is the mean number of products in each category?",
            1.5,
            "The average number of products for each category is {average_count}.",
        ),
        (
            "highest number of orders per customer",
            3.0,
            "The highest number of orders for each customer is {maximum_count}.",
        ),
    ] {
        let proposal = shop.proposal(question, &[]);
        let found: Vec<f64> = written(&shop.run(&proposal).await).iter().map(|row| row.parse().unwrap()).collect();
        assert!(matches!(found[..], [only] if (only - figure).abs() < 1e-9), "{question}: {found:?} {}", proposal.sql);
        assert_eq!(proposal.template.as_deref(), Some(template), "{question}");
    }
}

#[tokio::test]
async fn a_sentence_says_where_once() {
    let shop = Shop::open().await;
    let mut conversation = Vec::new();
    for question in ["Which products are in the category Books?", "only those ordered in 2024", "how many is that?"] {
        let proposal = shop.proposal(question, &conversation);
        for text in [proposal.explanation.clone(), proposal.template.clone().unwrap_or_default()] {
            assert!(text.matches(" where ").count() <= 1, "{question}: {text}");
        }
        conversation.push(turn(question, &proposal));
    }
    let never = shop.proposal("Which customers have no orders with status cancelled?", &[]);
    assert!(never.explanation.matches(" where ").count() <= 1, "{}", never.explanation);
}

#[tokio::test]
async fn rows_of_a_ranking_are_counted() {
    let shop = Shop::open().await;
    let first = shop.proposal("Top 2 products by price", &[]);
    let count = shop.proposal("how many is that?", &[turn("Top 2 products by price", &first)]);
    assert_eq!(written(&shop.run(&count).await), ["2"], "{}", count.sql);
    assert_eq!(count.template.as_deref(), Some("There are {count} products."));
    // What follows is about the rows, not about their number.
    let conversation = [turn("Top 2 products by price", &first), turn("how many is that?", &count)];
    let sorted = shop.proposal("sort them by name descending", &conversation);
    assert_eq!(written(&shop.run(&sorted).await).len(), 2, "{}", sorted.sql);
}

#[tokio::test]
async fn figures_of_groups_stand_beside_their_groups() {
    let shop = Shop::open().await;
    for question in ["Total of orders by status", "number of orders by status", "average order total per status"] {
        let rows = shop.rows(question).await;
        assert_eq!(rows.len(), 3, "{question}: {rows:?}");
        assert!(rows.iter().any(|row| row.starts_with("completed|")), "{question}: {rows:?}");
    }
}

#[tokio::test]
async fn a_question_of_its_own_leaves_the_one_before_alone() {
    let shop = Shop::open().await;
    let before = shop.proposal("How many orders are there by status?", &[]);
    let turns = [turn("How many orders are there by status?", &before)];
    for question in ["Top 3 products by price", "what is the average price of the products?"] {
        assert_eq!(shop.proposal(question, &turns).sql, shop.proposal(question, &[]).sql, "{question}");
    }
    let products = shop.proposal("products cheaper than 30", &[]);
    let turns = [turn("products cheaper than 30", &products)];
    let top = shop.proposal("top 1 by price", &turns);
    assert!(top.sql.contains("< 30"), "a follow-up keeps its condition: {}", top.sql);
    let top = shop.proposal("top 1 product by price", &turns);
    assert!(top.sql.contains("< 30"), "of the products before: {}", top.sql);
    let turns = [turn("How many orders are there by status?", &before)];
    let top = shop.run(&shop.proposal("top 1", &turns)).await;
    assert_eq!(written(&top), ["completed|3"], "by the figure that is shown");
}
