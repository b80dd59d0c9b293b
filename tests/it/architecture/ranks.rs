//! A module uses modules of a lower rank or its own children, never a neighbour or a higher one.

use std::collections::HashMap;

use super::{SourceFile, files_under};

/// Low to high. `dialect` stands below the others of its rank because each of them speaks of it.
const RANKS: &[&[&str]] = &[
    &["error", "redact", "value"],
    &["dialect"],
    &["config", "schema", "telemetry"],
    &["guard", "dial"],
    &["database", "cache", "session", "llm"],
    &["grounding", "answer"],
    &["engine"],
    &["agent"],
    &["python"],
];

#[test]
fn every_module_uses_only_lower_ranks() {
    let files = files_under("src", &[".rs"]);
    assert!(files.len() >= 20, "read only {} files: the search is broken", files.len());
    let root = files.iter().find(|file| file.path == "src/lib.rs").expect("the top module");
    let exports = exports(&root.text);
    let uses: usize = files.iter().map(|file| uses(file).len()).sum();
    assert!(uses >= 50, "found only {uses} uses of modules: the reading is broken");
    let breaches: Vec<String> = files.iter().flat_map(|file| breaches(file, &exports)).collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn planted_breaches_are_found() {
    let exports = exports("pub use error::{Error, Result};");
    let found =
        |path: &str, text: &str| breaches(&SourceFile { path: path.to_owned(), text: text.to_owned() }, &exports).len();
    // higher rank, neighbour, nested group, a path in an expression, two steps up, inside a macro, an alias of the crate
    assert_eq!(found("src/error.rs", "use crate::agent::Agent;"), 1);
    assert_eq!(found("src/cache/mod.rs", "use crate::database::Rows;"), 1);
    assert_eq!(found("src/guard/mod.rs", "use crate::{error::Code, engine::{Ask, Proposal}, agent};"), 2);
    assert_eq!(found("src/guard/rules/select.rs", "fn f() { crate::llm::call(\"crate::error\"); }"), 1);
    assert_eq!(found("src/guard/rules/select.rs", "use super::super::super::engine::Ask;"), 1);
    assert_eq!(found("src/schema/mod.rs", "macro_rules! m { () => { $crate::database::connect } }"), 1);
    assert_eq!(found("src/value.rs", "mod tests { use super::super::agent; }"), 1);
    assert_eq!(found("src/value.rs", "use crate::{self as top, answer};"), 2);
    assert_eq!(found("src/value.rs", "use crate as top;"), 1);
    // a module without a rank, a name that the root does not have
    assert_eq!(found("src/misc.rs", "use crate::error::Error;"), 1);
    assert_eq!(found("src/agent/mod.rs", "use crate::misc::Thing;"), 1);
    // what is allowed: lower ranks, children, siblings inside one module, names the root exports, words in comments
    assert_eq!(
        found("src/agent/run.rs", "use crate::{Error, engine::Ask}; use super::event; use crate::agent::Agent;"),
        0
    );
    assert_eq!(found("src/value.rs", "#[cfg(test)] mod tests { use super::*; fn f() { super::json(); } }"), 0);
    assert_eq!(
        found(
            "src/value.rs",
            "// crate::agent\n/* crate::agent /* */ */ const A: char = '\"'; const B: &str = r#\"crate::\"agent\"#;"
        ),
        0
    );
    assert_eq!(found("src/value.rs", "fn f<'a>(x: &'a str) -> char { '\\'' }"), 0);
    assert_eq!(found("src/lib.rs", "pub use error::Error; use crate::agent;"), 0);
    assert_eq!(found("src/error.rs", "pub(crate) fn f() {} pub(super) fn g() {} pub(in crate::error) fn h() {}"), 0);
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|modules| modules.contains(&module))
}

/// What `file` uses and may not, in sentences.
fn breaches(file: &SourceFile, exports: &HashMap<String, String>) -> Vec<String> {
    let own = module_path(&file.path);
    let Some(own) = own.first() else { return Vec::new() }; // the root names everybody
    let Some(own_rank) = rank(own) else { return vec![format!("{}: module `{own}` has no rank", file.path)] };
    uses(file)
        .into_iter()
        .filter_map(|(line, name)| {
            let module = exports.get(&name).unwrap_or(&name);
            match rank(module) {
                _ if module == own => None,
                None => Some(format!("{}:{line}: `{name}` is no ranked module of the crate", file.path)),
                Some(rank) if rank < own_rank => None,
                Some(_) => Some(format!("{}:{line}: `{own}` may not use `{module}`", file.path)),
            }
        })
        .collect()
}

/// `src/guard/rules/select.rs` is the module `guard::rules::select`.
fn module_path(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').collect() }
}

/// The names that the root module gives to the crate from one of its modules: `Error` is of `error`.
fn exports(root: &str) -> HashMap<String, String> {
    let tokens = tokens(root);
    let mut exports = HashMap::new();
    for position in 0..tokens.len() {
        if tokens[position].1 == "use" && tokens.get(position + 2).is_some_and(|token| token.1 == "::") {
            let module = &tokens[position + 1].1;
            for (_, name) in heads(&tokens, position + 3) {
                exports.insert(name, module.clone());
            }
        }
    }
    exports
}

/// Each first name behind `crate::`, or behind enough `super::` to reach the root, with its line.
fn uses(file: &SourceFile) -> Vec<(usize, String)> {
    let depth_of_file = module_path(&file.path).len();
    let tokens = tokens(&file.text);
    let mut found = Vec::new();
    let mut braces = 0_usize;
    let mut inline_modules: Vec<usize> = Vec::new();
    let mut position = 0;
    while position < tokens.len() {
        let token = |offset: usize| tokens.get(position + offset).map_or("", |token| token.1.as_str());
        match token(0) {
            "{" => braces += 1,
            "}" => {
                braces = braces.saturating_sub(1);
                inline_modules.retain(|&opened_at| opened_at < braces + 1);
            }
            "mod" if token(2) == "{" => inline_modules.push(braces + 1),
            "crate" if token(1) == "::" => found.extend(heads(&tokens, position + 2)),
            "crate" if token(1) == "as" => found.push((tokens[position].0, "crate".to_owned())),
            "super" if token(1) == "::" => {
                let mut steps = 0;
                while token(2 * steps) == "super" && token(2 * steps + 1) == "::" {
                    steps += 1;
                }
                if steps >= depth_of_file + inline_modules.len() {
                    found.extend(heads(&tokens, position + 2 * steps));
                }
                position += 2 * steps;
                continue;
            }
            _ => {}
        }
        position += 1;
    }
    found
}

/// The first names of the use tree that starts at `start`: `{a::b, c}` gives `a` and `c`.
fn heads(tokens: &[(usize, String)], start: usize) -> Vec<(usize, String)> {
    if tokens.get(start).is_none_or(|token| token.1 != "{") {
        return tokens.get(start).cloned().into_iter().collect();
    }
    let mut found = Vec::new();
    let mut depth = 0;
    let mut at_head = false;
    for (line, token) in &tokens[start..] {
        match token.as_str() {
            "{" => {
                depth += 1;
                at_head = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => at_head = depth == 1,
            name if at_head => {
                found.push((*line, name.to_owned()));
                at_head = false;
            }
            _ => {}
        }
    }
    found
}

/// Words, `::` and single signs of Rust text with their lines; comments, strings and lifetimes left out.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let letters: Vec<char> = text.chars().collect();
    let at = |position: usize| letters.get(position).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let (mut position, mut line) = (0, 1);
    while position < letters.len() {
        let start = position;
        match at(position) {
            '/' if at(position + 1) == '/' => {
                while position < letters.len() && at(position) != '\n' {
                    position += 1;
                }
            }
            '/' if at(position + 1) == '*' => {
                let mut depth = 0;
                while position < letters.len() {
                    match (at(position), at(position + 1)) {
                        ('/', '*') => depth += 1,
                        ('*', '/') => depth -= 1,
                        _ => {
                            position += 1;
                            continue;
                        }
                    }
                    position += 2;
                    if depth == 0 {
                        break;
                    }
                }
            }
            '"' => position = end_of_string(&letters, position),
            '\'' if at(position + 1) == '\\' => {
                position += 3;
                while position < letters.len() && at(position) != '\'' {
                    position += 1;
                }
                position += 1;
            }
            '\'' if at(position + 2) == '\'' => position += 3,
            '\'' => position += 1,
            letter if letter.is_alphanumeric() || letter == '_' => {
                while at(position).is_alphanumeric() || at(position) == '_' {
                    position += 1;
                }
                let word: String = letters[start..position].iter().collect();
                let hashes = letters[position..].iter().take_while(|&&letter| letter == '#').count();
                if matches!(word.as_str(), "r" | "br" | "cr") && at(position + hashes) == '"' {
                    position = end_of_raw_string(&letters, position + hashes + 1, hashes);
                } else {
                    found.push((line, word));
                }
            }
            ':' if at(position + 1) == ':' => {
                position += 2;
                found.push((line, "::".to_owned()));
            }
            letter => {
                position += 1;
                if !letter.is_whitespace() {
                    found.push((line, letter.to_string()));
                }
            }
        }
        line += letters[start..position.min(letters.len())].iter().filter(|&&letter| letter == '\n').count();
    }
    found
}

fn end_of_string(letters: &[char], start: usize) -> usize {
    let mut position = start + 1;
    while position < letters.len() && letters[position] != '"' {
        position += if letters[position] == '\\' { 2 } else { 1 };
    }
    position + 1
}

fn end_of_raw_string(letters: &[char], start: usize, hashes: usize) -> usize {
    (start..letters.len())
        .find(|&place| {
            letters[place] == '"'
                && letters[place + 1..].iter().take(hashes).filter(|&&letter| letter == '#').count() == hashes
        })
        .map_or(letters.len(), |place| place + 1 + hashes)
}
