//! Names in a statement: when to quote them, and what result columns are called.

use std::borrow::Cow;

use crate::dialect::Dialect;
use crate::engine::offline::ir::{Aggregate, Arithmetic, Grain, Item, Query, Term};
use crate::grounding::Catalog;

/// A result column's name, and whether an `AS` must say it.
pub(super) struct Heading {
    pub text: String,
    pub alias: bool,
}

/// `name` as an identifier, quoted only where the dialect would read it differently without.
pub(super) fn identifier(dialect: Dialect, name: &str) -> Cow<'_, str> {
    let mut signs = name.chars();
    let plain_start = signs.next().is_some_and(|sign| sign.is_ascii_alphabetic() || sign == '_');
    let plain = plain_start && signs.all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    let folded = dialect == Dialect::Postgres && name.chars().any(|sign| sign.is_ascii_uppercase());
    if plain && !folded && !is_reserved(name) { name.into() } else { dialect.quote(name).into() }
}

/// The list is in order, so few of its words are looked at.
fn is_reserved(name: &str) -> bool {
    RESERVED.binary_search_by(|word| word.bytes().cmp(name.bytes().map(|letter| letter.to_ascii_lowercase()))).is_ok()
}

/// The name of each result column: the column's own, or what the aggregate is, told apart by table
/// where two would be equal.
pub(super) fn headings(query: &Query, catalog: &Catalog) -> Vec<Heading> {
    let mut out: Vec<Heading> = Vec::new();
    let twice = |item: &Item| {
        let name = |item: &Item| match (&item.aggregate, &item.term) {
            (None, Term::Column(id)) => Some(catalog.column(*id).name.to_ascii_lowercase()),
            _ => None,
        };
        name(item).is_some_and(|own| query.select.iter().filter(|other| name(other).as_ref() == Some(&own)).count() > 1)
    };
    for item in &query.select {
        let mut heading = match (&item.aggregate, &item.term) {
            (None, Term::Row | Term::Every(_)) => Heading { text: "*".into(), alias: false },
            (None, Term::Column(id)) if twice(item) => {
                let text =
                    format!("{}_{}", singular(&catalog.table(id.table).name), catalog.column(*id).name.to_lowercase());
                Heading { text, alias: true }
            }
            (None, Term::Column(id)) => Heading { text: catalog.column(*id).name.clone(), alias: false },
            _ => Heading { text: alias(item, catalog), alias: true },
        };
        let base = heading.text.clone();
        let mut number = 2;
        while heading.text != "*" && out.iter().any(|known| known.text.eq_ignore_ascii_case(&heading.text)) {
            heading = Heading { text: format!("{base}_{number}"), alias: true };
            number += 1;
        }
        out.push(heading);
    }
    out
}

fn singular(table: &str) -> String {
    crate::grounding::words::lemma(&table.to_lowercase())
}

/// `count`, `total_amount`, `average_price`, `order_month`.
fn alias(item: &Item, catalog: &Catalog) -> String {
    let term = match &item.term {
        Term::Row | Term::Every(_) => String::new(),
        Term::Column(id) => catalog.column(*id).name.to_lowercase(),
        Term::Part(_, grain) => grain_word(*grain).to_owned(),
        Term::Product(..) => "value".to_owned(),
        Term::Verbatim(verbatim) => verbatim.name.clone().unwrap_or_else(|| "value".to_owned()),
        Term::Formula(formula) => match formula.operator {
            Arithmetic::Plus => "sum",
            Arithmetic::Minus => "difference",
            Arithmetic::Over => "ratio",
            Arithmetic::Share => "proportion",
            Arithmetic::Percent => "percentage",
        }
        .to_owned(),
    };
    let word = match item.aggregate {
        None => return term,
        Some(Aggregate::Count) => return "count".to_owned(),
        Some(Aggregate::Sum) => "total",
        Some(Aggregate::Average) => "average",
        Some(Aggregate::Minimum) => "minimum",
        Some(Aggregate::Maximum) => "maximum",
    };
    if term.starts_with(word) { term } else { format!("{word}_{term}") }
}

pub(super) fn grain_word(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}

/// Words that at least one of the engines refuses as a bare name (their manuals' lists of reserved words).
const RESERVED: &[&str] = &[
    "abort",
    "accessible",
    "action",
    "add",
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "before",
    "between",
    "bigint",
    "binary",
    "blob",
    "both",
    "by",
    "call",
    "cascade",
    "case",
    "cast",
    "change",
    "char",
    "character",
    "check",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "condition",
    "constraint",
    "continue",
    "convert",
    "create",
    "cross",
    "cube",
    "current",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "cursor",
    "database",
    "databases",
    "day_hour",
    "dec",
    "decimal",
    "declare",
    "default",
    "deferrable",
    "delayed",
    "delete",
    "dense_rank",
    "desc",
    "describe",
    "deterministic",
    "distinct",
    "div",
    "do",
    "double",
    "drop",
    "dual",
    "each",
    "else",
    "elseif",
    "empty",
    "enclosed",
    "end",
    "escape",
    "escaped",
    "except",
    "exists",
    "exit",
    "explain",
    "false",
    "fetch",
    "first_value",
    "float",
    "for",
    "force",
    "foreign",
    "freeze",
    "from",
    "full",
    "fulltext",
    "function",
    "generated",
    "get",
    "glob",
    "grant",
    "group",
    "grouping",
    "groups",
    "having",
    "high_priority",
    "if",
    "ignore",
    "ilike",
    "in",
    "index",
    "infile",
    "initially",
    "inner",
    "inout",
    "insert",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "iterate",
    "join",
    "json_table",
    "key",
    "keys",
    "kill",
    "lag",
    "last_value",
    "lateral",
    "lead",
    "leading",
    "leave",
    "left",
    "like",
    "limit",
    "linear",
    "lines",
    "load",
    "localtime",
    "localtimestamp",
    "lock",
    "long",
    "loop",
    "low_priority",
    "match",
    "mod",
    "natural",
    "not",
    "notnull",
    "nth_value",
    "ntile",
    "null",
    "numeric",
    "of",
    "off",
    "offset",
    "on",
    "only",
    "optimize",
    "option",
    "or",
    "order",
    "out",
    "outer",
    "over",
    "overlaps",
    "partition",
    "percent_rank",
    "placing",
    "plan",
    "pragma",
    "precision",
    "primary",
    "procedure",
    "purge",
    "query",
    "range",
    "rank",
    "read",
    "real",
    "recursive",
    "references",
    "regexp",
    "release",
    "rename",
    "repeat",
    "replace",
    "require",
    "restrict",
    "return",
    "returning",
    "revoke",
    "right",
    "rlike",
    "row",
    "row_number",
    "rows",
    "schema",
    "select",
    "sensitive",
    "separator",
    "session_user",
    "set",
    "show",
    "signal",
    "similar",
    "smallint",
    "some",
    "spatial",
    "sql",
    "starting",
    "storage",
    "stored",
    "straight_join",
    "symmetric",
    "system",
    "table",
    "tablesample",
    "terminated",
    "then",
    "tinyint",
    "to",
    "top",
    "trailing",
    "transaction",
    "trigger",
    "true",
    "undo",
    "union",
    "unique",
    "unlock",
    "unsigned",
    "update",
    "usage",
    "use",
    "user",
    "using",
    "vacuum",
    "values",
    "varchar",
    "variadic",
    "varying",
    "verbose",
    "view",
    "virtual",
    "when",
    "where",
    "while",
    "window",
    "with",
    "write",
    "xor",
    "year_month",
    "zerofill",
];

#[cfg(test)]
mod tests {
    use super::{RESERVED, is_reserved};

    #[test]
    fn reserved_words_are_found_in_any_spelling() {
        assert!(RESERVED.is_sorted());
        assert!(is_reserved("Order") && is_reserved("abort") && !is_reserved("orders"));
    }
}
