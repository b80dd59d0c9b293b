//! Puts a column to the table it belongs to. The slip that small models make most is `T1.name` where only `T2` has a
//! `name`: such a statement cannot run, and where one table alone can be meant the right one costs nothing to find.

use sqlparser::dialect::{
    Dialect as Grammar, MsSqlDialect, MySqlDialect as MySqlGrammar, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Word};

use crate::dialect::Dialect;
use crate::schema::{Schema, Table};

/// `sql` with each column that its table does not have put to the one table beside it that has it. What is not understood
/// stays as it is: whether a statement may run is the guard's to say.
pub(super) fn mend(sql: &str, schema: &Schema) -> String {
    let Some(tokens) = tokens(sql, schema.dialect) else { return sql.to_owned() };
    let scopes = Scopes::read(&tokens, schema);
    let mut mended = sql.to_owned();
    // From the last to the first, so that the places of the others stay right.
    for place in (0..tokens.len()).rev() {
        let Some((qualifier, column)) = qualified(&tokens, place) else { continue };
        let Some(other) = scopes.owner(place, &qualifier.value, &column.value) else { continue };
        let span = tokens[place].span;
        if let (Some(start), Some(end)) = (offset(sql, span.start), offset(sql, span.end)) {
            mended.replace_range(start..end, &other.to_string());
        }
    }
    mended
}

/// The tokens without what is between them.
fn tokens(sql: &str, dialect: Dialect) -> Option<Vec<TokenWithSpan>> {
    let grammar: &dyn Grammar = match dialect {
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlGrammar {},
        Dialect::Mssql => &MsSqlDialect {},
    };
    let tokens = Tokenizer::new(grammar, sql).tokenize_with_location().ok()?;
    Some(tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect())
}

/// Where `location`, counted in lines and letters from 1, is in `text`.
fn offset(text: &str, location: sqlparser::tokenizer::Location) -> Option<usize> {
    let (line, column) = (usize::try_from(location.line).ok()?, usize::try_from(location.column).ok()?);
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let rest = text.get(start..)?;
    let before = column.checked_sub(1)?;
    Some(start + rest.char_indices().nth(before).map_or(rest.len(), |(at, _)| at))
}

/// `a.b` at `place`, where that is all of the name and no table's.
fn qualified(tokens: &[TokenWithSpan], place: usize) -> Option<(&Word, &Word)> {
    let at = |place: usize| tokens.get(place).map(|token| &token.token);
    let (Some(Token::Word(qualifier)), Some(Token::Period), Some(Token::Word(column))) =
        (at(place), at(place + 1), at(place + 2))
    else {
        return None;
    };
    let before = place.checked_sub(1).and_then(at);
    let is_table = before.is_some_and(|token| matches!(token, Token::Period) || opens_table(token));
    let goes_on = matches!(at(place + 3), Some(Token::Period | Token::LParen));
    (!is_table && !goes_on).then_some((qualifier, column))
}

fn keyword(token: &Token) -> Keyword {
    match token {
        Token::Word(word) => word.keyword,
        _ => Keyword::NoKeyword,
    }
}

fn opens_table(token: &Token) -> bool {
    matches!(keyword(token), Keyword::FROM | Keyword::JOIN)
}

/// The `SELECT`s of a statement with the tables that each reads.
struct Scopes<'a> {
    /// The scope of each token; 0 is outside of all.
    of: Vec<usize>,
    /// The scope that each lies in.
    parents: Vec<usize>,
    /// The names in each scope and the tables they stand for; `None`: no table of the schema.
    names: Vec<Vec<(&'a Word, Option<&'a Table>)>>,
}

impl<'a> Scopes<'a> {
    fn read(tokens: &'a [TokenWithSpan], schema: &'a Schema) -> Self {
        let mut scopes = Self { of: Vec::new(), parents: vec![0], names: vec![Vec::new()] };
        let mut open = vec![0];
        for (place, token) in tokens.iter().enumerate() {
            let outer = open.iter().rev().nth(1).copied().unwrap_or(0);
            match &token.token {
                Token::LParen => open.push(open.last().copied().unwrap_or(0)),
                Token::RParen if open.len() > 1 => drop(open.pop()),
                word if keyword(word) == Keyword::SELECT => {
                    scopes.parents.push(outer);
                    scopes.names.push(Vec::new());
                    if let Some(innermost) = open.last_mut() {
                        *innermost = scopes.parents.len() - 1;
                    }
                }
                _ => {}
            }
            let scope = open.last().copied().unwrap_or(0);
            scopes.of.push(scope);
            if opens_table(&token.token) {
                scopes.names[scope].extend(named(&tokens[place + 1..], schema));
            }
        }
        scopes
    }

    /// The one name that `column` belongs to, where `qualifier` is a table that does not have it.
    fn owner(&self, place: usize, qualifier: &str, column: &str) -> Option<&'a Word> {
        let mut scope = self.of[place];
        while scope != 0 {
            let names = &self.names[scope];
            if let Some((_, table)) = names.iter().find(|(name, _)| name.value.eq_ignore_ascii_case(qualifier)) {
                if has((*table)?, column) {
                    return None;
                }
                let mut owners = names.iter().filter(|(_, table)| table.is_some_and(|table| has(table, column)));
                return owners.next().filter(|_| owners.next().is_none()).map(|(name, _)| *name);
            }
            scope = self.parents[scope];
        }
        None
    }
}

/// The table that `tokens` begin with, by the name that the statement calls it.
fn named<'a>(tokens: &'a [TokenWithSpan], schema: &'a Schema) -> Option<(&'a Word, Option<&'a Table>)> {
    let word = |place: usize| match tokens.get(place).map(|token| &token.token) {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    };
    let is_dotted = matches!(tokens.get(1).map(|token| &token.token), Some(Token::Period));
    let (namespace, name, next) = if is_dotted { (word(0), word(2)?, 3) } else { (None, word(0)?, 1) };
    let alias = match word(next) {
        Some(as_) if as_.keyword == Keyword::AS => word(next + 1),
        Some(word) if word.keyword == Keyword::NoKeyword => Some(word),
        _ => None,
    };
    let is_it = |table: &&Table| {
        table.name.eq_ignore_ascii_case(&name.value)
            && namespace.is_none_or(|namespace| table.namespace.eq_ignore_ascii_case(&namespace.value))
    };
    let mut tables = schema.tables.iter().filter(is_it);
    let table = tables.next().filter(|_| tables.next().is_none());
    Some((alias.unwrap_or(name), table))
}

fn has(table: &Table, column: &str) -> bool {
    // The row number that SQLite gives to every table.
    column.eq_ignore_ascii_case("rowid") || table.columns.iter().any(|one| one.name.eq_ignore_ascii_case(column))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::mend;
    use crate::dialect::Dialect;
    use crate::schema::{Column, Schema, Table, TableKind, TypeClass};

    fn shop() -> Schema {
        let column = |name: &str| Column {
            name: name.to_owned(),
            type_name: String::new(),
            class: TypeClass::Text,
            nullable: true,
            default: None,
            generated: false,
            comment: None,
            enum_values: Vec::new(),
        };
        let table = |name: &str, columns: &[&str]| Table {
            namespace: "main".to_owned(),
            name: name.to_owned(),
            kind: TableKind::Table,
            comment: None,
            columns: columns.iter().map(|name| column(name)).collect(),
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: None,
            reads: Vec::new(),
            partial: false,
        };
        let tables =
            vec![table("orders", &["id", "customer_id", "state"]), table("customers", &["id", "name", "city"])];
        Schema { tables, ..Schema::empty(Dialect::Sqlite, "main") }
    }

    #[test]
    fn a_column_goes_to_the_table_that_has_it() {
        for (sql, mended) in [
            (
                "SELECT T1.city FROM orders AS T1 JOIN customers T2 ON T1.customer_id = T2.id GROUP BY T1.city",
                "SELECT T2.city FROM orders AS T1 JOIN customers T2 ON T1.customer_id = T2.id GROUP BY T2.city",
            ),
            (
                "SELECT orders.name\nFROM orders\nJOIN \"customers\" ON orders.customer_id = customers.id WHERE orders.state = 'é' AND orders.name = 1",
                "SELECT \"customers\".name\nFROM orders\nJOIN \"customers\" ON orders.customer_id = customers.id WHERE orders.state = 'é' AND \"customers\".name = 1",
            ),
            (
                "SELECT a.name FROM customers a WHERE EXISTS (SELECT 1 FROM orders b WHERE b.customer_id = a.id AND a.state = 'x' AND b.city = 'y') UNION SELECT a.state FROM orders a JOIN customers b ON a.customer_id = b.id WHERE a.city = 'z'",
                "SELECT a.name FROM customers a WHERE EXISTS (SELECT 1 FROM orders b WHERE b.customer_id = a.id AND a.state = 'x' AND b.city = 'y') UNION SELECT a.state FROM orders a JOIN customers b ON a.customer_id = b.id WHERE b.city = 'z'",
            ),
        ] {
            assert_eq!(mend(sql, &shop()), mended);
            assert_eq!(mend(mended, &shop()), mended);
        }
    }

    #[test]
    fn what_is_right_or_not_plain_stays() {
        for sql in [
            "SELECT o.id, c.name FROM orders o JOIN customers c ON o.customer_id = c.id",
            "SELECT o.rowid FROM orders o JOIN customers c ON o.customer_id = c.id",
            "SELECT o.nothing FROM orders o JOIN customers c ON o.customer_id = c.id",
            "SELECT a.city FROM orders a, customers b",
            "SELECT a.city FROM orders a JOIN customers b ON 1 JOIN customers c ON 1",
            "WITH x AS (SELECT 1 AS city) SELECT x.name FROM x JOIN customers c ON 1",
            "SELECT main.orders.city FROM main.orders JOIN customers c ON 1",
            "SELECT 'o.city FROM orders o",
        ] {
            assert_eq!(mend(sql, &shop()), sql);
        }
    }

    proptest! {
        #[test]
        fn never_panics(sql in "(SELECT |FROM |JOIN |orders|customers|a|\\.|city|id|\\(|\\)|'|\"|é|\n| |AS |WITH |,){0,40}") {
            let mended = mend(&sql, &shop());
            prop_assert_eq!(mend(&mended, &shop()), mended);
        }
    }
}
