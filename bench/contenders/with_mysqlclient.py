"""mysqlclient: a wrapper of the C client library, the fastest MySQL driver of Python."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import MySQLdb
from measure import answer, measure, rows_digest, work


def rows(work: dict[str, Any]) -> None:
    url = urlsplit(work["url"])
    connection = MySQLdb.connect(
        host=url.hostname,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.path.lstrip("/"),
        charset="utf8mb4",
    )

    def run() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM item")
            return cursor.fetchall()

    times, result = measure(run, work["runs"])
    answer(times, rows_digest(result))


if __name__ == "__main__":
    rows(work())
