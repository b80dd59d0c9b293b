"""A statement without comments and needless white space, its quoted parts untouched."""

from __future__ import annotations

import re

_PARTS = r"""
    (?P<quoted>{strings} | "(?:[^"]|"")*" | `(?:[^`]|``)*`  | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
  | (?P<kept>/\*[!+].*?\*/)
  | (?P<comment>--[^\n]*{hash} | /\*.*?(?:\*/|\Z))
  | (?P<space>\s+)
"""
_STANDARD = re.compile(_PARTS.format(strings="'(?:[^']|'')*'", hash=""), re.VERBOSE | re.DOTALL)
_MYSQL = re.compile(_PARTS.format(strings=r"'(?:[^'\\]|''|\\.)*'", hash=r" | \#[^\n]*"), re.VERBOSE | re.DOTALL)


def sanitize(sql: str, *, backslash_escapes: bool = False) -> str:
    """`sql` on one line. A comment becomes a space, as the standard reads it."""

    def replace(part: re.Match[str]) -> str:
        return " " if part.lastgroup in ("comment", "space") else part.group()

    text = (_MYSQL if backslash_escapes else _STANDARD).sub(replace, sql)
    # A comment between two spaces leaves two; quoted parts are matched first and stay.
    text = (_MYSQL if backslash_escapes else _STANDARD).sub(replace, text)
    return text.strip().rstrip(";").rstrip()
