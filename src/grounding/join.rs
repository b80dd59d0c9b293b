//! How tables join: the key graph, and the smallest tree in it that holds given tables.
//!
//! Paths are found by growing a tree from each table in turn along cheapest paths, the classic
//! approximation of the Steiner tree (Takahashi and Matsuyama, 1980), exact for two tables.

use std::collections::{BTreeMap, BTreeSet};

use super::ColumnId;
use super::names::Names;
use crate::schema::{Schema, TypeClass};

/// Two columns whose equality joins their tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Join {
    /// The referring side.
    pub from: ColumnId,
    /// The referred side: a key.
    pub to: ColumnId,
    /// Whether a foreign key says so; otherwise names and types do.
    pub declared: bool,
    /// Whether the referring column may be empty, so that the join can lose rows.
    pub optional: bool,
}

impl Join {
    /// The other table's place, seen from `table`.
    #[must_use]
    pub fn other(&self, table: usize) -> usize {
        if self.from.table == table { self.to.table } else { self.from.table }
    }

    /// The column of it that lies in `table`.
    #[must_use]
    pub fn side(&self, table: usize) -> ColumnId {
        if self.from.table == table { self.from } else { self.to }
    }

    fn cost(&self) -> u32 {
        let cost = if self.declared { 10 } else { 18 };
        cost + u32::from(self.optional)
    }
}

/// Every way to join two tables.
#[derive(Debug, Default)]
pub struct JoinGraph {
    edges: Vec<Vec<Join>>,
}

impl JoinGraph {
    pub(super) fn new(schema: &Schema, names: &Names) -> Self {
        let mut joins: Vec<Join> = declared(schema);
        let known: BTreeSet<(usize, usize)> = joins.iter().map(|join| (join.from.table, join.to.table)).collect();
        joins.extend(inferred(schema, names).into_iter().filter(|join| {
            !known.contains(&(join.from.table, join.to.table)) && !known.contains(&(join.to.table, join.from.table))
        }));
        joins.sort_unstable();
        joins.dedup();
        let mut edges = vec![Vec::new(); schema.tables.len()];
        for join in joins.into_iter().filter(|join| join.from.table != join.to.table) {
            edges[join.from.table].push(join);
            edges[join.to.table].push(join);
        }
        Self { edges }
    }

    /// The joins at a table.
    #[must_use]
    pub fn at(&self, table: usize) -> &[Join] {
        self.edges.get(table).map_or(&[], Vec::as_slice)
    }

    /// Whether a key column of another table is what `column` refers to.
    #[must_use]
    pub fn is_reference(&self, column: ColumnId) -> bool {
        self.at(column.table).iter().any(|join| join.from == column)
    }

    /// The cheapest tree that joins `tables`, and its cost; each join brings one table that the
    /// ones before it do not hold. `prefer` columns make their joins cheaper. None where no path is.
    #[must_use]
    pub fn tree(&self, tables: &[usize], prefer: &[ColumnId]) -> Option<(Vec<Join>, u32)> {
        let mut wanted: Vec<usize> = tables.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let first = *tables.first()?;
        if wanted.len() == 1 {
            return Some((Vec::new(), 0));
        }
        let mut best: Option<(Vec<Join>, u32)> = None;
        let mut starts = wanted.clone();
        starts.retain(|start| *start != first);
        starts.insert(0, first);
        for start in starts {
            let grown = self.grow(start, &wanted, prefer);
            if let Some((joins, cost)) = grown
                && best.as_ref().is_none_or(|(_, least)| cost < *least)
            {
                best = Some((joins, cost));
            }
        }
        best.map(|(joins, cost)| (ordered(first, joins), cost))
    }

    fn grow(&self, start: usize, wanted: &[usize], prefer: &[ColumnId]) -> Option<(Vec<Join>, u32)> {
        let mut tree: BTreeSet<usize> = BTreeSet::from([start]);
        let mut joins = Vec::new();
        let mut total = 0;
        while wanted.iter().any(|table| !tree.contains(table)) {
            let (path, cost) = self.nearest(&tree, wanted, prefer)?;
            total += cost;
            for join in path {
                tree.insert(join.from.table);
                tree.insert(join.to.table);
                joins.push(join);
            }
        }
        Some((joins, total))
    }

    /// The cheapest path from the tree to a wanted table outside it (Dijkstra; ties by place).
    fn nearest(&self, tree: &BTreeSet<usize>, wanted: &[usize], prefer: &[ColumnId]) -> Option<(Vec<Join>, u32)> {
        let mut queue: BTreeSet<(u32, usize)> = tree.iter().map(|table| (0, *table)).collect();
        let mut reached: BTreeMap<usize, (u32, Option<Join>)> = tree.iter().map(|table| (*table, (0, None))).collect();
        while let Some((cost, table)) = queue.pop_first() {
            if !tree.contains(&table) && wanted.contains(&table) {
                let mut path = Vec::new();
                let mut at = table;
                while let Some((_, Some(join))) = reached.get(&at) {
                    path.push(*join);
                    at = join.other(at);
                }
                path.reverse();
                return Some((path, cost));
            }
            for join in self.at(table) {
                let other = join.other(table);
                let liked = prefer.contains(&join.from) || prefer.contains(&join.to);
                let through = cost + join.cost() - if liked { 3 } else { 0 };
                if reached.get(&other).is_none_or(|(known, _)| through < *known) {
                    if let Some((known, _)) = reached.get(&other) {
                        queue.remove(&(*known, other));
                    }
                    reached.insert(other, (through, Some(*join)));
                    queue.insert((through, other));
                }
            }
        }
        None
    }
}

/// The joins of a tree in an order in which each one touches a table before it.
fn ordered(first: usize, mut joins: Vec<Join>) -> Vec<Join> {
    let mut have = BTreeSet::from([first]);
    let mut out = Vec::with_capacity(joins.len());
    while let Some(at) = joins.iter().position(|join| have.contains(&join.from.table) != have.contains(&join.to.table))
    {
        let join = joins.remove(at);
        have.insert(join.from.table);
        have.insert(join.to.table);
        out.push(join);
    }
    out
}

fn declared(schema: &Schema) -> Vec<Join> {
    let mut joins = Vec::new();
    for (table, described) in schema.tables.iter().enumerate() {
        for key in &described.foreign_keys {
            let Some(referred) = schema.tables.iter().position(|other| {
                other.name.eq_ignore_ascii_case(&key.referred_table)
                    && other.namespace.eq_ignore_ascii_case(&key.referred_namespace)
            }) else {
                continue;
            };
            let target = &schema.tables[referred];
            for (place, from) in key.columns.iter().enumerate().take(1) {
                let to = key.referred_columns.get(place).or_else(|| target.primary_key.get(place));
                let from = described.columns.iter().position(|column| column.name.eq_ignore_ascii_case(from));
                let to =
                    to.and_then(|to| target.columns.iter().position(|column| column.name.eq_ignore_ascii_case(to)));
                if let (Some(from), Some(to)) = (from, to) {
                    joins.push(Join {
                        from: ColumnId { table, column: from },
                        to: ColumnId { table: referred, column: to },
                        declared: true,
                        optional: described.columns[from].nullable,
                    });
                }
            }
        }
    }
    joins
}

/// Joins that names and types suggest: a column called like another table's key, or like that
/// table and its key together (`customer_id` and `customer.id`).
fn inferred(schema: &Schema, names: &Names) -> Vec<Join> {
    let mut joins = Vec::new();
    for (referred, target) in schema.tables.iter().enumerate() {
        let key = match target.primary_key.as_slice() {
            [only] => Some(only.as_str()),
            [] => likely_key(schema, names, referred),
            _ => None,
        };
        let Some(to) =
            key.and_then(|key| target.columns.iter().position(|column| column.name.eq_ignore_ascii_case(key)))
        else {
            continue;
        };
        let to_id = ColumnId { table: referred, column: to };
        let key_words = &names.column(to_id).words;
        let mut full = names.table(referred).words.clone();
        full.extend(key_words.iter().filter(|word| !names.table(referred).words.contains(word)).cloned());
        let plain = matches!(key_words.as_slice(), [word] if word == "id" || word == "name" || word == "code" || word == "number");
        for (table, described) in schema.tables.iter().enumerate().filter(|(table, _)| *table != referred) {
            for (column, candidate) in described.columns.iter().enumerate() {
                let from = ColumnId { table, column };
                let words = &names.column(from).words;
                let same_name = !plain && words == key_words;
                let qualified = *words == full || words.ends_with(&full);
                if (same_name || qualified) && comparable(candidate.class, target.columns[to].class) {
                    joins.push(Join { from, to: to_id, declared: false, optional: candidate.nullable });
                }
            }
        }
    }
    joins
}

/// The column that names a row of a table without a declared key: `id`, or an id that is the table's own.
fn likely_key<'a>(schema: &'a Schema, names: &Names, table: usize) -> Option<&'a str> {
    let columns = &schema.tables[table].columns;
    let own = |column: &usize| {
        let name = names.column(ColumnId { table, column: *column });
        let mut others = name.words.iter().zip(&name.implied).filter(|(word, _)| *word != "id");
        name.words.iter().any(|word| word == "id") && others.all(|(_, implied)| *implied)
    };
    let place = (0..columns.len()).find(own)?;
    Some(&columns[place].name)
}

fn comparable(left: TypeClass, right: TypeClass) -> bool {
    left == right || (left.is_numeric() && right.is_numeric())
}
