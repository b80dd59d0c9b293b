"""One question after the other, on a terminal and on lines from elsewhere."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from command import db_query, terminal
from conftest import SLOW

from db_query_agent.cli.repl.commands import COMMANDS
from db_query_agent.cli.repl.loop import is_unfinished


def lines(*typed: str) -> str:
    return "".join(f"{line}\n" for line in typed)


def test_lines_from_elsewhere_are_answered_in_turn(url: str) -> None:
    ended = db_query("repl", "--db", url, "--format", "csv", given=lines("Show all users", "only active ones"))
    assert (ended.returncode, ended.stdout.count("Ann"), ended.stdout.count("Bob")) == (0, 2, 1)
    assert ">" not in ended.stdout, "there is nobody to prompt"


def test_an_error_does_not_end_it(url: str) -> None:
    typed = lines("blargh flumph", "\\nope", "\\sql DROP TABLE users;", "\\d ghosts", "\\export", "SELECT 1 AS one;")
    ended = db_query("repl", "--db", url, "--format", "csv", given=typed)
    assert (ended.returncode, ended.stdout) == (1, "one\n1\n")
    told = ended.stderr
    for message in (
        "there is no command `\\nope`",
        "`DROP` is not a statement",
        "no table `ghosts`",
        "say what: `\\export FILE`",
    ):
        assert f"error: {message}" in told or message in told
    assert "Traceback" not in told


def test_a_statement_may_have_several_lines(url: str) -> None:
    typed = lines("SELECT name", "FROM users", "WHERE id = 1;", "\\sql SELECT 2", "AS two;", "SELECT 3 AS three")
    ended = db_query("repl", "--db", url, "--format", "csv", given=typed)
    assert (ended.returncode, ended.stdout) == (0, "name\nAnn\ntwo\n2\nthree\n3\n"), ended.stderr


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("How many users?", False),
        ("select 1", True),
        ("SELECT name", True),
        ("select the best customers", False),
        ("select 1;", False),
        ("select 1\n", False),
        ("\\sql select 1", True),
        ("\\d users", False),
        ("\\sql", False),
        ("How many \\", True),
    ],
)
def test_enter_breaks_a_line_where_a_statement_goes_on(text: str, unfinished: bool) -> None:
    assert is_unfinished(text) is unfinished


def test_commands_do_what_they_say(url: str, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    typed = lines(
        "Show name of users", f"\\export {file}", "\\save names", "\\run names", "\\favorites", "\\history", "\\sql",
        "\\explain", "\\d", "\\d users", "\\format vertical", "\\x", "\\timing", "@names", "\\new", "\\help",
        "\\q", "never",
    )  # fmt: skip
    ended = db_query("repl", "--db", url, given=typed)
    assert ended.returncode == 0, ended.stderr
    assert file.read_text() == "name\nAnn\nBob\nCleo\n"
    assert "names  question  Show name of users" in ended.stdout
    assert "lets it through" in ended.stdout
    assert "└── joined  DATE not null" in ended.stdout
    assert all(command in ended.stdout for command in COMMANDS)
    assert "format: vertical" in ended.stderr
    assert "(offline, " in ended.stderr
    assert "never" not in ended.stderr, "it was left before"


def test_an_answer_is_drawn(url: str) -> None:
    totals = "SELECT name, sum(total) AS total FROM users JOIN orders ON user_id = users.id GROUP BY name ORDER BY 1;"
    ended = db_query("repl", "--db", url, given=lines(totals, "\\chart"), COLUMNS="40")
    assert ended.returncode == 0, ended.stderr
    ann, cleo = ended.stdout.splitlines()[-2:]
    assert (ann.split()[0], ann.split()[-1], cleo.split()[0], cleo.split()[-1]) == ("Ann", "30.5", "Cleo", "7.25")
    assert ann.count("█") > 3 * cleo.count("█") > 0
    assert max(map(len, (ann, cleo))) <= 40
    ascii_only = db_query("repl", "--db", url, given=lines(totals, "\\chart"), PYTHONIOENCODING="ascii")
    assert "####" in ascii_only.stdout
    nothing = db_query("repl", "--db", url, given=lines("\\chart", "Show email of users", "\\chart"))
    assert (nothing.returncode, nothing.stderr.count("error: ")) == (1, 2)


def test_a_number_chooses_a_reading(url: str) -> None:
    ended = db_query("repl", "--db", url, "--format", "csv", given=lines("blargh flumph", "1"))
    assert "  1) How many" in ended.stderr
    assert ended.stdout == "count\n3\n"


def test_bad_places_are_told_before_the_first_question(tmp_path: Path) -> None:
    ended = db_query("repl", "--db", "postgresql://u:s3cret@127.0.0.1:1/d", given="How many users?\n")
    assert (ended.returncode, ended.stdout, "s3cret" in ended.stderr) == (3, "", False)
    alone = db_query(home=tmp_path)
    assert (alone.returncode, "Usage: db-query" in alone.stderr) == (2, True)


def test_questions_follow_each_other_on_a_terminal(url: str, tmp_path: Path) -> None:
    with terminal("--db", url) as screen:
        screen.expect("people>")
        screen.type("Show all users")
        assert "Bob" in screen.expect("Cleo")
        screen.type("only active ones")
        screen.expect("SELECT")
        shown = screen.expect("Cleo")
        assert ("Ann" in shown, "Bob" in shown) == (True, False)
        screen.expect("people>")
        screen.type("\\nope")
        screen.expect("there is no command `\\nope`")
        screen.expect("people>")
        screen.press("d")
        assert screen.leave() == 0
    typed = tmp_path / "data" / "db-query-agent" / "repl-history"
    assert "+only active ones" in typed.read_text()
    assert stat.S_IMODE(typed.stat().st_mode) == 0o600


def test_control_c_stops_the_question_and_not_the_program(url: str) -> None:
    with terminal("repl", "--db", url, QUERY_TIMEOUT="3600") as screen:
        screen.expect("people>")
        screen.type(f"{SLOW};")
        screen.expect("running the statement")
        screen.press("c")
        screen.expect("cancelled")
        screen.expect("people>")
        # At the prompt it drops the line.
        screen.child.send("half a question")
        screen.expect("half a question")
        screen.press("c")
        screen.expect("people>")
        screen.type("SELECT 40 + 2 AS answer;")
        screen.expect("    42")
        screen.expect("people>")
        screen.type("exit")
        assert screen.leave() == 0
    stopped = json.loads(db_query("history", "list", "RECURSIVE", "--json").stdout)
    assert [entry["error"] for entry in stopped] == ["cancelled"]


def test_control_c_ends_a_single_question_with_130(url: str) -> None:
    with terminal("sql", SLOW, "--db", url, QUERY_TIMEOUT="3600") as screen:
        screen.expect("running the statement")
        screen.press("c")
        assert screen.leave() == 130
    assert "Traceback" not in screen.seen


def test_names_are_completed(url: str) -> None:
    with terminal("repl", "--db", url) as screen:

        def completed(typed: str, whole: str) -> None:
            screen.child.send(typed + "\t")
            screen.expect(whole)

        screen.expect("people>")
        completed("\\sql SELECT user_", "user_id")
        completed(" FROM ord", "orders")
        screen.type(" LIMIT 1;")
        screen.expect("user_id\n───────\n      1")
        screen.expect("people>")
        completed("\\expo", "\\export")
        screen.press("c")
        screen.expect("people>")
        completed("\\format verti", "vertical")
        screen.press("c")
        screen.expect("people>")
        screen.press("d")
        assert screen.leave() == 0
