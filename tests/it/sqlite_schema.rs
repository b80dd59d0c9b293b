//! What introspection says about SQLite files, the tidy and the odd ones.

use std::sync::Arc;

use db_query_agent::database::Database;
use db_query_agent::schema::{Schema, TableKind, TypeClass};

use crate::sqlite::File;

async fn schema(statements: &str) -> Schema {
    let file = File::new(statements).await;
    let database: Arc<dyn Database> = file.open();
    database.introspect().await.unwrap()
}

#[tokio::test]
async fn columns_keys_and_indexes() {
    let schema = schema(
        "CREATE TABLE Customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, joined DATETIME DEFAULT CURRENT_TIMESTAMP,
            active BOOLEAN DEFAULT 1, loud TEXT GENERATED ALWAYS AS (upper(email)) STORED);
         CREATE TABLE line (order_id INT, number INT, customer INT REFERENCES customer, price DECIMAL(10,2),
            PRIMARY KEY (order_id, number));
         CREATE TABLE note (id TEXT PRIMARY KEY, o INT, n INT, FOREIGN KEY (o, n) REFERENCES LINE (Order_Id, Number));
         CREATE INDEX by_price ON line (price DESC, abs(price));
         CREATE UNIQUE INDEX one_active ON customer (active) WHERE active;
         CREATE VIEW dear AS SELECT c.email, l.price FROM line l JOIN customer c ON c.id = l.customer;
         CREATE VIEW dearest AS SELECT count(*) AS n FROM dear;
         INSERT INTO customer (email, active) VALUES ('a', 1), ('b', 0); ANALYZE",
    )
    .await;
    let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["Customer", "line", "note", "dear", "dearest"]);
    assert_eq!(schema.warnings, Vec::<String>::new());

    let customer = &schema.tables[0];
    assert_eq!(customer.primary_key, ["id"]);
    assert_eq!(customer.row_estimate, Some(2));
    let id = customer.column("id").unwrap();
    assert!(!id.nullable && id.class == TypeClass::Integer);
    assert!(!customer.column("email").unwrap().nullable);
    let joined = customer.column("joined").unwrap();
    assert_eq!((joined.class, joined.default.as_deref()), (TypeClass::DateTime, Some("CURRENT_TIMESTAMP")));
    let loud = customer.column("loud").unwrap();
    assert!(loud.generated && loud.type_name == "TEXT");
    let unique: Vec<(&str, bool)> =
        customer.indexes.iter().map(|index| (index.columns[0].as_str(), index.unique)).collect();
    assert_eq!(unique, [("email", true), ("active", false)]);

    let line = &schema.tables[1];
    assert_eq!(line.primary_key, ["order_id", "number"]);
    assert_eq!(line.foreign_keys[0].referred_table, "Customer");
    assert_eq!(line.foreign_keys[0].referred_columns, ["id"]);
    assert_eq!(line.indexes[0].columns, ["price", "abs(price)"]);

    let note = &schema.tables[2];
    assert!(note.column("id").unwrap().nullable);
    assert_eq!(note.foreign_keys[0].columns, ["o", "n"]);
    assert_eq!(note.foreign_keys[0].referred_columns, ["order_id", "number"]);

    let reads = |view: usize| schema.tables[view].reads.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>();
    assert_eq!(schema.tables[3].kind, TableKind::View);
    assert_eq!(reads(3), ["Customer", "line"]);
    assert_eq!(reads(4), ["Customer", "line", "dear"]);
}

#[tokio::test]
async fn storage_of_virtual_tables_is_not_shown() {
    let schema = schema(
        "CREATE VIRTUAL TABLE page USING fts5(title, body); CREATE VIRTUAL TABLE box USING rtree(id, a, b);
         CREATE TABLE page_view (n INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO page_view VALUES (1)",
    )
    .await;
    let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["page", "box", "page_view"]);
    let columns: Vec<&str> = schema.tables[0].columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["title", "body"]);
}

#[tokio::test]
async fn a_broken_view_hides_nothing_else() {
    let schema = schema(
        "CREATE TABLE a (x INT REFERENCES gone (y)); CREATE TABLE b (z INT); CREATE VIEW broken AS SELECT * FROM b;
         CREATE VIEW fine AS SELECT * FROM a; DROP TABLE b",
    )
    .await;
    let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["a", "fine"]);
    assert_eq!(
        schema.warnings,
        [
            "`broken` cannot be read: no such table: main.b",
            "a foreign key of `a` refers to `gone`, which does not exist",
        ]
    );
}

#[tokio::test]
async fn odd_names_survive() {
    let schema = schema(
        "CREATE TABLE \"it's \"\"odd\"\" [1]\" (\"select\" INT PRIMARY KEY, [a b] TEXT, \"ünï\" REAL);
         CREATE VIEW \"v'\" AS SELECT \"a b\" FROM \"it's \"\"odd\"\" [1]\"; CREATE TABLE sqlitelike (a)",
    )
    .await;
    assert_eq!(schema.tables[0].name, "it's \"odd\" [1]");
    assert_eq!(schema.tables[0].columns[2].name, "ünï");
    assert_eq!(schema.tables[1].reads, [("main".to_owned(), "it's \"odd\" [1]".to_owned())]);
    assert_eq!(schema.tables.len(), 3);
}
