"""Verdicts on statements of one's own. The guard's rules have tests of their own in the core."""

from __future__ import annotations

import pytest

from db_query_agent import ConfigurationError, QueryValidator


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
@pytest.mark.parametrize("dialect", [None, "sqlite", "postgresql", "mysql"])
def test_what_does_more_than_read_does_not(sql: str, dialect: str | None) -> None:
    verdict = QueryValidator(dialect=dialect).validate(sql)
    # To PostgreSQL and SQLite the comment that MySQL runs is only a comment.
    only_a_comment = "/*!" in sql and dialect in ("sqlite", "postgresql")
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
    ("sql", "clean"),
    [
        ("SELECT  a -- secret\nFROM t ;", "SELECT a FROM t"),
        ("SELECT/* x */a/**/FROM t", "SELECT a FROM t"),
        ("SELECT 'a  -- b /* c */' FROM t", "SELECT 'a  -- b /* c */' FROM t"),
        ('SELECT "a  b", `c  d` FROM t', 'SELECT "a  b", `c  d` FROM t'),
        ("SELECT $$a  -- b$$", "SELECT $$a  -- b$$"),
        ("SELECT 'it''s  so'", "SELECT 'it''s  so'"),
        ("SELECT E'it\\'s -- so'", "SELECT E'it\\'s -- so'"),
        ("SELECT 1 /*! + 1 */", "SELECT 1 /*! + 1 */"),
    ],
)
def test_sanitising_leaves_the_meaning(sql: str, clean: str) -> None:
    validator = QueryValidator()
    assert validator.sanitize(sql) == clean
    assert validator.sanitize(clean) == clean


def test_mysql_has_comments_and_escapes_of_its_own() -> None:
    validator = QueryValidator(dialect="mysql")
    assert validator.sanitize("SELECT 'it\\'s  # so' # remark\n, 2") == "SELECT 'it\\'s  # so' , 2"
    assert validator.sanitize('SELECT "a\\"  b"') == 'SELECT "a\\"  b"'
