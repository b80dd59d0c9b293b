"""The model's server for tests, asked over plain HTTP."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from typing import Any

import pytest

from db_query_agent.testing import (
    Call,
    Calls,
    Cut,
    Drip,
    Fault,
    ModelServer,
    Raw,
    Reset,
    ScriptedModel,
    Silence,
    Slow,
    Sql,
    StreamRefused,
    StructuredOutputRefused,
    Text,
)


def fetch(server: ModelServer, path: str = "/chat/completions", **body: Any) -> tuple[int, str]:
    """The status and the body of one request, as text."""
    message = {"model": "small", "messages": [{"role": "user", "content": "how many?"}], **body}
    request = urllib.request.Request(
        server.base_url + path, json.dumps(message).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def ask(server: ModelServer, path: str = "/chat/completions", **body: Any) -> tuple[int, Any]:
    """The status and the body of one request, as JSON."""
    status, text = fetch(server, path, **body)
    return status, json.loads(text)


def events(server: ModelServer, path: str = "/chat/completions", **body: Any) -> list[Any]:
    """The events of one streamed answer."""
    lines = fetch(server, path, stream=True, **body)[1].splitlines()
    told = [line.removeprefix("data: ") for line in lines if line]
    return [event if event == "[DONE]" else json.loads(event) for event in told]


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


def test_a_streamed_answer_comes_word_by_word_with_its_cost_where_that_is_asked_for() -> None:
    with ModelServer(Text("there were 3"), Text("yes")) as server:
        *pieces, end, cost, last = events(server, stream_options={"include_usage": True})
        assert [piece["choices"][0]["delta"]["content"] for piece in pieces] == ["", "there", " were", " 3"]
        assert end["choices"][0]["finish_reason"] == "stop"
        assert (cost["choices"], cost["usage"]["completion_tokens"], last) == ([], 5, "[DONE]")
        assert all("usage" not in event for event in events(server)[:-1])


def test_tools_are_called_whole_and_in_pieces() -> None:
    calls = Calls(Call("run", {"sql": "SELECT 1"}), Call("look", "{broken", id="x"))
    with ModelServer(calls, calls, calls, calls) as server:
        message = ask(server)[1]["choices"][0]["message"]
        assert [call["id"] for call in message["tool_calls"]] == ["call_1", "x"]
        assert message["tool_calls"][0]["function"] == {"name": "run", "arguments": '{"sql": "SELECT 1"}'}
        deltas = [event["choices"][0]["delta"] for event in events(server)[:-1]]
        pieces = [call["function"] for delta in deltas for call in delta.get("tool_calls", [])]
        assert "".join(piece["arguments"] for piece in pieces[:3]) == '{"sql": "SELECT 1"}'
        output = ask(server, "/responses")[1]["output"]
        assert [item["call_id"] for item in output] == ["call_1", "x"]
        done = events(server, "/responses")[-1]
        assert (done["type"], done["response"]["output"]) == ("response.completed", output)


def test_responses_are_spoken_too() -> None:
    with ModelServer(Text("there were 3", cached_tokens=4), Text("there were 3")) as server:
        answer = ask(server, "/responses")[1]
        assert answer["output"][0]["content"][0]["text"] == "there were 3"
        assert answer["usage"]["input_tokens_details"]["cached_tokens"] == 4
        told = [event["delta"] for event in events(server, "/responses") if event["type"].endswith("text.delta")]
        assert told == ["there", " were", " 3"]


def test_a_statement_goes_into_the_call_that_is_demanded() -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("look", "answer")]
    with ModelServer(Sql("SELECT 1"), Sql("SELECT 1")) as server:
        named = ask(server, tools=tools, tool_choice={"type": "function", "function": {"name": "look"}})[1]
        assert named["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "look"
        call = ask(server, tools=tools, tool_choice="required")[1]["choices"][0]["message"]["tool_calls"][0]
        assert call["function"]["name"] == "answer"
        assert json.loads(call["function"]["arguments"])["sql"] == "SELECT 1"


def test_parts_of_a_request_are_refused_until_they_are_left_out() -> None:
    with ModelServer(StructuredOutputRefused(StreamRefused(Text("plain")), tools=True)) as server:
        assert ask(server, response_format={}, tools=[])[0] == 400
        assert ask(server, tools=[])[1]["error"]["message"] == "unknown field `tools`"
        assert ask(server, stream=True)[1]["error"]["message"] == "`stream` is not supported"
        assert said(ask(server)[1]) == "plain"


def test_a_bad_day_on_the_wire() -> None:
    with ModelServer(Cut(Text("never whole")), Reset(), Drip(0.001, Text("slow")), Drip(0.001, Text("a b"))) as server:
        with pytest.raises(http.client.IncompleteRead):
            ask(server)
        with pytest.raises(ConnectionResetError):
            ask(server)
        assert said(ask(server)[1]) == "slow"
        assert events(server)[-1] == "[DONE]"


def test_one_connection_serves_many_requests_and_many_connections_are_served() -> None:
    with ModelServer(Text("yes"), repeat=True, record=False) as server:
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
        connections = [http.client.HTTPConnection(host, timeout=30) for _ in range(200)]
        for _ in range(2):
            for connection in connections:
                connection.request("POST", "/v1/chat/completions", "{}")
            assert all(b"yes" in connection.getresponse().read() for connection in connections)
        assert (server.connections, server.asked, server.requests) == (200, 400, [])
        for connection in connections:
            connection.close()


def test_requests_may_come_in_pieces_or_two_at_once() -> None:
    with ModelServer(Text("one"), Text("two")) as server:
        host, port = server.base_url.removeprefix("http://").removesuffix("/v1").split(":")
        request = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            for place in range(len(request)):
                connection.sendall(request[place : place + 1])
            connection.sendall(request)
            received = b""
            while b"two" not in received:
                received += connection.recv(65536)
            assert received.index(b"one") < received.index(b"two")


def test_an_address_where_nothing_is_takes_no_reply() -> None:
    with ModelServer(Text("yes")) as server:
        assert ask(server, "/embeddings")[0] == 404
        assert said(ask(server)[1]) == "yes"


def question(model: ScriptedModel, *said_before: str) -> Any:
    """What the model answers to the last of these messages."""
    messages = [{"role": "user", "content": text} for text in said_before]
    return ask(model, messages=messages)[1]


def test_a_scripted_model_answers_by_question() -> None:
    script = {"how many users?": "SELECT 1", "how many users are new?": ["SELECT 2", Text("no")]}
    with ScriptedModel(script, name="mine") as model:
        assert model.options["model"] == "mine"
        first = question(model, "how many users are new?", "The question: how many users?")
        assert json.loads(said(first))["sql"] == "SELECT 1"
        assert json.loads(said(question(model, "how many users are new?")))["sql"] == "SELECT 2"
        assert [said(question(model, "how many users are new?")) for _ in range(2)] == ["no", "no"]
        assert model.questions == ["how many users?", *["how many users are new?"] * 3]


def test_a_scripted_model_answers_in_order_where_no_question_is_scripted() -> None:
    with ScriptedModel("SELECT 1", Text("no"), {"how many?": "SELECT 3"}) as model:
        assert json.loads(said(question(model, "anything")))["sql"] == "SELECT 1"
        assert json.loads(said(question(model, "how many?")))["sql"] == "SELECT 3"
        assert said(question(model, "anything else")) == "no"


def test_a_scripted_model_must_be_asked_what_it_was_made_for_and_nothing_else() -> None:
    with pytest.raises(AssertionError, match="not asked \\['how many\\?'\\]"), ScriptedModel({"how many?": "SELECT 1"}):
        pass
    model = ScriptedModel({"how many?": "SELECT 1"})
    question(model, "how many?")
    assert "error" in question(model, "how much?")
    model.close()
    with pytest.raises(AssertionError, match="1 times more"):
        model.check()
