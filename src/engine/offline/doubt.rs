//! Words of a question that an answer leaves out although they may change it.
//!
//! "How many orders are pending?" where nothing is called or valued so must not be answered with the
//! number of all orders. A word may be left out when it says nothing about the rows ("overall"), when
//! it ends a name that was found ("snatch score"), or when it is the verb between two things that were
//! found ("students who *took* courses").

use crate::grounding::Catalog;
use crate::grounding::lexicon::is_overlooked;
use crate::grounding::words::Token;

use super::parse::cue::Cue;
use super::parse::lattice::{Chunk, Kind};

/// How far behind a verb its object may stand, in chunks.
const OBJECT: usize = 5;

/// Words of a reading that nothing explains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doubts {
    /// Said where conditions are said: left out, the answer would be to another question.
    pub grave: Vec<String>,
    /// Said elsewhere: may be left out where the rest is clear, if the answer says so.
    pub slight: Vec<String>,
}

/// The words of a reading that nothing explains and that cannot be left out silently.
#[must_use]
pub fn unanswered(chunks: &[Chunk], tokens: &[Token], catalog: &Catalog) -> Doubts {
    let mut doubts = Doubts::default();
    for (place, chunk) in chunks.iter().enumerate() {
        let Kind::Word(word) = &chunk.kind else { continue };
        if may_be_left_out(chunks, place, tokens, catalog) {
            continue;
        }
        let list = if is_condition(chunks, place, tokens) { &mut doubts.grave } else { &mut doubts.slight };
        list.push(word.clone());
    }
    doubts
}

/// Whether the word stands where a condition is said: "orders are *pending*", "*pending* orders", "customers from
/// *Atlantis*", "customers *churned* last month".
fn is_condition(chunks: &[Chunk], place: usize, tokens: &[Token]) -> bool {
    let start = chunks[place].start;
    let token = &tokens[start];
    let before = start.checked_sub(1).map_or("", |at| tokens[at].lower.as_str());
    let after = chunks.get(place + 1).map(|chunk| &chunk.kind);
    let ends = matches!(after, None | Some(Kind::Cue(Cue::Stop | Cue::And | Cue::Or | Cue::Comma) | Kind::Date(_)));
    let copula = matches!(before, "is" | "are" | "was" | "were" | "be" | "been" | "not" | "still" | "currently");
    let within = matches!(before, "from" | "in" | "at" | "with" | "without" | "for" | "about" | "by" | "our" | "my");
    let attribute = matches!(after, Some(Kind::Table(_) | Kind::Value(_))) && !is_verb(chunks, place, tokens);
    let name = token.is_capitalised() && start > 0;
    let grade =
        matches!(before, "the" | "our" | "my" | "is" | "") && matches!(token.lower.as_str(), "best" | "worst" | "top");
    name || attribute || grade || ends && (copula || within || is_inflected(token))
}

fn may_be_left_out(chunks: &[Chunk], place: usize, tokens: &[Token], catalog: &Catalog) -> bool {
    let token = &tokens[chunks[place].start];
    if is_overlooked(&token.lemma) || is_overlooked(&token.lower) || token.lower.ends_with("ly") {
        return true;
    }
    if token.is_capitalised() && chunks[place].start > 0 {
        return false;
    }
    let before = place.checked_sub(1).map(|before| &chunks[before].kind);
    let after = chunks.get(place + 1).map(|chunk| &chunk.kind);
    let tells_value = matches!(after, Some(Kind::Quoted(_)))
        || matches!(after, Some(Kind::Value(_))) && tokens[chunks[place + 1].start].is_capitalised();
    let ends_name = match before {
        // A unit: "60 minutes".
        Some(Kind::Column(_) | Kind::Number(_)) => true,
        // "settlement case", "Visa card"; behind a plural stands what the rows are: "orders overdue".
        Some(Kind::Table(_)) => !is_inflected(token) && is_base(&tokens[chunks[place].start - 1]),
        Some(Kind::Value(_)) => !is_inflected(token),
        _ => false,
    };
    if ends_name || tells_value && !token.is_capitalised() {
        return true;
    }
    names_rows(chunks, place, tokens, catalog)
        || has_named_column(chunks, place, tokens)
        || is_verb(chunks, place, tokens) && (has_object(chunks, place) || ends_clause(chunks, place, tokens))
}

fn is_base(token: &Token) -> bool {
    token.lower == token.lemma
}

/// Whether the word has the form of a state: "pending", "cancelled".
fn is_inflected(token: &Token) -> bool {
    token.lower.ends_with("ed") || token.lower.ends_with("ing")
}

/// "the last name of the musician who …": another word for the rows whose column is shown.
fn names_rows(chunks: &[Chunk], place: usize, tokens: &[Token], catalog: &Catalog) -> bool {
    let token = &tokens[chunks[place].start];
    let small = |chunk: &&Chunk| !matches!(chunk.kind, Kind::Cue(Cue::Filler));
    let mut before = chunks[..place].iter().rev().filter(small);
    let of = before.next().is_some_and(|chunk| {
        let word = tokens[chunk.end - 1].lower.as_str();
        matches!(chunk.kind, Kind::Cue(Cue::Of)) && matches!(word, "of" | "the")
    });
    let shown = before.next().is_some_and(|chunk| match &chunk.kind {
        Kind::Column(rivals) => rivals.first().is_some_and(|(column, _)| !catalog.is_numeric(*column)),
        _ => false,
    });
    let goes_on = matches!(
        chunks.get(place + 1).map(|chunk| &chunk.kind),
        Some(Kind::Cue(Cue::Relative | Cue::Stop | Cue::Of | Cue::Not | Cue::And | Cue::Each))
    );
    !token.is_capitalised() && !is_inflected(token) && of && shown && goes_on
}

/// "the musician with last name Heilo": the column that is tested says which rows are meant.
fn has_named_column(chunks: &[Chunk], place: usize, tokens: &[Token]) -> bool {
    let token = &tokens[chunks[place].start];
    let mut after = chunks[place + 1..].iter().filter(|chunk| !matches!(chunk.kind, Kind::Cue(Cue::Filler)));
    let relative = after.next().is_some_and(|chunk| matches!(chunk.kind, Kind::Cue(Cue::Relative)));
    let column = after.next().is_some_and(|chunk| matches!(chunk.kind, Kind::Column(_)));
    !token.is_capitalised() && !is_inflected(token) && relative && column
}

/// "which classes does the professor teach": a verb behind what does it, at the end.
fn ends_clause(chunks: &[Chunk], place: usize, tokens: &[Token]) -> bool {
    let things =
        chunks[..place].iter().filter(|chunk| matches!(chunk.kind, Kind::Table(_) | Kind::Value(_) | Kind::Quoted(_)));
    let asked = tokens[..chunks[place].start].iter().any(|token| matches!(token.lower.as_str(), "do" | "does" | "did"));
    let end = chunks.get(place + 1).is_none_or(|chunk| matches!(chunk.kind, Kind::Cue(Cue::Stop | Cue::And)));
    let named = place > 0
        && match &chunks[place - 1].kind {
            Kind::Quoted(_) => true,
            Kind::Value(_) => tokens[chunks[place - 1].start].is_capitalised(),
            _ => false,
        };
    let deed = tokens[chunks[place].start].lemma != tokens[chunks[place].start].lower;
    asked && end && things.count() > 1 || named && deed
}

/// Whether the word is what somebody does, not what something is.
fn is_verb(chunks: &[Chunk], place: usize, tokens: &[Token]) -> bool {
    let start = chunks[place].start;
    let token = &tokens[start];
    let before = start.checked_sub(1).map_or("", |at| tokens[at].lower.as_str());
    let doer = matches!(
        before,
        "who"
            | "that"
            | "which"
            | "have"
            | "has"
            | "had"
            | "do"
            | "does"
            | "did"
            | "not"
            | "never"
            | "can"
            | "to"
            | "and"
    ) || place > 0
        && matches!(chunks[place - 1].kind, Kind::Table(_) | Kind::Value(_) | Kind::Word(_) | Kind::Quoted(_));
    let copula = matches!(before, "is" | "are" | "was" | "were" | "be" | "been");
    let inflected = is_inflected(token) || !is_base(token);
    // "reviewed by", "registered for": a deed with its partner, where "are cancelled" is a state.
    let next = chunks.get(place + 1);
    let partner = next
        .is_some_and(|chunk| matches!(chunk.kind, Kind::Cue(Cue::Of | Cue::By)) || tokens[chunk.start].lower == "with");
    !token.is_capitalised() && (doer || partner && (inflected && place > 0 || copula))
}

/// Whether a thing of the database follows, with nothing but small words between.
fn has_object(chunks: &[Chunk], place: usize) -> bool {
    chunks[place + 1..]
        .iter()
        .take(OBJECT)
        .map_while(|chunk| match &chunk.kind {
            Kind::Cue(Cue::Stop | Cue::Ask) | Kind::Date(_) => None,
            kind => Some(kind),
        })
        .any(|kind| {
            matches!(kind, Kind::Table(_) | Kind::Column(_) | Kind::Value(_) | Kind::Quoted(_) | Kind::Number(_))
        })
}
