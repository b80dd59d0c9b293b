//! What a query does, in words, and the sentence its answer is given in.

use crate::grounding::words::{lemma, split_identifier};
use crate::grounding::{Catalog, ColumnId};

use super::ir::{Aggregate, Condition, Grain, Item, Operand, Operator, Order, Query, SetOperator, Term};
use super::write::headings;

/// "The number of orders where status is pending, for each country, largest first."
#[must_use]
pub fn explanation(query: &Query, catalog: &Catalog) -> String {
    let mut text = capital(&list(query.select.iter().map(|item| item_words(item, query, catalog)), "and"));
    if !query.is_aggregate()
        && let Some(main) = main_words(query, catalog)
    {
        text.push_str(&format!(" of {main}"));
    }
    if query.distinct {
        text.push_str(", each once");
    }
    push_conditions(&mut text, query, catalog);
    if !query.group.is_empty() && query.is_aggregate() {
        text.push_str(&format!(", for each {}", group_words(query, catalog)));
    }
    if !query.order.is_empty() {
        let keys = query.order.iter().map(|order| order_words(order, query, catalog));
        text.push_str(&format!(", sorted by {}", list(keys, "then")));
    }
    if let Some(limit) = query.limit {
        text.push_str(&if limit == 1 { ", the first one".to_owned() } else { format!(", the first {limit}") });
    }
    if let Some((operator, other)) = &query.set {
        let word = match operator {
            SetOperator::Union => "together with",
            SetOperator::Intersect => "and also in",
            SetOperator::Except => "but not in",
        };
        text.push_str(&format!("; {word}: {}", explanation(other, catalog).trim_end_matches('.').to_lowercase()));
    }
    text + "."
}

/// A sentence with blanks for the result's first row.
#[must_use]
pub fn template(query: &Query, question: &str, catalog: &Catalog) -> String {
    let names = headings(query, catalog);
    let main = main_words(query, catalog).unwrap_or_else(|| "rows".to_owned());
    let mut conditions = String::new();
    push_conditions(&mut conditions, query, catalog);
    if query.set.is_some() || !spoken(&conditions, question) {
        conditions.clear();
    }
    if query.is_aggregate() && query.group.is_empty() {
        if query.select.len() == 1 && query.select[0] == Item::count() {
            let such = if conditions.is_empty() && !query.filter.is_empty() { "such " } else { "" };
            return format!("There are {{{}}} {such}{main}{conditions}.", names[0]);
        }
        let parts = query.select.iter().zip(&names).map(|(item, name)| {
            let words = item_words(item, query, catalog);
            format!("{} {words} is {{{name}}}", if item.aggregate.is_some() { "the" } else { "" })
                .trim()
                .replace("the the ", "the ")
        });
        return format!("{}{conditions}.", capital(&list(parts, "and")));
    }
    let starred = names.iter().any(|name| name == "*");
    if query.limit == Some(1) && !starred {
        return first_row(query, &names, catalog);
    }
    if query.is_aggregate() && !query.group.is_empty() {
        let values = query.select.iter().filter(|item| item.aggregate.is_some());
        let values = list(values.map(|item| item_words(item, query, catalog)), "and");
        let keys = group_words(query, catalog);
        return format!("{} for each {keys}{conditions}: {{row_count}} rows.", capital(&values));
    }
    format!("Found {{row_count}} {main}{conditions}.")
}

/// What the groups are called: what is shown of them, else their keys.
fn group_words(query: &Query, catalog: &Catalog) -> String {
    let shown: Vec<&Term> =
        query.select.iter().filter(|item| item.aggregate.is_none()).map(|item| &item.term).collect();
    let keys = if shown.is_empty() { query.group.iter().collect() } else { shown };
    let words = keys.into_iter().map(|term| match term {
        Term::Column(id) if catalog.names().label(catalog.schema(), id.table) == [*id] => {
            lemma(&readable(&catalog.table(id.table).name))
        }
        other => term_words(other, query, catalog),
    });
    list(words, "and")
}

/// `{first_name} {last_name}: the highest salary.`
fn first_row(query: &Query, names: &[String], catalog: &Catalog) -> String {
    let person =
        names.len() == 2 && names[0].to_lowercase().starts_with('f') && names[1].to_lowercase().starts_with('l');
    let blanks: Vec<String> = names.iter().map(|name| format!("{{{name}}}")).collect();
    let subject = blanks.join(if person { " " } else { ", " });
    let Some(order) = query.order.first() else { return format!("It is {subject}.") };
    let end = if order.descending { "highest" } else { "lowest" };
    let words = item_words(&order.item, query, catalog);
    format!("{subject}: the {end} {}.", words.trim_start_matches("highest ").trim_start_matches("lowest "))
}

/// Whether every number in `text` stands in the question, so that the sentence adds none; braces would be blanks.
fn spoken(text: &str, question: &str) -> bool {
    let numbers = |text: &str| -> Vec<String> {
        text.split(|sign: char| !sign.is_ascii_digit()).filter(|digits| !digits.is_empty()).map(str::to_owned).collect()
    };
    let said = numbers(question);
    !text.contains(['{', '}']) && numbers(text).iter().all(|number| said.contains(number))
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

fn list(items: impl Iterator<Item = String>, word: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} {word} {last}", head.join(", ")),
    }
}

fn readable(name: &str) -> String {
    if name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_') {
        return name.replace('_', " ");
    }
    split_identifier(name).join(" ")
}

fn main_words(query: &Query, catalog: &Catalog) -> Option<String> {
    query.relations().first().map(|table| readable(&catalog.table(*table).name))
}

/// The column; with its table where it is not the main one's.
fn column_words(id: ColumnId, query: &Query, catalog: &Catalog) -> String {
    let name = readable(&catalog.column(id).name);
    if query.relations().first().is_none_or(|main| *main == id.table) {
        name
    } else if catalog.names().label(catalog.schema(), id.table) == [id] {
        lemma(&readable(&catalog.table(id.table).name))
    } else {
        format!("{name} of {}", readable(&catalog.table(id.table).name))
    }
}

fn term_words(term: &Term, query: &Query, catalog: &Catalog) -> String {
    match term {
        Term::Row => "rows".to_owned(),
        Term::Every(_) => "all columns".to_owned(),
        Term::Column(id) => column_words(*id, query, catalog),
        Term::Part(_, grain) => match grain {
            Grain::Day => "day",
            Grain::Week => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
        }
        .to_owned(),
        Term::Product(left, right) => {
            format!("{} times {}", column_words(*left, query, catalog), column_words(*right, query, catalog))
        }
    }
}

fn item_words(item: &Item, query: &Query, catalog: &Catalog) -> String {
    let term = term_words(&item.term, query, catalog);
    match item.aggregate {
        None => term,
        Some(Aggregate::Count) if item.term == Term::Row => {
            format!("number of {}", counted_words(query, catalog).unwrap_or(term))
        }
        Some(Aggregate::Count) if item.distinct => format!("number of different {term}"),
        Some(Aggregate::Count) => format!("number of {term}"),
        Some(Aggregate::Sum) if term.starts_with("total") => term,
        Some(Aggregate::Sum) => format!("total {term}"),
        Some(Aggregate::Average) => format!("average {term}"),
        Some(Aggregate::Minimum) => format!("lowest {term}"),
        Some(Aggregate::Maximum) => format!("highest {term}"),
    }
}

/// What a count of rows counts: the table that is not the one grouped by.
fn counted_words(query: &Query, catalog: &Catalog) -> Option<String> {
    let keys: Vec<usize> = query.group.iter().flat_map(Term::tables).collect();
    let other = query.tables.iter().rev().find(|table| !keys.contains(table)).or(query.tables.first());
    other.map(|table| readable(&catalog.table(*table).name)).or_else(|| main_words(query, catalog))
}

fn order_words(order: &Order, query: &Query, catalog: &Catalog) -> String {
    let words = item_words(&order.item, query, catalog);
    if order.descending { format!("{words}, highest first") } else { words }
}

fn push_conditions(text: &mut String, query: &Query, catalog: &Catalog) {
    let all = query.filter.iter().chain(&query.having);
    let words: Vec<String> = all.map(|condition| condition_words(condition, query, catalog)).collect();
    if !words.is_empty() {
        text.push_str(" where ");
        text.push_str(&words.join(" and "));
    }
}

fn condition_words(condition: &Condition, query: &Query, catalog: &Catalog) -> String {
    let not = |negated: &bool| if *negated { "not " } else { "" };
    let term = |term: &Term| term_words(term, query, catalog);
    let operand = |operand: &Operand| operand_words(operand, query, catalog);
    match condition {
        Condition::Compare { left, operator: Operator::Equal, right: Operand::Flag(true) } => {
            item_words(left, query, catalog)
        }
        Condition::Compare { left, operator, right } => {
            let word = match operator {
                Operator::Equal => "is",
                Operator::Different => "is not",
                Operator::Less if matches!(right, Operand::Day(_)) => "is before",
                Operator::Less => "is less than",
                Operator::AtMost => "is at most",
                Operator::More => "is more than",
                Operator::AtLeast if matches!(right, Operand::Day(_)) => "is from",
                Operator::AtLeast => "is at least",
            };
            format!("{} {word} {}", item_words(left, query, catalog), operand(right))
        }
        Condition::Between { left, low, high } => {
            format!("{} is between {} and {}", item_words(left, query, catalog), operand(low), operand(high))
        }
        Condition::Like { term: liked, pattern, negated } => {
            format!("{} is {}like {}", term(liked), not(negated), pattern.trim_matches('%'))
        }
        Condition::In { term: among, values, negated } => {
            format!("{} is {}{}", term(among), not(negated), list(values.iter().map(operand), "or"))
        }
        Condition::Among { query: inner, negated, .. } => {
            let mut words = main_words(inner, catalog).unwrap_or_default();
            let mut shown = (**inner).clone();
            shown.filter.retain(|condition| !matches!(condition, Condition::Null { .. }));
            push_conditions(&mut words, &shown, catalog);
            format!("there are {}{words}", if *negated { "no " } else { "" })
        }
        Condition::Null { term: tested, negated } => {
            format!("{} is {}", term(tested), if *negated { "known" } else { "missing" })
        }
        Condition::Any(parts) => list(parts.iter().map(|part| condition_words(part, query, catalog)), "or"),
        Condition::All(parts) => list(parts.iter().map(|part| condition_words(part, query, catalog)), "and"),
    }
}

fn operand_words(operand: &Operand, query: &Query, catalog: &Catalog) -> String {
    match operand {
        Operand::Number(number) => number.to_string(),
        Operand::Text(text) => text.clone(),
        Operand::Flag(true) => "yes".to_owned(),
        Operand::Flag(false) => "no".to_owned(),
        Operand::Day(day) => day.to_string(),
        Operand::Query(inner) => {
            format!("the {}", list(inner.select.iter().map(|item| item_words(item, inner, catalog)), "and"))
        }
        Operand::Term(term) => term_words(term, query, catalog),
    }
}
