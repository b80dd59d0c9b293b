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
    # How much of it: tables, rows, or calls in a run.
    quantity: int = 0
    # What else the contender's function wants to know.
    detail: str = ""


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


def guard(size: str, what: str, dialect: str = "postgres") -> Row:
    others = ("ours-core", "sqlglot", "sqlglot-compiled", "release-0.1.4")
    name = f"guard-{size}" if dialect == "postgres" else f"guard-{dialect}"
    text = f"judge a statement of {what}, {dialect}"
    return Row(name, text, "guard", ("ours", *others), quantity=50, detail=f"{size} {dialect}")


def guard_in_schema(tables: int) -> Row:
    text = f"judge a statement of 1 kB within a schema of {tables:,} tables"
    return Row(f"guard-tables-{tables}", text, "guard_in_schema", ("ours",), quantity=50, detail=str(tables))


def cold(database: str, tables: int, rows: int) -> Row:
    short = {"postgresql": "postgres", "sqlite": "sqlite", "mysql": "mariadb"}[database]
    server = None if database == "sqlite" else database
    what = f"first answer on {tables} tables with {tables * rows:,} rows: schema, index and engine"
    fixture = f"cold:{database}:{tables}:{rows}"
    return Row(f"cold-{short}-{tables}", what, "cold", ("ours",), server, fixture, tables, str(rows))


def agent(at_once: int, quantity: int) -> Row:
    what = f"a question through the whole agent, {at_once:,} at once, with a model that answers at once"
    others = ("release-0.1.4", "langchain", "llamaindex")
    return Row(f"agent-{at_once}", what, "agent", ("ours", *others), None, "shop:sqlite", quantity, str(at_once))


DATABASES = ("sqlite", "postgresql", "mysql")

ROWS = (
    *(schema(database, tables) for database in ("postgresql", "sqlite") for tables in (10, 100, 1_000)),
    rows("postgresql", 100_000, ("asyncpg", "psycopg", "sqlalchemy")),
    rows("sqlite", 100_000, ("sqlite3",)),
    rows("mysql", 100_000, ("pymysql", "asyncmy", "mysqlclient")),
    Row("import", "import the agent's class in a new process", "import", ("ours", "release-0.1.4")),
    guard("tiny", "60 bytes"),
    guard("typical", "1 kB and five tables"),
    guard("large", "4 kB with common table expressions and windows"),
    *(guard("typical", "1 kB and five tables", dialect) for dialect in ("mysql", "sqlite", "mssql")),
    *(guard_in_schema(tables) for tables in (10, 100, 1_000)),
    *(cold(database, 100, 10_000) for database in DATABASES),
    *(cold(database, 500, 20_000) for database in DATABASES),
    agent(1, 100),
    agent(100, 300),
    agent(1_000, 1_000),
    Row(
        "cached",
        "the same question again, its proposal remembered",
        "agent_cached",
        ("ours",),
        None,
        "shop:sqlite",
        2_000,
        "100",
    ),
    Row(
        "first-word",
        "until the first word of a sentence that a model writes at once from the rows",
        "agent_first_word",
        ("ours",),
        None,
        "shop:sqlite",
        200,
        "1",
    ),
    Row("question", "a question answered offline, nothing cached", "question", ("ours",), fixture="shop:sqlite"),
)
