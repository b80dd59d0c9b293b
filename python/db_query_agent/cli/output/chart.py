"""An answer drawn in characters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from db_query_agent import QueryResult, _export
from db_query_agent.cli import terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import bars
from db_query_agent.cli.output.cells import is_number, shown

_DRAWN = ("bar", "line", "grouped_bar", "scatter")


def drawn(result: QueryResult, width: int, stream: TextIO) -> Iterator[str]:
    """The lines of the chart that suits the rows, each with its line break."""
    chart = result.chart()
    if chart.kind not in _DRAWN or chart.x is None or chart.y is None:
        raise Complaint(
            "there is nothing to compare in this answer", hint="ask for a figure by something", end=Exit.QUESTION
        )
    # A chart calls a column that is there twice `name_1`, as exports do.
    columns = _export.unique(result["columns"])
    x, y = columns.index(chart.x), columns.index(chart.y)
    series = columns.index(chart.series) if chart.series else None
    rows = [row for row in result["result"] if row[y] is None or is_number(row[y])]
    labels = [shown(row[x]) if series is None else f"{shown(row[x])}, {shown(row[series])}" for row in rows]
    yield terminal.paint(terminal.line(chart.title or f"{chart.y} by {chart.x}"), "strong", stream) + "\n"
    yield from bars.lines(labels[: bars.MOST], [row[y] for row in rows[: bars.MOST]], width, stream)
    if len(rows) > bars.MOST:
        yield f"… and {len(rows) - bars.MOST:,} more\n"
