"""Rows as a table of characters.

Rich draws tables too, in about a millisecond a row; ten thousand rows are an ordinary result here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from rich.cells import cell_len, chop_cells

from db_query_agent.cli import terminal
from db_query_agent.cli.output.cells import is_number, shown

_GAP = "  "

_NARROWEST = 6
"""Characters that a column is folded to at least; a word has about as many."""


def fit(columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int | None) -> list[int] | None:
    """The width of each column so that a line has at most `width` characters; `None` where they do not fit."""
    widths = [cell_len(terminal.line(name)) for name in columns]
    for row in rows:
        for index, cell in enumerate(row):
            text = shown(cell)
            # Each character takes a column or two, so a short one needs no second look.
            if len(text) * 2 > widths[index] and (size := cell_len(text)) > widths[index]:
                widths[index] = size
    if width is None:
        return widths
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while excess > 0:
        # The widest gives first, down to the next one.
        order = sorted(widths, reverse=True)
        floor = max(next((size for size in order if size < order[0]), 0), _NARROWEST)
        if order[0] <= floor:
            return None
        index = widths.index(order[0])
        cut = min(excess, widths[index] - floor)
        widths[index] -= cut
        excess -= cut
    return widths


def lines(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[int], stream: TextIO
) -> Iterator[str]:
    """The lines of the table, each with its line break, as `stream` can show them."""
    rule = "─" if terminal.is_unicode(stream) else "-"
    right = [_is_numeric(rows, index) for index in range(len(columns))]
    for text in _folded([terminal.line(name) for name in columns], widths, right):
        yield terminal.paint(text, "strong", stream) + "\n"
    yield terminal.paint(_GAP.join(rule * size for size in widths), "faint", stream) + "\n"
    for row in rows:
        for text in _folded([shown(cell) for cell in row], widths, right):
            yield text + "\n"


def _is_numeric(rows: Sequence[Sequence[Any]], index: int) -> bool:
    found = False
    for row in rows:
        if row[index] is not None:
            if not is_number(row[index]):
                return False
            found = True
    return found


def _folded(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    """A row in as many lines as its longest cell needs."""
    pieces = [
        [cell] if cell_len(cell) <= size else chop_cells(cell, size) for cell, size in zip(cells, widths, strict=True)
    ]
    for number in range(max(map(len, pieces), default=1)):
        parts = []
        for piece, size, to_right in zip(pieces, widths, right, strict=True):
            text = piece[number] if number < len(piece) else ""
            blank = " " * (size - cell_len(text))
            parts.append(blank + text if to_right else text + blank)
        yield _GAP.join(parts).rstrip()
