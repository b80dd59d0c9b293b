//! Questions about the database itself, which its catalogue answers: what tables there are, which columns one has,
//! what its keys are, how two of them join. No model is asked for what is known.

use crate::grounding::Catalog;
use crate::grounding::join::Join;
use crate::grounding::link::{Target, links};
use crate::grounding::words::{Token, split_identifier, tokenize};
use crate::schema::{Table, TableKind};

/// Whole questions about the database that name none of its parts.
const OVERVIEWS: &[&str] = &[
    "what data do you have",
    "what data do we have",
    "what data is there",
    "what data is in the database",
    "what is in the database",
    "what is in this database",
    "what is this database about",
    "what is stored in this database",
    "describe the database",
    "describe this database",
    "describe the schema",
    "show the schema",
    "show me the schema",
    "schema",
];

/// What may stand around `table` or `column` without making it a question about the data.
const AROUND: &str = " a about all any are ask available can contain contains could database databases db describe do \
    does exist exists find for from get give has have here how i in inside is it its know let list many me much my \
    name names named number of on our out please query schema see show tell that the their there this total us was we \
    what whats which with you your details structure fields field and ";

/// The reply, where the question is of this kind.
pub(super) fn reply(tokens: &[Token], catalog: &Catalog) -> Option<String> {
    let words: Vec<&Token> = tokens.iter().filter(|token| token.lower.chars().any(char::is_alphanumeric)).collect();
    let text = words.iter().map(|token| token.lower.as_str()).collect::<Vec<_>>().join(" ");
    if OVERVIEWS.contains(&text.as_str()) {
        return Some(overview(catalog, |_| true, "table"));
    }
    let asks = Asks::new(&words, catalog)?;
    let named = named(&asks.left, catalog);
    match (asks.part, named.as_deref()) {
        (Part::Tables, Some([])) => Some(overview(catalog, |_| true, "table")),
        (Part::Views, Some([])) => {
            let is_view = |table: &Table| matches!(table.kind, TableKind::View | TableKind::MaterializedView);
            Some(overview(catalog, is_view, "view"))
        }
        (Part::Tables, None) => holders(&asks.left, catalog),
        (Part::Columns, Some([table])) => Some(columns(*table, catalog)),
        (Part::PrimaryKey, Some([table])) => Some(primary_key(*table, catalog)),
        (Part::ForeignKeys | Part::Joins, Some([table])) => Some(joins(*table, catalog)),
        (Part::Joins | Part::ForeignKeys, Some([left, right])) => Some(path(*left, *right, catalog)),
        _ => None,
    }
}

/// What of the database is asked about.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Tables,
    Views,
    Columns,
    PrimaryKey,
    ForeignKeys,
    Joins,
}

struct Asks<'t> {
    part: Part,
    /// The words that say of what.
    left: Vec<&'t Token>,
}

impl<'t> Asks<'t> {
    fn new(words: &[&'t Token], catalog: &Catalog) -> Option<Self> {
        let has = |wanted: &[&str]| words.iter().any(|token| wanted.contains(&token.lower.as_str()));
        let joined = || {
            has(&["how", "what", "which", "show", "describe"])
                && has(&["related", "linked", "connected", "joined", "relationship", "relationships", "relate", "join"])
                || has(&["relationship", "relationships"])
        };
        let (part, own): (Part, &[&str]) = if has(&["primary"]) && has(&["key", "keys"]) {
            (Part::PrimaryKey, &["primary", "key", "keys", "column", "columns", "table"])
        } else if has(&["foreign"]) && has(&["key", "keys"]) {
            (Part::ForeignKeys, &["foreign", "key", "keys", "column", "columns", "table"])
        } else if joined() {
            let own: &[&str] = &[
                "related",
                "linked",
                "connected",
                "joined",
                "relationship",
                "relationships",
                "relate",
                "join",
                "to",
                "between",
                "each",
                "other",
                "table",
                "tables",
                "could",
            ];
            (Part::Joins, own)
        } else if has(&["columns", "column", "fields"]) && !has(&["tables"])
            || words.first().is_some_and(|first| first.lower == "describe")
        {
            (Part::Columns, &["columns", "column", "fields", "table"])
        } else if has(&["tables", "table"]) {
            (Part::Tables, &["tables", "table", "column", "columns", "called", "contain", "contains"])
        } else if has(&["views"]) {
            (Part::Views, &["views"])
        } else {
            return None;
        };
        // A restaurant has tables and a garden has fields: what the database calls so itself is data.
        let named_so = |token: &&&Token| own.contains(&token.lower.as_str()) && is_data(token, catalog);
        if words.iter().any(|token| named_so(&token)) {
            return None;
        }
        let around = |token: &&&Token| AROUND.contains(&format!(" {} ", token.lower));
        let left = words.iter().filter(|token| !around(token) && !own.contains(&token.lower.as_str()));
        Some(Self { part, left: left.copied().collect() })
    }
}

/// Whether the database itself has something of that name.
fn is_data(token: &Token, catalog: &Catalog) -> bool {
    let links = links(std::slice::from_ref(token), catalog);
    links.iter().any(|link| match link.target {
        Target::Table(_) | Target::Column(_) => link.score >= 0.9,
        Target::Value { .. } => false,
    })
}

/// The tables that `words` name, each word being a part of one; `None`: some word is no part of any.
fn named(words: &[&Token], catalog: &Catalog) -> Option<Vec<usize>> {
    let tables = &catalog.schema().tables;
    let mut found = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        let (length, table) = (1..=rest.len()).rev().find_map(|length| {
            let said: Vec<&str> = rest[..length].iter().map(|token| token.lemma.as_str()).collect();
            let whole = rest[..length].iter().map(|token| token.lower.as_str()).collect::<Vec<_>>().join("_");
            let is = |table: &Table| table.name.eq_ignore_ascii_case(&whole) || lemmas(&table.name) == said;
            tables.iter().position(is).map(|table| (length, table))
        })?;
        found.push(table);
        rest = &rest[length..];
    }
    found.dedup();
    Some(found)
}

fn lemmas(name: &str) -> Vec<String> {
    tokenize(&split_identifier(name).join(" ")).into_iter().map(|token| token.lemma).collect()
}

fn overview(catalog: &Catalog, counts: impl Fn(&Table) -> bool, noun: &str) -> String {
    let schema = catalog.schema();
    let names: Vec<String> =
        schema.tables.iter().filter(|table| counts(table)).map(|table| schema.display_name(table)).collect();
    match names.len() {
        0 => format!("There is no {noun} that can be seen."),
        1 => format!("There is 1 {noun}: {}.", names[0]),
        count => format!("There are {count} {noun}s: {}.", listed(names, 60)),
    }
}

/// The tables that have a column of the name that `words` say.
fn holders(words: &[&Token], catalog: &Catalog) -> Option<String> {
    let said: Vec<&str> = words.iter().map(|token| token.lemma.as_str()).collect();
    let schema = catalog.schema();
    let has = |table: &&Table| table.columns.iter().any(|column| lemmas(&column.name) == said);
    let names: Vec<String> = schema.tables.iter().filter(has).map(|table| schema.display_name(table)).collect();
    let column = words.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
    match names.len() {
        0 => None,
        1 => Some(format!("One table has a column `{column}`: {}.", names[0])),
        count => Some(format!("{count} tables have a column `{column}`: {}.", listed(names, 60))),
    }
}

fn columns(table: usize, catalog: &Catalog) -> String {
    let table = catalog.table(table);
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("{} ({})", column.name, column.type_name)).collect();
    let noun = if columns.len() == 1 { "column" } else { "columns" };
    format!("{} has {} {noun}: {}.", table.name, columns.len(), columns.join(", "))
}

fn primary_key(table: usize, catalog: &Catalog) -> String {
    let table = catalog.table(table);
    match table.primary_key.as_slice() {
        [] => format!("{} declares no primary key.", table.name),
        key => format!("The primary key of {} is {}.", table.name, key.join(", ")),
    }
}

fn joins(table: usize, catalog: &Catalog) -> String {
    let lines: Vec<String> = catalog.joins().at(table).iter().map(|join| condition(join, catalog)).collect();
    let name = &catalog.table(table).name;
    if lines.is_empty() {
        format!("{name} joins no other table.")
    } else {
        format!("{name} joins by {}.", lines.join(", "))
    }
}

fn path(left: usize, right: usize, catalog: &Catalog) -> String {
    let (from, to) = (&catalog.table(left).name, &catalog.table(right).name);
    match catalog.joins().tree(&[left, right], &[]) {
        Some((joins, _)) if !joins.is_empty() => {
            let lines: Vec<String> = joins.iter().map(|join| condition(join, catalog)).collect();
            format!("{from} and {to} join by {}.", lines.join(" and "))
        }
        _ => format!("There is no key that joins {from} and {to}."),
    }
}

fn condition(join: &Join, catalog: &Catalog) -> String {
    let side = |id: crate::grounding::ColumnId| format!("{}.{}", catalog.table(id.table).name, catalog.column(id).name);
    format!("{} = {}", side(join.from), side(join.to))
}

/// `names` as they stand in a sentence, the first of them where there are many.
pub(super) fn listed(mut names: Vec<String>, most: usize) -> String {
    let left = names.len().saturating_sub(most);
    names.truncate(most);
    if left > 0 {
        names.push(format!("{left} more"));
    }
    match names.as_slice() {
        [] => "nothing: no table can be seen".to_owned(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}
