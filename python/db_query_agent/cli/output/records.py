"""Rows for programs, piece by piece, so that a large result is not held twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from db_query_agent import _export
from db_query_agent.cli.output.cells import shown
from db_query_agent.results import QueryResult


def dumps(value: Any, *, indent: int | None, ascii_only: bool) -> str:
    """`value` as JSON; with `ascii_only` all else is escaped as JSON itself does it."""
    return json.dumps(_export.plain(value), ensure_ascii=ascii_only, indent=indent, allow_nan=False)


def document(result: QueryResult, *, compact: bool, ascii_only: bool) -> Iterator[str]:
    """The whole answer with its rows a line each, or with `compact` all on one line."""
    outer, inner = ("", "") if compact else ("\n  ", "\n    ")
    gap = "{"
    for key, value in result.items():
        yield f"{gap}{outer}{json.dumps(key)}: "
        gap = ", " if compact else ","
        if key != "result" or not value:
            yield dumps(value, indent=None, ascii_only=ascii_only)
            continue
        mark = "["
        for row in value:
            yield f"{mark}{inner}{dumps(row, indent=None, ascii_only=ascii_only)}"
            mark = gap
        yield f"{outer}]"
    yield "}\n" if compact else "\n}\n"


def jsonl(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, ascii_only: bool) -> Iterator[str]:
    """One object a row."""
    names = _export.unique(columns)
    for row in rows:
        yield dumps(dict(zip(names, row, strict=True)), indent=None, ascii_only=ascii_only)
        yield "\n"


def separated(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """CSV, RFC 4180, with line breaks as Unix has them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    yield out.getvalue()
    for row in rows:
        out.seek(0)
        out.truncate()
        writer.writerow(["" if cell is None else _export.text(cell) for cell in row])
        yield out.getvalue()


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """A table in GitHub's Markdown, section 4.10 of its specification."""

    def cell(value: Any) -> str:
        text = shown(value).replace("\\", "\\\\")
        return text.replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")

    for entry in (columns, ["---"] * len(columns)):
        yield "| " + " | ".join(map(cell, entry)) + " |\n"
    for row in rows:
        yield "| " + " | ".join(map(cell, row)) + " |\n"
