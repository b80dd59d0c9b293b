"""The scripts in `examples/least_privilege/` make a login that reads what it should and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pymysql
import pytest
from servers import mysql_database, postgresql_database

from db_query_agent import DatabaseQueryAgent, DatabaseQueryAgentError

SCRIPTS = Path(__file__).parents[2] / "examples" / "least_privilege"
TABLES = [
    "CREATE TABLE customers (id int, name varchar(20))",
    "CREATE TABLE orders (id int, customer_id int, total int, confidential boolean)",
    "CREATE TABLE employees (id int, name varchar(20), department varchar(20), ssn varchar(11))",
    "CREATE TABLE salaries (employee_id int, amount int)",
    "INSERT INTO customers VALUES (1, 'Ann')",
    "INSERT INTO orders VALUES (1, 1, 10, false), (2, 1, 20, true)",
    "INSERT INTO employees VALUES (1, 'Bo', 'it', '078-05-1120')",
    "INSERT INTO salaries VALUES (1, 100)",
]
ALLOWED = ["SELECT name FROM customers", "SELECT id, name, department FROM employees"]
DENIED = [
    "SELECT amount FROM salaries",
    "SELECT ssn FROM employees",
    "SELECT * FROM employees",
    "INSERT INTO customers VALUES (2, 'x')",
    "UPDATE orders SET total = 0",
    "DELETE FROM customers",
    "DROP TABLE customers",
    "CREATE TABLE x (id int)",
    "CREATE TEMPORARY TABLE x (id int)",
]


def hold(run: Callable[[str], list[tuple[object, ...]]], refusal: type[Exception], denied: list[str]) -> None:
    for sql in ALLOWED:
        assert len(run(sql)) == 1, sql
    for sql in denied:
        with pytest.raises(refusal):
            run(sql)


def agent_takes_it(reader: str, owner: str) -> None:
    """`require_least_privilege` lets the reader in and keeps the owner out."""
    with DatabaseQueryAgent(reader, model_strategy="offline", require_least_privilege=True) as agent:
        assert agent.query("How many customers are there?")["result"] == [(1,)]
        assert sorted(agent.get_schema())[:2] == ["customers", "employees"]
        assert "salaries" not in agent.get_schema()
    with (
        pytest.raises(DatabaseQueryAgentError) as caught,
        DatabaseQueryAgent(owner, model_strategy="offline", require_least_privilege=True) as agent,
    ):
        agent.query("How many customers are there?")["result"]
    assert caught.value.code == "privileged_login"


def as_reader(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{name}:change-me@{parts.hostname}:{parts.port}"))


def test_postgresql() -> None:
    name = f"reader_{uuid.uuid4().hex[:12]}"
    script = (SCRIPTS / "postgresql.sql").read_text("utf-8").replace("shop_reader", name)
    function = (
        "CREATE FUNCTION top_salary() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT max(amount) FROM salaries'"
    )
    with postgresql_database([*TABLES, function]) as owner:
        try:
            with psycopg.connect(owner) as connection:
                connection.execute(script.encode())
            reader = as_reader(owner, name)
            with psycopg.connect(reader, autocommit=True) as connection:

                def run(sql: str) -> list[tuple[object, ...]]:
                    return connection.execute(sql.encode()).fetchall()

                # Its own settings can be undone, its rights cannot.
                connection.execute("SET default_transaction_read_only = off")
                hold(run, psycopg.errors.InsufficientPrivilege, [*DENIED, "SELECT top_salary()"])
                assert run("SELECT id FROM orders") == [(1,)]
            agent_takes_it(reader, owner)
        finally:
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(f"DROP OWNED BY {name}".encode())
                connection.execute(f"DROP ROLE {name}".encode())


def test_mysql() -> None:
    name = f"reader_{uuid.uuid4().hex[:12]}"
    script = (SCRIPTS / "mysql.sql").read_text("utf-8").replace("shop_reader", name)
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    statements = [statement for statement in "\n".join(lines).split(";") if statement.strip()]
    with mysql_database(TABLES) as owner:
        parts = urlsplit(owner)
        place = {"host": parts.hostname or "", "port": parts.port or 3306, "database": parts.path[1:]}
        administrator = pymysql.connect(
            **place, user=parts.username or "root", password=parts.password or "", autocommit=True
        )
        with closing(administrator), administrator.cursor() as cursor:
            try:
                for statement in statements:
                    cursor.execute(statement)
                with (
                    closing(pymysql.connect(**place, user=name, password="change-me")) as connection,
                    connection.cursor() as reading,
                ):

                    def run(sql: str) -> list[tuple[object, ...]]:
                        reading.execute(sql)
                        return list(reading.fetchall())

                    files = ["SELECT name FROM customers INTO OUTFILE '/tmp/least_privilege'"]
                    hold(run, pymysql.err.OperationalError, [*(sql for sql in DENIED if sql != ""), *files])
                    assert run("SELECT id FROM open_orders") == [(1,)]
                    assert run("SELECT LOAD_FILE('/etc/passwd')") == [(None,)]
                agent_takes_it(as_reader(owner, name), owner)
            finally:
                cursor.execute(f"DROP USER '{name}'@'%'")


def test_sqlite(tmp_path: Path) -> None:
    source = tmp_path / "shop.db"
    with closing(sqlite3.connect(source)) as connection:
        for statement in TABLES:
            connection.execute(statement)
        connection.commit()
    program = shutil.which("sqlite3")
    assert program, "the script needs the program `sqlite3`"
    for _ in range(2):
        subprocess.run(["sh", str(SCRIPTS / "sqlite.sh"), str(source), str(tmp_path / "reader")], check=True)
    copy = tmp_path / "reader" / "shop.db"
    assert copy.stat().st_mode & 0o777 == 0o444
    content = copy.read_bytes()
    assert b"078-05-1120" not in content
    assert b"078-05-1120" in source.read_bytes()
    with DatabaseQueryAgent(f"sqlite:///{copy}", model_strategy="offline") as agent:
        assert agent.query("How many customers are there?")["result"] == [(1,)]
        assert "salaries" not in agent.get_schema()
        assert "ssn" not in agent.get_schema()["employees"]["columns"]


def test_every_script_of_a_server_was_tried_or_says_that_it_was_not() -> None:
    tried = {"postgresql.sql", "mysql.sql", "sqlite.sh"}
    for script in SCRIPTS.iterdir():
        assert script.name in tried or "was not run" in script.read_text("utf-8"), script.name
