"""The agent of a command, and where its database is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

import db_query_agent
from db_query_agent.cli import terminal
from db_query_agent.config import get_env

DEMO = "demo"
"""The word that stands for the demo shop in the place of a URL."""

PASSWORD = ":***@"
"""What stands in a URL in the place of its password."""


class Engine(str, Enum):
    """Who writes the statement."""

    AUTO = "auto"
    OFFLINE = "offline"
    MODEL = "model"

    @property
    def strategy(self) -> str:
        """The agent's word for it."""
        return "adaptive" if self is Engine.AUTO else self.value


class _Everywhere:
    """What was said before the name of the command."""

    database: str | None = None


def use(database: str | None) -> None:
    """Takes the database of a command that names none."""
    _Everywhere.database = database


def locate(database: str | None) -> str | None:
    """The URL behind `--db`; the word `demo` makes and means the demo shop. `None`: the agent's own sources hold."""
    database = database or _Everywhere.database
    if database != DEMO:
        return database
    from db_query_agent.demo.shop import default_path, ensure_sqlite

    path = default_path()
    if not path.exists():
        terminal.talk("making the shop …")
    return f"sqlite:///{ensure_sqlite(path)}"


@contextmanager
def opened(
    database: str | None, *, engine: Engine | None = None, limit: int | None = None, keeps: bool = False
) -> Iterator[db_query_agent.DatabaseQueryAgent]:
    """An agent, closed at the end. With `keeps`, conversations outlive the process also where none says where."""
    options: dict[str, Any] = {
        "database_url": locate(database),
        "model_strategy": engine.strategy if engine else None,
        "max_result_rows": limit,
        # A failure that came back in a result would be printed as an answer.
        "on_error": "raise",
    }
    if keeps:
        options |= kept_conversations()
    with warned(), db_query_agent.DatabaseQueryAgent(**options) as agent:
        yield agent


def kept_conversations() -> dict[str, Any]:
    """Options that keep conversations in this user's folder, unless the configuration says where."""
    named = ("SESSION_BACKEND", "SESSION_DB_PATH", "SESSION_DATABASE_URL")
    if any(get_env(name) for name in named):
        return {}
    from db_query_agent.cli.store.folder import private_file

    return {"session_backend": "sqlite", "session_db_path": str(private_file("sessions.db"))}


@contextmanager
def warned() -> Iterator[None]:
    """Says what the library warns of in its own words, without lines of code."""
    import warnings

    def show(message: Any, *_: Any, **__: Any) -> None:
        if sys.stderr is not None:
            terminal.talk(f"note: {message}", "note")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def where(agent: db_query_agent.DatabaseQueryAgent) -> str:
    """The database's URL with `***` for its password."""
    return agent.config.database.url


def database_again(saved: str, named: str | None) -> str | None:
    """Where a saved question is asked again: where `--db` says, else in the database that it was saved for.

    A saved URL has no password: where there was one, the configured database is taken.
    """
    return named if named or _Everywhere.database or PASSWORD in saved else saved or None
