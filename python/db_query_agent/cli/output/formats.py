"""The formats of results."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from db_query_agent.cli.complaint import Complaint


class Format(str, Enum):
    """How rows are printed."""

    TABLE = "table"
    VERTICAL = "vertical"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    EXCEL = "excel"
    PARQUET = "parquet"
    ARROW = "arrow"

    @property
    def is_binary(self) -> bool:
        """Whether it is no text."""
        return self in (Format.EXCEL, Format.PARQUET, Format.ARROW)

    @classmethod
    def of_path(cls, path: Path) -> Format:
        """The format that the ending of a file's name means."""
        try:
            return ENDINGS[path.suffix.lower()]
        except KeyError:
            known = ", ".join(ENDINGS)
            ending = f"the ending `{path.suffix}`" if path.suffix else "a name without an ending"
            raise Complaint(f"{ending} means no format", hint=f"use one of {known}, or say --format") from None


ENDINGS = {
    ".txt": Format.TABLE,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".md": Format.MARKDOWN,
    ".xlsx": Format.EXCEL,
    ".parquet": Format.PARQUET,
    ".arrow": Format.ARROW,
    ".feather": Format.ARROW,
}

ABOUT = {
    Format.TABLE: "columns side by side, numbers to the right; one value a line where the terminal is too narrow",
    Format.VERTICAL: "one value a line",
    Format.JSON: "the whole answer with the keys of `QueryResult`; one line for each question from the standard input",
    Format.JSONL: "one object a row",
    Format.CSV: "RFC 4180 with a head line; NULL is empty",
    Format.MARKDOWN: "a table of GitHub's Markdown",
    Format.EXCEL: "a workbook (needs the extra `excel`)",
    Format.PARQUET: "a Parquet file (needs the extra `arrow`)",
    Format.ARROW: "an Arrow file, also called Feather 2 (needs the extra `arrow`)",
}
"""The formats in the order of the reference page."""
