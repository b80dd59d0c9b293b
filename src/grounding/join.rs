//! How tables join: the key graph, and the smallest tree in it that holds given tables.
//!
//! Paths are found by growing a tree from each table in turn along cheapest paths, the classic
//! approximation of the Steiner tree (Takahashi and Matsuyama, 1980), exact for two tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use smallvec::SmallVec;

use super::ColumnId;
use super::index::ValueIndex;
use super::names::Names;
use super::reference;
use crate::schema::Schema;

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
    /// For each table without a declared key the column that names its rows.
    keys: Vec<Option<usize>>,
    /// Trees that were grown before: readings of a question ask for the same few again and again.
    grown: RwLock<HashMap<Asked, Option<Tree>>>,
}

/// The tables that were to be joined and the columns that were preferred, one number behind another.
type Asked = SmallVec<[usize; 12]>;
/// Joins, and what they cost.
type Tree = (Arc<[Join]>, u32);

/// Trees that are kept; after them all are grown anew.
const KEPT: usize = 4_096;

impl JoinGraph {
    pub(super) fn new(schema: &Schema, names: &Names, values: &ValueIndex) -> Self {
        let mut joins: Vec<Join> = declared(schema);
        // What is declared leaves nothing to infer, neither between its tables nor for its column.
        let known: BTreeSet<(usize, usize)> = joins.iter().map(|join| (join.from.table, join.to.table)).collect();
        let refers: BTreeSet<ColumnId> = joins.iter().map(|join| join.from).collect();
        joins.extend(reference::inferred(schema, names, values).into_iter().filter(|join| {
            !known.contains(&(join.from.table, join.to.table))
                && !known.contains(&(join.to.table, join.from.table))
                && !refers.contains(&join.from)
        }));
        joins.sort_unstable();
        joins.dedup();
        let keys = reference::unsaid_keys(schema, names, values, &joins);
        let mut edges = vec![Vec::new(); schema.tables.len()];
        for join in joins.into_iter().filter(|join| join.from.table != join.to.table) {
            edges[join.from.table].push(join);
            edges[join.to.table].push(join);
        }
        Self { edges, keys, grown: RwLock::default() }
    }

    /// The column that names a row of a table whose key nobody declared.
    #[must_use]
    pub fn unsaid_key(&self, table: usize) -> Option<ColumnId> {
        self.keys.get(table).copied().flatten().map(|column| ColumnId { table, column })
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
    pub fn tree(&self, tables: &[usize], prefer: &[ColumnId]) -> Option<Tree> {
        if tables.len() <= 1 {
            return tables.first().map(|_| (Arc::default(), 0));
        }
        let mut asked = Asked::from_slice(tables);
        // No table has this number, so what follows is no table.
        asked.push(usize::MAX);
        asked.extend(prefer.iter().flat_map(|id| [id.table, id.column]));
        // Each change is one insertion or a removal of all, so a panic elsewhere leaves nothing half done.
        if let Some(tree) = self.grown.read().unwrap_or_else(PoisonError::into_inner).get(&asked) {
            return tree.clone();
        }
        let tree = self.cheapest(tables, prefer).map(|(joins, cost)| (joins.into(), cost));
        let mut grown = self.grown.write().unwrap_or_else(PoisonError::into_inner);
        if grown.len() >= KEPT {
            grown.clear();
        }
        grown.insert(asked, tree.clone());
        tree
    }

    fn cheapest(&self, tables: &[usize], prefer: &[ColumnId]) -> Option<(Vec<Join>, u32)> {
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
