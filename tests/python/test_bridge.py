"""Engines on a SQLite database that only this process can see: read through their own connection."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import PEOPLE, SLOW
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool, StaticPool
from test_types import SQLITE, script

from db_query_agent import Caller, DatabaseQueryAgent, DatabaseQueryAgentError, SchemaExtractor

COUNT = "SELECT count(*) FROM orders"


def shared(**connect_args: Any) -> Engine:
    """An engine all of whose threads use one connection."""
    return create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False, **connect_args})


def filled(engine: Engine, statements: str = PEOPLE) -> Engine:
    with engine.begin() as connection:
        for statement in statements.split(";"):
            if statement.strip():
                connection.execute(text(statement))
    return engine


def own(engine: Engine) -> sqlite3.Connection:
    """The driver's connection of an engine with a `StaticPool`."""
    connection = engine.pool.connection.driver_connection  # type: ignore[attr-defined]
    assert isinstance(connection, sqlite3.Connection)
    return connection


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = filled(shared())
    yield engine
    engine.dispose()


@pytest.fixture
def agent(engine: Engine) -> Iterator[DatabaseQueryAgent]:
    with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
        yield agent


def one(agent: DatabaseQueryAgent, sql: str) -> Any:
    return agent.run_sql(sql)["result"][0][0]


KINDS: dict[str, Callable[[], Engine]] = {
    "one connection for all threads": shared,
    "one connection for each thread": lambda: create_engine("sqlite://"),
    "one connection that any thread may use": lambda: create_engine(
        "sqlite://", connect_args={"check_same_thread": False}
    ),
    "memory that connections share": lambda: create_engine(
        f"sqlite:///file:{threading.get_native_id()}-bridge?mode=memory&cache=shared&uri=true",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    ),
    "shared memory without a name": lambda: create_engine("sqlite:///file::memory:?cache=shared&uri=true"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_in_memory_is_read_as_it_is_now(kind: str) -> None:
    engine = KINDS[kind]()
    keeper = engine.connect()
    try:
        filled(engine)
        with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
            assert agent.query("How many orders are there?")["result"] == [(3,)]
            with engine.begin() as connection:
                connection.execute(text("INSERT INTO orders VALUES (4, 2, 1.5, 'open')"))
            assert agent.query("How many orders are there?")["result"] == [(4,)]
            assert agent.query("Which users joined in 2024?").get("error") is None
    finally:
        keeper.close()
        engine.dispose()


def test_what_is_not_committed_is_seen_and_stays_open(engine: Engine, agent: DatabaseQueryAgent) -> None:
    with engine.connect() as connection:
        connection.execute(text("DELETE FROM orders WHERE id = 1"))
        assert own(engine).in_transaction
        assert one(agent, COUNT) == 2
        assert own(engine).in_transaction, "the agent ended the transaction of the application"
        with pytest.raises(DatabaseQueryAgentError):
            agent.run_sql("SELECT nothing FROM orders")
        assert own(engine).in_transaction
        connection.rollback()
    assert one(agent, COUNT) == 3


def test_a_copy_shows_what_a_rollback_took_back() -> None:
    engine = filled(create_engine("sqlite://"))
    with DatabaseQueryAgent(engine, model_strategy="offline") as agent, engine.connect() as connection:
        connection.execute(text("DELETE FROM orders"))
        assert one(agent, COUNT) == 0
        connection.rollback()
        assert one(agent, COUNT) == 3


def test_nothing_is_left_on_the_connection(engine: Engine, agent: DatabaseQueryAgent) -> None:
    assert one(agent, COUNT) == 3
    with pytest.raises(DatabaseQueryAgentError):
        agent.run_sql("SELECT abs(-9223372036854775808) FROM orders")
    connection = own(engine)
    assert connection.execute("PRAGMA query_only").fetchone() == (0,)
    connection.execute("CREATE TEMP TABLE scratch (a)")
    connection.execute("DELETE FROM orders WHERE id = 3")
    connection.commit()
    # A progress handler would end it after the ten thousandth instruction at the latest.
    many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n"
    assert connection.execute(many).fetchone() == (100000,)
    assert one(agent, COUNT) == 2


def test_the_guard_refuses_to_write(engine: Engine, agent: DatabaseQueryAgent) -> None:
    for sql in ("DELETE FROM orders", "PRAGMA query_only = 0", "ATTACH ':memory:' AS other"):
        with pytest.raises(DatabaseQueryAgentError) as caught:
            agent.run_sql(sql)
        assert caught.value.code == "sql_rejected"
    assert own(engine).execute(COUNT).fetchone() == (3,)


def tried(connection: sqlite3.Connection, sql: str) -> str:
    """What SQLite says of a statement."""
    try:
        connection.cursor().execute(sql)
    except sqlite3.DatabaseError as error:
        return str(error)
    return "done"


@pytest.mark.parametrize("lone", [False, True])
def test_so_does_the_fence(lone: bool) -> None:
    """A function that the guard knows as harmless writes here: SQLite asks the authorizer for what it does."""

    outcomes: list[str] = []

    def attack(_value: object) -> int:
        attacks = ("DELETE FROM orders", "CREATE TABLE loot (a)", "SELECT sql FROM sqlite_master")
        outcomes.extend(tried(connections[-1], sql) for sql in attacks)
        return 0

    connections: list[sqlite3.Connection] = []

    def plant(connection: sqlite3.Connection) -> None:
        connections.append(connection)
        connection.create_function("upper", 1, attack)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect("file:fenced?mode=memory&cache=shared", uri=True, check_same_thread=False)
        plant(connection)
        return connection

    keeper = connect()
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1) if lone else shared()
    filled(engine)
    with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
        if not lone:
            plant(own(engine))
        agent.run_sql("SELECT upper(status) FROM orders LIMIT 1")
        assert len(outcomes) == 3, outcomes
        assert all("authorized" in outcome or "prohibited" in outcome for outcome in outcomes), outcomes
        assert one(agent, COUNT) == 3
    keeper.close()
    engine.dispose()


def test_another_thread_writes_on_the_same_connection_meanwhile(engine: Engine, agent: DatabaseQueryAgent) -> None:
    reached, written = threading.Event(), threading.Event()

    def wait(value: str) -> str:
        reached.set()
        assert written.wait(60)
        return value

    own(engine).create_function("upper", 1, wait)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(lambda: one(agent, "SELECT upper(status) FROM orders WHERE id = 1"))
        assert reached.wait(60)
        # The statement of the agent stands in the middle of its first row, with its fence up.
        written.set()
        own(engine).execute("INSERT INTO orders VALUES (9, 1, 1.0, 'late')")
        own(engine).commit()
        assert asked.result(60) == "open"
    assert one(agent, COUNT) == 4


@pytest.mark.parametrize("kind", ["one connection for all threads", "one connection for each thread"])
def test_the_time_limit_ends_a_statement(kind: str) -> None:
    engine = filled(KINDS[kind]())
    with DatabaseQueryAgent(engine, model_strategy="offline", max_query_timeout=0.2) as agent:
        with pytest.raises(DatabaseQueryAgentError) as caught:
            agent.run_sql(SLOW)
        assert caught.value.code == "query_timeout"
        assert one(agent, COUNT) == 3
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM orders"))


async def test_a_cancelled_question_ends_its_statement(engine: Engine, agent: DatabaseQueryAgent) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def begin(value: str) -> str:
        loop.call_soon_threadsafe(begun.set)
        return value

    own(engine).create_function("upper", 1, begin)

    slow = "WITH RECURSIVE n (i) AS (SELECT length(upper('a')) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    async def ask() -> Any:
        return await agent.run_sql(slow)

    question = asyncio.ensure_future(ask())
    await asyncio.wait_for(begun.wait(), 60)
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question
    # There is one connection: it answers only once the statement is gone.
    assert (await agent.run_sql(COUNT))["result"] == [(3,)]
    assert own(engine).execute("PRAGMA query_only").fetchone() == (0,)


def test_many_threads_and_one_connection(agent: DatabaseQueryAgent) -> None:
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda number: one(agent, f"SELECT {number} + count(*) FROM orders"), range(200)))
    assert answers == [number + 3 for number in range(200)]


async def test_two_hundred_questions_at_once(agent: DatabaseQueryAgent) -> None:
    async def ask(number: int) -> Any:
        return (await agent.run_sql(f"SELECT {number} + count(*) FROM orders"))["result"][0][0]

    assert await asyncio.gather(*map(ask, range(200))) == [number + 3 for number in range(200)]


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_those_of_a_file(kind: str) -> None:
    engine = KINDS[kind]()
    keeper = engine.connect()
    filled(engine, ";".join(script(SQLITE)))
    with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
        row = agent.run_sql("SELECT * FROM kinds")["result"][0]
    for (name, _, _, value), found in zip(SQLITE, row, strict=True):
        assert (name, found, type(found)) == (name, value, type(value))
    keeper.close()
    engine.dispose()


def test_rows_and_bytes_are_limited(engine: Engine) -> None:
    with DatabaseQueryAgent(engine, model_strategy="offline", max_result_rows=2) as agent:
        assert len(agent.run_sql("SELECT id FROM orders")["result"]) == 2
        assert agent.run_sql("SELECT id FROM orders")["truncated"]
        assert not agent.run_sql("SELECT id FROM orders WHERE id < 3")["truncated"]
    with DatabaseQueryAgent(engine, model_strategy="offline", max_result_bytes=1024) as agent:
        cut = agent.run_sql("SELECT status || printf('%800s', id) FROM orders")
        assert (len(cut["result"]), cut["truncated"]) == (1, True)


def test_rows_and_columns_of_a_policy(engine: Engine) -> None:
    policy = {"row_filters": {"orders": "user_id = :user"}, "masked_columns": ["users.email"]}
    with DatabaseQueryAgent(engine, model_strategy="offline", second_opinion=True, **policy) as agent:
        ann = Caller(id="ann", attributes={"user": 1})
        assert agent.run_sql(COUNT, caller=ann)["result"] == [(2,)]
        masked = agent.run_sql("SELECT email FROM users ORDER BY id", caller=ann)["result"]
        assert masked == [("***",), ("***",), (None,)]


def test_the_schema_is_that_of_a_file(tmp_path: Path) -> None:
    statements = f"""
        {PEOPLE};
        CREATE VIEW open_orders AS SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.user_id;
        CREATE TABLE notes (a TEXT DEFAULT 'x', b INT GENERATED ALWAYS AS (length(a)), PRIMARY KEY (a)) WITHOUT ROWID;
        CREATE UNIQUE INDEX lower_notes ON notes (lower(a));
        CREATE VIRTUAL TABLE words USING fts5(body);
        ANALYZE
    """
    path = tmp_path / "file.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    engine = filled(shared(), statements)
    expected = SchemaExtractor(f"sqlite:///{path}").get_schema()
    assert "words" in expected
    assert SchemaExtractor(engine).get_schema() == expected
    assert SchemaExtractor(filled(create_engine("sqlite://"), statements)).get_schema() == expected
    by_creator = create_engine("sqlite://", creator=lambda: sqlite3.connect(path, check_same_thread=False))
    assert SchemaExtractor(by_creator).get_schema() == expected


def test_a_creator_on_a_file_is_asked_for_connections_of_our_own(people: Path) -> None:
    """Also where a connection answers only in the thread that made it, and where the pool keeps one for each thread."""
    for address in ("sqlite://", f"sqlite:///{people}"):
        engine = create_engine(address, creator=lambda: sqlite3.connect(people))
        with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
            assert one(agent, COUNT) == 3
            with closing(sqlite3.connect(people)) as connection:
                connection.execute("INSERT INTO orders VALUES (7, 1, 1.0, 'open')")
                connection.commit()
            assert one(agent, COUNT) == 4
            with closing(sqlite3.connect(people)) as connection:
                connection.execute("DELETE FROM orders WHERE id = 7")
                connection.commit()
            with ThreadPoolExecutor(8) as threads:
                assert set(threads.map(lambda _: one(agent, COUNT), range(40))) == {3}
        engine.dispose()


@pytest.mark.parametrize("kind", ["one connection for all threads", "one connection for each thread"])
def test_a_new_table_is_seen(kind: str) -> None:
    engine = filled(KINDS[kind]())
    extractor = SchemaExtractor(engine)
    assert set(extractor.get_schema()) == {"users", "orders"}
    filled(engine, "CREATE TABLE refunds (id INTEGER PRIMARY KEY, amount REAL)")
    assert "refunds" not in extractor.get_schema()
    assert "refunds" in extractor.get_schema(force_refresh=True)
    assert "refunds" in SchemaExtractor(engine, cache_ttl=0).get_schema()


def test_the_report_says_what_stands_and_what_is_not_known(engine: Engine, agent: DatabaseQueryAgent) -> None:
    report = agent.security_report()
    verdicts = {finding["name"]: finding["verdict"] for finding in report["findings"]}
    assert verdicts["authorizer"] == "holds"
    assert verdicts["cell_limit"] == "unknown"
    assert verdicts["file"] == "risk"
    assert report["engine_enforced_read_only"]
    assert not report["least_privilege"]
    assert own(engine).execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)


def test_closing_leaves_the_engine_usable(engine: Engine) -> None:
    agent = DatabaseQueryAgent(engine, model_strategy="offline")
    assert one(agent, COUNT) == 3
    agent.close()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM orders"))
        assert connection.execute(text(COUNT)).scalar() == 0


async def test_an_asynchronous_engine_in_memory_is_refused_with_a_hint() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    with pytest.raises(DatabaseQueryAgentError) as caught:
        DatabaseQueryAgent(engine)
    assert caught.value.code == "invalid_option"
    assert caught.value.hint
    await engine.dispose()


def test_an_engine_on_a_file_needs_no_bridge(url: str) -> None:
    engine = create_engine(url)
    with DatabaseQueryAgent(engine, model_strategy="offline") as agent:
        assert one(agent, COUNT) == 3
    assert engine.pool.checkedin() == 0, "a connection of the engine was used"  # type: ignore[attr-defined]
