"""A virtual environment for each contender, made once and kept under `.bench/`."""

from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import report

# Contender -> script in `contenders/`, prefix of the function in it, packages.
CONTENDERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "ours": ("ours.py", "", ()),
    "ours-core": ("ours.py", "core_", ()),
    "release-0.1.4": ("release.py", "", ("db-query-agent[postgres]==0.1.4",)),
    "sqlalchemy-bulk": ("with_sqlalchemy.py", "bulk_", ("sqlalchemy>=2", "psycopg[binary]")),
    "sqlalchemy-reflect": ("with_sqlalchemy.py", "reflect_", ("sqlalchemy>=2", "psycopg[binary]")),
    "sqlalchemy": ("with_sqlalchemy.py", "", ("sqlalchemy>=2", "psycopg[binary]")),
    "asyncpg": ("with_asyncpg.py", "", ("asyncpg",)),
    "psycopg": ("with_psycopg.py", "", ("psycopg[binary]>=3",)),
    "sqlite3": ("with_sqlite3.py", "", ()),
    "pymysql": ("with_pymysql.py", "", ("pymysql",)),
    "asyncmy": ("with_asyncmy.py", "", ("asyncmy",)),
    # Compiles against the client library: Debian's `libmariadb-dev`.
    "mysqlclient": ("with_mysqlclient.py", "", ("mysqlclient",)),
    "sqlglot": ("with_sqlglot.py", "", ("sqlglot",)),
    # Its modules compiled, and its tokenizer in Rust.
    "sqlglot-compiled": ("with_sqlglot.py", "", ("sqlglot[rs,c]",)),
    "langchain": ("with_langchain.py", "", ("langchain>=1", "langchain-community", "langchain-openai")),
    "llamaindex": ("with_llamaindex.py", "", ("llama-index-core", "llama-index-llms-openai-like", "sqlalchemy>=2")),
    "fixtures": ("", "", ("psycopg[binary]>=3", "pymysql")),
}


def script(contender: str, case: str) -> tuple[str, str]:
    """The contender's script and the function in it that does `case`."""
    name, prefix, _ = CONTENDERS[contender]
    return name, prefix + case


@functools.cache
def python(contender: str, root: Path, wheel: Path | None = None) -> Path | None:
    """The interpreter of the contender's environment, or nothing if it cannot be installed."""
    ours = contender.startswith("ours")
    packages = [*CONTENDERS[contender][2], *([str(wheel)] if ours and wheel else [])]
    contender = "ours" if ours else contender
    home = root / ".bench" / "environments" / contender
    interpreter = home / "bin" / "python"
    stamp = home / "installed"
    wanted = _fingerprint(packages, wheel if ours else None)
    if not stamp.exists() or stamp.read_text() != wanted:
        report.progress(f"installing {contender}")
        venv.create(home, with_pip=True, clear=True)
        if packages:
            pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
            if subprocess.run(pip, capture_output=True, check=False).returncode:
                stamp.unlink(missing_ok=True)
                return None
        stamp.write_text(wanted)
    return interpreter


def run(interpreter: Path, program: Path, work: dict[str, Any]) -> dict[str, Any]:
    """Runs a script in an environment: JSON in, JSON out, its last line."""
    command = [str(interpreter), str(program), json.dumps(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        if program.name == "fixtures.py":
            raise SystemExit("bench: the databases cannot be made: " + (lines[-1] if lines else "no reason given"))
        return {"failed": lines[-1] if lines else f"ended with {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def _fingerprint(packages: list[str], wheel: Path | None) -> str:
    content = wheel.read_bytes() if wheel else b""
    return hashlib.sha256("\n".join([sys.version, *packages]).encode() + content).hexdigest()
