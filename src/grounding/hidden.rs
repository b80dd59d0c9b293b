//! What a caller may not see, by the words that would name it: "you may not see this" and "there is
//! none" are different answers.

use super::Catalog;
use super::names::Name;
use super::words::{split_identifier, tokenize};
use crate::schema::{Schema, Table};

/// The tables and columns that a policy hides.
#[derive(Debug, Default)]
pub struct Hidden(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    words: Vec<String>,
    /// The words of the table it is a column of.
    of: Option<Vec<String>>,
    /// As a message writes it.
    name: String,
}

impl Hidden {
    /// What `full` has and `visible` has not.
    #[must_use]
    pub fn between(full: &Schema, visible: &Schema) -> Self {
        let mut entries = Vec::new();
        for table in &full.tables {
            let of = split_identifier(&table.name);
            let shown = visible.tables.iter().find(|shown| is_same(shown, table));
            if shown.is_none() {
                entries.push(Entry { words: of.clone(), of: None, name: full.display_name(table) });
            }
            let is_shown =
                |name: &str| shown.is_some_and(|shown| shown.columns.iter().any(|column| column.name == name));
            for column in table.columns.iter().filter(|column| !is_shown(&column.name)) {
                let name = format!("{}.{}", full.display_name(table), column.name);
                entries.push(Entry { words: split_identifier(&column.name), of: Some(of.clone()), name });
            }
        }
        Self(entries)
    }

    /// What of the hidden the words of `question` name, where nothing in `catalog` goes by them. A column is
    /// named by its own words where its table is named, too, or with `loosely` wherever they stand.
    #[must_use]
    pub fn named_in(&self, question: &str, catalog: &Catalog, loosely: bool) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let said: Vec<String> = tokenize(question).iter().flat_map(|token| split_identifier(&token.text)).collect();
        let says = |words: &[String]| !words.is_empty() && said.windows(words.len()).any(|window| window == words);
        let named = |entry: &&Entry| says(&entry.words);
        let strictly = self.0.iter().filter(named).find(|entry| match entry.of.as_deref() {
            None => !goes_by(&entry.words, None, catalog),
            Some(table) => says(table) && !goes_by(&entry.words, Some(table), catalog),
        });
        let anywhere = || self.0.iter().filter(named).find(|entry| loosely && !goes_by(&entry.words, None, catalog));
        strictly.or_else(anywhere).map(|entry| entry.name.as_str())
    }
}

/// Whether something that may be seen goes by `words`: a column of the tables called `of`, or anything.
fn goes_by(words: &[String], of: Option<&[String]>, catalog: &Catalog) -> bool {
    let covers = |name: &Name| words.iter().all(|word| name.words.contains(word));
    (0..catalog.schema().tables.len()).any(|table| {
        let name = catalog.names().table(table);
        let is_meant = of.is_none_or(|of| of.iter().all(|word| name.words.contains(word)));
        is_meant && (covers(name) || catalog.columns_of(table).any(|id| covers(catalog.names().column(id))))
    })
}

fn is_same(one: &Table, other: &Table) -> bool {
    one.name == other.name && one.namespace == other.namespace
}
