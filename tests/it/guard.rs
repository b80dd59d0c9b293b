//! The guard against its own law: every example in `tests/spec/guard/` has the verdict that stands there.

use std::collections::BTreeSet;
use std::sync::Arc;

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{Caller, Guard, Policy, RULES, RowFilter};
use db_query_agent::value::Value;
use proptest::prelude::*;

use crate::law::{Example, examples, pages, schema};
use crate::promises;

#[test]
fn every_example_of_the_law_holds() {
    let examples = examples();
    let mut wrong = Vec::new();
    let mut judged = 0;
    for example in &examples {
        for dialect in &example.dialects {
            judged += 1;
            let (found, message) = match example.judge(*dialect) {
                Ok(approved) => {
                    let marks: String =
                        approved.masked().iter().map(|masked| if *masked { '1' } else { '0' }).collect();
                    if example.masks.as_ref().is_some_and(|wanted| *wanted != marks) {
                        wrong.push(format!("{} {dialect}: masks {marks}\n    {}", example.place, example.sql));
                    }
                    (None, String::new())
                }
                Err(rejection) => (Some(rejection.rule), rejection.message),
            };
            if found != example.refused.as_deref() {
                wrong.push(format!("{} {dialect}: {found:?} ({message})\n    {}", example.place, example.sql));
            }
        }
    }
    assert!(judged > 500, "only {judged} examples were found");
    assert!(wrong.is_empty(), "{} of {judged}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_an_example_and_a_place_in_the_prose() {
    let refused: BTreeSet<String> = examples().into_iter().filter_map(|example| example.refused).collect();
    let prose: String = pages().into_iter().map(|(_, page)| page).collect();
    for rule in RULES {
        assert!(refused.contains(rule.slug), "no example is refused by `{}`", rule.slug);
        assert!(prose.contains(&format!("`{}`:", rule.slug)), "no page explains `{}`", rule.slug);
    }
}

#[test]
fn approving_twice_equals_once() {
    for example in examples() {
        for dialect in &example.dialects {
            let Ok(once) = example.judge(*dialect) else { continue };
            let again = Example {
                sql: once.text().to_owned(),
                dialects: Vec::new(),
                place: String::new(),
                refused: None,
                masks: None,
                policy: example.policy.clone(),
                ..example
            };
            let twice = again.judge(*dialect).unwrap_or_else(|no| panic!("{}: {}", example.place, no.message));
            assert_eq!(once, twice, "{}", example.place);
        }
    }
}

#[test]
fn a_text_without_comments_is_sent_as_it_is() {
    let schema = schema(Dialect::Mysql);
    let sql = "SELECT 'a -- b',\t`id`\r\nFROM users WHERE name = 'x''y\\''";
    let approved = Guard::new(Dialect::Mysql, Policy::default()).approve(sql, schema).expect("harmless");
    assert_eq!(approved.text(), sql);
}

#[test]
fn row_filters_stand_in_the_text_that_is_sent() {
    let judge = |dialect: Dialect, user: Value, sql: &str| {
        let filters = [("orders", "user_id IN (:user)"), ("public.*_items", "order_id > 0 AND order_id <> :caller_id")];
        let filters = filters.map(|(table, text)| RowFilter::new(dialect, table, text).expect("a filter")).to_vec();
        let policy = Policy {
            row_filters: filters,
            blocked_columns: vec!["order_items.unit_price".to_owned()],
            ..Policy::default()
        };
        let caller =
            Caller { id: "ann".to_owned(), attributes: [("user".to_owned(), user)].into(), ..Caller::default() };
        let approved = Guard::new(dialect, policy).for_caller(Arc::new(caller)).approve(sql, schema(dialect));
        let approved = approved.unwrap_or_else(|no| panic!("{sql}: {} {}", no.message, no.hint));
        assert_eq!(approved.text(), sql);
        (approved.statement().to_owned(), approved.parameters().to_vec())
    };
    let seven = || Value::Int(7);
    assert_eq!(
        judge(Dialect::Postgres, seven(), "SELECT 'é\n' AS x,\n public.orders.id FROM public.orders"),
        (
            "SELECT 'é\n' AS x,\n orders.id FROM (SELECT * FROM public.orders WHERE (user_id IN ($1))) AS orders"
                .to_owned(),
            vec![seven()]
        )
    );
    let many = Value::Array([seven(), Value::Int(8)].into());
    assert_eq!(
        judge(Dialect::Postgres, many, "SELECT i.id FROM order_items i JOIN \"orders\" o ON i.order_id = o.id"),
        (
            "SELECT i.id FROM (SELECT \"id\", \"order_id\", \"product_id\", \"quantity\" FROM order_items \
             WHERE (order_id > 0 AND order_id <> $1)) i \
             JOIN (SELECT * FROM \"orders\" WHERE (user_id IN ($2, $3))) o ON i.order_id = o.id"
                .to_owned(),
            vec![Value::Text("ann".into()), seven(), Value::Int(8)]
        )
    );
    let none = || Value::Array([].into());
    assert_eq!(
        judge(Dialect::Mysql, none(), "SELECT * FROM shop.orders UNION SELECT * FROM orders"),
        (
            "SELECT * FROM (SELECT * FROM shop.orders WHERE (user_id IN (NULL))) AS orders \
             UNION SELECT * FROM (SELECT * FROM orders WHERE (user_id IN (NULL))) AS orders"
                .to_owned(),
            Vec::new()
        )
    );
}

#[test]
fn a_filtered_table_is_grouped_by_what_its_key_decides() {
    let mut schema = schema(Dialect::Postgres).clone();
    let orders = schema.tables.iter_mut().find(|table| table.name == "orders").expect("orders");
    orders.primary_key = vec!["id".to_owned()];
    let filter = RowFilter::new(Dialect::Postgres, "orders", "user_id = 7").expect("a filter");
    let guard = Guard::new(Dialect::Postgres, Policy { row_filters: vec![filter], ..Policy::default() });
    let sql = "SELECT o.note, sum(i.quantity) FROM orders o JOIN order_items i ON i.order_id = o.id \
               WHERE i.quantity > 1 GROUP BY o.id ORDER BY o.status";
    let approved = guard.approve(sql, &schema).expect("harmless");
    assert_eq!(
        approved.statement(),
        "SELECT o.note, sum(i.quantity) FROM (SELECT * FROM orders WHERE (user_id = 7)) o \
         JOIN order_items i ON i.order_id = o.id WHERE i.quantity > 1 \
         GROUP BY \"o\".\"id\", \"o\".\"note\", \"o\".\"status\", o.id ORDER BY o.status"
    );
}

#[test]
fn a_row_filter_holds_only_what_its_table_has() {
    let judge = |condition: &str, sql: &str, attributes: &[&str]| {
        let filter = RowFilter::new(Dialect::Postgres, "orders", condition).expect("a filter");
        let policy = Policy { row_filters: vec![filter], ..Policy::default() };
        let attributes = attributes.iter().map(|name| ((*name).to_owned(), Value::Int(1))).collect();
        let caller = Caller { attributes, ..Caller::default() };
        let guard = Guard::new(Dialect::Postgres, policy).for_caller(Arc::new(caller));
        guard.approve(sql, schema(Dialect::Postgres)).map_err(|no| (no.rule, no.message))
    };
    let correlated = "SELECT (SELECT count(*) FROM orders) FROM users u";
    assert!(judge("user_id = :user", correlated, &["user"]).is_ok());
    for foreign in ["country = 'DE'", "u.country = 'DE'", "users.id = 1", "tenant = :user"] {
        let refused = judge(foreign, correlated, &["user"]).expect_err(foreign);
        assert_eq!(refused.0, "row_filter", "{foreign}: {}", refused.1);
    }
    let members = "EXISTS (SELECT 1 FROM users m WHERE m.id = orders.user_id AND m.id = :user)";
    let read = judge(members, "SELECT count(*) FROM orders", &["user"]).expect("harmless");
    let names: Vec<&str> = read.relations().iter().map(|relation| relation.name.as_str()).collect();
    assert_eq!(names, ["orders", "users"]);
    let shadow = "WITH Users AS (SELECT 1 AS id) SELECT * FROM orders";
    assert_eq!(judge(members, shadow, &["user"]).expect_err("shadowed").0, "row_filter");
    let missing = judge(members, "SELECT * FROM orders", &[]).expect_err("no attribute");
    assert!(missing.0 == "row_filter" && missing.1.contains("`user`"), "{}", missing.1);
    for wrong in ["", "1 = 1; DROP TABLE orders", "user_id = 1) OR (1 = 1", "pg_sleep(1) IS NULL", "user_id = ':user"] {
        assert!(RowFilter::new(Dialect::Postgres, "orders", wrong).is_err(), "{wrong}");
    }
}

#[test]
fn columns_are_told_without_a_schema_where_it_is_clear_whose_they_are() {
    let judge = |sql: &str| {
        let approved = Guard::new(Dialect::Postgres, Policy::default()).approve_unresolved(sql).expect("harmless");
        let names = approved.columns().iter().map(|column| format!("{}.{}", column.relation.name, column.name));
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        judge("SELECT id, upper(name) AS n FROM users WHERE age > 3 ORDER BY n"),
        "users.age users.id users.name"
    );
    assert_eq!(judge("SELECT u.id, total FROM users u JOIN orders o ON o.user_id = u.id"), "orders.user_id users.id");
    assert_eq!(judge("WITH t AS (SELECT id AS x FROM users) SELECT x FROM t"), "users.id");
}

#[test]
fn relations_are_the_tables_under_views() {
    let guard = Guard::new(Dialect::Postgres, Policy::default());
    let sql = "WITH users AS (SELECT 1 AS id) SELECT * FROM users, v_deep, orders o, public.orders";
    let approved = guard.approve(sql, schema(Dialect::Postgres)).expect("harmless");
    let names: Vec<&str> = approved.relations().iter().map(|relation| relation.name.as_str()).collect();
    assert_eq!(names, ["orders", "secrets"]);
}

#[test]
fn an_unknown_table_brings_the_closest_names_that_may_be_seen() {
    let policy = Policy { blocked_tables: vec!["order_items".to_owned()], ..Policy::default() };
    let guard = Guard::new(Dialect::Sqlite, policy);
    let rejection = guard.approve("SELECT * FROM order", schema(Dialect::Sqlite)).expect_err("no such table");
    assert!(rejection.rule == "understood" || rejection.rule == "known_relation");
    let rejection = guard.approve("SELECT * FROM ordrs", schema(Dialect::Sqlite)).expect_err("no such table");
    assert_eq!(rejection.rule, "known_relation");
    assert!(rejection.hint.contains("`orders`"), "{}", rejection.hint);
    assert!(!rejection.hint.contains("order_items"), "{}", rejection.hint);
}

#[test]
fn only_what_may_be_read_is_visible() {
    let policy = Policy { blocked_tables: vec!["secrets".to_owned()], ..Policy::default() };
    let visible = Guard::new(Dialect::Postgres, policy).visible(schema(Dialect::Postgres));
    let names: Vec<&str> = visible.tables.iter().map(|table| table.name.as_str()).collect();
    assert!(names.contains(&"users") && names.contains(&"v_users"));
    for hidden in ["secrets", "v_secrets", "v_deep", "v_opaque"] {
        assert!(!names.contains(&hidden), "{hidden}");
    }
}

#[test]
fn no_message_holds_a_value_of_the_statement() {
    for (dialect, sql) in [
        (Dialect::Postgres, "SELECT 'S3CR3T' 'S3CR3T' x y"),
        (Dialect::Mysql, "SELECT * FROM users WHERE name = 'S3CR3T' LIMIT , ,"),
        (Dialect::Sqlite, "SELECT * FROM users WHERE name = \"S3CR3T\" 12345 x"),
    ] {
        let rejection = Guard::new(dialect, Policy::default()).approve(sql, schema(dialect)).expect_err("no SQL");
        assert!(!format!("{rejection:?}").contains("S3CR3T"), "{rejection:?}");
    }
}

/// Texts that once ended a process: chains and nests as long as the bounds let them be, on a stack of
/// the size that a thread has by default.
#[test]
fn no_text_exhausts_the_stack() {
    for dialect in Dialect::ALL {
        let guard = Guard::new(dialect, Policy::default());
        for count in [30, 190, 300, 3_900] {
            for text in [
                format!("SELECT 1{}", " + 1".repeat(count)),
                format!("SELECT 1{}", " OR 1 = 1".repeat(count / 2)),
                format!("SELECT 1{}", " UNION SELECT 1".repeat(count / 2)),
                format!("SELECT 1 FROM a{}", " JOIN b".repeat(count)),
                format!("SELECT {}1", "NOT ".repeat(count)),
                format!("SELECT {}1", "- ".repeat(count)),
                format!("SELECT {}1", "(".repeat(count)),
                format!("SELECT {}1", "CASE WHEN ".repeat(count)),
                format!("SELECT a{}", " IS NULL".repeat(count / 2)),
                format!("SELECT a{}", "::int".repeat(count / 2)),
                format!("SELECT 1 FROM {}a{}", "(SELECT * FROM ".repeat(count.min(39)), ") x".repeat(count.min(39))),
                format!("SELECT 1{}", " DIV 1".repeat(count)),
            ] {
                // The verdict does not matter, coming back does.
                let _ = guard.approve_unresolved(&text);
            }
        }
        let megabyte = format!("SELECT 1{}", "+1".repeat(500_000));
        assert_eq!(guard.approve_unresolved(&megabyte).expect_err("too large").rule, "too_large");
    }
}

/// Within the bounds, nesting is no reason to refuse, whichever stack the text is read on.
#[test]
fn nested_texts_within_the_bounds_are_read() {
    for dialect in Dialect::ALL {
        let guard = Guard::new(dialect, Policy::default());
        for depth in 1..=20 {
            for text in [
                format!("SELECT * FROM {}users{}", "(SELECT * FROM ".repeat(depth), ") t".repeat(depth)),
                format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth)),
                format!("SELECT {}1{}", "ABS(".repeat(depth), ")".repeat(depth)),
                format!("SELECT {}1{}", "CASE WHEN 1 = 1 THEN ".repeat(depth), " END".repeat(depth)),
                format!("SELECT {}1{}", "(SELECT ".repeat(depth), ")".repeat(depth)),
                format!("SELECT 1 FROM users{}", " JOIN orders ON 1 = 1".repeat(depth)),
            ] {
                let verdict = guard.approve(&text, schema(dialect));
                assert!(verdict.is_ok(), "{dialect}: {text}: {verdict:?}");
            }
        }
    }
}

#[test]
fn every_example_keeps_the_promises() {
    for (number, sql) in spliceable().iter().enumerate() {
        for place in 0..Dialect::ALL.len() {
            // All switches on, and each combination of them in its turn.
            for policy in [promises::CASES - 2, number] {
                promises::hold(&promises::seed(place, policy, sql.as_bytes()));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_gets_a_verdict(text in "\\PC{0,200}") {
        for dialect in Dialect::ALL {
            if let Ok(once) = Guard::new(dialect, Policy::default()).approve_unresolved(&text) {
                let twice = Guard::new(dialect, Policy::default()).approve_unresolved(once.text());
                prop_assert_eq!(twice, Ok(once));
            }
        }
    }

    /// Bytes that may be no text at all, under every policy.
    #[test]
    fn any_bytes_keep_the_promises(data in prop::collection::vec(any::<u8>(), 0..200)) {
        promises::hold(&data);
    }

    /// Examples of the law, cut and joined anywhere with anything between them.
    #[test]
    fn spliced_examples_keep_the_promises(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        join in any::<prop::sample::Index>(),
        between in prop::collection::vec(any::<u8>(), 0..3),
        policy in 0..promises::CASES,
    ) {
        let (one, other) = (one.get(spliceable()).as_bytes(), other.get(spliceable()).as_bytes());
        let (head, tail) = (&one[..cut.index(one.len() + 1)], &other[join.index(other.len() + 1)..]);
        let text = [head, &between, tail].concat();
        for place in 0..Dialect::ALL.len() {
            promises::hold(&promises::seed(place, policy, &text));
        }
    }
}

fn spliceable() -> &'static [String] {
    static EXAMPLES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    EXAMPLES.get_or_init(|| examples().into_iter().map(|example| example.sql).collect())
}
