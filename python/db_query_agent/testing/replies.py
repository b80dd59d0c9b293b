"""What a model's server can do with one request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """The model answers with this text."""

    text: str
    prompt_tokens: int = 10
    completion_tokens: int = 5
    cached_tokens: int = 0


@dataclass(frozen=True)
class Sql:
    """The model answers with this statement, in the form it is asked for."""

    sql: str
    explanation: str = ""
    confidence: float = 0.9
    answer_template: str | None = None
    assumptions: tuple[str, ...] = ()

    def text(self) -> Text:
        """Give the answer as the model writes it."""
        answer = {
            "sql": self.sql,
            "explanation": self.explanation,
            "confidence": self.confidence,
            "needs_clarification": False,
            "clarification_question": None,
            "choices": [],
            "answer_template": self.answer_template,
            "is_casual": False,
            "assumptions": list(self.assumptions),
        }
        return Text(json.dumps(answer))


@dataclass(frozen=True)
class Call:
    """One call of a tool; arguments that are a text are sent as they are, also when they are no JSON."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = None


class Calls:
    """The model wants these tools called, all at once, before it goes on."""

    def __init__(self, *calls: Call, text: str = "", prompt_tokens: int = 10, completion_tokens: int = 5) -> None:
        self.calls = calls
        self.said = Text(text, prompt_tokens, completion_tokens)


@dataclass(frozen=True)
class Fault:
    """The server refuses with this status, as OpenAI words it; `retry_after` is in seconds."""

    status: int
    message: str = "out of order"
    retry_after: float | None = None
    code: str | None = None

    def raw(self) -> Raw:
        """Give the refusal as it goes over the wire."""
        headers = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
        error = {"message": self.message, "type": "error", "param": None, "code": self.code}
        return Raw(json.dumps({"error": error}), status=self.status, headers=headers)


@dataclass(frozen=True)
class Raw:
    """The server sends just this, for example a page of HTML or half a JSON document."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Slow:
    """The server waits so many seconds, then does `then`."""

    seconds: float
    then: Reply


@dataclass(frozen=True)
class Drip:
    """The server does `then`, with so many seconds before each piece: an event of a stream, or 16 bytes."""

    seconds: float
    then: Reply


@dataclass(frozen=True)
class Cut:
    """The server does the first part of `then`, from 0 to 1, and hangs up."""

    then: Reply
    part: float = 0.5


@dataclass(frozen=True)
class Reset:
    """The connection is reset before a byte is sent."""


@dataclass(frozen=True)
class Silence:
    """The server takes the request and never answers."""


@dataclass(frozen=True)
class StructuredOutputRefused:
    """The server refuses `response_format` as one that does not know it; a request without gets `then`.

    With `tools=True` it does not know `tools` either. It takes one place in the script, however many requests it
    refuses before.
    """

    then: Reply
    tools: bool = False


@dataclass(frozen=True)
class StreamRefused:
    """The server refuses `stream` as one that does not know it; a request without gets `then`.

    It takes one place in the script, however many requests it refuses before.
    """

    then: Reply


Reply = Text | Sql | Calls | Fault | Raw | Slow | Drip | Cut | Reset | Silence | StructuredOutputRefused | StreamRefused


def refusal(reply: Reply, body: Mapping[str, Any]) -> str | None:
    """Say why a server that would do `reply` refuses this request before, or give `None`."""
    while isinstance(reply, (Slow, Drip, Cut, StructuredOutputRefused, StreamRefused)):
        if isinstance(reply, StructuredOutputRefused):
            if "response_format" in body or "format" in body.get("text", {}):
                return "unknown field `response_format`"
            if reply.tools and "tools" in body:
                return "unknown field `tools`"
        elif isinstance(reply, StreamRefused) and body.get("stream"):
            return "`stream` is not supported"
        reply = reply.then
    return None
