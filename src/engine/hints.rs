//! What the grounding knows of a question's words and a model could only guess: which of them are
//! stored values, and where; which days they mean.

use std::collections::HashSet;

use super::Ask;
use super::veil::Veil;
use crate::grounding::dates;
use crate::grounding::link::{Link, Target, links};
use crate::grounding::words::{Token, tokenize};
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
pub(super) fn values(ask: &Ask<'_>, tables: &[&Table], veil: &mut Veil) -> Vec<String> {
    let tokens = tokenize(ask.question);
    let mut links: Vec<Link> = links(&tokens, ask.catalog).into_iter().filter(|link| link.score >= TRUSTED).collect();
    let is_name = |link: &&Link| !matches!(link.target, Target::Value { .. }) && link.score >= ITS_NAME;
    let names: HashSet<(usize, usize)> = links.iter().filter(is_name).map(|link| (link.start, link.end)).collect();
    links.retain(|link| !names.contains(&(link.start, link.end)));
    links.sort_by(|left, right| right.score.total_cmp(&left.score).then(left.start.cmp(&right.start)));
    let schema = ask.catalog.schema();
    let mut seen = HashSet::new();
    let mut hints = Vec::new();
    for Link { start, end, target, .. } in &links {
        let Target::Value { column, text } = target else { continue };
        let table = ask.catalog.table(column.table);
        if !tables.iter().any(|shown| std::ptr::eq(*shown, table)) || !seen.insert((*column, text.clone())) {
            continue;
        }
        let said = said(&tokens[*start..*end]);
        let place = format!(
            "{}.{}",
            schema.dialect.written(&table.name),
            schema.dialect.written(&ask.catalog.column(*column).name)
        );
        hints.push(format!("\"{said}\" is the value '{}' of {place}", veil.cover(text)));
        if hints.len() == MOST {
            break;
        }
    }
    hints
}

/// One line for each period that the question names, as days.
pub(super) fn periods(ask: &Ask<'_>) -> Vec<String> {
    let tokens = tokenize(ask.question);
    let line = |span: &dates::DateSpan| {
        let said = said(&tokens[span.start..span.end]);
        format!("\"{said}\" means from {} up to but not including {}", span.period.from, span.period.to)
    };
    // A bare year needs no explanation, and may be a number.
    dates::find(&tokens, ask.now).iter().filter(|span| span.period.year.is_none()).map(line).collect()
}

fn said(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}
