"""Texts that end a process or confuse what reads them: each gets a clear verdict, and the next one is judged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from db_query_agent import DatabaseQueryAgent, QueryValidator, ValidationError

DIALECTS = [None, "sqlite", "postgresql", "mysql", "mssql"]
HARMLESS = "SELECT name FROM users"
MEGABYTE = 1 << 20

TEXTS = {
    "half a pair in a literal": ("SELECT '\ud83d'", "character"),
    "half a pair for a name": ("SELECT \udfff FROM users", "character"),
    "nothing but halves": ("\ud800" * 100, "character"),
    "NUL": ("SELECT name FROM users\0; DROP TABLE users", "character"),
    "NUL in a literal": ("SELECT '\0'", "character"),
    "a sum": ("SELECT 1" + "+1" * (MEGABYTE // 2), "too_large"),
    "parentheses": ("SELECT " + "(" * MEGABYTE, "too_large"),
    "a name": ("SELECT 1 FROM " + "a" * MEGABYTE, "too_large"),
    "a literal": ("SELECT '" + "x" * MEGABYTE + "'", "too_large"),
    "letters of four bytes": ("\N{THUMBS UP SIGN}" * (MEGABYTE // 4), "too_large"),
    "blanks": (" " * MEGABYTE, "too_large"),
}


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseQueryAgent]:
    path = tmp_path_factory.mktemp("enemy") / "users.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('Ann');")
    with DatabaseQueryAgent(database_url=f"sqlite:///{path}", model_strategy="offline") as agent:
        yield agent


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", TEXTS)
def test_an_odd_text_is_refused_by_a_rule(name: str, dialect: str | None) -> None:
    sql, rule = TEXTS[name]
    judge = QueryValidator(dialect=dialect, max_query_length=2 * MEGABYTE)
    verdict = judge.validate(sql)
    assert (verdict.is_valid, verdict.code, verdict.rule) == (False, "sql_rejected", rule)
    assert verdict.error
    assert verdict.hint
    assert len(verdict.error) < 200
    with pytest.raises(ValidationError) as caught:
        judge.sanitize(sql)
    assert (caught.value.rule, bool(caught.value.hint)) == (rule, True)
    assert judge.validate(HARMLESS)


@pytest.mark.parametrize("name", TEXTS)
def test_an_odd_text_does_not_reach_the_database(agent: DatabaseQueryAgent, name: str) -> None:
    sql, rule = TEXTS[name]
    with pytest.raises(ValidationError) as caught:
        agent.run_sql(sql)["result"]
    assert (caught.value.code, caught.value.rule) == ("sql_rejected", rule)
    assert agent.run_sql(HARMLESS)["result"] == [("Ann",)]


@pytest.mark.parametrize("sql", [b"SELECT 1", bytearray(b"SELECT 1"), None, 7, ["SELECT 1"], b"\xff" * 1000])
def test_what_is_no_text_is_named(agent: DatabaseQueryAgent, sql: Any) -> None:
    judge = QueryValidator(dialect="sqlite")
    for give in (judge.validate, judge.sanitize, agent.run_sql):
        with pytest.raises(TypeError, match=f"must be text, not {type(sql).__name__}"):
            give(sql)
    assert judge.validate(HARMLESS)
    assert agent.run_sql(HARMLESS)["result"] == [("Ann",)]
