"""What an agent remembers, as its user sees it."""

from __future__ import annotations

import datetime
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from servers import server_url

from db_query_agent import AgentConfig, ConfigurationError, DatabaseQueryAgent
from db_query_agent.testing import ModelServer, Sql

QUESTION = "How many users are there?"


def add_user(people: Path) -> None:
    with closing(sqlite3.connect(people)) as connection, connection:
        connection.execute("INSERT INTO users (name, active, joined) VALUES ('Dora', 1, '2024-04-08')")


def test_rows_are_read_anew_unless_asked_otherwise(agent: DatabaseQueryAgent, people: Path) -> None:
    agent.query(QUESTION)
    add_user(people)
    result = agent.query(QUESTION)
    assert result["result"] == [(4,)]
    assert result["as_of"] is None


def test_a_remembered_result_tells_its_time_and_can_be_outdated(url: str, people: Path) -> None:
    with DatabaseQueryAgent(url, cache_results="memory") as agent:
        before = datetime.datetime.now(datetime.timezone.utc)
        assert agent.query(QUESTION)["as_of"] is None
        add_user(people)
        result = agent.query(QUESTION)
        assert (result["result"], result["cached"]) == ([(3,)], True)
        assert before <= result["as_of"] <= datetime.datetime.now(datetime.timezone.utc)
        assert any("the rows are those of" in warning for warning in result["warnings"])
        assert agent.cache.stats()["results"] == {"entries": 1, "hits": 1, "misses": 1}
        assert agent.get_stats()["cache"]["total_entries"] >= 2
        agent.cache.invalidate(table="orders")
        assert agent.query(QUESTION)["result"] == [(3,)]
        agent.cache.invalidate(table="users")
        assert agent.query(QUESTION)["result"] == [(4,)]
        agent.cache.clear()
        assert agent.cache.stats()["results"]["entries"] == 0
        assert agent.cache.stats()["shared"] is None


def test_another_agent_finds_what_a_model_said(url: str, tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with ModelServer(Sql("SELECT count(*) AS n FROM users")) as server:
        options = {"base_url": server.base_url, "model_strategy": "model", "cache_backend": "sqlite"}
        for is_cached in (False, True):
            with DatabaseQueryAgent(url, cache_path=path, **options) as agent:
                result = agent.query(QUESTION)
                assert (result["result"], result["cached"]) == ([(3,)], is_cached)
                assert agent.cache.stats()["shared"] is True
    # What lies there is the model's statement; no name can be read, and no row is there.
    with closing(sqlite3.connect(path)) as connection:
        ((name, entry),) = connection.execute("SELECT name, entry FROM db_query_agent_cache").fetchall()
    assert "users" not in name
    assert b"SELECT count(*)" in entry


def test_a_shared_store_that_is_gone_is_said_in_stats_and_nowhere_else(url: str) -> None:
    with DatabaseQueryAgent(
        url, cache_backend="redis", redis_url="redis://127.0.0.1:1", cache_results="shared"
    ) as agent:
        assert agent.query(QUESTION)["result"] == [(3,)]
        assert agent.query(QUESTION)["as_of"] is not None
        assert agent.cache.stats()["shared"] is False


def test_redis_needs_an_address(url: str) -> None:
    with pytest.raises(ConfigurationError, match="redis_url"):
        DatabaseQueryAgent(url, cache_backend="redis")
    with pytest.raises(ConfigurationError, match="redis_url"):
        DatabaseQueryAgent(url, cache_backend="redis", redis_url="http://example.com")
    config = AgentConfig.from_env(url, cache_backend="redis", redis_url=server_url("REDIS"), cache_results="shared")
    with DatabaseQueryAgent.from_config(config) as agent:
        assert agent.query(QUESTION)["result"] == [(3,)]
        agent.cache.clear()
