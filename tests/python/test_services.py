"""The runner that brings the servers up: what the command sees, and what a mistake costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "scripts" / "services"
PRINT_URLS = "import os; print(*(os.environ[f'TEST_{name}_URL'] for name in ('POSTGRES', 'MYSQL', 'REDIS')))"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SERVICES), *command],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )


def test_named_servers_are_used_as_they_are_named() -> None:
    done = run(sys.executable, "-c", PRINT_URLS)
    assert done.stdout.split() == [os.environ[f"TEST_{name}_URL"] for name in ("POSTGRES", "MYSQL", "REDIS")]


def test_exit_code_is_the_command_s() -> None:
    assert run(sys.executable, "-c", "raise SystemExit(42)").returncode == 42


def test_a_named_server_that_is_away_is_an_error_and_its_password_stays_secret() -> None:
    done = run("true", TEST_POSTGRES_URL="postgresql://ann:hush@127.0.0.1:9/test")
    assert done.returncode == 3
    assert "`TEST_POSTGRES_URL` is set, but no server answers there" in done.stderr
    assert "hush" not in done.stderr
