//! The same comparison over the harmless statements of a corpus, when `GUARD_CORPUS` names its folder: a file
//! `attacks.jsonl` with `dialect`, `sql`, `expect` and `policy` a line, and a script `schema_<dialect>.sql` each.

use std::path::Path;

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{Guard, Policy};
use db_query_agent::value::Value;
use serde_json::Value as Json;

use super::{ENGINES, Outcome, Place, caller, policy};

/// The tables that get a filter, and the columns that are denied in the second pass.
const FILTERED: [&str; 6] = ["users", "products", "orders", "order_items", "payments", "employees"];
const DENIED: [(&str, &str); 3] = [("users", "phone"), ("payments", "card_number"), ("employees", "ssn")];
const FILTER: &str = "id % 2 = :odd";

#[derive(Debug, Default)]
struct Count {
    compared: usize,
    /// Names a denied column or table, or everything with `*`.
    denied: usize,
    /// Gives other rows each time by itself, or fails on the copies as well.
    not_comparable: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_gets_exactly_its_rows_through_the_corpus() {
    let Ok(folder) = std::env::var("GUARD_CORPUS") else {
        println!("GUARD_CORPUS names no folder: only the shapes of `shapes.rs` were compared");
        return;
    };
    let read = |name: &str| std::fs::read_to_string(Path::new(&folder).join(name)).unwrap();
    let cases: Vec<Json> = read("attacks.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut wrong = Vec::new();
    for dialect in ENGINES {
        let name = match dialect {
            Dialect::Postgres => "postgres",
            other => other.as_str(),
        };
        let script = read(&format!("schema_{name}.sql"));
        let cases = cases.iter().filter(|case| case["expect"] == "allow" && case["dialect"] == name);
        let cases: Vec<&Json> = cases.collect();
        for denies in [false, true] {
            let all = Place::new(dialect, &script).await;
            let own = Place::new(dialect, &format!("{script}\n{}", cut(dialect, denies))).await;
            let count = compare(dialect, &all, &own, &cases, denies, &mut wrong).await;
            println!("{name}: {} cases, denied columns: {denies}: {count:?}", cases.len());
            assert!(count.compared * 10 > cases.len() * 5, "too few were compared");
        }
    }
    assert!(wrong.is_empty(), "{} statements gave other rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// What makes the copies: the rows and the columns that the caller has.
fn cut(dialect: Dialect, denies: bool) -> String {
    let mut text = match dialect {
        Dialect::Postgres => "SET session_replication_role = replica;\n",
        Dialect::Mysql => "SET FOREIGN_KEY_CHECKS = 0;\n",
        _ => "PRAGMA foreign_keys = off;\n",
    }
    .to_owned();
    for table in FILTERED {
        text += &format!("DELETE FROM {table} WHERE NOT (id % 2 = 1);\n");
    }
    if denies {
        for (table, column) in DENIED {
            text += &format!("ALTER TABLE {table} DROP COLUMN {column};\n");
        }
    }
    text
}

async fn compare(
    dialect: Dialect,
    all: &Place,
    own: &Place,
    cases: &[&Json],
    denies: bool,
    wrong: &mut Vec<String>,
) -> Count {
    // A view of the caller's own stands for the view over the filtered table.
    let filters: Vec<(&str, &str)> = FILTERED.iter().chain(&["v_users"]).map(|table| (*table, FILTER)).collect();
    let columns: Vec<String> = DENIED.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    let mut columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    columns.truncate(if denies { columns.len() } else { 0 });
    let caller = caller(&[("odd", Value::Int(1))]);
    let mut count = Count::default();
    for case in cases {
        let sql = case["sql"].as_str().unwrap();
        let free = Guard::new(dialect, own_policy(&case["policy"]));
        let guard = free.clone().and(policy(dialect, &filters, &columns)).for_caller(caller.clone());
        let got = match all.ask(&guard, sql).await {
            Ok(got) => got,
            Err(no) if matches!(no.rule, "allowed_column" | "allowed_relation") => {
                count.denied += 1;
                continue;
            }
            Err(no) => {
                // Whatever the copies refuse as well says nothing of filters: a name of the corpus' database.
                if own.ask(&free, sql).await.is_ok() {
                    wrong.push(format!("{dialect}: {sql}\n  refused: {} {}", no.rule, no.message));
                } else {
                    count.not_comparable += 1;
                }
                continue;
            }
        };
        let (first, second) = (own.ask(&free, sql).await, own.ask(&free, sql).await);
        let (first, second) = match (first, second) {
            (Ok(first @ Outcome::Rows(_)), Ok(second)) => (first, second),
            (Ok(Outcome::Failed(_)), _) if matches!(got, Outcome::Failed(_)) => {
                count.not_comparable += 1;
                continue;
            }
            (other, _) => {
                wrong.push(format!("{dialect}: {sql}\n  the copies: {other:?}\n  the caller: {got:?}"));
                continue;
            }
        };
        if got.written(false) == first.written(false) {
            count.compared += 1;
        } else if first.written(false) != second.written(false) || tells_the_time(sql) {
            count.not_comparable += 1;
        } else {
            wrong.push(format!("{dialect}: {sql}\n  got {got:?}\n  not {first:?}"));
        }
    }
    count
}

/// Whether its rows say when it ran, which may be the same moment twice by chance.
fn tells_the_time(sql: &str) -> bool {
    let sql = sql.to_lowercase();
    ["now", "current_time", "localtime", "uuid", "random", "rand("].iter().any(|word| sql.contains(word))
}

fn own_policy(value: &Json) -> Policy {
    let names = |key: &str| {
        let list = value.get(key)?.as_array()?;
        Some(list.iter().filter_map(|name| name.as_str().map(ToOwned::to_owned)).collect::<Vec<_>>())
    };
    Policy {
        allowed_tables: names("allowed_tables"),
        blocked_tables: names("blocked_tables").unwrap_or_default(),
        ..Policy::default()
    }
}
