//! Characters that only literals may hold.

use super::Rule;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "character",
    law: "Outside literals and comments a statement holds printable ASCII, blanks, tabs, line breaks, and letters and \
          digits of other scripts in names; no control, invisible or direction character, and no symbol that the \
          dialect's operators do not use.",
    hint: "write the statement in plain characters and quote odd names",
};

/// Refuses a control character or a blank that not every side takes for one.
pub(in crate::guard) fn control(byte: u8) -> Rejection {
    RULE.refuse(format!("the control character U+{byte:04X} stands in the statement"))
}

/// Refuses a symbol that no operator of the dialect uses.
pub(in crate::guard) fn symbol(byte: u8) -> Rejection {
    RULE.refuse(format!("`{}` stands outside a literal", char::from(byte)))
}

/// A literal may hold anything but control characters other than tab and line breaks.
pub(in crate::guard) fn in_literal(byte: u8) -> Result<(), Rejection> {
    match byte {
        b'\t' | b'\n' | b'\r' | b' '.. => Ok(()),
        _ => Err(control(byte)),
    }
}

/// A bare word may hold letters and digits of any script of the basic plane, which all sides take
/// for a part of a name.
pub(in crate::guard) fn in_bare_word(letter: char) -> Result<(), Rejection> {
    if letter.is_alphanumeric() && u32::from(letter) <= 0xFFFF { Ok(()) } else { Err(odd(letter)) }
}

/// A quoted name may hold every visible character.
pub(in crate::guard) fn in_quoted_name(letter: char) -> Result<(), Rejection> {
    let invisible = letter.is_control()
        || matches!(
            u32::from(letter),
            0xA0 | 0xAD | 0x061C | 0x115F..=0x1160 | 0x180E | 0x2000..=0x200F | 0x2028..=0x202F | 0x205F..=0x206F
                | 0x3000 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFF | 0xE0000..=0xE0FFF
        );
    if invisible { Err(odd(letter)) } else { Ok(()) }
}

fn odd(letter: char) -> Rejection {
    RULE.refuse(format!("the character U+{:04X} stands in a name", u32::from(letter)))
}
