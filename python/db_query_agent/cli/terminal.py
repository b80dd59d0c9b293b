"""Text that is safe to print, and where it goes."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from db_query_agent.exceptions import DatabaseQueryAgentError

# Control characters move the cursor, change colours or answer in the user's name; the others turn
# the direction of writing round, so that a text reads as something else (Unicode TR 36, section 2.8).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """`text` with what would act on a terminal written out: `\\x1b`. Line breaks and tabs stay."""
    return _UNSAFE.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def line(text: str) -> str:
    """`text` on one line, safe to print."""
    return safe(text).replace("\n", "\\n").replace("\t", "\\t")


def console(stream: TextIO) -> Console:
    """A console that prints text as it is: no markup, no highlighting. Into a pipe no line is folded."""
    # The width is a bound, not a size: a table takes what its cells need.
    width = None if stream.isatty() else 1_000_000
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False, soft_wrap=not stream.isatty())


def talk(text: str, style: str = "") -> None:
    """Tells the user something that is not data."""
    console(sys.stderr).print(Text(safe(text), style=style))


def complain(error: DatabaseQueryAgentError) -> None:
    """Tells the user what failed and what to do."""
    talk(f"error: {error.message}", "red")
    if error.sql:
        talk(error.sql, "dim")
    if error.hint:
        talk(f"hint: {error.hint}")
