//! The clauses of one `SELECT`.

use std::sync::Arc;

use crate::dialect::Dialect;
use crate::engine::offline::ir::{Condition, Item, Query, Term};
use crate::grounding::join::Join;
use crate::grounding::{Catalog, ColumnId};

use super::determined::is_determined;
use super::name::{headings, identifier};

/// Writes one query: knows its tables and how they are joined.
pub(super) struct Writer<'a> {
    query: &'a Query,
    catalog: &'a Catalog,
    /// None where every item is computed from queries of its own.
    main: Option<usize>,
    joins: Arc<[Join]>,
    /// Inside a comparison nobody sees the names.
    scalar: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(query: &'a Query, catalog: &'a Catalog) -> Option<Self> {
        let relations = query.relations();
        let main = relations.first().copied();
        if main.is_none() {
            let computed = query.of.is_some() || query.select.iter().all(|item| matches!(item.term, Term::Formula(_)));
            return (computed && !query.select.is_empty()).then(|| Self {
                query,
                catalog,
                main,
                joins: Arc::default(),
                scalar: false,
            });
        }
        let prefer: Vec<ColumnId> = query
            .filter
            .iter()
            .flat_map(Condition::terms)
            .chain(query.select.iter().map(|item| &item.term))
            .flat_map(Term::columns)
            .chain(query.via.iter().copied())
            .collect();
        let joins = match &query.joined {
            Some(joined) => grown(joined, main, &relations, catalog)?.into(),
            None => catalog.joins().tree(&relations, &prefer)?.0,
        };
        Some(Self { query, catalog, main, joins, scalar: false })
    }

    /// For a query inside a condition.
    pub(super) fn inner(query: &'a Query, catalog: &'a Catalog) -> Option<Self> {
        Some(Self { scalar: true, ..Self::new(query, catalog)? })
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.catalog.schema().dialect
    }

    pub(super) fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    pub(super) fn select(&self) -> Option<String> {
        let query = self.query;
        if let Some(inner) = &query.of {
            let list = self.select_list();
            return Some(format!("SELECT {list} FROM ({}) AS counted", super::sql(inner, self.catalog)?));
        }
        let mut text = String::from("SELECT ");
        if query.distinct && query.group.is_empty() {
            text.push_str("DISTINCT ");
        }
        if let (Some(limit), Dialect::Mssql, 0) = (query.limit, self.dialect(), query.offset) {
            text.push_str(&format!("TOP {limit} "));
        }
        text.push_str(&self.select_list());
        text.push_str(&self.from());
        self.push_all(&mut text, " WHERE ", &query.filter)?;
        let group = self.group();
        if !group.is_empty() {
            text.push_str(&format!(" GROUP BY {}", group.join(", ")));
        }
        self.push_all(&mut text, " HAVING ", &query.having)?;
        if !query.order.is_empty() {
            text.push_str(&format!(" ORDER BY {}", self.order().join(", ")));
        }
        if let Some(limit) = query.limit {
            match (self.dialect(), query.offset) {
                (Dialect::Mssql, 0) => {}
                (Dialect::Mssql, offset) => {
                    text.push_str(&format!(" OFFSET {offset} ROWS FETCH NEXT {limit} ROWS ONLY"));
                }
                (_, 0) => text.push_str(&format!(" LIMIT {limit}")),
                (_, offset) => text.push_str(&format!(" LIMIT {limit} OFFSET {offset}")),
            }
        }
        Some(text)
    }

    fn select_list(&self) -> String {
        let named = headings(self.query, self.catalog);
        let list: Vec<String> = self
            .query
            .select
            .iter()
            .zip(named)
            .map(|(item, heading)| {
                let text = self.item(item);
                if heading.alias && !self.scalar {
                    format!("{text} AS {}", identifier(self.dialect(), &heading.text))
                } else {
                    text
                }
            })
            .collect();
        list.join(", ")
    }

    fn from(&self) -> String {
        let Some(main) = self.main else { return String::new() };
        let mut text = format!(" FROM {}", self.table(main));
        let mut have = vec![main];
        for join in &*self.joins {
            let new = if have.contains(&join.from.table) { join.to.table } else { join.from.table };
            have.push(new);
            let (left, right) = (join.side(join.other(new)), join.side(new));
            text.push_str(&format!(" JOIN {} ON {} = {}", self.table(new), self.column(left), self.column(right)));
        }
        text
    }

    fn push_all(&self, text: &mut String, word: &str, conditions: &[Condition]) -> Option<()> {
        let parts: Option<Vec<String>> = conditions.iter().map(|condition| self.condition(condition)).collect();
        let parts = parts?;
        if !parts.is_empty() {
            text.push_str(word);
            text.push_str(&parts.join(" AND "));
        }
        Some(())
    }

    /// The group's keys, and what else the select list shows plainly: PostgreSQL and MySQL want it there.
    fn group(&self) -> Vec<String> {
        let query = self.query;
        let shown = query.select.iter().chain(query.order.iter().map(|order| &order.item));
        let plain = |item: &&Item| !item.is_aggregate() && !matches!(item.term, Term::Row | Term::Every(_));
        if query.group.is_empty() {
            return Vec::new();
        }
        // SQLite picks one of several groups that are alike in the order by how the keys are said.
        if query.native && self.dialect() == Dialect::Sqlite && is_determined(query, self.catalog) {
            return query.group.iter().map(|term| self.term(term)).collect();
        }
        let mut keys: Vec<String> = Vec::new();
        for term in query.group.iter().chain(shown.filter(plain).map(|item| &item.term)) {
            let text = self.term(term);
            if !keys.contains(&text) {
                keys.push(text);
            }
        }
        for item in &query.select {
            if let (None, Term::Every(table)) = (item.aggregate, &item.term) {
                for id in self.catalog.columns_of(*table) {
                    let text = self.column(id);
                    if !keys.contains(&text) {
                        keys.push(text);
                    }
                }
            }
        }
        keys
    }

    /// NULL stands first going up and last going down, as SQLite and MySQL have it.
    fn order(&self) -> Vec<String> {
        self.query
            .order
            .iter()
            .map(|order| {
                let mut text = self.item(&order.item);
                if order.descending {
                    text.push_str(" DESC");
                }
                let may_be_null = order.item.term.columns().iter().any(|id| self.catalog.column(*id).nullable);
                if self.dialect() == Dialect::Postgres && may_be_null && !self.query.native {
                    text.push_str(if order.descending { " NULLS LAST" } else { " NULLS FIRST" });
                }
                text
            })
            .collect()
    }

    fn table(&self, table: usize) -> String {
        let described = self.catalog.table(table);
        let name = identifier(self.dialect(), &described.name);
        if described.namespace == self.catalog.schema().default_namespace {
            name.into_owned()
        } else {
            format!("{}.{name}", identifier(self.dialect(), &described.namespace))
        }
    }

    pub(super) fn column(&self, id: ColumnId) -> String {
        let name = identifier(self.dialect(), &self.catalog.column(id).name);
        if self.joins.is_empty() { name.into_owned() } else { format!("{}.{name}", self.table(id.table)) }
    }

    pub(super) fn every(&self, table: usize) -> String {
        if self.catalog.table(table).partial {
            let columns: Vec<String> = self.catalog.columns_of(table).map(|id| self.column(id)).collect();
            return columns.join(", ");
        }
        if self.joins.is_empty() { "*".to_owned() } else { format!("{}.*", self.table(table)) }
    }
}

/// The joins that a statement had, and after them the cheapest ways from its tables to others of `relations`.
fn grown(joined: &[[ColumnId; 2]], main: Option<usize>, relations: &[usize], catalog: &Catalog) -> Option<Vec<Join>> {
    let join = |&[from, to]: &[ColumnId; 2]| Join { from, to, declared: true, optional: false };
    let mut joins: Vec<Join> = joined.iter().map(join).collect();
    let mut have: Vec<usize> = main.into_iter().chain(joined.iter().map(|[_, right]| right.table)).collect();
    for table in relations {
        if have.contains(table) {
            continue;
        }
        let ways = have.iter().filter_map(|known| catalog.joins().tree(&[*known, *table], &[]));
        for join in ways.min_by_key(|(_, cost)| *cost)?.0.iter().copied() {
            if !have.contains(&join.from.table) || !have.contains(&join.to.table) {
                have.push(if have.contains(&join.from.table) { join.to.table } else { join.from.table });
                joins.push(join);
            }
        }
    }
    Some(joins)
}
