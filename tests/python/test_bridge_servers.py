"""Engines with a `creator` of their own on PostgreSQL and MariaDB: read through their own connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest
import scripts
from servers import mysql_database, postgresql_database
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool
from test_types import MYSQL, POSTGRESQL, script

from db_query_agent import Caller, DatabaseQueryAgent, DatabaseQueryAgentError, SchemaExtractor

SECRET = "s3cret-of-the-creator"


def statements_of(script: str) -> list[str]:
    return [statement.strip() for statement in script.split(";") if statement.strip()]


SHOP = {
    "postgresql": statements_of("""
        CREATE TYPE state AS ENUM ('open', 'shipped');
        CREATE TABLE customers (id serial PRIMARY KEY, name varchar(40) NOT NULL, email text UNIQUE);
        COMMENT ON TABLE customers IS 'who buys';
        CREATE TABLE orders (
            id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, state state,
            total numeric(10,2) DEFAULT 0
        );
        CREATE INDEX by_state ON orders (state, (total * 2));
        CREATE VIEW open_orders AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id;
        CREATE MATERIALIZED VIEW totals AS SELECT state, sum(total) AS total FROM orders GROUP BY state;
        INSERT INTO customers (name, email) VALUES ('Ann', 'ann@example.com'), ('Bob', NULL);
        INSERT INTO orders VALUES (1, 1, 'open', 10.50), (2, 1, 'shipped', 20), (3, 2, 'open', 7.25)
    """),
    "mysql": statements_of("""
        CREATE TABLE customers (
            id int AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL, email varchar(99) UNIQUE
        ) COMMENT 'who buys';
        CREATE TABLE orders (
            id int PRIMARY KEY, customer_id int NOT NULL, state enum('open', 'shipped'),
            total decimal(10,2) DEFAULT 0 COMMENT 'in euros',
            FOREIGN KEY (customer_id) REFERENCES customers (id), KEY by_state (state, total)
        );
        CREATE VIEW open_orders AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id;
        INSERT INTO customers (name, email) VALUES ('Ann', 'ann@example.com'), ('Bob', NULL);
        INSERT INTO orders VALUES (1, 1, 'open', 10.50), (2, 1, 'shipped', 20), (3, 2, 'open', 7.25)
    """),
}
MORE_KINDS = {
    "postgresql": statements_of("""
        CREATE DOMAIN grade AS int CHECK (VALUE > 0);
        CREATE TYPE state AS ENUM ('open');
        CREATE TYPE pair AS (a int, b grade[]);
        CREATE TABLE more (
            a grade, b state, c pair, d int4range, e daterange, f inet, g bit(3), h money, i state[], j date,
            k timestamptz, l interval, m "char", n point, o timestamp, p real
        );
        INSERT INTO more VALUES (
            1, 'open', ROW(1, '{2,3}'), '[1,5)', '[2024-01-01,)', '10.0.0.0/8', B'101', 12.5, '{open}', 'infinity',
            '-infinity', '1 year 2 mons', 'x', '(1,2)', '0044-03-15 BC', 1.1
        )
    """),
    "mysql": statements_of("""
        CREATE TABLE more (
            a boolean, b bit(10), c json, d set('x', 'y'), e timestamp NULL, f date, g float, h time
        );
        INSERT INTO more VALUES (
            1, b'1000000001', '{}', 'x,y', '2024-07-01 12:00:00', '2024-02-29', 1.1, '10:00'
        )
    """),
}
DATABASES: dict[str, Callable[[list[str]], AbstractContextManager[str]]] = {
    "postgresql": postgresql_database,
    "mysql": mysql_database,
}


def connect(url: str) -> Any:
    """A connection that no URL of SQLAlchemy leads to."""
    parts = urlsplit(url)
    if parts.scheme.startswith("postgres"):
        return psycopg.connect(url)
    return pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=parts.username or "root",
        password=parts.password or "",
        database=parts.path.lstrip("/"),
    )


def engine_on(url: str, **options: Any) -> Engine:
    driver = "postgresql+psycopg" if url.startswith("postgres") else "mysql+pymysql"
    return create_engine(f"{driver}://", creator=lambda: connect(url), **options)


@pytest.fixture(scope="module", params=["postgresql", "mysql"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    with DATABASES[request.param](SHOP[request.param]) as url:
        yield request.param, url


@pytest.fixture
def engine(place: tuple[str, str]) -> Iterator[Engine]:
    engine = engine_on(place[1])
    yield engine
    engine.dispose()


@pytest.fixture
def agent(engine: Engine) -> Iterator[DatabaseQueryAgent]:
    with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
        yield agent


def test_questions_are_answered(agent: DatabaseQueryAgent) -> None:
    assert agent.query("How many orders are there?")["result"] == [(3,)]
    assert agent.query("How many orders are shipped?")["result"] == [(1,)]


def test_the_schema_is_that_of_a_connection_of_our_own(place: tuple[str, str], engine: Engine) -> None:
    expected = SchemaExtractor(place[1]).get_schema()
    assert expected["orders"]["foreign_keys"]
    assert SchemaExtractor(engine).get_schema() == expected


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_values_are_those_of_a_connection_of_our_own(kind: str) -> None:
    cases = {"postgresql": POSTGRESQL, "mysql": MYSQL}[kind]
    with DATABASES[kind](script(cases) + MORE_KINDS[kind]) as url:
        engine = engine_on(url)
        with DatabaseQueryAgent(engine) as lent, DatabaseQueryAgent(url) as native:
            for sql in ("SELECT * FROM kinds", "SELECT * FROM more"):
                ours, expected = lent.run_sql(sql), native.run_sql(sql)
                assert ours["columns"] == expected["columns"]
                for name, found, value in zip(ours["columns"], ours["result"][0], expected["result"][0], strict=True):
                    assert (name, found, type(found)) == (name, value, type(value))
                    assert str(found) == str(value), name
        engine.dispose()


def test_values_that_are_bound_are_of_their_own_type(place: tuple[str, str], engine: Engine) -> None:
    filters = {"customers": "name = :name OR id = :id OR :none IS NULL AND id = :big"}
    with DatabaseQueryAgent(
        engine, row_filters=filters, masked_columns=["customers.email"], second_opinion=True
    ) as agent:
        ann = Caller(id="ann", attributes={"name": "An'n%s\\", "id": 2, "none": None, "big": Decimal(1)})
        found = agent.run_sql("SELECT id, email, '50%' AS share FROM customers ORDER BY id", caller=ann)["result"]
        assert found == [(1, "***", "50%"), (2, None, "50%")]


def test_an_estimate_is_asked_for(engine: Engine) -> None:
    with DatabaseQueryAgent(engine, max_estimated_rows=2, model_strategy="offline") as agent:
        with pytest.raises(DatabaseQueryAgentError) as caught:
            agent.run_sql("SELECT a.id FROM orders a CROSS JOIN orders b CROSS JOIN orders c")
        assert caught.value.code == "too_expensive"


def test_limits_are_exact(engine: Engine) -> None:
    with DatabaseQueryAgent(engine, max_result_rows=2) as agent:
        cut, whole = agent.run_sql("SELECT id FROM orders"), agent.run_sql("SELECT id FROM orders WHERE id < 3")
        assert (len(cut["result"]), cut["truncated"]) == (2, True)
        assert (len(whole["result"]), whole["truncated"]) == (2, False)
    with DatabaseQueryAgent(engine, max_result_bytes=1024) as agent:
        wide = agent.run_sql("SELECT repeat('x', 800) FROM orders")
        assert (len(wide["result"]), wide["truncated"]) == (1, True)
        heavy = agent.run_sql("SELECT repeat('x', 5000) FROM orders")
        assert (heavy["result"], heavy["truncated"]) == ([], True)
        assert agent.run_sql("SELECT count(*) FROM orders")["result"] == [(3,)]


def settings(engine: Engine) -> Any:
    names = (
        "SELECT current_setting('statement_timeout'), current_setting('search_path'), "
        "current_setting('transaction_read_only'), (SELECT count(*) FROM pg_cursors)"
        if engine.dialect.name == "postgresql"
        else "SELECT @@sql_mode, @@time_zone, @@max_statement_time, @@tx_read_only, @db_query_agent, @db_query_agent_0"
    )
    with engine.connect() as connection:
        return tuple(connection.execute(text(names)).one())


def test_a_connection_goes_back_as_it_came(place: tuple[str, str]) -> None:
    engine = engine_on(place[1], pool_size=1, max_overflow=0)
    before = settings(engine)
    with DatabaseQueryAgent(engine, row_filters={"orders": "customer_id = :id"}, second_opinion=True) as agent:
        agent.run_sql("SELECT count(*) FROM orders", caller=Caller(id="ann", attributes={"id": 1}))
        with pytest.raises(DatabaseQueryAgentError):
            agent.run_sql("SELECT 1 / (id - id), CAST('x' AS signed) FROM nothing")
        agent.security_report()
        assert settings(engine) == before
        with engine.begin() as connection:
            connection.execute(text("UPDATE orders SET total = total"))
            if engine.dialect.name == "mysql":
                with pytest.raises(Exception, match="Unknown prepared"):
                    connection.execute(text("DEALLOCATE PREPARE db_query_agent"))
    assert settings(engine) == before
    engine.dispose()


def test_a_function_that_writes_is_refused_by_the_transaction() -> None:
    statements = [
        *SHOP["postgresql"],
        "CREATE FUNCTION pry() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1'",
        "CREATE VIEW prying AS SELECT pry() AS a",
    ]
    with postgresql_database(statements) as url:
        engine = engine_on(url)
        with DatabaseQueryAgent(engine) as agent, pytest.raises(DatabaseQueryAgentError) as caught:
            agent.run_sql("SELECT a FROM prying")
        assert "read-only transaction" in str(caught.value)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM orders")).scalar() == 3
        engine.dispose()


def test_while_a_statement_runs_the_session_refuses_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[int] = []
    execute = pymysql.cursors.SSCursor.execute

    def write_first(cursor: Any, query: str, arguments: Any = None) -> Any:
        if query.startswith("EXECUTE"):
            for write in ("DELETE FROM orders", "DROP TABLE orders", "CREATE TABLE loot (a int)"):
                with cursor.connection.cursor() as writer, pytest.raises(pymysql.err.MySQLError) as caught:
                    writer.execute(write)
                refused.append(caught.value.args[0])
        return execute(cursor, query, arguments)

    with mysql_database(SHOP["mysql"]) as url:
        engine = engine_on(url)
        with DatabaseQueryAgent(engine) as agent:
            agent.run_sql("SELECT 1")
            monkeypatch.setattr(pymysql.cursors.SSCursor, "execute", write_first)
            assert agent.run_sql("SELECT count(*) FROM orders")["result"] == [(3,)]
        assert refused == [1792, 1792, 1792], "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION"
        engine.dispose()


def running(url: str) -> int:
    """How many statements of the slow kind run on the server."""
    with closing(connect(url)) as administrator, administrator.cursor() as cursor:
        if url.startswith("postgres"):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
                "AND query LIKE 'FETCH%'"
            )
        else:
            cursor.execute(
                "SELECT count(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() "
                "AND INFO LIKE 'SELECT count(*) FROM orders o0%'"
            )
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def test_the_time_limit_ends_a_statement(place: tuple[str, str]) -> None:
    engine = engine_on(place[1], pool_size=1, max_overflow=0)
    with DatabaseQueryAgent(engine, max_query_timeout=0.5) as agent:
        with pytest.raises(DatabaseQueryAgentError) as caught:
            agent.run_sql(slow(place[0]))
        assert caught.value.code == "query_timeout"
        assert agent.run_sql("SELECT count(*) FROM orders")["result"] == [(3,)]
    engine.dispose()


def slow(kind: str) -> str:
    """Three orders to the power of twenty."""
    return "SELECT count(*) FROM " + " CROSS JOIN ".join(f"orders o{number}" for number in range(30))


async def test_a_cancelled_question_ends_its_statement(place: tuple[str, str]) -> None:
    kind, url = place
    engine = engine_on(url, pool_size=1, max_overflow=0)
    async with DatabaseQueryAgent(engine, max_query_timeout=300) as agent:
        await agent.run_sql("SELECT count(*) FROM orders")

        async def ask() -> Any:
            return await agent.run_sql(slow(kind))

        question = asyncio.ensure_future(ask())
        while await asyncio.to_thread(running, url) == 0:
            assert not question.done()
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        still = 1
        while still:
            still = await asyncio.to_thread(running, url)
        assert (await agent.run_sql("SELECT count(*) FROM orders"))["result"] == [(3,)]
    engine.dispose()


def test_many_threads_share_the_pool(engine: Engine, agent: DatabaseQueryAgent) -> None:
    with ThreadPoolExecutor(16) as threads:
        rows = threads.map(lambda number: agent.run_sql(f"SELECT {number} + count(*) FROM orders")["result"], range(60))
        assert list(rows) == [[(number + 3,)] for number in range(60)]


def test_the_report_tells_the_fences(agent: DatabaseQueryAgent) -> None:
    report = agent.security_report()
    assert report["engine_enforced_read_only"], str(report)
    assert not report["least_privilege"], "the tests log in as an administrator"


def test_a_listener_that_changes_the_login_is_heeded(place: tuple[str, str]) -> None:
    kind, url = place
    driver = "postgresql+psycopg" if kind == "postgresql" else "mysql+pymysql"
    engine = create_engine(f"{driver}://nobody:{SECRET}@127.0.0.1:1/nowhere")

    @event.listens_for(engine, "do_connect")
    def lead_there(*_arguments: Any) -> Any:
        return connect(url)

    with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
        assert agent.run_sql("SELECT count(*) FROM orders")["result"] == [(3,)]
    engine.dispose()


def test_connect_args_that_the_url_does_not_hold_are_heeded(place: tuple[str, str]) -> None:
    kind, url = place
    parts = urlsplit(url)
    name = {"postgresql": "dbname", "mysql": "database"}[kind]
    engine = create_engine(
        f"{'postgresql+psycopg' if kind == 'postgresql' else 'mysql+pymysql'}://",
        connect_args={"host": parts.hostname, "port": parts.port, "user": parts.username, name: parts.path.lstrip("/")},
    )
    with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
        assert agent.run_sql("SELECT count(*) FROM orders")["result"] == [(3,)]
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "mysql+pymysql", "sqlite"])
def test_a_creator_that_fails_is_told_without_its_words(scheme: str) -> None:
    def creator() -> Any:
        raise RuntimeError(f"cannot log in with {SECRET}")

    def ask() -> None:
        with DatabaseQueryAgent(create_engine(f"{scheme}://", creator=creator), model_strategy="offline") as agent:
            agent.run_sql("SELECT 1")

    with pytest.raises(DatabaseQueryAgentError) as caught:
        ask()
    assert type(caught.value).__name__ == "ConnectionError"
    assert "RuntimeError" in str(caught.value)
    assert SECRET not in repr(caught.value) + str(caught.value.hint)
    assert caught.value.__cause__ is None


def test_an_engine_with_one_connection_is_refused_with_a_hint(place: tuple[str, str]) -> None:
    with pytest.raises(DatabaseQueryAgentError) as caught:
        DatabaseQueryAgent(engine_on(place[1], poolclass=StaticPool))
    assert caught.value.hint


def test_closing_leaves_the_engine_usable(engine: Engine) -> None:
    agent = DatabaseQueryAgent(engine)
    agent.run_sql("SELECT count(*) FROM orders")
    agent.close()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM orders")).scalar() == 3


async def test_an_asynchronous_engine_is_taken_for_its_url(place: tuple[str, str]) -> None:
    kind, url = place
    scheme = "postgresql+psycopg" if kind == "postgresql" else "mysql+aiomysql"
    engine = create_async_engine(url.replace(urlsplit(url).scheme, scheme, 1))
    async with DatabaseQueryAgent(engine) as agent:
        assert (await agent.run_sql("SELECT count(*) FROM orders"))["result"] == [(3,)]
    await engine.dispose()


FORKING = """
import os, sys
import psycopg
from sqlalchemy import create_engine, text
from db_query_agent import DatabaseQueryAgent

url = sys.argv[1]
engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
agent = DatabaseQueryAgent(engine, model_strategy="offline")
count = "SELECT count(*) FROM orders"
assert agent.run_sql(count)["result"] == [(3,)]
pid = os.fork()
if pid == 0:
    os._exit(0 if agent.run_sql(count)["result"] == [(3,)] else 1)
assert os.waitpid(pid, 0)[1] == 0
assert agent.run_sql(count)["result"] == [(3,)]
with engine.connect() as connection:
    assert connection.execute(text(count)).scalar() == 3
"""


def test_a_forked_child_is_lent_connections_of_its_own() -> None:
    with postgresql_database(SHOP["postgresql"]) as url:
        scripts.run(FORKING, url)
