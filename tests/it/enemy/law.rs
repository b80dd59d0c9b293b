//! The texts of the law, allowed and refused alike.

use crate::law::examples;

/// Every text in `tests/spec/guard/*.md`, each once, in the order of the pages.
///
/// # Panics
/// When there are none: whoever reads them would prove nothing.
pub fn texts() -> Vec<String> {
    let mut texts: Vec<String> = examples().into_iter().map(|example| example.sql).collect();
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| !text.trim().is_empty() && seen.insert(text.clone()));
    assert!(texts.len() > 300, "only {} texts of the law were found", texts.len());
    texts
}
