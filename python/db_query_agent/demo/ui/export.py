"""The rows of a result as files to download."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from db_query_agent.results import QueryResult

FORMATS = {
    "CSV": ("csv", "text/csv"),
    "Excel": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "JSON": ("json", "application/json"),
    "Parquet": ("parquet", "application/vnd.apache.parquet"),
}
"""The ending and the media type of each format."""


def contents(result: QueryResult, kind: str) -> bytes:
    """The rows as a file of the format `kind`.

    Raises:
        ConfigurationError: the library for it is not installed
    """
    with tempfile.TemporaryDirectory(prefix="db-query-agent-") as folder:
        path = Path(folder) / "rows"
        write: dict[str, Callable[[Path], object]] = {
            "CSV": result.to_csv,
            "Excel": result.to_excel,
            "JSON": result.to_json,
            "Parquet": result.to_parquet,
        }
        write[kind](path)
        return path.read_bytes()
