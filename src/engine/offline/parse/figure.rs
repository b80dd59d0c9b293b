//! Figures computed from two others: "the difference between the highest and the lowest price", "the ratio of open
//! orders to closed ones", "what percentage of customers live in Berlin".

use crate::engine::offline::ir::{Aggregate, Arithmetic};
use crate::grounding::words::Token;

use super::cue::Cue;
use super::draft::{Mention, Noun, Pick};
use super::lattice::{Chunk, Kind};
use super::reader::{Mode, Reader};

impl Reader<'_> {
    /// Takes a formula over columns of the same rows; whether there was one.
    pub(super) fn figures(&mut self, operator: Arithmetic, outside: usize, first: &Mention) -> bool {
        let pick =
            |aggregate, mention: &Mention| Pick { aggregate, distinct: false, noun: Noun::Column(mention.clone()) };
        let inside = self.aggregates.split_off(outside.min(self.aggregates.len()));
        let sides = if let [left, right] = inside.as_slice() {
            Some((pick(Some(*left), first), pick(Some(*right), first)))
        } else if let Some((aggregate, second, place)) = self.second_figure() {
            self.at = place;
            let left = inside.first().copied();
            Some((pick(left, first), pick(aggregate.or(left), &second)))
        } else if operator == Arithmetic::Minus && inside.is_empty() && self.is_range() {
            Some((pick(Some(Aggregate::Maximum), first), pick(Some(Aggregate::Minimum), first)))
        } else {
            None
        };
        let Some((left, right)) = sides else {
            self.aggregates.extend(inside);
            return false;
        };
        self.count = false;
        let aggregate = self.aggregates.pop();
        self.aggregates.clear();
        let formula = Pick { aggregate, distinct: false, noun: Noun::Formula(Box::new((left, operator, right))) };
        if let Some(extreme) = self.extreme.take() {
            self.draft.orders.push((formula, extreme.up));
            self.draft.limit.get_or_insert(1);
        } else if self.mode == Mode::Order {
            self.push_order(formula);
        } else {
            self.draft.picks.push(formula);
        }
        true
    }

    fn is_range(&self) -> bool {
        let start = self.chunks[self.at].start;
        (1..5).any(|back| start.checked_sub(back).is_some_and(|at| self.tokens[at].lower == "range"))
    }

    /// The column behind "and", with its own aggregate.
    fn second_figure(&self) -> Option<(Option<Aggregate>, Mention, usize)> {
        let mut aggregate = None;
        let mut joined = false;
        for place in self.at + 1..self.chunks.len() {
            match &self.chunks[place].kind {
                Kind::Cue(Cue::And) => joined = true,
                Kind::Cue(Cue::Of) if matches!(self.word_at(place), "to" | "from" | "of") => joined = true,
                Kind::Cue(Cue::Filler | Cue::Their) => {}
                Kind::Cue(Cue::Aggregate(own)) if joined => aggregate = Some(*own),
                Kind::Column(rivals) if joined => {
                    return Some((aggregate, Mention { rivals: rivals.clone(), owner: None }, place));
                }
                _ => return None,
            }
        }
        None
    }

    fn word_at(&self, place: usize) -> &str {
        &self.tokens[self.chunks[place].start].lower
    }
}

/// A question for what two figures give together, cut into the words of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    pub operator: Arithmetic,
    pub left: Vec<Chunk>,
    pub right: Vec<Chunk>,
    /// Of a share: what the whole is was not said, so it is what the part is without its conditions.
    pub whole: bool,
    /// "… out of all shops in Ulm": what is said of the whole holds of the part.
    pub part: bool,
}

/// Cuts a question for a ratio, a share or a difference of two figures, in each way that it may be meant.
#[must_use]
pub fn split(chunks: &[Chunk], tokens: &[Token]) -> Vec<Split> {
    let Some(at) = chunks.iter().position(|chunk| matches!(chunk.kind, Kind::Cue(Cue::Formula(_)))) else {
        return Vec::new();
    };
    let Kind::Cue(Cue::Formula(operator)) = chunks[at].kind else { return Vec::new() };
    let idle = |chunk: &Chunk| {
        matches!(chunk.kind, Kind::Cue(Cue::Ask | Cue::Filler | Cue::Of | Cue::Relative | Cue::Comma) | Kind::Word(_))
    };
    if !chunks[..at].iter().all(idle) {
        return Vec::new();
    }
    let rest = &chunks[at + 1..];
    let said = |chunk: &Chunk| tokens[chunk.start].lower.as_str();
    let share = matches!(operator, Arithmetic::Percent | Arithmetic::Share);
    if let Some(cut) = rest.iter().position(|chunk| said(chunk) == "out") {
        let (left, right) = (rest[..cut].to_vec(), rest[cut + 1..].to_vec());
        return vec![Split { operator, left, right, whole: false, part: true }];
    }
    let things = |part: &[Chunk]| {
        part.iter().any(|chunk| matches!(chunk.kind, Kind::Table(_) | Kind::Column(_) | Kind::Value(_)))
    };
    let joins = |chunk: &Chunk| match operator {
        Arithmetic::Over => matches!(said(chunk), "to" | "and" | "over" | "versus" | "compared"),
        Arithmetic::Plus | Arithmetic::Minus => matches!(said(chunk), "and" | "than" | "from" | "compared" | "to"),
        Arithmetic::Share | Arithmetic::Percent => false,
    };
    let cut = (1..rest.len()).find(|cut| joins(&rest[*cut]) && things(&rest[..*cut]) && things(&rest[cut + 1..]));
    if let Some(cut) = cut {
        let (left, right) = (rest[..cut].to_vec(), rest[cut + 1..].to_vec());
        return vec![Split { operator, left, right, whole: false, part: false }];
    }
    let Some(table) = rest.iter().position(|chunk| matches!(chunk.kind, Kind::Table(_))).filter(|_| share) else {
        return Vec::new();
    };
    // "customers with a debt are women": the first condition may tell the part from the whole, or belong to both.
    let tells = |place: &usize| {
        matches!(rest[*place].kind, Kind::Cue(Cue::Relative | Cue::Not))
            || matches!(said(&rest[*place]), "are" | "is" | "were" | "was")
    };
    let mut ends: Vec<usize> = (table..rest.len()).filter(tells).collect();
    if ends.len() > 2 {
        ends.drain(1..ends.len() - 1);
    }
    let whole =
        |right: &[Chunk], whole| Split { operator, left: rest.to_vec(), right: right.to_vec(), whole, part: false };
    if ends.is_empty() {
        return vec![whole(rest, true)];
    }
    ends.into_iter().map(|end| whole(&rest[..end], false)).collect()
}
