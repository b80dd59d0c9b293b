//! The words by which a question may call a table or a column, and an index from words to both.

use std::collections::{BTreeSet, HashMap};

use super::ColumnId;
use super::lexicon;
use super::words::{lemma, split_identifier, stem};
use crate::schema::{Schema, TypeClass};

/// What a word can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    Table(usize),
    Column(ColumnId),
}

/// One way in which a word meets a word of a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meeting {
    pub thing: Thing,
    /// Which word of the name.
    pub word: usize,
    /// 1 for the same word, less for a relative.
    pub quality: f32,
}

/// The words of one name.
#[derive(Clone, Debug, Default)]
pub struct Name {
    /// Dictionary forms, filler words left out.
    pub words: Vec<String>,
    /// For each word, whether the table's own name says it already.
    pub implied: Vec<bool>,
}

/// The words of every table and column.
#[derive(Debug, Default)]
pub struct Names {
    tables: Vec<Name>,
    columns: Vec<Vec<Name>>,
    /// For each table the columns that a reader would take for the name of a row.
    labels: Vec<Vec<ColumnId>>,
    words: HashMap<String, Vec<Meeting>>,
    /// Words that a general lexicon relates to words of names: weaker than all that `words` holds.
    related: HashMap<String, Vec<Meeting>>,
    phrases: HashMap<String, Vec<(Thing, f32)>>,
    related_phrases: HashMap<String, Vec<(Thing, f32)>>,
    /// Tables outside the default namespace that a table in it goes by the name of.
    shadowed: BTreeSet<usize>,
    vocabulary: BTreeSet<String>,
}

/// How well a name meets its words where a table of the default namespace has the same one.
const SHADOWED: f32 = 0.9;
/// How well a table's name meets its words together with its namespace: better than alone.
const IN_ITS_NAMESPACE: f32 = 1.1;

impl Names {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut names = Self::default();
        for (place, table) in schema.tables.iter().enumerate() {
            let words = filler_free(split_identifier(&table.name));
            let implied = vec![false; words.len()];
            let is_default = table.namespace.eq_ignore_ascii_case(&schema.default_namespace);
            if !is_default {
                names.enter_namespace(place, &table.namespace, &words);
                if schema.table(None, &table.name).is_some() {
                    names.shadowed.insert(place);
                }
            }
            names.enter(Thing::Table(place), &Name { words: words.clone(), implied: implied.clone() });
            let columns = table.columns.iter().map(|column| column_name(&words, &column.name)).collect::<Vec<_>>();
            for (column, name) in columns.iter().enumerate() {
                names.enter(Thing::Column(ColumnId { table: place, column }), name);
            }
            names.tables.push(Name { words: words.clone(), implied });
            names.columns.push(columns);
            let label = names.find_label(schema, place);
            if let [label] = label.as_slice() {
                let phrase = format!("{} name", words.join(" "));
                names.phrases.entry(phrase).or_default().push((Thing::Column(*label), 0.92));
            }
            names.labels.push(label);
        }
        names
    }

    /// A table with the name of its namespace: "archive orders", "archive.orders", "orders in the archive".
    fn enter_namespace(&mut self, table: usize, namespace: &str, words: &[String]) {
        let (space, name) = (split_identifier(namespace).join(" "), words.join(" "));
        let mut spoken = vec![format!("{space} {name}"), format!("{space} . {name}"), format!("{name} {space}")];
        for link in ["in", "of", "from"] {
            spoken.extend([format!("{name} {link} {space}"), format!("{name} {link} the {space}")]);
        }
        for phrase in spoken {
            self.phrases.entry(phrase).or_default().push((Thing::Table(table), IN_ITS_NAMESPACE));
        }
    }

    fn enter(&mut self, thing: Thing, name: &Name) {
        let table = match thing {
            Thing::Table(table) => table,
            Thing::Column(id) => id.table,
        };
        // The default namespace comes first where nothing is said.
        let factor = if self.shadowed.contains(&table) { SHADOWED } else { 1.0 };
        for (word, text) in name.words.iter().enumerate() {
            self.vocabulary.insert(text.clone());
            let mut relatives = vec![(text.clone(), 1.0)];
            relatives.push((format!("~{}", stem(text)), 0.82));
            relatives.extend(
                lexicon::synonyms(text).filter(|other| !other.contains(' ')).map(|other| (other.to_owned(), 0.7)),
            );
            for (key, quality) in relatives {
                self.words.entry(key).or_default().push(Meeting { thing, word, quality: quality * factor });
            }
            for (other, near) in lexicon::relatives(text).filter(|(other, _)| !other.contains(' ')) {
                let quality = related_quality(near) * factor;
                self.related.entry(lemma(&other)).or_default().push(Meeting { thing, word, quality });
            }
        }
        let own: Vec<&str> = name
            .words
            .iter()
            .zip(&name.implied)
            .filter(|(_, implied)| !**implied)
            .map(|(word, _)| word.as_str())
            .collect();
        let mut spoken = vec![name.words.join(" "), own.join(" ")];
        spoken.dedup();
        for phrase in spoken.iter().filter(|phrase| !phrase.is_empty()) {
            let several = phrase.contains(' ');
            for other in lexicon::synonyms(phrase).filter(|other| several || other.contains(' ')) {
                self.phrases.entry(other.to_owned()).or_default().push((thing, 0.85 * factor));
            }
            for (other, near) in lexicon::relatives(phrase).filter(|(other, _)| several || other.contains(' ')) {
                let other = other.split(' ').map(lemma).collect::<Vec<_>>().join(" ");
                self.related_phrases.entry(other).or_default().push((thing, (related_quality(near) + 0.1) * factor));
            }
        }
    }

    /// Whether another table, in the default namespace, goes by the name of that one.
    #[must_use]
    pub fn is_shadowed(&self, table: usize) -> bool {
        self.shadowed.contains(&table)
    }

    /// The words of the table at `table`.
    #[must_use]
    pub fn table(&self, table: usize) -> &Name {
        &self.tables[table]
    }

    /// The words of the column at `id`.
    #[must_use]
    pub fn column(&self, id: ColumnId) -> &Name {
        &self.columns[id.table][id.column]
    }

    /// The words of either.
    #[must_use]
    pub fn of(&self, thing: Thing) -> &Name {
        match thing {
            Thing::Table(table) => self.table(table),
            Thing::Column(id) => self.column(id),
        }
    }

    /// Where a word (or `~stem`) stands in names.
    #[must_use]
    pub fn meetings(&self, key: &str) -> &[Meeting] {
        self.words.get(key).map_or(&[], Vec::as_slice)
    }

    /// What a phrase of several words stands for.
    #[must_use]
    pub fn phrase(&self, phrase: &str) -> &[(Thing, f32)] {
        self.phrases.get(phrase).map_or(&[], Vec::as_slice)
    }

    /// Where a word stands in names by way of the words that a general lexicon relates to it.
    #[must_use]
    pub fn related(&self, word: &str) -> &[Meeting] {
        self.related.get(word).map_or(&[], Vec::as_slice)
    }

    /// What a phrase may stand for by way of a general lexicon.
    #[must_use]
    pub fn related_phrase(&self, phrase: &str) -> &[(Thing, f32)] {
        self.related_phrases.get(phrase).map_or(&[], Vec::as_slice)
    }

    /// Every word of every name, sorted.
    pub fn vocabulary(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.iter().map(String::as_str)
    }

    /// The columns a reader would take for the name of a row: `name`, `title`, first and last name;
    /// none where the table has no such column.
    #[must_use]
    pub fn label(&self, table: usize) -> &[ColumnId] {
        &self.labels[table]
    }

    fn find_label(&self, schema: &Schema, table: usize) -> Vec<ColumnId> {
        let columns = &self.columns[table];
        let find = |wanted: &[&str]| {
            columns.iter().position(|name| own_words(name) == wanted).map(|column| ColumnId { table, column })
        };
        for wanted in [&["name"][..], &["title"], &["full", "name"]] {
            if let Some(id) = find(wanted) {
                return vec![id];
            }
        }
        if let (Some(first), Some(last)) = (find(&["first", "name"]), find(&["last", "name"])) {
            return vec![first, last];
        }
        let is_text = |id: &ColumnId| schema.tables[table].columns[id.column].class == TypeClass::Text;
        let all = (0..columns.len()).map(|column| ColumnId { table, column });
        let named = all
            .clone()
            .filter(is_text)
            .find(|id| own_words(&columns[id.column]).last().is_some_and(|word| matches!(*word, "name" | "title")));
        let same = all.clone().filter(is_text).find(|id| columns[id.column].words == self.tables[table].words);
        named.or(same).into_iter().collect()
    }
}

/// How well a word stands for one that a general lexicon calls `near` (0 to 9) to it.
pub(super) fn related_quality(near: f32) -> f32 {
    0.42 + 0.03 * near
}

/// The words of a column that its table does not say already.
pub(super) fn own_words(name: &Name) -> Vec<&str> {
    name.words.iter().zip(&name.implied).filter(|(_, implied)| !**implied).map(|(word, _)| word.as_str()).collect()
}

/// Words that end like an identifier and are none.
const COMPLETE: [&str; 9] = ["aid", "bid", "paid", "valid", "solid", "grid", "void", "raid", "said"];

fn column_name(table: &[String], column: &str) -> Name {
    let mut words = filler_free(split_identifier(column));
    if let [only] = words.as_slice()
        && let Some(head) = only.strip_suffix("id").filter(|head| (1..=3).contains(&head.len()))
        && (table.first().is_some_and(|name| name.starts_with(head)) || !COMPLETE.contains(&only.as_str()))
    {
        words = vec![head.to_owned(), "id".to_owned()];
    }
    if let [only] = words.as_slice()
        && let Some((head, tail)) = glued_to_table(table, only)
    {
        words = vec![head.to_owned(), lexicon::abbreviation(tail).unwrap_or(tail).to_owned()];
    }
    // "eid", "pName": a letter or the table's beginning stands for the table.
    let short = |word: &String| {
        word.len() <= 3 && word != "id" && table.first().is_some_and(|name| name.starts_with(word.as_str()))
    };
    let mut implied: Vec<bool> = words
        .iter()
        .enumerate()
        .map(|(place, word)| {
            table.contains(word) || (words.len() > 1 && place == 0 && (short(word) || word.len() == 1))
        })
        .collect();
    if implied.iter().all(|implied| *implied) {
        implied.fill(false);
    }
    Name { words, implied }
}

/// Words that identifiers put right behind the beginning of their table's name.
const TAILS: [&str; 8] = ["name", "no", "num", "code", "type", "date", "desc", "title"];

/// `bname` of a bank, `flno` of a flight: the beginning of the table's name, and a word that says what it is.
fn glued_to_table<'a>(table: &[String], word: &'a str) -> Option<(&'a str, &'a str)> {
    let start = table.first()?;
    TAILS.iter().find_map(|tail| {
        let head = word.strip_suffix(tail).filter(|head| (1..=4).contains(&head.len()) && start.starts_with(head))?;
        Some((head, &word[head.len()..]))
    })
}

fn filler_free(words: Vec<String>) -> Vec<String> {
    let kept: Vec<String> = words
        .iter()
        .filter(|word| !matches!(word.as_str(), "of" | "in" | "the" | "a" | "and" | "tbl"))
        .cloned()
        .collect();
    if kept.is_empty() { words } else { kept }
}
