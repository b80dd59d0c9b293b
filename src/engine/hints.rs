//! What the grounding knows of a question's words and a model could only guess: which of them are
//! stored values, and where; which days they mean.

use std::collections::HashSet;

use super::veil::Veil;
use super::{Ask, Failure, Proposal};
use crate::grounding::lexicon::is_stop;
use crate::grounding::link::{Link, Target};
use crate::grounding::words::Token;
use crate::grounding::{Catalog, dates};
use crate::schema::Table;

/// Hints given at most; a question seldom names more values.
const MOST: usize = 8;
/// Below this score a link is a guess that would mislead: a plain word that is just what is stored
/// scores 0.66, its other forms and bare numbers less.
const TRUSTED: f32 = 0.6;
/// A word that is a table's or a column's very name means that first.
const ITS_NAME: f32 = 0.9;

/// One line for each stored value that the question means in one of `tables`. A value that the
/// question does not spell out itself stands behind `veil`.
pub(super) fn values(ask: &Ask<'_>, tables: &[usize], veil: &mut Veil) -> Vec<String> {
    let linked = ask.linked();
    let mut links: Vec<&Link> = linked.links.iter().filter(|link| link.score >= TRUSTED).collect();
    let is_name = |link: &&&Link| !matches!(link.target, Target::Value { .. }) && link.score >= ITS_NAME;
    let names: HashSet<(usize, usize)> = links.iter().filter(is_name).map(|link| (link.start, link.end)).collect();
    links.retain(|link| !names.contains(&(link.start, link.end)));
    links.sort_by(|left, right| right.score.total_cmp(&left.score).then(left.start.cmp(&right.start)));
    let schema = ask.catalog.schema();
    let mut seen = HashSet::new();
    let mut hints = Vec::new();
    for Link { start, end, target, .. } in links {
        let Target::Value { column, text } = target else { continue };
        let table = ask.catalog.table(column.table);
        if !tables.contains(&column.table) || !seen.insert((*column, text.clone())) {
            continue;
        }
        let said = said(&linked.tokens[*start..*end]);
        let place = format!(
            "{}.{}",
            schema.dialect.written(&table.name),
            schema.dialect.written(&ask.catalog.column(*column).name)
        );
        hints.push(format!("\"{said}\": {place} = '{}'", veil.cover(text)));
        if hints.len() == MOST {
            break;
        }
    }
    hints
}

/// One line for each period that the question names, as days.
pub(super) fn periods(ask: &Ask<'_>) -> Vec<String> {
    let linked = ask.linked();
    let line = |span: &dates::DateSpan| {
        let said = said(&linked.tokens[span.start..span.end]);
        format!("\"{said}\" means from {} up to but not including {}", span.period.from, span.period.to)
    };
    // A bare year needs no explanation, and may be a number.
    dates::find(&linked.tokens, ask.now).iter().filter(|span| span.period.year.is_none()).map(line).collect()
}

/// The statement of the offline engine, marked as what it is.
pub(super) fn draft(draft: &Proposal, veil: &mut Veil) -> String {
    format!("Draft, {:.0}% sure: {}", draft.confidence * 100.0, veil.hide(&draft.sql))
}

/// Words by which a question speaks of the day it is asked on, beside the periods that are spelled out for it.
const TODAY: &str = " today now ago recent recently overdue upcoming yesterday tomorrow ";

/// Whether it may matter which day it is. A question in another language than English may always mean it.
pub(super) fn is_about_today(ask: &Ask<'_>) -> bool {
    let linked = ask.linked();
    let tokens = &linked.tokens;
    let said = |token: &Token| TODAY.contains(&format!(" {} ", token.lower));
    !periods(ask).is_empty() || tokens.iter().any(said) || !tokens.iter().any(|token| is_stop(&token.lemma))
}

/// Which tables have the column that `failure` complains of: small models guess again otherwise.
pub(super) fn owners(failure: &Failure, catalog: &Catalog) -> Vec<String> {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words: Vec<String> =
        failure.reason.split(|letter| !inside(letter)).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    // `no such column: t.name`, `column t.name does not exist`, `Unknown column 't.name'`.
    let Some(place) = words.iter().position(|word| word == "column") else { return Vec::new() };
    let schema = catalog.schema();
    let owners = |word: &String| {
        let has = |table: &&Table| table.columns.iter().any(|column| column.name.to_lowercase() == *word);
        let tables: Vec<String> =
            schema.tables.iter().filter(has).map(|table| schema.relation(&table.namespace, &table.name)).collect();
        (!tables.is_empty()).then(|| format!("{word} is a column of {}", tables.join(", ")))
    };
    words[place + 1..].iter().take(2).filter_map(owners).collect()
}

fn said(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}
