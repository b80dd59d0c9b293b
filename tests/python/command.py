"""The command `db-query` in a process of its own, and on a terminal of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

COMMAND = [sys.executable, "-m", "db_query_agent"]

PATIENCE = 120
"""Seconds after which something never comes. A machine may be busy."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")


def db_query(
    *arguments: str, home: Path | None = None, given: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """How the command ended. Tests of what a `.env` file says run it in a folder of their own, `home`."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=home,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", **environment},
    )


class Terminal:
    """The command on a terminal, with a person before it."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self.child = child
        self.raw = ""
        self.seen = ""
        """All that was shown, without escape sequences."""
        self._read = 0

    def expect(self, text: str) -> str:
        """Waits until `text` is shown behind what was waited for before; what was shown up to there."""
        until = time.monotonic() + PATIENCE
        while (found := self.seen.find(text, self._read)) < 0:
            if time.monotonic() > until or not self._take():
                raise AssertionError(f"{text!r} never came: {self.seen[self._read :]!r}")
        end = found + len(text)
        shown, self._read = self.seen[self._read : end], end
        return shown

    def type(self, line: str) -> None:
        """Types a line and Enter."""
        self.child.send(line + "\r")

    def press(self, key: str) -> None:
        """Presses Control and a letter."""
        self.child.sendcontrol(key)

    def leave(self) -> int:
        """Waits for the end; the exit code."""
        while self._take():
            pass
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0)

    def _take(self) -> bool:
        """Waits for more; whether more can come."""
        try:
            self.raw += self.child.read_nonblocking(4096, timeout=PATIENCE)
        except pexpect.EOF:
            return False
        except pexpect.TIMEOUT:
            raise AssertionError(f"nothing more came: {self.seen[self._read :]!r}") from None
        self.seen = plain(self.raw)
        return True


def plain(shown: str) -> str:
    """What was shown, without escape sequences."""
    return _ESCAPES.sub("", shown)


@contextmanager
def terminal(*arguments: str, rows: int = 40, columns: int = 120, **environment: str) -> Iterator[Terminal]:
    """The command on a terminal of that size, ended at the end."""
    # Nobody answers prompt_toolkit's question for the place of the cursor here.
    given = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "PAGER": "cat", **environment}
    child = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], *arguments], env=given, encoding="utf-8", dimensions=(rows, columns), echo=False
    )
    try:
        yield Terminal(child)
    finally:
        child.close(force=True)
