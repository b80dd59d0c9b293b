//! The same query over another column or value that the same words may name.

use crate::engine::offline::ir::{Condition, Item, Operand, Operator, Query, Term};
use crate::engine::offline::parse::lattice::{Cut, Kind};
use crate::grounding::{Catalog, ColumnId};

use super::super::features::roles::{Roles, part};
use super::{Change, with};

/// Rivals tried for each named column.
const RIVALS: usize = 3;
/// How much worse they may fit.
const WORSE: f32 = 0.4;

pub(super) fn swapped(query: &Query, cut: &Cut, catalog: &Catalog, found: &mut Vec<(Change, Query)>) {
    let roles = Roles::of(query);
    for chunk in &cut.chunks {
        match &chunk.kind {
            Kind::Column(rivals) => {
                let Some((used, score)) = rivals.iter().find(|(id, _)| roles.column(*id) != 0) else { continue };
                let fits = |other: ColumnId| catalog.is_numeric(other) == catalog.is_numeric(*used);
                let others = rivals.iter().filter(|(id, other)| id != used && other + WORSE > *score && fits(*id));
                for (other, _) in others.take(RIVALS) {
                    let renamed = with(query, |query| rename(query, *used, *other));
                    // A table that was only there for the old column may leave with it.
                    let idle = Roles::of(&renamed).table(used.table) & !(part::BARE | part::MAIN) == 0;
                    if idle && renamed.tables.contains(&used.table) {
                        let left = with(&renamed, |query| query.tables.retain(|table| *table != used.table));
                        found.push((Change::Rival, left));
                    }
                    found.push((Change::Rival, renamed));
                }
            }
            Kind::Value(rivals) => {
                let Some((used, ..)) = rivals.iter().find(|(id, ..)| roles.column(*id) != 0) else { continue };
                for (other, text, _) in rivals.iter().filter(|(id, ..)| id != used).take(RIVALS) {
                    let mut changed = query.clone();
                    if revalue(&mut changed, *used, *other, text) {
                        found.push((Change::Rival, changed));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Takes `to` for `from` wherever the question's own query reads it; queries inside keep what they compare with.
fn rename(query: &mut Query, from: ColumnId, to: ColumnId) {
    let swap = |id: &mut ColumnId| {
        if *id == from {
            *id = to;
        }
    };
    each_term(query, &mut |term| match term {
        Term::Column(id) | Term::Part(id, _) => swap(id),
        Term::Product(left, right) => {
            swap(left);
            swap(right);
        }
        Term::Row | Term::Every(_) | Term::Formula(_) | Term::Verbatim(_) => {}
    });
}

fn each_term(query: &mut Query, change: &mut impl FnMut(&mut Term)) {
    let items = query.select.iter_mut().chain(query.order.iter_mut().map(|order| &mut order.item));
    items.for_each(|item| change(&mut item.term));
    query.group.iter_mut().for_each(&mut *change);
    for condition in query.filter.iter_mut().chain(&mut query.having) {
        each_tested(condition, change);
    }
    if let Some((_, other)) = &mut query.set {
        each_term(other, change);
    }
}

fn each_tested(condition: &mut Condition, change: &mut impl FnMut(&mut Term)) {
    match condition {
        Condition::Compare { left, right, .. } => {
            change(&mut left.term);
            match right {
                Operand::Term(term) => change(term),
                Operand::Query(query) => each_term(query, change),
                _ => {}
            }
        }
        Condition::Between { left, .. } => change(&mut left.term),
        Condition::Like { term, .. } | Condition::In { term, .. } | Condition::Null { term, .. } => change(term),
        Condition::Among { query, .. } => {
            for condition in &mut query.filter {
                each_tested(condition, change);
            }
        }
        Condition::Peak { .. } => {}
        Condition::Any(parts) | Condition::All(parts) => parts.iter_mut().for_each(|part| each_tested(part, change)),
    }
}

/// Tests the same words in another column that holds them.
fn revalue(query: &mut Query, from: ColumnId, to: ColumnId, text: &str) -> bool {
    fn change_any(parts: &mut [Condition], from: ColumnId, to: ColumnId, text: &str) -> bool {
        let mut done = false;
        for part in parts {
            done |= change(part, from, to, text);
        }
        done
    }

    fn change(condition: &mut Condition, from: ColumnId, to: ColumnId, text: &str) -> bool {
        match condition {
            Condition::Compare {
                left: Item { term: term @ Term::Column(_), aggregate: None, .. },
                operator: Operator::Equal | Operator::Different,
                right: Operand::Text(old),
            } if *term == Term::Column(from) => {
                let same = old.eq_ignore_ascii_case(text);
                if same {
                    *term = Term::Column(to);
                    text.clone_into(old);
                }
                same
            }
            Condition::Any(parts) | Condition::All(parts) => change_any(parts, from, to, text),
            Condition::Among { query, .. } => change_any(&mut query.filter, from, to, text),
            _ => false,
        }
    }
    let done = change_any(&mut query.filter, from, to, text);
    match &mut query.set {
        Some((_, other)) => revalue(other, from, to, text) || done,
        None => done,
    }
}
