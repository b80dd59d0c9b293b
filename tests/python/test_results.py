"""A result is a dictionary with and without an event loop, awaited or not."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import threading
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from conftest import SLOW

from db_query_agent import DatabaseQueryAgent, QueryCancelledError, QueryResult, QuestionError

QUESTION = "How many users are there?"


def test_without_a_loop_it_is_filled_at_once(agent: DatabaseQueryAgent) -> None:
    result = agent.query(QUESTION)
    assert type(result) is QueryResult
    assert dict.__len__(result) > 10
    assert result["result"] == [(3,)]
    assert result["question"] == QUESTION
    assert "3" in result["natural_response"]


def test_keys_are_those_of_the_reference(agent: DatabaseQueryAgent) -> None:
    assert list(agent.query(QUESTION))[:6] == [
        "question",
        "sql",
        "result",
        "columns",
        "natural_response",
        "execution_time",
    ]
    assert {
        "explanation",
        "confidence",
        "needs_clarification",
        "clarification_question",
        "engine",
        "cached",
        "as_of",
        "truncated",
        "row_count",
        "warnings",
        "usage",
        "error",
    } <= agent.query(QUESTION).keys()


def test_names_of_the_old_release_read_the_same_values(agent: DatabaseQueryAgent) -> None:
    result = agent.query(QUESTION)
    assert result["results"] is result["result"]
    assert result["final_output"] == result["natural_response"]
    assert result.get("results") is result["result"]
    assert "results" in result
    assert "results" not in list(result)
    with pytest.raises(KeyError):
        result["nothing of that name"]


LOOKS: dict[str, Callable[[QueryResult], Any]] = {
    "item": lambda result: result["result"],
    "get": lambda result: result.get("result"),
    "old name": lambda result: result["results"],
    "dict": lambda result: dict(result)["result"],
    "unpack": lambda result: {**result}["result"],
    "keywords": lambda result: (lambda **words: words)(**result)["result"],
    "or": lambda result: (result | {})["result"],
    "or behind": lambda result: ({} | result)["result"],
    "update": lambda result: _updated(result)["result"],
    "items": lambda result: dict(result.items())["result"],
    "values": lambda result: [(3,)] if [(3,)] in list(result.values()) else None,
    "length": lambda result: [(3,)] if len(result) > 10 else None,
    "truth": lambda result: [(3,)] if result else None,
    "membership": lambda result: [(3,)] if "sql" in result else None,
    "iteration": lambda result: [(3,)] if "sql" in list(result) else None,
    "json": lambda result: [tuple(row) for row in json.loads(json.dumps(result))["result"]],
    "json indented": lambda result: [tuple(row) for row in json.loads(json.dumps([result], indent=1))[0]["result"]],
    "copy": lambda result: copy.copy(result)["result"],
    "deepcopy": lambda result: copy.deepcopy(result)["result"],
    "pickle": lambda result: pickle.loads(pickle.dumps(result))["result"],
    "equality": lambda result: [(3,)] if result == dict(result) else None,
    "reflected equality": lambda result: [(3,)] if dict(result) == result else None,
    "match": lambda result: _matched(result),
    "repr": lambda result: [(3,)] if "[(3,)]" in repr(result) and "[(3,)]" in f"{result}" else None,
    "csv": lambda result: [(int((result.to_csv() or "").split()[1]),)],
}


def _updated(result: QueryResult) -> dict[str, Any]:
    target: dict[str, Any] = {}
    target.update(result)
    return target


def _matched(result: QueryResult) -> Any:
    match result:
        case {"result": rows}:
            return rows
    return None


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_every_first_look_inside_a_loop_gives_the_answer(
    agent: DatabaseQueryAgent, look: Callable[[QueryResult], Any]
) -> None:
    async def main() -> Any:
        return look(agent.query(QUESTION))

    assert asyncio.run(main()) == [(3,)]


def test_await_gives_the_same_object_filled(agent: DatabaseQueryAgent) -> None:
    async def main() -> None:
        result = agent.query(QUESTION)
        answer = await result
        assert answer is result
        assert type(answer) is QueryResult
        assert (await answer)["result"] == [(3,)]

    asyncio.run(main())


def test_awaiting_leaves_the_loop_free(agent: DatabaseQueryAgent) -> None:
    async def main() -> None:
        slow = asyncio.ensure_future(agent.run_sql(SLOW))
        assert (await agent.query(QUESTION))["result"] == [(3,)]
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow

    asyncio.run(main())


def test_gather_tasks_groups_and_shields(agent: DatabaseQueryAgent) -> None:
    async def main() -> None:
        same = agent.query(QUESTION)
        answers = await asyncio.gather(same, same, *[agent.query(QUESTION) for _ in range(20)])
        assert all(answer["result"] == [(3,)] for answer in answers)
        assert (await asyncio.create_task(agent.query(QUESTION)))["row_count"] == 1
        assert (await asyncio.shield(agent.query(QUESTION)))["row_count"] == 1
        done, _ = await asyncio.wait([asyncio.ensure_future(agent.query(QUESTION)) for _ in range(3)])
        assert len(done) == 3
        shared = agent.query(QUESTION)
        first, second = asyncio.create_task(shared), asyncio.create_task(shared)
        assert (await first) is (await second)

    asyncio.run(main())


def test_run_accepts_a_result_as_a_coroutine(agent: DatabaseQueryAgent) -> None:
    assert asyncio.run(agent.query(QUESTION))["result"] == [(3,)]


def test_a_result_can_be_awaited_in_another_loop(agent: DatabaseQueryAgent) -> None:
    async def start() -> QueryResult:
        return agent.query(QUESTION)

    async def finish(result: QueryResult) -> QueryResult:
        return await result

    assert asyncio.run(finish(asyncio.run(start())))["result"] == [(3,)]


def test_a_closed_loop_does_not_matter_to_a_reader(agent: DatabaseQueryAgent) -> None:
    async def start() -> list[QueryResult]:
        return [agent.query(QUESTION)]

    (result,) = asyncio.run(start())
    assert result["result"] == [(3,)]


def test_a_time_limit_stops_the_statement(agent: DatabaseQueryAgent) -> None:
    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(agent.run_sql(SLOW), 0.05)
        assert (await agent.query(QUESTION))["result"] == [(3,)]

    asyncio.run(main())


def test_one_of_two_waiters_may_leave(agent: DatabaseQueryAgent) -> None:
    async def wait_for(result: QueryResult) -> QueryResult:
        return await result

    async def main() -> None:
        result = agent.run_sql(SLOW)
        first, second = asyncio.create_task(wait_for(result)), asyncio.create_task(wait_for(result))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.sleep(0)
        assert not second.done()
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        with pytest.raises(QueryCancelledError) as caught:
            result["result"]
        assert caught.value.code == "cancelled"

    asyncio.run(main())


def test_threads_share_an_agent(agent: DatabaseQueryAgent) -> None:
    found: list[Any] = []

    def ask() -> None:
        found.append(agent.query(QUESTION)["result"])

    def ask_in_a_loop() -> None:
        async def main() -> None:
            found.append((await agent.query(QUESTION))["result"])

        asyncio.run(main())

    threads = [threading.Thread(target=work) for work in [ask, ask_in_a_loop] * 10]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(3,)]] * 20


def test_a_failure_is_raised_where_the_answer_would_be(agent: DatabaseQueryAgent) -> None:
    with pytest.raises(QuestionError):
        agent.query("")

    async def main() -> None:
        result = agent.query("")
        with pytest.raises(QuestionError):
            await result
        with pytest.raises(QuestionError):
            result["sql"]
        with pytest.raises(QuestionError):
            agent.query("")["sql"]

    asyncio.run(main())


def test_a_dropped_result_says_nothing(agent: DatabaseQueryAgent) -> None:
    async def main() -> None:
        agent.query(QUESTION)
        agent.query("")
        await agent.query(QUESTION)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(main())
        gc.collect()


def test_raw_storage_of_an_unread_result_cannot_pass_for_an_answer(agent: DatabaseQueryAgent) -> None:
    async def main() -> None:
        result = agent.run_sql(SLOW)
        assert dict.__len__(result) == 1
        (placeholder,) = dict.values(result)
        with pytest.raises(TypeError):
            json.dumps(placeholder)
        task = asyncio.ensure_future(result)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_a_loop_in_debug_mode_warns_of_a_blocking_read(
    agent: DatabaseQueryAgent, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        agent.query(QUESTION)["result"]

    asyncio.run(main(), debug=True)
    assert "before it was awaited" in caplog.text


def test_results_are_told_apart_by_identity(agent: DatabaseQueryAgent) -> None:
    first, second = agent.query(QUESTION), agent.query(QUESTION)
    assert len({first, second, first}) == 2


def test_a_copy_is_of_its_own(agent: DatabaseQueryAgent) -> None:
    result = agent.query(QUESTION)
    clone = result.copy()
    clone["sql"] = "changed"
    assert result["sql"] != "changed"
    assert isinstance(pickle.loads(pickle.dumps(result)), QueryResult)
