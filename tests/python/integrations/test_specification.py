"""The specification's own snippets, as they stand there but for the database they are pointed at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers import postgresql_database
from sqlalchemy import Engine, create_engine, text

from db_query_agent import DatabaseQueryAgent, QueryValidator, SchemaExtractor

SHOP = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50), active BOOLEAN NOT NULL, signed_up_at DATE NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, name VARCHAR(50), category VARCHAR(20), price NUMERIC(10, 2));
INSERT INTO users VALUES
    (1, 'Ann', true, '2024-01-05'), (2, 'Bob', false, '2024-02-06'), (3, 'Cleo', true, '2024-03-07');
INSERT INTO products VALUES
    (1, 'Radio', 'electronics', 49.90), (2, 'Chair', 'furniture', 80),
    (3, 'Phone', 'electronics', 399), (4, 'Lamp', 'furniture', 20);
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgresql":
        with postgresql_database([one for one in SHOP.split(";") if one.strip()]) as url:
            yield url
    else:
        with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
            connection.executescript(SHOP)
        yield f"sqlite:///{tmp_path / 'shop.db'}"


def test_basic_usage(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    # Initialize
    agent = DatabaseQueryAgent(database_url=shop)

    # Query
    result = agent.query("How many users signed up last month?")
    print(result["natural_response"])  # noqa: T201 - as it stands there
    print(result["sql"])  # noqa: T201

    assert "users" in capsys.readouterr().out
    assert result["result"] == [(0,)]


def test_main_interface(shop: str) -> None:
    agent = DatabaseQueryAgent(
        database_url=shop,
        read_only=True,  # Safety: only SELECT queries
        cache_ttl=3600,  # Schema cache duration (seconds)
        allowed_tables=None,  # None = all tables, or list of allowed tables
        blocked_tables=None,  # List of tables to block
        max_query_timeout=30,  # Query execution timeout
        session_backend="sqlite",  # or "memory", "sqlalchemy"
    )

    # Simple query
    result = agent.query("How many active users do we have?")
    assert result["result"] == [(2,)]
    assert "2" in result["natural_response"]
    assert result["execution_time"] > 0

    # Chat-like with session
    session = agent.create_session(session_id="user_123")
    response1 = session.ask("Show me all products")
    response2 = session.ask("Filter those by category=electronics")  # Maintains context
    assert response1["row_count"] == 4
    assert response2["row_count"] == 2


def test_session_based_chat(shop: str) -> None:
    agent = DatabaseQueryAgent(database_url=shop)

    # Create session
    session = agent.create_session(session_id="user_123")

    # Multi-turn conversation
    response1 = session.ask("Show me all products")
    response2 = session.ask("Filter those by category=electronics")
    response3 = session.ask("Sort by price descending")

    # Session maintains context across queries
    assert response1["row_count"] == 4
    assert response2["row_count"] == 2
    names = [next(cell for cell in row if cell in ("Phone", "Radio")) for row in response3["result"]]
    assert names == ["Phone", "Radio"]


@pytest.fixture
def engine(shop: str) -> Iterator[Engine]:
    engine = create_engine(shop.replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()


# tests/test_schema_extractor.py
def test_schema_extraction(engine: Engine) -> None:
    extractor = SchemaExtractor(engine)
    schema = extractor.get_schema()
    assert "users" in schema
    assert "id" in schema["users"]["columns"]


# tests/test_query_validator.py
def test_read_only_validation() -> None:
    validator = QueryValidator(read_only=True)
    assert validator.validate("SELECT * FROM users").is_valid
    assert not validator.validate("DROP TABLE users").is_valid


# tests/test_agent.py
async def test_simple_query() -> None:
    agent = DatabaseQueryAgent(database_url="sqlite:///:memory:")
    result = await agent.query("Count all records")
    assert "sql" in result
    assert "result" in result


def test_an_engine_in_memory_is_read_as_it_is() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)"))
        connection.execute(text("INSERT INTO users (name) VALUES ('Ann'), ('Bob')"))
    extractor = SchemaExtractor(engine)
    assert set(extractor.get_schema()) == {"users"}
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (id INTEGER PRIMARY KEY)"))
    assert set(extractor.get_schema()) == {"users"}
    assert set(extractor.get_schema(force_refresh=True)) == {"users", "orders"}
    with DatabaseQueryAgent(engine) as agent:
        assert agent.query("How many users are there?")["result"] == [(2,)]
    engine.dispose()


async def test_an_engine_gives_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("postgresql+psycopg://ann:s3cret@localhost:1/x")
    with DatabaseQueryAgent(engine) as agent:
        assert "s3cret" not in repr(agent)
        assert "ann" in repr(agent)


def test_streamlit_reads_what_a_result_holds(shop: str) -> None:
    agent = DatabaseQueryAgent(database_url=shop)
    result = agent.query("Show me all products")
    message: dict[str, Any] = {"role": "assistant", "content": result["natural_response"]}
    assert message["content"]
    assert result["sql"].startswith("SELECT")
    assert len(result["result"]) == 4
