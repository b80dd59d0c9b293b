"""What `query` and `ask` return: a dictionary that can also be awaited.

With no event loop running in the thread, `agent.query(…)` blocks and returns a filled result.
Inside a running loop it returns at once: `await` gives the filled result without blocking the loop,
and a first access without `await` blocks until the answer is there. So both
`result = agent.query(q)` and `result = await agent.query(q)` work everywhere. In a server, await.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from db_query_agent import _waiting
from db_query_agent.exceptions import DatabaseQueryAgentError

if TYPE_CHECKING:
    import asyncio
    import os

    import pandas
    import polars
    import pyarrow

    from db_query_agent._core import Handle
    from db_query_agent.charts import Chart, Kind
    from db_query_agent.response import QueryResponse

logger = logging.getLogger(__name__)

ALIASES = {"results": "result", "final_output": "natural_response"}
"""Names of the released 0.1.4, readable but not stored twice."""


class QueryResult(dict[str, Any], Awaitable["QueryResult"]):
    """The answer to one question.

    ======================== =========================================================
    `question`               the question as it was asked
    `sql`                    the statement that ran; `None` when none was needed
    `result`                 the rows: a list of tuples of native Python values
    `columns`                names of the columns
    `natural_response`       a sentence, grounded in the rows
    `execution_time`         seconds, from question to answer
    `explanation`            what the statement does, in words
    `confidence`             0 to 1
    `needs_clarification`    whether the agent asks back instead of answering
    `clarification_question` what it asks, with `clarification_choices` to pick from
    `engine`                 `offline` or the model's name
    `cached`                 whether the answer came from a cache
    `truncated`              whether there were more rows than the limit
    `row_count`              how many rows are in `result`
    `warnings`               what the user should know
    `usage`                  tokens and calls spent on a model
    `error`                  `None`, or the failure when `on_error="return"`
    ======================== =========================================================

    `result["results"]` and `result["final_output"]` read `result` and `natural_response`.
    """

    __slots__ = ("__weakref__", "_pending")
    _pending: _Work | None

    def __init__(self, answer: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /) -> None:
        super().__init__(answer)
        self._pending = None

    # Identity, so that event loops can keep a result in a set of things to wait for.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __missing__(self, key: str) -> Any:
        if key in ALIASES:
            return self[ALIASES[key]]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (key in ALIASES and super().__contains__(ALIASES[key]))

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        return super().get(ALIASES.get(key, key), default)

    def copy(self) -> QueryResult:
        """A result with the same values."""
        return QueryResult(self)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> QueryResult:
        from copy import deepcopy

        return QueryResult(deepcopy(dict(self), memo))

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return QueryResult, (dict(self),)

    # -- awaiting ------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, QueryResult]:
        while (work := self._pending) is not None:
            try:
                yield work.future()
            except BaseException as error:
                work.abandoned(error)
                raise
            self._fill()
        return self

    # The coroutine protocol, which `asyncio.run(agent.query(…))` and older helpers ask for.

    def send(self, _value: object) -> Any:
        """A future to wait for. Each call makes its own, so several tasks and loops may await one result."""
        work = self._pending
        if work is None or work.handle.done():
            raise StopIteration(self._fill())
        return work.future()

    def throw(self, kind: Any, value: Any = None, _traceback: Any = None) -> Any:
        """Raises what the waiting task was told; a cancelled task stops the question."""
        error: BaseException = kind if isinstance(kind, BaseException) else (value or kind())
        if self._pending is not None:
            self._pending.abandoned(error)
        raise error

    def close(self) -> None:
        """Nothing to close: the question goes on, and its answer can still be read."""

    def _fill(self) -> QueryResult:
        """Waits when it must; raises what the question raised, each time."""
        work = self._pending
        if work is not None:
            work.settle(self)
        return self

    # -- exports -------------------------------------------------------------------------------

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a pandas `DataFrame`."""
        from db_query_agent import _export

        return _export.to_pandas(self)

    def to_polars(self) -> polars.DataFrame:
        """The rows as a polars `DataFrame`."""
        from db_query_agent import _export

        return _export.to_polars(self)

    def to_arrow(self) -> pyarrow.Table:
        """The rows as a pyarrow `Table`."""
        from db_query_agent import _export

        return _export.to_arrow(self)

    def to_csv(
        self, path: str | os.PathLike[str] | None = None, *, delimiter: str = ",", header: bool = True
    ) -> str | None:
        """The rows as CSV: written to `path`, or returned as text."""
        from db_query_agent import _export

        return _export.to_csv(self, path, delimiter, header)

    def to_response(self) -> QueryResponse:
        """The answer as a `QueryResponse`; needs Pydantic."""
        from db_query_agent.response import QueryResponse

        return QueryResponse(
            sql=self["sql"],
            explanation=self["explanation"] or "",
            confidence=self["confidence"],
            needs_clarification=self["needs_clarification"],
            clarification_question=self["clarification_question"],
            answer_template=self["natural_response"],
            assumptions=list(self["warnings"]),
        )

    def to_json(
        self, path: str | os.PathLike[str] | None = None, *, whole: bool = False, indent: int | None = None
    ) -> str | None:
        """The rows as a JSON list of objects, or with `whole=True` the whole answer.

        Written to `path`, or returned as text.

        Decimals stand as text with all their digits, dates and times in ISO 8601, bytes in base 64.
        """
        from db_query_agent import _export

        return _export.to_json(self, path, whole, indent)

    def to_excel(self, path: str | os.PathLike[str], *, sheet: str = "result") -> None:
        """The rows as an Excel workbook at `path`."""
        from db_query_agent import _export

        _export.to_excel(self, path, sheet)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """The rows as a Parquet file at `path`."""
        from db_query_agent import _export

        _export.to_parquet(self, path)

    # -- pictures ------------------------------------------------------------------------------

    def chart(
        self, kind: Kind | None = None, *, x: str | None = None, y: str | None = None, series: str | None = None
    ) -> Chart:
        """The rows as a chart: a Vega-Lite specification that is chosen by rules from their types and shape.

        Args:
            kind: `"bar"`, `"line"`, `"grouped_bar"`, `"scatter"`, `"number"` or `"table"`
            x: the column that the marks stand at
            y: the column that is measured
            series: the column that colours tell apart

        >>> agent.query("What is the total revenue by store?").chart().to_png("revenue.png")  # doctest: +SKIP

        Raises:
            ConfigurationError: a column that is not there, or one that the kind of chart cannot show
        """
        from db_query_agent.charts import Chart

        return Chart.of(self, kind, x=x, y=y, series=series)

    def _repr_html_(self) -> str:
        from db_query_agent import _export

        return _export.to_html(self)


# The registration makes event loops accept a result where they ask for a coroutine.
Coroutine.register(QueryResult)


class _Placeholder:
    """Stands in the raw storage of a result that is not there yet.

    Serialisers written in C read that storage past every method. They find this, which none of
    them can write, and fail loudly instead of printing an empty answer.
    """

    def __repr__(self) -> str:
        return "<not answered yet: await the result>"


class _Work:
    """A question under way and what becomes of its result."""

    def __init__(self, handle: Handle, complete: Callable[[Handle], dict[str, Any]]) -> None:
        self.handle = handle
        self.complete = complete
        self.error: DatabaseQueryAgentError | None = None
        self.lock = threading.Lock()
        self.futures: list[asyncio.Future[None]] = []

    def future(self) -> asyncio.Future[None]:
        import asyncio

        future = _waiting.wake(self.handle, asyncio.get_running_loop())
        # What `Future.__await__` sets before it yields itself to its task.
        future._asyncio_future_blocking = True
        self.futures.append(future)
        return future

    def abandoned(self, error: BaseException) -> None:
        """Stops the question when the last task that waits for it is cancelled."""
        import asyncio

        self.futures = [future for future in self.futures if not future.done()]
        if isinstance(error, asyncio.CancelledError) and not self.futures:
            self.handle.cancel()

    def settle(self, result: QueryResult) -> None:
        if self.error is None and not self.handle.done():
            loop = _waiting.running_loop()
            if loop is not None and loop.get_debug():
                logger.warning("a result was read before it was awaited; the event loop is blocked until it is there")
            self.handle.wait()
        with self.lock:
            if result._pending is None:
                return
            if self.error is None:
                try:
                    answer = self.complete(self.handle)
                except DatabaseQueryAgentError as error:
                    self.error = error
                else:
                    dict.clear(result)
                    dict.update(result, answer)
                    result._pending = None
                    # From here on it is a plain dictionary to every fast path of the interpreter.
                    result.__class__ = QueryResult
                    return
            raise self.error


class _PendingResult(QueryResult):
    """A result whose answer is not there yet: every way to look into it waits for the answer."""

    __slots__ = ()

    def __init__(self, work: _Work) -> None:
        super().__init__({"pending": _Placeholder()})
        self._pending = work


def _waiting_method(name: str) -> Callable[..., Any]:
    method = getattr(QueryResult, name)

    def call(self: QueryResult, *arguments: Any, **options: Any) -> Any:
        self._fill()
        return method(self, *arguments, **options)

    call.__name__ = name
    return call


_WAITING = """
    __contains__ __delitem__ __eq__ __ge__ __getitem__ __gt__ __ior__ __iter__ __le__ __len__ __lt__ __ne__ __or__
    __repr__ __reversed__ __ror__ __setitem__ __str__ __format__ __reduce_ex__ __copy__ __deepcopy__ _repr_html_
    clear copy get items keys pop popitem setdefault update values
    to_pandas to_polars to_arrow to_csv to_json to_excel to_parquet chart
"""
for _name in _WAITING.split():
    setattr(_PendingResult, _name, _waiting_method(_name))
# A class that defines `__eq__` gets a `__hash__` of None.
_PendingResult.__hash__ = object.__hash__


def result_of(handle: Handle, complete: Callable[[Handle], dict[str, Any]]) -> QueryResult:
    """The result of `handle`, filled when no event loop runs in this thread.

    `complete` takes the finished handle's answer and gives the dictionary, or raises.
    """
    if _waiting.running_loop() is None:
        handle.wait()
        return QueryResult(complete(handle))
    work = _Work(handle, complete)
    result = _PendingResult(work)

    def fill_early() -> None:
        # Narrows the window in which a serialiser written in C would find the placeholder.
        try:
            result._fill()
        except DatabaseQueryAgentError as error:
            # Whoever awaits or reads the result gets it raised; one that nobody reads leaves a trace.
            logger.debug("a question failed: %s", error.code)

    handle.add_done_callback(fill_early)
    return result
