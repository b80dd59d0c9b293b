//! Rows with their partners: lists for each, all partners, and tables whose keys nobody declared.

use crate::offline::Shop;

async fn sorted(shop: &Shop, question: &str) -> Vec<String> {
    let mut rows = shop.rows(question).await;
    rows.sort();
    rows
}

const PARKS: &str = "
CREATE TABLE parks (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE rides (id INTEGER PRIMARY KEY, name TEXT NOT NULL, height INTEGER NOT NULL);
CREATE TABLE parks_rides (park_id INTEGER NOT NULL REFERENCES parks (id), ride_id INTEGER NOT NULL REFERENCES rides (id));
INSERT INTO parks VALUES (1, 'Alta'), (2, 'Brio');
INSERT INTO rides VALUES (1, 'Wheel', 40), (2, 'Drop', 60), (3, 'Swing', 20);
INSERT INTO parks_rides VALUES (1, 1), (1, 2), (2, 1), (2, 3);
";

#[tokio::test]
async fn a_list_for_each_says_whose_it_is() {
    let shop = Shop::with(PARKS).await;
    let rows = sorted(&shop, "For each park, show the rides it has.").await;
    assert_eq!(rows, ["Alta|Drop", "Alta|Wheel", "Brio|Swing", "Brio|Wheel"]);
}

#[tokio::test]
async fn all_partners_are_more_than_any_partner() {
    let shop = Shop::with(PARKS).await;
    assert_eq!(sorted(&shop, "Which rides are common to all parks?").await, ["Wheel"]);
    assert_eq!(sorted(&shop, "Show the names of the rides that every park has.").await, ["Wheel"]);
    assert_eq!(sorted(&shop, "Which rides are in every park?").await, ["Wheel"]);
    let each = sorted(&shop, "For every park, show the rides it has.").await;
    assert_eq!(each, ["Alta|Drop", "Alta|Wheel", "Brio|Swing", "Brio|Wheel"]);
}

/// As after an import of text files: no primary key and no foreign key.
const BARE: &str = "
CREATE TABLE business (bid INTEGER, business_id TEXT, name TEXT, state TEXT);
CREATE TABLE review (rid INTEGER, business_id TEXT, rating REAL);
CREATE TABLE place (town TEXT, region TEXT);
CREATE TABLE hall (id INTEGER, name TEXT, town TEXT);
INSERT INTO business VALUES (1, 'ax', 'Alto', 'CA'), (2, 'bx', 'Bene', 'CA'), (3, 'cx', 'Cara', 'NY');
INSERT INTO review VALUES (1, 'ax', 4), (2, 'ax', 2), (3, 'bx', 5), (4, 'cx', 1), (5, 'cx', 2);
INSERT INTO place VALUES ('Bonn', 'West'), ('Ulm', 'South'), ('Kiel', 'North');
INSERT INTO hall VALUES (1, 'Old', 'Bonn'), (2, 'New', 'Bonn'), (3, 'Far', 'Ulm'), (4, 'Near', 'Kiel');
";

#[tokio::test]
async fn tables_without_keys_are_joined_by_what_never_repeats() {
    let shop = Shop::with(BARE).await;
    let averages = sorted(&shop, "What is the average rating of each business?").await;
    assert_eq!(averages, ["Alto|3", "Bene|5", "Cara|1.5"]);
    let halls = sorted(&shop, "How many halls are there in each region?").await;
    assert_eq!(halls, ["North|1", "South|1", "West|2"]);
}
