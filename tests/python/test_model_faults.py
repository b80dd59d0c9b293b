"""What a model's server does on a bad day ends in the right answer or in the right error."""

from __future__ import annotations

import time

import pytest

from db_query_agent import DatabaseQueryAgent, ModelError, QueryTimeoutError
from db_query_agent.testing import (
    Cut,
    Drip,
    Fault,
    ModelServer,
    Raw,
    Reply,
    Reset,
    Silence,
    Slow,
    Sql,
    StreamRefused,
    StructuredOutputRefused,
    Text,
)

QUESTION = "How many users are there?"
ANSWER = Sql("SELECT 100 + count(*) AS n FROM users")
"""Not what the offline engine would say, so that it shows who answered."""


def agent(url: str, server: ModelServer, **options: object) -> DatabaseQueryAgent:
    given = {"model_strategy": "model", "model": "small", "model_timeout": 20, "enable_cache": False, **options}
    return DatabaseQueryAgent(url, base_url=server.base_url, **given)


@pytest.mark.parametrize(
    "replies",
    [
        [Fault(429, retry_after=0), ANSWER],
        [Fault(500), ANSWER],
        [Fault(503, retry_after=0.01), ANSWER],
        [Raw("<html>bad gateway</html>", 502), ANSWER],
        [Reset(), ANSWER],
        [Cut(ANSWER), ANSWER],
        [Slow(0.05, ANSWER)],
        [Drip(0.001, ANSWER)],
        [StructuredOutputRefused(ANSWER)],
        [StructuredOutputRefused(ANSWER, tools=True)],
        [StreamRefused(ANSWER)],
    ],
    ids=lambda replies: type(replies[0]).__name__,
)
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_fault_that_passes_costs_time_only(url: str, replies: list[Reply], api: str) -> None:
    with ModelServer(*replies) as server, agent(url, server, openai_api=api) as asked:
        result = asked.query(QUESTION)
        assert (result["engine"], result["result"], result["warnings"]) == ("small", [(103,)], [])


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Fault(429, retry_after=600), "asks to slow down"),
        (Fault(429, code="insufficient_quota"), "has no credit left"),
        (Fault(500), "failed with status 500"),
        (Silence(), "did not answer within"),
        (Drip(0.1, ANSWER), "did not answer within"),
        (Cut(ANSWER), "broke off"),
        (Reset(), "broke off"),
        (Raw('{"choices": ['), "not JSON"),
        (Text('{"rows": 3}'), "no statement and no question"),
        (Text(""), "empty"),
    ],
    ids=str,
)
def test_a_fault_that_stays_leaves_the_question_to_the_offline_engine(url: str, reply: Reply, words: str) -> None:
    # Enough for all tries where the server answers, and not much to wait where it does not.
    limit = 0.3 if isinstance(reply, (Silence, Drip)) else 20
    with ModelServer(reply, repeat=True) as server, agent(url, server, model_timeout=limit) as asked:
        result = asked.query(QUESTION)
        assert (result["engine"], result["result"]) == ("offline", [(3,)])
        assert words in result["warnings"][0]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Fault(401, "sk-canary is wrong"), "model_authentication"),
        (Fault(403, "sk-canary may not"), "model_authentication"),
        (Fault(404, "no such model"), "model_refused"),
        (Fault(400, "sk-canary: bad request"), "model_refused"),
    ],
    ids=str,
)
def test_a_fault_of_whoever_configured_is_an_error(url: str, reply: Fault, code: str) -> None:
    with ModelServer(reply, repeat=True) as server, agent(url, server, openai_api_key="sk-canary") as asked:
        with pytest.raises(ModelError) as raised:
            asked.query(QUESTION)
        assert (raised.value.code, raised.value.category) == (code, "user")
        assert "sk-canary" not in f"{raised.value!r} {raised.value} {raised.value.hint}"


def test_a_server_that_fails_again_and_again_is_left_alone_until_it_may_be_well(url: str) -> None:
    down = [Fault(500, retry_after=600)] * 2
    options = {"model_breaker_failures": 2, "model_breaker_pause": 0.05}
    with ModelServer(*down, ANSWER, repeat=True) as server, agent(url, server, **options) as asked:
        assert [asked.query(QUESTION)["engine"] for _ in range(2)] == ["offline", "offline"]
        left_alone = asked.query(QUESTION)
        until = time.monotonic() + 30
        while (result := asked.query(QUESTION))["engine"] != "small":
            assert time.monotonic() < until, result["warnings"]
        assert result["result"] == [(103,)]
    if left_alone["engine"] == "offline":
        assert "failed 2 times in a row and is left alone" in left_alone["warnings"][0]


def test_what_a_call_costs_is_known_from_the_table_or_the_options(url: str) -> None:
    answer = Text(ANSWER.text().text, prompt_tokens=1000, completion_tokens=100, cached_tokens=600)
    own = {"small": {"input": 1, "cached_input": 0.5, "output": 10}}
    for options, cost in [
        ({"model": "gpt-4o-mini-2024-07-18"}, (400 * 0.15 + 600 * 0.075 + 100 * 0.6) / 1e6),
        ({"model_prices": own}, (400 * 1 + 600 * 0.5 + 100 * 10) / 1e6),
        ({}, None),
    ]:
        with ModelServer(answer) as server, agent(url, server, **options) as asked:
            usage = asked.query(QUESTION)["usage"]
            assert (usage["cached_tokens"], usage["cost"]) == (600, cost and pytest.approx(cost))


def test_a_question_ends_in_its_time_with_a_stand_in_or_an_error(url: str) -> None:
    with ModelServer(Silence()) as server, agent(url, server, question_timeout=5.0) as asked:
        result = asked.query(QUESTION)
        assert (result["engine"], result["result"]) == ("offline", [(3,)])
        assert "in the time that was left" in result["warnings"][0]
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"
    with ModelServer(Sql(slow)) as server, agent(url, server, question_timeout=4.0) as asked:
        with pytest.raises(QueryTimeoutError) as caught:
            asked.query(QUESTION)
        assert (caught.value.code, caught.value.category) == ("question_timeout", "system")
        # The agent lives on, and the statement does not.
        assert asked.run_sql("SELECT count(*) FROM users")["result"] == [(3,)]
