"""What the README shows runs as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from servers import mysql_database, postgresql_database

from db_query_agent.demo import sql_script, write_sqlite

TOP = Path(__file__).parents[2]


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (TOP / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [text for word, text in found if word == language]


def test_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write_sqlite(tmp_path / "shop.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    namespace: dict[str, object] = {"url": "sqlite:///shop.db", "key": "sk-readme"}
    snippets = blocks("python")
    assert len(snippets) >= 3
    for snippet in snippets:
        exec(compile(snippet, "README.md", "exec"), namespace)
    assert "SELECT" in capsys.readouterr().out


def test_shell_runs(tmp_path: Path) -> None:
    write_sqlite(tmp_path / "shop.db")
    lines = [line for block in blocks("") for line in block.splitlines() if line.startswith("db-query ")]
    assert len(lines) >= 4
    program = [sys.executable, "-c", "import sys; from db_query_agent.cli import main; sys.exit(main())"]
    with postgresql_database(sql_script("postgresql")) as postgresql, mysql_database(sql_script("mysql")) as mysql:
        urls = {"postgresql://reader@localhost/shop": postgresql, "mysql://reader@localhost/shop": mysql}
        for line in lines:
            words = [urls.get(word, word) for word in shlex.split(line)]
            done = subprocess.run([*program, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            assert done.stdout.strip(), line


def test_links_lead_somewhere() -> None:
    pages = [*TOP.glob("*.md"), *TOP.glob("docs/**/*.md")]
    assert len(pages) >= 8
    dead = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
        if not link.startswith(("http://", "https://")) and not (page.parent / link).exists()
    ]
    assert dead == []
