"""Rows in the format that was asked for."""

from __future__ import annotations

import datetime
import decimal
import json
import sys
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, TextIO

from db_query_agent import _export
from db_query_agent.cli import terminal

if TYPE_CHECKING:
    from db_query_agent.results import QueryResult


class Format(str, Enum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def show(result: QueryResult, form: Format, most: int | None = None) -> None:
    """Prints the rows of `result` to the standard output; a table of at most `most` rows."""
    if form is Format.TABLE:
        columns, rows = _export.rows_of(result)
        table(columns, rows[:most])
    elif form is Format.MARKDOWN:
        write(markdown(*_export.rows_of(result)))
    elif form is Format.CSV:
        write(_export.to_csv(result, None, ",", header=True) or "")
    else:
        write((_export.to_json(result, None, whole=True, indent=2) or "") + "\n")


def write(text: str, stream: TextIO | None = None) -> None:
    """Prints data. A program gets it as it is, a terminal only what cannot act on it."""
    stream = stream or sys.stdout
    stream.write(terminal.safe(text) if stream.isatty() else text)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints a table to the standard output, numbers to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, name in enumerate(columns):
        cells = [row[index] for row in rows if row[index] is not None]
        numeric = bool(cells) and all(_is_number(cell) for cell in cells)
        grid.add_column(Text(terminal.line(name)), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(shown(cell), style="dim" if cell is None else "") for cell in row))
    terminal.console(sys.stdout).print(grid)


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


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in GitHub's Markdown, section 4.10 of its specification."""

    def cell(value: Any) -> str:
        text = shown(value).replace("\\", "\\\\")
        return text.replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")

    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(map(cell, entry)) + " |\n" for entry in lines)


def document(value: Any) -> None:
    """Prints anything as JSON."""
    write(json.dumps(_export.plain(value), ensure_ascii=False, indent=2) + "\n")


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float, decimal.Decimal)) and not isinstance(cell, bool)
