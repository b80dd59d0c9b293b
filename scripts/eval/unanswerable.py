"""Questions that a database cannot answer, made from ones that it can.

Either what the gold statement needs and the question speaks of is hidden from the engine, or the question is asked of
another database. By the place of a question alone, so that every run asks the same.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]

# Of so many questions one is asked.
EVERY = 3
# Letters that two words share when they are forms of one.
STEM = 5


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    keys: frozenset[str]
    """Columns that join tables; a statement needs them, a question does not speak of them."""


def hidden(records: list[Record], folder: Path) -> list[Record]:
    """Questions with `hide`: a table or a column that each needs, as an option of an agent blocks it."""
    tables: dict[str, list[Table]] = {}
    made = []
    for record in records[::EVERY]:
        name = record["db_id"]
        if name not in tables:
            tables[name] = read_tables(folder / f"{name}.sqlite")
        things = sorted(set(needed(record["question"], record["gold_sql"], tables[name])))
        if things:
            thing = things[dice(record["id"]) % len(things)]
            made.append({**record, "id": f"{record['id']} without {thing}", "hide": thing, "unanswerable": True})
    return made


def elsewhere(records: list[Record], _folder: Path) -> list[Record]:
    """Questions, each asked of a database that it is not about."""
    names = sorted({record["db_id"] for record in records})
    made = []
    for record in records[::EVERY]:
        others = [name for name in names if name != record["db_id"]]
        other = others[dice(record["id"]) % len(others)]
        moved = {key: value for key, value in record.items() if key != "gold_sql"}
        made.append({**moved, "id": f"{record['id']} at {other}", "db_id": other, "unanswerable": True})
    return made


def dice(text: str) -> int:
    """A number that depends on the text alone, the same in every process."""
    return zlib.crc32(text.encode())


def read_tables(path: Path) -> list[Table]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [read_table(connection, name) for name in names if not name.startswith("sqlite_")]


def read_table(connection: sqlite3.Connection, name: str) -> Table:
    columns = list(connection.execute(f'PRAGMA table_info("{name}")'))
    keys = {row[1].lower() for row in columns if row[5]}
    keys |= {row[3].lower() for row in connection.execute(f'PRAGMA foreign_key_list("{name}")')}
    return Table(name, tuple(row[1] for row in columns), frozenset(keys))


def needed(question: str, sql: str, tables: list[Table]) -> Iterator[str]:
    """What the statement uses and the question speaks of: `table`, or `table.column`."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", sql)
    used = {word.lower() for word in re.findall(r"\w+", bare)}
    asked = set(re.findall(r"\w+", question.lower()))
    mentioned = [table for table in tables if table.name.lower() in used]
    for table in mentioned:
        if len(tables) > 1 and is_said(table.name, asked):
            yield table.name
        for column in table.columns:
            low = column.lower()
            if low not in used or low in table.keys or low.endswith("id"):
                continue
            if is_said(column, asked) or is_tested(column, sql, question):
                yield f"{table.name}.{column}"


def is_said(name: str, asked: set[str]) -> bool:
    """Whether the question has a word of the name."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    stems = {word[:STEM] for word in words if len(word) > 2}
    return any(word[:STEM] in stems for word in asked)


def is_tested(column: str, sql: str, question: str) -> bool:
    """Whether the statement compares the column with a text that stands in the question."""
    for text in re.findall(rf"\b{re.escape(column)}\s*=\s*['\"]([^'\"]+)['\"]", sql, re.IGNORECASE):
        if text.lower() in question.lower():
            return True
    return False
