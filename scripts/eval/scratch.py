"""Databases of the benchmark on servers: loaded under names of their own, asked, and dropped."""

from __future__ import annotations

import datetime
import decimal
import importlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from judge import MOST_ROWS, SECONDS

VARIABLES = {"postgresql": "TEST_POSTGRES_URL", "mysql": "TEST_MYSQL_URL"}


def missing(kind: str) -> str:
    """What is needed to use a server of this kind and is not there; empty when all is."""
    if not os.environ.get(VARIABLES[kind]):
        return f"{VARIABLES[kind]} (scripts/services sets it)"
    try:
        driver(kind)
    except ImportError as error:
        return f"the package {error.name}"
    return ""


@contextmanager
def loaded(kind: str, scripts: Path, names: set[str]) -> Iterator[str]:
    """The URL of databases in which the scripts were run, with `{}` in the place of the name."""
    server = os.environ[VARIABLES[kind]]
    prefix = f"dqa_eval_{os.getpid()}_"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{prefix}{{}}"))
    made: list[str] = []
    with closing(connect(kind, server)) as administrator, administrator.cursor() as cursor:
        try:
            for name in sorted(names):
                cursor.execute(f"CREATE DATABASE {prefix}{name}")
                made.append(name)
                with closing(connect(kind, url.replace("{}", name))) as connection, connection.cursor() as loader:
                    loader.execute((scripts / f"{name}.sql").read_text(encoding="utf8"))
                    while loader.nextset():
                        pass
            yield url
        finally:
            for name in made:
                cursor.execute(f"DROP DATABASE {prefix}{name}")


class Runner:
    """Runs statements as the evaluator wants it: rows or an error, nothing changed, nothing endless."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind, self.url = kind, url
        self.connections: dict[str, Any] = {}
        self.known: dict[tuple[str, str], tuple[list[tuple[Any, ...]] | None, str | None]] = {}

    def run(self, database: str, sql: str, cache: bool = True) -> tuple[list[tuple[Any, ...]] | None, str | None]:
        """The rows, or what went wrong. All are kept, whether the evaluator asks for it or not."""
        del cache
        if (database, sql) not in self.known:
            self.known[database, sql] = self._run(database, sql)
        return self.known[database, sql]

    def _run(self, database: str, sql: str) -> tuple[list[tuple[Any, ...]] | None, str | None]:
        if database not in self.connections:
            self.connections[database] = self._open(database)
        connection = self.connections[database]
        with connection.cursor() as cursor:
            cursor.execute("START TRANSACTION READ ONLY")
            try:
                cursor.execute(sql)
                rows = [tuple(map(cell, row)) for row in cursor.fetchmany(MOST_ROWS)]
                return rows, None
            except driver(self.kind).Error as error:
                return None, f"{type(error).__name__}: {error}"[:120]
            finally:
                cursor.execute("ROLLBACK")

    def _open(self, database: str) -> Any:
        connection = connect(self.kind, self.url.replace("{}", database))
        limit = {
            "postgresql": f"SET statement_timeout = {SECONDS * 1000}",
            "mysql": f"SET max_statement_time = {SECONDS}",
        }
        with connection.cursor() as cursor:
            cursor.execute(limit[self.kind])
        return connection

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()


def driver(kind: str) -> Any:
    return importlib.import_module({"postgresql": "psycopg", "mysql": "pymysql"}[kind])


def connect(kind: str, url: str) -> Any:
    if kind == "postgresql":
        return driver(kind).connect(url, autocommit=True)
    parts = urlsplit(url)
    return driver(kind).connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or "root"),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        autocommit=True,
        client_flag=driver(kind).constants.CLIENT.MULTI_STATEMENTS,
    )


def cell(value: Any) -> Any:
    """A cell as the evaluator compares it: numbers as numbers, moments as SQLite writes them."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
    return str(value) if isinstance(value, (datetime.timedelta, list, dict)) else value
