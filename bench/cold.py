"""A database that nobody has asked anything: many tables, many rows, made on the server itself."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

REGIONS = ("north", "south", "east", "west", "inner", "outer", "upper", "lower", "coastal", "alpine", "urban", "rural")
TRADES = ("retail", "export", "wholesale", "online", "partner", "service", "rental")
THINGS = ("orders", "invoices", "customers", "shipments", "contracts", "tickets")
STATES = ("shipped", "pending", "archived", "cancelled", "returned", "disputed")


def names(count: int) -> list[str]:
    """Names as a large company would have them; the one that is asked about is always there."""
    every = ["_".join(parts) for parts in itertools.product(REGIONS, TRADES, THINGS)]
    return every[:count]


def statements(database: str, count: int, rows: int) -> list[str]:
    """Tables that refer to one another, filled from one table of numbers."""
    text = (lambda *parts: f"CONCAT({', '.join(parts)})") if database == "mysql" else (lambda *p: " || ".join(p))
    number = "CAST(n AS CHAR)" if database == "mysql" else "CAST(n AS text)"
    # Multiplied by a prime, so that neighbours differ as they do in life; the rarest state comes late in the table.
    mixed = f"n * 7919 % {rows}"
    state = f"CASE WHEN n > {rows - rows // 50} THEN '{STATES[-1]}' " + "".join(
        f"WHEN {mixed} % {len(STATES)} = {place} THEN '{name}' " for place, name in enumerate(STATES[:-1])
    )
    values = ", ".join(
        [
            "n",
            f"{mixed} + 1",
            text("'Person '", number),
            text("'person'", number, "'@example.org'"),
            f"{state}ELSE 'shipped' END",
            text("'City '", f"CAST({mixed} % 200 AS {'CHAR' if database == 'mysql' else 'text'})"),
            f"{mixed} * 1.25",
            "'2024-05-01'",
            f"CASE WHEN n % 3 = 0 THEN NULL ELSE {text(chr(39) + 'remark ' + chr(39), number)} END",
        ]
    )
    made = []
    for place, name in enumerate(names(count)):
        parent = names(count)[place // 2]
        made.append(
            f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {parent}_id INTEGER NOT NULL, contact VARCHAR(40) NOT NULL, "
            f"email VARCHAR(60) NOT NULL, status VARCHAR(20) NOT NULL, city VARCHAR(40), amount NUMERIC(12, 2), "
            f"created_on DATE, remark VARCHAR(80))"
        )
        made.append(f"INSERT INTO {name} SELECT {values} FROM numbers WHERE n <= {rows}")
    return made


def numbers(rows: int) -> list[str]:
    digits = ", ".join(f"({digit})" for digit in range(10))
    places = "abcde"
    total = " + ".join(f"{name}.d * {10**place}" for place, name in enumerate(places))
    joined = ", ".join(f"digits {name}" for name in places)
    return [
        "CREATE TABLE digits (d INTEGER)",
        f"INSERT INTO digits VALUES {digits}",
        "CREATE TABLE numbers (n INTEGER PRIMARY KEY)",
        f"INSERT INTO numbers SELECT n FROM (SELECT {total} AS n FROM {joined}) AS every WHERE n BETWEEN 1 AND {rows}",
    ]


def run(execute: Callable[[str], Any], database: str, count: int, rows: int) -> None:
    for statement in [*numbers(rows), *statements(database, count, rows), "DROP TABLE numbers", "DROP TABLE digits"]:
        execute(statement)


def make_sqlite(path: Path, count: int, rows: int) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        run(connection.execute, "sqlite", count, rows)


def fill(connection: Any, database: str, count: int, rows: int) -> None:
    with closing(connection), connection.cursor() as cursor:
        run(cursor.execute, database, count, rows)
        connection.commit()
        if database == "postgresql":
            cursor.execute("VACUUM ANALYZE")
