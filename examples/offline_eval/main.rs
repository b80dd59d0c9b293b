//! Asks the offline engine a file of questions, as an agent would be asked:
//!
//! ```text
//! offline_eval DATABASES QUESTIONS OUT                what comes of each question
//! offline_eval DATABASES QUESTIONS OUT candidates     every reading, with what the ranker sees of it
//! offline_eval DATABASES QUESTIONS OUT read           the right statements, read back and written anew
//! offline_eval DATABASES -                            the same for lines `database<TAB>question` of the terminal
//! ```
//!
//! `DATABASES` is a folder of `NAME.sqlite` files, or the URL of databases with `{}` in the place of the name.
//! `scripts/eval` runs the first form and judges what comes of it, `scripts/fit_ranker` the second.

mod catalogue;
mod listing;
mod questions;
mod reading;
mod source;
mod terminal;
mod witness;

use std::error::Error;

use source::Source;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [databases, questions, out, "read"] => reading::read_back(&Source::new(databases), questions, out).await,
        [databases, "-"] => terminal::talk(&Source::new(databases)).await,
        [databases, questions, out] => Box::pin(questions::ask(&Source::new(databases), questions, out)).await,
        [databases, questions, out, "candidates"] => listing::list(&Source::new(databases), questions, out).await,
        _ => Err("usage: offline_eval DATABASES QUESTIONS OUT [candidates | read], or offline_eval DATABASES -".into()),
    }
}
