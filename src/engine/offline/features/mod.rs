//! What the ranker sees of a reading: how well its links fit, which words it uses, what its query is made of.
//!
//! Nothing here knows a database's words; of the question only words of the language count.

pub mod linear;
pub mod marks;
pub mod roles;
mod said;
mod shape;

use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::ir::Query;
use super::parse::cue::Cue;
use super::parse::draft::Draft;
use super::parse::lattice::{Cut, Kind};
use super::vary::Change;

/// Named numbers in an order that never changes.
pub type Sheet = Vec<(&'static str, f32)>;

/// Words of a question whose presence the ranker sees; two words stand for one behind the other.
const WORDS: &[&str] = &[
    "what",
    "what is",
    "what are",
    "which",
    "who",
    "whose",
    "when",
    "where",
    "how many",
    "how much",
    "how old",
    "show",
    "show all",
    "list",
    "list all",
    "list the",
    "find",
    "find the",
    "give",
    "return",
    "count",
    "tell",
    "different",
    "distinct",
    "unique",
    "each",
    "every",
    "all",
    "any",
    "all the",
    "per",
    "for each",
    "of each",
    "number of",
    "the number",
    "total number",
    "total",
    "average",
    "mean",
    "sum",
    "maximum",
    "minimum",
    "max",
    "min",
    "most",
    "least",
    "the most",
    "the least",
    "more",
    "less",
    "more than",
    "less than",
    "at least",
    "at most",
    "highest",
    "lowest",
    "largest",
    "smallest",
    "best",
    "most common",
    "most popular",
    "top",
    "first",
    "last",
    "oldest",
    "youngest",
    "longest",
    "shortest",
    "latest",
    "and",
    "or",
    "both",
    "but",
    "not",
    "no",
    "never",
    "without",
    "except",
    "also",
    "only",
    "other",
    "either",
    "does not",
    "do not",
    "did not",
    "with",
    "with the",
    "have",
    "has",
    "that have",
    "who have",
    "in",
    "of",
    "by",
    "for",
    "from",
    "to",
    "as",
    "between",
    "than",
    "than the",
    "id",
    "ids",
    "code",
    "codes",
    "name",
    "names",
    "the name",
    "the names",
    "title",
    "date",
    "year",
    "type",
    "full name",
    "first name",
    "last name",
    "description",
    "details",
    "information",
    "record",
    "records",
    "details of",
    "sorted",
    "ordered",
    "order",
    "order of",
    "ascending",
    "descending",
    "alphabetical",
    "sort",
    "order by",
    "together",
    "along",
    "as well",
    "corresponding",
    "respective",
    "their",
    "its",
    "them",
    "those",
    "and their",
    "and the",
    "and how",
    "ever",
    "some",
    "there",
    "are there",
    "exist",
    "kinds",
    "types",
    "one",
    "two",
    "three",
    "is the",
    "are the",
    "does",
    "do",
    "did",
    "was",
    "were",
    "been",
    "had",
    "that",
    "a",
    "an",
    "the",
    "these",
    "whose name",
    "in the",
    "of the",
    "is",
    "are",
    "on",
    "at",
    "greater",
    "above",
    "below",
    "over",
    "under",
    "after",
    "before",
    "contain",
    "contains",
    "substring",
    "start",
    "letter",
    "percentage",
    "ratio",
    "difference",
    "times",
    "used",
    "belong",
    "same",
    "where the",
    "common",
    "popular",
    "possible",
    "available",
    "any other",
    "?",
    ".",
    ",",
];

/// The part of a sheet that all readings of a question share.
#[must_use]
pub fn of_question(tokens: &[Token]) -> Sheet {
    let words: Vec<&str> = tokens.iter().map(|token| token.lower.as_str()).collect();
    let present = |cue: &str| match cue.split_once(' ') {
        Some((first, second)) => words.windows(2).any(|pair| pair[0] == first && pair[1] == second),
        None => words.contains(&cue),
    };
    let mut sheet: Sheet = WORDS.iter().map(|cue| (*cue, flag(present(cue)))).collect();
    sheet.push(("length", number(tokens.len())));
    sheet
}

/// What one reading is.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub cut: &'a Cut,
    pub place: usize,
    pub draft: &'a Draft,
    pub query: &'a Query,
    pub fit: f32,
    pub change: Change,
    pub catalog: &'a Catalog,
}

/// Room for the features of a reading: a little more than there are.
const OWN: usize = 136;

/// The part of a sheet that is a reading's own.
#[must_use]
pub fn of_reading(view: View<'_>) -> Sheet {
    let mut sheet = Sheet::with_capacity(OWN);
    for (change, name) in Change::ALL {
        sheet.push((name, flag(view.change == change)));
    }
    links(view, &mut sheet);
    said::said(view, &mut sheet);
    shape::shape(view.query, view.catalog, &mut sheet);
    sheet
}

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

fn number(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::MAX, f32::from)
}

/// How the words were linked.
fn links(view: View<'_>, sheet: &mut Sheet) {
    let chunks = &view.cut.chunks;
    let mean = |scores: &[f32]| if scores.is_empty() { 1.0 } else { scores.iter().sum::<f32>() / number(scores.len()) };
    let least = |scores: &[f32]| scores.iter().copied().fold(1.0, f32::min);
    let (mut tables, mut columns, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let (mut table_rivals, mut column_rivals, mut long) = (0, 0, 0);
    for chunk in chunks {
        match &chunk.kind {
            Kind::Table(rivals) => {
                tables.push(rivals[0].1);
                table_rivals += usize::from(rivals.get(1).is_some_and(|next| next.1 + 0.1 > rivals[0].1));
            }
            Kind::Column(rivals) => {
                columns.push(rivals[0].1);
                column_rivals += usize::from(rivals.get(1).is_some_and(|next| next.1 + 0.1 > rivals[0].1));
                long += usize::from(chunk.end - chunk.start > 1);
            }
            Kind::Value(rivals) => values.push(rivals[0].2),
            _ => {}
        }
    }
    let count = |wanted: fn(&Kind) -> bool| number(chunks.iter().filter(|chunk| wanted(&chunk.kind)).count());
    let draft = view.draft;
    sheet.extend([
        ("cut place", number(view.place)),
        ("cut score", view.cut.score),
        ("fit", view.fit),
        ("loose", draft.loose),
        ("table links", number(tables.len())),
        ("table links mean", mean(&tables)),
        ("table links least", least(&tables)),
        ("table links open", number(table_rivals)),
        ("column links", number(columns.len())),
        ("column links mean", mean(&columns)),
        ("column links least", least(&columns)),
        ("column links open", number(column_rivals)),
        ("column links long", number(long)),
        ("value links", number(values.len())),
        ("value links mean", mean(&values)),
        ("value links least", least(&values)),
        ("number chunks", count(|kind| matches!(kind, Kind::Number(_)))),
        ("date chunks", count(|kind| matches!(kind, Kind::Date(_)))),
        ("quoted chunks", count(|kind| matches!(kind, Kind::Quoted(_)))),
        ("unexplained", number(draft.unexplained.len())),
        ("cue each", count(|kind| matches!(kind, Kind::Cue(Cue::Each)))),
        ("cue extreme", count(|kind| matches!(kind, Kind::Cue(Cue::Extreme(_))))),
        ("cue common", count(|kind| matches!(kind, Kind::Cue(Cue::Common(_))))),
        ("cue adjective", count(|kind| matches!(kind, Kind::Cue(Cue::Adjective { .. })))),
        ("cue compare", count(|kind| matches!(kind, Kind::Cue(Cue::Compare(_))))),
        ("cue count", count(|kind| matches!(kind, Kind::Cue(Cue::HowMany)))),
        ("cue aggregate", count(|kind| matches!(kind, Kind::Cue(Cue::Aggregate(_))))),
        ("cue order", count(|kind| matches!(kind, Kind::Cue(Cue::OrderBy)))),
        ("cue direction", count(|kind| matches!(kind, Kind::Cue(Cue::Ascending | Cue::Descending)))),
        ("cue not", count(|kind| matches!(kind, Kind::Cue(Cue::Not | Cue::Except)))),
        ("picks", number(draft.picks.len())),
        ("groups said", number(draft.groups.len())),
        ("orders said", number(draft.orders.len())),
        ("tests said", number(draft.tests.len())),
        ("absences said", number(draft.absences.len())),
        ("counts said", number(draft.counted.len())),
        ("tables said", number(draft.tables.len())),
    ]);
}
