"""Whole questions with a model that answers at once: one after another, or many at a time."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measure import Times, answer

MODEL = Path(__file__).resolve().parent.parent / "model.py"
Ask = Callable[[str], Awaitable[str]]


@contextmanager
def model() -> Iterator[str]:
    """The address of a model of one's own."""
    with subprocess.Popen([sys.executable, str(MODEL)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


async def measure(ask: Ask, work: dict[str, Any]) -> None:
    """Asks `quantity` questions, no two alike, at most `detail` at a time, in each run; tells the time of one."""
    at_once, quantity = int(work["detail"]), work["quantity"]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    times, latencies, wrong = Times(), [], []

    async def one_after_another(questions: Iterator[str], spent: list[float]) -> None:
        for question in questions:
            start = time.perf_counter()
            said = await ask(question)
            spent.append(time.perf_counter() - start)
            if "orders" not in said:
                wrong.append(said)

    for run in range(1 + work["runs"]):
        questions = iter([f"How many orders are there, part {run * quantity + number}?" for number in range(quantity)])
        spent: list[float] = []
        times.begin()
        await asyncio.gather(*(one_after_another(questions, spent) for _ in range(at_once)))
        times.end()
        if run:
            latencies += spent
    if wrong:
        raise SystemExit(f"{len(wrong)} questions were not answered: {wrong[0][:200]}")
    # The first run is for warming up.
    del times.seconds[0], times.cpu[0]
    times.seconds = [value / quantity for value in times.seconds]
    times.cpu = [value / quantity for value in times.cpu]
    latencies.sort()
    middle, late = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
    rate = 1 / (sum(times.seconds) / len(times.seconds))
    note = f"{rate:,.0f} questions/s; each {middle * 1e3:,.2f} ms, p99 {late * 1e3:,.2f} ms"
    answer(times, note=note)
