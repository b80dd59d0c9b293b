//! Files stay small: half of them about a screen or three, nine in ten under 400 lines, none over 600.

use super::{SourceFile, files_under};

/// Longer than 600 lines, each for a reason.
const LONG_FOR_A_REASON: &[(&str, &str)] = &[];

const FOLDERS: &[&str] = &["src", "python", "tests", "scripts", "benches", "bench", "examples"];

#[test]
fn files_are_small() {
    for (folder, ending, fewest) in [("src", ".rs", 20), ("python", ".py", 5)] {
        let lengths: Vec<usize> = files_under(folder, &[ending]).iter().map(lines).collect();
        assert!(lengths.len() >= fewest, "read only {} files of `{folder}`: the search is broken", lengths.len());
        assert_eq!(complaint(lengths), None, "in `{folder}`");
    }
}

#[test]
fn no_file_is_huge_without_a_reason() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = FOLDERS.iter().filter(|folder| top.join(folder).is_dir());
    let files: Vec<SourceFile> = folders.flat_map(|folder| files_under(folder, &[".rs", ".py"])).collect();
    assert!(files.len() >= 30, "read only {} files: the search is broken", files.len());
    let huge: Vec<&str> = files.iter().filter(|file| lines(file) > 600).map(|file| file.path.as_str()).collect();
    let explained: Vec<&str> = LONG_FOR_A_REASON.iter().map(|(path, _)| *path).collect();
    assert_eq!(huge, explained, "files over 600 lines; an entry of the list that is short again leaves it");
    assert!(explained.len() <= 5, "the list of exceptions has grown into a habit");
}

#[test]
fn planted_lengths_are_found() {
    assert_eq!(complaint(vec![150; 20]), None);
    assert!(complaint(vec![300; 20]).is_some_and(|words| words.contains("median")));
    assert!(complaint([vec![100; 17], vec![450; 3]].concat()).is_some_and(|words| words.contains("400")));
    assert_eq!(lines(&SourceFile { path: String::new(), text: "a\nb\n".to_owned() }), 2);
}

fn lines(file: &SourceFile) -> usize {
    file.text.lines().count()
}

/// What is wrong with the lengths of a folder's files, in words.
fn complaint(mut lengths: Vec<usize>) -> Option<String> {
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    let ninetieth = lengths[lengths.len() * 9 / 10];
    if median > 200 {
        Some(format!("the median file has {median} lines, about 150 are wanted"))
    } else if ninetieth >= 400 {
        Some(format!("nine in ten files should stay under 400 lines, the ninth has {ninetieth}"))
    } else {
        None
    }
}
