//! Any bytes: what `tests/it/promises.rs` promises of a verdict holds. It starts from the examples of the law.

#![no_main]

use std::path::Path;

use db_query_agent::dialect::Dialect;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/it/law.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod law;
#[path = "../../tests/it/promises.rs"]
mod promises;

fuzz_target!(
    init: write_seeds(),
    |data: &[u8]| promises::hold(data)
);

/// Puts the examples into the corpus, each under the policies in turn.
fn write_seeds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/guard");
    std::fs::create_dir_all(&corpus).expect("a folder for the corpus");
    let mut number = 0_usize;
    for example in law::examples() {
        for dialect in &example.dialects {
            let place = Dialect::ALL.iter().position(|known| known == dialect).expect("a dialect");
            let seed = promises::seed(place, number, example.sql.as_bytes());
            std::fs::write(corpus.join(format!("law-{number}")), seed).expect("a seed");
            number += 1;
        }
    }
}
