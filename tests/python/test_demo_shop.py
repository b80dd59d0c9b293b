"""The demo shop: the same for the same seed and day, whole, and never in the future."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from db_query_agent.demo import QUESTIONS, ensure_sqlite, rows, sql_script, write_sqlite
from db_query_agent.demo.generator import generate
from db_query_agent.demo.tables import TABLES

DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sqlite(tmp_path_factory.mktemp("shop") / "shop.db", today=DAY)


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_same_seed_and_day_give_the_same_rows() -> None:
    assert generate(7, DAY) == generate(7, DAY)
    assert generate(7, DAY) != generate(8, DAY)
    assert generate(7, DAY) != generate(7, DAY + timedelta(days=1))


def test_rows_stay_the_same_from_one_release_to_the_next() -> None:
    first = rows(7, DAY)["orders"][0]
    assert first == (1, 140, None, None, "completed", datetime(2023, 3, 3, 11, 52, 52), Decimal("255.66"))


def test_every_table_has_rows_of_its_columns() -> None:
    tables = rows(7, DAY)
    assert set(tables) == {table.name for table in TABLES}
    for table in TABLES:
        assert len(tables[table.name]) >= 10
        assert {len(row) for row in tables[table.name]} == {len(table.columns)}
    assert sum(map(len, tables.values())) > 30_000


def test_no_row_points_nowhere(shop: Path) -> None:
    assert ask(shop, "PRAGMA foreign_key_check") == []
    assert ask(shop, "PRAGMA integrity_check") == [("ok",)]


def test_rows_end_today_and_not_later() -> None:
    tables = rows(7, DAY)
    moments = [cell for table in tables.values() for row in table for cell in row if isinstance(cell, datetime)]
    assert max(moments) < datetime(2026, 3, 1, 12)
    assert max(moment.date() for moment in moments) == DAY


def test_order_totals_are_the_sum_of_their_items(shop: Path) -> None:
    wrong = ask(
        shop,
        """SELECT orders.id FROM orders JOIN order_items ON order_items.order_id = orders.id GROUP BY orders.id
           HAVING ABS(SUM(quantity * unit_price - discount) - MAX(total)) > 0.001""",
    )
    assert wrong == []


@pytest.mark.parametrize(
    "later_before_earlier",
    [
        "SELECT COUNT(*) FROM shipments JOIN orders ON orders.id = order_id WHERE shipped_at < ordered_at",
        "SELECT COUNT(*) FROM shipments WHERE delivered_at < shipped_at",
        "SELECT COUNT(*) FROM payments JOIN orders ON orders.id = order_id WHERE paid_at < ordered_at",
        "SELECT COUNT(*) FROM orders JOIN employees ON employees.id = employee_id WHERE date(ordered_at) < hired_on",
        """SELECT COUNT(*) FROM orders JOIN customers ON customers.id = customer_id
           WHERE date(ordered_at) < date(signed_up_at)""",
        """SELECT COUNT(*) FROM order_items JOIN orders ON orders.id = order_id
           JOIN products ON products.id = product_id WHERE date(ordered_at) < launched_on""",
    ],
)
def test_nothing_happens_before_its_cause(shop: Path, later_before_earlier: str) -> None:
    assert ask(shop, later_before_earlier) == [(0,)]


def test_a_file_of_today_is_kept_and_one_of_yesterday_is_not(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "shop.db"
    ensure_sqlite(path, today=DAY)
    made = path.stat().st_mtime_ns
    assert ensure_sqlite(path, today=DAY).stat().st_mtime_ns == made
    ensure_sqlite(path, today=DAY + timedelta(days=1))
    assert ask(path, "SELECT MAX(date(ordered_at)) FROM orders") == [("2026-03-02",)]
    path.write_text("no database at all, but long enough to be taken for one by its length" * 50)
    ensure_sqlite(path, today=DAY)
    assert ask(path, "SELECT COUNT(*) FROM categories") == [(12,)]


def test_script_spells_types_as_each_database_does() -> None:
    postgresql = "\n".join(sql_script("postgresql", today=DAY))
    assert "ordered_at TIMESTAMP NOT NULL" in postgresql
    assert "COMMENT ON COLUMN orders.total IS" in postgresql
    mysql = "\n".join(sql_script("mysql", today=DAY))
    assert "ordered_at DATETIME NOT NULL COMMENT" in mysql
    assert "'O''Brien'" in mysql


def test_money_is_exact() -> None:
    for order in rows(7, DAY)["orders"]:
        assert isinstance(order[6], Decimal)
        assert order[6] == round(order[6], 2)


def test_there_are_a_dozen_different_questions() -> None:
    assert len(set(QUESTIONS)) == len(QUESTIONS) >= 10
