//! What people say that is no question about data: greetings in more words, thanks, what they think of the answer,
//! who it is that answers, and requests for what no database holds.
//!
//! A question is taken for such only where all of its words are of this kind, or where it asks for something that is
//! never data and none of its words names a table, a column or a stored value. Everything else stays a question.

use crate::grounding::Catalog;
use crate::grounding::link::{Target, links};
use crate::grounding::words::{Token, TokenKind};

/// What is talked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Talk {
    Greeting,
    Thanks,
    Farewell,
    Praise,
    /// About the one who answers.
    Answerer,
    /// Something that no database of the user's answers.
    Elsewhere,
}

/// Words that make it talk of a kind; the first that stands in the question decides.
const MARKS: &[(Talk, &str)] = &[
    (Talk::Thanks, "thanks thank thx ty cheers appreciated grateful"),
    (Talk::Farewell, "bye goodbye cya ciao farewell"),
    (Talk::Answerer, "you your yourself u"),
    (Talk::Greeting, "hi hello hey heya hiya howdy greetings morning afternoon evening yo sup up going"),
    (
        Talk::Praise,
        "ok okay great cool nice awesome perfect excellent amazing wonderful brilliant lol haha wow good alright fine",
    ),
];

/// Words that may stand in small talk beside the marks.
const AROUND: &str = "a about actually all am an and are assistant at be bot bots built can could created day did do \
    does doing done everyone feeling for friend from glad going great happy have having he help helped helpful helps \
    here hope how human i in is it job just know later like live lot love made make makes many me meet mean more much \
    my name night no not of oh old one or please pleased pretty programmed quite re really robot s see so soon sure \
    talk talking team that the there they this to today true trying useful very want was well were what when where who \
    why will with work works world would years yes ai d ll ve m";

/// Things that are asked for and are never in a database; a run of words each.
const ELSEWHERE: &[&str] = &[
    "joke",
    "jokes",
    "poem",
    "poems",
    "story about",
    "tell me a story",
    "sing",
    "a song about",
    "lyrics",
    "weather",
    "translate",
    "recipe",
    "how do i cook",
    "how to cook",
    "capital of",
    "president of",
    "prime minister",
    "world cup",
    "super bowl",
    "meaning of life",
    "horoscope",
    "fun fact",
    "who invented",
    "python code",
    "write code",
    "write a program",
    "write an essay",
    "write an email",
    "write me a letter",
    "latest news",
    "stock market",
];

/// The clock and the calendar, in whole questions.
const CLOCK: &[&str] = &[
    "what time is it",
    "what time is it now",
    "what is the time",
    "what s the time",
    "what day is it",
    "what day is it today",
    "what day is today",
    "what date is it",
    "what date is it today",
    "what is the date",
    "what is the date today",
    "what is today s date",
    "what s the date today",
];

/// From this likeness on a word names a table where all words are small talk ("everyone" may be a customer), and
/// anything where something else is asked for.
const SURELY: f32 = 0.9;
const MAYBE: f32 = 0.6;

/// Of which kind the talk is, where the question is none.
pub(super) fn talk(tokens: &[Token], catalog: &Catalog) -> Option<Talk> {
    let words: Vec<&str> =
        tokens.iter().filter(|token| token.kind != TokenKind::Sign).map(|token| token.lower.as_str()).collect();
    let text = words.join(" ");
    if CLOCK.contains(&text.as_str()) || is_arithmetic(tokens) {
        return Some(Talk::Elsewhere);
    }
    let has = |list: &str, word: &str| list.split_whitespace().any(|known| known == word);
    let is_small = |word: &&str| has(AROUND, word) || MARKS.iter().any(|(_, marks)| has(marks, word));
    let mark = || MARKS.iter().find(|(_, marks)| words.iter().any(|word| has(marks, word))).map(|(talk, _)| *talk);
    let talk = if !words.is_empty() && words.iter().all(is_small) {
        mark()?
    } else if ELSEWHERE.iter().any(|thing| format!(" {text} ").contains(&format!(" {thing} "))) {
        Talk::Elsewhere
    } else {
        return None;
    };
    (!names_anything(tokens, catalog, talk == Talk::Elsewhere)).then_some(talk)
}

/// Whether a word names a table, or, where `anything` counts, a column or a stored value.
fn names_anything(tokens: &[Token], catalog: &Catalog, anything: bool) -> bool {
    links(tokens, catalog).iter().any(|link| match link.target {
        Target::Table(_) => link.score >= if anything { MAYBE } else { SURELY },
        Target::Column(_) | Target::Value { .. } => anything && link.score >= MAYBE,
    })
}

/// "2+2", "what is 3 * (4 - 1)?": numbers and signs of reckoning alone.
fn is_arithmetic(tokens: &[Token]) -> bool {
    let is_asking =
        |word: &str| matches!(word, "what" | "is" | "s" | "how" | "much" | "calculate" | "compute" | "equals");
    let mut numbers = 0;
    let mut signs = 0;
    for token in tokens {
        match token.kind {
            TokenKind::Number => numbers += 1,
            TokenKind::Sign if matches!(token.text.as_str(), "+" | "-" | "*" | "/" | "×" | "÷" | "^") => signs += 1,
            TokenKind::Sign => {}
            TokenKind::Word if is_asking(&token.lower) => {}
            TokenKind::Word | TokenKind::Quoted => return false,
        }
    }
    numbers >= 2 && (signs >= 1 || tokens.iter().any(|token| token.text.starts_with('-')))
}
