//! The index of stored values on every database: what is read of large tables, what is looked up when it is not
//! there, and how it is kept fresh while questions go on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use db_query_agent::agent::{Agent, Answer, Events, Question};
use db_query_agent::database::Database;
use db_query_agent::dialect::Dialect;
use db_query_agent::engine::offline::Offline;
use db_query_agent::grounding::lookup::look_up;
use db_query_agent::grounding::{Catalog, ColumnId, Pace};
use db_query_agent::guard::{Guard, Policy};
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};

use crate::sqlite::File;
use crate::watched::{Deed, Place, Watched};

pub(crate) const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql];
/// Long enough for whatever is read here.
const BUDGET: Duration = Duration::from_mins(1);

/// 60,000 orders, whose status only tells itself behind the first rows, and as many customers as there are names.
const LARGE: &str = "
CREATE TABLE digits (d INTEGER);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE orders (id INTEGER PRIMARY KEY, status VARCHAR(20), note VARCHAR(40), total INTEGER NOT NULL);
INSERT INTO orders SELECT n, CASE WHEN n < 20000 THEN 'shipped' WHEN n < 40000 THEN 'pending' ELSE 'archived' END,
    CASE WHEN n < 30000 THEN 'n' ELSE NULL END, n
    FROM (SELECT a.d * 10000 + b.d * 1000 + c.d * 100 + e.d * 10 + f.d AS n
        FROM digits a, digits b, digits c, digits e, digits f) AS numbers WHERE n < 60000 ORDER BY n;
CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);
INSERT INTO customers SELECT id, CONCAT('Person ', total) FROM orders WHERE id < 20000 ORDER BY id;
UPDATE customers SET name = 'Xanthippe Quill' WHERE id = 17123;
DROP TABLE digits;
";

const SMALL: &str = "
CREATE TABLE orders (id INTEGER PRIMARY KEY, status VARCHAR(20), total INTEGER NOT NULL);
INSERT INTO orders VALUES (1, 'completed', 5), (2, 'pending', 7), (3, 'pending', 9);
CREATE TABLE payments (id INTEGER PRIMARY KEY, order_id INTEGER, state VARCHAR(20), card VARCHAR(20));
INSERT INTO payments VALUES (1, 1, 'pending', 'visa'), (2, 2, 'paid', 'visa');
";

/// Whether the statement reads values ahead. An answer counts or lists, and a look-up asks for a value.
fn reads_ahead(sql: &str) -> bool {
    let sql = sql.to_uppercase();
    sql.contains("LIMIT 5001") || sql.contains("OFFSET 5000") || sql.contains("TABLESAMPLE") || sql.contains("MIN(")
}

fn is_look_up(sql: &str) -> bool {
    sql.contains(" IN (") && sql.ends_with("LIMIT 1")
}

pub(crate) fn agent(place: &Place, database: &Arc<Watched>, options: &Json) -> Agent {
    let database = Arc::clone(database) as Arc<dyn Database>;
    Agent::with_parts(place.config(options), database, Arc::new(Offline)).unwrap()
}

pub(crate) async fn ask(agent: &Agent, text: &str) -> Answer {
    let question = Question { text: text.to_owned(), ..Question::default() };
    agent.query(question, &Events::default()).await.unwrap()
}

fn number(answer: &Answer) -> Option<i64> {
    match answer.rows.cells.as_slice() {
        [Value::Int(number)] => Some(*number),
        _ => None,
    }
}

fn guard(dialect: Dialect) -> Guard {
    Guard::new(dialect, Policy::default())
}

fn column(catalog: &Catalog, table: &str, column: &str) -> ColumnId {
    let named = |id: &ColumnId| catalog.table(id.table).name == table && catalog.column(*id).name == column;
    (0..catalog.schema().tables.len()).flat_map(|table| catalog.columns_of(table)).find(named).unwrap()
}

fn texts(catalog: &Catalog, id: ColumnId) -> Vec<&str> {
    catalog.values().values(id).iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_table_is_known_from_all_over_it_without_being_scanned() {
    for dialect in ALL {
        let place = Place::new(dialect, LARGE).await;
        let database = Watched::new(place.open(), |_| Deed::Run);
        let schema = Arc::new(database.introspect().await.unwrap());
        let bare = Catalog::names_of(schema);
        let glance = bare.read(&*database, &guard(dialect), Pace::glance(BUDGET), "").await.unwrap();
        for sql in database.seen() {
            assert!(sql.contains("LIMIT") || sql.contains("SELECT MIN("), "{dialect} reads all of it: {sql}");
        }
        let (status, note, id) =
            (column(&glance, "orders", "status"), column(&glance, "orders", "note"), column(&glance, "orders", "id"));
        let values = glance.values();
        assert_eq!(texts(&glance, status), ["archived", "pending", "shipped"], "{dialect}");
        let (low, high) = values.range(id).unwrap();
        assert!(low < 15_000.0 && high > 45_000.0, "{dialect}: {low} to {high}");
        let rate = values.null_rate(note).unwrap();
        assert!((0.3..0.7).contains(&rate), "{dialect}: {rate}");
        assert!(values.distinct(id, Some(60_000)).unwrap() > 50_000, "{dialect}");
        assert!(!values.is_whole(status) && !glance.is_complete(), "{dialect}");

        let whole = glance.read(&*database, &guard(dialect), Pace::aside(BUDGET, BUDGET), "").await.unwrap();
        assert!(whole.is_complete() && whole.values().is_whole(status), "{dialect}");
        assert_eq!(whole.values().distinct(status, Some(60_000)), Some(3), "{dialect}");
        assert!(!whole.values().is_whole(column(&whole, "customers", "name")), "{dialect}");
    }
}

/// Tables whose keys are no numbers, or numbers far apart.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_table_without_an_even_key_is_known_by_its_ends() {
    for dialect in ALL {
        let cast = if dialect == Dialect::Mysql { "CHAR" } else { "VARCHAR(9)" };
        let without = if dialect == Dialect::Sqlite { "WITHOUT ROWID" } else { "" };
        let statements = format!(
            "{LARGE}
             CREATE TABLE parcels (code VARCHAR(9) PRIMARY KEY, state VARCHAR(9)) {without};
             INSERT INTO parcels SELECT CAST(id AS {cast}), CASE WHEN id < 9000 THEN 'sent' ELSE 'lost' END
                FROM orders WHERE id < 10000;
             CREATE TABLE visits (id BIGINT PRIMARY KEY, place VARCHAR(9));
             INSERT INTO visits SELECT id, 'near' FROM orders WHERE id < 10000;
             INSERT INTO visits VALUES (1000000000000, 'far');"
        );
        let place = Place::new(dialect, &statements).await;
        let database = place.open();
        let schema = Arc::new(database.introspect().await.unwrap());
        let catalog =
            Catalog::names_of(schema).read(&*database, &guard(dialect), Pace::glance(BUDGET), "").await.unwrap();
        let state = column(&catalog, "parcels", "state");
        assert!(texts(&catalog, state).contains(&"sent"), "{dialect}");
        assert!(!catalog.values().is_whole(state), "{dialect}");
        if dialect != Dialect::Postgres {
            assert_eq!(texts(&catalog, column(&catalog, "visits", "place")), ["far", "near"], "{dialect}");
        }
        let found = look_up("Which parcels are lost?", &catalog, &*database, &guard(dialect), BUDGET).await;
        let known = found.map_or(catalog, |found| found.catalog);
        assert_eq!(known.values().find("lost").map(|stored| stored.column).collect::<Vec<_>>(), [state], "{dialect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_data_gives_the_same_catalogue_at_any_pace() {
    for dialect in ALL {
        let place = Place::new(dialect, &format!("{LARGE} {}", SMALL.replace("orders", "sales"))).await;
        let database = place.open();
        let schema = Arc::new(database.introspect().await.unwrap());
        let guard = guard(dialect);
        let all = Catalog::load(Arc::clone(&schema), &*database, &guard, BUDGET).await.unwrap();
        let bare = Catalog::names_of(Arc::clone(&schema));
        let slow = bare.read(&*database, &guard, Pace::aside(BUDGET, BUDGET), "payments by state").await.unwrap();
        assert!(all.is_complete() && slow.is_complete());
        assert!(all.joins().at(0).iter().eq(slow.joins().at(0)));
        for id in (0..schema.tables.len()).flat_map(|table| all.columns_of(table)) {
            let (one, other) = (all.values(), slow.values());
            let name = &all.column(id).name;
            assert_eq!(texts(&all, id), texts(&slow, id), "{dialect} {name}");
            assert_eq!(one.range(id), other.range(id), "{dialect} {name}");
            assert_eq!(one.null_rate(id), other.null_rate(id), "{dialect} {name}");
            assert_eq!((one.shape(id), one.is_whole(id)), (other.shape(id), other.is_whole(id)), "{dialect} {name}");
            assert_eq!(one.distinct(id, Some(60_000)), other.distinct(id, Some(60_000)), "{dialect} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_in_time_is_looked_up() {
    for dialect in ALL {
        let place = Place::new(dialect, SMALL).await;
        let slow = |sql: &str| if reads_ahead(sql) { Deed::Hang } else { Deed::Run };
        let database = Watched::new(place.open(), slow);
        let agent = agent(&place, &database, &json!({}));
        for (question, count) in
            [("How many orders are pending?", 2), ("number of Completed orders", 1), ("How many orders are there?", 3)]
        {
            let answer = ask(&agent, question).await;
            assert_eq!(number(&answer), Some(count), "{dialect} {question}: {answer:?}");
        }
        let answer = ask(&agent, "How many orders are frobnicated?").await;
        assert!(answer.clarification.is_some(), "{dialect}: {answer:?}");
        agent.close().await;
    }
}

/// A value of the table next to it must not stand for one that was not read yet.
#[tokio::test(flavor = "multi_thread")]
async fn half_an_index_gives_no_other_answer_than_a_whole_one() {
    for dialect in ALL {
        let place = Place::new(dialect, SMALL).await;
        let slow = |sql: &str| {
            let of_orders = !sql.contains("payments");
            if reads_ahead(sql) && of_orders { Deed::Hang } else { Deed::Run }
        };
        let database = Watched::new(place.open(), slow);
        let half = agent(&place, &database, &json!({}));
        let whole = agent(&place, &Watched::new(place.open(), |_| Deed::Run), &json!({}));
        for question in ["How many orders are pending?", "total of the pending orders", "How many payments are paid?"] {
            let (one, other) = (ask(&half, question).await, ask(&whole, question).await);
            assert!(one.sql.is_some(), "{dialect} {question}: {one:?}");
            assert_eq!((one.sql, one.rows.cells), (other.sql, other.rows.cells), "{dialect} {question}");
        }
        half.close().await;
        whole.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_among_too_many_to_keep_is_looked_up() {
    for dialect in ALL {
        let place = Place::new(dialect, LARGE).await;
        let database = Watched::new(place.open(), |_| Deed::Run);
        let schema = Arc::new(database.introspect().await.unwrap());
        let guard = guard(dialect);
        let catalog = Catalog::load(schema, &*database, &guard, BUDGET).await.unwrap();
        assert_eq!(catalog.values().find("xanthippe quill").count(), 0, "{dialect}: the sample has it by chance");
        let question = "What is the id of the customer xanthippe quill?";
        let found = look_up(question, &catalog, &*database, &guard, BUDGET).await.unwrap();
        assert!(found.is_more && !found.is_cut);
        let stored: Vec<_> = found.catalog.values().find("xanthippe quill").collect();
        assert_eq!(stored.len(), 1, "{dialect}");
        assert_eq!((stored[0].column, stored[0].text), (column(&catalog, "customers", "name"), "Xanthippe Quill"));
        assert_eq!(catalog.values().find("xanthippe quill").count(), 0, "the catalogue of others stays as it was");

        let agent = agent(&place, &database, &json!({}));
        let answer = ask(&agent, question).await;
        assert_eq!(number(&answer), Some(17_123), "{dialect}: {answer:?}");
        agent.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_every_table_has_is_found_in_the_one_that_is_named() {
    let tables: Vec<String> = (0..60)
        .map(|place: u8| {
            let name = format!("{}_orders", region(place));
            format!(
                "CREATE TABLE {name} (id INTEGER PRIMARY KEY, status VARCHAR(20));
                 INSERT INTO {name} VALUES (1, 'shipped'), (2, 'pending');"
            )
        })
        .collect();
    let place = Place::new(Dialect::Sqlite, &tables.join("\n")).await;
    let agent = agent(&place, &Watched::new(place.open(), |_| Deed::Run), &json!({}));
    for number in [0, 30, 59] {
        let name = region(number);
        let answer = ask(&agent, &format!("How many {name} orders are pending?")).await;
        assert!(answer.sql.as_deref().is_some_and(|sql| sql.contains(&format!("{name}_orders"))), "{answer:?}");
        assert_eq!(self::number(&answer), Some(1), "{name}: {answer:?}");
    }
    agent.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_all_is_known_of_is_not_looked_up() {
    let place = Place::new(Dialect::Sqlite, SMALL).await;
    let database = Watched::new(place.open(), |_| Deed::Run);
    let agent = agent(&place, &database, &json!({}));
    assert_eq!(number(&ask(&agent, "How many orders are pending?").await), Some(2));
    assert!(ask(&agent, "How many orders are frobnicated?").await.clarification.is_some());
    assert!(!database.seen().iter().any(|sql| is_look_up(sql)), "{:?}", database.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_too_slow_for_a_look_up_is_asked_back_about() {
    let place = Place::new(Dialect::Sqlite, SMALL).await;
    let slow = |sql: &str| if reads_ahead(sql) || is_look_up(sql) { Deed::Hang } else { Deed::Run };
    let database = Watched::new(place.open(), slow);
    let agent = agent(&place, &database, &json!({}));
    let answer = ask(&agent, "How many orders are pending?").await;
    assert!(answer.clarification.is_some() && answer.sql.is_none(), "{answer:?}");
    database.behave(|sql| if reads_ahead(sql) { Deed::Hang } else { Deed::Run });
    assert_eq!(number(&ask(&agent, "How many orders are pending?").await), Some(2));
    agent.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_at_once_share_one_reading() {
    for dialect in ALL {
        let place = Place::new(dialect, SMALL).await;
        let database = Watched::new(place.open(), |_| Deed::Run);
        let agent = agent(&place, &database, &json!({}));
        let asked = (0..6).map(|_| ask(&agent, "How many orders are pending?"));
        for answer in futures::future::join_all(asked).await {
            assert_eq!(number(&answer), Some(2), "{dialect}: {answer:?}");
        }
        let heads = database.seen().iter().filter(|sql| sql.contains("LIMIT 5001") && sql.contains("total")).count();
        assert_eq!(heads, 1, "{dialect}: {:?}", database.seen());
        agent.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_not_to_be_indexed_are_left_alone() {
    for dialect in ALL {
        let place = Place::new(dialect, SMALL).await;
        let slow = |sql: &str| if reads_ahead(sql) { Deed::Hang } else { Deed::Run };
        for (entries, of_status, of_state) in
            [(json!(["status"]), false, true), (json!(["pay*.*"]), true, false), (json!(["*"]), false, false)]
        {
            let options = json!({"unindexed_columns": entries});
            for database in [Watched::new(place.open(), |_| Deed::Run), Watched::new(place.open(), slow)] {
                let agent = agent(&place, &database, &options);
                ask(&agent, "orders with pending payments").await;
                let names = |part: &str| database.seen().iter().any(|sql| sql.contains(part) && !sql.contains("COUNT"));
                assert_eq!((names("status"), names("state")), (of_status, of_state), "{dialect} {:?}", database.seen());
                agent.close().await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_read_again_in_the_background() {
    for dialect in ALL {
        let place = Place::new(dialect, SMALL).await;
        let database = Watched::new(place.open(), |_| Deed::Run);
        let agent = agent(&place, &database, &json!({"values_cache_ttl": 0}));
        let question = "How many orders are refunded?";
        assert!(ask(&agent, question).await.clarification.is_some(), "{dialect}");
        place.execute("INSERT INTO orders VALUES (4, 'refunded', 1)").await;
        // Each question begins a reading unless one is under way.
        let answer = loop {
            let answer = ask(&agent, question).await;
            if answer.clarification.is_none() {
                break answer;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(number(&answer), Some(1), "{dialect}: {answer:?}");
        agent.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_neither_fails_a_question_nor_holds_it_up_nor_outlives_the_agent() {
    for dialect in ALL {
        let place = Place::new(dialect, SMALL).await;
        let database = Watched::new(place.open(), |_| Deed::Run);
        let agent = agent(&place, &database, &json!({"values_cache_ttl": 0}));
        let question = "How many orders are pending?";
        assert_eq!(number(&ask(&agent, question).await), Some(2));

        database.behave(|sql| if reads_ahead(sql) { Deed::Fail } else { Deed::Run });
        assert_eq!(number(&ask(&agent, question).await), Some(2), "{dialect}");
        database.behave(|sql| if reads_ahead(sql) { Deed::Hang } else { Deed::Run });
        while database.hanging.load(Ordering::SeqCst) == 0 {
            assert_eq!(number(&ask(&agent, question).await), Some(2), "{dialect}");
            tokio::task::yield_now().await;
        }
        assert_eq!(number(&ask(&agent, question).await), Some(2), "{dialect}");
        agent.close().await;
        while database.hanging.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_outlive_a_change_of_the_schema() {
    for dialect in ALL {
        let place = Place::new(dialect, SMALL).await;
        let database = Watched::new(place.open(), |_| Deed::Run);
        let agent = agent(&place, &database, &json!({}));
        let question = "How many orders are pending?";
        assert_eq!(number(&ask(&agent, question).await), Some(2));
        place.execute("ALTER TABLE orders ADD COLUMN origin VARCHAR(20)").await;
        place.execute("UPDATE orders SET origin = 'walk in'").await;
        agent.schema(true, None).await.unwrap();
        // Nothing is read anew, and the new column is looked up.
        database.behave(|sql| if reads_ahead(sql) { Deed::Hang } else { Deed::Run });
        assert_eq!(number(&ask(&agent, question).await), Some(2), "{dialect}");
        let answer = ask(&agent, "How many orders are walk in?").await;
        assert_eq!(number(&answer), Some(3), "{dialect}: {answer:?}");
        agent.close().await;
    }
}

/// A word that no other number has.
fn region(number: u8) -> String {
    ["bor", "nal", "vek"]
        .iter()
        .zip([number / 16, number / 4 % 4, number % 4])
        .fold(String::new(), |word, (syllable, part)| word + syllable + ["a", "o", "u", "i"][usize::from(part)])
}

/// The memory that values may take does not grow with the database.
#[tokio::test]
async fn a_million_values_take_little_memory() {
    let mut statements = String::new();
    for table in 0..100 {
        statements.push_str(&format!("CREATE TABLE t{table} (a VARCHAR(20), b VARCHAR(20), c VARCHAR(20));"));
    }
    let file = File::new(&statements).await;
    let schema = Arc::new(file.open().introspect().await.unwrap());
    let cells =
        |id: ColumnId| (0..5_000).map(|n| Value::from(format!("value {} {n}", id.table * 3 + id.column))).collect();
    let ids = (0..100).flat_map(|table| (0..3).map(move |column| ColumnId { table, column }));
    let catalog = Catalog::from_parts(schema, ids.map(|id| (id, cells(id))).collect());
    assert!(catalog.values().bytes() < 50 << 20, "{} bytes", catalog.values().bytes());
    let kept: usize = (0..100).map(|table| catalog.values().values(ColumnId { table, column: 0 }).len()).sum();
    assert!(kept > 300_000, "{kept}");
    assert!(!catalog.values().is_whole(ColumnId { table: 0, column: 0 }), "what is left out can be looked up");
}
