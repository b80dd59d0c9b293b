"""asyncmy: asyncio, with its protocol in Cython."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import asyncmy
from measure import answer, measure_async, rows_digest, work


async def rows(work: dict[str, Any]) -> None:
    url = urlsplit(work["url"])
    connection = await asyncmy.connect(
        host=url.hostname,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.path.lstrip("/"),
    )

    async def run() -> Any:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT * FROM item")
            return await cursor.fetchall()

    times, result = await measure_async(run, work["runs"])
    connection.close()
    answer(times, rows_digest(result))


if __name__ == "__main__":
    asyncio.run(rows(work()))
