"""The rows of a result in the forms that other tools read. Each library is imported when it is asked for."""

from __future__ import annotations

import base64
import csv
import datetime
import decimal
import html
import io
import json
import math
import uuid
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db_query_agent.exceptions import ConfigurationError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    import pandas
    import polars
    import pyarrow

    from db_query_agent.results import QueryResult

SHOWN_ROWS = 50
"""Rows a notebook shows."""


def optional(module: str, purpose: str, extra: str | None = None) -> Any:
    """The module, or one sentence saying what to install."""
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        wanted = f"db-query-agent[{extra}]" if extra else package
        raise ConfigurationError(
            f"{purpose} needs the package `{package}`",
            code="missing_package",
            category="user",
            hint=f"pip install '{wanted}'",
        ) from error


def rows_of(result: QueryResult) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and the rows; none where the rows were not asked for."""
    return list(result.get("columns") or ()), list(result.get("result") or ())


def unique(names: Sequence[str]) -> list[str]:
    """The names with `_1`, `_2` behind those that came before: two columns of a join may be called alike."""
    taken: set[str] = set()
    made = []
    for name in names:
        candidate, number = name, 0
        while candidate in taken or (number and candidate in names):
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate)
        made.append(candidate)
    return made


def to_pandas(result: QueryResult) -> pandas.DataFrame:
    columns, rows = rows_of(result)
    frame: pandas.DataFrame = optional("pandas", "`to_pandas()`").DataFrame.from_records(rows, columns=unique(columns))
    return frame


def to_arrow(result: QueryResult) -> pyarrow.Table:
    arrow = optional("pyarrow", "`to_arrow()`")
    columns, rows = rows_of(result)
    cells: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [_array(arrow, column) for column in cells]
    table: pyarrow.Table = arrow.Table.from_arrays(arrays, names=unique(columns))
    return table


def _array(arrow: Any, column: Sequence[Any]) -> Any:
    try:
        return arrow.array([str(cell) if isinstance(cell, uuid.UUID) else cell for cell in column])
    except (arrow.ArrowException, TypeError, ValueError, OverflowError):
        # Values of several types, as SQLite allows, have no type in a typed column but text.
        return arrow.array([None if cell is None else text(cell) for cell in column], type=arrow.string())


def to_polars(result: QueryResult) -> polars.DataFrame:
    frames = optional("polars", "`to_polars()`")
    columns, rows = rows_of(result)
    cells: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    series = [_series(frames, name, column) for name, column in zip(unique(columns), cells, strict=True)]
    frame: polars.DataFrame = frames.DataFrame(series)
    return frame


def _series(frames: Any, name: str, column: Sequence[Any]) -> Any:
    plain = [str(cell) if isinstance(cell, uuid.UUID) else cell for cell in column]
    try:
        return frames.Series(name, plain, strict=True)
    except (TypeError, ValueError, OverflowError, frames.exceptions.PolarsError):
        return frames.Series(name, [None if cell is None else text(cell) for cell in plain], dtype=frames.String)


def to_csv(result: QueryResult, path: str | os.PathLike[str] | None, delimiter: str, header: bool) -> str | None:
    columns, rows = rows_of(result)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n" if path is None else "\r\n")
    if header:
        writer.writerow(columns)
    writer.writerows([["" if cell is None else text(cell) for cell in row] for row in rows])
    return _give(out.getvalue(), path)


def to_json(result: QueryResult, path: str | os.PathLike[str] | None, whole: bool, indent: int | None) -> str | None:
    columns, rows = rows_of(result)
    names = unique(columns)
    content: Any = dict(result) if whole else [dict(zip(names, row, strict=True)) for row in rows]
    return _give(json.dumps(plain(content), ensure_ascii=False, indent=indent, allow_nan=False), path)


def to_excel(result: QueryResult, path: str | os.PathLike[str], sheet: str) -> None:
    openpyxl = optional("openpyxl", "`to_excel()`")
    columns, rows = rows_of(result)
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.append([_cell(openpyxl, page, name) for name in columns])
    for row in rows:
        page.append([_cell(openpyxl, page, value) for value in row])
    book.save(path)


def _cell(openpyxl: Any, page: Any, value: Any) -> Any:
    if value is None or isinstance(value, (bool, datetime.date, datetime.time, datetime.timedelta)):
        # A workbook has no time zones.
        zoned = getattr(value, "tzinfo", None) is not None
        return openpyxl.cell.WriteOnlyCell(page, text(value) if zoned else value)
    # A number in a workbook is a double: what it cannot hold exactly stays text.
    if isinstance(value, (int, float)) and math.isfinite(value) and abs(value) < 2**53:
        return openpyxl.cell.WriteOnlyCell(page, value)
    if isinstance(value, decimal.Decimal) and value.is_finite() and len(value.as_tuple().digits) <= 15:
        return openpyxl.cell.WriteOnlyCell(page, value)
    shown = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text(value))
    cell = openpyxl.cell.WriteOnlyCell(page, shown[:32_767])
    # A text that starts with `=` would be run as a formula by whoever opens the file.
    cell.data_type = "s"
    return cell


def to_parquet(result: QueryResult, path: str | os.PathLike[str]) -> None:
    optional("pyarrow.parquet", "`to_parquet()`").write_table(to_arrow(result), path)


def to_html(result: QueryResult) -> str:
    columns, rows = rows_of(result)
    escape: Callable[[Any], str] = lambda value: html.escape("NULL" if value is None else text(value))  # noqa: E731
    parts = []
    if sentence := result.get("natural_response") or result.get("clarification_question"):
        parts.append(f"<p>{escape(sentence)}</p>")
    if columns:
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[:SHOWN_ROWS]
        )
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
        if len(rows) > SHOWN_ROWS:
            parts.append(f"<p>{SHOWN_ROWS} of {len(rows)} rows</p>")
    if sql := result.get("sql"):
        parts.append(f"<pre><code>{escape(sql)}</code></pre>")
    return "".join(parts)


def text(value: Any) -> str:
    """The value as text that a person can read and a program can read back."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return duration(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(plain(value), ensure_ascii=False)
    return str(value)


def plain(value: Any) -> Any:
    """The value in JSON's own types. What JSON cannot hold exactly becomes text, not a near number."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return text(value)


def duration(value: datetime.timedelta) -> str:
    """ISO 8601, section 4.4.3.2: `P1DT2H3M4.5S`."""
    sign = "-" if value < datetime.timedelta() else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    return f"{sign}P{value.days}DT{hours}H{minutes}M{seconds}{fraction}S"


def _give(content: str, path: str | os.PathLike[str] | None) -> str | None:
    if path is None:
        return content
    Path(path).write_text(content, encoding="utf-8", newline="")
    return None
