"""Answers as they come: streams for `for` and for `async for` alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from db_query_agent import _waiting
from db_query_agent.exceptions import DatabaseQueryAgentError
from db_query_agent.results import QueryResult

if TYPE_CHECKING:
    from db_query_agent import _core

__all__ = ["Event", "EventStream", "TextStream"]


@dataclass(frozen=True)
class Event:
    """One thing that happened on the way to an answer.

    ========== ====================================================================
    `"status"` a step began: `ground`, `propose`, `approve`, `run` or `answer`
    `"sql"`    the statement that is about to run
    `"rows"`   how many rows came back
    `"text"`   a piece of the sentence
    `"done"`   the whole answer, a `QueryResult`; the last event
    ========== ====================================================================
    """

    kind: Literal["status", "sql", "rows", "text", "done"]
    value: Any


class EventStream(Iterator[Event], AsyncIterator[Event]):
    """The events of one question. It is asked when the first event is asked for.

    A failure is raised where the next event would have come. Leaving early stops the question.
    """

    def __init__(
        self,
        ask: Callable[[], _core.Events],
        failed: Callable[[DatabaseQueryAgentError], dict[str, Any]],
    ) -> None:
        self._ask = ask
        self._failed = failed
        self._events: _core.Events | None = None
        self._ended = False

    def __iter__(self) -> EventStream:
        return self

    def __aiter__(self) -> EventStream:
        return self

    def __next__(self) -> Event:
        try:
            pair = None if self._ended else _waiting.take(self._started().next())
            if pair is None and not self._ended:
                _waiting.take(self._started().question)
        except DatabaseQueryAgentError as error:
            return self._returned(error)
        except BaseException:
            self.close()
            raise
        if pair is None:
            self._ended = True
            raise StopIteration
        return _event(pair)

    async def __anext__(self) -> Event:
        try:
            pair = None if self._ended else await _waiting.finish(self._started().next())
            if pair is None and not self._ended:
                await _waiting.finish(self._started().question)
        except DatabaseQueryAgentError as error:
            return self._returned(error)
        except BaseException:
            self.close()
            raise
        if pair is None:
            self._ended = True
            raise StopAsyncIteration
        return _event(pair)

    def close(self) -> None:
        """Stops the question when it is still under way."""
        self._ended = True
        if self._events is not None:
            self._events.question.cancel()

    async def aclose(self) -> None:
        """Stops the question when it is still under way."""
        self.close()

    def _started(self) -> _core.Events:
        if self._events is None:
            self._events = self._ask()
        return self._events

    def _returned(self, error: DatabaseQueryAgentError) -> Event:
        self._ended = True
        return Event("done", QueryResult(self._failed(error)))

    def __del__(self) -> None:
        if not self._ended:
            self.close()


class TextStream(Iterator[str], AsyncIterator[str]):
    """The sentence of an answer, piece by piece. `.result` holds the whole answer at the end."""

    def __init__(self, events: EventStream, delay: float = 0.0) -> None:
        self._events = events
        self._delay = delay
        self._told = False
        self.result: QueryResult | None = None

    def __iter__(self) -> TextStream:
        return self

    def __aiter__(self) -> TextStream:
        return self

    def __next__(self) -> str:
        for event in self._events:
            if piece := self._piece(event):
                if self._delay and self._told:
                    import time

                    time.sleep(self._delay)
                self._told = True
                return piece
        raise StopIteration

    async def __anext__(self) -> str:
        async for event in self._events:
            if piece := self._piece(event):
                if self._delay and self._told:
                    import asyncio

                    await asyncio.sleep(self._delay)
                self._told = True
                return piece
        raise StopAsyncIteration

    def close(self) -> None:
        """Stops the question when it is still under way."""
        self._events.close()

    async def aclose(self) -> None:
        """Stops the question when it is still under way."""
        self._events.close()

    def _piece(self, event: Event) -> str | None:
        if event.kind == "text":
            piece: str = event.value
            return piece
        if event.kind == "done":
            self.result = event.value
            # An answer that came as a whole, as a failure that is returned does.
            if not self._told:
                whole: str | None = event.value["natural_response"]
                return whole
        return None


def _event(pair: tuple[Any, Any]) -> Event:
    kind, value = pair
    return Event(kind, QueryResult(value) if kind == "done" else value)
