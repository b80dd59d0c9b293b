"""Programs of their own process, for what cannot be tried in the process of the tests: signals, forks, imports."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

LIMIT = 60
"""Seconds after which a program hangs. The slowest of them takes two."""


def run(program: str, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """What `program` prints. It must end well."""
    return finish(program, *arguments, environment=environment, code=0).stdout.strip()


def finish(
    program: str, *arguments: str, environment: dict[str, str] | None = None, code: int | None = None
) -> subprocess.CompletedProcess[str]:
    """How `program` ended."""
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert code is None or ended.returncode == code, ended.stderr
    return ended
