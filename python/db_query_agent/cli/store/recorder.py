"""Whether what is asked is written down, and writing it down."""

from __future__ import annotations

import os

from db_query_agent.cli import terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.store.library import Entry, library
from db_query_agent.results import QueryResult

VARIABLE = "DB_QUERY_HISTORY"
"""The variable that turns the history off."""

_OFF = ("off", "0", "no", "false")


def is_on(wanted: bool = True) -> bool:
    """Whether a history is kept: by an option, and by the variable."""
    return wanted and os.environ.get(VARIABLE, "").strip().lower() not in _OFF


class Recorder:
    """Writes down what is asked of one database."""

    def __init__(self, database: str, wanted: bool = True) -> None:
        self._database = database
        self._on = is_on(wanted)

    def answered(self, kind: str, text: str, result: QueryResult) -> None:
        """A question or a statement that was answered, or asked back."""
        error = "needs_clarification" if result["needs_clarification"] else None
        self._record(
            Entry(
                kind,
                text,
                self._database,
                sql=result["sql"],
                engine=result["engine"],
                rows=result["row_count"],
                seconds=round(result["execution_time"], 6),
                error=error,
            )
        )

    def failed(self, kind: str, text: str, code: str, sql: str | None = None) -> None:
        """One that failed or was stopped."""
        self._record(Entry(kind, text, self._database, sql=sql, error=code))

    def _record(self, entry: Entry) -> None:
        if not self._on or not entry.text.strip():
            return
        try:
            with library() as kept:
                kept.record(entry)
        except Complaint as complaint:
            # The answer is there and matters more; it is said once, with the way out.
            self._on = False
            terminal.talk(f"note: the history is not kept: {complaint.message}; {complaint.hint}", "note")
