"""Databases of a test's own on the real servers, gone when the test is over."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pymysql
import pytest


def server_url(name: str) -> str:
    """The URL of ``POSTGRES``, ``MYSQL`` or ``REDIS``, which the runner of the tests provides."""
    url = os.environ.get(f"TEST_{name}_URL")
    if not url:
        pytest.fail(f"`TEST_{name}_URL` is not set: run the tests with `make test`")
    return url


@contextmanager
def postgresql_database(statements: Iterable[str] = ()) -> Iterator[str]:
    """The URL of a new PostgreSQL database in which ``statements`` were run."""
    name = _new_name()
    server = server_url("POSTGRES")
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with closing(psycopg.connect(server, autocommit=True)) as administrator:
        administrator.execute(f"CREATE DATABASE {name}".encode())
        try:
            with psycopg.connect(url) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
            yield url
        finally:
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def mysql_database(statements: Iterable[str] = ()) -> Iterator[str]:
    """The URL of a new MariaDB database in which ``statements`` were run."""
    name = _new_name()
    parts = urlsplit(server_url("MYSQL"))
    administrator = pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=parts.username or "root",
        password=parts.password or "",
        autocommit=True,
    )
    with closing(administrator), administrator.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            cursor.execute(f"USE {name}")
            for statement in statements:
                cursor.execute(statement)
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def _new_name() -> str:
    return f"test_{uuid.uuid4().hex[:16]}"
