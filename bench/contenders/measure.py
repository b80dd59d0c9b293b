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


class Times:
    """What each run took: by the clock, and of the processors, which a busy machine changes less."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.cpu: list[float] = []

    def begin(self) -> None:
        gc.collect()
        self._clock, self._cpu = time.perf_counter(), time.process_time()

    def end(self) -> None:
        self.seconds.append(time.perf_counter() - self._clock)
        self.cpu.append(time.process_time() - self._cpu)

    def forget_warm_ups(self) -> Times:
        del self.seconds[:WARM_UPS], self.cpu[:WARM_UPS]
        return self


def measure(run: Callable[[], Any], runs: int) -> tuple[Times, Any]:
    """The times of the runs, and what the last one gave. Freeing a result is not part of the next."""
    times = Times()
    result = None
    for _ in range(WARM_UPS + runs):
        result = None
        times.begin()
        result = run()
        times.end()
    return times.forget_warm_ups(), result


def measure_calls(run: Callable[[], Any], runs: int, calls: int) -> tuple[Times, Any]:
    """The time of one call, where it is too short for a clock: each run makes `calls` of them."""

    def many() -> Any:
        result = None
        for _ in range(calls):
            result = run()
        return result

    times, result = measure(many, runs)
    times.seconds = [value / calls for value in times.seconds]
    times.cpu = [value / calls for value in times.cpu]
    return times, result


async def measure_async(run: Callable[[], Awaitable[Any]], runs: int) -> tuple[Times, Any]:
    """The same for a coroutine function, inside a loop that is already there."""
    times = Times()
    result = None
    for _ in range(WARM_UPS + runs):
        result = None
        times.begin()
        result = await run()
        times.end()
    return times.forget_warm_ups(), result


def rows_digest(rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """How many there are, and the cells of the first and the last as Python shows them."""
    shown = {
        f"{place} row, cell {number}": repr(cell)
        for place, row in (("first", rows[0]), ("last", rows[-1]))
        for number, cell in enumerate(row, 1)
    }
    return {"rows": str(len(rows)), **shown}


def answer(times: Times, digest: dict[str, str] | None = None, note: str = "") -> None:
    """Tells the runner; memory is the peak of the whole process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": times.seconds, "cpu": times.cpu, "digest": digest, "peak_mib": round(peak, 1), "note": note}
    print(json.dumps(told))
