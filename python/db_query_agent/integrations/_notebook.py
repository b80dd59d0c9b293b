"""A result as a notebook shows it: sentence, table, the statement folded below, and a chart."""

from __future__ import annotations

import decimal
import html
import re
from typing import TYPE_CHECKING, Any

from db_query_agent import _export
from db_query_agent.results import QueryResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What moves a terminal's cursor or turns the direction of writing round (Unicode TR 36, section 2.8).
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

LONGEST_CELL = 200
"""Characters of a cell that a table shows; the result holds all."""

LEFT = ' style="text-align:left;white-space:pre-wrap"'
"""Notebooks set cells to the right, where numbers belong."""


class Answer(QueryResult):
    """A `QueryResult` that a notebook shows whole where a cell ends in it."""

    __slots__ = ("_chart", "_limit", "_statement_only")
    _limit: int
    _chart: bool | None
    _statement_only: bool

    @classmethod
    def of(cls, result: QueryResult, *, limit: int, chart: bool | None, statement_only: bool) -> Answer:
        """`result` as it shall be shown: `limit` rows of it, and with a chart, without, or as the rules say."""
        answer = cls(result)
        answer._limit, answer._chart, answer._statement_only = limit, chart, statement_only
        return answer

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": self._repr_html_(), "text/plain": self._text()}, raw=True)
        if self._chart is False or self._statement_only or not self.get("result"):
            return
        chart = self.chart()
        if self._chart or chart.kind not in ("number", "table"):
            display(chart)

    def _repr_html_(self) -> str:
        statement = f"<pre><code>{_escape(self['sql'] or '')}</code></pre>"
        if self._statement_only:
            return statement
        parts = [f"<p>{_escape(part)}</p>" for part in self._sentences()]
        if choices := self.get("clarification_choices"):
            parts.append("<ul>" + "".join(f"<li>{_escape(choice)}</li>" for choice in choices) + "</ul>")
        columns, rows = _export.rows_of(self)
        if columns:
            parts.append(table(columns, rows[: self._limit]))
            parts.append(f"<p><small>{self._count(len(rows))}</small></p>")
        parts += [f"<p><small>{_escape(warning)}</small></p>" for warning in self.get("warnings") or ()]
        if self.get("sql"):
            ran = self.get("result") is not None
            explained = f"<p>{_escape(self['explanation'])}</p>" if self.get("explanation") else ""
            opened = "" if ran else " open"
            parts.append(f"<details{opened}><summary>SQL</summary>{statement}{explained}</details>")
        return "<div>" + "".join(parts) + "</div>"

    def _text(self) -> str:
        """The same for a terminal."""
        if self._statement_only:
            return _lines(self["sql"] or "")
        parts = [_line(part) for part in self._sentences()]
        parts += [f"  - {_line(choice)}" for choice in self.get("clarification_choices") or ()]
        columns, rows = _export.rows_of(self)
        if columns:
            shown = [[_line(_cell(cell)) for cell in row] for row in rows[: self._limit]]
            parts += ["", *aligned([_line(name) for name in columns], shown), "", self._count(len(rows))]
        parts += [f"note: {_line(warning)}" for warning in self.get("warnings") or ()]
        if self.get("sql"):
            parts += ["", _lines(self["sql"])]
        return "\n".join(parts)

    def _sentences(self) -> list[str]:
        said = self.get("natural_response"), self.get("clarification_question")
        return list(dict.fromkeys(sentence for sentence in said if sentence))

    def _count(self, rows: int) -> str:
        shown = f"{self._limit:,} of {rows:,} rows" if rows > self._limit else f"{rows:,} row{'' if rows == 1 else 's'}"
        return f"{shown}; there are more in the database" if self.get("truncated") else shown


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in HTML; everything in it is escaped."""
    sides = ["" if all(_is_number(row[place]) for row in rows) else LEFT for place in range(len(columns))]

    def line(tag: str, cells: Iterable[Any]) -> str:
        places = zip(cells, sides, strict=True)
        return "<tr>" + "".join(f"<{tag}{side}>{_escape(_cell(cell))}</{tag}>" for cell, side in places) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    scrolls = '<div style="overflow:auto;max-height:28em">'
    return f"{scrolls}<table><thead>{line('th', columns)}</thead><tbody>{body}</tbody></table></div>"


def aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in letters of one width."""
    lines = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    lines.insert(1, ["-" * width for width in widths])
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def schema(info: Mapping[str, Any]) -> dict[str, str]:
    """The tables of a database with their columns and what they refer to, as a notebook shows them."""
    lines = []
    for name, found in info["tables"].items():
        refers = {
            column: f"{key['referred_table']}.{target}"
            for key in found["foreign_keys"] or ()
            for column, target in zip(key["columns"], key["referred_columns"], strict=False)
        }
        lines += [
            [name, column["name"], str(column["type"]), refers.get(column["name"], "")] for column in found["columns"]
        ]
    head = ["table", "column", "type", "refers to"]
    text = aligned(head, [[_line(cell) for cell in line] for line in lines])
    return {"text/html": table(head, lines), "text/plain": "\n".join(text)}


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool))


def _cell(value: Any) -> str:
    text = "NULL" if value is None else _export.text(value)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"


def _escape(text: str) -> str:
    # Line breaks and tabs are harmless in a page.
    return html.escape(_UNSAFE.sub(lambda found: found.group() if found.group() in "\n\t" else _written(found), text))


def _line(text: str) -> str:
    return _UNSAFE.sub(_written, text)


def _lines(text: str) -> str:
    return "\n".join(_line(line) for line in text.split("\n"))


def _written(found: re.Match[str]) -> str:
    code = ord(found.group())
    return {10: "\\n", 9: "\\t"}.get(code, f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
