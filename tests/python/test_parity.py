"""The same questions get the same rows, and the right ones, on SQLite, PostgreSQL and MariaDB, without a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal

import pytest
from servers import mysql_database, postgresql_database
from shop_answers import QUESTIONS, Question, Shop

from db_query_agent import DatabaseQueryAgent
from db_query_agent.demo import QUESTIONS as DEMO_QUESTIONS
from db_query_agent.demo import sql_script, write_sqlite

TODAY = date.today()

Row = tuple[object, ...]


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(TODAY)


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseQueryAgent]]:
    path = write_sqlite(tmp_path_factory.mktemp("parity") / "shop.db", today=TODAY)
    with ExitStack() as stack:
        urls = {
            "sqlite": f"sqlite:///{path}",
            "postgresql": stack.enter_context(postgresql_database(sql_script("postgresql", today=TODAY))),
            "mysql": stack.enter_context(mysql_database(sql_script("mysql", today=TODAY))),
        }
        agents = {}
        for database, url in urls.items():
            agents[database] = DatabaseQueryAgent(database_url=url, model_strategy="offline")
            stack.callback(agents[database].close)
        yield agents


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.text)
def test_same_and_right_rows_everywhere(question: Question, shop: Shop, agents: dict[str, DatabaseQueryAgent]) -> None:
    expected = [comparable(row) for row in question.answer(shop)]
    assert expected, "the question has no answer in the shop"
    first: list[Row] | None = None
    for database, agent in agents.items():
        result = agent.query(question.text)
        rows = [comparable(row) for row in result["result"]]
        assert holds(expected, rows, question.ordered), f"{database}: {result['sql']} gave {rows[:5]}"
        if not question.ordered:
            rows.sort(key=repr)
        first = first or rows
        assert rows == first, f"{database} and SQLite differ"


def test_there_are_thirty_questions_and_the_demo_asks_none_that_is_not_among_them() -> None:
    texts = {question.text for question in QUESTIONS}
    assert len(texts) == len(QUESTIONS) >= 30
    assert set(DEMO_QUESTIONS) <= texts


def comparable(row: Row) -> Row:
    """The row with numbers to four digits behind the point.

    SQLite adds money as floating point, and MariaDB gives an average of whole numbers four digits.
    """
    return tuple(
        round(Decimal(str(cell)), 4).normalize() + 0
        if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool)
        else cell
        for cell in row
    )


def holds(expected: list[Row], rows: list[Row], ordered: bool) -> bool:
    """Whether each row has the cells of its expected one; it may show more, such as a name beside a number."""
    if len(expected) != len(rows):
        return False
    if ordered:
        return all(set(cells) <= set(row) for cells, row in zip(expected, rows, strict=True))
    left = list(rows)
    for cells in expected:
        match = next((row for row in left if set(cells) <= set(row)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def test_a_wrong_row_would_be_noticed() -> None:
    assert holds([("a", 1)], [("a", "x", 1)], ordered=False)
    assert not holds([("a", 1)], [("a", 2)], ordered=False)
    assert not holds([("a",), ("b",)], [("b",), ("a",)], ordered=True)
    assert not holds([("a",), ("b",)], [("a",), ("a",)], ordered=False)
    assert not holds([("a",)], [("a",), ("b",)], ordered=False)
    assert comparable((Decimal("10.00"), 10.0, 10)) == (Decimal(10),) * 3
