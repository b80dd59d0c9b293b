"""sqlite3 of Python's library."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from measure import answer, measure, rows_digest, work


def rows(work: dict[str, Any]) -> None:
    with closing(sqlite3.connect(work["url"].removeprefix("sqlite:///"))) as connection:
        times, result = measure(lambda: connection.execute("SELECT * FROM item").fetchall(), work["runs"])
        answer(times, rows_digest(result))


if __name__ == "__main__":
    rows(work())
