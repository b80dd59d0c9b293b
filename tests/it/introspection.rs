//! What is read of a catalogue, on the real servers.

use db_query_agent::dialect::Dialect;
use db_query_agent::schema::{Schema, Table, TableKind, TypeClass};

use crate::scratch::{Scratch, config};

fn names(schema: &Schema) -> Vec<&str> {
    schema.tables.iter().map(|table| table.name.as_str()).collect()
}

fn table<'s>(schema: &'s Schema, name: &str) -> &'s Table {
    schema.table(None, name).unwrap_or_else(|| panic!("no `{name}` in {:?}", names(schema)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tables_columns_keys_and_indexes() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = Scratch::new(dialect).await;
        scratch
            .execute(
                "CREATE TABLE customers (id int PRIMARY KEY, email varchar(99) NOT NULL UNIQUE, \
                   born date, vip boolean DEFAULT false, credit decimal(10,2), seen timestamp NULL); \
                 CREATE TABLE order_lines (order_id int, position int, customer_id int NOT NULL, note text, \
                   PRIMARY KEY (order_id, position), \
                   CONSTRAINT order_lines_customer FOREIGN KEY (customer_id) REFERENCES customers (id)); \
                 CREATE INDEX order_lines_by_customer ON order_lines (customer_id, position); \
                 CREATE VIEW vips AS SELECT id, email FROM customers WHERE vip",
            )
            .await;
        let database = scratch.open(&[]);
        let schema = database.introspect().await.unwrap();
        assert_eq!(schema.default_namespace, scratch.name);
        assert_eq!(names(&schema), ["customers", "order_lines", "vips"]);
        assert!(schema.warnings.is_empty());

        let customers = table(&schema, "customers");
        let columns: Vec<_> = customers.columns.iter().map(|c| (c.name.as_str(), c.class, c.nullable)).collect();
        assert_eq!(
            columns,
            [
                ("id", TypeClass::Integer, false),
                ("email", TypeClass::Text, false),
                ("born", TypeClass::Date, true),
                ("vip", TypeClass::Boolean, true),
                ("credit", TypeClass::Number, true),
                ("seen", TypeClass::DateTime, true),
            ]
        );
        assert!(customers.column("credit").unwrap().type_name.ends_with("(10,2)"));
        assert!(customers.column("vip").unwrap().default.is_some());
        assert!(customers.column("born").unwrap().default.is_none());
        assert_eq!(customers.primary_key, ["id"]);
        assert!(customers.indexes.iter().any(|index| index.unique && index.columns == ["email"]));

        let lines = table(&schema, "order_lines");
        assert_eq!(lines.primary_key, ["order_id", "position"]);
        let [key] = lines.foreign_keys.as_slice() else { panic!("{:?}", lines.foreign_keys) };
        assert_eq!(key.name.as_deref(), Some("order_lines_customer"));
        assert_eq!(
            (key.referred_table.as_str(), &key.columns, &key.referred_columns),
            ("customers", &vec!["customer_id".to_owned()], &vec!["id".to_owned()])
        );
        let index = lines.indexes.iter().find(|index| index.name == "order_lines_by_customer").unwrap();
        assert_eq!((index.columns.join(" "), index.unique), ("customer_id position".to_owned(), false));

        let vips = table(&schema, "vips");
        assert_eq!(vips.kind, TableKind::View);
        assert_eq!(vips.reads, [(scratch.name.clone(), "customers".to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_only_postgres_has() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    scratch
        .execute(
            "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN cents AS numeric(8,2) NOT NULL; \
             CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, day date NOT NULL, mood mood, price cents, \
               tags text[], data jsonb, double numeric GENERATED ALWAYS AS (price * 2) STORED) PARTITION BY RANGE (day); \
             CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); \
             COMMENT ON TABLE events IS 'what happened'; COMMENT ON COLUMN events.day IS 'in UTC'; \
             CREATE INDEX events_lower ON events (lower(tags[1]), day); \
             INSERT INTO events (day, price) SELECT '2024-05-01', 1 FROM generate_series(1, 50); \
             CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM events; \
             CREATE TABLE once (a int, b int, UNIQUE (a, b)); CREATE UNIQUE INDEX partly ON once (a) WHERE b > 0; \
             ANALYZE events",
        )
        .await;
    let schema = scratch.open(&[]).introspect().await.unwrap();
    assert_eq!(names(&schema), ["events", "once", "totals"], "a partition is read through its parent");
    let events = table(&schema, "events");
    assert_eq!(events.comment.as_deref(), Some("what happened"));
    assert_eq!(events.row_estimate, Some(50));
    let column = |name: &str| events.column(name).unwrap();
    assert_eq!(column("day").comment.as_deref(), Some("in UTC"));
    assert_eq!(column("mood").enum_values, ["sad", "happy"]);
    assert_eq!(column("mood").class, TypeClass::Text);
    assert_eq!((column("price").class, column("price").nullable), (TypeClass::Number, false));
    assert_eq!((column("tags").class, column("data").class), (TypeClass::Array, TypeClass::Json));
    assert!(column("id").generated && column("double").generated && !column("day").generated);
    let index = events.indexes.iter().find(|index| index.name == "events_lower").unwrap();
    assert_eq!(index.columns, ["lower(tags[1])", "day"]);
    assert_eq!(table(&schema, "totals").kind, TableKind::MaterializedView);
    let once = table(&schema, "once");
    let unique = |columns: &[&str]| once.indexes.iter().any(|index| index.unique && index.columns == columns);
    assert!(unique(&["a", "b"]) && !unique(&["a"]), "a partial index makes nothing unique");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_only_mysql_has() {
    let scratch = Scratch::new(Dialect::Mysql).await;
    scratch
        .execute(
            "CREATE TABLE items (id int AUTO_INCREMENT PRIMARY KEY, size ENUM('s','it''s') COMMENT 'of the box', \
               price decimal(6,2), twice decimal(6,2) AS (price * 2) STORED, made datetime DEFAULT CURRENT_TIMESTAMP, \
               photo blob) COMMENT = 'in stock'; \
             CREATE VIEW small AS SELECT i.id FROM items i; CREATE VIEW smaller AS SELECT id FROM small",
        )
        .await;
    let schema = scratch.open(&[]).introspect().await.unwrap();
    let items = table(&schema, "items");
    assert_eq!(items.comment.as_deref(), Some("in stock"));
    let column = |name: &str| items.column(name).unwrap();
    assert_eq!(column("size").enum_values, ["s", "it's"]);
    assert_eq!(column("size").comment.as_deref(), Some("of the box"));
    assert!(column("id").generated && column("twice").generated && !column("made").generated);
    assert_eq!(column("photo").class, TypeClass::Bytes);
    assert_eq!(table(&schema, "smaller").reads, [(scratch.name.clone(), "small".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_empty_place_and_a_missing_one() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = Scratch::new(dialect).await;
        let schema = scratch.open(&[]).introspect().await.unwrap();
        assert!(schema.tables.is_empty());
        let schemas = serde_json::json!(["no'such\\place"]);
        let schema = scratch.open(&[("schemas", schemas)]).introspect().await.unwrap();
        assert!(schema.tables.is_empty());
        assert!(schema.warnings[0].contains("no'such\\place"), "{:?}", schema.warnings);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn only_what_the_login_may_select() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = Scratch::new(dialect).await;
        // A user's name may have 32 letters on MySQL.
        let user = &scratch.name[..20];
        let (create, drop) = match dialect {
            Dialect::Mysql => (format!("CREATE USER {user}@'%' IDENTIFIED BY 'p'"), format!("DROP USER {user}@'%'")),
            _ => (
                format!("CREATE ROLE {user} LOGIN; GRANT USAGE ON SCHEMA {} TO {user}", scratch.name),
                format!("DROP OWNED BY {user}; DROP ROLE {user}"),
            ),
        };
        let grantee = if dialect == Dialect::Mysql { format!("{user}@'%'") } else { user.to_owned() };
        scratch
            .execute(&format!(
                "CREATE TABLE open_to_all (a int); CREATE TABLE closed (a int); CREATE TABLE half (a int, b int); {create}"
            ))
            .await;
        let url = with_user(&scratch.url(), user);
        let schemas = [("schemas", serde_json::json!([scratch.name]))];
        let database = db_query_agent::database::connect(&config(&url, &schemas)).unwrap();

        // MySQL refuses a login without any right on the database.
        scratch.execute(&format!("GRANT INSERT ON closed TO {grantee}")).await;
        let before = database.introspect().await.unwrap();
        scratch
            .execute(&format!("GRANT SELECT ON open_to_all TO {grantee}; GRANT SELECT (b) ON half TO {grantee}"))
            .await;
        let after = database.introspect().await.unwrap();
        database.close().await;
        scratch.execute(&drop).await;

        assert!(before.tables.is_empty());
        assert!(before.warnings.iter().any(|warning| warning.contains("may read none")), "{:?}", before.warnings);
        assert_eq!(names(&after), ["half", "open_to_all"]);
        let columns: Vec<_> = table(&after, "half").columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(columns, ["b"]);
    }
}

/// `url` for another user, whose password is `p`.
fn with_user(url: &str, user: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    format!("{scheme}://{user}:p@{rest}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn several_schemas_of_postgres() {
    let (one, two) = (Scratch::new(Dialect::Postgres).await, Scratch::new(Dialect::Postgres).await);
    one.execute("CREATE TABLE a (id int PRIMARY KEY)").await;
    two.execute(&format!("CREATE TABLE b (a_id int REFERENCES {}.a)", one.name)).await;
    let schemas = serde_json::json!([one.name, two.name]);
    let schema = one.open(&[("schemas", schemas)]).introspect().await.unwrap();
    let b = schema.table(Some(&two.name), "b").unwrap();
    assert_eq!(b.foreign_keys[0].referred_namespace, one.name);
    assert_eq!(schema.display_name(b), format!("{}.b", two.name));
    // Without its schema in view a key leads nowhere.
    let schema = two.open(&[]).introspect().await.unwrap();
    assert!(schema.table(None, "b").unwrap().foreign_keys.is_empty());
}
