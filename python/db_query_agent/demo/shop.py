"""Makes the demo shop: the same rows for SQLite, PostgreSQL and MariaDB.

The rows depend on the seed and the day alone. They end on ``today``, so that "last month" always has an answer.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from .generator import DEFAULT_SEED, EDITION, Cell, Row, generate
from .tables import TABLES, DatabaseName, create_statements

_ROWS_PER_INSERT = 500


def rows(seed: int = DEFAULT_SEED, today: date | None = None) -> dict[str, list[Row]]:
    """The rows of every table by its name, in the order of its columns.

    Money is ``Decimal``, days are ``date``, moments are naive ``datetime``. Do not change what you get: it is shared.
    """
    return _rows(seed, today or date.today())


@lru_cache(maxsize=2)
def _rows(seed: int, today: date) -> dict[str, list[Row]]:
    return generate(seed, today)


def default_path() -> Path:
    """Where the demo keeps its SQLite file: in this user's cache folder, else in a new temporary folder."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(home).expanduser() / "db-query-agent"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except (OSError, RuntimeError):  # the latter where a user has no home
        writable = False
    if not writable:
        folder = Path(tempfile.mkdtemp(prefix="db-query-agent-"))
    return folder / "shop.db"


def write_sqlite(path: str | Path, seed: int = DEFAULT_SEED, today: date | None = None) -> Path:
    """Writes the shop to a new SQLite file at ``path``, in place of any file there, and returns the path."""
    day = today or date.today()
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as connection:
        # Half a file is worthless anyway, so there is no need to wait for the disk.
        connection.execute("PRAGMA synchronous = OFF")
        for statement in create_statements("sqlite"):
            connection.execute(statement)
        for table in TABLES:
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(
                f"INSERT INTO {table.name} VALUES ({marks})",
                (tuple(_sqlite_cell(cell) for cell in row) for row in rows(seed, day)[table.name]),
            )
        connection.execute(f"PRAGMA user_version = {_stamp(seed, day)}")
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
    unfinished.replace(target)
    return target


def ensure_sqlite(path: str | Path, seed: int = DEFAULT_SEED, today: date | None = None) -> Path:
    """Like :func:`write_sqlite`, but leaves a file alone that already holds the shop of that seed and day."""
    day = today or date.today()
    target = Path(path)
    if target.exists():
        try:
            with closing(sqlite3.connect(target)) as connection:
                (stamp,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError:
            stamp = None
        if stamp == _stamp(seed, day):
            return target
    return write_sqlite(target, seed, day)


def sql_script(database: DatabaseName, seed: int = DEFAULT_SEED, today: date | None = None) -> Iterator[str]:
    """The statements, without semicolons, that make the shop in an empty schema of ``database``."""
    yield from create_statements(database)
    for table in TABLES:
        table_rows = rows(seed, today or date.today())[table.name]
        columns = ", ".join(column.name for column in table.columns)
        for start in range(0, len(table_rows), _ROWS_PER_INSERT):
            values = ",\n".join(
                "(" + ", ".join(map(_literal, row)) + ")" for row in table_rows[start : start + _ROWS_PER_INSERT]
            )
            yield f"INSERT INTO {table.name} ({columns}) VALUES\n{values}"


def _stamp(seed: int, day: date) -> int:
    """Which shop a file holds, in the 31 bits that SQLite keeps for the user of a file."""
    shop = (EDITION, seed, day.toordinal(), create_statements("sqlite"))
    return zlib.crc32(repr(shop).encode()) >> 1


def _sqlite_cell(cell: Cell) -> int | str | None:
    if cell is None or isinstance(cell, (int, str)):  # a bool is an int
        return cell
    return _text(cell)


def _literal(cell: Cell) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, Decimal)):
        return str(cell)
    text = cell if isinstance(cell, str) else _text(cell)
    return "'" + text.replace("'", "''") + "'"


def _text(cell: Decimal | date) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
