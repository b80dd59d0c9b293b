"""Rows as a file of a program: a workbook, Parquet, Arrow."""

from __future__ import annotations

import io
from typing import Any

from db_query_agent import _export
from db_query_agent.cli.output.formats import Format
from db_query_agent.results import QueryResult

_NEEDED = {
    Format.EXCEL: ("openpyxl", "excel"),
    Format.PARQUET: ("pyarrow.parquet", "arrow"),
    Format.ARROW: ("pyarrow", "arrow"),
}


def check(form: Format) -> None:
    """Says what is missing before a question is asked that could not be written down."""
    if form in _NEEDED:
        module, extra = _NEEDED[form]
        _export.optional(module, f"the format `{form.value}`", extra)


def content(result: QueryResult, form: Format) -> bytes:
    """The bytes of the file."""
    buffer: Any = io.BytesIO()
    if form is Format.EXCEL:
        result.to_excel(buffer)
    elif form is Format.PARQUET:
        result.to_parquet(buffer)
    else:
        table = result.to_arrow()
        with _export.optional("pyarrow.ipc", "the format `arrow`", "arrow").new_file(buffer, table.schema) as file:
            file.write_table(table)
    made: bytes = buffer.getvalue()
    return made
