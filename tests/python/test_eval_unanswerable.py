"""Questions made so that a database cannot answer them, by `scripts/eval`."""

from __future__ import annotations

import importlib
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = str(Path(__file__).parents[2] / "scripts" / "eval")


@pytest.fixture(scope="module")
def unanswerable() -> Iterator[Any]:
    sys.path.insert(0, SCRIPTS)
    try:
        yield importlib.import_module("unanswerable")
    finally:
        sys.path.remove(SCRIPTS)
        sys.modules.pop("unanswerable", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, cityName TEXT, age INTEGER)")
        connection.execute(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES customer, total REAL)"
        )
    return tmp_path


def needs(unanswerable: Any, folder: Path, question: str, sql: str) -> set[str]:
    return set(unanswerable.needed(question, sql, unanswerable.read_tables(folder / "shop.sqlite")))


def test_what_the_question_speaks_of_and_the_statement_uses_can_be_hidden(unanswerable: Any, folder: Path) -> None:
    found = needs(unanswerable, folder, "How old are the customers of each city?", "SELECT age, cityName FROM customer")
    assert found == {"customer", "customer.cityName"}


def test_keys_are_never_hidden(unanswerable: Any, folder: Path) -> None:
    sql = "SELECT SUM(total) FROM orders JOIN customer ON buyer = customer_id"
    assert needs(unanswerable, folder, "total per buyer and customer id", sql) == {"customer", "orders.total"}


def test_a_value_speaks_of_its_column(unanswerable: Any, folder: Path) -> None:
    sql = "SELECT count(*) FROM customer WHERE cityName = 'Bonn'"
    assert needs(unanswerable, folder, "How many live in Bonn?", sql) == {"customer.cityName"}
    assert needs(unanswerable, folder, "How many live there?", sql) == set()


def test_a_question_goes_to_another_database_without_its_statement(unanswerable: Any, folder: Path) -> None:
    records = [
        {"id": f"q{n}", "db_id": name, "question": "?", "gold_sql": "SELECT 1"} for n, name in enumerate("aabbcc")
    ]
    moved = unanswerable.elsewhere(records, folder)
    assert [(one["id"].split()[0], "gold_sql" in one) for one in moved] == [("q0", False), ("q3", False)]
    assert all(one["db_id"] != records[int(one["id"][1])]["db_id"] and one["unanswerable"] for one in moved)


def test_every_run_makes_the_same_questions(unanswerable: Any, folder: Path) -> None:
    sql = "SELECT total, cityName FROM orders JOIN customer ON buyer = customer_id"
    record = {"id": "q", "db_id": "shop", "question": "total of customers by city", "gold_sql": sql}
    first, again = (unanswerable.hidden([record], folder) for _ in range(2))
    assert first == again
    assert first[0]["hide"] in {"customer", "customer.cityName", "orders.total"}
