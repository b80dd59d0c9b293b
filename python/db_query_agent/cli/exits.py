"""What the exit code of `db-query` says."""

from __future__ import annotations

from enum import IntEnum

from db_query_agent.exceptions import ConfigurationError, DatabaseQueryAgentError


class Exit(IntEnum):
    """How a command ended."""

    FINE = 0
    QUESTION = 1
    """The question or the policy has to change."""
    USAGE = 2
    """An option, a variable or the command itself is wrong."""
    SYSTEM = 3
    """A database, a network or a model failed."""
    INTERRUPTED = 130
    """Ctrl-C, as shells count it: 128 and the signal's number."""

    @classmethod
    def of(cls, error: DatabaseQueryAgentError) -> Exit:
        """The exit code for a failure."""
        if isinstance(error, ConfigurationError):
            return cls.USAGE
        return cls.QUESTION if error.category == "user" else cls.SYSTEM
