"""Rows in the types that a browser shows without changing a digit.

A number in a browser is a double: https://tc39.es/ecma262/#sec-number.max_safe_integer
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from db_query_agent._export import rows_of, text, unique

if TYPE_CHECKING:
    from db_query_agent.results import QueryResult

SAFE = 2**53 - 1
DIGITS = 15
"""Decimal digits that a double keeps."""


def columns(result: QueryResult) -> dict[str, list[Any]]:
    """The columns by name. A value that the page would round or reword is text."""
    names, rows = rows_of(result)
    cells: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {name: _column(column) for name, column in zip(unique(names), cells, strict=True)}


def places(result: QueryResult) -> dict[str, int]:
    """Digits behind the point of each column of decimals that is shown as numbers: `49.90` has two."""
    names, rows = rows_of(result)
    found = {}
    for name, column in zip(unique(names), zip(*rows, strict=True), strict=False):
        decimals = [cell for cell in column if isinstance(cell, Decimal)]
        if decimals and len(decimals) == sum(cell is not None for cell in column) and all(map(_fits, decimals)):
            found[name] = max(max(0, -int(one.as_tuple().exponent)) for one in decimals)
    return found


def _column(cells: Sequence[Any]) -> list[Any]:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {Decimal}:
        return _all(cells, _fits, float)
    if kinds == {int}:
        return _all(cells, lambda cell: abs(cell) <= SAFE, int)
    if kinds <= {float, bool, str, datetime.date} and len(kinds) <= 1:
        return list(cells)
    if kinds == {int, float}:
        return _all(cells, lambda cell: abs(cell) <= SAFE, float)
    return [None if cell is None else text(cell) for cell in cells]


def _all(cells: Sequence[Any], fits: Callable[[Any], bool], kind: Callable[[Any], Any]) -> list[Any]:
    """The cells as numbers when all fit, else as text."""
    fit = all(cell is None or fits(cell) for cell in cells)
    return [None if cell is None else kind(cell) if fit else text(cell) for cell in cells]


def _fits(cell: Decimal) -> bool:
    return cell.is_finite() and len(cell.as_tuple().digits) <= DIGITS and cell == Decimal(repr(float(cell)))
