"""What may be typed behind `db-query ask`, `sql` and `export`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import db_query

from db_query_agent.cli.request import is_sql
from db_query_agent.testing import ScriptedModel


@pytest.mark.parametrize(
    "text",
    [
        "SELECT name FROM users",
        "select 1",
        "  -- a remark\n  select count(*) from users",
        "(SELECT 1)",
        "with t as (select 1) select * from t",
        "WITH RECURSIVE n (i) AS (SELECT 1) SELECT i FROM n",
        "values (1, 2)",
        "delete from users",
        "DROP TABLE users",
        "insert into users values (1)",
        "update users set name = 'x'",
        "pragma table_info(users)",
        "explain select 1;",
        "create temporary table x (a int)",
    ],
)
def test_a_statement_reads_as_one(text: str) -> None:
    assert is_sql(text)


@pytest.mark.parametrize(
    "text",
    [
        "How many users are there?",
        "Select the best customers",
        "With which card was most paid?",
        "update me on sales",
        "drop-outs per year",
        "Values of all orders",
        "show all users",
        "delete customers?",
        "Create a list of all customers",
        "call center revenue",
        "explain revenue by month",
        "",
    ],
)
def test_a_question_reads_as_one(text: str) -> None:
    assert not is_sql(text)


def test_questions_come_from_the_standard_input(url: str) -> None:
    questions = "How many users are there?\n\nblargh flumph\nHow many orders are there?\n"
    for arguments in (["ask", "-"], ["ask"]):
        ended = db_query(*arguments, "--db", url, "--format", "json", given=questions)
        answers = [json.loads(line) for line in ended.stdout.splitlines()]
        assert [answer["result"] for answer in answers] == [[[3]], [], [[3]]]
        assert [answer["needs_clarification"] for answer in answers] == [False, True, False]
        assert ended.returncode == 1, "one of them was asked back"
    ended = db_query("ask", "--db", url, "--format", "csv", given="How many users are there?\n")
    assert (ended.returncode, ended.stdout) == (0, "count\n3\n")


def test_a_question_that_fails_does_not_stop_those_behind_it(url: str) -> None:
    questions = "x" * 5000 + "\nHow many users are there?\n"
    ended = db_query("ask", "--db", url, "--format", "json", given=questions)
    failed, answered = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (failed["error"]["code"], answered["result"]) == ("question_too_long", [[3]])
    assert (ended.returncode, "error: the question has 5000 characters" in ended.stderr) == (1, True)


def test_questions_of_a_session_follow_each_other(url: str) -> None:
    ended = db_query("ask", "--db", url, "--session", "s", "--format", "jsonl", given="Show users\nonly active ones")
    assert ended.returncode == 0, ended.stderr
    assert [json.loads(line)["name"] for line in ended.stdout.splitlines()] == ["Ann", "Bob", "Cleo", "Ann", "Cleo"]
    # The next process goes on with it.
    more = db_query("ask", "sort them by name descending", "--db", url, "--session", "s", "--format", "jsonl")
    assert [json.loads(line)["name"] for line in more.stdout.splitlines()] == ["Cleo", "Ann"], more.stderr
    assert db_query("sessions").stdout.split() == ["s"]
    said = json.loads(db_query("sessions", "show", "s", "--json").stdout)
    assert next(turn["content"] for turn in said if turn["role"] == "user") == "Show users"
    assert db_query("sessions", "show", "s").stdout.startswith("? Show users\nSELECT")
    assert db_query("sessions", "delete", "s").returncode == 0
    gone = db_query("sessions", "delete", "s")
    assert (gone.returncode, gone.stderr.splitlines()[0]) == (1, "error: there is no conversation `s`")


def test_nothing_to_ask_is_said(url: str, tmp_path: Path) -> None:
    empty = db_query("ask", "-", "--db", url, given=" \n")
    assert (empty.returncode, empty.stderr) == (1, "error: there is no question in the standard input\n")
    two = db_query("ask", "--db", url, "--output", str(tmp_path / "a.csv"), given="Show users\nShow orders\n")
    assert (two.returncode, two.stderr.splitlines()[0]) == (2, "error: several questions do not fit into one file")


def test_the_engine_is_chosen(url: str) -> None:
    for engine in ("auto", "offline"):
        ended = db_query("ask", "How many users are there?", "--db", url, "--format", "json", "--engine", engine)
        assert json.loads(ended.stdout)["engine"] == "offline"
    ended = db_query("ask", "How many users are there?", "--db", url, "--engine", "model")
    assert (ended.returncode, ended.stdout) == (2, ""), "there is no model"
    assert db_query("ask", "How many users?", "--db", url, "--engine", "magic").returncode == 2


def test_a_sentence_is_streamed_once(url: str) -> None:
    ended = db_query("ask", "How many users are there?", "--db", url, "--stream")
    assert ended.returncode == 0
    assert ended.stderr.count("There are 3 users.") == 1


def test_a_model_is_asked(url: str) -> None:
    question = "who came first?"
    with ScriptedModel({question: "SELECT name FROM users ORDER BY joined LIMIT 1"}) as model:
        server = {"OPENAI_BASE_URL": model.options["base_url"], "OPENAI_API_KEY": "sk-test"}
        ended = db_query("ask", question, "--db", url, "--engine", "model", "--format", "csv", "--stream", **server)
        assert (ended.returncode, ended.stdout) == (0, "name\nAnn\n"), ended.stderr
    down = db_query("ask", question, "--db", url, "--engine", "model", OPENAI_BASE_URL="http://127.0.0.1:1/v1")
    assert (down.returncode, down.stdout, "Traceback" in down.stderr) == (1, "", False), "the rules ask back"


def test_a_statement_passes_the_guard(url: str) -> None:
    ended = db_query("sql", "--db", url, given="SELECT name FROM users -- all\nORDER BY id LIMIT 1;\n")
    assert (ended.returncode, ended.stdout.split()[-1]) == (0, "Ann")
    refused = db_query("sql", "DELETE FROM users", "--db", url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "error: `DELETE` is not a statement that reads" in refused.stderr
    blocked = db_query("sql", "SELECT name FROM users", "--db", url, BLOCKED_TABLES="users")
    assert (blocked.returncode, "Ann" in blocked.stdout) == (1, False)
    cut = db_query("sql", "SELECT name FROM users", "--db", url, "--limit", "1", "--format", "csv")
    assert (cut.stdout, "there are more than these 1 rows: --limit reads more" in cut.stderr) == ("name\nAnn\n", True)
