"""What users decide about the stored values by which questions are understood."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db_query_agent import DatabaseQueryAgent

QUESTION = "How many orders are pending?"


@pytest.fixture
def orders(tmp_path: Path) -> str:
    path = tmp_path / "orders.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT)")
        connection.executemany("INSERT INTO orders (status) VALUES (?)", [("pending",), ("pending",), ("shipped",)])
    return f"sqlite:///{path}"


@pytest.mark.parametrize("entry", ["status", "orders.status", "ord*.*", "*"])
def test_a_column_can_be_left_alone(orders: str, entry: str) -> None:
    with DatabaseQueryAgent(orders) as agent:
        assert agent.query(QUESTION)["result"] == [(2,)]
    with DatabaseQueryAgent(orders, unindexed_columns=[entry]) as agent:
        assert agent.query(QUESTION)["needs_clarification"]
        assert agent.query("How many orders are there?")["result"] == [(3,)]


def test_values_are_read_again(orders: str) -> None:
    question = "How many orders are refunded?"
    with DatabaseQueryAgent(orders, values_cache_ttl=0) as agent:
        assert agent.query(question)["needs_clarification"]
        with closing(sqlite3.connect(orders.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute("INSERT INTO orders (status) VALUES ('refunded')")
        while agent.query(question)["needs_clarification"]:
            pass
        assert agent.query(question)["result"] == [(1,)]


def test_a_question_about_one_of_too_many_values_is_answered(orders: str) -> None:
    with closing(sqlite3.connect(orders.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
        names = [(f"Person {number}",) for number in range(20_000)]
        connection.executemany("INSERT INTO customers (name) VALUES (?)", names)
        connection.execute("UPDATE customers SET name = 'Xanthippe Quill' WHERE id = 12345")
    with DatabaseQueryAgent(orders) as agent:
        assert agent.query("What is the id of the customer Xanthippe Quill?")["result"] == [(12345,)]
