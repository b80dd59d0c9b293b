//! Which column a mention means, among those its words fit.

use crate::engine::offline::parse::cue;
use crate::engine::offline::parse::draft::Mention;
use crate::grounding::ColumnId;

use super::Planner;

/// How much worse a second choice may be.
const CLOSE: f32 = 0.7;

impl Planner<'_> {
    /// How near a table is to what the question speaks of.
    pub(super) fn nearness(&self, table: usize) -> f32 {
        if table == self.main {
            return 0.3;
        }
        if self.mentioned.contains(&table) {
            return 0.2;
        }
        match self.catalog.joins().tree(&[self.main, table], &[]) {
            #[expect(clippy::cast_precision_loss, reason = "costs are small")]
            Some((_, cost)) => -0.008 * cost as f32,
            None => -1.0,
        }
    }

    pub(super) fn resolve(&mut self, mention: &Mention) -> Option<ColumnId> {
        let mut totals: Vec<(ColumnId, f32)> = Vec::new();
        for (column, score) in &*mention.rivals {
            let mut total = score + self.nearness(column.table);
            if mention.owner == Some(column.table) {
                total += 0.35;
            }
            if self.catalog.joins().is_reference(*column) && column.table != self.main {
                total -= 0.05;
            }
            totals.push((*column, total));
        }
        let (column, total) = self.choose(totals)?;
        self.fit += (total - 1.3).clamp(-1.0, 0.0);
        Some(column)
    }

    /// The best of rival columns, or the second best where this mention is to take its second choice.
    pub(super) fn choose(&mut self, mut totals: Vec<(ColumnId, f32)>) -> Option<(ColumnId, f32)> {
        totals.sort_by(|left, right| right.1.total_cmp(&left.1));
        let best = *totals.first()?;
        let Some(next) = totals.get(1).filter(|next| next.0 != best.0 && next.1 + CLOSE > best.1) else {
            return Some(best);
        };
        let place = self.open.iter().position(|known| *known == best.0).unwrap_or_else(|| {
            self.open.push(best.0);
            self.open.len() - 1
        });
        Some(if self.second == Some(place) { *next } else { best })
    }

    /// The column an adjective measures, and whether it runs the other way.
    pub(super) fn adjective(
        &mut self,
        columns: &[&str],
        against: &[&str],
        owner: Option<usize>,
    ) -> Option<(ColumnId, bool)> {
        let mut tables = self.mentioned.clone();
        tables.sort_by_key(|table| (Some(*table) != owner, *table != self.main));
        for table in tables {
            for (words, reversed) in [(columns, false), (against, true)] {
                for word in words {
                    if let Some(mut column) = self.measure_named(table, word) {
                        if cue::is_recency(columns) && self.is_birth(&column) {
                            // "the newest customers" are not the youngest.
                            column = self.time_of(table, false).unwrap_or(column);
                        }
                        self.fit += 0.1;
                        return Some((column, reversed));
                    }
                }
            }
        }
        // A moment such as `ordered_at` says how new a row is, whatever it is called.
        if cue::is_recency(columns)
            && let Some(column) =
                owner.and_then(|owner| self.time_of(owner, false)).or_else(|| self.time_of(self.main, false))
        {
            return Some((column, false));
        }
        // "the tallest manager", where heights are kept with people.
        let near: Vec<usize> = self.catalog.joins().at(self.main).iter().map(|join| join.other(self.main)).collect();
        for table in near.into_iter().filter(|table| !self.mentioned.contains(table)) {
            for (words, reversed) in [(columns, false), (against, true)] {
                let column = words.iter().find_map(|word| self.measure_named(table, word));
                if let Some(column) = column.filter(|column| !(cue::is_recency(columns) && self.is_birth(column))) {
                    self.fit -= 0.2;
                    return Some((column, reversed));
                }
            }
        }
        None
    }

    fn is_birth(&self, id: &ColumnId) -> bool {
        self.catalog.names().column(*id).words.iter().any(|word| word == "birth")
    }

    fn measure_named(&self, table: usize, words: &str) -> Option<ColumnId> {
        self.catalog.columns_of(table).find(|id| {
            let name = self.catalog.names().column(*id);
            let fits = words.split(' ').all(|word| name.words.iter().any(|own| own == word));
            fits && !self.catalog.is_key(*id)
                && !self.catalog.joins().is_reference(*id)
                && (self.catalog.is_numeric(*id) || self.catalog.is_temporal(*id) || self.looks_numeric(*id))
        })
    }

    fn looks_numeric(&self, id: ColumnId) -> bool {
        self.catalog.values().shape(id) == crate::grounding::index::Shape::Digits
    }

    /// The first number of a table that is no key.
    pub(super) fn measure_of(&self, table: usize) -> Option<ColumnId> {
        self.catalog.columns_of(table).find(|id| {
            self.catalog.is_numeric(*id) && !self.catalog.is_key(*id) && !self.catalog.joins().is_reference(*id)
        })
    }

    /// The column a period speaks of: a day or a year of the main table, else of one near it.
    pub(super) fn time_column(&mut self, year: bool) -> Option<ColumnId> {
        let mut tables = self.mentioned.clone();
        tables.sort_by_key(|table| *table != self.main);
        let neighbours: Vec<usize> =
            self.catalog.joins().at(self.main).iter().map(|join| join.other(self.main)).collect();
        tables.extend(neighbours);
        tables.into_iter().find_map(|table| self.time_of(table, year))
    }

    /// The column that says when a row of `table` happened.
    pub(super) fn time_of(&self, table: usize, year: bool) -> Option<ColumnId> {
        let named_year = |id: &ColumnId| {
            self.catalog.names().column(*id).words.iter().any(|word| word == "year")
                && !self.catalog.column(*id).class.is_temporal()
        };
        if let Some(column) = self.catalog.columns_of(table).find(|id| year && named_year(id)) {
            return Some(column);
        }
        let temporal: Vec<ColumnId> =
            self.catalog.columns_of(table).filter(|id| self.catalog.is_temporal(*id)).collect();
        let liked = temporal.iter().find(|id| {
            let words = &self.catalog.names().column(**id).words;
            words.iter().any(|word| word == "date") && words.len() <= 2 && !words.iter().any(|word| word == "birth")
        });
        liked.or_else(|| temporal.iter().find(|id| !self.is_birth(id))).or(temporal.first()).copied()
    }
}
