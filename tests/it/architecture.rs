//! The house rules that a machine can keep: who may use whom, how long a file may be, and that
//! nothing in it knows the machine it was written on.

mod lengths;
mod machine;
mod ranks;

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the project, by its path from the top, with `/` between the parts.
struct SourceFile {
    path: String,
    text: String,
}

/// Every readable text file under `folder` whose name ends in one of `endings` (all, when empty).
///
/// Hidden files and folders other than the project's own, and what a build or a test leaves behind, are not entered.
fn files_under(folder: &str, endings: &[&str]) -> Vec<SourceFile> {
    const LEFT_BEHIND: &[&str] =
        &["target", "dist", "build", "__pycache__", "node_modules", "results", "corpus", "artifacts"];
    const HIDDEN_BUT_OURS: &[&str] = &[".ci", ".cargo", ".github", ".gitattributes", ".gitignore"];
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![top.join(folder)];
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let inside = path != top.join(folder);
        let hidden = name.starts_with('.') && !HIDDEN_BUT_OURS.contains(&name.as_str());
        if inside && (hidden || LEFT_BEHIND.contains(&name.as_str())) {
            continue;
        }
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            open.extend(entries.map(|entry| entry.expect("a readable entry").path()));
        } else if endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending)) {
            // What is no UTF-8 is a picture, a library or a database.
            if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(top).expect("a path below the top");
                found.push(SourceFile { path: path.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
