//! What a query does, in words, and the sentence its answer is given in.

use crate::grounding::words::{lemma, split_identifier};
use crate::grounding::{Catalog, ColumnId};

use super::ir::{
    Aggregate, Arithmetic, Condition, Figure, Formula, Grain, Item, Operand, Operator, Order, Piece, Query,
    SetOperator, Term, Verbatim,
};

/// "The number of orders where status is pending, for each country, largest first."
#[must_use]
pub fn explanation(query: &Query, catalog: &Catalog) -> String {
    if let Some(inner) = query.of.as_deref().filter(|_| query.select == [Item::count()]) {
        let rows = explanation(inner, catalog);
        let (first, rest) = rows.split_at(rows.chars().next().map_or(0, char::len_utf8));
        return format!("Number of rows of: {}{rest}", first.to_lowercase());
    }
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
    if query.offset > 0 {
        text.push_str(&format!(", number {}", query.offset + 1));
    } else if let Some(limit) = query.limit {
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

/// Whether a column only says which row of its table a group is: its key, its name, or what stands beside a name.
fn names_row(id: ColumnId, query: &Query, catalog: &Catalog) -> bool {
    let label = catalog.names().label(id.table);
    let by_key = query
        .group
        .iter()
        .any(|term| matches!(term, Term::Column(key) if key.table == id.table && catalog.is_key(*key)));
    label == [id] || by_key
}

/// What the groups are called: what is shown of them, else their keys.
pub(super) fn group_words(query: &Query, catalog: &Catalog) -> String {
    let shown: Vec<&Term> =
        query.select.iter().filter(|item| item.aggregate.is_none()).map(|item| &item.term).collect();
    let keys = if shown.is_empty() { query.group.iter().collect() } else { shown };
    let mut words: Vec<String> = Vec::new();
    for term in keys {
        let word = match term {
            Term::Column(id) if names_row(*id, query, catalog) => lemma(&readable(&catalog.table(id.table).name)),
            other => term_words(other, query, catalog),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    list(words.into_iter(), "and")
}

pub(super) fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

pub(super) fn list(items: impl Iterator<Item = String>, word: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} {word} {last}", head.join(", ")),
    }
}

pub(super) fn readable(name: &str) -> String {
    if name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_') {
        return name.replace('_', " ");
    }
    split_identifier(name).join(" ")
}

pub(super) fn main_words(query: &Query, catalog: &Catalog) -> Option<String> {
    query.relations().first().map(|table| readable(&catalog.table(*table).name))
}

/// The column; with its table where it is not the main one's.
fn column_words(id: ColumnId, query: &Query, catalog: &Catalog) -> String {
    let name = readable(&catalog.column(id).name);
    if query.relations().first().is_none_or(|main| *main == id.table) {
        name
    } else if catalog.names().label(id.table) == [id] {
        lemma(&readable(&catalog.table(id.table).name))
    } else {
        format!("{name} of {}", readable(&catalog.table(id.table).name))
    }
}

pub(super) fn term_words(term: &Term, query: &Query, catalog: &Catalog) -> String {
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
        Term::Formula(formula) => formula_words(formula, query, catalog),
        Term::Verbatim(verbatim) => verbatim_words(verbatim, query, catalog),
        Term::Product(left, right) => {
            format!("{} times {}", column_words(*left, query, catalog), column_words(*right, query, catalog))
        }
    }
}

/// What a statement calls it, else its SQL with the columns by their names.
fn verbatim_words(verbatim: &Verbatim, query: &Query, catalog: &Catalog) -> String {
    if let Some(name) = &verbatim.name {
        return readable(name);
    }
    let piece = |piece: &Piece| match piece {
        Piece::Sql(text) => text.to_lowercase(),
        Piece::Column(id) => column_words(*id, query, catalog),
    };
    verbatim.pieces.iter().map(piece).collect()
}

/// "the ratio of the number of orders where status is pending to the number of orders"
fn formula_words(formula: &Formula, query: &Query, catalog: &Catalog) -> String {
    let side = |figure: &Figure| match figure {
        Figure::Item(item) => item_words(item, query, catalog),
        Figure::Query(inner) => {
            let mut words = list(inner.select.iter().map(|item| item_words(item, inner, catalog)), "and");
            push_conditions(&mut words, inner, catalog);
            words
        }
    };
    let (left, right) = (side(&formula.left), side(&formula.right));
    match formula.operator {
        Arithmetic::Plus => format!("sum of the {left} and the {right}"),
        Arithmetic::Minus => format!("difference between the {left} and the {right}"),
        Arithmetic::Over => format!("ratio of the {left} to the {right}"),
        Arithmetic::Share => format!("proportion that the {left} is of the {right}"),
        Arithmetic::Percent => format!("percentage that the {left} is of the {right}"),
    }
}

pub(super) fn item_words(item: &Item, query: &Query, catalog: &Catalog) -> String {
    let term = match (&query.of, &item.term) {
        (Some(inner), Term::Verbatim(_)) => of_groups(inner, catalog),
        (_, term) => term_words(term, query, catalog),
    };
    match item.aggregate {
        None => term,
        Some(Aggregate::Count) if item.counted_key(catalog).is_some() => {
            let table = item.term.tables().first().map(|table| readable(&catalog.table(*table).name));
            format!("number of {}", table.unwrap_or(term))
        }
        Some(Aggregate::Count) if item.term == Term::Row => {
            format!("number of {}", counted_words(query, catalog).unwrap_or(term))
        }
        Some(Aggregate::Count) if item.distinct => format!("number of different {term}"),
        Some(Aggregate::Count) => format!("number of {term}"),
        Some(Aggregate::Sum) if matches!(item.term, Term::Product(..)) => "total value".to_owned(),
        Some(Aggregate::Sum) if term.starts_with("total") => term,
        Some(Aggregate::Sum) => format!("total {term}"),
        Some(Aggregate::Average) => format!("average {term}"),
        Some(Aggregate::Minimum) => format!("lowest {term}"),
        Some(Aggregate::Maximum) => format!("highest {term}"),
    }
}

/// "number of orders for each customer"
fn of_groups(inner: &Query, catalog: &Catalog) -> String {
    let figures = list(inner.select.iter().map(|item| item_words(item, inner, catalog)), "and");
    let key = |term: &Term| match term {
        Term::Column(id) => {
            let referred = catalog.joins().at(id.table).iter().find(|join| join.from == *id);
            referred.map(|join| lemma(&readable(&catalog.table(join.to.table).name)))
        }
        _ => None,
    };
    let keys: Option<Vec<String>> = inner.group.iter().map(key).collect();
    let keys = keys.map_or_else(|| group_words(inner, catalog), |keys| list(keys.into_iter(), "and"));
    format!("{figures} for each {keys}")
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

pub(super) fn push_conditions(text: &mut String, query: &Query, catalog: &Catalog) {
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
        Condition::Among { query: inner, negated, .. } => among_words(inner, *negated, query, catalog),
        Condition::Peak { column, per, high } => {
            let end = if *high { "highest" } else { "lowest" };
            format!(
                "{} is the {end} of its {}",
                column_words(*column, query, catalog),
                column_words(*per, query, catalog)
            )
        }
        Condition::Null { term: tested, negated } => {
            format!("{} is {}", term(tested), if *negated { "known" } else { "missing" })
        }
        Condition::Any(parts) => list(parts.iter().map(|part| condition_words(part, query, catalog)), "or"),
        Condition::All(parts) => list(parts.iter().map(|part| condition_words(part, query, catalog)), "and"),
    }
}

/// "country of customers is Germany", "there are no orders whose status is pending": one "where" is enough.
fn among_words(inner: &Query, negated: bool, query: &Query, catalog: &Catalog) -> String {
    let tells = |condition: &&Condition| !matches!(condition, Condition::Null { .. });
    let said = |of: &Query| {
        let words = inner.filter.iter().filter(tells).map(|condition| condition_words(condition, of, catalog));
        list(words.chain(inner.having.iter().map(|condition| condition_words(condition, inner, catalog))), "and")
    };
    let main = main_words(inner, catalog).unwrap_or_default();
    let plain = inner.having.is_empty() && inner.limit.is_none() && inner.set.is_none();
    match (negated, said(inner)) {
        (true, words) if words.is_empty() => format!("there are no {main}"),
        (true, words) => format!("there are no {main} whose {words}"),
        (false, words) if words.is_empty() || !plain => {
            format!("there are {main}{}{words}", if words.is_empty() { "" } else { " whose " })
        }
        (false, _) => said(query),
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
