//! What is shown of rows when only their table was named.

use crate::engine::offline::ir::{Item, Term};
use crate::engine::offline::parse::draft::Noun;
use crate::grounding::ColumnId;
use crate::schema::TypeClass;

use super::Planner;

/// Columns of a row that are shown at most when nobody asked for one.
const COLUMNS: usize = 12;

impl Planner<'_> {
    /// "show me all products": one table, no column, no condition, no order.
    pub(super) fn is_bare_listing(&self) -> bool {
        let draft = self.draft;
        let entity =
            matches!(draft.picks.as_slice(), [pick] if pick.noun == Noun::Table(self.main) && pick.aggregate.is_none());
        let nothing_else = draft.tests.is_empty()
            && draft.absences.is_empty()
            && draft.counted.is_empty()
            && draft.groups.is_empty()
            && draft.orders.is_empty()
            && draft.grain.is_none()
            && !draft.distinct;
        entity && nothing_else && self.mentioned == [self.main]
    }

    /// The whole row; of a wide one what names it and the columns after that, without binary data.
    pub(super) fn readable_row(&self) -> Vec<Item> {
        let readable = |id: &ColumnId| self.catalog.column(*id).class != TypeClass::Bytes;
        let all: Vec<ColumnId> = self.catalog.columns_of(self.main).collect();
        let whole = !self.catalog.table(self.main).partial;
        if whole && all.len() <= COLUMNS && all.iter().all(readable) {
            return vec![Item::term(Term::Every(self.main))];
        }
        let mut shown: Vec<ColumnId> =
            self.key(self.main).into_iter().chain(self.label(self.main).iter().copied()).collect();
        shown.dedup();
        for id in all.into_iter().filter(readable) {
            if shown.len() < COLUMNS && !shown.contains(&id) {
                shown.push(id);
            }
        }
        shown.into_iter().map(Item::column).collect()
    }
}
