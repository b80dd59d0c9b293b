"""A cell as text for people."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

from db_query_agent import _export
from db_query_agent.cli import terminal


def shown(cell: Any) -> str:
    """A cell on one line; what is missing says so."""
    if cell is None:
        return "NULL"
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, float):
        # The 15 digits that a double keeps of any decimal; the rest is noise to a reader.
        return f"{cell:.15g}"
    return terminal.line(_export.text(cell))


def is_number(cell: Any) -> bool:
    """Whether it is set to the right."""
    return isinstance(cell, (int, float, decimal.Decimal)) and not isinstance(cell, bool)
