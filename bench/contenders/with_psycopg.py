"""psycopg 3 with its C part and the binary protocol."""

from __future__ import annotations

from typing import Any

import psycopg
from measure import answer, measure, rows_digest, work


def rows(work: dict[str, Any]) -> None:
    with psycopg.connect(work["url"]) as connection, connection.cursor(binary=True) as cursor:
        times, result = measure(lambda: cursor.execute("SELECT * FROM item").fetchall(), work["runs"])
        answer(times, rows_digest(result))


if __name__ == "__main__":
    rows(work())
