"""What the exit code of `db-query` says."""

from __future__ import annotations

from enum import IntEnum

from db_query_agent.exceptions import ConfigurationError, DatabaseQueryAgentError


class Exit(IntEnum):
    """How a command ended."""

    FINE = 0
    QUESTION = 1
    USAGE = 2
    SYSTEM = 3
    INTERRUPTED = 130

    @classmethod
    def of(cls, error: DatabaseQueryAgentError) -> Exit:
        """The exit code for a failure."""
        if isinstance(error, ConfigurationError):
            return cls.USAGE
        return cls.QUESTION if error.category == "user" else cls.SYSTEM


MEANINGS = {
    Exit.FINE: "done",
    Exit.QUESTION: "the question, the statement or the policy has to change: it was asked back, or refused; in `eval` "
    "a question was answered differently; in `security` and `doctor` something should be mended",
    Exit.USAGE: "an option, a variable or the command itself is wrong",
    Exit.SYSTEM: "a database, a network, a model or the disk failed",
    Exit.INTERRUPTED: "Ctrl-C, as shells count it: 128 and the number of the signal",
}
"""The exit codes in the order of the reference page."""
