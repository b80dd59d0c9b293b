//! Names with `*` in them.

pub(super) fn exact(one: char, other: char) -> bool {
    one == other
}

pub(super) fn same_letter(one: char, other: char) -> bool {
    one.eq_ignore_ascii_case(&other)
}

/// Whether `text` has the form of `pattern`, in which `*` stands for any run of characters.
pub(super) fn glob(pattern: &str, text: &str, equal: fn(char, char) -> bool) -> bool {
    let (mut wanted, mut read) = (pattern.chars(), text.chars());
    // Behind the last `*`, and where its run ends so far.
    let mut star = None;
    loop {
        let before = read.clone();
        let Some(letter) = read.next() else { return wanted.all(|rest| rest == '*') };
        match wanted.next() {
            Some('*') => {
                star = Some((wanted.clone(), before.clone()));
                read = before;
            }
            Some(one) if equal(one, letter) => {}
            _ => {
                let Some((behind, run)) = &mut star else { return false };
                run.next();
                (wanted, read) = (behind.clone(), run.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{exact, glob, same_letter};

    #[test]
    fn a_star_is_any_run_of_characters() {
        for (pattern, text) in [
            ("orders", "orders"),
            ("*", ""),
            ("*", "orders"),
            ("audit_*", "audit_"),
            ("audit_*", "audit_log"),
            ("*_log", "audit_log_log"),
            ("a*b*c", "a-b-b-c"),
            ("a**c", "ac"),
            ("*ä*", "zähler"),
            ("**", "x"),
        ] {
            assert!(glob(pattern, text, exact), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "x"),
            ("orders", "order"),
            ("order", "orders"),
            ("*_log", "audit_logs"),
            ("a*b*c", "a-c-b"),
            ("O*", "o"),
        ] {
            assert!(!glob(pattern, text, exact), "{pattern} {text}");
        }
        assert!(glob("O*S", "orders", same_letter));
    }
}
