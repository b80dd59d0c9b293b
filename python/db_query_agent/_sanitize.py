"""A statement without comments and needless white space, its quoted parts untouched."""

from __future__ import annotations

import re

_PARTS = r"""
    (?P<quoted>{quoted} | `(?:[^`]|``)*` | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
  | (?P<kept>/\*[!+].*?\*/)
  | (?P<comment>--[^\n]*{hash} | /\*.*?(?:\*/|\Z))
  | (?P<space>\s+)
"""
_FLAGS = re.VERBOSE | re.DOTALL
_ESCAPED = r"""'(?:[^'\\]|''|\\.)*'"""
_STANDARD = re.compile(
    # In PostgreSQL only a text with an `E` before it has escapes.
    _PARTS.format(quoted=rf"""(?<![\w$])[eE]{_ESCAPED} | '(?:[^']|'')*' | "(?:[^"]|"")*" """, hash=""),
    _FLAGS,
)
_MYSQL = re.compile(
    _PARTS.format(quoted=rf"""{_ESCAPED} | "(?:[^"\\]|""|\\.)*" """, hash=r" | \#[^\n]*"),
    _FLAGS,
)


def sanitize(sql: str, *, backslash_escapes: bool = False) -> str:
    """`sql` on one line. A comment becomes a space, as the standard reads it."""

    def replace(part: re.Match[str]) -> str:
        return " " if part.lastgroup in ("comment", "space") else part.group()

    text = (_MYSQL if backslash_escapes else _STANDARD).sub(replace, sql)
    # A comment between two spaces leaves two; quoted parts are matched first and stay.
    text = (_MYSQL if backslash_escapes else _STANDARD).sub(replace, text)
    return text.strip().rstrip(";").rstrip()
