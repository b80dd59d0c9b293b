//! No text ends the process, however small the stack that the guard is called on: it is refused with a code, or
//! read on a larger stack.

use std::thread;

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{Guard, Policy};

use super::law;

/// The stack that a caller has to have, in bytes. A build without optimization takes up to 1,152 KiB of it before a
/// text is handed to a thread of its own (chains of operators; nests take 768 KiB).
const STACK: usize = if cfg!(debug_assertions) { 1536 * 1024 } else { 512 * 1024 };

/// Judges `texts` for every dialect on a stack of [`STACK`] bytes.
fn on_a_small_stack(texts: Vec<String>) {
    let judge = move || {
        for dialect in Dialect::ALL {
            let guard = Guard::new(dialect, strict());
            for text in &texts {
                if let Err(rejection) = guard.approve(text, law::schema(dialect)) {
                    assert!(!rejection.rule.is_empty());
                }
            }
        }
    };
    thread::Builder::new().stack_size(STACK).spawn(judge).expect("a thread").join().expect("a verdict on every text");
}

/// A policy that makes the walk follow columns.
fn strict() -> Policy {
    let names = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Policy {
        blocked_tables: names(&["secrets"]),
        blocked_columns: names(&["employees.ssn"]),
        masked_columns: names(&["users.email"]),
        ..Policy::default()
    }
}

/// Lengths about the bounds within which a text is read on the caller's stack, and those it may have at all.
const LENGTHS: [usize; 4] = [9, 60, 195, 600];

#[test]
fn chains_of_every_operator_are_survived() {
    let operators = [
        "+",
        "-",
        "*",
        "/",
        "%",
        "||",
        "=",
        "<>",
        "<",
        ">",
        "<=",
        ">=",
        "AND",
        "OR",
        "XOR",
        "IS",
        "IS NOT",
        "LIKE",
        "ILIKE",
        "NOT LIKE",
        "IN",
        "DIV",
        "MOD",
        "REGEXP",
        "RLIKE",
        "GLOB",
        "MATCH",
        "SIMILAR TO",
        "IS DISTINCT FROM",
        "->",
        "->>",
        "#>",
        "@>",
        "<@",
        "&&",
        "&",
        "|",
        "^",
        "~",
        "!~",
        "<<",
        ">>",
        "<=>",
        "::int ||",
        "COLLATE x ||",
        "AT TIME ZONE",
        "BETWEEN 1 AND",
        "OVERLAPS",
        "= ANY",
        "ESCAPE",
        "OPERATOR(pg_catalog.+)",
        ".",
        "[1] ||",
        "ISNULL OR",
        "NOTNULL OR",
    ];
    let chain = |operator: &str, count: usize| format!("SELECT a{}", format!(" {operator} a").repeat(count));
    on_a_small_stack(operators.iter().flat_map(|operator| LENGTHS.map(|count| chain(operator, count))).collect());
}

#[test]
fn nests_of_every_kind_are_survived() {
    let nests = [
        ("SELECT ", "(", "1", ")"),
        ("SELECT ", "((", "1", "))"),
        ("SELECT ", "NOT ", "1", ""),
        ("SELECT ", "- ", "1", ""),
        ("SELECT ", "+", "1", ""),
        ("SELECT ", "~ ", "1", ""),
        ("SELECT ", "! ", "1", ""),
        ("SELECT ", "CASE WHEN 1 = 1 THEN ", "1", " END"),
        ("SELECT ", "CASE ", "1", " WHEN 1 THEN 1 END"),
        ("SELECT ", "CASE WHEN 1 = 1 THEN 1 ELSE ", "1", " END"),
        ("SELECT ", "abs(", "1", ")"),
        ("SELECT ", "CAST(", "1", " AS int)"),
        ("SELECT ", "ARRAY[", "1", "]"),
        ("SELECT a", "[", "1", "]"),
        ("SELECT ", "[", "1", "]"),
        ("SELECT ", "{", "1", "}"),
        ("SELECT ", "(SELECT ", "1", ")"),
        ("SELECT ", "EXISTS (SELECT ", "1", ")"),
        ("SELECT 1 ", "IN (SELECT 1 ", "", ")"),
        ("SELECT ", "INTERVAL ", "'1'", " DAY"),
        ("SELECT ", "DATE ", "'1'", ""),
        ("SELECT ", "x ", "1", ""),
        ("SELECT * FROM ", "(SELECT * FROM ", "users", ") x"),
        ("SELECT * FROM ", "(", "users", ")"),
        ("SELECT * FROM users", " JOIN users", "", " ON 1 = 1"),
        ("SELECT * FROM users", " JOIN users ON 1 = 1", "", ""),
        ("SELECT * FROM users", " NATURAL JOIN users", "", ""),
        ("SELECT * FROM users", ", users", "", ""),
        ("SELECT * FROM users", ", LATERAL (SELECT 1", "", ")"),
        ("", "WITH x AS (", "SELECT 1", ") SELECT 1"),
        ("", "WITH x AS (SELECT 1) ", "SELECT 1", ""),
        ("", "(", "SELECT 1", ")"),
        ("SELECT 1", " UNION SELECT 1", "", ""),
        ("SELECT 1", " UNION (SELECT 1", "", ")"),
        ("SELECT 1", " EXCEPT ALL SELECT 1", "", ""),
        ("VALUES (1)", ", (1)", "", ""),
        ("SELECT 1", ", 1", "", ""),
        ("SELECT a", ".a", "", ""),
        ("SELECT (a)", ".a", "", ""),
        ("SELECT a", "::int", "", ""),
        ("SELECT a::int", "[]", "", ""),
        ("SELECT 1 ORDER BY 1", ", 1", "", ""),
        ("SELECT 1 GROUP BY ", "GROUPING SETS (", "1", ")"),
        ("SELECT sum(1) ", "OVER (ORDER BY sum(1) ", "", ")"),
        ("SELECT CAST(1 AS ", "ARRAY<", "int", ">)"),
        ("SELECT '", "''", "", "'"),
        ("SELECT ", "/*", "1", "*/"),
    ];
    let nest = |(head, open, middle, close): (&str, &str, &str, &str), count: usize| {
        format!("{head}{}{middle}{}", open.repeat(count), close.repeat(count))
    };
    on_a_small_stack(nests.iter().flat_map(|parts| LENGTHS.map(|count| nest(*parts, count))).collect());
}

/// Both sides of each bound at once: the longest chain in the deepest nest that is still read here.
#[test]
fn chains_in_nests_are_survived() {
    let mut texts = Vec::new();
    for depth in [3, 8, 9] {
        for count in [60, 90, 180] {
            for (open, close) in [("(", ")"), ("(SELECT ", ")"), ("CASE WHEN 1 = 1 THEN ", " END"), ("abs(", ")")] {
                for link in [" + 1", " AND 1", " || 'x'", " IS NULL", "::int", " BETWEEN 1 AND 2", " IN (1)"] {
                    let (open, close) = (open.repeat(depth), close.repeat(depth));
                    texts.push(format!("SELECT {open}1{}{close}", link.repeat(count)));
                    texts.push(format!("SELECT {open}1{close}{}", link.repeat(count)));
                }
            }
        }
    }
    on_a_small_stack(texts);
}

/// Each level doubles the columns.
#[test]
fn columns_do_not_multiply_without_end() {
    for dialect in Dialect::ALL {
        let guard = Guard::new(dialect, strict());
        let stars = |depth: usize, items: &str| {
            format!("SELECT 1 FROM {}products{}", format!("(SELECT {items} FROM ").repeat(depth), ") x".repeat(depth))
        };
        let crossed = format!("SELECT {}* FROM products{}", "*, ".repeat(1_900), ", products".repeat(1_900));
        for text in [stars(35, "*, *"), stars(30, "*, *, *"), crossed] {
            assert_eq!(guard.approve(&text, law::schema(dialect)).expect_err("a bomb").rule, "too_large", "{dialect}");
        }
    }
}

/// What is longer than any statement is refused before anything reads it.
#[test]
fn megabytes_are_refused() {
    for dialect in Dialect::ALL {
        let guard = Guard::new(dialect, Policy::default());
        for text in [
            format!("SELECT 1{}", "+1".repeat(500_000)),
            format!("SELECT '{}'", "x".repeat(1_000_000)),
            format!("SELECT 1 /*{}*/", " ".repeat(1_000_000)),
            "(".repeat(1_000_000),
            "\u{1F44D}".repeat(250_000),
            "\0".repeat(1_000_000),
            " ".repeat(1_000_000),
        ] {
            assert_eq!(guard.approve_unresolved(&text).expect_err("too large").rule, "too_large", "{dialect}");
        }
    }
}
