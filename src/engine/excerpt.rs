//! What of the schema a model is shown for a question: the tables that matter, of wide ones the columns that matter, and
//! how they join.

use std::collections::HashSet;

use super::Ask;
use super::relevance::{WIDE, mentions, relevant, statements};
use crate::grounding::link::{Link, Target};
use crate::grounding::{Catalog, ColumnId};
use crate::schema::{Column, Schema, Shown};

/// From this score on a link says that its column matters.
const LINKED: f32 = 0.5;

/// A part of the schema.
#[derive(Debug)]
pub(super) struct Excerpt<'a> {
    schema: &'a Schema,
    /// Their places in the schema.
    pub tables: Vec<usize>,
    shown: Vec<Shown<'a>>,
    joins: Vec<String>,
    /// Whether a day is in it.
    pub is_temporal: bool,
}

impl<'a> Excerpt<'a> {
    /// What matters for `ask`, in at most `limit` tables; `None`: in all. What the statement `draft` reads matters.
    pub(super) fn of(ask: &'a Ask<'_>, draft: Option<&str>, limit: Option<usize>) -> Self {
        let (catalog, schema) = (ask.catalog, ask.catalog.schema());
        let tables = relevant(ask, draft, limit);
        let joins: Vec<_> = tables
            .iter()
            .flat_map(|table| catalog.joins().at(*table).iter().filter(move |join| join.from.table == *table))
            .filter(|join| tables.contains(&join.to.table))
            .collect();
        let mut wanted: HashSet<ColumnId> = joins.iter().flat_map(|join| [join.from, join.to]).collect();
        wanted.extend(linked(ask));
        let said = statements(ask, draft);
        let matters = |id: &ColumnId| {
            let name = catalog.column(*id).name.to_lowercase();
            limit.is_none() || wanted.contains(id) || catalog.is_key(*id) || said.iter().any(|sql| mentions(sql, &name))
        };
        let places: Vec<ColumnId> = tables.iter().flat_map(|table| narrowed(catalog, *table, matters)).collect();
        let of = |table: usize| -> Vec<&'a Column> {
            places.iter().filter(|id| id.table == table).map(|id| catalog.column(*id)).collect()
        };
        let shown = tables.iter().map(|table| Shown { table: catalog.table(*table), columns: of(*table) }).collect();
        let side = |id: ColumnId| {
            let (table, column) = (catalog.table(id.table), catalog.column(id));
            format!("{}.{}", schema.relation(&table.namespace, &table.name), schema.dialect.written(&column.name))
        };
        Self {
            schema,
            joins: joins.iter().map(|join| format!("{} = {}", side(join.from), side(join.to))).collect(),
            is_temporal: places.iter().any(|id| catalog.is_temporal(*id)),
            shown,
            tables,
        }
    }

    /// One line a table, and one for the joins.
    pub(super) fn text(&self) -> String {
        let tables = self.schema.render(&self.shown);
        if self.joins.is_empty() { tables } else { format!("{tables}\nJoins: {}", self.joins.join(", ")) }
    }

    /// Of which tables the policy shows a part of the columns, so that `*` would be refused.
    pub(super) fn in_part(&self) -> Vec<String> {
        let partial = self.shown.iter().filter(|shown| shown.table.partial);
        partial.map(|shown| self.schema.dialect.written(&shown.table.name)).collect()
    }
}

/// The columns of `table`: all, or of a wide one those that matter and the first of the others.
fn narrowed(catalog: &Catalog, table: usize, matters: impl Fn(&ColumnId) -> bool) -> Vec<ColumnId> {
    let all: Vec<ColumnId> = catalog.columns_of(table).collect();
    if all.len() <= WIDE {
        return all;
    }
    let (mut kept, others): (Vec<ColumnId>, Vec<ColumnId>) = all.into_iter().partition(matters);
    let spare = WIDE.saturating_sub(kept.len());
    kept.extend(others.into_iter().take(spare));
    kept.sort_unstable();
    kept
}

/// The columns that the question names or that hold a value it names.
fn linked(ask: &Ask<'_>) -> Vec<ColumnId> {
    let columns = |link: &Link| match link.target {
        Target::Table(_) => None,
        Target::Column(column) | Target::Value { column, .. } => Some(column),
    };
    ask.linked().links.iter().filter(|link| link.score >= LINKED).filter_map(columns).collect()
}
