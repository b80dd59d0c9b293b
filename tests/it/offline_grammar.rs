//! Shapes of questions that the engine without a model reads, on a real database.

use crate::offline::Shop;

/// Asks each question and compares the rows, in any order.
async fn reads(shop: &Shop, cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (question, rows) in cases {
        let mut found = shop.rows(question).await;
        let mut wanted: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        found.sort();
        wanted.sort();
        if found != wanted {
            wrong.push(format!("{question}\n  {}\n  {found:?}", shop.proposal(question, &[]).sql));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const SCHOOL: &str = "
CREATE TABLE clubs (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE pupils (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, age INTEGER NOT NULL,
    height INTEGER NOT NULL, email TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE visits (id INTEGER PRIMARY KEY, pupil_id INTEGER NOT NULL REFERENCES pupils (id),
    club_id INTEGER NOT NULL REFERENCES clubs (id), visited_on DATE NOT NULL, minutes INTEGER NOT NULL);
INSERT INTO clubs VALUES (1, 'Chess'), (2, 'Rowing');
INSERT INTO pupils VALUES (1, 'Ann', 'Reed', 12, 150, 'ann@x.org', 'Bonn'), (2, 'Bob', 'Stone', 15, 181, 'bob@x.org', 'Ulm'),
    (3, 'Cid', 'Reed', 14, 140, 'cid@y.net', 'Ulm');
INSERT INTO visits VALUES (1, 1, 1, '2024-01-05', 30), (2, 2, 1, '2024-02-01', 45), (3, 2, 2, '2024-03-01', 60), (4, 3, 2, '2024-01-02', 20);
";

#[tokio::test]
async fn comparisons_with_an_average_need_no_second_noun() {
    let shop = Shop::with(SCHOOL).await;
    reads(
        &shop,
        &[
            ("What are the emails of pupils who are older than average?", &["bob@x.org", "cid@y.net"]),
            ("Show the emails of pupils with a height more than the average", &["bob@x.org"]),
            ("How many pupils are shorter than the average?", &["2"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn parts_of_texts_are_named_in_many_ways() {
    let shop = Shop::with(SCHOOL).await;
    reads(
        &shop,
        &[
            ("What are the last names of pupils who have 'x.org' in their email?", &["Reed", "Stone"]),
            ("How many pupils have a first name without the letter 'i'?", &["2"]),
            ("What is the age of the pupil whose last name starts with the letter S?", &["15"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn ends_of_an_order_know_whose_they_are() {
    let shop = Shop::with(SCHOOL).await;
    reads(
        &shop,
        &[
            ("What are the highest, lowest and average age of pupils?", &["15|12|13.666666666666666"]),
            ("What is the email of the pupil who made the first visit?", &["cid@y.net"]),
            ("What is the email of the shortest pupil?", &["cid@y.net"]),
            ("What are the emails of the two tallest pupils?", &["ann@x.org", "bob@x.org"]),
            ("What is the maximum and mininum height of pupils?", &["181|140"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_value_owns_the_column_behind_it() {
    let shop = Shop::with(SCHOOL).await;
    reads(&shop, &[("What is Bob Stone's email and age?", &["bob@x.org|15"])]).await;
}

#[tokio::test]
async fn the_second_one_is_behind_the_first() {
    let shop = Shop::with(SCHOOL).await;
    reads(
        &shop,
        &[
            ("What is the email of the second oldest pupil?", &["cid@y.net"]),
            ("What is the third highest height of pupils?", &["140"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn two_figures_give_one() {
    let shop = Shop::with(SCHOOL).await;
    reads(
        &shop,
        &[
            ("What percentage of pupils live in Ulm?", &["66.66666666666667"]),
            ("What is the percentage of visits that took more than 25 minutes?", &["75"]),
            ("What proportion of pupils are older than 13?", &["0.6666666666666666"]),
            ("What is the difference in height between the tallest pupil and the shortest pupil?", &["41"]),
            ("What is the ratio of pupils to clubs?", &["1.5"]),
            ("What is the ratio of pupils in Ulm to pupils in Bonn?", &["2"]),
            ("What is the difference between the maximum and minimum age of pupils?", &["3"]),
            ("What is the difference between the number of pupils in Ulm and the number of pupils in Bonn?", &["1"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn rows_are_compared_with_others() {
    let shop = Shop::with(SCHOOL).await;
    reads(
        &shop,
        &[
            ("What are the emails of pupils older than Ann?", &["bob@x.org", "cid@y.net"]),
            ("What are the emails of pupils who live in the same city as Bob?", &["bob@x.org", "cid@y.net"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_of_things_are_read_as_what_they_count() {
    let shop = Shop::with(
        "CREATE TABLE halls (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, seats INTEGER NOT NULL);
        CREATE TABLE shows (id INTEGER PRIMARY KEY, hall_id INTEGER NOT NULL REFERENCES halls (id), title TEXT NOT NULL);
        INSERT INTO halls VALUES (1, 'Old Hall', 'Norway', 90), (2, 'New Hall', 'Spain', 300), (3, 'Long Hall', 'Norway', 50);
        INSERT INTO shows VALUES (1, 1, 'Ring'), (2, 1, 'Mask'), (3, 2, 'Ring'), (4, 2, 'Duel'), (5, 2, 'Mask'), (6, 3, 'Duel');",
    )
    .await;
    reads(
        &shop,
        &[
            ("Show the names of halls with a number of seats above average", &["New Hall"]),
            (
                "Show the name, country and number of seats of each hall",
                &["Old Hall|Norway|90", "New Hall|Spain|300", "Long Hall|Norway|50"],
            ),
            ("What are the names of halls that have between 2 and 3 shows?", &["Old Hall", "New Hall"]),
            ("Which halls have multiple shows?", &["Old Hall", "New Hall"]),
            ("What are the names of halls that had a show at least twice?", &["Old Hall", "New Hall"]),
            ("How many Norwegian halls are there?", &["2"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn small_words_lead_to_the_right_clause() {
    let shop = Shop::with(SCHOOL).await;
    reads(
        &shop,
        &[
            ("What are the emails of pupils with the top 2 heights?", &["bob@x.org", "ann@x.org"]),
            ("List each city and its count in descending order of count", &["Ulm|2", "Bonn|1"]),
            (
                "What are the emails of pupils whose last name starts with S or whose height is under 145?",
                &["bob@x.org", "cid@y.net"],
            ),
            ("What are the emails of pupils aged either 12 or 15?", &["ann@x.org", "bob@x.org"]),
            ("What is the largest and smallest height of pupils?", &["181|140"]),
            (
                "What are the emails of pupils who have more height than the pupil whose first name is Ann?",
                &["bob@x.org"],
            ),
        ],
    )
    .await;
}
