"""A thousand questions at once over one agent and one model's server."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from db_query_agent import DatabaseQueryAgent
from db_query_agent.testing import ModelServer, Sql

AT_ONCE = 1_000
ROUNDS = 3


def resident() -> float:
    """The memory of this process in MiB."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_thousand_at_once_three_times_with_no_error_and_nothing_left_behind(url: str) -> None:
    with DatabaseQueryAgent(url) as agent:
        # What the process opens once, it opens now.
        agent.query("How many users are there?").keys()
    before, threads = descriptors(), threading.active_count()
    memory = []

    async def ask_all(agent: DatabaseQueryAgent) -> None:
        for turn in range(ROUNDS):
            questions = [f"How many users are there, in turn {turn} of asker {asker}?" for asker in range(AT_ONCE)]
            results = await asyncio.gather(*(agent.query(question) for question in questions))
            assert {(result["engine"], *result["result"][0]) for result in results} == {("small", 3)}
            assert [result["question"] for result in results] == questions
            del results
            memory.append(resident())

    with ModelServer(Sql("SELECT count(*) AS n FROM users"), repeat=True, record=False) as server:
        options = {"model": "small", "model_strategy": "model", "enable_cache": False, "question_timeout": 300}
        with DatabaseQueryAgent(url, base_url=server.base_url, **options) as agent:
            asyncio.run(ask_all(agent))
            assert server.asked == AT_ONCE * ROUNDS
            assert server.connections <= AT_ONCE
        # Both ends of each connection were in this process.
        wait_for(lambda: server.connections == 0)
    wait_for(lambda: descriptors() <= before)
    assert threading.active_count() <= threads
    assert memory[-1] < memory[0] * 1.25, memory
