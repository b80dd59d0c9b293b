//! What the linear half of the ranker sees: each word that names a thing with the words around it and the part the
//! thing has in the query, and each clause with the small words of the question.
//!
//! A mark is the place of a weight. Marks are hashed, so that nothing has to be listed; only words of the language
//! and kinds of things go in, no name and no value of a database.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::engine::offline::ir::{Aggregate, Condition, Operand, Query, SetOperator, Term};
use crate::engine::offline::parse::cue::Cue;
use crate::engine::offline::parse::lattice::{Chunk, Cut, Kind};
use crate::grounding::words::{Token, TokenKind};
use crate::grounding::{Catalog, ColumnId};

use super::linear::Linear;
use super::roles::Roles;

/// How many weights there are, as a power of two.
pub const BITS: u32 = 18;

/// Marks of one candidate: those of its words, then those of its clauses.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    pub words: Vec<u32>,
    pub clauses: Vec<u32>,
}

/// A hash under way.
#[derive(Clone, Copy)]
struct Mark(u32);

impl Mark {
    /// Each kind of mark starts elsewhere.
    fn kind(kind: u32) -> Self {
        Self(0x811C_9DC5).and(kind)
    }

    fn and(self, value: u32) -> Self {
        Self((self.0.rotate_left(7) ^ value).wrapping_mul(0x9E37_79B1))
    }

    fn place(self) -> u32 {
        let mixed = (self.0 ^ (self.0 >> 15)).wrapping_mul(0x85EB_CA6B);
        (mixed ^ (mixed >> 13)) >> (u32::BITS - BITS)
    }
}

fn word(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) | 1 << 31
}

/// A thing named in a question, and what stands around it.
struct Thing {
    chunk: usize,
    kind: u32,
    /// The symbols before it, nearest first, and behind it.
    before: [u32; 3],
    after: [u32; 2],
    /// The cues that stood last before it, the last one first.
    cues: [u32; 2],
    /// The symbols between the thing before and this one.
    between: u32,
}

/// One way to cut a question, as marks see it; shared by its candidates.
pub struct Scene {
    things: Vec<Thing>,
    /// Small words, each once, and pairs of neighbours.
    said: Vec<u32>,
    pairs: Vec<u32>,
    /// The first two symbols.
    opening: u32,
    cues: Vec<u32>,
    /// How many things of each kind there are, by their numbers.
    counts: [u32; 7],
    /// What a clause weighs beside these words, by clause: candidates of one cut have most clauses in common.
    weighed: RefCell<HashMap<u32, i32>>,
}

const EDGE: u32 = 90;

impl Scene {
    #[must_use]
    pub fn new(cut: &Cut, tokens: &[Token]) -> Self {
        let mut symbols: Vec<u32> = tokens.iter().map(|token| word(&token.lemma)).collect();
        for chunk in &cut.chunks {
            if let Some(kind) = thing(&chunk.kind) {
                symbols[chunk.start..chunk.end].fill(0);
                symbols[chunk.end - 1] = kind;
            }
        }
        for (symbol, token) in symbols.iter_mut().zip(tokens) {
            if token.kind == TokenKind::Sign && !matches!(token.lower.as_str(), "," | "." | "?") {
                *symbol = 0;
            }
        }
        // A thing of several words is one symbol.
        let at = |place: usize| symbols.get(place).copied().unwrap_or(EDGE);
        let behind = |place: usize, back: usize| {
            symbols[..place].iter().rev().filter(|symbol| **symbol != 0).nth(back).copied().unwrap_or(EDGE)
        };
        let ahead = |place: usize, skip: usize| {
            symbols[place..].iter().filter(|symbol| **symbol != 0).nth(skip).copied().unwrap_or(EDGE)
        };
        let mut things: Vec<Thing> = Vec::new();
        let (mut cues, mut last, mut end) = (Vec::new(), [EDGE; 2], 0);
        for (place, chunk) in cut.chunks.iter().enumerate() {
            if let Kind::Cue(cue) = &chunk.kind {
                if let Some(symbol) = symbol(*cue) {
                    last = [symbol, last[0]];
                    cues.push(symbol);
                }
                continue;
            }
            let Some(kind) = thing(&chunk.kind) else { continue };
            let between = symbols[end..chunk.start]
                .iter()
                .filter(|symbol| **symbol != 0)
                .fold(Mark::kind(1), |mark, symbol| mark.and(*symbol));
            things.push(Thing {
                chunk: place,
                kind,
                before: [behind(chunk.start, 0), behind(chunk.start, 1), behind(chunk.start, 2)],
                after: [ahead(chunk.end, 0), ahead(chunk.end, 1)],
                cues: last,
                between: between.0,
            });
            end = chunk.end;
        }
        let plain: Vec<u32> = symbols.iter().copied().filter(|symbol| *symbol != 0).collect();
        let mut said: Vec<u32> = plain.iter().copied().filter(|symbol| symbol >> 31 == 1).collect();
        let mut pairs: Vec<u32> = plain.windows(2).map(|pair| Mark::kind(2).and(pair[0]).and(pair[1]).0).collect();
        for list in [&mut said, &mut pairs] {
            list.sort_unstable();
            list.dedup();
        }
        cues.sort_unstable();
        cues.dedup();
        let mut counts = [0; 7];
        for kind in cut.chunks.iter().filter_map(|chunk| thing(&chunk.kind)) {
            counts[kind as usize] += 1;
        }
        let opening = Mark::kind(3).and(at(0)).and(at(1)).0;
        Self { things, said, pairs, opening, cues, counts, weighed: RefCell::default() }
    }

    /// What the marks of the words and of the clauses of a query weigh, without listing them.
    #[must_use]
    pub fn weight(&self, cut: &Cut, query: &Query, catalog: &Catalog, linear: &Linear) -> (f32, f32) {
        let roles = Roles::of(query);
        let mut words = 0;
        of_words(self, cut, query, &roles, catalog, &mut |mark| words += linear.weight(mark));
        let clauses = clauses(query, &roles, catalog);
        let mut weighed = self.weighed.borrow_mut();
        let mut sum = 0;
        for (place, clause) in clauses.iter().enumerate() {
            sum += *weighed.entry(*clause).or_insert_with(|| {
                let mut weight = 0;
                self.around(*clause, &mut |mark| weight += linear.weight(mark));
                weight
            });
            for other in &clauses[place + 1..] {
                sum += linear.weight(beside(*clause, *other));
            }
        }
        (linear.scaled(words), linear.scaled(sum))
    }

    /// The marks of a clause with the small words of the question.
    fn around(&self, clause: u32, each: &mut impl FnMut(u32)) {
        let base = |kind: u32| of_clause(clause, kind);
        each(base(0).place());
        each(base(1).and(self.opening).place());
        self.said.iter().for_each(|said| each(base(2).and(*said).place()));
        self.cues.iter().for_each(|cue| each(base(3).and(*cue).place()));
        self.pairs.iter().for_each(|pair| each(base(4).and(*pair).place()));
        for (kind, count) in (0_u32..).zip(self.counts).skip(1) {
            each(base(5).and(kind).and(count.min(3)).place());
        }
    }
}

fn of_clause(clause: u32, kind: u32) -> Mark {
    Mark::kind(300 + kind).and(clause)
}

/// The mark of two clauses of one query.
fn beside(clause: u32, other: u32) -> u32 {
    of_clause(clause, 6).and(other).place()
}

fn thing(kind: &Kind) -> Option<u32> {
    Some(match kind {
        Kind::Table(_) => 1,
        Kind::Column(_) => 2,
        Kind::Value(_) => 3,
        Kind::Number(_) => 4,
        Kind::Date(_) => 5,
        Kind::Quoted(_) => 6,
        Kind::Cue(_) | Kind::Word(_) => return None,
    })
}

/// The cues that rule what follows them.
fn symbol(cue: Cue) -> Option<u32> {
    Some(match cue {
        Cue::Filler | Cue::Comma | Cue::Of | Cue::And => return None,
        Cue::Ask => 10,
        Cue::HowMany => 11,
        Cue::Aggregate(aggregate) => 12 + aggregate_number(aggregate),
        Cue::Distinct => 20,
        Cue::By => 21,
        Cue::Relative => 22,
        Cue::Their => 23,
        Cue::Or => 24,
        Cue::Both => 25,
        Cue::Stop => 26,
        Cue::Not => 27,
        Cue::Except => 28,
        Cue::Each => 29,
        Cue::OrderBy => 30,
        Cue::Ascending => 31,
        Cue::Descending => 32,
        Cue::Compare(operator) => 60 + operator as u32,
        Cue::Between => 34,
        Cue::Extreme(up) => 35 + u32::from(up),
        Cue::Adjective { superlative, up, .. } => 37 + u32::from(superlative) * 2 + u32::from(up),
        Cue::Top => 41,
        Cue::Common(up) => 42 + u32::from(up),
        Cue::Contains | Cue::Starts | Cue::Ends => 44,
        Cue::Null => 45,
        Cue::Everything => 46,
        Cue::OrMore(_) => 47,
        Cue::Grain(_) => 48,
        Cue::AboveAverage(_) => 49,
        Cue::Measure(_) => 50,
        Cue::Formula(_) => 51,
    })
}

fn aggregate_number(aggregate: Aggregate) -> u32 {
    match aggregate {
        Aggregate::Count => 1,
        Aggregate::Sum => 2,
        Aggregate::Average => 3,
        Aggregate::Minimum => 4,
        Aggregate::Maximum => 5,
    }
}

/// The marks of a query read from a scene.
#[must_use]
pub fn marks(scene: &Scene, cut: &Cut, query: &Query, catalog: &Catalog) -> Marks {
    let roles = Roles::of(query);
    let mut marks = Marks::default();
    of_words(scene, cut, query, &roles, catalog, &mut |mark| marks.words.push(mark));
    let clauses = clauses(query, &roles, catalog);
    for (place, clause) in clauses.iter().enumerate() {
        scene.around(*clause, &mut |mark| marks.clauses.push(mark));
        marks.clauses.extend(clauses[place + 1..].iter().map(|other| beside(*clause, *other)));
    }
    marks
}

/// What a chunk is taken for: the parts it has, which of its rivals was taken, and how well that fits.
fn taken(chunk: &Chunk, query: &Query, roles: &Roles) -> (u32, u32, f32, Option<ColumnId>) {
    let columns = |rivals: &mut dyn Iterator<Item = (ColumnId, f32)>| {
        let mut first = None;
        for (rank, (id, score)) in (0_u32..).zip(rivals) {
            first = first.or(Some((id, score)));
            let parts = roles.column(id);
            if parts != 0 {
                return (parts, rank.min(3), score, Some(id));
            }
        }
        first.map_or((0, 9, 0.0, None), |(id, score)| (0, 9, score, Some(id)))
    };
    match &chunk.kind {
        Kind::Column(rivals) => columns(&mut rivals.iter().copied()),
        Kind::Value(rivals) => columns(&mut rivals.iter().map(|(id, _, score)| (*id, *score))),
        Kind::Table(rivals) => {
            let found = (0_u32..).zip(&**rivals).find(|(_, (table, _))| roles.table(*table) != 0);
            found.map_or((0, 9, rivals[0].1, None), |(rank, (table, score))| {
                (roles.table(*table), rank.min(3), *score, None)
            })
        }
        Kind::Number(number) => {
            #[expect(clippy::cast_precision_loss, reason = "limits are small")]
            let limit = query.limit.is_some_and(|limit| (limit as f64 - number).abs() < 0.5);
            let part = if limit { 1 } else { number_part(query, *number) };
            (part, 0, 1.0, None)
        }
        _ => (u32::from(!query.filter.is_empty()), 0, 1.0, None),
    }
}

/// 2 in a filter, 4 in a condition on groups, 0 where the number is not used.
fn number_part(query: &Query, number: f64) -> u32 {
    fn holds(condition: &Condition, number: f64) -> bool {
        let same = |operand: &Operand| matches!(operand, Operand::Number(used) if (used - number).abs() < 1e-9);
        match condition {
            Condition::Compare { right: Operand::Query(query), .. } | Condition::Among { query, .. } => {
                number_part(query, number) != 0
            }
            Condition::Compare { right, .. } => same(right),
            Condition::Between { low, high, .. } => same(low) || same(high),
            Condition::In { values, .. } => values.iter().any(same),
            Condition::Like { .. } | Condition::Null { .. } | Condition::Peak { .. } => false,
            Condition::Any(parts) | Condition::All(parts) => parts.iter().any(|part| holds(part, number)),
        }
    }
    if query.having.iter().any(|condition| holds(condition, number)) {
        4
    } else if query.filter.iter().any(|condition| holds(condition, number)) {
        2
    } else {
        query.set.as_ref().map_or(0, |(_, other)| number_part(other, number))
    }
}

/// What kind of column it is.
fn class(id: ColumnId, catalog: &Catalog) -> u32 {
    let label = catalog.names().label(id.table).contains(&id);
    u32::from(catalog.is_key(id))
        + 2 * u32::from(catalog.joins().is_reference(id))
        + 4 * u32::from(catalog.is_numeric(id))
        + 8 * u32::from(catalog.is_temporal(id))
        + 16 * u32::from(label)
}

/// The marks of the words that name things.
fn of_words(scene: &Scene, cut: &Cut, query: &Query, roles: &Roles, catalog: &Catalog, each: &mut impl FnMut(u32)) {
    let mut before = (0, 0, None);
    for (order, thing) in (0_u32..).zip(&scene.things) {
        let (parts, rank, score, column) = taken(&cut.chunks[thing.chunk], query, roles);
        let class = column.map_or(99, |id| class(id, catalog));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores lie between 0 and 2")]
        let quality = (score.clamp(0.0, 2.0) * 8.0) as u32;
        let same_table =
            column.zip(before.2).map_or(2, |(one, other): (ColumnId, ColumnId)| u32::from(one.table == other.table));
        let base = |kind: u32| Mark::kind(100 + kind).and(thing.kind).and(parts);
        let all = [
            base(0),
            base(1).and(thing.before[0]),
            base(2).and(thing.before[0]).and(thing.before[1]),
            base(3).and(thing.before[0]).and(thing.before[1]).and(thing.before[2]),
            base(4).and(thing.after[0]),
            base(5).and(thing.after[0]).and(thing.after[1]),
            base(6).and(thing.before[0]).and(thing.after[0]),
            base(7).and(before.0).and(before.1),
            base(8).and(before.0).and(before.1).and(thing.between),
            base(9).and(class),
            base(10).and(class).and(thing.before[0]),
            base(11).and(order.min(3)).and(scene.opening),
            base(12).and(rank).and(quality),
            base(13).and(thing.cues[0]),
            base(14).and(thing.cues[0]).and(class),
            base(15).and(thing.cues[0]).and(thing.cues[1]),
            base(16).and(same_table).and(before.1),
            base(17).and(thing.cues[0]).and(thing.before[0]),
        ];
        for mark in all {
            each(mark.place());
        }
        before = (thing.kind, parts, column.or(before.2));
    }
    let named = |id: ColumnId| {
        cut.chunks.iter().any(|chunk| match &chunk.kind {
            Kind::Column(rivals) => rivals.iter().any(|(rival, _)| *rival == id),
            Kind::Value(rivals) => rivals.iter().any(|(rival, ..)| *rival == id),
            _ => false,
        })
    };
    let table_named = |table: usize| {
        cut.chunks
            .iter()
            .any(|chunk| matches!(&chunk.kind, Kind::Table(rivals) if rivals.iter().any(|(rival, _)| *rival == table)))
    };
    for (id, parts) in roles.columns().filter(|(id, _)| !named(*id)) {
        let base = |kind: u32| Mark::kind(130 + kind).and(parts).and(class(id, catalog));
        let table = u32::from(table_named(id.table));
        for mark in [base(0), base(1).and(scene.opening), base(2).and(table)] {
            each(mark.place());
        }
    }
    for (_, parts) in roles.tables().filter(|(table, _)| !table_named(*table)) {
        each(Mark::kind(140).and(parts).place());
    }
}

/// The clauses of a query, each as one number.
fn clauses(query: &Query, roles: &Roles, catalog: &Catalog) -> Vec<u32> {
    let number = |count: usize| u32::try_from(count.min(4)).unwrap_or(4);
    let start = |kind: u32| Mark::kind(200 + kind);
    let mut all = Vec::with_capacity(16);
    let signature = query.select.iter().fold(start(0), |mark, item| {
        let aggregate = item.aggregate.map_or(0, aggregate_number) + 8 * u32::from(item.distinct);
        let kind = match item.term {
            Term::Row => 1,
            Term::Every(_) => 2,
            Term::Column(_) => 3,
            Term::Formula(_) => 5,
            _ => 4,
        };
        mark.and(aggregate).and(kind)
    });
    all.push(signature.0);
    all.push(start(1).and(number(query.select.len())).0);
    all.push(start(2).and(u32::from(query.distinct)).0);
    let group = query.group.first().map_or(0, |term| match term {
        Term::Column(id) => 1 + class(*id, catalog),
        _ => 40,
    });
    all.push(start(3).and(number(query.group.len())).and(group).0);
    all.push(query.having.first().map_or(start(4), |having| condition(start(4).and(1), having)).0);
    let order = query.order.first().map_or(start(5), |order| {
        let aggregate = order.item.aggregate.map_or(0, aggregate_number);
        let temporal = order.item.term.columns().iter().any(|id| catalog.is_temporal(*id));
        let shown = query.select.contains(&order.item);
        start(5).and(1 + aggregate).and(u32::from(order.descending)).and(u32::from(temporal)).and(u32::from(shown))
    });
    all.push(order.0);
    let limit = query.limit.map_or(0, |limit| 1 + u32::from(limit > 1));
    all.push(start(6).and(limit).and(u32::from(query.offset > 0)).0);
    all.push(start(7).and(limit).and(u32::from(query.order.is_empty())).and(u32::from(query.group.is_empty())).0);
    let set = match &query.set {
        None => 0,
        Some((SetOperator::Union, _)) => 1,
        Some((SetOperator::Intersect, _)) => 2,
        Some((SetOperator::Except, _)) => 3,
    };
    all.push(start(8).and(set).0);
    all.push(start(9).and(number(query.filter.len())).0);
    all.extend(query.filter.iter().take(4).map(|filter| condition(start(10), filter).0));
    all.push(start(11).and(number(roles.tables().count())).0);
    let counts = query.select.iter().find(|item| item.aggregate == Some(Aggregate::Count));
    let counted = counts.map_or(0, |item| match item.term {
        Term::Row => 1,
        Term::Column(id) => 2 + class(id, catalog) * 2 + u32::from(item.distinct),
        _ => 200,
    });
    all.push(start(12).and(counted).0);
    all
}

/// What kind of condition it is.
fn condition(mark: Mark, condition: &Condition) -> Mark {
    match condition {
        Condition::Compare { left, operator, right } => {
            let right = match right {
                Operand::Number(_) => 1,
                Operand::Text(_) => 2,
                Operand::Flag(_) => 3,
                Operand::Day(_) => 4,
                Operand::Query(_) => 5,
                Operand::Term(_) => 6,
            };
            mark.and(1).and(left.aggregate.map_or(0, aggregate_number)).and(word(operator.as_str())).and(right)
        }
        Condition::Between { .. } => mark.and(2),
        Condition::Like { negated, .. } => mark.and(3).and(u32::from(*negated)),
        Condition::In { negated, .. } => mark.and(4).and(u32::from(*negated)),
        Condition::Among { negated, query, .. } => {
            let tested = query.filter.iter().any(|filter| !matches!(filter, Condition::Null { .. }));
            mark.and(5).and(u32::from(*negated)).and(u32::from(tested))
        }
        Condition::Null { negated, .. } => mark.and(6).and(u32::from(*negated)),
        Condition::Peak { high, .. } => mark.and(9).and(u32::from(*high)),
        Condition::Any(parts) => parts.first().map_or(mark, |first| self::condition(mark.and(7), first)),
        Condition::All(parts) => parts.first().map_or(mark, |first| self::condition(mark.and(8), first)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{BITS, Marks, Scene, marks};
    use crate::dialect::Dialect;
    use crate::engine::offline::ir::{Item, Query};
    use crate::engine::offline::parse::lattice;
    use crate::grounding::words::tokenize;
    use crate::grounding::{Catalog, ColumnId};
    use crate::schema::{Column, Schema, Table, TableKind, TypeClass};

    fn catalog(table: &str, columns: [&str; 2]) -> Catalog {
        let column = |name: &str, class| Column {
            name: name.into(),
            type_name: String::new(),
            class,
            nullable: true,
            default: None,
            generated: false,
            comment: None,
            enum_values: Vec::new(),
        };
        let mut schema = Schema::empty(Dialect::Sqlite, "main");
        schema.tables.push(Table {
            namespace: "main".into(),
            name: table.into(),
            kind: TableKind::Table,
            comment: None,
            columns: vec![column(columns[0], TypeClass::Text), column(columns[1], TypeClass::Integer)],
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: None,
            reads: Vec::new(),
            partial: false,
        });
        Catalog::from_parts(Arc::new(schema), Vec::new())
    }

    fn seen(question: &str, catalog: &Catalog, column: usize) -> Marks {
        let tokens = tokenize(question);
        let cuts = lattice::cuts(&tokens, catalog, chrono::DateTime::UNIX_EPOCH.naive_utc(), 1);
        let query = Query { select: vec![Item::column(ColumnId { table: 0, column })], ..Query::default() };
        marks(&Scene::new(&cuts[0], &tokens), &cuts[0], &query, catalog)
    }

    #[test]
    fn names_of_a_database_leave_no_mark() {
        let gardens = seen("Show the colour of each rose.", &catalog("rose", ["colour", "height"]), 0);
        let garages = seen("Show the brand of each car.", &catalog("car", ["brand", "weight"]), 0);
        assert_eq!((gardens.words, gardens.clauses), (garages.words, garages.clauses));
    }

    #[test]
    fn another_part_and_another_word_leave_other_marks() {
        let catalog = catalog("rose", ["colour", "height"]);
        let shown = seen("Show the colour of each rose.", &catalog, 0);
        let other = seen("Show the colour of each rose.", &catalog, 1);
        let listed = seen("Show the colour for each rose.", &catalog, 0);
        assert_ne!(shown.words, other.words);
        assert_ne!(shown.words, listed.words);
        assert!(shown.words.iter().chain(&shown.clauses).all(|mark| mark >> BITS == 0));
    }
}
