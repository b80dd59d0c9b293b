"""Sentences that a model writes from rows, where it may see them."""

from __future__ import annotations

import pytest

from db_query_agent import DatabaseQueryAgent
from db_query_agent.testing import Cut, Drip, Fault, ModelServer, Reply, Silence, Sql, StreamRefused, Text

QUESTION = "What did each order cost?"
ORDERS = Sql("SELECT u.name, o.total FROM orders o JOIN users u ON u.id = o.user_id ORDER BY o.id")
PLAIN = "There are 3 rows. The first is name Ann, total 10.5."


def agent_on(url: str, server: ModelServer, **options: object) -> DatabaseQueryAgent:
    chosen: dict[str, object] = {"model_strategy": "model", "share_results": True, "enable_cache": False}
    return DatabaseQueryAgent(url, base_url=server.base_url, **{**chosen, **options})  # type: ignore[arg-type]


def test_a_model_writes_the_sentence_from_the_rows(url: str) -> None:
    said = "Ann spent 30.50 in two orders, in total 37.75 with Cleo's 7.25."
    exact = "Ann paid 10.5 and 20, Cleo 7.25, which is 37.75 in total."
    with ModelServer(ORDERS, Text(exact), ORDERS, Text(said)) as server, agent_on(url, server) as agent:
        result = agent.query(QUESTION)
        assert result["natural_response"] == exact
        assert (result["warnings"], result["usage"]["calls"]) == ([], 2)
        shown = server.requests[1].text
        assert "Ann | 10.5" in shown
        assert "Cleo | 7.25" in shown
        assert agent.get_stats()["model_calls"] == 2
        # 30.50 is the sum of two of the three rows.
        result = agent.query(QUESTION)
        assert result["natural_response"] == PLAIN
        assert "no cell" in result["warnings"][0]


def test_what_a_model_thinks_aloud_is_no_sentence(url: str) -> None:
    thought = Text("<think>Is it 99? No.</think>\n\nAnn paid 10.5 first.")
    with ModelServer(ORDERS, thought, ORDERS, thought) as server, agent_on(url, server) as agent:
        result = agent.query(QUESTION)
        assert (result["natural_response"], result["warnings"]) == ("Ann paid 10.5 first.", [])
        assert "".join(agent.query_stream(QUESTION)) == "Ann paid 10.5 first."


def test_no_row_is_shown_unless_it_is_allowed(url: str) -> None:
    with ModelServer(ORDERS) as server, agent_on(url, server, share_results=False) as agent:
        assert agent.query(QUESTION)["natural_response"] == PLAIN
        assert not any("10.5" in request.text for request in server.requests)


def test_a_sentence_that_nobody_wants_is_not_asked_for(url: str) -> None:
    with ModelServer(ORDERS) as server, agent_on(url, server) as agent:
        assert agent.query(QUESTION, return_natural_response=False)["natural_response"] is None


def test_masked_columns_are_shown_masked(url: str) -> None:
    with (
        ModelServer(ORDERS, Text("Somebody paid 10.5 first.")) as server,
        agent_on(url, server, masked_columns=["users.name"]) as agent,
    ):
        assert agent.query(QUESTION)["natural_response"] == "Somebody paid 10.5 first."
        assert "*** | 10.5" in server.requests[1].text
        assert "Ann" not in server.requests[1].text


@pytest.mark.parametrize(
    "reply",
    [
        Text("In all 99 orders."),
        Text("  "),
        Fault(401),
        Text("Ann paid 1,000 dollars. She did."),
        Cut(Drip(0.001, Text("Ann paid 10.5 and then she paid 20 and so on until the evening."))),
    ],
    ids=["wrong", "empty", "refused", "wrong in the middle", "cut"],
)
def test_a_sentence_that_does_not_hold_gives_way_to_a_plain_one(url: str, reply: Reply) -> None:
    with ModelServer(ORDERS, reply) as server, agent_on(url, server) as agent:
        stream = agent.query_stream(QUESTION)
        told = "".join(stream)
        assert stream.result is not None
        assert stream.result["natural_response"] == PLAIN
        assert told.endswith(PLAIN)
        assert not any(number in told for number in ("99", "1,000"))
        assert "a plain sentence stands in the place of the model's" in stream.result["warnings"][0]


def test_a_model_that_is_silent_costs_no_answer(url: str) -> None:
    with ModelServer(ORDERS, Silence()) as server, agent_on(url, server, model_timeout=0.5) as agent:
        result = agent.query(QUESTION)
        assert result["natural_response"] == PLAIN
        assert len(result["result"]) == 3


EXACT = "Ann paid 10.5 and 20, Cleo 7.25, which is 37.75 in total."


@pytest.mark.parametrize("reply", [Text(EXACT), Drip(0.001, Text(EXACT)), StreamRefused(Text(EXACT))])
def test_what_is_streamed_is_what_is_answered(url: str, reply: Reply) -> None:
    with ModelServer(ORDERS, reply) as server, agent_on(url, server) as agent:
        stream = agent.query_stream(QUESTION)
        assert "".join(stream) == EXACT
        assert stream.result is not None
        assert stream.result["natural_response"] == EXACT


def test_what_telling_costs_is_counted(url: str) -> None:
    prices = {"local": {"input": 1.0, "output": 2.0}}
    with (
        ModelServer(ORDERS, Text(EXACT, prompt_tokens=100, completion_tokens=50)) as server,
        agent_on(url, server, model="local", model_prices=prices) as agent,
    ):
        events = list(agent.query_events(QUESTION))
        costs = [event.value["cost"] for event in events if event.kind == "usage"]
        assert costs == [pytest.approx(20e-6), pytest.approx(220e-6)]
        assert agent.get_stats()["cost"] == pytest.approx(220e-6)
        assert events[-1].value["usage"]["cost"] == pytest.approx(220e-6)
    with ModelServer(ORDERS, Text(EXACT)) as server, agent_on(url, server, model="unheard-of") as agent:
        agent.query(QUESTION)
        stats = agent.get_stats()
        assert (stats["model_calls"], stats["unpriced_calls"], stats["cost"]) == (2, 2, None)
