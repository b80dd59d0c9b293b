"""The reference page of `db-query` says what the program does, and help costs no more than it must."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from command import COMMAND, PATIENCE

from db_query_agent.cli.commands import COMMANDS

TOP = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    script = runpy.run_path(str(TOP / "scripts" / "terminal_page.py"))
    text = script["PAGE"].read_text("utf-8")
    assert all(f"### `db-query {command}`" in text for command in COMMANDS)
    assert script["page"](text) == text, "run `make docs`"


def imported(*arguments: str) -> set[str]:
    """The modules that the command imports."""
    ended = subprocess.run(
        [COMMAND[0], "-X", "importtime", *COMMAND[1:], *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_imports_little(arguments: tuple[str, ...]) -> None:
    modules = imported(*arguments)
    slow = {"asyncio", "prompt_toolkit", "rich.console", "rich.table", "pygments", "yaml", "sqlite3", "http.client"}
    assert not modules & slow
    assert not {name for name in modules if name.startswith("db_query_agent.cli.commands.")}


@pytest.mark.parametrize("package", ["prompt_toolkit", "platformdirs", "yaml"])
def test_a_missing_package_is_named_where_it_is_needed(url: str, tmp_path: Path, package: str) -> None:
    (tmp_path / "cases.yaml").write_text("- question: How many users are there?\n  rows: [[3]]\n")
    needs = {
        "prompt_toolkit": ["-c", "from db_query_agent.cli.repl import prompt"],
        "platformdirs": ["-c", "main()", "history"],
        "yaml": ["-c", "main()", "eval", str(tmp_path / "cases.yaml"), "--db", url],
    }[package]
    if package == "prompt_toolkit":
        # It is needed on a terminal alone; the program reaches it there through the same door.
        needs[1] = (
            "import db_query_agent.cli.app as app\n"
            "def run(): import db_query_agent.cli.repl.prompt\n"
            "app.run = run\n"
            "main()"
        )
    needs[1] = f"import sys; sys.modules[{package!r}] = None\nfrom db_query_agent.cli import main\n{needs[1]}"
    ended = subprocess.run([sys.executable, *needs], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.endswith(": pip install 'db-query-agent[cli]'\n")
    assert ended.stderr.count("\n") == 1
