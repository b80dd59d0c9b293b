//! The tables of a statement, by the names it gives them, and the joins between them.

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, TableFactor, TableWithJoins,
};

use super::blank;
use crate::dialect::Dialect;
use crate::engine::offline::ir::Item;
use crate::grounding::{Catalog, ColumnId};

/// What names mean in one `SELECT`.
pub(super) struct Scope<'a> {
    pub catalog: &'a Catalog,
    /// The places of the tables in the schema, in the order in which they are joined.
    pub tables: Vec<usize>,
    /// The name of each in the statement.
    names: Vec<(Ident, usize)>,
    /// Columns that `USING` makes one.
    pub merged: Vec<[ColumnId; 2]>,
    /// What the select list calls its items.
    pub aliases: Vec<(Ident, Item)>,
}

/// The tables and what their joins ask for, in the statement's order.
pub(super) struct From<'a> {
    pub scope: Scope<'a>,
    pub conditions: Vec<&'a Expr>,
}

impl<'a> Scope<'a> {
    /// The tables of `from`; none where one is no table of the schema, stands twice, or need not have a partner.
    pub(super) fn read(from: &'a [TableWithJoins], catalog: &'a Catalog) -> Option<From<'a>> {
        let scope = Self { catalog, tables: Vec::new(), names: Vec::new(), merged: Vec::new(), aliases: Vec::new() };
        let mut read = From { scope, conditions: Vec::new() };
        for item in from {
            read.scope.add(&item.relation)?;
            for join in &item.joins {
                read.scope.add(&join.relation)?;
                let (JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::CrossJoin(constraint)) = &join.join_operator
                else {
                    return None;
                };
                match constraint {
                    _ if join.global => return None,
                    JoinConstraint::On(condition) => read.conditions.push(condition),
                    JoinConstraint::Using(columns) => read.scope.merge(columns)?,
                    JoinConstraint::None => {}
                    JoinConstraint::Natural => return None,
                }
            }
        }
        Some(read)
    }

    fn add(&mut self, factor: &TableFactor) -> Option<()> {
        let TableFactor::Table { name, alias, .. } = factor else { return None };
        let explicit = alias.as_ref().is_some_and(|alias| alias.explicit);
        let alias = alias.as_ref().map(|alias| alias.name.clone());
        if *factor != blank::table(name.clone(), alias.clone(), explicit) {
            return None;
        }
        let table = self.table(name)?;
        let said = alias.or_else(|| parts(name)?.last().map(|part| (*part).clone()))?;
        if self.tables.contains(&table) || self.named(&said).is_some() {
            return None;
        }
        self.tables.push(table);
        self.names.push((said, table));
        Some(())
    }

    fn table(&self, name: &ObjectName) -> Option<usize> {
        let schema = self.catalog.schema();
        let parts = parts(name)?;
        let (namespace, name) = match parts.as_slice() {
            [name] => (None, *name),
            [namespace, name] => (Some(*namespace), *name),
            _ => return None,
        };
        let default = schema.default_namespace.as_str();
        let mut found = schema.tables.iter().enumerate().filter(|(_, table)| {
            let here = namespace.map_or(table.namespace == default, |said| self.same(said, &table.namespace));
            here && self.same(name, &table.name)
        });
        let (place, _) = found.next()?;
        found.next().is_none().then_some(place)
    }

    /// Whether the identifier means the thing of that name.
    fn same(&self, said: &Ident, name: &str) -> bool {
        match (self.catalog.schema().dialect, said.quote_style) {
            (Dialect::Postgres, Some(_)) => said.value == name,
            (Dialect::Postgres, None) => said.value.to_lowercase() == name,
            _ => said.value.eq_ignore_ascii_case(name),
        }
    }

    /// The table that the statement calls so.
    pub(super) fn named(&self, said: &Ident) -> Option<usize> {
        self.names.iter().find(|(name, _)| name.value.eq_ignore_ascii_case(&said.value)).map(|(_, table)| *table)
    }

    /// The column that `path` means, a name with or without its table.
    pub(super) fn column(&self, path: &[Ident]) -> Option<ColumnId> {
        let of = |table: usize, said: &Ident| {
            self.catalog.columns_of(table).find(|id| self.same(said, &self.catalog.column(*id).name))
        };
        match path {
            [said] => {
                let found: Vec<ColumnId> = self.tables.iter().filter_map(|table| of(*table, said)).collect();
                let (first, others) = found.split_first()?;
                let is_one = |other: &ColumnId| self.merged.iter().any(|pair| pair.contains(other));
                (others.is_empty() || found.iter().all(is_one)).then_some(*first)
            }
            [table, said] => of(self.named(table)?, said),
            _ => None,
        }
    }

    fn merge(&mut self, columns: &[ObjectName]) -> Option<()> {
        let (new, before) = self.tables.split_last()?;
        for column in columns {
            let [said] = parts(column)?[..] else { return None };
            let of = |table: usize| {
                self.catalog.columns_of(table).find(|id| self.same(said, &self.catalog.column(*id).name))
            };
            let mut left = before.iter().filter_map(|table| of(*table));
            let (left, right) = (left.next().filter(|_| left.next().is_none())?, of(*new)?);
            self.merged.push([left, right]);
        }
        Some(())
    }

    /// Orders the tables so that each is joined to one before it by one of `equal`, and gives these joins; what is left
    /// of `equal` holds besides. `None` where a table has no partner.
    pub(super) fn join(&mut self, equal: &mut Vec<[ColumnId; 2]>) -> Option<Vec<[ColumnId; 2]>> {
        let (first, rest) = self.tables.split_first()?;
        let (mut have, mut waiting, mut joins) = (vec![*first], rest.to_vec(), Vec::new());
        while !waiting.is_empty() {
            let (place, at, flipped) = waiting.iter().enumerate().find_map(|(place, table)| {
                equal.iter().enumerate().find_map(|(at, [left, right])| {
                    let fits = |known: &ColumnId, new: &ColumnId| have.contains(&known.table) && new.table == *table;
                    (fits(left, right) || fits(right, left)).then(|| (place, at, fits(right, left)))
                })
            })?;
            let [left, right] = equal.remove(at);
            joins.push(if flipped { [right, left] } else { [left, right] });
            have.push(waiting.remove(place));
        }
        self.tables = have;
        Some(joins)
    }
}

/// The identifiers of a name.
pub(super) fn parts(name: &ObjectName) -> Option<Vec<&Ident>> {
    name.0.iter().map(ObjectNamePart::as_ident).collect()
}

/// The conditions of `expression` that must all hold.
pub(super) fn all(expression: &Expr) -> Vec<&Expr> {
    match blank::bare(expression) {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => [all(left), all(right)].concat(),
        other => vec![other],
    }
}

/// The identifiers of a column's name.
pub(super) fn path(expression: &Expr) -> Option<&[Ident]> {
    match blank::bare(expression) {
        Expr::Identifier(said) => Some(std::slice::from_ref(said)),
        Expr::CompoundIdentifier(said) => Some(said),
        _ => None,
    }
}
