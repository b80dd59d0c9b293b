"""Small helpers that several modules share."""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

__all__ = ["Finished", "database_url"]


def database_url(source: Any) -> Any:
    """The URL of a SQLAlchemy `Engine` or `URL`, with its password; anything else comes back as it is.

    A SQLite database in memory belongs to one connection of one process. Of an engine on such a
    database a snapshot is taken, which is read in its place.
    """
    engine_url = getattr(source, "url", source)
    render = getattr(engine_url, "render_as_string", None)
    if render is None:
        return os.fspath(source) if isinstance(source, os.PathLike) else source
    return snapshot(source) if is_in_memory(source) else str(render(hide_password=False))


def is_in_memory(source: Any) -> bool:
    """Whether `source` is a SQLAlchemy `Engine` on a SQLite database in memory."""
    if not hasattr(source, "raw_connection"):
        return False
    return source.url.get_backend_name() == "sqlite" and source.url.database in (None, "", ":memory:")


def snapshot(engine: Any) -> str:
    """The URL of a copy of the SQLite database in memory behind `engine`; the copy goes with the process."""
    import sqlite3

    handle, path = tempfile.mkstemp(prefix="db-query-agent-", suffix=".db")
    os.close(handle)
    atexit.register(_remove, path)
    connection = engine.raw_connection()
    try:
        with closing(sqlite3.connect(path)) as copy:
            connection.driver_connection.backup(copy)
    finally:
        connection.close()
    return f"sqlite:///{path}"


def _remove(path: str) -> None:
    with suppress(OSError):
        Path(path).unlink()


class Finished:
    """What a method returns that is done already and that older code awaits."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield
