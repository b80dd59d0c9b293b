"""`return_results=False`: the statement with all that is known of it, and nothing runs.

That nothing runs is shown by what a statement could not survive: its table is gone, or another connection holds it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from servers import postgresql_database

from db_query_agent import DatabaseQueryAgent, DatabaseQueryAgentError, QueryResult, ValidationError
from db_query_agent.testing import ModelServer, Sql

QUESTION = "How many users are there?"
COUNT = "SELECT count(*) AS users FROM users"


def drop_users(people: Path) -> None:
    with closing(sqlite3.connect(people)) as connection:
        connection.executescript("DROP TABLE orders; DROP TABLE users")


@contextmanager
def asking_a_model(url: str, *replies: Sql) -> Iterator[DatabaseQueryAgent]:
    with (
        ModelServer(*replies) as server,
        DatabaseQueryAgent(
            url, base_url=server.base_url, model="m", model_strategy="model", warmup_on_init=True
        ) as agent,
    ):
        yield agent


def only_the_statement(result: QueryResult) -> None:
    assert "FROM users" in result["sql"]
    assert (result["result"], result["row_count"], result["needs_clarification"]) == (None, 0, False)
    assert result["explanation"]
    assert result["natural_response"] == result["explanation"]
    assert 0.4 < result["confidence"] <= 1


def test_a_table_that_is_gone_is_not_read(people: Path, url: str) -> None:
    with DatabaseQueryAgent(url, warmup_on_init=True) as agent:
        drop_users(people)
        only_the_statement(agent.query(QUESTION, return_results=False))
        only_the_statement(agent.create_session("ann").ask(QUESTION, return_results=False))
        only_the_statement(asyncio.run(agent.query(QUESTION, return_results=False)))
        assert agent.query(QUESTION)["sql"] is None


def test_a_locked_table_of_postgresql_is_not_read() -> None:
    statements = ["CREATE TABLE users (id int PRIMARY KEY, name text)", "INSERT INTO users VALUES (1, 'Ann')"]
    with (
        postgresql_database(statements) as url,
        DatabaseQueryAgent(url, max_query_timeout=1, warmup_on_init=True) as agent,
        psycopg.connect(url) as other,
    ):
        other.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        only_the_statement(agent.query(QUESTION, return_results=False))
        with pytest.raises(DatabaseQueryAgentError, match="statement timeout"):
            agent.query(QUESTION)


def test_a_models_statement_does_not_run_either(people: Path, url: str) -> None:
    with asking_a_model(url, Sql(COUNT, answer_template="There are {users} users.")) as agent:
        drop_users(people)
        only_the_statement(agent.query("warm up", return_results=False))


def test_the_guard_reads_what_does_not_run(url: str) -> None:
    with asking_a_model(url, Sql("SELECT name FROM nicks"), Sql(COUNT)) as agent:
        result = agent.query("How many nicks?", return_results=False)
        assert (result["sql"], result["usage"]["calls"]) == (COUNT, 2)
    with asking_a_model(url, *[Sql("DROP TABLE users")] * 2) as agent, pytest.raises(ValidationError):
        agent.query("Do away with the nicks", return_results=False)


def test_a_question_back_has_its_choices(agent: DatabaseQueryAgent) -> None:
    result = agent.query("What is the best flumph?", return_results=False)
    assert result["needs_clarification"]
    assert result["sql"] is None
    assert result["clarification_question"]
    assert result["clarification_choices"]


def test_a_conversation_goes_on_from_a_statement_that_did_not_run(agent: DatabaseQueryAgent) -> None:
    session = agent.create_session("ann")
    session.ask("Show all users", return_results=False)
    assert session.ask("How many of them?")["result"] == [(3,)]
