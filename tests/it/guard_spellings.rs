//! A verdict does not hang on how a text is spelled: letter case, blanks, comments, quotes, the schema before a
//! name, and what stands around a query change nothing.

mod cut;

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{ApprovedSql, Rejection};

use super::enemy::Dice;
use super::law::{self, Example};
use cut::{Kind, cut};

/// What makes the choices; another seed makes other spellings.
const SEED: u64 = 20_261_122;

/// A way to write a text differently; `None` where it has nothing to change.
type Respelling = fn(&mut Dice, Dialect, &str) -> Option<String>;

/// Those after which the text means the same, so that the verdict stays whichever it was.
const SAME: &[(&str, Respelling)] = &[
    ("upper case", |_, dialect, text| words(dialect, text, |word| Some(word.to_uppercase()))),
    ("lower case", |_, dialect, text| words(dialect, text, |word| Some(word.to_lowercase()))),
    ("mixed case", |dice, dialect, text| {
        words(dialect, text, |word| {
            Some(
                word.chars()
                    .map(
                        |letter| {
                            if dice.chance(50) { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
                        },
                    )
                    .collect(),
            )
        })
    }),
    ("line breaks", |_, dialect, text| blanks(dialect, text, |_| "\n")),
    ("tabs", |_, dialect, text| blanks(dialect, text, |_| "\t \t")),
    ("carriage returns", |_, dialect, text| blanks(dialect, text, |_| "\r\n")),
    ("comments", |_, dialect, text| blanks(dialect, text, |_| "/* x */")),
    ("empty comments", |_, dialect, text| blanks(dialect, text, |_| " /**/ ")),
    ("comments with quotes", |_, dialect, text| blanks(dialect, text, |_| "/* it's \"; DROP -- */")),
    ("line comments", |_, dialect, text| blanks(dialect, text, |_| " -- it's /* x\n")),
    ("one comment somewhere", |dice, dialect, text| {
        let at = dice.below(8);
        let mut seen = 0;
        blanks(dialect, text, |old| {
            seen += 1;
            if seen == at + 1 { "/* \u{e4} */".to_owned() } else { old.to_owned() }
        })
    }),
    ("hash comments", |_, dialect, text| (dialect == Dialect::Mysql).then(|| blanks(dialect, text, |_| "# x'\n"))?),
    ("nested comments", |_, dialect, text| {
        matches!(dialect, Dialect::Postgres | Dialect::Mssql).then(|| blanks(dialect, text, |_| "/* /* x */ ' */"))?
    }),
    ("blanks at commas", |_, dialect, text| commas(dialect, text)),
    ("a semicolon", |_, _, text| Some(format!("{text}\n;"))),
    ("a semicolon and a comment", |_, _, text| Some(format!("{text}\n; -- the end"))),
    ("blanks around", |_, _, text| Some(format!("\n\t {text}\n\n"))),
    ("a comment before", |_, _, text| Some(format!("-- x\n/* y */{text}"))),
    ("quoted names", |_, dialect, text| quoted_names(dialect, text)),
    ("schema before tables", |_, dialect, text| with_schema(dialect, text)),
];

/// Those that put something around a query. What reads in them is judged like the query alone.
const AROUND: &[(&str, &str, &str)] = &[
    ("parentheses", "(", "\n)"),
    ("a derived table", "SELECT * FROM (", "\n) AS wrapped"),
    ("a common table expression", "WITH wrapped AS (", "\n) SELECT * FROM wrapped"),
    ("EXISTS", "SELECT 1 FROM (SELECT 1 AS id) AS one WHERE EXISTS (", "\n)"),
    ("IN", "SELECT 1 FROM (SELECT 1 AS id) AS one WHERE id IN (", "\n)"),
    ("a value", "SELECT (", "\n) AS wrapped"),
    ("an ordering", "SELECT id FROM (SELECT 1 AS id) AS one ORDER BY (", "\n)"),
    ("a condition of a join", "SELECT 1 FROM (SELECT 1 AS id) AS one JOIN (SELECT 2 AS id) AS two ON (", "\n) = 1"),
    ("an operand", "SELECT 1 + (", "\n)"),
    ("an argument", "SELECT coalesce((", "\n), 1)"),
    ("CASE", "SELECT CASE WHEN 1 = 1 THEN (", "\n) END"),
    ("UNION before", "SELECT 1 UNION ALL ", ""),
    ("UNION behind", "", "\nUNION ALL SELECT 1"),
    ("twice derived", "SELECT * FROM (SELECT * FROM (", "\n) AS inside) AS wrapped"),
];

fn words(dialect: Dialect, text: &str, mut change: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let changed: String = cut(dialect, text)
        .into_iter()
        .map(|(kind, piece)| match kind {
            // `0X1F` is no number everywhere that `0x1F` is one.
            Kind::Word if !piece.starts_with(|letter: char| letter.is_ascii_digit()) => {
                change(piece).unwrap_or_else(|| piece.to_owned())
            }
            Kind::Word | Kind::Blank | Kind::Comment | Kind::Quoted | Kind::Symbol => piece.to_owned(),
        })
        .collect();
    (changed != text).then_some(changed)
}

fn blanks<T: AsRef<str>>(dialect: Dialect, text: &str, mut blank: impl FnMut(&str) -> T) -> Option<String> {
    let pieces = cut(dialect, text);
    pieces.iter().any(|(kind, _)| *kind == Kind::Blank).then(|| {
        let mut before = Kind::Symbol;
        let changed = pieces.into_iter().map(|(kind, piece)| {
            // The line break behind a comment ends it.
            let changes = kind == Kind::Blank && before != Kind::Comment;
            before = kind;
            if changes { blank(piece).as_ref().to_owned() } else { piece.to_owned() }
        });
        changed.collect()
    })
}

fn commas(dialect: Dialect, text: &str) -> Option<String> {
    let changed: String =
        cut(dialect, text).into_iter().map(|(_, piece)| if piece == "," { " ,\n" } else { piece }).collect();
    (changed != text).then_some(changed)
}

/// Puts quotes around the words that are tables of the schema or columns, exactly as it spells them.
fn quoted_names(dialect: Dialect, text: &str) -> Option<String> {
    let schema = law::schema(dialect);
    let known = |word: &str| {
        schema.tables.iter().any(|table| table.name == word || table.columns.iter().any(|column| column.name == word))
    };
    let (open, close) = match dialect {
        Dialect::Mysql => ('`', '`'),
        Dialect::Mssql => ('[', ']'),
        Dialect::Postgres | Dialect::Sqlite => ('"', '"'),
    };
    let pieces = cut(dialect, text);
    let solid: Vec<&str> = pieces.iter().filter(|(kind, _)| !kind.is_between()).map(|(_, piece)| *piece).collect();
    let mut place = 0_usize;
    let changed: String = pieces
        .iter()
        .map(|(kind, piece)| {
            if kind.is_between() {
                return (*piece).to_owned();
            }
            place += 1;
            // A function is called, a type is cast to: neither is a name of the schema.
            let called = solid.get(place) == Some(&"(");
            let cast = place > 1 && solid.get(place - 2) == Some(&":");
            if *kind == Kind::Word && known(piece) && !called && !cast {
                format!("{open}{piece}{close}")
            } else {
                (*piece).to_owned()
            }
        })
        .collect();
    (changed != text).then_some(changed)
}

/// Names the default schema before each table behind FROM or JOIN, unless a WITH could mean something else by it.
fn with_schema(dialect: Dialect, text: &str) -> Option<String> {
    let schema = law::schema(dialect);
    let pieces = cut(dialect, text);
    if pieces.iter().any(|(_, piece)| piece.eq_ignore_ascii_case("with")) {
        return None;
    }
    let solid: Vec<&str> = pieces.iter().filter(|(kind, _)| !kind.is_between()).map(|(_, piece)| *piece).collect();
    let mut place = 0_usize;
    let changed: String = pieces
        .iter()
        .map(|(kind, piece)| {
            if kind.is_between() {
                return (*piece).to_owned();
            }
            place += 1;
            let before = place.checked_sub(2).and_then(|before| solid.get(before)).copied().unwrap_or_default();
            let behind = before.eq_ignore_ascii_case("from") || before.eq_ignore_ascii_case("join");
            let called = matches!(solid.get(place), Some(&("(" | ".")));
            if behind && !called && *kind == Kind::Word && schema.tables.iter().any(|table| table.name == *piece) {
                format!("{}.{piece}", schema.default_namespace)
            } else {
                (*piece).to_owned()
            }
        })
        .collect();
    (changed != text).then_some(changed)
}

/// Why a text may be judged otherwise once it is spelled so; `None` where it must not be.
fn excuse(dialect: Dialect, spelling: &str, example: &Example) -> Option<&'static str> {
    let pieces = cut(dialect, &example.sql);
    let words: Vec<String> =
        pieces.iter().filter(|(kind, _)| !kind.is_between()).map(|(_, piece)| piece.to_ascii_lowercase()).collect();
    let first = words.first().map_or("", String::as_str);
    let has = |word: &str| words.iter().any(|own| own == word);
    let around = AROUND.iter().any(|(name, ..)| *name == spelling);
    let in_expression =
        ["a value", "an ordering", "a condition of a join", "an operand", "an argument", "CASE"].contains(&spelling);
    match () {
        () if around && example.masks_columns() => Some("another result has other columns, masked by themselves"),
        () if spelling == "UNION before" && has("order") => {
            Some("the order is that of the union, which has other columns")
        }
        () if around && words.len() == 1 => Some("a word alone is a statement, and inside of an expression a column"),
        () if spelling.ends_with("case") && dialect != Dialect::Postgres && first == "with" => {
            Some("letter case decides whether a name is the table or the one of WITH, or leaves it open")
        }
        () if dialect == Dialect::Postgres
            && words.windows(2).any(|two| two.iter().all(|word| word.starts_with('\''))) =>
        {
            Some("a line break joins two texts of PostgreSQL, a blank does not")
        }
        () if example.refused.is_some() => None,
        () if around && dialect == Dialect::Mssql && has("option") => Some("query hints end the whole statement"),
        () if around && has(";") => Some("what ends a statement does not end a part of one"),
        () if spelling == "UNION before" && first == "with" => Some("no engine reads WITH there without parentheses"),
        () if spelling == "UNION behind" && ["order", "limit", "fetch", "for"].iter().any(|word| has(word)) => {
            Some("nothing follows the end of a query")
        }
        () if in_expression && first == "(" => Some("the parser takes a second parenthesis for an expression"),
        () if in_expression && first == "values" => Some("the parser takes VALUES in an expression for a function"),
        () => None,
    }
}

/// What is wrong with the verdict on `text`, which is the example spelled differently.
fn complaint(
    example: &Example,
    dialect: Dialect,
    plain: &Result<ApprovedSql, Rejection>,
    spelling: &str,
    text: &str,
) -> Option<String> {
    let said = match (plain, example.judge_text(dialect, text)) {
        (Err(_), Err(_)) => return None,
        (Ok(plain), Ok(approved)) => {
            let around = AROUND.iter().any(|(name, ..)| *name == spelling);
            // Without a schema a relation is called what the text calls it.
            let unresolved = spelling.ends_with("case") && example.place.starts_with("names.md");
            let relations = unresolved || approved.relations() == plain.relations();
            let masks = around || approved.masked() == plain.masked();
            let filtered = approved.parameters() == plain.parameters();
            if relations && masks && filtered {
                return None;
            }
            format!("reads {:?} and masks {:?}", approved.relations(), approved.masked())
        }
        (Err(rejection), Ok(_)) => format!("was refused by `{}`, is approved", rejection.rule),
        (Ok(_), Err(rejection)) => format!("was approved, is refused by `{}`: {}", rejection.rule, rejection.message),
    };
    if excuse(dialect, spelling, example).is_some() {
        return None;
    }
    Some(format!("{} {dialect}, {spelling}: {said}\n    {}", example.place, text.escape_debug()))
}

#[test]
fn verdicts_do_not_hang_on_spelling() {
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for example in law::examples() {
        for dialect in example.dialects.clone() {
            let mut dice = Dice::new(SEED);
            let plain = example.judge_text(dialect, &example.sql);
            let same =
                SAME.iter().filter_map(|(name, respell)| Some((*name, respell(&mut dice, dialect, &example.sql)?)));
            let query = example.sql.trim_end().trim_end_matches(';');
            let around = AROUND.iter().map(|(name, before, behind)| (*name, format!("{before}{query}{behind}")));
            for (spelling, text) in same.chain(around) {
                judged += 1;
                wrong.extend(complaint(&example, dialect, &plain, spelling, &text));
            }
        }
    }
    println!("{judged} spellings, seed {SEED}");
    let some: Vec<String> = wrong.iter().take(40).cloned().collect();
    assert!(wrong.is_empty(), "seed {SEED}, {} of {judged}:\n{}", wrong.len(), some.join("\n"));
    assert!(judged > 10_000, "only {judged} spellings were judged");
}
