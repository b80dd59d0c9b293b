//! What the keys of a group determine.

use crate::engine::offline::ir::{Query, Term};
use crate::grounding::{Catalog, ColumnId};

/// Whether what is shown and ordered by of a group is the same in all of its rows: a key of it, or in a table whose row
/// the keys name. Engines that want it in the list of keys get it there.
#[must_use]
pub fn is_determined(query: &Query, catalog: &Catalog) -> bool {
    if query.group.is_empty() {
        return true;
    }
    let mut fixed: Vec<ColumnId> = query
        .group
        .iter()
        .filter_map(|term| match term {
            Term::Column(id) => Some(*id),
            _ => None,
        })
        .collect();
    let mut next = 0;
    while let Some(id) = fixed.get(next).copied() {
        next += 1;
        let mut more: Vec<ColumnId> = Vec::new();
        let pairs = query.joined.iter().flatten();
        more.extend(pairs.filter(|pair| pair.contains(&id)).flatten().copied());
        let names = |key: &[String]| matches!(key, [only] if only.eq_ignore_ascii_case(&catalog.column(id).name));
        let table = catalog.table(id.table);
        let is_unique = table.indexes.iter().any(|index| index.unique && names(&index.columns));
        if names(&table.primary_key) || is_unique && !catalog.column(id).nullable {
            more.extend(catalog.columns_of(id.table));
        }
        for id in more {
            if !fixed.contains(&id) {
                fixed.push(id);
            }
        }
    }
    let shown = query.select.iter().chain(query.order.iter().map(|order| &order.item));
    shown.filter(|item| !item.is_aggregate()).all(|item| {
        let columns = match &item.term {
            Term::Every(table) => catalog.columns_of(*table).collect(),
            Term::Row => return false,
            other => other.columns(),
        };
        query.group.contains(&item.term) || !columns.is_empty() && columns.iter().all(|id| fixed.contains(id))
    })
}
