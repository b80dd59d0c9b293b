"""History and favourites in one SQLite file. No row value, no answer and no password is in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.store.folder import private_file

_TABLES = """
CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, database TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, sql TEXT,
    engine TEXT, rows INTEGER, seconds REAL, error TEXT
);
CREATE TABLE IF NOT EXISTS favorites (
    name TEXT PRIMARY KEY, at TEXT NOT NULL, database TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, sql TEXT
);
"""

KEPT = 10_000
"""Entries of the history; the oldest go."""


@dataclass(frozen=True)
class Entry:
    """Something that was asked."""

    kind: str
    """`question`, `follow-up` or `sql`."""
    text: str
    database: str
    """Without its password."""
    sql: str | None = None
    """The statement that answered it."""
    engine: str | None = None
    rows: int | None = None
    seconds: float | None = None
    error: str | None = None
    """The code of the failure."""
    at: str = ""
    id: int | None = None


@dataclass(frozen=True)
class Favorite:
    """A question or a statement under a name."""

    name: str
    kind: str
    text: str
    database: str
    sql: str | None = None
    at: str = ""


class Library:
    """The file with history and favourites."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # -- history ---------------------------------------------------------------------------------

    def record(self, entry: Entry) -> None:
        """Adds an entry to the history."""
        self._execute(
            "INSERT INTO history (at, database, kind, text, sql, engine, rows, seconds, error) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                _now(), entry.database, entry.kind, entry.text, entry.sql,
                entry.engine, entry.rows, entry.seconds, entry.error,
            ),
        )  # fmt: skip
        self._execute("DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ?", (KEPT,))

    def history(self, search: str | None = None, limit: int | None = None) -> list[Entry]:
        """Entries with all words of `search` in them, the latest first."""
        condition, values = _words(search, "text || ' ' || coalesce(sql, '')")
        found = self._execute(
            f"SELECT kind, text, database, sql, engine, rows, seconds, error, at, id FROM history {condition} "
            "ORDER BY id DESC LIMIT ?",
            (*values, -1 if limit is None else limit),
        )
        return [Entry(*row) for row in found]

    def entry(self, number: int) -> Entry:
        """The entry of that number."""
        found = self._execute(
            "SELECT kind, text, database, sql, engine, rows, seconds, error, at, id FROM history WHERE id = ?",
            (number,),
        )
        if not found:
            raise Complaint(f"there is no entry {number}", hint="`db-query history` lists them", end=Exit.QUESTION)
        return Entry(*found[0])

    def forget(self, numbers: Sequence[int]) -> None:
        """Deletes entries of the history."""
        for number in numbers:
            self.entry(number)
            self._execute("DELETE FROM history WHERE id = ?", (number,))

    def clear_history(self) -> int:
        """Deletes the whole history; how many entries it had."""
        return self._clear("history")

    # -- favourites ------------------------------------------------------------------------------

    def save(self, favorite: Favorite) -> None:
        """Keeps a favourite, in the place of one of the same name."""
        if not favorite.name.strip() or favorite.name.split() != [favorite.name]:
            raise Complaint("the name of a favourite is one word")
        self._execute(
            "INSERT OR REPLACE INTO favorites (name, at, database, kind, text, sql) VALUES (?, ?, ?, ?, ?, ?)",
            (favorite.name, _now(), favorite.database, favorite.kind, favorite.text, favorite.sql),
        )

    def favorites(self, search: str | None = None) -> list[Favorite]:
        """Favourites with all words of `search` in them, by name."""
        condition, values = _words(search, "name || ' ' || text || ' ' || coalesce(sql, '')")
        found = self._execute(
            f"SELECT name, kind, text, database, sql, at FROM favorites {condition} ORDER BY name", values
        )
        return [Favorite(*row) for row in found]

    def favorite(self, name: str) -> Favorite:
        """The favourite of that name."""
        found = self._execute("SELECT name, kind, text, database, sql, at FROM favorites WHERE name = ?", (name,))
        if not found:
            hint = "`db-query favorites` lists them"
            raise Complaint(f"there is no favourite `{name}`", hint=hint, end=Exit.QUESTION)
        return Favorite(*found[0])

    def delete(self, names: Sequence[str]) -> None:
        """Deletes favourites."""
        for name in names:
            self.favorite(name)
            self._execute("DELETE FROM favorites WHERE name = ?", (name,))

    def clear_favorites(self) -> int:
        """Deletes all favourites; how many there were."""
        return self._clear("favorites")

    def _clear(self, table: str) -> int:
        count: int = self._execute(f"SELECT count(*) FROM {table}")[0][0]
        self._execute(f"DELETE FROM {table}")
        # What was deleted must not be found in the file.
        self._connection.execute("VACUUM")
        return count

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        # Half a surrogate pair, as broken input may hold, has no form in UTF-8.
        plain = [value.encode(errors="replace").decode() if isinstance(value, str) else value for value in values]
        with self._connection:
            return self._connection.execute(statement, plain).fetchall()


@contextmanager
def library() -> Iterator[Library]:
    """The user's library, open."""
    path = private_file("library.db")
    try:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(_TABLES)
            yield Library(connection)
    except sqlite3.Error as error:
        hint = "move the file away to begin anew, or set DB_QUERY_HISTORY=off"
        raise Complaint(f"`{path}` cannot be used: {error}", hint=hint, end=Exit.SYSTEM) from error


def _words(search: str | None, text: str) -> tuple[str, list[str]]:
    words = (search or "").split()
    conditions = " AND ".join([f"instr(lower({text}), lower(?))"] * len(words))
    return (f"WHERE {conditions}" if words else ""), words


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(sep=" ", timespec="seconds").replace("+00:00", "Z")
