//! Comments that an engine runs, or takes advice from.

use super::Rule;
use crate::dialect::Dialect;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "comment",
    law: "A comment is closed and is nothing but a comment: MySQL and MariaDB run `/*! … */` and `/*M! … */` and obey \
          `/*+ … */`, and they take `--` for a comment only before a blank; other comments are dropped before the \
          statement is sent.",
    hint: "leave the comment out",
};

/// Checks a comment that runs to the end of its line.
pub(in crate::guard) fn line(dialect: Dialect, comment: &[u8]) -> Result<(), Rejection> {
    let lone_return = comment.iter().enumerate().any(|(at, byte)| *byte == b'\r' && at + 1 != comment.len());
    if lone_return {
        return Err(RULE.refuse("a comment holds a carriage return, which ends it for some and not for others"));
    }
    if comment.contains(&0) {
        return Err(super::character::control(0));
    }
    if dialect == Dialect::Mysql
        && comment.starts_with(b"--")
        && !matches!(comment.get(2), None | Some(b' ' | b'\t' | b'\r'))
    {
        return Err(RULE.refuse("`--` without a blank behind it is two minus signs in MySQL"));
    }
    Ok(())
}

/// Checks the start of a block comment.
pub(in crate::guard) fn block(dialect: Dialect, comment: &[u8]) -> Result<(), Rejection> {
    let live = match comment.get(2) {
        Some(b'!') => dialect == Dialect::Mysql,
        Some(b'm' | b'M') => dialect == Dialect::Mysql && comment.get(3) == Some(&b'!'),
        Some(b'+') => dialect == Dialect::Mysql || dialect == Dialect::Postgres,
        _ => false,
    };
    if live {
        return Err(RULE.refuse("a comment holds code or advice for the engine"));
    }
    if comment.contains(&0) {
        return Err(super::character::control(0));
    }
    Ok(())
}
