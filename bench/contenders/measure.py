"""What every contender does alike: read the work, warm up, run, say how long it took."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

WARM_UPS = 2


def work() -> dict[str, Any]:
    """What the runner asks for."""
    return json.loads(sys.argv[1])


def measure(run: Callable[[], Any], runs: int) -> tuple[list[float], Any]:
    """Seconds of each run, and what the last one gave. Freeing a result is not part of the next."""
    seconds = []
    result = None
    for number in range(WARM_UPS + runs):
        result = None
        gc.collect()
        start = time.perf_counter()
        result = run()
        if number >= WARM_UPS:
            seconds.append(time.perf_counter() - start)
    return seconds, result


async def measure_async(run: Callable[[], Awaitable[Any]], runs: int) -> tuple[list[float], Any]:
    """The same for a coroutine function, inside a loop that is already there."""
    seconds = []
    result = None
    for number in range(WARM_UPS + runs):
        result = None
        gc.collect()
        start = time.perf_counter()
        result = await run()
        if number >= WARM_UPS:
            seconds.append(time.perf_counter() - start)
    return seconds, result


def rows_digest(rows: Sequence[Sequence[Any]]) -> str:
    """How many there are, and the first and the last as Python shows them: equal for equal values."""
    shown = [", ".join(f"{cell!r}" for cell in row) for row in (rows[0], rows[-1])]
    return f"{len(rows)} rows, ({shown[0]}), ({shown[1]})"


def answer(seconds: list[float], digest: str | None = None) -> None:
    """Tells the runner; memory is the peak of the whole process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "digest": digest, "peak_mib": round(peak, 1)}))
