"""What is measured: one table, a line for each row of the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the report: the same work done by several contenders."""

    name: str
    what: str
    # The function in the contenders' scripts.
    case: str
    contenders: tuple[str, ...]
    # The server, where one is needed, and the database that `fixtures.py` makes for it.
    database: str | None = None
    fixture: str | None = None
    # How much of it: tables, or rows.
    quantity: int = 0


REFLECTORS = ("ours", "sqlalchemy-bulk", "sqlalchemy-reflect", "release-0.1.4")


def schema(database: str, tables: int) -> Row:
    short = {"postgresql": "postgres", "sqlite": "sqlite"}[database]
    server = None if database == "sqlite" else database
    what = f"read the schema of {tables:,} tables"
    return Row(f"schema-{short}-{tables}", what, "schema", REFLECTORS, server, f"schema:{database}:{tables}", tables)


def rows(database: str, count: int, contenders: tuple[str, ...]) -> Row:
    short = {"postgresql": "postgres", "sqlite": "sqlite", "mysql": "mariadb"}[database]
    server = None if database == "sqlite" else database
    columns = 5 if database == "sqlite" else 8
    what = f"{count:,} rows of {columns} columns as Python values"
    return Row(f"rows-{short}", what, "rows", ("ours", *contenders), server, f"rows:{database}:{count}", count)


ROWS = (
    *(schema(database, tables) for database in ("postgresql", "sqlite") for tables in (10, 100, 1_000)),
    rows("postgresql", 100_000, ("asyncpg", "psycopg", "sqlalchemy")),
    rows("sqlite", 100_000, ("sqlite3",)),
    rows("mysql", 100_000, ("pymysql", "asyncmy", "mysqlclient")),
    Row("import", "import the agent's class in a new process", "import", ("ours", "release-0.1.4")),
    Row("question", "a question answered offline, nothing cached", "question", ("ours",), fixture="shop:sqlite"),
)
