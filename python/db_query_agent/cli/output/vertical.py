"""Rows with one value a line, for those too wide for a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from rich.cells import cell_len

from db_query_agent.cli import terminal
from db_query_agent.cli.output.cells import shown


def lines(columns: Sequence[str], rows: Sequence[Sequence[Any]], stream: TextIO) -> Iterator[str]:
    """The lines, each with its line break: a head for each record, and a line for each value."""
    names = [terminal.line(name) for name in columns]
    width = max(map(cell_len, names), default=0)
    labels = [name + " " * (width - cell_len(name)) for name in names]
    bar = "│" if terminal.is_unicode(stream) else "|"
    for number, row in enumerate(rows, 1):
        yield terminal.paint(f"-[ {number} ]".ljust(max(width, 8), "-"), "faint", stream) + "\n"
        for label, cell in zip(labels, row, strict=True):
            yield f"{terminal.paint(label, 'strong', stream)} {bar} {shown(cell)}\n"
