//! One number out of two queries: each side of a ratio, a percentage or a difference is planned by itself.

use crate::engine::offline::ir::{Aggregate, Arithmetic, Figure, Formula, Item, Query, Term};
use crate::engine::offline::parse::draft::{Draft, Noun, Pick, Test};
use crate::engine::offline::parse::figure::{Split, split};
use crate::engine::offline::parse::lattice::Chunk;
use crate::engine::offline::parse::read;
use crate::grounding::Catalog;
use crate::grounding::words::Token;

use super::{Planned, plan};

/// What computing costs against a plain reading.
const COMPUTED: f32 = 0.2;

/// The queries for a question that asks what two figures give together: conditions behind both hold of both, or of
/// the last one.
#[must_use]
pub fn figures(chunks: &[Chunk], tokens: &[Token], catalog: &Catalog) -> Vec<Planned> {
    split(chunks, tokens).iter().flat_map(|split| of_split(split, tokens, catalog)).collect()
}

fn of_split(split: &Split, tokens: &[Token], catalog: &Catalog) -> Vec<Planned> {
    let mut left = read(&split.left, tokens, catalog);
    let mut right = read(&split.right, tokens, catalog);
    if split.whole {
        (right.tests, right.absences, right.counted) = (Vec::new(), Vec::new(), Vec::new());
    }
    let (from_left, from_right) = (subject(&left), subject(&right));
    number(&mut left, from_right);
    number(&mut right, from_left);
    let shared = if split.part { right.tests.clone() } else { shared(&left, &right) };
    let mut found = Vec::new();
    if !shared.is_empty() {
        let mut both = left.clone();
        both.tests.extend(shared);
        found.extend(combined(&both, &right, split.operator, catalog));
    }
    found.extend(combined(&left, &right, split.operator, catalog));
    found
}

/// The table that a side is about.
fn subject(draft: &Draft) -> Option<usize> {
    draft.main.or(draft.tables.first().copied())
}

/// A side that names only things is how many of them there are; one that names the dearest thing, its price.
fn number(draft: &mut Draft, other: Option<usize>) {
    let things = draft.picks.iter().all(|pick| pick.aggregate.is_none() && matches!(pick.noun, Noun::Table(_)));
    if let (true, [(end, descending)]) = (things, draft.orders.as_slice())
        && end.aggregate.is_none()
    {
        let aggregate = if *descending { Aggregate::Maximum } else { Aggregate::Minimum };
        draft.picks = vec![Pick::of(aggregate, end.noun.clone())];
        draft.main = draft.main.or(subject(draft)).or(other);
        (draft.orders, draft.limit) = (Vec::new(), None);
        return;
    }
    let Some(table) = subject(draft).or(other).filter(|_| things) else { return };
    draft.main = Some(table);
    draft.picks = vec![Pick::of(Aggregate::Count, Noun::Table(table))];
}

/// The tests of the right side that say nothing against the left one: "… above 4 to those below 4 in New York".
fn shared(left: &Draft, right: &Draft) -> Vec<Test> {
    let subject = |test: &Test| test.subject.clone();
    let answered = |test: &&Test| {
        left.tests.iter().any(|own| {
            subject(own) == subject(test) && std::mem::discriminant(&own.check) == std::mem::discriminant(&test.check)
        })
    };
    if left.tests.is_empty() || !right.tests.iter().any(|test| answered(&test)) {
        return Vec::new();
    }
    right.tests.iter().filter(|test| !answered(test)).cloned().collect()
}

fn combined(left: &Draft, right: &Draft, operator: Arithmetic, catalog: &Catalog) -> Option<Planned> {
    let (left, right) = (plan(left, catalog, None)?, plan(right, catalog, None)?);
    let single = |query: &Query| {
        query.select.len() == 1
            && query.group.is_empty()
            && query.set.is_none()
            && (query.is_aggregate() || query.limit == Some(1))
    };
    if !single(&left.query) || !single(&right.query) || left.query == right.query {
        return None;
    }
    let mut assumptions = left.assumptions;
    assumptions.extend(right.assumptions);
    let formula =
        Formula { left: Figure::Query(Box::new(left.query)), operator, right: Figure::Query(Box::new(right.query)) };
    let query = Query { select: vec![Item::term(Term::Formula(Box::new(formula)))], ..Query::default() };
    Some(Planned { query, fit: left.fit + right.fit - COMPUTED, assumptions, open: 0, listing: false })
}
