"""One question under way. It runs on a thread of its own, so that a page can be drawn anew and can stop it."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from db_query_agent.exceptions import DatabaseQueryAgentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from db_query_agent.results import QueryResult
    from db_query_agent.streaming import EventStream

logger = logging.getLogger(__name__)

STEPS = {
    "recall": "Looking up what is known",
    "ground": "Reading the question",
    "propose": "Writing SQL",
    "approve": "Checking the SQL",
    "run": "Running the SQL",
    "answer": "Wording the answer",
}
STOPPED = "cancelled"
"""The code of a failure that is none: somebody pressed Stop."""


@dataclass(frozen=True)
class Progress:
    """How far a question has come."""

    step: str = "Starting"
    text: str = ""
    """The beginning of the sentence."""
    sql: str | None = None
    result: QueryResult | None = None
    failure: dict[str, Any] | None = None

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.result is not None or self.failure is not None


class Asking:
    """A question that an agent works on. It is stopped when nobody holds on to it any more.

    `delay` is the time in seconds between two words of an answer that was not known before.
    """

    def __init__(
        self, question: str, stream: EventStream, soon: Callable[[Callable[[], None]], None], delay: float = 0.0
    ) -> None:
        self.question = question
        self._work = _Work(stream, delay)
        self._end = weakref.finalize(self, soon, self._work.stop)
        self._end.atexit = False
        threading.Thread(target=self._work.run, name="demo-page-question", daemon=True).start()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._work.progress

    def stop(self) -> None:
        """Stops it, on the server too. Its end comes as a failure with the code `cancelled`."""
        self._work.stop()

    def watch(self, heartbeat: float = 0.25) -> Iterator[Progress]:
        """How far it is, at each change and at each `heartbeat` in seconds, up to its end."""
        work = self._work
        while True:
            progress = work.progress
            yield progress
            if progress.done:
                return
            with work.changed:
                if work.progress is progress:
                    work.changed.wait(heartbeat)


class _Work:
    """What the thread holds on to; it knows nothing of the one who asked."""

    def __init__(self, stream: EventStream, delay: float) -> None:
        self.changed = threading.Condition()
        self.progress = Progress()
        self._stream = stream
        self._delay = delay
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()
        self._stream.close()

    def run(self) -> None:
        try:
            self._listen()
        except DatabaseQueryAgentError as error:
            self._tell(failure=error.to_dict())
        except Exception as error:  # noqa: BLE001 - a page never shows a traceback
            self._tell(failure=unexpected(error))
        finally:
            self._stream.close()
            if not self.progress.done:
                # A stream that was closed ends without a word.
                self._tell(failure={"message": "the question was stopped", "code": STOPPED, "hint": None})

    def _listen(self) -> None:
        for event in self._stream:
            # The first event may have been asked for while the stream was being closed.
            if self._stopped.is_set():
                return
            if event.kind == "status":
                if event.value == "recall":
                    self._delay = 0.0
                self._tell(step=STEPS.get(event.value, event.value))
            elif event.kind == "sql":
                self._tell(sql=event.value)
            elif event.kind == "text":
                if self._delay and self.progress.text:
                    self._stopped.wait(self._delay)
                self._tell(text=self.progress.text + event.value)
            elif event.kind == "done":
                self._tell(result=event.value)

    def _tell(self, **news: Any) -> None:
        with self.changed:
            self.progress = replace(self.progress, **news)
            self.changed.notify_all()


def unexpected(error: Exception) -> dict[str, Any]:
    """A failure that nobody thought of. Its text may hold anything, so it is told by its kind and place alone."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        trace = trace.tb_next
    message = f"something unexpected went wrong: `{type(error).__name__}` at `{place}`"
    logger.error("the page failed: %s", message)
    hint = "try again; if it stays, report it with these words"
    return {"message": message, "code": "internal", "hint": hint}
