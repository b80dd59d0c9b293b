//! The sentence of an answer, with blanks for the cells of the first row and for how many rows there are.

use crate::grounding::lexicon::REVENUE;
use crate::grounding::words::tokenize;
use crate::grounding::{Catalog, ColumnId};

use super::ir::{Aggregate, Item, Order, Query, Term};
use super::speak::{capital, group_words, item_words, list, main_words, push_conditions};
use super::write::headings;

/// A sentence for what the query gives: a number, the first of a ranking, how many groups, how many rows.
#[must_use]
pub fn template(query: &Query, question: &str, catalog: &Catalog) -> String {
    Speaker { query, question, catalog, names: headings(query, catalog) }.sentence()
}

/// The same with blanks by the places of the columns, whatever a statement calls them.
#[must_use]
pub fn by_place(query: &Query, question: &str, catalog: &Catalog) -> String {
    let named = headings(query, catalog).into_iter().enumerate();
    let names = named.map(|(place, name)| if name == "*" { name } else { format!("#{}", place + 1) }).collect();
    Speaker { query, question, catalog, names }.sentence()
}

struct Speaker<'a> {
    query: &'a Query,
    question: &'a str,
    catalog: &'a Catalog,
    names: Vec<String>,
}

impl Speaker<'_> {
    fn sentence(&self) -> String {
        let (speaker, query) = (self, self.query);
        if query.is_aggregate() && query.group.is_empty() {
            return speaker.numbers();
        }
        if let (Some(order), Some(subject)) =
            (query.order.first().filter(|_| query.limit.is_some() && query.offset == 0), speaker.subject())
        {
            return speaker.ranking(order, &subject);
        }
        if query.is_aggregate() && !query.group.is_empty() {
            return speaker.groups();
        }
        speaker.rows()
    }

    fn numbers(&self) -> String {
        let conditions = self.conditions();
        let query = self.query;
        if let ([only], [name]) = (query.select.as_slice(), self.names.as_slice())
            && only.aggregate == Some(Aggregate::Count)
            && !only.distinct
            && (only.term == Term::Row || only.counted_key(self.catalog).is_some())
        {
            let such = if conditions.is_empty() && !query.filter.is_empty() { "such " } else { "" };
            let main = self.main();
            return format!("There are {{{name}}} {such}{main}{conditions}.");
        }
        let parts = query
            .select
            .iter()
            .zip(&self.names)
            .map(|(item, name)| format!("the {} is {{{name}}}", self.measure(item).trim_start_matches("the ")));
        format!("{}{conditions}.", capital(&list(parts, "and")))
    }

    /// Who stands first, and with what.
    fn ranking(&self, order: &Order, subject: &str) -> String {
        let measure = self.measure(&order.item);
        let measure = measure.trim_start_matches("highest ").trim_start_matches("lowest ").to_owned();
        let value = self.query.select.iter().zip(&self.names).find(|(item, _)| **item == order.item);
        let end = self.end(order);
        let one = self.query.limit == Some(1);
        match value {
            Some((_, name)) if one => format!("{subject} has the {end} {measure}: {{{name}}}."),
            Some((_, name)) if order.descending && end == "highest" => {
                format!("{subject} leads with {{{name}}} ({measure}).")
            }
            Some((_, name)) => format!("{subject} comes first with {{{name}}} ({measure})."),
            None if one => format!("{subject} has the {end} {measure}."),
            None => format!("{subject} comes first, with the {end} {measure}."),
        }
    }

    fn groups(&self) -> String {
        let values = self.query.select.iter().filter(|item| item.aggregate.is_some());
        let values = list(values.map(|item| format!("the {}", self.measure(item))), "and");
        let keys = group_words(self.query, self.catalog);
        let conditions = self.conditions();
        let mut text = capital(&format!("{values} for each {keys}{conditions}, {{row_count}} in all"));
        if let (Some(order), Some(subject)) = (self.query.order.first(), self.subject())
            && let Some((_, name)) = self.query.select.iter().zip(&self.names).find(|(item, _)| **item == order.item)
            && order.item.aggregate.is_some()
        {
            text.push_str(&format!("; {subject} has the {}: {{{name}}}", self.end(order)));
        }
        text + "."
    }

    fn rows(&self) -> String {
        let starred = self.names.iter().any(|name| name == "*");
        if self.query.limit == Some(1) && !starred {
            let blanks: Vec<String> = self.names.iter().map(|name| format!("{{{name}}}")).collect();
            return format!("It is {}.", blanks.join(", "));
        }
        let main = self.main();
        format!("Found {{row_count}} {main}{}.", self.conditions())
    }

    /// The blanks that say which row the first one is.
    fn subject(&self) -> Option<String> {
        let plain = |(item, name): (&Item, &String)| match item {
            Item { aggregate: None, term: Term::Column(id), .. } => Some((*id, name.clone())),
            Item { aggregate: None, term: Term::Part(id, _), .. } => Some((*id, name.clone())),
            _ => None,
        };
        let order = self.query.order.first().map(|order| &order.item);
        let shown: Vec<(ColumnId, String)> = self
            .query
            .select
            .iter()
            .zip(&self.names)
            .filter(|(item, _)| Some(*item) != order)
            .filter_map(plain)
            .collect();
        let (first, name) = shown.first()?;
        let label = self.catalog.names().label(first.table);
        let parts: Vec<String> =
            shown.iter().filter(|(id, _)| label.contains(id)).map(|(_, name)| format!("{{{name}}}")).collect();
        Some(if label.len() == 2 && parts.len() == 2 { parts.join(" ") } else { format!("{{{name}}}") })
    }

    /// The end of the order that stands first.
    fn end(&self, order: &Order) -> &'static str {
        let days = order.item.term.columns().iter().any(|id| self.catalog.is_temporal(*id));
        match (order.descending, days) {
            (true, true) => "latest",
            (false, true) => "earliest",
            (true, false) => "highest",
            (false, false) => "lowest",
        }
    }

    /// What a value is called: by the question's own word for money, else by its columns.
    fn measure(&self, item: &Item) -> String {
        let money = matches!(item.term, Term::Product(..) | Term::Column(_)) && item.aggregate == Some(Aggregate::Sum);
        let said = tokenize(self.question).into_iter().find(|token| REVENUE.contains(&token.lemma.as_str()));
        match said.filter(|_| money) {
            Some(word) if word.lower.ends_with('s') => format!("total of {}", word.lower),
            Some(word) => format!("total {}", word.lower),
            None => item_words(item, self.query, self.catalog),
        }
    }

    fn main(&self) -> String {
        main_words(self.query.of.as_deref().unwrap_or(self.query), self.catalog).unwrap_or_else(|| "rows".to_owned())
    }

    /// The conditions, where a sentence can hold them.
    fn conditions(&self) -> String {
        let mut text = String::new();
        push_conditions(&mut text, self.query.of.as_deref().unwrap_or(self.query), self.catalog);
        if self.query.set.is_some() || !spoken(&text, self.question) {
            text.clear();
        }
        text
    }
}

/// Whether every number in `text` stands in the question, so that the sentence adds none; braces would be blanks.
fn spoken(text: &str, question: &str) -> bool {
    let numbers = |text: &str| -> Vec<String> {
        text.split(|sign: char| !sign.is_ascii_digit()).filter(|digits| !digits.is_empty()).map(str::to_owned).collect()
    };
    let said = numbers(question);
    !text.contains(['{', '}']) && numbers(text).iter().all(|number| said.contains(number))
}
