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
    `"status"` a step began: `ground`, `propose`, `approve`, `run` or `answer`; or
               `recall`: the same was asked before, and no model is asked again
    `"sql"`    the statement that is about to run
    `"rows"`   rows came back: `{"count": 3, "columns": ["id", …], "truncated": False}`
    `"text"`   a piece of the sentence
    `"usage"`  what the question has cost so far, as `result["usage"]`; after each call
               of a model
    `"error"`  why the question failed, as `result["error"]`; with `on_error="return"`
               only, otherwise it is raised
    `"done"`   the whole answer, a `QueryResult`; the last event
    ========== ====================================================================
    """

    kind: Literal["status", "sql", "rows", "text", "usage", "error", "done"]
    value: Any


class EventStream(Iterator[Event], AsyncIterator[Event]):
    """The events of one question. It is asked when the first event is asked for.

    A failure is raised where the next event would have come. Leaving the loop stops the question: the call of a model
    and the statement on the server. Who holds on to the stream beyond its loop says so by `with`, `close()` or
    `aclose()`.
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
        self._last: Event | None = None

    def __iter__(self) -> EventStream:
        return self

    def __aiter__(self) -> EventStream:
        return self

    def __next__(self) -> Event:
        if last := self._final():
            return last
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
        if last := self._final():
            return last
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
        result = QueryResult(self._failed(error))
        self._last = Event("done", result)
        return Event("error", result["error"])

    def _final(self) -> Event | None:
        """The event behind the failure that was returned."""
        last, self._last = self._last, None
        return last

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> EventStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not self._ended:
            self.close()


class TextStream(Iterator[str], AsyncIterator[str]):
    """The sentence of an answer, piece by piece. `.result` holds the whole answer at the end.

    Pieces come as they are made, `stream_delay` seconds apart, and those of an answer that was known at once. Leaving
    the loop stops the question, see `EventStream`.
    """

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
                    self._sleep()
                self._told = True
                return piece
        raise StopIteration

    async def __anext__(self) -> str:
        async for event in self._events:
            if piece := self._piece(event):
                if self._delay and self._told:
                    await self._rest()
                self._told = True
                return piece
        raise StopAsyncIteration

    def close(self) -> None:
        """Stops the question when it is still under way."""
        self._events.close()

    async def aclose(self) -> None:
        """Stops the question when it is still under way."""
        self._events.close()

    def __enter__(self) -> TextStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> TextStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _sleep(self) -> None:
        import time

        try:
            time.sleep(self._delay)
        except BaseException:
            self.close()
            raise

    async def _rest(self) -> None:
        import asyncio

        try:
            await asyncio.sleep(self._delay)
        except BaseException:
            self.close()
            raise

    def _piece(self, event: Event) -> str | None:
        if event.kind == "status" and event.value == "recall":
            self._delay = 0.0
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
