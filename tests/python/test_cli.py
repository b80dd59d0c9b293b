"""The command `db-query`, in a process of its own."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command import db_query

import db_query_agent
from db_query_agent.cli.commands import COMMANDS

QUESTION = "How many users are there?"


def test_a_question_is_answered_as_a_table(url: str) -> None:
    ended = db_query("ask", QUESTION, "--db", url)
    assert ended.returncode == 0, ended.stderr
    assert [line.strip() for line in ended.stdout.splitlines()][-1] == "3"
    assert "SELECT COUNT(*)" in ended.stderr
    assert "3 users" in ended.stderr


def test_rows_come_in_formats_for_programs(url: str) -> None:
    question = "Show name and joined of users"
    rows = db_query_agent.DatabaseQueryAgent(url).query(question)
    table = list(csv.reader(db_query("ask", question, "--db", url, "--format", "csv").stdout.splitlines()))
    assert table[0] == rows["columns"]
    assert len(table) == 1 + rows["row_count"]
    answer = json.loads(db_query("ask", question, "--db", url, "--format", "json").stdout)
    assert answer["row_count"] == rows["row_count"]
    assert answer["sql"] == rows["sql"]
    markdown = db_query("ask", question, "--db", url, "--format", "markdown").stdout.splitlines()
    assert markdown[1].startswith("| --- |")
    assert len(markdown) == 2 + rows["row_count"]


def test_only_the_sql(url: str) -> None:
    ended = db_query("ask", QUESTION, "--db", url, "--sql-only")
    assert ended.stdout.strip() == "SELECT COUNT(*) AS count FROM users"
    assert ended.stderr == ""
    shown = db_query("ask", QUESTION, "--db", url, "--no-run")
    assert shown.stdout == ""
    assert "SELECT COUNT(*)" in shown.stderr


def test_rows_are_limited(url: str) -> None:
    ended = db_query("ask", "Show all users", "--db", url, "--limit", "1", "--format", "json")
    answer = json.loads(ended.stdout)
    assert (answer["row_count"], answer["truncated"]) == (1, True)


def test_the_database_comes_from_the_environment(url: str, tmp_path: Path) -> None:
    assert db_query("ask", QUESTION, home=tmp_path, DATABASE_URL=url).returncode == 0
    (tmp_path / ".env").write_text(f"DATABASE_URL={url}\n")
    assert db_query("ask", QUESTION, home=tmp_path).returncode == 0


def test_exit_codes(url: str, tmp_path: Path) -> None:
    ends = {
        "what is it": (1, db_query("ask", "blargh flumph", "--db", url)),
        "empty": (1, db_query("ask", "", "--db", url)),
        "no database": (2, db_query("ask", QUESTION, home=tmp_path)),
        "no command": (2, db_query("aks")),
        "bad option": (2, db_query("ask", QUESTION, "--db", url, "--limit", "many")),
        "bad url": (2, db_query("ask", QUESTION, "--db", "mongodb://u:s3cret@h/d")),
        "no server": (3, db_query("ask", QUESTION, "--db", "postgresql://u:s3cret@127.0.0.1:1/d")),
    }
    for name, (code, ended) in ends.items():
        assert ended.returncode == code, (name, ended.stderr)
        assert ended.stdout == "", name
        assert ended.stderr, name
        assert "s3cret" not in ended.stderr, name
        assert "Traceback" not in ended.stderr, name


def test_text_from_a_database_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    odd = "\x1b[31m[bold]red[/bold]\x07\u202e\n\x9b2J"
    with closing(sqlite3.connect(tmp_path / "odd.db")) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)")
        connection.execute("INSERT INTO notes (note) VALUES (?)", (odd,))
        connection.commit()
    url = f"sqlite:///{tmp_path / 'odd.db'}"
    shown = db_query("ask", "Show note of notes", "--db", url)
    assert shown.returncode == 0, shown.stderr
    assert r"\x1b[31m[bold]red[/bold]\x07\u202e\n\x9b2J" in shown.stdout
    assert "\x1b" not in shown.stdout + shown.stderr
    # A program gets what is stored.
    answer = json.loads(db_query("ask", "Show note of notes", "--db", url, "--format", "json").stdout)
    assert odd in [cell for row in answer["result"] for cell in row]


def test_schema(url: str) -> None:
    lines = db_query("schema", "--db", url).stdout
    assert "user_id" in lines
    assert "users.id" in lines
    tables = json.loads(db_query("schema", "--db", url, "--format", "json").stdout)
    assert set(tables) == {"users", "orders"}
    assert "Table: users" in db_query("schema", "--db", url, "--format", "text").stdout
    assert len(db_query("schema", "--db", url, "--format", "csv").stdout.splitlines()) == 1 + 5 + 4


def test_demo_answers_and_says_what_to_type_next(tmp_path: Path) -> None:
    ended = db_query("demo", "How many customers are there?", XDG_CACHE_HOME=str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert "SELECT COUNT(*)" in ended.stdout
    assert "1,200 customers" in ended.stdout
    assert "What to type next" in ended.stdout
    assert (tmp_path / "db-query-agent" / "shop.db").exists()


def test_version_and_help() -> None:
    assert db_query("--version").stdout == f"db-query {db_query_agent.__version__}\n"
    shown = db_query("--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in shown
        assert db_query(command, "--help").returncode == 0


def test_a_reader_that_leaves_early_is_no_failure(url: str) -> None:
    command = f"{sys.executable} -m db_query_agent schema --db {url} | head -n 1; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines()[-1] == "0"
    assert ended.stderr == ""


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_a_missing_package_is_said_in_one_sentence(package: str) -> None:
    program = f"import sys; sys.modules['{package}'] = None; from db_query_agent.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "the command line needs typer and rich: pip install 'db-query-agent[cli]'\n"


def test_sums_of_cents_read_as_money() -> None:
    from db_query_agent.cli.output import shown

    assert [shown(0.1 + 0.2), shown(13899.630000000001), shown(4.0), shown(1e300)] == ["0.3", "13899.63", "4", "1e+300"]


def test_a_full_disk_is_told_in_a_line(url: str) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "db_query_agent", "ask", "Show the users", "--db", url, "--format", "csv"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    assert ended.returncode == 3
    assert "error: the output cannot be written: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_closed_output_is_nobody_who_reads(url: str, closed: str) -> None:
    command = f'"$0" -m db_query_agent ask "Show the users" --db "$1" {closed}'
    ended = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, url], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False)


def test_a_shell_is_told_how_words_go_on(url: str) -> None:
    db_query("favorites", "add", "monthly", "How many users are there?", "--db", url)

    def completed(*words: str) -> list[str]:
        line = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        return db_query(**line, _DB_QUERY_COMPLETE="complete_bash").stdout.split()

    assert completed("db-query", "fav") == ["favorites"]
    assert completed("db-query", "ask", "--form") == ["--format"]
    assert completed("db-query", "favorites", "run", "mon") == ["monthly"]
    assert "_db_query_completion" in db_query(_DB_QUERY_COMPLETE="source_bash").stdout


@pytest.mark.parametrize("arguments", [("ask",), ("repl",), ()])
def test_no_input_is_no_terminal(url: str, arguments: tuple[str, ...]) -> None:
    command = '"$0" -m db_query_agent --db "$1" ' + " ".join(arguments) + " <&-"
    ended = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, url], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == ({"ask": 1, "repl": 0}.get("".join(arguments), 2), False)
