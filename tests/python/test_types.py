"""Every type of every engine as the native Python value, exact."""

from __future__ import annotations

import gc
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from servers import mysql_database, postgresql_database

from db_query_agent import DatabaseQueryAgent

KEY = UUID("0190a5c2-7f3e-7a41-8b65-3d9a1c2e4f60")
UTC = timezone.utc

# name, type, SQL literal, Python value
POSTGRESQL: list[tuple[str, str, str, Any]] = [
    ("small", "smallint", "-32768", -32768),
    ("whole", "integer", "2147483647", 2147483647),
    ("big", "bigint", "-9223372036854775808", -(2**63)),
    (
        "exact",
        "numeric(40,10)",
        "123456789012345678901234567890.0123456789",
        Decimal("123456789012345678901234567890.0123456789"),
    ),
    ("scale", "numeric(10,4)", "1.5", Decimal("1.5000")),
    ("single", "real", "1.5", 1.5),
    ("double", "double precision", "0.1", 0.1),
    ("endless", "double precision", "'Infinity'", math.inf),
    ("truth", "boolean", "true", True),
    ("words", "text", "'Grüße, 世界 🌍'", "Grüße, 世界 🌍"),
    ("short", "varchar(10)", "'ab'", "ab"),
    ("padded", "char(4)", "'ab'", "ab  "),
    ("raw", "bytea", r"'\x00ff10'", b"\x00\xff\x10"),
    ("day", "date", "'2024-02-29'", date(2024, 2, 29)),
    ("clock", "time", "'23:59:59.999999'", time(23, 59, 59, 999999)),
    ("moment", "timestamp", "'1999-12-31 23:59:59.123456'", datetime(1999, 12, 31, 23, 59, 59, 123456)),
    ("instant", "timestamptz", "'2024-07-01 12:00:00+02'", datetime(2024, 7, 1, 10, tzinfo=UTC)),
    ("span", "interval", "'-3 days 04:05:06.5'", timedelta(days=-3, hours=4, minutes=5, seconds=6.5)),
    ("key", "uuid", f"'{KEY}'", KEY),
    ("document", "jsonb", """'{"a": [1, null, "x"], "b": 1.5}'""", {"a": [1, None, "x"], "b": 1.5}),
    ("text_json", "json", """'[true]'""", [True]),
    ("numbers", "integer[]", "'{1,NULL,3}'", [1, None, 3]),
    ("nested", "integer[]", "'{{1,2},{3,4}}'", [[1, 2], [3, 4]]),
    ("exacts", "numeric[]", "'{1.10,2.0}'", [Decimal("1.10"), Decimal("2.0")]),
    ("missing", "integer", "NULL", None),
]

MYSQL: list[tuple[str, str, str, Any]] = [
    ("tiny", "tinyint", "-128", -128),
    ("small", "smallint unsigned", "65535", 65535),
    ("whole", "int", "-2147483648", -(2**31)),
    ("big", "bigint", "-9223372036854775808", -(2**63)),
    ("biggest", "bigint unsigned", "18446744073709551615", 2**64 - 1),
    (
        "digits",
        "decimal(40,10)",
        "123456789012345678901234567890.0123456789",
        Decimal("123456789012345678901234567890.0123456789"),
    ),
    ("half", "float", "1.5", 1.5),
    ("double_", "double", "0.1", 0.1),
    ("words", "text character set utf8mb4", "'Grüße, 世界 🌍'", "Grüße, 世界 🌍"),
    ("short", "varchar(10) character set latin1", "'é'", "é"),
    ("raw", "varbinary(8)", "x'00ff10'", b"\x00\xff\x10"),
    ("day", "date", "'2024-02-29'", date(2024, 2, 29)),
    ("moment", "datetime(6)", "'1999-12-31 23:59:59.123456'", datetime(1999, 12, 31, 23, 59, 59, 123456)),
    ("span", "time(1)", "'-100:34:56.5'", -timedelta(hours=100, minutes=34, seconds=56.5)),
    ("choice", "enum('a','b')", "'b'", "b"),
    ("year_", "year", "2024", 2024),
    ("missing", "int", "NULL", None),
]

SQLITE: list[tuple[str, str, str, Any]] = [
    ("whole", "INTEGER", "-9223372036854775808", -(2**63)),
    ("double", "REAL", "0.1", 0.1),
    ("words", "TEXT", "'Grüße, 世界 🌍'", "Grüße, 世界 🌍"),
    ("raw", "BLOB", "x'00ff10'", b"\x00\xff\x10"),
    ("truth", "BOOLEAN", "1", True),
    ("day", "DATE", "'2024-02-29'", date(2024, 2, 29)),
    ("moment", "DATETIME", "'1999-12-31 23:59:59'", datetime(1999, 12, 31, 23, 59, 59)),
    ("no_day", "DATE", "'someday'", "someday"),
    ("any_text", "INTEGER", "'seven'", "seven"),
    ("missing", "INTEGER", "NULL", None),
]

Case = tuple[str, str, str, Any]


def script(cases: list[Case]) -> list[str]:
    return [
        f"CREATE TABLE kinds ({', '.join(f'{name} {kind}' for name, kind, _, _ in cases)})",
        f"INSERT INTO kinds VALUES ({', '.join(literal for _, _, literal, _ in cases)})",
    ]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    path: Path = tmp_path_factory.mktemp("types") / "types.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(";".join(script(SQLITE)))
    found = {}
    with postgresql_database(script(POSTGRESQL)) as postgresql, mysql_database(script(MYSQL)) as mysql:
        for engine, url in {"postgresql": postgresql, "mysql": mysql, "sqlite": f"sqlite:///{path}"}.items():
            with DatabaseQueryAgent(url) as agent:
                result = agent.run_sql("SELECT * FROM kinds")
                found[engine] = dict(zip(result["columns"], result["result"][0], strict=True))
        yield found


CASES = [
    pytest.param(engine, name, value, id=f"{engine} {kind} {name}")
    for engine, cases in {"postgresql": POSTGRESQL, "mysql": MYSQL, "sqlite": SQLITE}.items()
    for name, kind, _, value in cases
]


@pytest.mark.parametrize(("engine", "name", "value"), CASES)
def test_type(rows: dict[str, dict[str, Any]], engine: str, name: str, value: Any) -> None:
    found = rows[engine][name]
    assert found == value
    assert type(found) is type(value)
    if isinstance(value, Decimal):
        assert str(found) == str(value)
    if isinstance(value, datetime):
        assert found.tzinfo == value.tzinfo


@pytest.mark.parametrize("moment", ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "1970-01-01 00:00:00.000001"])
def test_the_ends_of_the_calendar(moment: str) -> None:
    with (
        postgresql_database([f"CREATE TABLE ends AS SELECT timestamp '{moment}' AS at, date '{moment}' AS day"]) as url,
        DatabaseQueryAgent(url) as agent,
    ):
        at, day = agent.run_sql("SELECT at, day FROM ends")["result"][0]
    assert at == datetime.fromisoformat(moment)
    assert day == at.date()


def test_values_behave_like_those_python_makes(rows: dict[str, dict[str, Any]]) -> None:
    import copy
    import pickle

    row = rows["postgresql"]
    for name in ("key", "day", "clock", "moment", "instant", "span", "exact"):
        assert pickle.loads(pickle.dumps(row[name])) == row[name]
        assert copy.copy(row[name]) == row[name]
        assert hash(row[name]) == hash(next(value for case, _, _, value in POSTGRESQL if case == name))
    assert str(row["key"]) == str(KEY)
    assert row["key"].version == KEY.version


def test_the_cycle_collector_is_spared_rows_that_hold_no_containers(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, NULL);")
    with DatabaseQueryAgent(f"sqlite:///{path}") as agent:
        rows = agent.run_sql("SELECT a, b FROM t ORDER BY a")["result"]
    assert rows == [(1, "x"), (2, None)]
    assert not any(gc.is_tracked(row) for row in rows)
    gc.collect()
    assert rows == [(1, "x"), (2, None)]


def test_rows_that_hold_containers_stay_with_the_cycle_collector() -> None:
    with postgresql_database() as url, DatabaseQueryAgent(url) as agent:
        rows = agent.run_sql("SELECT ARRAY[1, 2] AS numbers, 1 AS one")["result"]
    assert rows == [([1, 2], 1)]
    assert gc.is_tracked(rows[0])
