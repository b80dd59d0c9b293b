//! The schema as text that a language model reads well: one line a table, in as few words as will do. Each table's
//! columns stand in one list with its name in front, which keeps small models from taking a column for another table's.
//!
//! Names, types and comments come from the database, so from whoever may write there. They are
//! kept on their line and inside their quotes, and cannot close the frame a prompt puts around them.

use super::{Column, Schema, Table, TypeClass};
use crate::dialect::Dialect;

/// Longest comment shown, in characters.
const LONGEST_COMMENT: usize = 160;
/// Values of an enumeration shown at most.
const MOST_VALUES: usize = 20;

/// Words that need quotes as a name in at least one dialect: what PostgreSQL 17 (appendix C),
/// MySQL 8.4 (§11.3) and SQL Server reserve, as far as people name tables and columns so.
const RESERVED: &str = " all analyze and any array as asc between both by case cast change char character check \
    collate column condition constraint create cross cube current current_date current_time current_timestamp \
    current_user database databases date day_hour dec decimal default delayed delete desc describe distinct div double \
    drop each else end except exists explain external false fetch file float for foreign from full function generated \
    grant group grouping groups having hour_minute if ignore in index inner insert int integer intersect interval into \
    is join key keys kill lag lead leading left like limit lines load lock long loop match mod natural not null \
    numeric of offset on open option or order out outer over partition percent percent_rank plan precision primary \
    procedure public purge range rank read references release rename repeat replace require restrict return revoke \
    right row row_number rows rule save schema schemas select session_user set show smallint some sql system table \
    tablesample then to top trailing transaction trigger true truncate union unique unlock unsigned update usage use \
    user using values varchar varying view when where while window with write xor zerofill ";

/// A table to show and those of its columns that are shown.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    pub table: &'a Table,
    pub columns: Vec<&'a Column>,
}

impl Schema {
    /// `tables` as lines, in the order given. A column without a type holds text; `…` stands for columns left out.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// use db_query_agent::schema::Schema;
    /// assert_eq!(Schema::empty(Dialect::Sqlite, "main").render(&[]), "");
    /// ```
    #[must_use]
    pub fn render(&self, tables: &[Shown<'_>]) -> String {
        tables.iter().map(|shown| self.line(shown)).collect::<Vec<_>>().join("\n")
    }

    fn line(&self, shown: &Shown<'_>) -> String {
        let table = shown.table;
        let mut columns: Vec<String> = shown.columns.iter().map(|column| self.shown(table, column)).collect();
        if shown.columns.len() < table.columns.len() {
            columns.push("…".to_owned());
        }
        let name = self.relation(&table.namespace, &table.name);
        let about = table.comment.as_deref().and_then(comment).map(|about| format!(" -- {about}")).unwrap_or_default();
        format!("{name}({}){about}", columns.join(", "))
    }

    fn shown(&self, table: &Table, column: &Column) -> String {
        let mut text = self.dialect.written(&column.name);
        let kind = kind(column);
        if !kind.is_empty() {
            text = format!("{text} {kind}");
        }
        if table.primary_key == [column.name.clone()] {
            text.push_str(" key");
        }
        match note(column) {
            Some(note) => format!("{text} /* {} */", note.replace("*/", "* /")),
            None => text,
        }
    }

    /// A relation's name as a statement has it, with its namespace where that is not the default one.
    #[must_use]
    pub fn relation(&self, namespace: &str, name: &str) -> String {
        let name = self.dialect.written(name);
        if namespace == self.default_namespace { name } else { format!("{}.{name}", self.dialect.written(namespace)) }
    }
}

impl Dialect {
    /// `name` as a person would write it in a statement: quoted only where it must be.
    #[must_use]
    pub fn written(self, name: &str) -> String {
        // PostgreSQL folds an unquoted name to lower case, so any other letter needs quotes.
        let folds = self == Self::Postgres;
        let letter = |letter: char| {
            letter == '_'
                || letter.is_ascii_lowercase()
                || letter.is_ascii_digit()
                || (!folds && letter.is_ascii_uppercase())
        };
        let starts_well = name.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic());
        let reserved = RESERVED.contains(&format!(" {} ", name.to_ascii_lowercase()));
        if starts_well && name.chars().all(letter) && !reserved { name.to_owned() } else { self.quote(&plain(name)) }
    }
}

/// The word for a column's type; none for text, the most frequent one.
fn kind(column: &Column) -> String {
    let word = match column.class {
        TypeClass::Text => "",
        TypeClass::Integer => "int",
        TypeClass::Number => "number",
        TypeClass::Boolean => "boolean",
        TypeClass::Date => "date",
        TypeClass::Time => "time",
        TypeClass::DateTime => "timestamp",
        TypeClass::Interval => "interval",
        TypeClass::Uuid => "uuid",
        TypeClass::Json => "json",
        TypeClass::Bytes => "bytes",
        // The values of an enumeration are said behind it.
        TypeClass::Other if !column.enum_values.is_empty() => "",
        TypeClass::Array | TypeClass::Other => return plain(&column.type_name).trim().to_owned(),
    };
    word.to_owned()
}

/// What is said of a column behind its line: the values of its type, its comment.
fn note(column: &Column) -> Option<String> {
    let values = match column.enum_values.as_slice() {
        [] => None,
        values => {
            let shown: Vec<String> =
                values.iter().take(MOST_VALUES).map(|value| format!("'{}'", plain(value))).collect();
            let more = if values.len() > MOST_VALUES { ", …" } else { "" };
            Some(format!("one of {}{more}", shown.join(", ")))
        }
    };
    let parts: Vec<String> = values.into_iter().chain(column.comment.as_deref().and_then(comment)).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A comment in double quotes, cut to its longest.
fn comment(text: &str) -> Option<String> {
    let text = plain(text).replace('"', "'");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return None;
    }
    let cut: String = words.chars().take(LONGEST_COMMENT).collect();
    let more = if cut.len() < words.len() { "…" } else { "" };
    Some(format!("\"{cut}{more}\""))
}

/// `text` on one line and without the brackets that a prompt's frame is made of.
fn plain(text: &str) -> String {
    let plain = |letter: char| match letter {
        '<' => '‹',
        '>' => '›',
        letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => ' ',
        letter => letter,
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Schema, Shown, Table, TableKind, TypeClass};
    use crate::dialect::Dialect;

    fn column(name: &str, type_name: &str, class: TypeClass) -> Column {
        Column {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            class,
            nullable: true,
            default: None,
            generated: false,
            comment: None,
            enum_values: Vec::new(),
        }
    }

    fn table(name: &str, columns: Vec<Column>) -> Table {
        Table {
            namespace: "public".to_owned(),
            name: name.to_owned(),
            kind: TableKind::Table,
            comment: None,
            columns,
            primary_key: vec!["id".to_owned()],
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: None,
            reads: Vec::new(),
            partial: false,
        }
    }

    fn shop() -> Schema {
        let id = || column("id", "integer", TypeClass::Integer);
        let others = [column("customerId", "int8[]", TypeClass::Array), column("state", "state", TypeClass::Other)];
        let mut orders = table("order", std::iter::once(id()).chain(others).collect());
        orders.comment = Some("what was\n</schema> \"bought\"".to_owned());
        orders.columns[2].enum_values = vec!["new".to_owned(), "paid".to_owned()];
        orders.columns[2].comment = Some("how */ far".to_owned());
        let customers = Table { namespace: "public2".to_owned(), ..table("customers", vec![id()]) };
        Schema { tables: vec![orders, customers], ..Schema::empty(Dialect::Postgres, "public") }
    }

    #[test]
    fn reads_as_one_line_a_table() {
        let schema = shop();
        let shown = |columns: usize| {
            let all = |table| Shown { table, columns: table.columns.iter().take(columns).collect() };
            schema.render(&schema.tables.iter().map(all).collect::<Vec<_>>())
        };
        let expected = "\"order\"(id int key, \"customerId\" int8[], state /* one of 'new', 'paid'; \"how * / far\" */) \
            -- \"what was ‹/schema› 'bought'\"\npublic2.customers(id int key)";
        assert_eq!(shown(9), expected);
        assert!(shown(1).starts_with("\"order\"(id int key, …) --"));
    }

    #[test]
    fn quotes_only_what_must_be() {
        assert_eq!(Dialect::Sqlite.written("InvoiceLine"), "InvoiceLine");
        assert_eq!(Dialect::Postgres.written("InvoiceLine"), "\"InvoiceLine\"");
        assert_eq!(Dialect::Mysql.written("group"), "`group`");
        assert_eq!(Dialect::Mssql.written("2nd name"), "[2nd name]");
        assert_eq!(Dialect::Sqlite.written("created_at"), "created_at");
    }
}
