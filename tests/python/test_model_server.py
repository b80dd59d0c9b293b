"""The model's server for tests, asked over plain HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from db_query_agent.testing import Fault, ModelServer, Raw, Silence, Slow, Sql, StructuredOutputRefused, Text


def ask(server: ModelServer, **body: Any) -> tuple[int, Any]:
    """The status and the body of one request."""
    message = {"model": "small", "messages": [{"role": "user", "content": "how many?"}], **body}
    request = urllib.request.Request(
        server.base_url + "/chat/completions", json.dumps(message).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def said(answer: Any) -> str:
    return str(answer["choices"][0]["message"]["content"])


def test_answers_come_in_order_and_requests_are_recorded() -> None:
    with ModelServer(Text("hello", prompt_tokens=7), Sql("SELECT 1", confidence=0.5)) as server:
        status, answer = ask(server)
        assert (status, said(answer), answer["usage"]["prompt_tokens"]) == (200, "hello", 7)
        structured = json.loads(said(ask(server)[1]))
        assert (structured["sql"], structured["confidence"]) == ("SELECT 1", 0.5)
    assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 2
    assert server.requests[0].text == "how many?"
    assert server.requests[0].headers["content-type"] == "application/json"


def test_faults_have_status_header_and_words() -> None:
    with ModelServer(Fault(429, "slow down", retry_after=1.5), Raw("[]", status=503)) as server:
        assert ask(server) == (429, {"error": {"message": "slow down", "type": "error", "param": None, "code": None}})
        assert ask(server) == (503, [])


def test_structured_output_is_refused_until_it_is_left_out() -> None:
    with ModelServer(StructuredOutputRefused(Slow(0.01, Text("plain")))) as server:
        assert ask(server, response_format={"type": "json_schema"})[0] == 400
        assert said(ask(server)[1]) == "plain"


def test_a_reply_left_over_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="1 replies"), ModelServer(Text("unheard")):
        pass


def test_asking_too_often_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="1 times more"), ModelServer() as server:
        assert ask(server)[0] == 400


def test_the_last_reply_may_be_for_ever() -> None:
    with ModelServer(Text("first"), Text("again"), repeat=True) as server:
        assert [said(ask(server)[1]) for _ in range(3)] == ["first", "again", "again"]


def test_closing_hangs_up_on_whoever_waits() -> None:
    server = ModelServer(Silence(), repeat=True)
    request = urllib.request.Request(server.base_url + "/chat/completions", b"{}")
    with pytest.raises((urllib.error.URLError, TimeoutError)):
        urllib.request.urlopen(request, timeout=0.2)
    server.close()
    server.check()
