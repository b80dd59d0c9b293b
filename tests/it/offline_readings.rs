//! What a question may also mean: readings that the ranker can choose, on a real database.

use crate::offline::Shop;

const TRIPS: &str = "
CREATE TABLE stations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE riders (id INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT NOT NULL, sex TEXT NOT NULL, age INTEGER NOT NULL,
    city TEXT NOT NULL);
CREATE TABLE mechanics (id INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT NOT NULL);
CREATE TABLE trips (id INTEGER PRIMARY KEY, start_station_id INTEGER NOT NULL REFERENCES stations (id),
    end_station_id INTEGER NOT NULL REFERENCES stations (id), rider_id INTEGER NOT NULL REFERENCES riders (id),
    minutes INTEGER NOT NULL, year INTEGER NOT NULL);
INSERT INTO stations VALUES (1, 'Mill', 'Bonn'), (2, 'Dock', 'Bonn'), (3, 'Park', 'Ulm');
INSERT INTO riders VALUES (1, 'Ann', '11', 'F', 30, 'Bonn'), (2, 'Bob', '22', 'M', 40, 'Bonn'), (3, 'Cid', '33', 'M', 50, 'Ulm'),
    (4, 'Dee', '44', 'F', 50, 'Ulm'), (5, 'Fay', '66', 'F', 22, 'Bonn');
INSERT INTO mechanics VALUES (1, 'Eve', '55');
INSERT INTO trips VALUES (1, 1, 2, 1, 10, 2020), (2, 1, 2, 2, 20, 2021), (3, 2, 3, 1, 30, 2021), (4, 1, 3, 3, 40, 2020);
";

/// Whether some reading of each question gives the rows, in any order.
async fn may_read(cases: &[(&str, &[&str])]) {
    let shop = Shop::with(TRIPS).await;
    let mut missing = Vec::new();
    for (question, rows) in cases {
        let sorted = |mut rows: Vec<String>| {
            rows.sort();
            rows
        };
        let wanted = sorted(rows.iter().map(|row| (*row).to_owned()).collect());
        let found: Vec<Vec<String>> = shop.readings(question).await.into_iter().map(sorted).collect();
        if !found.contains(&wanted) {
            missing.push(format!("{question}: {found:?}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[tokio::test]
async fn the_said_reference_joins() {
    let shop = Shop::with(TRIPS).await;
    assert_eq!(shop.rows("How many trips ended at the station Dock?").await, ["2"]);
    assert_eq!(shop.rows("How many trips started at the station Mill?").await, ["3"]);
    may_read(&[
        ("How many trips go with the station Park?", &["0"]),
        ("How many trips go with the station Park?", &["2"]),
    ])
    .await;
}

#[tokio::test]
async fn a_denied_condition_may_exclude_what_is_shown() {
    may_read(&[("What are the cities without any rider named Bob?", &["Ulm"])]).await;
    may_read(&[("Which years have no trip by the rider Cid?", &["2021"])]).await;
}

#[tokio::test]
async fn a_superlative_may_be_shared() {
    may_read(&[("What is the name of the oldest rider?", &["Cid", "Dee"])]).await;
}

#[tokio::test]
async fn a_superlative_may_stand_in_each_group() {
    may_read(&[(
        "What are the name and age of the oldest rider in each city?",
        &["Bonn|Bob|40", "Ulm|Cid|50", "Ulm|Dee|50"],
    )])
    .await;
}

#[tokio::test]
async fn the_rows_of_the_leading_group_may_be_meant() {
    may_read(&[("What are the phones of riders with the most common city?", &["11", "22", "66"])]).await;
}

#[tokio::test]
async fn two_values_may_be_two_groups_or_two_conditions() {
    may_read(&[
        ("What is the average age of riders with sex F and M?", &["F|34", "M|45"]),
        ("What are the cities of riders with age under 35 and riders with age above 38?", &["Bonn"]),
        ("Which start station ids had trips in both year 2020 and year 2021?", &["1"]),
    ])
    .await;
}

#[tokio::test]
async fn what_stands_on_each_side_of_or_may_belong_together() {
    may_read(&[(
        "What are the names of riders in Bonn with age under 35 or in Ulm with sex M?",
        &["Ann", "Cid", "Fay"],
    )])
    .await;
}

#[tokio::test]
async fn two_lists_may_be_one() {
    may_read(&[("Show the phones of riders and mechanics", &["11", "22", "33", "44", "55", "66"])]).await;
}

#[tokio::test]
async fn what_stands_behind_a_comparison_may_describe_the_other_rows() {
    may_read(&[
        ("What are the names of riders older than the average age of riders in Ulm?", &[]),
        ("What are the names of riders older than all riders in Bonn?", &["Cid", "Dee"]),
        ("What are the names of riders whose age is above the age of some riders in Bonn with sex M?", &["Cid", "Dee"]),
    ])
    .await;
}
