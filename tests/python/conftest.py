"""What many tests need: a small database of people and an agent on it that needs no key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db_query_agent import DatabaseQueryAgent, _core

PEOPLE = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, active BOOLEAN NOT NULL DEFAULT 1, joined DATE NOT NULL
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), total REAL NOT NULL, status TEXT NOT NULL
);
CREATE INDEX orders_status ON orders (status);
INSERT INTO users VALUES
    (1, 'Ann', 'ann@example.com', 1, '2024-01-05'),
    (2, 'Bob', 'bob@example.com', 0, '2024-02-06'),
    (3, 'Cleo', NULL, 1, '2024-03-07');
INSERT INTO orders VALUES (1, 1, 10.5, 'open'), (2, 1, 20.0, 'shipped'), (3, 3, 7.25, 'open');
"""

SLOW = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
"""A statement that SQLite would work on for ever."""


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test depends on the variables of whoever runs it, or leaves anything in their folders."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for option in _core.options():
        if option["environment"]:
            monkeypatch.delenv(option["environment"], raising=False)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A SQLite file with users and orders."""
    path = tmp_path / "people.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(PEOPLE)
    return path


@pytest.fixture
def url(people: Path) -> str:
    return f"sqlite:///{people}"


@pytest.fixture
def agent(url: str) -> Iterator[DatabaseQueryAgent]:
    with DatabaseQueryAgent(url) as agent:
        yield agent
