"""Streams: in order, at once where known, and stopped on the server when nobody listens any more."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from servers import postgresql_database

from db_query_agent import DatabaseQueryAgent, QuestionError
from db_query_agent.testing import ModelServer, Sql

QUESTION = "How many users are there?"
USERS = ["CREATE TABLE users (id integer PRIMARY KEY, name text)", "INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob')"]
SLOW = "SELECT count(*) AS n FROM generate_series(1, 10000000000) AS g"
RUNNING = (
    b"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()"
    b" AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()"
)


def awaited(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so; looks again until then, for ten seconds at most."""
    end = time.monotonic() + 10
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def until_running(events: Any) -> None:
    """Takes events until the statement is told, behind which the stream has nothing for a long time."""
    for event in events:
        if event.kind == "sql":
            return
    pytest.fail("no statement was told")


@contextmanager
def asked_slowly() -> Iterator[tuple[DatabaseQueryAgent, Callable[[], int]]]:
    """An agent whose model proposes a statement without an end, and how many of them the server works on."""
    with (
        postgresql_database(USERS) as url,
        ModelServer(Sql(SLOW), repeat=True) as server,
        psycopg.connect(url, autocommit=True) as connection,
        DatabaseQueryAgent(url, base_url=server.base_url, model_strategy="model") as agent,
    ):

        def running() -> int:
            row = connection.execute(RUNNING).fetchone()
            assert row is not None
            count: int = row[0]
            return count

        yield agent, running


def test_leaving_the_loop_stops_the_statement_on_the_server() -> None:
    with asked_slowly() as (agent, running):
        until_running(agent.query_events(QUESTION))
        assert awaited(lambda: running() == 0)
        with agent.query_events(QUESTION) as stream:
            until_running(stream)
            assert awaited(lambda: running() == 1)
        assert awaited(lambda: running() == 0)
        assert awaited(lambda: agent.get_stats()["errors"] == {"cancelled": 2})


def test_leaving_an_async_loop_stops_the_statement_on_the_server() -> None:
    async def leave(agent: DatabaseQueryAgent, running: Callable[[], int]) -> None:
        async for event in agent.query_events(QUESTION):
            if event.kind == "sql":
                break
        async with agent.query_events(QUESTION) as stream:
            async for event in stream:
                if event.kind == "sql":
                    assert awaited(lambda: running() >= 1)
                    break
        assert awaited(lambda: running() == 0)

    with asked_slowly() as (agent, running):
        asyncio.run(leave(agent, running))


def test_a_cancelled_task_stops_the_statement_it_streams() -> None:
    async def cancel(agent: DatabaseQueryAgent, running: Callable[[], int]) -> None:
        async def listen() -> None:
            async for _ in agent.query_stream(QUESTION):
                pytest.fail("nothing can be told yet")

        task = asyncio.create_task(listen())
        assert await asyncio.to_thread(awaited, lambda: running() == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert awaited(lambda: running() == 0)

    with asked_slowly() as (agent, running):
        asyncio.run(cancel(agent, running))


class Deaf:
    """A model's server that takes a request, answers nothing, and sees when it is hung up on."""

    def __init__(self) -> None:
        self.asked, self.left = threading.Event(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, suppress(ConnectionError):
            while connection.recv(65_536):
                self.asked.set()
        self.left.set()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def deaf() -> Iterator[Deaf]:
    server = Deaf()
    yield server
    server.close()


def test_leaving_the_loop_hangs_up_on_the_model(url: str, deaf: Deaf) -> None:
    with DatabaseQueryAgent(url, base_url=deaf.base_url, model_strategy="model") as agent:
        for event in agent.query_events(QUESTION):
            if event.value == "propose":
                assert deaf.asked.wait(10)
                break
        assert deaf.left.wait(10)


def test_a_cancelled_task_hangs_up_on_the_model(url: str, deaf: Deaf) -> None:
    async def cancel(agent: DatabaseQueryAgent) -> None:
        async def listen() -> list[str]:
            return [piece async for piece in agent.query_stream(QUESTION)]

        task = asyncio.create_task(listen())
        assert await asyncio.to_thread(deaf.asked.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(deaf.left.wait, 10)

    with DatabaseQueryAgent(url, base_url=deaf.base_url, model_strategy="model") as agent:
        asyncio.run(cancel(agent))


def test_what_a_call_cost_is_told_after_it(url: str) -> None:
    with (
        ModelServer(Sql("SELECT count(*) AS n FROM users")) as server,
        DatabaseQueryAgent(url, base_url=server.base_url, model_strategy="model", model="local") as agent,
    ):
        events = list(agent.query_events(QUESTION))
        stats = agent.get_stats()
    usage = next(event.value for event in events if event.kind == "usage")
    assert (usage["calls"], usage["prompt_tokens"], usage["completion_tokens"]) == (1, 10, 5)
    assert usage == events[-1].value["usage"]
    assert stats["model_calls"] == 1
    assert stats["tokens"] == {"prompt": 10, "cached": 0, "completion": 5}
    assert stats["engines"] == {"local": 1}
    assert set(stats["latency"]) == {"ground", "propose", "approve", "run", "answer", "total"}
    assert stats["latency"]["total"]["max"] >= stats["latency"]["propose"]["max"] > 0


def test_what_was_asked_before_comes_without_a_pause(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    with (
        ModelServer(Sql("SELECT count(*) AS n FROM users")) as server,
        DatabaseQueryAgent(url, base_url=server.base_url, model_strategy="model", stream_delay=0.03) as agent,
    ):
        first = agent.query_stream(QUESTION)
        pieces = list(first)
        assert pauses == [0.03] * (len(pieces) - 1)
        again = agent.query_stream(QUESTION)
        assert list(again) == pieces
        assert len(pauses) == len(pieces) - 1
    assert [stream.result and stream.result["cached"] for stream in (first, again)] == [False, True]


def test_a_returned_failure_is_an_event_before_the_answer(url: str) -> None:
    with DatabaseQueryAgent(url, on_error="return") as agent:
        events = list(agent.query_events(""))
        assert [event.kind for event in events] == ["error", "done"]
        assert events[0].value["code"] == "empty_question"
        assert events[1].value["error"] == events[0].value

        async def told() -> list[str]:
            return [event.kind async for event in agent.query_events("")]

        assert asyncio.run(told()) == ["error", "done"]
        assert agent.get_stats()["errors"] == {"empty_question": 2}
    with DatabaseQueryAgent(url) as agent, pytest.raises(QuestionError):
        next(agent.query_events(""))


def test_concurrent_questions_and_streams_are_all_counted(url: str) -> None:
    async def ask(agent: DatabaseQueryAgent) -> None:
        async def stream() -> str:
            return "".join([piece async for piece in agent.query_stream(QUESTION)])

        async def query() -> Any:
            return (await agent.query(QUESTION))["result"]

        answers = await asyncio.gather(*[stream() if number % 2 else query() for number in range(200)])
        assert len(answers) == 200

    with DatabaseQueryAgent(url) as agent:
        asyncio.run(ask(agent))
        stats = agent.get_stats()
    assert (stats["total_queries"], stats["successful_queries"], stats["failed_queries"]) == (200, 200, 0)
    assert stats["engines"] == {"offline": 200}
    assert {step: times["count"] for step, times in stats["latency"].items()} == dict.fromkeys(
        ("ground", "propose", "approve", "run", "answer", "total"), 200
    )
    assert (stats["model_calls"], stats["cost"], stats["unpriced_calls"]) == (0, 0.0, 0)
