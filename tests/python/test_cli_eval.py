"""The user's own questions as a gate."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from command import db_query

from db_query_agent.cli.evaluation.compare import difference

GOOD = """
- question: How many users are there?
  sql: SELECT count(*) FROM users
- name: all of them
  question: Show name of users
  rows: [[Cleo], Ann, [Bob]]
- question: only active ones
  follows: true
  rows: [Ann, Cleo]
- question: blargh flumph
  clarification: true
"""


def test_right_answers_pass(url: str, tmp_path: Path) -> None:
    file, report = tmp_path / "good.yaml", tmp_path / "junit.xml"
    file.write_text(GOOD)
    ended = db_query("eval", str(file), "--db", url, "--junit", str(report))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr.splitlines()[-1] == "4 of 4 passed"
    suite = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "0", "0")
    assert [case.get("name") for case in suite.iter("testcase")][1] == "all of them"
    assert db_query("history").stderr == "nothing was asked\n", "a gate leaves no trace"


def test_other_answers_fail(url: str, tmp_path: Path) -> None:
    entries = [
        {"question": "How many users are there?", "rows": [[4]]},
        {"question": "Show name of users", "rows": [["Ann"]]},
        {"question": "Show name of users", "ordered": True, "rows": ["Bob", "Ann", "Cleo"]},
        {"question": "How many orders are there?", "clarification": True},
        {"question": "blargh flumph", "rows": []},
        {"question": "How many orders are there?", "sql": "SELECT count(*) FROM orders"},
    ]
    file, report = tmp_path / "bad.jsonl", tmp_path / "junit.xml"
    file.write_text("\n".join(map(json.dumps, entries)))
    ended = db_query("eval", str(file), "--db", url, "--json", "--junit", str(report))
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert (told["passed"], told["total"]) == (1, 6)
    assert [one["reason"] and one["reason"].partition(":")[0] for one in told["outcomes"]] == [
        "expected (4), found (3)",
        "expected 1 rows, found 3",
        "row 1",
        "it was answered, and should have been asked back",
        "asked back",
        None,
    ]
    assert ElementTree.parse(report).getroot().get("failures") == "5"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "holds no question"),
        ("- question: [", "is no YAML in line 1"),
        ("- sql: SELECT 1", "entry 1: there is no `question`"),
        ("- question: a\n  sql: x\n  rows: []", "entry 1: exactly one of"),
        ("- question: a\n  answer: x", "entry 1: nothing is called `answer`"),
        ("- question: a\n  rows: 3", "`rows` is not of the kind `list`"),
        ("- question: a\n  follows: true\n  rows: []", "nothing before it"),
        ("- question: How many users?\n  sql: DROP TABLE users", "its `sql` cannot run"),
        ("just a text", "is no list of questions"),
    ],
)
def test_a_file_that_is_not_understood_is_told(url: str, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(content)
    ended = db_query("eval", str(file), "--db", url)
    assert (ended.returncode, message in ended.stderr, "Traceback" in ended.stderr) == (2, True, False), ended.stderr


def test_no_database_is_no_wrong_answer(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("- question: How many users are there?\n  rows: [[3]]\n")
    ended = db_query("eval", str(file), "--db", "postgresql://u@127.0.0.1:1/d", "--json")
    assert (ended.returncode, json.loads(ended.stdout)["outcomes"][0]["verdict"]) == (3, "error")


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ([[0.1 + 0.2]], [(0.3,)], True),
        ([[1.5]], [(Decimal("1.50"),)], True),
        ([[10]], [(Decimal("10.00"),)], True),
        ([["2024-01-05"]], [(datetime.date(2024, 1, 5),)], True),
        ([["2024-01-05T10:00:00"]], [(datetime.datetime(2024, 1, 5, 10),)], True),
        ([[datetime.date(2024, 1, 5)]], [(datetime.datetime(2024, 1, 5),)], True),
        ([[None]], [(0,)], False),
        ([["1"]], [(1,)], False),
        ([[1, 2]], [(2, 1)], False),
        ([[2], [1], [1]], [(1,), (2,), (1,)], True),
        ([[2], [1], [1]], [(1,), (2,), (2,)], False),
        ([[1]], [(1, 2)], False),
    ],
)
def test_rows_are_compared_as_people_would(expected: list[Any], found: list[Any], same: bool) -> None:
    assert (difference(expected, found, ordered=False) is None) is same
