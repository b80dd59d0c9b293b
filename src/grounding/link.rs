//! Spans of a question that name tables, columns and stored values, with scores.

use std::collections::BTreeMap;

use super::lexicon;
use super::names::{Meeting, Thing, related_quality};
use super::words::{Token, TokenKind, are_near, stem, tokenize, value_key};
use super::{Catalog, ColumnId};

/// What a span may mean.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Table(usize),
    Column(ColumnId),
    /// A stored value, spelled as stored.
    Value {
        column: ColumnId,
        text: String,
    },
}

/// One meaning of the tokens `start..end`.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub start: usize,
    pub end: usize,
    pub target: Target,
    /// 1 for the very name, less for relatives and for parts of a name.
    pub score: f32,
}

/// A question in pieces, and what they may mean.
#[derive(Clone, Debug)]
pub struct Linked {
    pub tokens: Vec<Token>,
    /// Every meaning worth weighing, see [`links`].
    pub links: Vec<Link>,
}

impl Linked {
    /// The words of `question` in the light of `catalog`.
    #[must_use]
    pub fn new(question: &str, catalog: &Catalog) -> Self {
        let tokens = tokenize(question);
        Self { links: links(&tokens, catalog), tokens }
    }
}

/// Below this a link is noise.
const WEAKEST: f32 = 0.42;
/// Candidates kept for one span and kind.
const CANDIDATES: usize = 8;

/// Every meaning worth weighing, by place.
#[must_use]
pub fn links(tokens: &[Token], catalog: &Catalog) -> Vec<Link> {
    let mut links = names(tokens, catalog);
    let found = values(tokens, catalog, &named(&links));
    links.extend(found);
    links
}

/// How much of the question names each table or its columns.
fn named(links: &[Link]) -> BTreeMap<usize, f32> {
    let mut named: BTreeMap<usize, f32> = BTreeMap::new();
    for link in links {
        let (table, part) = match link.target {
            Target::Table(table) => (table, 1.0),
            Target::Column(column) | Target::Value { column, .. } => (column.table, 0.5),
        };
        #[expect(clippy::cast_precision_loss, reason = "questions are short")]
        let weight = part * link.score * (link.end - link.start) as f32;
        let best = named.entry(table).or_default();
        *best = best.max(weight);
    }
    named
}

/// Where a name's words are met by a run of tokens.
#[derive(Clone)]
struct Partial {
    met: Vec<(usize, f32)>,
}

fn names(tokens: &[Token], catalog: &Catalog) -> Vec<Link> {
    let meetings: Vec<BTreeMap<Thing, Vec<(usize, f32)>>> = tokens.iter().map(|token| meet(token, catalog)).collect();
    let mut links = Vec::new();
    for start in 0..tokens.len() {
        let mut open: BTreeMap<Thing, Partial> =
            meetings[start].iter().map(|(thing, met)| (*thing, Partial { met: best(met, &[]) })).collect();
        let mut end = start + 1;
        while !open.is_empty() && end <= tokens.len() && end - start <= 7 {
            push_names(start, end, &open, catalog, &mut links);
            push_phrases(start, end, tokens, catalog, &mut links);
            // Filler inside a name ("date of birth") is stepped over.
            while end < tokens.len() && matches!(tokens[end].lower.as_str(), "of" | "the" | "-" | "/") && end > start {
                end += 1;
            }
            let Some(next) = meetings.get(end) else { break };
            open = open
                .into_iter()
                .filter_map(|(thing, partial)| {
                    let met = next.get(&thing)?;
                    let taken: Vec<usize> = partial.met.iter().map(|(word, _)| *word).collect();
                    let more = best(met, &taken);
                    if more.is_empty() {
                        return None;
                    }
                    let mut met = partial.met;
                    met.extend(more);
                    Some((thing, Partial { met }))
                })
                .collect();
            end += 1;
        }
        if open.is_empty() || end > start + 1 {
            for end in start + 1..=(start + 4).min(tokens.len()) {
                push_phrases(start, end, tokens, catalog, &mut links);
            }
        }
    }
    links.sort_by(|left, right| {
        (left.start, left.end).cmp(&(right.start, right.end)).then(right.score.total_cmp(&left.score))
    });
    links.dedup_by(|right, left| left.start == right.start && left.end == right.end && left.target == right.target);
    keep_best(links)
}

fn keep_best(links: Vec<Link>) -> Vec<Link> {
    let mut kept: Vec<Link> = Vec::with_capacity(links.len());
    let mut count: BTreeMap<(usize, usize, bool), usize> = BTreeMap::new();
    for link in links {
        let seen = count.entry((link.start, link.end, matches!(link.target, Target::Table(_)))).or_default();
        if *seen < CANDIDATES {
            *seen += 1;
            kept.push(link);
        }
    }
    kept
}

/// The best word of a name that is still free for this token.
fn best(met: &[(usize, f32)], taken: &[usize]) -> Vec<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (word, quality) in met.iter().filter(|(word, _)| !taken.contains(word)) {
        if best.is_none_or(|(_, known)| *quality > known) {
            best = Some((*word, *quality));
        }
    }
    best.into_iter().collect()
}

fn meet(token: &Token, catalog: &Catalog) -> BTreeMap<Thing, Vec<(usize, f32)>> {
    let mut met: BTreeMap<Thing, Vec<(usize, f32)>> = BTreeMap::new();
    if matches!(token.kind, TokenKind::Sign | TokenKind::Quoted) {
        return met;
    }
    let known = catalog.names();
    let mut add = |meetings: &[Meeting], factor: f32| {
        let mut any = false;
        for meeting in meetings {
            any = true;
            met.entry(meeting.thing).or_default().push((meeting.word, meeting.quality * factor));
        }
        any
    };
    if matches!(
        token.lemma.as_str(),
        "be" | "do" | "have" | "the" | "a" | "an" | "of" | "in" | "by" | "for" | "to" | "and" | "or"
    ) {
        return met;
    }
    let mut any = add(known.meetings(&token.lemma), 1.0);
    if token.lower != token.lemma {
        any |= add(known.meetings(&token.lower), 1.0);
    }
    // Who teaches is called otherwise than what is taught: "teachers" may be the instructors.
    let (kin, others): (Vec<Meeting>, Vec<Meeting>) = known
        .meetings(&format!("~{}", stem(&token.lemma)))
        .iter()
        .partition(|meeting| is_doer(&known.of(meeting.thing).words[meeting.word]) == is_doer(&token.lemma));
    any |= add(&kin, 1.0);
    any |= add(&others, 0.8);
    for (tail, ending) in [("ed", ""), ("ed", "e"), ("ed", "ing"), ("ing", ""), ("ing", "e")] {
        if let Some(head) = token.lower.strip_suffix(tail).filter(|head| head.len() >= 3) {
            any |= add(known.meetings(&format!("{head}{ending}")), 0.86);
        }
    }
    if let Some(long) = lexicon::abbreviation(&token.lower).filter(|long| !long.contains(' ')) {
        any |= add(known.meetings(long), 0.9);
    }
    any |= !known.phrase(&token.lemma).is_empty();
    if !any && token.kind == TokenKind::Word && !lexicon::is_stop(&token.lemma) {
        any = add(known.related(&token.lemma), 1.0);
        for (other, near) in lexicon::relatives(&token.lemma) {
            any |= add(known.meetings(&other), related_quality(near));
        }
    }
    if !any && token.kind == TokenKind::Word && token.lower.len() >= 5 && !lexicon::is_stop(&token.lemma) {
        let room = if token.lower.len() >= 8 { 2 } else { 1 };
        let near: Vec<String> = known
            .vocabulary()
            .filter(|word| word.len() >= 4 && word.len().abs_diff(token.lemma.len()) <= room)
            .filter(|word| are_near(word, &token.lemma, room))
            .map(str::to_owned)
            .collect();
        for word in near {
            add(known.meetings(&word), 0.75);
        }
    }
    met
}

/// Whether a word has the form of one who does something.
fn is_doer(word: &str) -> bool {
    ["er", "or", "ist", "ian"].iter().any(|tail| word.ends_with(tail))
}

fn push_names(start: usize, end: usize, open: &BTreeMap<Thing, Partial>, catalog: &Catalog, links: &mut Vec<Link>) {
    for (thing, partial) in open {
        let name = catalog.names().of(*thing);
        #[expect(clippy::cast_precision_loss, reason = "names have a few words")]
        let quality = partial.met.iter().map(|(_, quality)| quality).sum::<f32>() / partial.met.len() as f32;
        // Words the table says already weigh little, met or not.
        let weight = |word: usize| if name.implied[word] { 0.15 } else { 1.0 };
        let whole: f32 = (0..name.words.len()).map(weight).sum();
        let covered: f32 = partial.met.iter().map(|(word, _)| weight(*word)).sum();
        let own = partial.met.iter().any(|(word, _)| !name.implied[*word]);
        let last = name.words.len() - 1;
        let key_unsaid = name.words.len() > 1
            && matches!(name.words[last].as_str(), "id" | "code")
            && !partial.met.iter().any(|(word, _)| *word == last);
        let share = covered / whole * if key_unsaid { 0.8 } else { 1.0 };
        let score = quality * (0.35 + 0.65 * share) * if own { 1.0 } else { 0.6 };
        if score >= WEAKEST {
            links.push(Link { start, end, target: target(*thing), score });
        }
    }
}

fn push_phrases(start: usize, end: usize, tokens: &[Token], catalog: &Catalog, links: &mut Vec<Link>) {
    let words: Vec<&str> = tokens[start..end].iter().map(|token| token.lemma.as_str()).collect();
    let phrase = words.join(" ");
    let known = catalog.names().phrase(&phrase);
    let known = if known.is_empty() { catalog.names().related_phrase(&phrase) } else { known };
    for (thing, score) in known {
        links.push(Link { start, end, target: target(*thing), score: *score });
    }
}

fn target(thing: Thing) -> Target {
    match thing {
        Thing::Table(table) => Target::Table(table),
        Thing::Column(column) => Target::Column(column),
    }
}

fn values(tokens: &[Token], catalog: &Catalog, named: &BTreeMap<usize, f32>) -> Vec<Link> {
    let index = catalog.values();
    let mut links = Vec::new();
    let pieces: Vec<String> = tokens.iter().map(|token| value_key(&token.text)).collect();
    for start in 0..tokens.len() {
        if tokens[start].kind == TokenKind::Sign {
            continue;
        }
        let mut key = String::new();
        for end in start + 1..=(start + index.longest().max(1)).min(tokens.len()) {
            let token = &tokens[end - 1];
            let piece = &pieces[end - 1];
            if !piece.is_empty() {
                if !key.is_empty() {
                    key.push(' ');
                }
                key.push_str(piece);
            }
            if token.kind == TokenKind::Sign && end == start + 1 {
                break;
            }
            if tokens[end - 1].kind == TokenKind::Sign {
                continue;
            }
            let Some(score) = value_score(&tokens[start..end]) else { continue };
            push_values((start, end), &key, score, catalog, named, &mut links);
            if end == start + 1 && token.kind == TokenKind::Word {
                if token.lemma != token.lower {
                    push_values((start, end), &token.lemma, score - 0.15, catalog, named, &mut links);
                }
                for alias in lexicon::value_aliases(&token.lemma) {
                    push_values((start, end), alias, 0.8, catalog, named, &mut links);
                }
            }
        }
    }
    links
}

fn push_values(
    (start, end): (usize, usize),
    key: &str,
    score: f32,
    catalog: &Catalog,
    named: &BTreeMap<usize, f32>,
    links: &mut Vec<Link>,
) {
    let mut found: Vec<Link> = catalog
        .values()
        .find(key)
        .map(|stored| Link {
            start,
            end,
            target: Target::Value { column: stored.column, text: stored.text.to_owned() },
            score: score
                - if catalog.joins().is_reference(stored.column) { 0.04 } else { 0.0 }
                - if catalog.names().is_shadowed(stored.column.table) { 0.04 } else { 0.0 },
        })
        .collect();
    if found.len() > CANDIDATES * 3 {
        // What every table has is meant of those that the question names.
        let weight = |link: &Link| match link.target {
            Target::Value { column, .. } => named.get(&column.table).copied().unwrap_or_default(),
            Target::Table(_) | Target::Column(_) => 0.0,
        };
        found.sort_by(|left, right| weight(right).total_cmp(&weight(left)));
        found.truncate(CANDIDATES * 3);
    }
    links.extend(found);
}

/// How much a run of tokens looks like a quotation of a value.
fn value_score(tokens: &[Token]) -> Option<f32> {
    if let [only] = tokens {
        return match only.kind {
            TokenKind::Quoted => Some(1.25),
            TokenKind::Number => Some(0.35),
            TokenKind::Sign => None,
            TokenKind::Word if only.text == "May" => Some(0.98),
            TokenKind::Word if lexicon::is_stop(&only.lemma) => only.is_capitalised().then_some(0.45),
            TokenKind::Word if only.is_capitalised() => Some(1.0),
            TokenKind::Word if only.lower.chars().count() < 2 => Some(0.3),
            TokenKind::Word => Some(0.66),
        };
    }
    let words = tokens.iter().filter(|token| token.kind == TokenKind::Word);
    let content = words.clone().filter(|token| !lexicon::is_stop(&token.lemma)).count();
    let capital = words.filter(|token| token.is_capitalised()).count();
    if content == 0 && capital < 2 {
        return (capital > 0).then_some(0.5);
    }
    Some(if capital > 0 { 1.05 } else { 0.9 })
}
