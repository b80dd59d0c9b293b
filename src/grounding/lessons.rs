//! What people teach: questions with the statements that answer them, and remarks on what the data means. Both
//! are found again by the words they share with a question.
//!
//! A word weighs the more the fewer lessons have it, and the weights of a text are divided by its length (inverse
//! document frequency and the cosine of Salton, Wong and Yang, "A vector space model for automatic indexing", 1975;
//! the logarithm of one more than the ratio, since few lessons are the rule and each of them may have a word).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::lexicon::is_stop;
use super::words::{Token, tokenize};

/// A question and the statement that answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub question: String,
    pub sql: String,
}

/// What was found for a question, each list the most alike first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lessons {
    pub examples: Vec<Arc<Example>>,
    pub notes: Vec<Arc<str>>,
    /// The statement of an example that asks the same in the same words.
    pub same: Option<Arc<Example>>,
}

impl Lessons {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty() && self.notes.is_empty() && self.same.is_none()
    }
}

/// Everything that was taught. Cheap to ask while nothing was.
#[derive(Debug, Default)]
pub struct Lectures(RwLock<Taught>);

#[derive(Debug, Default)]
struct Taught {
    examples: Vec<(Words, Arc<Example>)>,
    notes: Vec<(Words, Arc<str>)>,
    /// How many lessons have each word.
    known: HashMap<String, usize>,
    /// Counts changes, so that what was remembered under other lessons is told apart.
    edition: u64,
}

/// The telling words of a text.
#[derive(Debug)]
struct Words {
    all: HashSet<String>,
    /// Every word in order, by which two texts are the same question.
    said: Vec<String>,
}

/// Below this share of common words two texts have nothing to do with each other.
const ALIKE: f64 = 0.15;

impl Lectures {
    /// Adds an example; one for the same question takes the place of the earlier.
    pub fn add_example(&self, example: Example) {
        let words = Words::of(&example.question);
        let mut taught = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = taught.examples.iter().position(|(other, _)| other.said == words.said);
        if let Some((old, _)) = before.map(|at| taught.examples.remove(at)) {
            taught.forget(&old);
        }
        taught.learn(&words);
        taught.examples.push((words, Arc::new(example)));
    }

    /// Adds a remark; the same text again changes nothing.
    pub fn add_note(&self, note: &str) {
        let mut taught = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if taught.notes.iter().any(|(_, other)| **other == *note) {
            return;
        }
        let words = Words::of(note);
        taught.learn(&words);
        taught.notes.push((words, note.into()));
    }

    /// Whether nothing was taught.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let taught = self.0.read().unwrap_or_else(PoisonError::into_inner);
        taught.examples.is_empty() && taught.notes.is_empty()
    }

    /// Forgets every lesson.
    pub fn clear(&self) {
        let mut taught = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *taught = Taught { edition: taught.edition + 1, ..Taught::default() };
    }

    /// Every example, in the order they were added.
    #[must_use]
    pub fn examples(&self) -> Vec<Arc<Example>> {
        let taught = self.0.read().unwrap_or_else(PoisonError::into_inner);
        taught.examples.iter().map(|(_, example)| Arc::clone(example)).collect()
    }

    /// How often lessons were changed.
    #[must_use]
    pub fn edition(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).edition
    }

    /// The lessons most like `question`, at most that many of each kind that `may` be used.
    #[must_use]
    pub fn about(&self, question: &str, most: usize, mut may: impl FnMut(&Example) -> bool) -> Lessons {
        let taught = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if taught.examples.is_empty() && taught.notes.is_empty() {
            return Lessons::default();
        }
        let words = Words::of(question);
        let same = taught.examples.iter().find(|(other, _)| other.said == words.said);
        let own = taught.weight(words.all.iter());
        let cosine = |common: f64, other: &Words| common / (own * taught.weight(other.all.iter())).sqrt();
        let examples = taught.nearest(&words, &taught.examples, cosine);
        // However long a remark is, it matters when it has the question's words.
        let notes = taught.nearest(&words, &taught.notes, |common, _| common / own);
        Lessons {
            same: same.map(|(_, example)| Arc::clone(example)).filter(|example| may(example)),
            examples: examples.filter(|example| may(example)).take(most).cloned().collect(),
            notes: notes.take(most).cloned().collect(),
        }
    }
}

impl Taught {
    fn learn(&mut self, words: &Words) {
        self.edition += 1;
        for word in &words.all {
            *self.known.entry(word.clone()).or_default() += 1;
        }
    }

    fn forget(&mut self, words: &Words) {
        for word in &words.all {
            if let Some(count) = self.known.get_mut(word) {
                *count = count.saturating_sub(1);
            }
        }
    }

    fn nearest<'t, T>(
        &self,
        words: &Words,
        lessons: &'t [(Words, T)],
        likeness: impl Fn(f64, &Words) -> f64,
    ) -> std::vec::IntoIter<&'t T> {
        let mut found: Vec<(f64, &T)> = lessons
            .iter()
            .map(|(other, lesson)| {
                let common = self.weight(words.all.intersection(&other.all));
                (likeness(common, other), lesson)
            })
            .filter(|(alike, _)| *alike >= ALIKE)
            .collect();
        // Among equals the later lesson, which was taught in the light of the others.
        found.reverse();
        found.sort_by(|left, right| right.0.total_cmp(&left.0));
        found.into_iter().map(|(_, lesson)| lesson).collect::<Vec<_>>().into_iter()
    }

    fn weight<'w>(&self, words: impl Iterator<Item = &'w String>) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "nobody teaches 2^52 lessons")]
        let lessons = (self.examples.len() + self.notes.len()) as f64;
        #[expect(clippy::cast_precision_loss, reason = "nobody teaches 2^52 lessons")]
        let rarity =
            |word: &String| ((lessons + 1.0) / (self.known.get(word).copied().unwrap_or(0) as f64 + 0.5)).ln_1p();
        words.map(|word| rarity(word).powi(2)).sum()
    }
}

impl Words {
    fn of(text: &str) -> Self {
        let is_word = |token: &Token| token.lower.chars().any(char::is_alphanumeric);
        let tokens: Vec<Token> = tokenize(text).into_iter().filter(is_word).collect();
        let telling = tokens.iter().filter(|token| !is_stop(&token.lemma));
        Self {
            all: telling.map(|token| token.lemma.clone()).collect(),
            said: tokens.into_iter().map(|token| token.lower).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Example, Lectures};

    fn taught() -> Lectures {
        let lectures = Lectures::default();
        for (question, sql) in [
            ("How many active users are there?", "SELECT 1"),
            ("What is our churn rate by month?", "SELECT 2"),
            ("Which users have churned?", "SELECT 3"),
        ] {
            lectures.add_example(Example { question: question.to_owned(), sql: sql.to_owned() });
        }
        lectures.add_note("A user is active when there was an order in the last 30 days.");
        lectures
    }

    #[test]
    fn the_most_alike_come_first() {
        let lectures = taught();
        let found = lectures.about("show the monthly churn rate", 2, |_| true);
        assert_eq!(found.examples[0].sql, "SELECT 2");
        assert!(found.same.is_none() && found.notes.is_empty());
        let found = lectures.about("list active users", 2, |_| true);
        assert_eq!(found.examples[0].sql, "SELECT 1");
        assert_eq!(found.notes.len(), 1);
        assert!(lectures.about("weather in Paris", 2, |_| true).is_empty());
    }

    #[test]
    fn the_same_question_is_known_and_replaced() {
        let lectures = taught();
        let same = |question| lectures.about(question, 1, |_| true).same.map(|example| example.sql.clone());
        assert_eq!(same("how many ACTIVE users are there").as_deref(), Some("SELECT 1"));
        // What differs in a number or in a little word is another question.
        assert_eq!(same("How many users are there?"), None);
        let edition = lectures.edition();
        lectures.add_example(Example { question: "How many active users are there".into(), sql: "SELECT 4".into() });
        assert_eq!(same("how many active users are there?").as_deref(), Some("SELECT 4"));
        assert_eq!(lectures.examples().len(), 3);
        assert!(lectures.edition() > edition);
        lectures.clear();
        assert!(lectures.about("How many active users are there?", 3, |_| true).is_empty());
    }

    #[test]
    fn what_may_not_be_used_is_not_found() {
        let found = taught().about("Which users have churned?", 3, |example| example.sql != "SELECT 3");
        assert!(found.same.is_none());
        assert!(found.examples.iter().all(|example| example.sql != "SELECT 3"));
    }
}
