//! Which tables a question is about, when there are more than a prompt should hold.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Ask;
use crate::schema::{Schema, Table};

/// How much a word of the question counts where it is found.
const IN_TABLE_NAME: f64 = 4.0;
const IN_COLUMN_NAME: f64 = 2.0;
const IN_COMMENT: f64 = 1.0;
/// A table of an earlier statement: a follow-up mostly stays with it.
const IN_EARLIER_STATEMENT: f64 = 6.0;
/// A word that only begins like another counts this part of a whole one.
const SAME_BEGINNING: f64 = 0.6;
/// Earlier turns that a follow-up looks back on.
const TURNS: usize = 3;

/// At most `limit` tables, those that matter for the question and those that join them, in the
/// order of the schema. All of them when there are no more.
pub(super) fn relevant<'a>(ask: &'a Ask<'_>, limit: usize) -> Vec<&'a Table> {
    let schema = ask.catalog.schema();
    if schema.tables.len() <= limit {
        return schema.tables.iter().collect();
    }
    let scores = scores(schema, ask);
    let links = links(schema);
    let mut order: Vec<usize> = (0..schema.tables.len()).collect();
    // Among equals the better connected one: it is more often the one a question needs.
    order.sort_by(|&left, &right| {
        scores[right].total_cmp(&scores[left]).then(links[right].len().cmp(&links[left].len())).then(left.cmp(&right))
    });
    let mut chosen = HashSet::new();
    for &table in order.iter().filter(|&&table| scores[table] > 0.0) {
        let path = path(&links, &chosen, table).filter(|path| chosen.len() + path.len() <= limit);
        match path {
            Some(path) => chosen.extend(path),
            None if chosen.len() < limit => {
                chosen.insert(table);
            }
            None => break,
        }
    }
    let near = |table: &usize, chosen: &HashSet<usize>| links[*table].iter().any(|link| chosen.contains(link));
    let neighbours: Vec<usize> = order.iter().copied().filter(|table| near(table, &chosen)).collect();
    for table in neighbours.into_iter().chain(order) {
        if chosen.len() >= limit {
            break;
        }
        chosen.insert(table);
    }
    let mut chosen: Vec<usize> = chosen.into_iter().collect();
    chosen.sort_unstable();
    chosen.into_iter().map(|table| &schema.tables[table]).collect()
}

/// How many tables the question calls by name.
pub(super) fn named_tables(ask: &Ask<'_>) -> usize {
    let asked: HashSet<String> = words(ask.question).collect();
    let named = |table: &&Table| words(&table.name).all(|word| asked.contains(&word));
    ask.catalog.schema().tables.iter().filter(named).count()
}

fn scores(schema: &Schema, ask: &Ask<'_>) -> Vec<f64> {
    let asked: HashSet<String> = words(ask.question).collect();
    let tables: Vec<HashMap<String, f64>> = schema.tables.iter().map(weights).collect();
    let mut scores = vec![0.0; tables.len()];
    for word in &asked {
        let found: Vec<f64> = tables.iter().map(|table| weight(table, word)).collect();
        let tables_with_it = found.iter().filter(|weight| **weight > 0.0).count();
        if tables_with_it == 0 {
            continue;
        }
        // The inverse document frequency of text search: a word of every table tells nothing.
        #[expect(clippy::cast_precision_loss, reason = "no schema has 2^52 tables")]
        let rarity = (1.0 + (tables.len() - tables_with_it) as f64 / tables_with_it as f64).ln();
        for (score, weight) in scores.iter_mut().zip(found) {
            *score += weight * rarity;
        }
    }
    let turns = ask.conversation.iter().rev().take(TURNS).filter_map(|turn| turn.sql.as_deref());
    let earlier =
        turns.chain(ask.failure.map(|failure| failure.sql.as_str())).map(str::to_lowercase).collect::<Vec<_>>();
    for (score, table) in scores.iter_mut().zip(&schema.tables) {
        let name = table.name.to_lowercase();
        if earlier.iter().any(|sql| mentions(sql, &name)) {
            *score += IN_EARLIER_STATEMENT;
        }
    }
    scores
}

/// The words a table can be found by and how much each counts.
fn weights(table: &Table) -> HashMap<String, f64> {
    let mut weights = HashMap::new();
    let mut add = |text: &str, weight: f64| {
        for word in words(text) {
            let entry = weights.entry(word).or_insert(weight);
            *entry = entry.max(weight);
        }
    };
    add(&table.name, IN_TABLE_NAME);
    add(table.comment.as_deref().unwrap_or_default(), IN_COMMENT);
    for column in &table.columns {
        add(&column.name, IN_COLUMN_NAME);
        add(column.comment.as_deref().unwrap_or_default(), IN_COMMENT);
        column.enum_values.iter().for_each(|value| add(value, IN_COMMENT));
    }
    weights
}

fn weight(table: &HashMap<String, f64>, word: &str) -> f64 {
    if let Some(weight) = table.get(word) {
        return *weight;
    }
    let alike = |other: &&String| {
        word.len() >= 4 && other.len() >= 4 && (other.starts_with(word) || word.starts_with(other.as_str()))
    };
    table.keys().filter(alike).map(|other| table[other]).fold(0.0, f64::max) * SAME_BEGINNING
}

/// Which tables a foreign key joins, both ways.
fn links(schema: &Schema) -> Vec<Vec<usize>> {
    let index: HashMap<(&str, &str), usize> = schema
        .tables
        .iter()
        .enumerate()
        .map(|(index, table)| ((table.namespace.as_str(), table.name.as_str()), index))
        .collect();
    let mut links = vec![Vec::new(); schema.tables.len()];
    for (from, table) in schema.tables.iter().enumerate() {
        for key in &table.foreign_keys {
            if let Some(&to) = index.get(&(key.referred_namespace.as_str(), key.referred_table.as_str())) {
                links[from].push(to);
                links[to].push(from);
            }
        }
    }
    links
}

/// The tables to add so that `to` is joined to one that is already chosen; itself alone when none
/// is chosen yet, `None` when no path leads there.
fn path(links: &[Vec<usize>], chosen: &HashSet<usize>, to: usize) -> Option<Vec<usize>> {
    if chosen.is_empty() || chosen.contains(&to) {
        return Some(if chosen.contains(&to) { Vec::new() } else { vec![to] });
    }
    let mut before: HashMap<usize, usize> = HashMap::from([(to, to)]);
    let mut queue = VecDeque::from([to]);
    while let Some(table) = queue.pop_front() {
        if chosen.contains(&table) {
            let mut path = Vec::new();
            let mut step = table;
            while step != to {
                step = before[&step];
                path.push(step);
            }
            return Some(path);
        }
        for &next in &links[table] {
            before.entry(next).or_insert_with(|| {
                queue.push_back(next);
                table
            });
        }
    }
    None
}

/// The words of `text` in lower case, cut at capitals and digits, without the ending of a plural.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for letter in text.chars().chain([' ']) {
        let turns = before.is_lowercase() && letter.is_uppercase() || before.is_numeric() != letter.is_numeric();
        if (turns || !letter.is_alphanumeric()) && !word.is_empty() {
            words.push(singular(&std::mem::take(&mut word)));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.into_iter().filter(|word| word.chars().count() > 1)
}

fn singular(word: &str) -> String {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() < 3 || stem.ends_with(['s', 'u']) => word.to_owned(),
        Some(stem) => match stem.strip_suffix("ie") {
            Some(stem) => format!("{stem}y"),
            None => stem.strip_suffix('e').filter(|stem| stem.ends_with(['s', 'x', 'h'])).unwrap_or(stem).to_owned(),
        },
        None => word.to_owned(),
    }
}

/// Whether `name` stands in `sql` as a word of its own.
fn mentions(sql: &str, name: &str) -> bool {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    sql.match_indices(name).any(|(at, _)| !sql[..at].ends_with(inside) && !sql[at + name.len()..].starts_with(inside))
}

#[cfg(test)]
mod tests {
    use super::{mentions, words};

    #[test]
    fn words_of_names_and_questions() {
        let cut = |text| words(text).collect::<Vec<_>>();
        assert_eq!(cut("InvoiceLines order_items2024"), ["invoice", "line", "order", "item", "2024"]);
        assert_eq!(
            cut("Which categories, addresses, boxes and status?"),
            ["which", "category", "address", "box", "and", "status"]
        );
        assert_eq!(cut("größte Städte"), ["größte", "städte"]);
    }

    #[test]
    fn mentions_whole_names_only() {
        assert!(mentions("select * from \"orders\" o", "orders"));
        assert!(!mentions("select * from customer_orders", "orders"));
    }
}
