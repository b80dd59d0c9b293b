"""Bad input: the right exception with code, category and hint, in time, and never a secret."""

from __future__ import annotations

import logging
import pickle
import sqlite3
import traceback
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest
from servers import mysql_database, postgresql_database, server_url

import db_query_agent
from db_query_agent import DatabaseQueryAgent, DatabaseQueryAgentError, _core, exceptions

SECRET = "hunter2-s3cr3t"
QUESTION = "How many users are there?"
USERS = ["CREATE TABLE users (id int PRIMARY KEY, name varchar(20))", "INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob')"]


def failure_of(options: dict[str, Any], question: str | None = None) -> DatabaseQueryAgentError:
    """What is raised when an agent is made, or asked."""
    if question is None:
        with pytest.raises(DatabaseQueryAgentError) as caught:
            DatabaseQueryAgent(**options)
    else:
        agent = DatabaseQueryAgent(**options)
        with pytest.raises(DatabaseQueryAgentError) as caught:
            agent.query(question)
    return caught.value


def shown(error: BaseException) -> str:
    """Everything of an exception that ends up in front of somebody, with the local variables of our frames."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in told.stack if "db_query_agent" in frame.filename]
    parts = [str(error), repr(error), str(vars(error)), *(str(frame.locals) for frame in ours)]
    return "\n".join([*parts, *traceback.format_exception(error)])


# options, question (None: making the agent fails), exception, code, category
CASES: dict[str, tuple[dict[str, Any], str | None, str, str, str]] = {
    "no url": ({}, None, "ConfigurationError", "invalid_option", "user"),
    "no url at all": ({"database_url": f"just {SECRET}"}, None, "ConfigurationError", "invalid_url", "user"),
    "unknown scheme": (
        {"database_url": f"mongodb://u:{SECRET}@localhost/x"},
        None,
        "ConfigurationError",
        "unsupported_scheme",
        "user",
    ),
    "bad port": (
        {"database_url": f"postgresql://u:{SECRET}@localhost:port/x"},
        None,
        "ConfigurationError",
        "invalid_url",
        "user",
    ),
    "unknown option": (
        {"database_url": "sqlite://", "pool_sise": SECRET},
        None,
        "ConfigurationError",
        "unknown_option",
        "user",
    ),
    "wrong type": (
        {"database_url": "sqlite://", "pool_size": "many"},
        None,
        "ConfigurationError",
        "invalid_option",
        "user",
    ),
    "wrong kind of object": (
        {"database_url": "sqlite://", "allowed_tables": object()},
        None,
        "ConfigurationError",
        "invalid_option",
        "user",
    ),
    "a password in the model's address": (
        {"database_url": "sqlite://", "base_url": f"http://u:{SECRET}@localhost/v1"},
        None,
        "ConfigurationError",
        "invalid_option",
        "user",
    ),
    "a key in the model's address": (
        {"database_url": "sqlite://", "base_url": f"http://localhost/v1?key={SECRET}"},
        None,
        "ConfigurationError",
        "invalid_option",
        "user",
    ),
    "out of bounds": (
        {"database_url": "sqlite://", "max_query_timeout": -1},
        None,
        "ConfigurationError",
        "invalid_option",
        "user",
    ),
    "unreachable host": (
        {"database_url": f"postgresql://u:{SECRET}@127.0.0.1:1/x", "pool_timeout": 5},
        QUESTION,
        "ConnectionError",
        "connection_failed",
        "system",
    ),
    "unreachable MySQL": (
        {"database_url": f"mysql+pymysql://u:{SECRET}@127.0.0.1:1/x", "pool_timeout": 5},
        QUESTION,
        "ConnectionError",
        "connection_failed",
        "system",
    ),
    "no such file": (
        {"database_url": "sqlite:////nowhere/at/all.db"},
        QUESTION,
        "ConnectionError",
        "database_not_found",
        "user",
    ),
    "empty question": ({"database_url": "sqlite://"}, " \n\t", "QuestionError", "empty_question", "user"),
    "a question of a megabyte": (
        {"database_url": "sqlite://"},
        "how " * 262_144,
        "QuestionError",
        "question_too_long",
        "user",
    ),
}


@pytest.mark.parametrize(("options", "question", "kind", "code", "category"), CASES.values(), ids=CASES)
def test_bad_input(
    options: dict[str, Any],
    question: str | None,
    kind: str,
    code: str,
    category: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    error = failure_of(options, question)
    assert (type(error).__name__, error.code, error.category) == (kind, code, category)
    assert error.hint
    assert SECRET not in shown(error)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("server", ["POSTGRES", "MYSQL"])
def test_wrong_password_and_wrong_database(server: str) -> None:
    parts = urlsplit(server_url(server))
    nobody = parts._replace(netloc=f"nobody_at_all:{SECRET}@{parts.hostname}:{parts.port}").geturl()
    error = failure_of({"database_url": nobody}, QUESTION)
    assert isinstance(error, db_query_agent.ConnectionError)
    assert error.code in ("authentication_failed", "database_not_found")
    assert error.category == "user"
    assert SECRET not in shown(error)
    missing = parts._replace(path="/no_database_of_that_name").geturl()
    error = failure_of({"database_url": missing}, QUESTION)
    assert (error.code, error.category) == ("database_not_found", "user")


def test_another_kind_of_server_is_named() -> None:
    parts = urlsplit(server_url("MYSQL"))
    error = failure_of({"database_url": f"postgresql://u:{SECRET}@{parts.hostname}:{parts.port or 3306}/x"}, QUESTION)
    assert (error.code, error.category) == ("connection_failed", "system")
    assert "is not a PostgreSQL server" in str(error)
    assert "port" in (error.hint or "")
    assert SECRET not in shown(error)


def test_an_agent_shows_no_password(url: str) -> None:
    agent = DatabaseQueryAgent(f"postgresql://ann:{SECRET}@localhost/shop", openai_api_key=f"sk-{SECRET}")
    assert "localhost" in repr(agent)
    for text in (repr(agent), str(agent), str(vars(agent)), repr(agent._core)):
        assert SECRET not in text


def test_what_the_core_warns_of_reaches_logging(url: str, caplog: pytest.LogCaptureFixture) -> None:
    nobody = {"base_url": "http://127.0.0.1:1/v1", "openai_api_key": f"sk-{SECRET}", "model_strategy": "model"}
    with DatabaseQueryAgent(url, **nobody) as agent:  # type: ignore[arg-type]
        assert agent.query(QUESTION)["result"] == [(3,)]
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("db_query_agent", "WARNING")
    assert record.getMessage().startswith("the model failed; the offline engine stands in")
    assert "(code=model_unreachable)" in record.getMessage()
    assert SECRET not in caplog.text


def test_codes_name_exceptions_that_exist() -> None:
    for row in _core.codes():
        kind = getattr(exceptions, row["exception"])
        assert issubclass(kind, DatabaseQueryAgentError)
        assert row["category"] in ("user", "system")
        assert row["hint"]


def test_exceptions_are_also_what_python_calls_them() -> None:
    assert issubclass(db_query_agent.ConfigurationError, ValueError)
    assert issubclass(db_query_agent.ConnectionError, ConnectionError)
    assert issubclass(db_query_agent.QueryTimeoutError, TimeoutError)
    assert issubclass(db_query_agent.QuestionError, ValueError)


def test_exceptions_survive_a_process_border() -> None:
    for name in exceptions.__all__:
        error = getattr(exceptions, name)("it failed", code="x", category="user", hint="try", rule="r", sql="SELECT 1")
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert again.to_dict() == error.to_dict()
        assert str(again) == "it failed"


def test_a_question_in_another_script_is_a_question(url: str) -> None:
    with DatabaseQueryAgent(url) as agent:
        for question in (
            "有多少用户",
            "كم عدد المستخدمين؟",
            "Сколько пользователей?",
            "🤷",
            "a\x00b",
            "half \ud83d pair",
        ):
            result = agent.query(question)
            assert result["error"] is None
            assert result["natural_response"] or result["clarification_question"]
        assert agent.query(QUESTION)["result"] == [(3,)]


def test_a_table_altered_between_two_questions(people: Path, url: str) -> None:
    with closing(sqlite3.connect(people)) as connection:
        connection.execute("DROP TABLE orders")
    with DatabaseQueryAgent(url) as agent:
        assert agent.query(QUESTION)["result"] == [(3,)]
        with closing(sqlite3.connect(people)) as connection:
            connection.execute("ALTER TABLE users RENAME TO members")
        with pytest.raises(DatabaseQueryAgentError) as caught:
            agent.run_sql("SELECT * FROM users")
        assert caught.value.code in ("stale_schema", "sql_rejected")
        # The statement for this question fails on the new schema, so it is read again.
        assert agent.query(QUESTION)["result"] in ([], [(3,)])
        assert agent.query("How many members are there?")["result"] == [(3,)]


def test_a_database_dropped_between_two_questions() -> None:
    with postgresql_database(USERS) as url, DatabaseQueryAgent(url, pool_timeout=5) as agent:
        assert agent.query(QUESTION)["result"] == [(2,)]
        name = urlsplit(url).path.removeprefix("/")
        with closing(psycopg.connect(server_url("POSTGRES"), autocommit=True)) as administrator:
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            with pytest.raises(db_query_agent.ConnectionError) as caught:
                agent.query("How many users have a name?")
            assert caught.value.code == "database_not_found"
            administrator.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(url) as connection:
            for statement in USERS:
                connection.execute(statement.encode())
        assert agent.query("How many users are called Ann?")["result"] == [(1,)]


@pytest.mark.parametrize("database", [postgresql_database, mysql_database])
def test_a_schema_that_does_not_exist_is_named(database: Any) -> None:
    with database(USERS) as url, DatabaseQueryAgent(url, schemas=["no_such_schema"]) as agent:
        result = agent.query(QUESTION)
        assert result["needs_clarification"]
        assert any("no_such_schema" in warning for warning in result["warnings"])


def test_a_mysql_database_dropped_between_two_questions() -> None:
    with mysql_database(USERS) as url, DatabaseQueryAgent(url, pool_timeout=5) as agent:
        assert agent.query(QUESTION)["result"] == [(2,)]
        parts = urlsplit(url)
        name = parts.path.removeprefix("/")
        administrator = pymysql.connect(
            host=parts.hostname, port=parts.port or 3306, user=parts.username, password=parts.password or ""
        )
        with closing(administrator), administrator.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
            for _ in range(2):
                with pytest.raises(db_query_agent.ConnectionError) as caught:
                    agent.query(QUESTION)
                assert caught.value.code == "database_not_found"
            cursor.execute(f"CREATE DATABASE {name}")
            cursor.execute(f"USE {name}")
            for statement in USERS:
                cursor.execute(statement)
            administrator.commit()
        assert agent.query("How many users are called Ann?")["result"] == [(1,)]


@pytest.mark.parametrize("database", [postgresql_database, mysql_database])
def test_a_statement_that_takes_too_long_is_stopped(database: Any) -> None:
    digits = ["CREATE TABLE digits (d int)", f"INSERT INTO digits VALUES {', '.join(f'({d})' for d in range(10))}"]
    slow = "SELECT count(*) FROM " + ", ".join(f"digits AS d{number}" for number in range(12))
    with database([*USERS, *digits]) as url, DatabaseQueryAgent(url, max_query_timeout=0.2) as agent:
        with pytest.raises(db_query_agent.QueryTimeoutError) as caught:
            agent.run_sql(slow)
        assert caught.value.code == "query_timeout"
        assert agent.query(QUESTION)["result"] == [(2,)]
