"""Dialogues on the demo shop: turn by turn on the offline engine, and through models that forget, fail or are down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop_answers import Record, Shop

from db_query_agent import DatabaseQueryAgent
from db_query_agent.demo import write_sqlite
from db_query_agent.testing import Fault, ModelServer, Reply, Sql

TODAY = date.today()

Row = tuple[Any, ...]
Rows = list[Row]


@dataclass(frozen=True)
class Turn:
    """A question and the cells that must stand in each row; ``ordered`` when their order was asked for."""

    question: str
    answer: Callable[[Shop], Rows]
    ordered: bool = False


def ids(records: list[Record]) -> Rows:
    return [(record.id,) for record in records]


def names(records: list[Record]) -> Rows:
    return [(record.name,) for record in records]


def count(records: list[Any]) -> Rows:
    return [(len(records),)]


def last_week(shop: Shop) -> list[Record]:
    monday = shop.today - timedelta(days=shop.today.weekday() + 7)
    return [order for order in shop.orders if monday <= order.ordered_at.date() < monday + timedelta(days=7)]


def completed(shop: Shop) -> list[Record]:
    return [order for order in last_week(shop) if order.status == "completed"]


def by(records: list[Record], key: str, descending: bool = False) -> list[Record]:
    return sorted(records, key=lambda record: record[key], reverse=descending)


def dear(shop: Shop) -> list[Record]:
    return [product for product in shop.products if product.price > 500]


def german(shop: Shop, table: str = "customers") -> list[Record]:
    return [record for record in shop.tables[table] if record.country == "Germany"]


def orders_from(shop: Shop, country: str, status: str | None = None) -> list[Record]:
    there = {customer.id for customer in shop.customers if customer.country == country}
    return [order for order in shop.orders if order.customer_id in there and (status is None or order.status == status)]


def in_category(shop: Shop, name: str) -> list[Record]:
    categories = shop.by_id("categories")
    return [product for product in shop.products if categories[product.category_id].name == name]


def per(records: list[Record], key: str) -> Rows:
    found: dict[Any, int] = {}
    for record in records:
        found[record[key]] = found.get(record[key], 0) + 1
    return list(found.items())


def paid(shop: Shop, method: str) -> list[Record]:
    return [payment for payment in shop.payments if payment.method == method]


DIALOGUES: dict[str, tuple[Turn, ...]] = {
    "orders of last week": (
        Turn("show all orders from last week", lambda shop: ids(last_week(shop))),
        Turn("filter those by status=completed", lambda shop: ids(completed(shop))),
        Turn("sort by total descending", lambda shop: ids(by(completed(shop), "total", True)), ordered=True),
        Turn("how many is that?", lambda shop: count(completed(shop))),
    ),
    "dear products": (
        Turn("Which products cost more than 500?", lambda shop: names(dear(shop))),
        Turn("sort them by price", lambda shop: names(by(dear(shop), "price")), ordered=True),
        Turn("only the top 3", lambda shop: names(by(dear(shop), "price")[:3]), ordered=True),
        Turn("how many are those?", lambda _: [(3,)]),
    ),
    "orders counted": (
        Turn("How many orders are there?", lambda shop: count(shop.orders)),
        Turn("only from customers in Germany", lambda shop: count(orders_from(shop, "Germany"))),
        Turn("by status", lambda shop: per(orders_from(shop, "Germany"), "status")),
        Turn("how many are those?", lambda shop: count(per(orders_from(shop, "Germany"), "status"))),
    ),
    "customers of a country": (
        Turn("How many customers are from Germany?", lambda shop: count(german(shop))),
        Turn(
            "what about France?",
            lambda shop: count([person for person in shop.customers if person.country == "France"]),
        ),
        Turn(
            "by city",
            lambda shop: per([person for person in shop.customers if person.country == "France"], "city"),
        ),
        Turn(
            "how many is that?",
            lambda shop: count(per([person for person in shop.customers if person.country == "France"], "city")),
        ),
    ),
    "a category": (
        Turn("Show the products in Furniture", lambda shop: names(in_category(shop, "Furniture"))),
        Turn(
            "sort by price descending",
            lambda shop: names(by(in_category(shop, "Furniture"), "price", True)),
            ordered=True,
        ),
        Turn(
            "only the first 2",
            lambda shop: names(by(in_category(shop, "Furniture"), "price", True)[:2]),
            ordered=True,
        ),
        Turn("how many is that?", lambda _: [(2,)]),
    ),
    "stores": (
        Turn("Show the stores in Germany", lambda shop: names(german(shop, "stores"))),
        Turn("how many are those?", lambda shop: count(german(shop, "stores"))),
        Turn("by city", lambda shop: per(german(shop, "stores"), "city")),
        Turn("how many is that?", lambda shop: count(per(german(shop, "stores"), "city"))),
    ),
    "payments": (
        Turn("How many payments are there?", lambda shop: count(shop.payments)),
        Turn("by method", lambda shop: per(shop.payments, "method")),
        Turn("only card", lambda shop: [("card", len(paid(shop, "card")))]),
        Turn("how many is that?", lambda _: [(1,)]),
    ),
}

NAMES = pytest.mark.parametrize("name", DIALOGUES)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(TODAY)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = write_sqlite(tmp_path_factory.mktemp("dialogues") / "shop.db", today=TODAY)
    return f"sqlite:///{path}"


def plain(row: Row) -> Row:
    return tuple(float(cell) if isinstance(cell, (Decimal, float)) else cell for cell in row)


def check(turn: Turn, shop: Shop, result: dict[str, Any]) -> None:
    """Each row shows the cells of its expected one, and may show more."""
    expected, rows = [plain(row) for row in turn.answer(shop)], [plain(row) for row in result["result"]]
    told = f"{turn.question}: {result['sql']} gave {rows[:5]}, not {expected[:5]}"
    assert expected, turn.question
    assert len(rows) == len(expected), told
    if not turn.ordered:
        rows.sort(key=repr)
        left = list(rows)
        for cells in expected:
            match = next((row for row in left if set(cells) <= set(row)), None)
            assert match is not None, told
            left.remove(match)
        return
    assert all(set(cells) <= set(row) for cells, row in zip(expected, rows, strict=True)), told


@NAMES
def test_a_dialogue_holds_without_a_model(name: str, shop: Shop, url: str) -> None:
    with DatabaseQueryAgent(url, model_strategy="offline", session_backend="memory") as agent:
        session = agent.create_session("talk")
        for turn in DIALOGUES[name]:
            check(turn, shop, session.ask(turn.question))


def of_the_offline_engine(name: str, url: str) -> list[str]:
    with DatabaseQueryAgent(url, model_strategy="offline", session_backend="memory") as agent:
        session = agent.create_session("talk")
        return [session.ask(turn.question)["sql"] for turn in DIALOGUES[name]]


def through(url: str, *replies: Reply, repeat: bool = False) -> tuple[ModelServer, dict[str, Any]]:
    server = ModelServer(*replies, repeat=repeat)
    options = {"base_url": server.base_url, "model_strategy": "model", "session_backend": "memory"}
    return server, {"database_url": url, "enable_cache": False, **options}


@NAMES
def test_a_model_that_goes_down_is_stood_in_for(name: str, shop: Shop, url: str) -> None:
    """It writes the first statement in its own way, with an alias and in capitals, and then says nothing more."""
    first = of_the_offline_engine(name, url)[0].replace("SELECT", "select").replace(" AS count", " AS n")
    turns = DIALOGUES[name]
    server, options = through(url, Sql(first), Fault(429, code="insufficient_quota"), repeat=True)
    with server, DatabaseQueryAgent(**options) as agent:
        session = agent.create_session("talk")
        for place, turn in enumerate(turns):
            result = session.ask(turn.question)
            check(turn, shop, result)
            assert any("in the place of" in warning for warning in result["warnings"]) == (place > 0)


@NAMES
def test_a_model_that_forgets_every_condition_is_reminded(name: str, shop: Shop, url: str) -> None:
    """From the second turn on it writes the right statement without its conditions."""
    right = of_the_offline_engine(name, url)
    forgetful = [Sql(right[0]), *[Sql(without_conditions(sql)) for sql in right[1:]]]
    server, options = through(url, *forgetful)
    with server, DatabaseQueryAgent(**options) as agent:
        session = agent.create_session("talk")
        for place, turn in enumerate(DIALOGUES[name]):
            result = session.ask(turn.question)
            check(turn, shop, result)
            forgotten = without_conditions(right[place]) != right[place]
            reminded = any("left out a condition" in warning for warning in result["warnings"])
            assert reminded == (forgotten and place > 0), result["sql"]


def without_conditions(sql: str) -> str:
    """``sql`` without its first WHERE, whose end is the end of its brackets or the next clause."""
    head, _, rest = sql.partition(" WHERE ")
    depth = 0
    for place, letter in enumerate(rest):
        depth += (letter == "(") - (letter == ")")
        if depth < 0 or (depth == 0 and rest[place:].startswith((" GROUP BY ", " ORDER BY ", " LIMIT "))):
            return head + rest[place:]
    return head


def test_conditions_are_left_out_as_a_forgetful_model_would() -> None:
    assert without_conditions("SELECT a FROM t WHERE (b OR c) AND d ORDER BY a") == "SELECT a FROM t ORDER BY a"
    assert without_conditions("SELECT 1 FROM (SELECT a FROM t WHERE b) AS u") == "SELECT 1 FROM (SELECT a FROM t) AS u"
    assert without_conditions("SELECT a FROM t") == "SELECT a FROM t"
