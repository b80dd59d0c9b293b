"""Every failure, as a tree.

::

    DatabaseQueryAgentError
    ├── ConfigurationError          an option, an environment variable or the `.env` file; also a ValueError
    ├── ConnectionError             the database cannot be reached or entered; also the builtin ConnectionError
    ├── SchemaExtractionError       the schema cannot be read, or nothing in it may be seen
    ├── QuestionError               the question is empty or too long; also a ValueError
    ├── AccessError                 the caller has no role here, or asks in another caller's conversation
    ├── ValidationError             the guard refused the SQL; `.rule` names the rule
    ├── QueryExecutionError         the database refused or failed to run the statement
    │   ├── QueryTimeoutError       it ran too long and was stopped on the server; also a TimeoutError
    │   └── QueryCancelledError     the caller gave up and it was stopped on the server
    ├── ModelError                  the language model cannot be reached, refuses, or makes no sense
    ├── SessionError                a conversation cannot be read or kept
    └── CacheError                  a cache cannot be read or written

Each has `.code` (a stable slug), `.category` (`"user"` or `"system"`: who has to act), `.hint` (what
to do), and where they apply `.rule` and `.sql`. No message holds a password, a key or a row value.
"""

from __future__ import annotations

import builtins
from functools import partial
from typing import Any

__all__ = [
    "AccessError",
    "CacheError",
    "ConfigurationError",
    "ConnectionError",
    "DatabaseQueryAgentError",
    "ModelError",
    "QueryCancelledError",
    "QueryExecutionError",
    "QueryTimeoutError",
    "QuestionError",
    "SchemaExtractionError",
    "SessionError",
    "ValidationError",
]


class DatabaseQueryAgentError(Exception):
    """Anything that went wrong in this package."""

    code: str
    """The stable name of the kind of failure, for example `"connection_failed"`."""
    category: str
    """`"user"`: the question, the configuration or the policy has to change; `"system"`: something behind has to."""
    hint: str | None
    """What to do about it."""
    rule: str | None
    """The guard's rule that refused the statement."""
    sql: str | None
    """The statement that failed."""

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "internal",
        category: str = "system",
        hint: str | None = None,
        rule: str | None = None,
        sql: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.category = category
        self.hint = hint
        self.rule = rule
        self.sql = sql
        if hint:
            # Shown below the message by Python 3.11 and later.
            self.__notes__ = [f"hint: {hint}"]

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        attributes = self.to_dict()
        del attributes["message"], attributes["type"]
        return partial(type(self), self.message, **attributes), ()

    def to_dict(self) -> dict[str, Any]:
        """The failure as `result["error"]` holds it with `on_error="return"`."""
        return {
            "type": type(self).__name__,
            "message": self.message,
            "code": self.code,
            "category": self.category,
            "hint": self.hint,
            "rule": self.rule,
            "sql": self.sql,
        }


class ConfigurationError(DatabaseQueryAgentError, ValueError):
    """An option, an environment variable or the `.env` file cannot be used."""


class ConnectionError(DatabaseQueryAgentError, builtins.ConnectionError):  # noqa: A001 - the released name
    """The database cannot be reached or entered."""


class SchemaExtractionError(DatabaseQueryAgentError):
    """The schema cannot be read, or nothing in it may be seen."""


class QuestionError(DatabaseQueryAgentError, ValueError):
    """The question is empty or too long."""


class AccessError(DatabaseQueryAgentError):
    """The caller has no role here, or asks in another caller's conversation."""


class ValidationError(DatabaseQueryAgentError):
    """The guard refused the SQL."""


class QueryExecutionError(DatabaseQueryAgentError):
    """The database refused or failed to run the statement."""


class QueryTimeoutError(QueryExecutionError, TimeoutError):
    """The statement ran too long and was stopped on the server."""


class QueryCancelledError(QueryExecutionError):
    """The caller gave up and the statement was stopped on the server."""


class ModelError(DatabaseQueryAgentError):
    """The language model cannot be reached, refuses, or makes no sense."""


class SessionError(DatabaseQueryAgentError):
    """A conversation cannot be read or kept."""


class CacheError(DatabaseQueryAgentError):
    """A cache cannot be read or written."""
