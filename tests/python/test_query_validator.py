"""Verdicts on statements of one's own. The guard's rules have tests of their own in the core."""

from __future__ import annotations

import doctest
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db_query_agent import (
    ConfigurationError,
    DatabaseQueryAgent,
    QueryValidator,
    ValidationError,
    query_validator,
)


def test_a_verdict_says_what_and_why() -> None:
    verdict = QueryValidator().validate("SELECT u.name FROM users AS u JOIN orders AS o ON o.user_id = u.id")
    assert verdict.is_valid
    assert verdict
    assert sorted(verdict.tables) == ["orders", "users"]
    assert verdict.error is None
    verdict = QueryValidator().validate("DROP TABLE users")
    assert not verdict
    assert (verdict.code, verdict.rule) == ("sql_rejected", "reads_only")
    assert verdict.error
    assert verdict.hint


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT created_at, deleted FROM updates",
        "SELECT REPLACE(name, 'DROP', 'x') FROM users",
        "SELECT 'DELETE FROM users; --' AS text",
        'SELECT "delete" FROM users',
        "SELECT `order` FROM orders",
        "SELECT date_trunc('month', day) FROM sales",
        "SELECT strftime('%Y', day) FROM sales",
        "WITH recent AS (SELECT * FROM orders) SELECT count(*) FROM recent",
    ],
)
def test_what_reads_passes(sql: str) -> None:
    assert QueryValidator().validate(sql), sql


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "DELETE FROM users",
        "SELECT 1; DROP TABLE users",
        "SELECT * FROM users FOR UPDATE",
        "SELECT /*! SLEEP(5) */ 1",
        "SELECT pg_sleep(5)",
        "WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone",
        "SELECT * FROM users INTO OUTFILE '/tmp/x'",
        "SELECT load_file('/etc/passwd')",
    ],
)
@pytest.mark.parametrize("dialect", [None, "sqlite", "postgresql", "mysql", "mssql"])
def test_what_does_more_than_read_does_not(sql: str, dialect: str | None) -> None:
    verdict = QueryValidator(dialect=dialect).validate(sql)
    # To the others the comment that MySQL runs is only a comment.
    only_a_comment = "/*!" in sql and dialect in ("sqlite", "postgresql", "mssql")
    assert verdict.is_valid is only_a_comment, sql


def test_tables_are_blocked_and_allowed_by_name() -> None:
    blocked = QueryValidator(blocked_tables=["salaries", "hr.people"])
    assert blocked.validate("SELECT * FROM staff")
    for sql in (
        "SELECT * FROM salaries",
        "SELECT 1 FROM staff, (SELECT * FROM Salaries) AS s",
        "SELECT * FROM hr.people",
    ):
        verdict = blocked.validate(sql)
        assert (verdict.is_valid, verdict.rule) == (False, "allowed_relation"), sql
    allowed = QueryValidator(allowed_tables=("staff",))
    assert allowed.validate("SELECT * FROM staff")
    assert not allowed.validate("SELECT * FROM salaries")


def test_length_and_dialect_are_checked() -> None:
    verdict = QueryValidator(max_query_length=10).validate("SELECT 1 FROM t")
    assert (verdict.is_valid, verdict.rule) == (False, "length")
    with pytest.raises(ConfigurationError):
        QueryValidator(dialect="cobol")
    assert QueryValidator(dialect="postgresql+psycopg2://h/d").validate("SELECT 1")


@pytest.mark.parametrize(
    ("dialect", "sql", "clean"),
    [
        (None, "SELECT  a -- secret\nFROM t ;", "SELECT a FROM t"),
        (None, "SELECT/* x */a/**/FROM t", "SELECT a FROM t"),
        (None, "SELECT 'a  -- b /* c */' FROM t", "SELECT 'a  -- b /* c */' FROM t"),
        (None, "SELECT $$a  -- b$$", "SELECT $$a  -- b$$"),
        (None, "SELECT 'it''s  so'", "SELECT 'it''s  so'"),
        (None, "SELECT E'it\\'s -- so'", "SELECT E'it\\'s -- so'"),
        (None, "DROP TABLE users;", "DROP TABLE users"),
        ("postgres", "SELECT 'a'\n  'b'  ,\n 1", "SELECT 'a'\n'b' , 1"),
        ("sqlite", 'SELECT "a  b", `c  d` FROM t', 'SELECT "a  b", `c  d` FROM t'),
        ("mysql", "SELECT 'it\\'s  # so' # remark\n, 2", "SELECT 'it\\'s  # so' , 2"),
        ("mysql", 'SELECT "a\\"  b"', 'SELECT "a\\"  b"'),
    ],
)
def test_sanitising_leaves_the_words(dialect: str | None, sql: str, clean: str) -> None:
    validator = QueryValidator(dialect=dialect)
    assert validator.sanitize(sql) == clean
    assert validator.sanitize(clean) == clean


@pytest.mark.parametrize(
    ("dialect", "sql", "rule"),
    [
        ("sqlite", "SELECT 'open", "literal"),
        ("postgres", "SELECT 1 /* open", "comment"),
        ("mysql", "SELECT 1 /*! + 1 */", "comment"),
        (None, "SELECT 1 /*! + 1 */", "comment"),
        (None, "SELECT 1; SELECT 2", "one_statement"),
        # A text that ends at another quote for MySQL than for the rest.
        (None, "SELECT '\\'' , 1 -- '", "understood"),
    ],
)
def test_what_cannot_be_cut_into_words_is_an_error(dialect: str | None, sql: str, rule: str) -> None:
    with pytest.raises(ValidationError) as caught:
        QueryValidator(dialect=dialect).sanitize(sql)
    assert (caught.value.code, caught.value.rule) == ("sql_rejected", rule)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("names", "sql"),
    [
        (["sqlite", "sqlite3", "sqlite:///shop.db"], "SELECT strftime('%Y', day) FROM sales"),
        (["postgres", "postgresql", "postgresql+asyncpg", "psycopg2", "postgres://h/d"], "SELECT day::date FROM sales"),
        (["mysql", "mariadb", "mysql+pymysql"], "SELECT DATE_FORMAT(`day`, '%Y') FROM sales"),
        (["mssql", "tsql", "sqlserver", "mssql+pyodbc"], "SELECT TOP 5 DATEPART(year, [day]) FROM sales"),
    ],
)
def test_a_dialect_has_the_names_people_use(names: list[str], sql: str) -> None:
    for name in names:
        assert QueryValidator(dialect=name).validate(sql), name
        assert QueryValidator(dialect=name.upper()).validate(sql), name


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "SELECT"),
        ("with x as (select 1 as a) select a from x", "SELECT"),
        ("VALUES (1)", "VALUES"),
        ("/* now */ insert into t values (1)", "INSERT"),
        ("DROP TABLE t", "DROP"),
        ("-- x\nPRAGMA table_info(t)", "PRAGMA"),
        ("hello", None),
        ("", None),
    ],
)
def test_the_type_is_told_for_refused_statements_too(sql: str, kind: str | None) -> None:
    verdict = QueryValidator(dialect="sqlite").validate(sql)
    assert verdict.sql_type == kind
    assert verdict.is_valid is (kind in ("SELECT", "VALUES"))


def test_warnings_are_few_and_mean_something() -> None:
    judge = QueryValidator(dialect="postgres").validate
    assert judge("SELECT u.name FROM users u JOIN orders o ON o.user_id = u.id").warnings == []
    assert judge("SELECT count(*) FROM users").warnings == []
    assert "SELECT *" in judge("SELECT * FROM users").warnings[0]
    (warning,) = judge("SELECT u.name FROM users u, orders o WHERE o.total > 5").warnings
    assert "`o` and `u`" in warning or "`u` and `o`" in warning


def test_a_statement_that_writes_is_not_valid_whoever_asks() -> None:
    for verdict in (
        QueryValidator(read_only=False).validate("DELETE FROM users"),
        QueryValidator().validate("DELETE FROM users", read_only=False),
        QueryValidator(read_only=True).validate("DELETE FROM users", False),
    ):
        assert (verdict.is_valid, verdict.sql_type, verdict.rule) == (False, "DELETE", "reads_only")
        assert "read_only=False" in verdict.warnings[0]
    assert QueryValidator(read_only=False).validate("SELECT 1", read_only=True).warnings == []


@pytest.mark.parametrize(
    ("sql", "valid"),
    [
        # Plain, and harmless where it can be read at all.
        ("SELECT `order` FROM orders", True),
        ("SELECT [first name] FROM people", True),
        ("SELECT day::date, tags[1] FROM sales", True),
        ("SELECT TOP 5 name FROM people", True),
        ("SELECT name FROM people LIMIT 5 -- it's the first five", True),
        # A dialect that reads it refuses it.
        ("SELECT 1 SHUTDOWN", False),
        ("SELECT @@version", False),
        ("SELECT 'users'::regclass", False),
        ("SELECT 1 /*! UNION SELECT pin FROM cards */", False),
        ("SELECT * FROM sqlite_master", False),
        ("SELECT sleep(3)", False),
        ("SELECT my_own(name) FROM people", False),
        # What one takes for a text another may run, in a form that its parser cannot read.
        (r"SELECT '\'' , pin FROM {OJ cards LEFT JOIN t ON 1} -- '", False),
        (r'SELECT "\"" FROM .cards -- "', False),
        ("SELECT ` ' ` FROM t WHERE a = ' ` OR pin FROM cards '", False),
    ],
)
def test_without_a_dialect_all_must_agree(sql: str, valid: bool) -> None:
    verdict = QueryValidator().validate(sql)
    assert verdict.is_valid is valid, verdict
    if not valid:
        assert "name the dialect" in (verdict.hint or "")


def test_a_schema_resolves_names(tmp_path: Path) -> None:
    path = tmp_path / "staff.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, boss INTEGER);"
            "CREATE TABLE salaries (staff_id INTEGER REFERENCES staff (id), amount NUMERIC);"
            "CREATE VIEW paid AS SELECT s.name, p.amount FROM staff s JOIN salaries p ON p.staff_id = s.id;"
            "CREATE VIEW deep AS SELECT name FROM paid;"
        )
    with DatabaseQueryAgent(database_url=f"sqlite:///{path}", model_strategy="offline") as agent:
        info = agent.get_schema_info()
        tables_alone = agent.get_schema()
    assert (info["dialect"], info["default_schema"]) == ("sqlite", "main")
    assert sorted(info["tables"]["paid"]["reads"]) == ["salaries", "staff"]
    assert info["tables"]["staff"]["reads"] is None

    # It knows its dialect, and survives a file.
    for schema in (info, json.loads(json.dumps(info))):
        judge = QueryValidator(schema=schema)
        assert judge.validate("SELECT strftime('%Y', 'now') || `name` FROM staff")
        assert judge.validate("SELECT name FROM deep").tables == ["salaries", "staff"]
        used = judge.validate("SELECT upper(s.name), count(*) FROM staff AS s GROUP BY 1")
        assert (used.columns, used.functions) == (["staff.name"], ["count", "upper"])
        unknown = judge.validate("SELECT name FROM stuff")
        assert (unknown.is_valid, unknown.rule) == (False, "known_relation")
        assert "`staff`" in (unknown.hint or "")
        blocked = QueryValidator(blocked_tables=["salaries"], schema=schema)
        assert blocked.validate("SELECT name FROM staff")
        for view in ("paid", "deep", "salaries", '"SALARIES"'):
            assert blocked.validate(f"SELECT name FROM {view}").rule == "allowed_relation", view
    assert QueryValidator(dialect="sqlite", schema=tables_alone).validate("SELECT name FROM deep")
    # Without a dialect every dialect judges it over the same tables.
    assert QueryValidator(schema=tables_alone).validate("SELECT name FROM deep").tables == ["salaries", "staff"]
    assert QueryValidator(schema=tables_alone).validate("SELECT name FROM stuff").rule == "known_relation"


def test_a_schema_of_several_namespaces() -> None:
    schema = {
        "dialect": "postgresql",
        "default_schema": "app",
        "tables": {
            "orders": {"schema": "app", "kind": "table", "columns": [{"name": "id", "type": "int"}]},
            "hr.people": {"schema": "hr", "kind": "table", "columns": [{"name": "id", "type": "int"}]},
            "staff": {"schema": "app", "kind": "view", "reads": ["hr.people"], "columns": [{"name": "id"}]},
        },
    }
    judge = QueryValidator(schema=schema, blocked_tables=["hr.*"])
    assert judge.validate("SELECT id FROM orders JOIN app.orders o USING (id)").tables == ["orders"]
    assert judge.validate("SELECT id FROM staff").rule == "allowed_relation"
    assert QueryValidator(schema=schema).validate("SELECT id FROM staff").tables == ["hr.people"]
    assert QueryValidator(schema=schema).validate("SELECT id FROM people").rule == "known_relation"


@pytest.mark.parametrize(
    "schema",
    [
        {"tables": {"users": 5}},
        {"users": ["id"]},
        {"users": {"columns": [{"type": "int"}]}},
        {"users": {"columns": 5}},
        {"users": {"kind": "teapot"}},
        {5: {"columns": []}},
    ],
)
def test_what_is_no_schema_says_so(schema: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        QueryValidator(schema=schema)
    assert "schema" in str(caught.value)
    assert "get_schema_info" in (caught.value.hint or "")


def test_a_text_is_no_list_of_names() -> None:
    with pytest.raises(ConfigurationError):
        QueryValidator(blocked_tables="salaries")


def test_the_documented_examples_run() -> None:
    failed, tried = doctest.testmod(query_validator)
    assert tried >= 8
    assert failed == 0
