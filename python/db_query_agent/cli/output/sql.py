"""A statement in colours."""

from __future__ import annotations

import sys
from typing import TextIO

from db_query_agent.cli import terminal


def highlighted(sql: str, stream: TextIO) -> str:
    """`sql` safe to print, in colours where `stream` has them."""
    text = terminal.safe(sql)
    if not terminal.colours(stream):
        return text
    # 40 ms to import, so only for those who see it.
    from pygments import highlight
    from pygments.formatters.terminal import TerminalFormatter
    from pygments.lexers.sql import SqlLexer

    return str(highlight(text, SqlLexer(stripnl=False, ensurenl=False), TerminalFormatter()))


def tell(sql: str) -> None:
    """Shows a statement beside the data."""
    sys.stderr.write(highlighted(sql, sys.stderr) + "\n")
    sys.stderr.flush()
