"""Text that is safe to print, its colours, and where it goes."""

from __future__ import annotations

import os
import re
import sys
from enum import Enum
from typing import TextIO

from db_query_agent.cli.complaint import Complaint
from db_query_agent.exceptions import DatabaseQueryAgentError

# Control characters move the cursor, change colours or answer in the user's name; the others turn
# the direction of writing round, so that a text reads as something else (Unicode TR 36, section 2.8).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_STYLES = {"error": "31", "answer": "32", "note": "33", "sql": "36", "strong": "1", "faint": "2"}
"""Select Graphic Rendition, ECMA-48 section 8.3.117: the eight colours that every theme has."""


class Color(str, Enum):
    """When to use colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class _Mode:
    color = Color.AUTO


def set_color(color: Color) -> None:
    """Decides about colours for the rest of the process."""
    _Mode.color = color


def colours(stream: TextIO) -> bool:
    """Whether what goes to `stream` is coloured: on a terminal, unless `NO_COLOR` is set (no-color.org)."""
    if _Mode.color is not Color.AUTO:
        return _Mode.color is Color.ALWAYS
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def paint(text: str, style: str, stream: TextIO) -> str:
    """`text`, which must be safe, in one of the styles where `stream` is coloured."""
    if not style or not text or not colours(stream):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def safe(text: str) -> str:
    """`text` with what would act on a terminal written out: `\\x1b`. Line breaks and tabs stay."""
    return _UNSAFE.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def line(text: str) -> str:
    """`text` on one line, safe to print."""
    return safe(text).replace("\n", "\\n").replace("\t", "\\t")


def is_unicode(stream: TextIO) -> bool:
    """Whether `stream` can show more than ASCII in any case."""
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf")


def counted(number: int, noun: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def talk(text: str, style: str = "") -> None:
    """Tells the user something that is not data."""
    sys.stderr.write(paint(safe(text), style, sys.stderr) + "\n")
    sys.stderr.flush()


def complain(error: DatabaseQueryAgentError | Complaint) -> None:
    """Tells the user what failed and what to do."""
    talk(f"error: {error.message}", "error")
    if sql := getattr(error, "sql", None):
        talk(sql, "faint")
    if error.hint:
        talk(f"hint: {error.hint}")
