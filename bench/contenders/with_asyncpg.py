"""asyncpg: the fastest PostgreSQL driver of Python."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
from measure import answer, measure_async, rows_digest, work


async def rows(work: dict[str, Any]) -> None:
    connection = await asyncpg.connect(work["url"])
    times, result = await measure_async(lambda: connection.fetch("SELECT * FROM item"), work["runs"])
    await connection.close()
    answer(times, rows_digest([tuple(result[0]), *result[1:-1], tuple(result[-1])]))


if __name__ == "__main__":
    asyncio.run(rows(work()))
