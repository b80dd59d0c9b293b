//! Aggregates of what an aggregate has made: "the average number of orders per customer", and the total of rows that
//! have a column for it: "the total of all orders".

use crate::engine::offline::ir::{Aggregate, Item, Piece, Query, Term, Verbatim};
use crate::engine::offline::parse::cue::Cue;
use crate::engine::offline::parse::draft::{Mention, Noun, Pick};
use crate::engine::offline::parse::lattice::{Chunk, Kind};
use crate::engine::offline::parse::read;
use crate::engine::offline::write;
use crate::grounding::words::Token;
use crate::grounding::{Catalog, ColumnId};

use super::{Planned, plan};

/// What columns are called that say what a row comes to.
const TOTALS: [&str; 3] = ["total", "amount", "sum"];

/// The queries for a question of such a kind.
#[must_use]
pub fn overs(chunks: &[Chunk], tokens: &[Token], catalog: &Catalog) -> Vec<Planned> {
    let stacked = stacked(chunks, tokens).and_then(|(outer, rest)| over(outer, &rest, tokens, catalog));
    let totalled = totalled(chunks, tokens, catalog).and_then(|total| total.planned(tokens, catalog));
    stacked.into_iter().chain(totalled).collect()
}

/// The outer aggregate, and the words without it, where a question asks for one of figures that each group has.
#[must_use]
pub fn stacked(chunks: &[Chunk], tokens: &[Token]) -> Option<(Aggregate, Vec<Chunk>)> {
    let is_each = |chunk: &Chunk| matches!(chunk.kind, Kind::Cue(Cue::Each));
    let is_figure = |chunk: &Chunk| {
        matches!(chunk.kind, Kind::Cue(Cue::HowMany | Cue::Aggregate(Aggregate::Sum | Aggregate::Count)))
    };
    let first = chunks.iter().position(|chunk| !is_idle(chunk))?;
    let outer = match chunks[first].kind {
        Kind::Cue(Cue::Aggregate(outer @ (Aggregate::Average | Aggregate::Minimum | Aggregate::Maximum))) => {
            Some(outer)
        }
        Kind::Cue(Cue::Extreme(true)) => Some(Aggregate::Maximum),
        Kind::Cue(Cue::Extreme(false)) => Some(Aggregate::Minimum),
        _ => None,
    };
    let follows = chunks.get(first + 1).is_some_and(is_figure);
    if let Some(outer) = outer.filter(|_| follows && chunks[first + 2..].iter().any(is_each)) {
        return Some((outer, [&chunks[..first], &chunks[first + 1..]].concat()));
    }
    // "How many orders does a customer have on average?"
    let last = chunks.iter().rposition(|chunk| !matches!(chunk.kind, Kind::Cue(Cue::Stop)))?;
    let is_last = matches!(chunks[last].kind, Kind::Cue(Cue::Aggregate(Aggregate::Average)));
    if !is_last || !is_figure(&chunks[first]) {
        return None;
    }
    let mut rest = chunks[..last].to_vec();
    let one = |chunk: &Chunk| {
        is_each(chunk) || is_idle(chunk) && matches!(tokens[chunk.start].lower.as_str(), "a" | "an" | "one")
    };
    let place = (first..rest.len()).find(|place| {
        one(&rest[*place]) && matches!(rest.get(place + 1).map(|next| &next.kind), Some(Kind::Table(_)))
    })?;
    rest[place].kind = Kind::Cue(Cue::Each);
    Some((Aggregate::Average, rest))
}

fn is_idle(chunk: &Chunk) -> bool {
    matches!(chunk.kind, Kind::Cue(Cue::Ask | Cue::Filler))
}

/// The outer aggregate of the one figure that each group of the rest has.
fn over(outer: Aggregate, rest: &[Chunk], tokens: &[Token], catalog: &Catalog) -> Option<Planned> {
    let planned = plan(&read(rest, tokens, catalog), catalog, None)?;
    let mut inner = planned.query;
    inner.select.retain(Item::is_aggregate);
    inner.order.clear();
    let is_plain = inner.limit.is_none() && inner.set.is_none() && !inner.group.is_empty();
    let [name] = &write::headings(&inner, catalog)[..] else { return None };
    let figure = Verbatim { pieces: vec![Piece::Sql(name.clone())], is_aggregate: false, name: Some(name.clone()) };
    let select = vec![Item::of(outer, Term::Verbatim(figure))];
    let query = Query { select, of: Some(Box::new(inner)), ..Query::default() };
    is_plain.then_some(Planned { query, open: 0, listing: false, ..planned })
}

/// "total of all orders", where orders have a column for what they come to.
#[derive(Debug)]
pub struct Total {
    column: ColumnId,
    rest: Vec<Chunk>,
}

/// What a question asks the total of, and the words with "number of" in the place of "total of": conditions and groups
/// are read as those of a count.
#[must_use]
pub fn totalled(chunks: &[Chunk], tokens: &[Token], catalog: &Catalog) -> Option<Total> {
    let first = chunks.iter().position(|chunk| !is_idle(chunk))?;
    let is_sum = matches!(chunks[first].kind, Kind::Cue(Cue::Aggregate(Aggregate::Sum)));
    let of = |chunk: &&Chunk| matches!(chunk.kind, Kind::Cue(Cue::Of | Cue::Filler));
    let between = chunks[first + 1..].iter().take_while(of).count();
    let is_of = chunks[first + 1..first + 1 + between].iter().any(|chunk| matches!(chunk.kind, Kind::Cue(Cue::Of)));
    let place = first + 1 + between;
    let Some(Kind::Table(rivals)) = chunks.get(place).map(|chunk| &chunk.kind).filter(|_| is_sum && is_of) else {
        return None;
    };
    if matches!(chunks.get(place + 1).map(|next| &next.kind), Some(Kind::Column(_))) {
        return None;
    }
    let (table, _) = *rivals.first()?;
    let said = tokens[chunks[first].start].lower.as_str();
    let named = |word: &str| {
        catalog.columns_of(table).find(|id| {
            let is_measure = catalog.is_numeric(*id) && !catalog.is_key(*id) && !catalog.joins().is_reference(*id);
            is_measure && catalog.names().column(*id).words.iter().any(|own| own == word)
        })
    };
    let column = std::iter::once(said).chain(TOTALS).find_map(named)?;
    let counted = Chunk { end: chunks[place].start, kind: Kind::Cue(Cue::HowMany), ..chunks[first].clone() };
    Some(Total { column, rest: [&chunks[..first], &[counted], &chunks[place..]].concat() })
}

impl Total {
    fn planned(&self, tokens: &[Token], catalog: &Catalog) -> Option<Planned> {
        let mut draft = read(&self.rest, tokens, catalog);
        let mention = Mention { rivals: [(self.column, 1.0)].into(), owner: Some(self.column.table) };
        let counted = Pick::of(Aggregate::Count, Noun::Table(self.column.table));
        let place = draft.picks.iter().position(|pick| *pick == counted)?;
        draft.picks[place] = Pick::of(Aggregate::Sum, Noun::Column(mention));
        draft.main = Some(self.column.table);
        plan(&draft, catalog, None)
    }
}
