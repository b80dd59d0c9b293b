"""What is wrong with a command, in a sentence for whoever typed it."""

from __future__ import annotations

from db_query_agent.cli.exits import Exit


class Complaint(Exception):
    """Ends a command with a message, a hint and an exit code."""

    def __init__(self, message: str, *, hint: str | None = None, end: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.end = end
