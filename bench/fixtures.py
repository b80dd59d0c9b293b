"""Makes the databases that are measured, and drops them again. Run by the runner, in an environment with drivers."""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import cold

PREFIX = "dqa_bench_"
WORDS = ("amber", "basalt", "cedar", "delta", "ember", "fjörd", "granite", "harbour", "indigo", "juniper")


def main() -> None:
    work = json.loads(sys.argv[1])
    directory = Path(work["directory"])
    directory.mkdir(parents=True, exist_ok=True)
    urls = {}
    for fixture in work["fixtures"]:
        kind, database, *quantity = fixture.split(":")
        count = int(quantity[0]) if quantity else 0
        if database == "sqlite":
            path = directory / f"{kind}-{count}.db"
            if kind == "cold":
                if work["action"] == "make":
                    cold.make_sqlite(path, count, int(quantity[1]))
                else:
                    path.unlink(missing_ok=True)
            elif work["action"] == "make" and kind != "shop":
                make_sqlite(path, kind, count)
            # The demo shop is made by the contender itself, whose package brings it.
            urls[fixture] = f"sqlite:///{path}"
        elif server := work["servers"].get(database):
            name = f"{PREFIX}{kind}_{count}"
            try:
                remake(server, database, name, work["action"])
            except OSError:
                continue
            urls[fixture] = with_database(server, name)
            if work["action"] == "make" and kind == "cold":
                cold.fill(connect(urls[fixture], database), database, count, int(quantity[1]))
            elif work["action"] == "make":
                fill(urls[fixture], database, kind, count)
    print(json.dumps(urls))


def tables(count: int, database: str) -> Iterator[str]:
    """A schema as people have them: keys, references, an index, a view for every tenth table."""
    serial = "INTEGER PRIMARY KEY" if database == "sqlite" else "integer PRIMARY KEY"
    stamp = "DATETIME" if database == "sqlite" else "timestamptz"
    for number in range(count):
        parent = f"REFERENCES t_{random.Random(number).randrange(number)} (id)" if number else ""
        yield (
            f"CREATE TABLE t_{number} (id {serial}, parent_id integer {parent}, name varchar(80) NOT NULL, "
            f"code varchar(20) UNIQUE, price numeric(10, 2) DEFAULT 0, active boolean NOT NULL DEFAULT true, "
            f"created_at {stamp} DEFAULT CURRENT_TIMESTAMP, note text)"
        )
        yield f"CREATE INDEX i_{number} ON t_{number} (parent_id, name)"
        if number % 10 == 9:
            yield f"CREATE VIEW v_{number} AS SELECT id, name FROM t_{number} WHERE active"


def cells(count: int) -> Iterator[tuple[Any, ...]]:
    """Rows as people have them; the same on every run."""
    dice = random.Random(1)
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    for number in range(count):
        text = " ".join(dice.choice(WORDS) for _ in range(3))
        moment = start + timedelta(seconds=dice.randrange(60_000_000), microseconds=dice.randrange(1_000_000))
        note = None if number % 5 == 0 else f"note {number} {text}"
        price = Decimal(dice.randrange(1, 1_000_000)) / 100
        yield number, text, price, dice.random() * 1000, number % 3 == 0, moment, date(2024, 1, 1), note


def make_sqlite(path: Path, kind: str, count: int) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        if kind == "schema":
            for statement in tables(count, "sqlite"):
                connection.execute(statement)
            return
        connection.execute(
            "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, weight REAL, quantity INTEGER, note TEXT)"
        )
        rows = ((row[0], row[1], row[3], row[0] * 7, row[7]) for row in cells(count))
        connection.executemany("INSERT INTO item VALUES (?, ?, ?, ?, ?)", rows)


def fill(url: str, database: str, kind: str, count: int) -> None:
    if database == "mysql":
        with closing(mysql(url)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(80), price DECIMAL(10, 2), weight DOUBLE, "
                "active BOOL, created_at DATETIME(6), day DATE, note TEXT)"
            )
            rows = [(*row[:5], row[5].replace(tzinfo=None), *row[6:]) for row in cells(count)]
            for at in range(0, count, 5_000):
                cursor.executemany("INSERT INTO item VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", rows[at : at + 5_000])
            connection.commit()
        return
    with closing(postgres(url)) as connection:
        if kind == "schema":
            for statement in tables(count, database):
                connection.execute(statement)
            return
        connection.execute(
            "CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric(10, 2), weight double precision, "
            "active boolean, created_at timestamptz, day date, note text)"
        )
        with connection.cursor().copy("COPY item FROM STDIN") as copy:
            for row in cells(count):
                copy.write_row(row)
        connection.execute("VACUUM ANALYZE item")


def remake(server: str, database: str, name: str, action: str) -> None:
    connection = connect(server, database)
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        if action == "make":
            cursor.execute(f"CREATE DATABASE {name}" + (" CHARACTER SET utf8mb4" if database == "mysql" else ""))


def connect(url: str, database: str) -> Any:
    return mysql(url) if database == "mysql" else postgres(url)


def postgres(url: str) -> Any:
    import psycopg

    return psycopg.connect(url, autocommit=True)


def mysql(url: str) -> Any:
    import pymysql

    parts = urlsplit(url)
    database = parts.path.lstrip("/") or None
    user, password = parts.username or "root", parts.password or ""
    return pymysql.connect(
        host=parts.hostname, port=parts.port or 3306, user=user, password=password, database=database
    )


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


if __name__ == "__main__":
    main()
