//! The guard's law in `tests/spec/guard/`, read: its examples and the schema they are about.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{ApprovedSql, Caller, Guard, Policy, RULES, Rejection, RowFilter};
use db_query_agent::schema::{Column, Schema, Table, TableKind, TypeClass};
use db_query_agent::value::Value;

fn directory() -> PathBuf {
    // `fuzz/` reads it too, from a folder below.
    let mut roots = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    roots.find_map(|root| Some(root.join("tests/spec/guard")).filter(|pages| pages.is_dir())).expect("the law is there")
}

/// One example of the law.
pub struct Example {
    pub place: String,
    pub dialects: Vec<Dialect>,
    pub policy: Policy,
    pub resolved: bool,
    /// The rule that refuses it; `None` where it is approved.
    pub refused: Option<String>,
    /// Which columns of the result come out masked; `None` where it is not said.
    pub masks: Option<String>,
    /// Whether `orders` has a row filter.
    pub tenant: bool,
    pub sql: String,
}

impl Example {
    pub fn judge(&self, dialect: Dialect) -> Result<ApprovedSql, Rejection> {
        self.judge_text(dialect, &self.sql)
    }

    /// Whether its policy masks columns.
    pub fn masks_columns(&self) -> bool {
        !self.policy.masked_columns.is_empty()
    }

    /// Judges another text as the example is judged.
    pub fn judge_text(&self, dialect: Dialect, sql: &str) -> Result<ApprovedSql, Rejection> {
        let mut policy = self.policy.clone();
        if self.tenant {
            policy.row_filters.push(RowFilter::new(dialect, "orders", "user_id = :user").expect("a filter"));
        }
        let caller = Caller { attributes: [("user".to_owned(), Value::Int(7))].into(), ..Caller::default() };
        let guard = Guard::new(dialect, policy).for_caller(Arc::new(caller));
        if self.resolved { guard.approve(sql, schema(dialect)) } else { guard.approve_unresolved(sql) }
    }
}

pub fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = std::fs::read_dir(directory())
        .expect("the law is there")
        .map(|entry| entry.expect("a page").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    pages.sort();
    pages
}

/// Every example, in the order of the pages.
pub fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for (name, page) in pages() {
        let mut lines = page.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let Some(head) = line.strip_prefix("```sql ") else { continue };
            let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            for sql in body.join("\n").split("\n\n") {
                examples.push(example(&format!("{name}:{}", number + 1), head, sql));
            }
        }
    }
    examples
}

fn example(place: &str, head: &str, sql: &str) -> Example {
    let mut words = head.split(' ');
    let dialects = match words.next().expect("dialects") {
        "all" => Dialect::ALL.to_vec(),
        names => names.split(',').map(|name| Dialect::from_name(name).expect("a dialect")).collect(),
    };
    let names = |list: &str| list.split(',').map(ToOwned::to_owned).collect();
    let mut example = Example {
        place: place.to_owned(),
        dialects,
        policy: Policy::default(),
        resolved: true,
        refused: None,
        masks: None,
        tenant: false,
        sql: unescaped(sql),
    };
    let mut verdict = false;
    for word in words {
        match word.split_once('=') {
            Some(("refused", rule)) => {
                assert!(RULES.iter().any(|known| known.slug == rule), "{place}: no rule `{rule}`");
                example.refused = Some(rule.to_owned());
                verdict = true;
            }
            Some(("allowed", list)) => example.policy.allowed_tables = Some(names(list)),
            Some(("blocked", list)) => example.policy.blocked_tables = names(list),
            Some(("columns-allowed", list)) => example.policy.allowed_columns = names(list),
            Some(("columns-blocked", list)) => example.policy.blocked_columns = names(list),
            Some(("columns-masked", list)) => example.policy.masked_columns = names(list),
            Some(("masks", marks)) => example.masks = Some(marks.to_owned()),
            None if word == "tenant" => example.tenant = true,
            None if word == "approved" => verdict = true,
            None if word == "unresolved" => example.resolved = false,
            _ => panic!("{place}: `{word}` is not known"),
        }
    }
    assert!(verdict, "{place}: no verdict");
    example
}

/// Puts the character in place of its number, written `\u{a0}`.
pub fn unescaped(sql: &str) -> String {
    let mut parts = sql.split("\\u{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("a closed escape");
        let number = u32::from_str_radix(number, 16).expect("a number");
        text.push(char::from_u32(number).expect("a character"));
        text.push_str(rest);
    }
    text
}

/// The schema that the first page describes.
pub fn schema(dialect: Dialect) -> &'static Schema {
    static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| Dialect::ALL.map(read_schema).to_vec());
    SCHEMAS.iter().find(|schema| schema.dialect == dialect).expect("one for each dialect")
}

fn read_schema(dialect: Dialect) -> Schema {
    let namespace = match dialect {
        Dialect::Sqlite => "main",
        Dialect::Postgres => "public",
        Dialect::Mysql => "shop",
        Dialect::Mssql => "dbo",
    };
    let page = std::fs::read_to_string(directory().join("README.md")).expect("the first page");
    let mut schema = Schema::empty(dialect, namespace);
    let lines = page.lines().skip_while(|line| *line != "```schema").skip(1).take_while(|line| *line != "```");
    for line in lines {
        let (head, columns) = line.split_once(": ").expect("a relation and its columns");
        let words: Vec<&str> = head.split(' ').collect();
        let (kind, name, reads) = match words.as_slice() {
            ["table", name] => (TableKind::Table, name, Vec::new()),
            ["view", name, "reads", "nothing"] => (TableKind::View, name, Vec::new()),
            ["view", name, "reads", base] => (TableKind::View, name, vec![(namespace.to_owned(), (*base).to_owned())]),
            _ => panic!("`{head}` is no relation"),
        };
        schema.tables.push(Table {
            namespace: namespace.to_owned(),
            name: (*name).to_owned(),
            kind,
            comment: None,
            columns: columns.split(", ").map(column).collect(),
            primary_key: columns.split(", ").filter(|column| *column == "id").map(ToOwned::to_owned).collect(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: None,
            reads,
            partial: false,
        });
    }
    assert!(!schema.tables.is_empty());
    schema
}

fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_name: "text".to_owned(),
        class: TypeClass::Other,
        nullable: true,
        default: None,
        generated: false,
        comment: None,
        enum_values: Vec::new(),
    }
}
