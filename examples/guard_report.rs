//! How many attacks the guard lets through and how many harmless statements it refuses, per dialect.
//!
//! Takes the examples of the law in `tests/spec/guard/`, or a directory, as its argument or in `GUARD_CORPUS`,
//! that holds `attacks.jsonl` (a case a line: `id`, `dialect`, `sql`, `expect`, `policy`, `tags`) and
//! `schema_<dialect>.sql`. `--list` prints the
//! wrong verdicts, `--rules` which rule refused each attack, `--time` the guard's time on a typical query. Below stand the
//! figures of the screen for questions, on `prompts.jsonl` of the directory or else on `tests/spec/questions.jsonl`.
//!
//! `cargo run --example guard_report -- DIRECTORY --list`

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{Guard, Policy, screen};
use db_query_agent::schema::{Column, Schema, Table, TableKind, TypeClass};
use serde_json::Value;

#[path = "../tests/it/law.rs"]
#[expect(dead_code, clippy::expect_used, clippy::panic, reason = "of the tests, which use all of it")]
mod law;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let directory = arguments.iter().find(|argument| !argument.starts_with("--")).cloned();
    if flag("--time") {
        time();
    }
    let directory = directory.or_else(|| std::env::var("GUARD_CORPUS").ok()).filter(|directory| !directory.is_empty());
    let counted = if let Some(directory) = directory {
        report(Path::new(&directory), flag("--list"), flag("--rules"))
    } else {
        let questions = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec/questions.jsonl"));
        let holds = report_law(flag("--list"));
        report_questions(questions, flag("--list")).map(|()| holds)
    };
    match counted {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Count {
    attacks: usize,
    through: usize,
    harmless: usize,
    refused: usize,
}

impl Count {
    /// Counts a case and says whether its verdict is wrong.
    fn add(&mut self, attack: bool, approved: bool) -> bool {
        if attack {
            self.attacks += 1;
            self.through += usize::from(approved);
        } else {
            self.harmless += 1;
            self.refused += usize::from(!approved);
        }
        attack == approved
    }
}

fn report(directory: &Path, list: bool, rules: bool) -> Result<bool, String> {
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).map_err(|error| format!("{name}: {error}"));
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut schemas = BTreeMap::new();
    for line in read("attacks.jsonl")?.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let text = |key: &str| case.get(key).and_then(Value::as_str).unwrap_or_default();
        let dialect = Dialect::from_name(text("dialect")).ok_or("a case has an unknown dialect")?;
        let schema = match schemas.entry(dialect.as_str()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(schema(dialect, &read(&format!("schema_{}.sql", text("dialect")))?))
            }
        };
        let guard = Guard::new(dialect, policy(case.get("policy"))).in_database("corpus");
        let verdict = guard.approve(text("sql"), schema);
        let count = counts.entry(dialect.as_str()).or_default();
        let attack = text("expect") == "reject";
        let wrong = count.add(attack, verdict.is_ok());
        if (wrong && list) || (attack && rules) {
            let reason = verdict
                .map_or_else(|no| format!("{}: {} ({})", no.rule, no.message, no.hint), |_| "let through".to_owned());
            let tag = case.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default();
            let sql: String = text("sql").chars().take(300).collect();
            println!("{} {} [{tag}] {reason}\n    {}", dialect.as_str(), text("id"), sql.escape_debug());
        }
    }
    let holds = print(&counts);
    report_questions(&directory.join("prompts.jsonl"), list)?;
    Ok(holds)
}

/// Counts the examples of the law: what it refuses is an attack, what it approves is harmless.
fn report_law(list: bool) -> bool {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for example in law::examples() {
        for dialect in &example.dialects {
            let verdict = example.judge(*dialect);
            let count = counts.entry(dialect.as_str()).or_default();
            let wrong = count.add(example.refused.is_some(), verdict.is_ok());
            if wrong && list {
                let reason =
                    verdict.map_or_else(|no| format!("{}: {}", no.rule, no.message), |_| "let through".to_owned());
                println!("{} {} {reason}\n    {}", dialect.as_str(), example.place, example.sql.escape_debug());
            }
        }
    }
    print(&counts)
}

/// Counts what the screen notices of the questions in `file`, where there is one: a case a line, `expect` is `flag` or `pass`.
fn report_questions(file: &Path, list: bool) -> Result<(), String> {
    if !file.is_file() {
        return Ok(());
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let (mut attacks, mut noticed, mut harmless, mut disturbed) = (0, 0, 0, 0);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let question = case.get("text").and_then(Value::as_str).unwrap_or_default();
        let (is_attack, is_noticed) = (case["expect"] == "flag", !screen(question).is_empty());
        attacks += usize::from(is_attack);
        noticed += usize::from(is_attack && is_noticed);
        harmless += usize::from(!is_attack);
        disturbed += usize::from(!is_attack && is_noticed);
        if list && is_attack != is_noticed {
            println!("question {}: {}", if is_attack { "not noticed" } else { "noticed" }, question.escape_debug());
        }
    }
    println!("{:<12} {:>8} {:>12} {:>9} {:>8}", "", "attacks", "noticed", "harmless", "noticed");
    println!("{:<12} {attacks:>8} {noticed:>12} {harmless:>9} {disturbed:>8}", "questions");
    Ok(())
}

/// Prints the counts and says whether no attack was let through.
fn print(counts: &BTreeMap<&str, Count>) -> bool {
    println!("{:<12} {:>8} {:>12} {:>9} {:>8}", "dialect", "attacks", "let through", "harmless", "refused");
    for (dialect, count) in counts {
        println!("{dialect:<12} {:>8} {:>12} {:>9} {:>8}", count.attacks, count.through, count.harmless, count.refused);
    }
    counts.values().all(|count| count.through == 0)
}

fn policy(value: Option<&Value>) -> Policy {
    let names = |key: &str| {
        let list = value?.get(key)?.as_array()?;
        Some(list.iter().filter_map(|name| name.as_str().map(ToOwned::to_owned)).collect::<Vec<_>>())
    };
    Policy {
        allowed_tables: names("allowed_tables"),
        blocked_tables: names("blocked_tables").unwrap_or_default(),
        ..Policy::default()
    }
}

/// Reads the CREATE TABLE and CREATE VIEW statements of a plain script.
fn schema(dialect: Dialect, script: &str) -> Schema {
    let namespace = match dialect {
        Dialect::Sqlite => "main",
        Dialect::Postgres => "public",
        Dialect::Mysql => "corpus",
        Dialect::Mssql => "dbo",
    };
    let mut schema = Schema::empty(dialect, namespace);
    let openings = [
        (TableKind::Table, "CREATE TABLE "),
        (TableKind::Table, "CREATE VIRTUAL TABLE "),
        (TableKind::View, "CREATE VIEW "),
    ];
    for (kind, opening) in openings {
        for (at, _) in script.match_indices(opening) {
            let body = &script[at + opening.len()..];
            let body = &body[..body.find(";\n").unwrap_or(body.len())];
            let name = body.split([' ', '(']).next().unwrap_or_default();
            let mut table = Table {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                kind,
                comment: None,
                columns: Vec::new(),
                primary_key: Vec::new(),
                foreign_keys: Vec::new(),
                indexes: Vec::new(),
                row_estimate: None,
                reads: Vec::new(),
                partial: false,
            };
            let list = match kind {
                TableKind::View => {
                    let words: Vec<&str> = body.split_whitespace().collect();
                    table.reads = words
                        .windows(2)
                        .filter(|pair| pair[0].eq_ignore_ascii_case("from"))
                        .map(|pair| (namespace.to_owned(), pair[1].to_owned()))
                        .collect();
                    body.split_once("SELECT ").and_then(|(_, list)| list.split_once(" FROM ")).map(|(list, _)| list)
                }
                _ => body.split_once('(').map(|(_, list)| list),
            };
            table.columns = columns(list.unwrap_or_default());
            schema.tables.push(table);
        }
    }
    schema
}

fn columns(list: &str) -> Vec<Column> {
    let (mut depth, mut items) = (0_i32, vec![String::new()]);
    for letter in list.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ => {}
        }
        if let Some(item) = items.last_mut()
            && (letter != ',' || depth != 0)
        {
            item.push(letter);
        }
    }
    let named = items.iter().filter_map(|item| {
        let mut words = item.split_whitespace();
        let name = words.next()?.trim_matches(['"', '`', '[', ']']);
        let constraint = ["PRIMARY", "FOREIGN", "UNIQUE", "FULLTEXT", "CHECK", ")"].contains(&name);
        (!constraint).then(|| Column {
            name: name.to_owned(),
            type_name: words.next().unwrap_or_default().to_owned(),
            class: TypeClass::Other,
            nullable: true,
            default: None,
            generated: false,
            comment: None,
            enum_values: Vec::new(),
        })
    });
    named.collect()
}

/// Times a query of five tables and about one kilobyte.
fn time() {
    let sql = "WITH monthly AS (SELECT o.user_id, date_trunc('month', o.created_at) AS month, SUM(o.total) AS revenue, \
               COUNT(*) AS orders FROM orders o WHERE o.status <> 'cancelled' AND o.created_at >= DATE '2025-01-01' GROUP BY \
               o.user_id, date_trunc('month', o.created_at)) SELECT u.country, m.month, p.category, SUM(m.revenue) AS revenue, \
               SUM(m.orders) AS orders, COUNT(DISTINCT u.id) AS buyers, ROUND(AVG(i.unit_price * i.quantity), 2) AS average, \
               CASE WHEN SUM(m.revenue) > 1000 THEN 'high' WHEN SUM(m.revenue) > 100 THEN 'middle' ELSE 'low' END AS class, \
               RANK() OVER (PARTITION BY m.month ORDER BY SUM(m.revenue) DESC) AS place FROM monthly m JOIN users u ON u.id = \
               m.user_id JOIN orders o ON o.user_id = u.id JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = \
               i.product_id LEFT JOIN payments y ON y.order_id = o.id AND y.amount > 10 WHERE u.deleted_at IS NULL AND \
               p.category IN ('home', 'tools', 'garden') AND (u.email LIKE '%@example.com' OR u.phone IS NOT NULL) GROUP BY \
               u.country, m.month, p.category HAVING SUM(m.revenue) > 0 ORDER BY m.month DESC, revenue DESC LIMIT 50";
    let script = "CREATE TABLE users (id int, country text, email text, phone text, deleted_at date);\n\
                  CREATE TABLE orders (id int, user_id int, status text, total numeric, created_at date);\n\
                  CREATE TABLE order_items (id int, order_id int, product_id int, quantity int, unit_price numeric);\n\
                  CREATE TABLE products (id int, category text);\nCREATE TABLE payments (id int, order_id int, amount int);\n";
    let schema = schema(Dialect::Postgres, script);
    let guard =
        Guard::new(Dialect::Postgres, Policy { blocked_tables: vec!["secrets".to_owned()], ..Policy::default() });
    if let Err(no) = guard.approve(sql, &schema) {
        eprintln!("the timed query is refused: {} {}", no.rule, no.message);
        return;
    }
    let mut times: Vec<u128> = (0..5_000)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(guard.approve(std::hint::black_box(sql), &schema)).ok();
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    println!("{} bytes: median {} ns, 99th percentile {} ns", sql.len(), times[2_500], times[4_950]);
}
