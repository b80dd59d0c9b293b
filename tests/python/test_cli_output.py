"""Where results of `db-query` go, and in which form."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from command import COMMAND, PATIENCE, db_query, plain, terminal

from db_query_agent import DatabaseQueryAgent
from db_query_agent.cli.output import table

USERS = "SELECT id, name, email FROM users ORDER BY id"


def test_each_format_holds_the_rows(url: str) -> None:
    rows = DatabaseQueryAgent(url).run_sql(USERS)["result"]
    show = lambda form: db_query("sql", USERS, "--db", url, "--format", form).stdout  # noqa: E731
    assert show("table").splitlines() == [
        "id  name  email",
        "──  ────  ───────────────",
        " 1  Ann   ann@example.com",
        " 2  Bob   bob@example.com",
        " 3  Cleo  NULL",
    ]
    assert show("vertical").splitlines()[:4] == ["-[ 1 ]--", "id    │ 1", "name  │ Ann", "email │ ann@example.com"]
    assert [tuple(json.loads(line).values()) for line in show("jsonl").splitlines()] == rows
    assert list(csv.reader(io.StringIO(show("csv"))))[1:] == [[str(a), b, c or ""] for a, b, c in rows]
    assert show("markdown").splitlines()[2] == "| 1 | Ann | ann@example.com |"
    assert [tuple(row) for row in json.loads(show("json"))["result"]] == rows


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json", "md", "txt", "xlsx", "parquet", "arrow"])
def test_a_file_is_written_in_the_format_of_its_ending(url: str, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"users.{ending}"
    ended = db_query("export", USERS, str(path), "--db", url)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert f"3 rows written to {path}" in ended.stderr
    names = {
        "xlsx": lambda: [row[1].value for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2)],
        "parquet": lambda: pyarrow.parquet.read_table(path)["name"].to_pylist(),
        "arrow": lambda: pyarrow.ipc.open_file(path).read_all()["name"].to_pylist(),
    }
    if ending in names:
        assert names[ending]() == ["Ann", "Bob", "Cleo"]
    else:
        text = path.read_text("utf-8")
        assert [name for name in ("Ann", "Bob", "Cleo") if name in text] == ["Ann", "Bob", "Cleo"]


def test_a_file_of_a_program_goes_into_a_pipe(url: str) -> None:
    ended = subprocess.run(
        [*COMMAND, "sql", USERS, "--db", url, "--format", "arrow"], capture_output=True, timeout=PATIENCE, check=True
    )
    assert pyarrow.ipc.open_file(ended.stdout).read_all().num_rows == 3


def test_a_file_of_a_program_does_not_go_to_a_terminal(url: str) -> None:
    with terminal("sql", USERS, "--db", url, "--format", "parquet") as screen:
        assert screen.leave() == 2
    assert "error: the format `parquet` is not for a terminal" in screen.seen


def test_what_cannot_be_written_is_said_before_anything_is_asked(url: str, tmp_path: Path) -> None:
    ends = {
        "the ending `.pdf` means no format": "rows.pdf",
        "a name without an ending means no format": "rows",
        f"there is no folder `{tmp_path}/none`": "none/rows.csv",
    }
    for message, name in ends.items():
        # A table that does not exist would be complained of, were it asked for.
        ended = db_query("export", "SELECT 1 FROM ghosts", str(tmp_path / name), "--db", url)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert f"error: {message}" in ended.stderr
    missing = "import sys; sys.modules['openpyxl'] = None; from db_query_agent.cli import main; main()"
    ended = subprocess.run(
        [COMMAND[0], "-c", missing, "export", "SELECT 1 FROM ghosts", str(tmp_path / "rows.xlsx"), "--db", url],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, "hint: pip install 'db-query-agent[excel]'" in ended.stderr) == (2, True)


def test_a_narrow_terminal_folds_and_then_turns_the_table(url: str) -> None:
    with terminal("sql", "SELECT name, email FROM users", "--db", url, columns=20) as screen:
        assert screen.leave() == 0
    assert max(len(line) for line in screen.seen.splitlines()) <= 20
    assert "Ann   ann@example.co" in screen.seen
    wide = "SELECT id, name, email, joined, id AS a, name AS b, email AS c FROM users"
    with terminal("sql", wide, "--db", url, columns=40) as screen:
        assert screen.leave() == 0
    assert screen.seen.splitlines()[:3] == ["-[ 1 ]--", "id     │ 1", "name   │ Ann"]


def test_columns_share_what_room_there_is() -> None:
    rows = [("x" * 50, "y" * 30, 1)]
    assert table.fit(["a", "b", "c"], rows, None) == [50, 30, 1]
    assert sum(table.fit(["a", "b", "c"], rows, 40) or []) + 4 == 40
    assert table.fit(["a", "b", "c"], rows, 12) is None
    # Letters of East Asia are two columns wide.
    assert table.fit(["a"], [("東京",)], None) == [4]


def test_colours_are_for_a_terminal_that_wants_them(url: str) -> None:
    def shown(*options: str, **environment: str) -> str:
        with terminal("ask", "How many users are there?", "--db", url, *options, **environment) as screen:
            screen.expect("There are 3 users.")
            return screen.raw

    assert "\x1b[" in shown(NO_COLOR="")
    assert "\x1b[" not in shown(NO_COLOR="1")
    assert "\x1b[" not in shown("--color", "never", NO_COLOR="")
    assert "\x1b[" not in shown(TERM="dumb", NO_COLOR="")
    assert "\x1b[" in db_query("ask", "Show the users", "--db", url, "--color", "always").stderr
    assert db_query("--color", "purple", "config").returncode == 2


def test_more_than_a_screen_goes_through_the_pager(url: str, tmp_path: Path) -> None:
    many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n"
    paged = tmp_path / "paged"
    with terminal("sql", many, "--db", url, rows=24, PAGER=f"tee {paged}") as screen:
        assert screen.leave() == 0
    assert plain(paged.read_text()).splitlines()[-1] == "100"
    for options in ([], ["--no-pager"]):
        paged.unlink()
        paged.touch()
        few = ["sql", "SELECT 1 AS one" if not options else many, *options]
        with terminal(*few, "--db", url, rows=24, PAGER=f"tee {paged}") as screen:
            assert screen.leave() == 0
        assert paged.read_text() == ""
    # One who has seen enough, and one who is not there.
    for pager in ("true", "no-such-pager"):
        with terminal("sql", many, "--db", url, rows=24, PAGER=pager) as screen:
            assert screen.leave() == 0
        assert "Traceback" not in screen.seen


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LANG": "de_DE.ISO-8859-1", "LC_ALL": ""},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
def test_a_locale_that_cannot_hold_it_does_not_end_it(url: str, locale: dict[str, str]) -> None:
    sql = "SELECT 'Zoë €' AS name"
    for form in ("table", "vertical", "csv", "markdown", "json", "jsonl"):
        ended = subprocess.run(
            [*COMMAND, "sql", sql, "--db", url, "--format", form],
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, **locale},
        )
        assert ended.returncode == 0, ended.stderr
        shown = ended.stdout.decode("latin-1" if locale.get("PYTHONIOENCODING") == "latin-1" else "utf-8")
        if form == "json":
            assert json.loads(shown)["result"] == [["Zoë €"]]
        elif form == "jsonl":
            assert json.loads(shown) == {"name": "Zoë €"}
        else:
            assert "Zoë €" in shown or "Zoë \\u20ac" in shown or "Zo\\xeb \\u20ac" in shown


def test_a_result_without_end_is_cut_and_memory_stays(url: str) -> None:
    sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000) SELECT i FROM n"
    program = (
        "import resource, sys; from db_query_agent.cli import main\n"
        "try: main()\n"
        "finally: sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )

    def peak(*options: str) -> tuple[int, int, str]:
        ended = subprocess.run(
            [COMMAND[0], "-c", program, "sql", sql, "--db", url, "--format", "csv", *options],
            capture_output=True,
            text=True,
            timeout=PATIENCE * 4,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return int(ended.stderr.splitlines()[-1]), len(ended.stdout.splitlines()) - 1, ended.stderr

    small, rows, told = peak()
    assert (rows, "there are more than these 10,000 rows" in told) == (10_000, True)
    large, rows, told = peak("--limit", "10000000")
    assert 1_000_000 < rows < 10_000_000, "the limit of bytes cuts it"
    assert "MAX_RESULT_BYTES cuts them off" in told
    # A row of one number takes some 150 bytes while it is written, whatever the table holds.
    assert large - small < 1_000_000, "kilobytes"


def test_a_reader_that_has_seen_enough_ends_it_quietly(url: str) -> None:
    sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) SELECT i, 'x' || i FROM n"
    for form in ("table", "csv", "json", "jsonl", "vertical"):
        command = f'"$0" -m db_query_agent sql "$1" --db "$2" --format {form} | head -n 1; echo ${{PIPESTATUS[0]}}'
        ended = subprocess.run(
            ["bash", "-c", command, COMMAND[0], sql, url], capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        assert (ended.stdout.splitlines()[-1], ended.stderr) == ("0", "")
