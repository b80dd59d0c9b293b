"""Whether two results hold the same rows."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Sequence
from typing import Any

from db_query_agent import _export
from db_query_agent.cli.output.cells import shown

_TOLERANCE = 1e-9
"""Relative difference of two numbers that are taken for the same: sums of doubles differ in their last digits."""


def difference(expected: Sequence[Any], found: Sequence[Any], *, ordered: bool) -> str | None:
    """How the rows differ, in a sentence; `None` where they are the same.

    Columns are compared by their place and not by their names; rows in any order, unless `ordered`.
    """
    ours, theirs = [_row(row) for row in expected], [_row(row) for row in found]
    if len(ours) != len(theirs):
        return f"expected {len(ours):,} rows, found {len(theirs):,}"
    if not ordered:
        ours, theirs = sorted(ours, key=_order), sorted(theirs, key=_order)
    for number, (our, their) in enumerate(zip(ours, theirs, strict=True), 1):
        if len(our) != len(their):
            return f"expected {len(our)} columns, found {len(their)}"
        if not all(map(_same, our, their)):
            place = f"row {number}: " if ordered else ""
            return f"{place}expected {_text(our)}, found {_text(their)}"
    return None


def _row(row: Any) -> tuple[Any, ...]:
    return tuple(map(_cell, row if isinstance(row, (list, tuple)) else [row]))


def _cell(value: Any) -> Any:
    """Numbers as numbers, everything else as the text that a file can hold."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return _export.text(value).replace("T", " ") if _is_moment(value) else _export.text(value)


def _is_moment(value: Any) -> bool:
    """Whether it is a text such as `2024-01-31T12:00:00`."""
    if not isinstance(value, str) or len(value) < 19 or value[10] != "T":
        return False
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _same(our: Any, their: Any) -> bool:
    if isinstance(our, (int, float)) and isinstance(their, (int, float)):
        return our == their or math.isclose(our, their, rel_tol=_TOLERANCE)
    return bool(our == their)


def _order(row: tuple[Any, ...]) -> list[tuple[int, Any]]:
    """An order in which numbers that are nearly the same stand alike."""
    key: list[tuple[int, Any]] = []
    for cell in row:
        if cell is None:
            key.append((0, 0))
        elif isinstance(cell, (int, float)):
            key.append((1, float(f"{cell:.7g}")))
        else:
            key.append((2, cell))
    return key


def _text(row: tuple[Any, ...]) -> str:
    return "(" + ", ".join(map(shown, row)) + ")"
