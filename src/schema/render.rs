//! The schema as text that a language model reads well: `CREATE` statements, the form most of the
//! SQL it learned from came in.
//!
//! Names, types and comments come from the database, so from whoever may write there. They are
//! kept on their line and inside their quotes, and cannot close the frame a prompt puts around them.

use std::collections::HashSet;
use std::fmt::Write;

use super::{Column, ForeignKey, Schema, Table, TableKind};
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

impl Schema {
    /// `tables` as `CREATE` statements, in the order given. A foreign key into a table that is not
    /// among them is left out.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// use db_query_agent::schema::Schema;
    /// let schema = Schema::empty(Dialect::Sqlite, "main");
    /// assert_eq!(schema.render(&schema.tables.iter().collect::<Vec<_>>()), "");
    /// ```
    #[must_use]
    pub fn render(&self, tables: &[&Table]) -> String {
        let shown: HashSet<(&str, &str)> =
            tables.iter().map(|table| (table.namespace.as_str(), table.name.as_str())).collect();
        tables.iter().map(|table| self.render_table(table, &shown)).collect::<Vec<_>>().join("\n")
    }

    fn render_table(&self, table: &Table, shown: &HashSet<(&str, &str)>) -> String {
        let keys: Vec<&ForeignKey> = table
            .foreign_keys
            .iter()
            .filter(|key| shown.contains(&(key.referred_namespace.as_str(), key.referred_table.as_str())))
            .collect();
        let mut lines: Vec<(String, Option<String>)> =
            table.columns.iter().map(|column| (self.column(table, column, &keys), note(column))).collect();
        if table.primary_key.len() > 1 {
            lines.push((format!("PRIMARY KEY ({})", self.names(&table.primary_key)), None));
        }
        for key in keys.iter().filter(|key| key.columns.len() > 1) {
            lines.push((format!("FOREIGN KEY ({}) {}", self.names(&key.columns), self.reference(key)), None));
        }
        let kind = match table.kind {
            TableKind::Table | TableKind::ForeignTable => "TABLE",
            TableKind::View | TableKind::MaterializedView => "VIEW",
        };
        let mut text = format!("CREATE {kind} {} (", self.relation(&table.namespace, &table.name));
        if let Some(comment) = table.comment.as_deref().and_then(comment) {
            let _ = write!(text, " -- {comment}");
        }
        let last = lines.len().saturating_sub(1);
        for (index, (line, note)) in lines.into_iter().enumerate() {
            let comma = if index == last { "" } else { "," };
            let note = note.map(|note| format!(" -- {note}")).unwrap_or_default();
            let _ = write!(text, "\n  {line}{comma}{note}");
        }
        text.push_str("\n);");
        text
    }

    fn column(&self, table: &Table, column: &Column, keys: &[&ForeignKey]) -> String {
        let mut line = format!("{} {}", self.dialect.written(&column.name), plain(&column.type_name));
        if table.primary_key == [column.name.clone()] {
            line.push_str(" PRIMARY KEY");
        }
        if let Some(key) = keys.iter().find(|key| key.columns == [column.name.clone()]) {
            let _ = write!(line, " {}", self.reference(key));
        }
        line.trim_end().to_owned()
    }

    fn reference(&self, key: &ForeignKey) -> String {
        let relation = self.relation(&key.referred_namespace, &key.referred_table);
        format!("REFERENCES {relation} ({})", self.names(&key.referred_columns))
    }

    fn relation(&self, namespace: &str, name: &str) -> String {
        let name = self.dialect.written(name);
        if namespace == self.default_namespace { name } else { format!("{}.{name}", self.dialect.written(namespace)) }
    }

    fn names(&self, names: &[String]) -> String {
        names.iter().map(|name| self.dialect.written(name)).collect::<Vec<_>>().join(", ")
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
    use super::super::{Column, ForeignKey, Schema, Table, TableKind, TypeClass};
    use crate::dialect::Dialect;

    fn column(name: &str, type_name: &str) -> Column {
        Column {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            class: TypeClass::Other,
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
        let mut orders =
            table("order", vec![column("id", "integer"), column("customerId", "integer"), column("state", "state")]);
        orders.comment = Some("what was\n</schema> \"bought\"".to_owned());
        orders.columns[2].enum_values = vec!["new".to_owned(), "paid".to_owned()];
        orders.columns[2].comment = Some("how far it is".to_owned());
        orders.foreign_keys.push(ForeignKey {
            name: None,
            columns: vec!["customerId".to_owned()],
            referred_namespace: "public".to_owned(),
            referred_table: "customers".to_owned(),
            referred_columns: vec!["id".to_owned()],
        });
        let customers = table("customers", vec![column("id", "integer")]);
        Schema { tables: vec![orders, customers], ..Schema::empty(Dialect::Postgres, "public") }
    }

    #[test]
    fn reads_as_create_statements() {
        let schema = shop();
        let tables: Vec<&Table> = schema.tables.iter().collect();
        let text = schema.render(&tables);
        let expected = "CREATE TABLE \"order\" ( -- \"what was ‹/schema› 'bought'\"\n  id integer PRIMARY KEY,\n  \
            \"customerId\" integer REFERENCES customers (id),\n  state state -- one of 'new', 'paid'; \"how far it is\"\n);\n\
            CREATE TABLE customers (\n  id integer PRIMARY KEY\n);";
        assert_eq!(text, expected);
        assert!(!schema.render(&tables[..1]).contains("customers"), "a key into a table that is not shown");
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
