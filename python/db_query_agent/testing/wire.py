"""Replies as they go over the wire: in Chat Completions or in Responses, whole or as a stream of events."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .replies import Call, Calls, Cut, Drip, Fault, Raw, Reply, Reset, Silence, Slow, Sql, Text, refusal

DRIPPED = 16
"""Bytes of a whole response that are a piece of it, where it drips."""


class End(enum.Enum):
    """How a connection ends, when it does not wait for the next request."""

    HANG_UP = enum.auto()
    RESET = enum.auto()
    SILENCE = enum.auto()


Step = bytes | float | End
"""What a connection does next: send this, wait so many seconds, or end."""


def steps(reply: Reply, path: str, body: dict[str, Any]) -> Iterator[Step]:
    """Give what the server does with a request to `path`."""
    if (why := refusal(reply, body)) is not None:
        reply = Fault(400, why)
    while not isinstance(reply, (Text, Sql, Calls, Fault, Raw)):
        if isinstance(reply, Slow):
            yield reply.seconds
        elif isinstance(reply, Silence):
            yield End.SILENCE
            return
        elif isinstance(reply, Reset):
            yield End.RESET
            return
        elif isinstance(reply, Drip):
            for step in steps(reply.then, path, body):
                yield from dripped(step, reply.seconds) if isinstance(step, bytes) else (step,)
            return
        elif isinstance(reply, Cut):
            sent = [step for step in steps(reply.then, path, body) if isinstance(step, bytes)]
            whole = b"".join(sent)
            yield whole[: int(len(whole) * reply.part)]
            yield End.HANG_UP
            return
        reply = reply.then
    yield from sent_as(reply, path, body)


def dripped(sent: bytes, seconds: float) -> Iterator[Step]:
    """Give what is sent in pieces, with a wait before each."""
    head, gap, rest = sent.partition(b"\r\n\r\n")
    is_stream = gap and b"text/event-stream" in head
    if not gap:
        pieces = [sent]
    elif is_stream:
        # One chunk is one event.
        pieces = [head + gap, *(chunk + b"\n\n\r\n" for chunk in rest.split(b"\n\n\r\n") if chunk)]
    else:
        pieces = [head + gap, *(rest[at : at + DRIPPED] for at in range(0, len(rest), DRIPPED))]
    for piece in pieces:
        yield seconds
        yield piece


def sent_as(reply: Text | Sql | Calls | Fault | Raw, path: str, body: dict[str, Any]) -> Iterator[Step]:
    """Give the bytes of one response."""
    if isinstance(reply, Fault):
        reply = reply.raw()
    if isinstance(reply, Raw):
        yield response(reply.body.encode(), reply.status, reply.headers)
        return
    answer = Answer.of(reply, body)
    in_responses = path.endswith("/responses")
    if body.get("stream"):
        events = answer.response_events() if in_responses else answer.chat_events(body)
        yield stream(events)
    else:
        yield response(json.dumps(answer.response() if in_responses else answer.chat()).encode())


def response(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> bytes:
    """Give a whole HTTP response."""
    given = {"Content-Type": "application/json", **(headers or {}), "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def stream(events: Iterable[str]) -> bytes:
    """Give an HTTP response of events, each a chunk of its own."""
    head = b"HTTP/1.1 200 Said\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [f"data: {event}\n\n".encode() for event in events]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """What a model says, before it is written in one of the two ways."""

    model: str
    text: str
    calls: tuple[Call, ...]
    said: Text

    @classmethod
    def of(cls, reply: Text | Sql | Calls, body: dict[str, Any]) -> Answer:
        """Give the answer to a request: a statement goes into the call that the request demands, where it does."""
        model = str(body.get("model", ""))
        if isinstance(reply, Calls):
            return cls(model, reply.said.text, tuple(reply.calls), reply.said)
        said = reply.text() if isinstance(reply, Sql) else reply
        if isinstance(reply, Sql) and (name := demanded(body)) is not None:
            return cls(model, "", (Call(name, said.text),), said)
        return cls(model, said.text, (), said)

    def pieces(self) -> list[str]:
        """Give the text word by word, each with the blank before it."""
        words = self.text.split(" ")
        return [word if place == 0 else f" {word}" for place, word in enumerate(words)] if self.text else []

    def called(self) -> Iterator[tuple[str, str, str]]:
        """Give id, name and arguments of each call."""
        for number, call in enumerate(self.calls, 1):
            arguments = call.arguments if isinstance(call.arguments, str) else json.dumps(dict(call.arguments))
            yield call.id or f"call_{number}", call.name, arguments

    # -- Chat Completions ------------------------------------------------------------------------

    def chat(self) -> dict[str, Any]:
        """Give the body of a chat completion."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None}
        if self.calls:
            message["tool_calls"] = [
                {"id": ident, "type": "function", "function": {"name": name, "arguments": arguments}}
                for ident, name, arguments in self.called()
            ]
        choice = {"index": 0, "message": message, "finish_reason": self._reason()}
        return {**self._chat("chat.completion"), "choices": [choice], "usage": self._chat_usage()}

    def chat_events(self, body: dict[str, Any]) -> Iterator[str]:
        """Give the events of a streamed chat completion."""

        def event(delta: dict[str, Any], reason: str | None = None) -> str:
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            return json.dumps({**self._chat("chat.completion.chunk"), "choices": [choice]})

        yield event({"role": "assistant", "content": ""})
        for piece in self.pieces():
            yield event({"content": piece})
        for index, (ident, name, arguments) in enumerate(self.called()):
            function = {"name": name, "arguments": ""}
            yield event({"tool_calls": [{"index": index, "id": ident, "type": "function", "function": function}]})
            for half in halves(arguments):
                yield event({"tool_calls": [{"index": index, "function": {"arguments": half}}]})
        yield event({}, self._reason())
        if body.get("stream_options", {}).get("include_usage"):
            yield json.dumps({**self._chat("chat.completion.chunk"), "choices": [], "usage": self._chat_usage()})
        yield "[DONE]"

    def _chat(self, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-scripted", "object": kind, "created": 0, "model": self.model}

    def _reason(self) -> str:
        return "tool_calls" if self.calls else "stop"

    def _chat_usage(self) -> dict[str, Any]:
        said = self.said
        return {
            "prompt_tokens": said.prompt_tokens,
            "completion_tokens": said.completion_tokens,
            "total_tokens": said.prompt_tokens + said.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": said.cached_tokens},
        }

    # -- Responses -------------------------------------------------------------------------------

    def response(self) -> dict[str, Any]:
        """Give the body of a response."""
        output: list[dict[str, Any]] = []
        if self.text or not self.calls:
            part = {"type": "output_text", "text": self.text, "annotations": []}
            message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
            output.append({**message, "content": [part]})
        output += [self._call_item(ident, name, arguments) for ident, name, arguments in self.called()]
        return {**self._response("completed"), "output": output, "usage": self._response_usage()}

    def response_events(self) -> Iterator[str]:
        """Give the events of a streamed response."""

        def event(kind: str, **rest: Any) -> str:
            return json.dumps({"type": kind, **rest})

        yield event("response.created", response={**self._response("in_progress"), "output": []})
        for piece in self.pieces():
            yield event("response.output_text.delta", output_index=0, content_index=0, delta=piece)
        first = 1 if self.text else 0
        for index, (ident, name, arguments) in enumerate(self.called(), first):
            yield event("response.output_item.added", output_index=index, item=self._call_item(ident, name, ""))
            for half in halves(arguments):
                yield event("response.function_call_arguments.delta", output_index=index, delta=half)
        yield event("response.completed", response=self.response())

    def _response(self, status: str) -> dict[str, Any]:
        return {"id": "resp_scripted", "object": "response", "model": self.model, "status": status, "error": None}

    def _call_item(self, ident: str, name: str, arguments: str) -> dict[str, Any]:
        return {"id": f"fc_{ident}", "type": "function_call", "call_id": ident, "name": name, "arguments": arguments}

    def _response_usage(self) -> dict[str, Any]:
        said = self.said
        return {
            "input_tokens": said.prompt_tokens,
            "input_tokens_details": {"cached_tokens": said.cached_tokens},
            "output_tokens": said.completion_tokens,
            "total_tokens": said.prompt_tokens + said.completion_tokens,
        }


def demanded(body: dict[str, Any]) -> str | None:
    """Give the name of the tool that must be called: the one that is named, or else the last."""
    choice, tools = body.get("tool_choice"), body.get("tools", [])
    if isinstance(choice, dict):
        return str(choice.get("function", choice).get("name"))
    if choice == "required" and tools:
        return str(tools[-1].get("function", tools[-1]).get("name"))
    return None


def halves(text: str) -> list[str]:
    """Give a text in two pieces."""
    return [text[: len(text) // 2], text[len(text) // 2 :]]
