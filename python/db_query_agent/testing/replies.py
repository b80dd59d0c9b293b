"""What a model's server can do with one request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """The model answers with this text."""

    text: str
    prompt_tokens: int = 10
    completion_tokens: int = 5


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
class Silence:
    """The server takes the request and never answers."""


@dataclass(frozen=True)
class StructuredOutputRefused:
    """The server refuses `response_format` as one that does not know it; a request without gets `then`.

    It takes one place in the script, however many requests it refuses before.
    """

    then: Reply


Reply = Text | Sql | Fault | Raw | Slow | Silence | StructuredOutputRefused


def completion(text: Text, model: str) -> dict[str, Any]:
    """Give the body of a chat completion with this text."""
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text.text}, "finish_reason": "stop"},
        ],
        "usage": {
            "prompt_tokens": text.prompt_tokens,
            "completion_tokens": text.completion_tokens,
            "total_tokens": text.prompt_tokens + text.completion_tokens,
        },
    }
