//! Nothing in the project knows the machine it was written on.

use super::{SourceFile, files_under};

#[test]
fn no_file_names_a_place_of_one_machine() {
    let files = files_under("", &[]);
    assert!(files.len() >= 40, "read only {} files: the search is broken", files.len());
    let found: Vec<String> = files.iter().flat_map(places).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn planted_places_are_found() {
    let planted = |text: String| places(&SourceFile { path: "a.md".to_owned(), text }).len();
    assert_eq!(planted(["see /ro", "ot/notes"].concat()), 1);
    assert_eq!(planted(["open('/ho", "me/someone/x')"].concat()), 1);
    assert_eq!(planted("the root of /etc/hosts and network/roots".to_owned()), 0);
}

/// Absolute paths of somebody's folders, and folders beside the project.
fn places(file: &SourceFile) -> Vec<String> {
    // In two halves, or this file would name them itself.
    let places = [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"], ["/Us", "ers/"], ["../sh", "ared"]]
        .map(|halves| halves.concat());
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(number, line)| {
            let place = places.iter().find(|place| starts_a_path(line, place))?;
            Some(format!("{}:{}: names `{place}`", file.path, number + 1))
        })
        .collect()
}

/// Whether `place` stands in `line` and is not the tail of a longer path.
fn starts_a_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(position, _)| {
        !line[..position].ends_with(|letter: char| letter.is_alphanumeric() || "_-.~/}".contains(letter))
    })
}
