//! The reference pages in `docs/` say what the tables in the code say.
//!
//! `make docs` (`BLESS=1` in the environment) writes them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use db_query_agent::answer::chart;
use db_query_agent::config::{Kind, OPTIONS};
use db_query_agent::error::Code;
use db_query_agent::guard::RULES;

#[test]
fn errors_page_is_up_to_date() {
    let mut page = page(
        "Errors",
        "Every failure carries a `code` that never changes its meaning, a `category` that says who has to act (`user`: \
         whoever asked or configured; `system`: whoever runs the database, the network or the model), a message and a \
         `hint`. The exception is the Python class that is raised; `on_error=\"return\"` puts the same four into \
         `result[\"error\"]` instead.",
        &["code", "category", "exception", "what it means", "hint"],
    );
    for code in Code::ALL {
        let cells = [
            &format!("`{}`", code.as_str()),
            code.category().as_str(),
            &format!("`{}`", code.exception()),
            code.meaning(),
            code.hint(),
        ];
        row(&mut page, &cells);
    }
    assert!(Code::ALL.len() > 10, "the table of errors is cut off");
    compare("docs/errors.md", &page);
}

#[test]
fn options_page_is_up_to_date() {
    let mut page = page(
        "Options",
        "Each option is an argument of `DatabaseQueryAgent`. Where the argument is missing the environment variable \
         holds, read from the environment or a `.env` file; where that is missing too, the default. Lists are divided \
         by commas in the environment. A name that is not in this table, or a value out of bounds, is an error.",
        &["argument", "environment", "value", "default", "what it is for"],
    );
    for setting in OPTIONS {
        let or_none = |text: Option<&str>| text.map_or_else(String::new, |text| format!("`{text}`"));
        let cells = [
            &format!("`{}`", setting.name),
            &*or_none(setting.environment),
            &kind(setting.kind),
            &or_none(setting.default),
            setting.about,
        ];
        row(&mut page, &cells);
    }
    assert!(OPTIONS.len() > 20, "the table of options is cut off");
    compare("docs/options.md", &page);
}

#[test]
fn guard_rules_page_is_up_to_date() {
    let mut page = page(
        "Rules of the guard",
        "A statement runs only if every rule lets it through. A refusal is an error with the code `sql_rejected`, and \
         names its rule. Examples stand in `tests/spec/guard/`.",
        &["rule", "what it demands", "hint"],
    );
    for rule in RULES {
        row(&mut page, &[&format!("`{}`", rule.slug), rule.law, rule.hint]);
    }
    assert!(RULES.len() > 5, "the table of rules is cut off");
    compare("docs/guard-rules.md", &page);
}

#[test]
fn charts_page_holds_the_tables() {
    let mut kinds = String::new();
    row(&mut kinds, &["column", "when"]);
    row(&mut kinds, &["---", "---"]);
    for kind in chart::KINDS {
        row(&mut kinds, &[kind.name, kind.law]);
    }
    let mut rules = String::new();
    row(&mut rules, &["rule", "chart", "when"]);
    row(&mut rules, &["---", "---", "---"]);
    for rule in chart::RULES {
        row(&mut rules, &[rule.name, &format!("`{}`", rule.form.as_str()), rule.law]);
    }
    assert!(chart::KINDS.len() > 4 && chart::RULES.len() > 10, "the tables of charts are cut off");
    let path = "docs/charts.md";
    let written = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a page");
    compare(path, &with_table(&with_table(&written, "columns", &kinds), "rules", &rules));
}

/// A page that was written by hand, with the table between its two marks.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let (start, end) = (format!("<!-- {name}: written by `make docs` -->\n\n"), format!("\n<!-- end of {name} -->"));
    let (before, rest) = page.split_once(&start).expect("a mark where the table begins");
    let (_, after) = rest.split_once(&end).expect("a mark where the table ends");
    format!("{before}{start}{table}{end}{after}")
}

/// The values an option takes, in words.
fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Secret => "text, never shown".to_owned(),
        Kind::Secrets => "text or list of texts, never shown".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Whole(lowest, highest) => format!("whole number, {lowest} to {highest}"),
        Kind::Number(lowest, highest) => format!("number, {lowest} to {highest}"),
        Kind::Seconds(lowest, highest) => format!("seconds, {lowest} to {highest}"),
        Kind::Texts => "list of texts".to_owned(),
        Kind::Conditions => "conditions by table".to_owned(),
        Kind::Roles => "options by role".to_owned(),
        Kind::Headers => "texts by header, never shown".to_owned(),
        Kind::Prices => "prices by model".to_owned(),
    }
}

/// A page with a title, an opening paragraph and the head of its table.
fn page(title: &str, opening: &str, columns: &[&str]) -> String {
    let mut page = format!("# {title}\n\n<!-- Written by `make docs` from the table in the code. -->\n\n{opening}\n\n");
    row(&mut page, columns);
    row(&mut page, &vec!["---"; columns.len()]);
    page
}

fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.trim().replace('|', "\\|")).collect();
    writeln!(page, "| {} |", cells.join(" | ")).expect("a text takes every line");
}

fn compare(path: &str, page: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder that can be made");
        fs::write(&file, page).expect("a file that can be written");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page, "`{path}` is not what the code says: run `make docs` and commit it");
}
