"""A chart in characters: bars beside their labels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from rich.cells import cell_len, chop_cells

from db_query_agent.cli import terminal
from db_query_agent.cli.output.cells import shown

_EIGHTHS = " ▏▎▍▌▋▊▉█"
"""Unicode's block elements, U+2588 to U+258F: an eighth to eight eighths of a character."""

MOST = 40
"""Bars of a chart; more cannot be compared at a glance."""


def lines(labels: Sequence[Any], values: Sequence[Any], width: int, stream: TextIO) -> Iterator[str]:
    """A line for each value: its label, a bar as long as it is large, and the number."""
    numbers = [float(value) if value is not None else math.nan for value in values]
    finite = [abs(number) for number in numbers if math.isfinite(number)]
    largest = max(finite, default=0.0) or 1.0
    texts = [shown(value) for value in values]
    names = [_short(shown(label), max(width // 3, 8)) for label in labels]
    label_width = max(map(cell_len, names), default=0)
    room = max(width - label_width - max(map(len, texts), default=0) - 3, 4)
    fine = terminal.is_unicode(stream)
    for name, number, text in zip(names, numbers, texts, strict=True):
        share = abs(number) / largest if math.isfinite(number) else 0.0
        bar = _bar(share * room, fine)
        style = "error" if number < 0 else "sql"
        yield f"{name}{' ' * (label_width - cell_len(name))}  {terminal.paint(bar, style, stream)} {text}\n"


def _bar(size: float, fine: bool) -> str:
    if not fine:
        return "#" * round(size)
    whole, eighths = divmod(round(size * 8), 8)
    return _EIGHTHS[8] * whole + (_EIGHTHS[eighths] if eighths else "")


def _short(text: str, width: int) -> str:
    return text if cell_len(text) <= width else chop_cells(text, width - 1)[0] + "…"
