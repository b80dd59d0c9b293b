"""What `db-query` keeps: history and favourites, for their owner alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from command import db_query


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where the command keeps things in these tests."""
    return tmp_path / "data" / "db-query-agent"


def history() -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads(db_query("history", "list", "--json").stdout)
    return entries


def test_the_history_holds_what_was_asked_and_no_answer(url: str, data: Path) -> None:
    db_query("ask", "Show email of users", "--db", url)
    db_query("sql", "SELECT 1 AS one", "--db", url)
    db_query("sql", "DROP TABLE users", "--db", url)
    asked, run, failed = history()
    assert (asked["kind"], asked["text"], asked["rows"], asked["engine"]) == (
        "question",
        "Show email of users",
        3,
        "offline",
    )
    assert (run["kind"], run["sql"], run["rows"]) == ("sql", "SELECT 1 AS one", 1)
    assert failed["error"] == "sql_rejected"
    kept = data / "library.db"
    assert b"ann@example.com" not in kept.read_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [entry["text"] for entry in json.loads(db_query("history", "list", "EMAIL", "--json").stdout)] == [
        asked["text"]
    ]
    assert "Show email of users" in db_query("history").stdout


def test_no_password_is_kept(data: Path) -> None:
    failed = db_query("ask", "How many users?", "--db", "postgresql://reader:s3cret@127.0.0.1:1/shop")
    assert failed.returncode == 3
    assert history()[0]["database"] == "postgresql://reader:***@127.0.0.1:1/shop"
    assert b"s3cret" not in (data / "library.db").read_bytes()


def test_the_history_is_turned_off(url: str, data: Path) -> None:
    db_query("ask", "How many users are there?", "--db", url, "--no-history")
    db_query("ask", "How many users are there?", "--db", url, DB_QUERY_HISTORY="off")
    assert not data.exists()
    assert db_query("history").stderr == "nothing was asked\n"


def test_an_entry_is_repeated_saved_and_deleted(url: str) -> None:
    db_query("ask", "How many users are there?", "--db", url)
    number = str(history()[0]["id"])
    # No database is named: it is asked where it was asked before.
    assert db_query("history", "run", number, "--format", "csv").stdout == "count\n3\n"
    assert db_query("history", "run", number, "--sql", "--format", "csv").stdout == "count\n3\n"
    assert db_query("history", "save", number, "users").stderr == "saved: db-query ask @users\n"
    assert db_query("ask", "@users", "--format", "csv").stdout == "count\n3\n"
    assert db_query("ask", "@users", "--sql-only").stdout == "SELECT COUNT(*) AS count FROM users\n"
    assert db_query("history", "delete", number).returncode == 0
    again = db_query("history", "delete", number)
    assert (again.returncode, again.stderr.splitlines()[0]) == (1, f"error: there is no entry {number}")
    assert db_query("history", "clear").stderr == "4 deleted\n"
    assert history() == []


def test_favourites(url: str, tmp_path: Path) -> None:
    assert db_query("favorites", "add", "all", "How many users are there?", "--db", url).returncode == 0
    assert db_query("favorites", "add", "first", "SELECT name FROM users WHERE id = 1", "--db", url).returncode == 0
    assert db_query("favorites", "run", "first", "--format", "csv").stdout == "name\nAnn\n"
    assert db_query("sql", "@first", "--format", "csv").stdout == "name\nAnn\n"
    only = db_query("ask", "@first", "--sql-only")
    assert (only.returncode, only.stdout) == (0, "SELECT name FROM users WHERE id = 1\n")
    path = tmp_path / "all.json"
    assert db_query("export", "@all", str(path)).returncode == 0
    assert json.loads(path.read_text())["result"] == [[3]]
    assert db_query("favorites", "show", "all").stdout == "How many users are there?\n"
    found = json.loads(db_query("favorites", "list", "how", "USERS", "--json").stdout)
    assert [(one["name"], one["kind"]) for one in found] == [("all", "question")]
    assert [line.split()[0] for line in db_query("favorites").stdout.splitlines()[2:]] == ["all", "first"]
    assert db_query("favorites", "delete", "all", "first").stderr == "2 deleted\n"
    for command in (["favorites", "run", "all"], ["ask", "@all"], ["favorites", "delete", "all"]):
        gone = db_query(*command)
        assert (gone.returncode, gone.stderr.splitlines()[0]) == (1, "error: there is no favourite `all`")
    assert db_query("favorites", "add", "two words", "x", "--db", url).returncode == 2


def test_a_follow_up_is_repeated_by_its_statement(url: str) -> None:
    db_query("ask", "--db", url, "--session", "s", given="Show all users\nonly active ones\n")
    first, second = history()
    assert (first["kind"], second["kind"]) == ("question", "follow-up")
    repeated = db_query("history", "run", str(second["id"]), "--format", "jsonl")
    assert [json.loads(line)["name"] for line in repeated.stdout.splitlines()] == ["Ann", "Cleo"]


def test_a_folder_that_cannot_be_used_takes_no_answer_away(url: str, tmp_path: Path, data: Path) -> None:
    (tmp_path / "file").touch()
    ended = db_query("ask", "How many users are there?", "--db", url, XDG_DATA_HOME=str(tmp_path / "file"))
    assert (ended.returncode, ended.stdout.split()[-1]) == (0, "3")
    assert "note: the history is not kept" in ended.stderr
    data.mkdir(parents=True)
    (data / "library.db").write_text("this is no database, and long enough to be looked at as one" * 20)
    listed = db_query("history")
    assert (listed.returncode, "Traceback" in listed.stderr) == (3, False)
    assert "hint: move the file away to begin anew" in listed.stderr
