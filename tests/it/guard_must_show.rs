//! The texts that a guard of another make lets through or dies of: each is refused by a rule, and the next
//! statement is read.

use db_query_agent::dialect::Dialect::{self, Mssql, Mysql, Postgres, Sqlite};
use db_query_agent::guard::{Guard, Policy};

use crate::law;

/// A text, and the rule that refuses it in each of [`ORDER`].
type Refused<'a> = (&'a str, [&'a str; 4]);

const ORDER: [Dialect; 4] = [Sqlite, Postgres, Mysql, Mssql];

fn each_is_refused(texts: &[Refused]) {
    let mut wrong = Vec::new();
    for (text, rules) in texts {
        for (dialect, rule) in ORDER.into_iter().zip(rules) {
            let policy = Policy { blocked_tables: vec!["secrets".to_owned()], ..Policy::default() };
            let guard = Guard::new(dialect, policy);
            let start: String = text.chars().take(80).collect();
            match guard.approve(text, law::schema(dialect)) {
                Ok(approved) => wrong.push(format!("{dialect}: {start}: approved as {}", approved.text())),
                Err(no) if no.rule == *rule && !no.hint.is_empty() => {}
                Err(no) => wrong.push(format!("{dialect}: {start}: {}: {}", no.rule, no.message)),
            }
            let next = guard.approve("SELECT id FROM users", law::schema(dialect)).map(|next| next.text().to_owned());
            assert_eq!(next.as_deref(), Ok("SELECT id FROM users"), "{dialect} after {start}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_second_statement_is_refused_wherever_it_hides() {
    let second = ["one_statement"; 4];
    each_is_refused(&[
        ("SELECT 1 END; DELETE FROM users", second),
        ("SELECT 1 END DELETE FROM users", ["understood"; 4]),
        ("SELECT 1 /* ; */; DELETE FROM users", second),
        ("SELECT 1 -- ;\n; DELETE FROM users --", second),
        ("SELECT 1;\u{3000}DELETE FROM users", second),
    ]);
}

#[test]
fn a_comment_hides_nothing() {
    each_is_refused(&[
        ("SELECT 'a' ||/* 'x' FROM products WHERE name = ' */ secret_value FROM secrets -- '", ["allowed_relation"; 4]),
        ("SELECT 'a' ||/* 'x' */ secret_value FROM secrets", ["allowed_relation"; 4]),
        (
            "SELECT id FROM users /*M! UNION SELECT secret_value FROM secrets */ UNION",
            ["understood", "understood", "comment", "understood"],
        ),
        ("SELECT id FROM users /* never closed", ["comment"; 4]),
        ("/*", ["comment"; 4]),
        ("SELECT id FROM users /", ["understood"; 4]),
        ("--", ["understood"; 4]),
    ]);
}

#[test]
fn a_backslash_ends_no_literal() {
    each_is_refused(&[
        (r#"SELECT b"\" FROM products WHERE name = ", secret_value FROM secrets -- ""#, ["literal"; 4]),
        (r#"SELECT b"\""#, ["literal"; 4]),
        (r"SELECT b'\'", ["literal"; 4]),
    ]);
}

#[test]
fn a_name_in_full_width_is_another_name() {
    each_is_refused(&[
        ("SELECT secret_value FROM \u{ff53}\u{ff45}\u{ff43}\u{ff52}\u{ff45}\u{ff54}\u{ff53}", ["known_relation"; 4]),
        (
            "SELECT secret_value FROM \"\u{ff53}\u{ff45}\u{ff43}\u{ff52}\u{ff45}\u{ff54}\u{ff53}\"",
            ["known_relation", "known_relation", "understood", "known_relation"],
        ),
        ("\u{ff33}\u{ff25}\u{ff2c}\u{ff25}\u{ff23}\u{ff34} 1", ["reads_only"; 4]),
        ("SELECT pg_sleep\u{ff08}5\u{ff09}", ["character"; 4]),
        ("SELECT 1 \u{ff1b} DELETE FROM users", ["character"; 4]),
    ]);
}

#[test]
fn a_megabyte_of_anything_is_refused() {
    const MEGABYTE: usize = 1 << 20;
    let texts = [
        format!("SELECT 1{}", "+1".repeat(MEGABYTE / 2)),
        format!("SELECT {}", "(".repeat(MEGABYTE)),
        "(".repeat(MEGABYTE),
        format!("SELECT 1 FROM {}", "a".repeat(MEGABYTE)),
        format!("SELECT 1 FROM \"{}\"", "a".repeat(MEGABYTE)),
        format!("SELECT 1 -- {}", "-".repeat(MEGABYTE)),
        format!("SELECT '{}", "'".repeat(MEGABYTE)),
        format!("SELECT 1{}", ";".repeat(MEGABYTE)),
    ];
    each_is_refused(&texts.each_ref().map(|text| (text.as_str(), ["too_large"; 4])));
}
