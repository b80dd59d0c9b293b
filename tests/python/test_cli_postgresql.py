"""The command on a real server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from command import db_query, terminal
from servers import postgresql_database

SHOP = """
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, city text);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, total numeric(10, 2));
INSERT INTO customers SELECT i, 'c' || i, CASE WHEN i % 2 = 0 THEN 'Berlin' ELSE 'Oslo' END
FROM generate_series(1, 100) i;
INSERT INTO orders SELECT i, 1 + i % 100, i FROM generate_series(1, 1000) i;
ANALYZE
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with postgresql_database(SHOP.split(";")) as url:
        yield url


def test_a_question_and_what_follows(shop: str) -> None:
    typed = "How many customers are there?\nonly those from Berlin\n\\d orders\n"
    ended = db_query("repl", "--db", shop, "--format", "csv", given=typed)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("count\n100\ncount\n50\n")
    assert "→ customers.id" in ended.stdout


def test_a_statement_is_estimated(shop: str) -> None:
    sql = "SELECT c.name, sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.name"
    told = json.loads(db_query("explain", sql, "--db", shop, "--json").stdout)
    assert (told["tables"], told["estimate"]["cartesian"]) == (["public.customers", "public.orders"], False)
    assert told["estimate"]["rows"] >= 100
    assert "expected:" in db_query("explain", sql, "--db", shop).stdout
    dear = db_query("explain", sql, "--db", shop, "--json", MAX_ESTIMATED_COST="1")
    assert (dear.returncode, json.loads(dear.stdout)["allowed"]) == (1, False)


def test_the_doctor_tells_the_rights_of_the_login(shop: str) -> None:
    ended = db_query("doctor", "--db", shop, "--json")
    assert ended.returncode == 0, ended.stdout
    findings = json.loads(ended.stdout)
    assert any(one["name"] == "rights" and one["verdict"] == "note" and one["advice"] for one in findings)
    assert any(one["detail"].startswith("PostgreSQL ") for one in findings)


def test_control_c_stops_the_statement_on_the_server(shop: str) -> None:
    slow = "SELECT count(*) FROM generate_series(1, 100000000000) AS endless;"

    def running() -> int:
        with closing(psycopg.connect(os.environ["TEST_POSTGRES_URL"], autocommit=True)) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS endless%' "
                "AND pid <> pg_backend_pid()"
            ).fetchone()
        return int(found[0]) if found else 0

    with terminal("repl", "--db", shop, QUERY_TIMEOUT="3600") as screen:
        screen.expect(">")
        screen.type(slow)
        screen.expect("running the statement")
        while not running():
            pass
        screen.press("c")
        screen.expect("cancelled")
        while running():
            pass
        screen.expect(">")
        screen.type("How many orders are there?")
        screen.expect("There are 1,000 orders.")
        screen.expect(">")
        screen.press("d")
        assert screen.leave() == 0
