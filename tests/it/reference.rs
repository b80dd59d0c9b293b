//! References that no key declares, on every database: what names suggest, values decide.

use std::sync::Arc;
use std::time::Duration;

use db_query_agent::dialect::Dialect;
use db_query_agent::grounding::{Catalog, ColumnId};
use db_query_agent::guard::{Guard, Policy};
use serde_json::json;

use crate::value_index::{ALL, agent, ask};
use crate::watched::{Deed, Place, Watched};

const HOSPITAL: &str = "
CREATE TABLE wards (id INTEGER PRIMARY KEY, title VARCHAR(20));
CREATE TABLE nurses (employee INTEGER PRIMARY KEY, ssn INTEGER, full_name VARCHAR(20));
CREATE TABLE stations (id INTEGER PRIMARY KEY, title VARCHAR(20));
CREATE TABLE staff_trips (id INTEGER PRIMARY KEY, start_station_id INTEGER, end_station_id INTEGER, nurse INTEGER, ward INTEGER);
CREATE TABLE pay (ssn INTEGER, amount INTEGER);
INSERT INTO wards VALUES (1, 'north'), (2, 'south');
INSERT INTO nurses VALUES (71, 111, 'Ann'), (72, 222, 'Bob'), (73, 333, 'Cyd');
INSERT INTO stations VALUES (501, 'Main'), (502, 'Park'), (503, 'Lake');
INSERT INTO staff_trips VALUES (1, 501, 502, 71, 9001), (2, 502, 503, 73, 9002), (3, 503, 501, 71, 9003);
INSERT INTO pay VALUES (111, 10), (222, 20), (111, 30);
";

async fn joins(place: &Place, dialect: Dialect) -> Vec<String> {
    let database = place.open();
    let schema = Arc::new(database.introspect().await.unwrap());
    let guard = Guard::new(dialect, Policy::default());
    let catalog = Catalog::load(schema, &*database, &guard, Duration::from_mins(1)).await.unwrap();
    let name = |id: ColumnId| format!("{}.{}", catalog.table(id.table).name, catalog.column(id).name);
    let mut all: Vec<String> = (0..catalog.schema().tables.len())
        .flat_map(|table| catalog.joins().at(table).iter().filter(move |join| join.from.table == table))
        .map(|join| {
            let sign = if join.declared { "=" } else { "~" };
            format!("{} {sign} {}", name(join.from), name(join.to))
        })
        .collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn names_suggest_and_values_decide() {
    for dialect in ALL {
        let place = Place::new(dialect, HOSPITAL).await;
        // The wards of the trips are none of the wards.
        let wanted = [
            "staff_trips.end_station_id ~ stations.id",
            "staff_trips.nurse ~ nurses.employee",
            "staff_trips.start_station_id ~ stations.id",
        ];
        assert_eq!(joins(&place, dialect).await, wanted, "{dialect}");
        let whole = agent(&place, &Watched::new(place.open(), |_| Deed::Run), &json!({}));
        let answer = ask(&whole, "How many staff trips does each nurse have? Show the full name").await;
        let sql = answer.sql.clone().unwrap_or_default();
        assert!(sql.contains("JOIN"), "{dialect}: {answer:?}");
        whole.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_key_wins_over_an_inferred_one() {
    for dialect in ALL {
        let place = Place::new(
            dialect,
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20));
             CREATE TABLE owners (id INTEGER PRIMARY KEY, name VARCHAR(20));
             CREATE TABLE cars (id INTEGER PRIMARY KEY, owner_id INTEGER, FOREIGN KEY (owner_id) REFERENCES people (id));
             INSERT INTO people VALUES (1, 'a'), (2, 'b');
             INSERT INTO owners VALUES (1, 'x'), (2, 'y');
             INSERT INTO cars VALUES (1, 1), (2, 2);",
        )
        .await;
        assert_eq!(joins(&place, dialect).await, ["cars.owner_id = people.id"], "{dialect}");
    }
}
