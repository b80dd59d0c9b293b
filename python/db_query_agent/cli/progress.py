"""What is going on, for whoever waits."""

from __future__ import annotations

import sys
import threading
from typing import Any

from db_query_agent.cli import terminal

_PATIENCE = 0.3
"""Seconds that nobody calls waiting; what takes less shows nothing, so that nothing flickers."""

STEPS = {
    "recall": "remembering",
    "ground": "reading the schema",
    "propose": "writing the statement",
    "approve": "checking the statement",
    "run": "running the statement",
    "answer": "wording the answer",
}
"""The steps of a question in words, see `db_query_agent.streaming.Event`."""


class Progress:
    """A spinner with the current step on the standard error, where that is a terminal.

    >>> with Progress() as progress:
    ...     progress.step("run")
    """

    def __init__(self, text: str = "connecting") -> None:
        self._text = text
        self._status: Any = None
        self._ended = False
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._timer = threading.Timer(_PATIENCE, self._start)
            self._timer.daemon = True
            self._timer.start()
        return self

    def step(self, step: str) -> None:
        """Tells which step began."""
        with self._lock:
            self._text = STEPS.get(step, step)
            if self._status is not None:
                self._status.update(f"{self._text} …")

    def _start(self) -> None:
        from rich.console import Console

        with self._lock:
            if self._ended:
                return
            console = Console(file=sys.stderr, no_color=not terminal.colours(sys.stderr), markup=False)
            spinner = "dots" if terminal.is_unicode(sys.stderr) else "line"
            self._status = console.status(f"{self._text} …", spinner=spinner)
            self._status.start()

    def stop(self) -> None:
        """Leaves the line as it was; nothing more is shown."""
        with self._lock:
            self._ended = True
            if self._timer is not None:
                self._timer.cancel()
            if self._status is not None:
                self._status.stop()
                self._status = None

    def __exit__(self, *_: object) -> None:
        self.stop()
