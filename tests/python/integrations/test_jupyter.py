"""Notebooks: real ones, run by nbclient on ipykernel with its running loop."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import psycopg
import pytest
import scripts
from nbclient import NotebookClient
from servers import postgresql_database

from db_query_agent.charts import MIME_TYPE
from db_query_agent.demo import write_sqlite

TOP = Path(__file__).parents[3]
EXAMPLE = TOP / "examples/notebook.ipynb"
SLOW = "SELECT count(*) AS n FROM generate_series(1, 10000000000) AS g"
RUNNING = (
    b"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()"
    b" AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()"
)


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What IPython and Jupyter keep stays out of the tester's home."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "jupyter"))


def run(*cells: str, folder: Path) -> list[list[Any]]:
    """What each cell put out. A cell that fails does not end it."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with_loop = NotebookClient(book, allow_errors=True, timeout=300, resources={"metadata": {"path": str(folder)}})
    with_loop.execute()
    return [cell.outputs for cell in book.cells]


def told(outputs: list[Any]) -> str:
    """All that a reader sees as plain text."""
    parts = []
    for output in outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append("\n".join(output.traceback))
        else:
            parts.append(output.data["text/plain"])
    return "\n".join(parts)


def page(outputs: list[Any]) -> str:
    return "".join(output.data.get("text/html", "") for output in outputs if "data" in output)


def test_a_question_a_follow_up_and_what_is_kept(url: str, tmp_path: Path) -> None:
    outputs = run(
        "%load_ext db_query_agent",
        f"%dbquery --connect {url}",
        "%dbquery How many orders are there by status?",
        "%dbquery Show users",
        "%dbquery only those who are active",
        "kept = %dbquery what's the number of users?",
        "type(kept).__mro__[1].__name__, kept['result'], kept.to_pandas().shape, kept.chart().kind",
        "%%dbquery --no-chart\nHow many orders\nare open?",
        "_['result']",
        "text = '''\n%dbquery is this a question?\n'''\ntext",
        folder=tmp_path,
    )
    assert told(outputs[1]).endswith("people.db: 2 tables\n")

    table, chart = outputs[2]
    assert "<th>count</th>" in table.data["text/html"]
    assert "<details><summary>SQL</summary><pre><code>SELECT status, COUNT(*)" in table.data["text/html"]
    assert table.data["text/plain"].startswith("The number of orders for each status")
    assert chart.data[MIME_TYPE]["data"]["values"] == [{"x": "open", "y": 2}, {"x": "shipped", "y": 1}]

    assert ">Cleo</td>" in page(outputs[3])
    assert ">Bob</td>" in page(outputs[3])
    assert "active" in page(outputs[4])
    assert ">Bob</td>" not in page(outputs[4])
    assert outputs[5] == []
    assert told(outputs[6]) == "('QueryResult', [(3,)], (1, 1), 'number')"
    assert len(outputs[7]) == 1
    assert told(outputs[8]) == "[(2,)]"
    assert told(outputs[9]) == "'\\n%dbquery is this a question?\\n'"


def test_options(url: str, tmp_path: Path) -> None:
    outputs = run(
        f"%load_ext db_query_agent\nwhere = {url!r}\nfrom db_query_agent import DatabaseQueryAgent\nname = 'Ann'",
        "%dbquery --connect where",
        "%dbquery --sql-only how many users are there?",
        "%dbquery --no-run how many users are there?",
        "%dbquery how many users are there? --chart",
        "%dbquery --limit 1 --no-chart --sql SELECT name, total FROM users, orders -- all of them",
        "%dbquery --schema",
        "%dbquery --help",
        "%dbquery --expand --sql SELECT '{name}' AS said, '$name' AS again",
        "%dbquery --sql SELECT '{name}' AS said, '$name' AS again",
        "mine = DatabaseQueryAgent(where, blocked_tables=['orders'])\n%dbquery --connect mine",
        "%dbquery --sql SELECT * FROM orders",
        "%dbquery --engine offline how many users are there?",
        "%dbquery --connect where\n%dbquery --session ann --engine offline how many users are there?",
        "%unload_ext db_query_agent",
        "%dbquery how many users are there",
        folder=tmp_path,
    )
    assert told(outputs[1]).endswith("2 tables\n")
    assert told(outputs[2]) == "SELECT COUNT(*) AS count FROM users"
    assert "<details open>" in page(outputs[3])
    assert "<table>" not in page(outputs[3])
    assert outputs[4][1].data[MIME_TYPE]["data"]["values"][0]["y"] == 3
    assert "1 of 9 rows" in page(outputs[5])
    assert "users.id" in told(outputs[6])
    assert "--no-run" in told(outputs[7])
    assert "Ann" in told(outputs[8]).split("SELECT")[0]
    assert "{name}" in told(outputs[9]).split("SELECT")[0]
    assert told(outputs[10]).endswith("1 table\n")
    assert told(outputs[11]).startswith("ValidationError: ")
    assert "--engine is of no use" in told(outputs[12])
    assert "There are 3 users." in told(outputs[13])
    assert "not found" in told(outputs[15])


def test_a_failure_is_one_message(url: str, tmp_path: Path) -> None:
    outputs = run(
        "%load_ext db_query_agent",
        "%dbquery how many users are there?",
        "%dbquery --connect postgresql://someone:hunter2@127.0.0.1:1/nothing",
        f"%dbquery --connect {url}\n%dbquery --sql DELETE FROM users",
        "try:\n    get_ipython().run_line_magic('dbquery', '--sql DROP TABLE users')\n"
        "except Exception as error:\n    print(error.code)",
        "%dbquery --frobnicate",
        "%dbquery --limit 0 how many users are there?",
        "%dbquery --engine gpt how many users are there?",
        "%dbquery",
        "%dbquery how many users are there?",
        folder=tmp_path,
    )
    for failed, name in ((1, "ConfigurationError"), (2, "ConnectionError"), (3, "ValidationError")):
        error = outputs[failed][-1]
        assert (error.output_type, error.ename) == ("error", name)
        assert error.traceback[0].startswith(f"{name}: ")
        assert all(line.startswith("hint: ") for line in error.traceback[1:])
    assert not any("hunter2" in str(output) for output in outputs)
    assert told(outputs[4]) == "sql_rejected\n"
    for place, words in ((5, "--frobnicate"), (6, "at least 1"), (7, "invalid choice"), (8, "ask something")):
        assert told(outputs[place]).startswith("UsageError: ")
        assert words in told(outputs[place])
    assert "There are 3 users." in told(outputs[9])


def test_text_of_the_database_is_shown_and_not_run(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "enemy.db")) as connection:
        connection.execute('CREATE TABLE notes ("<b>head</b>" TEXT, n INTEGER)')
        values = [("<script>alert(1)</script>", 1), ("\x1b[2J\u202eturned", 2), (f"{'long ' * 100}", 3)]
        connection.executemany("INSERT INTO notes VALUES (?, ?)", values)
        connection.commit()
    outputs = run(
        "%load_ext db_query_agent\n%dbquery --connect sqlite:///enemy.db",
        "%dbquery --sql SELECT * FROM notes",
        folder=tmp_path,
    )
    html = page(outputs[1])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;b&gt;head&lt;/b&gt;" in html
    assert "<script" not in html
    assert "<b>" not in html
    for text in (html, told(outputs[1])):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\x1b[2J\\u202eturned" in text
        assert "…" in text


def test_an_interrupt_stops_the_statement_and_the_kernel_lives_on(tmp_path: Path) -> None:
    with postgresql_database() as url, psycopg.connect(url, autocommit=True) as connection:
        cells = [
            f"%load_ext db_query_agent\n%dbquery --connect {url}",
            f"%dbquery --sql {SLOW}",
            "%dbquery --sql SELECT 6 * 7 AS answer",
        ]
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        client = NotebookClient(book, allow_errors=True, timeout=300)

        def count() -> int:
            row = connection.execute(RUNNING).fetchone()
            assert row is not None
            return int(row[0])

        def interrupt() -> None:
            # Only once the statement is under way: what is tested is that it is stopped.
            until(lambda: count() == 1)
            asyncio.run(client.km.interrupt_kernel())

        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        client.execute()
        interrupting.join()
        until(lambda: count() == 0)
    (error,) = book.cells[1].outputs
    assert (error.ename, error.traceback) == (
        "KeyboardInterrupt",
        ["KeyboardInterrupt: the question was stopped, on the server too"],
    )
    assert "42" in told(book.cells[2].outputs)


def until(is_so: Callable[[], bool]) -> None:
    """Looks until it is so; a minute is longer than any load of the machine."""
    pause = threading.Event()
    for _ in range(3_000):
        if is_so():
            return
        pause.wait(0.02)
    pytest.fail("it did not become so")


def test_completion_offers_options_values_and_names(url: str) -> None:
    program = """
        import sys, warnings
        from IPython.core.completer import ProvisionalCompleterWarning
        from IPython.core.interactiveshell import InteractiveShell
        warnings.simplefilter("ignore", ProvisionalCompleterWarning)
        shell = InteractiveShell.instance()
        shell.Completer.use_jedi = False
        shell.run_line_magic("load_ext", "db_query_agent")
        def offered(text, cursor=None):
            return sorted(c.text for c in shell.Completer.completions(text, len(text)))
        print(offered("%dbquery how many us"))
        shell.run_line_magic("dbquery", f"--connect {sys.argv[1]}")
        for text in ("%dbquery how many us", "x = %dbquery --no", "%dbquery --engine ", "%dbquery --engine off",
                     "%%dbquery --no-chart\\nall orders by sta", "print(us"):
            print([word for word in offered(text) if "us" not in text or word.startswith("us")])
    """
    lines = scripts.run(program, url).splitlines()
    assert lines[0] == "[]"
    assert lines[2:] == [
        "['user_id', 'users']",
        "['--no-chart', '--no-run']",
        "['model', 'offline']",
        "['offline']",
        "['status']",
        "[]",
    ]


def test_in_a_terminal_it_is_text(url: str) -> None:
    program = """
        import sys
        from IPython.terminal.interactiveshell import TerminalInteractiveShell
        shell = TerminalInteractiveShell.instance()
        shell.run_cell("%load_ext db_query_agent")
        shell.run_cell(f"%dbquery --connect {sys.argv[1]}")
        shell.run_cell("%dbquery How many orders are there by status?")
        shell.run_cell("%dbquery --sql DELETE FROM users")
    """
    printed = re.sub("\x1b\\[[0-9;]*m", "", scripts.run(program, url))
    assert "status   count\n-------  -----\nopen     2\nshipped  1\n" in printed
    assert "ValidationError: `DELETE` is not a statement that reads\nhint: ask for data with a SELECT" in printed
    assert "Traceback" not in printed


def test_the_example_runs_and_says_what_it_said(tmp_path: Path) -> None:
    write_sqlite(tmp_path / "shop.db")
    kept = nbformat.read(EXAMPLE, as_version=4)
    book = nbformat.read(EXAMPLE, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shapes = lambda book: [  # noqa: E731
        [sorted(output.get("data", {})) for output in cell.outputs] for cell in book.cells if cell.cell_type == "code"
    ]
    assert shapes(book) == shapes(kept)
    assert sum(MIME_TYPE in names for cell in shapes(book) for names in cell) >= 2


def test_the_page_shows_what_the_example_holds() -> None:
    text = (TOP / "docs/notebook.md").read_text("utf-8")
    cells = {cell.source for cell in nbformat.read(EXAMPLE, as_version=4).cells if cell.cell_type == "code"}
    shown = re.findall(r"^```ipython\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert len(shown) >= 5
    assert [cell for cell in shown if cell not in cells] == []
