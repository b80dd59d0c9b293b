"""A process that is killed in the middle loses no turn that it has answered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import mysql_database, postgresql_database

from db_query_agent import DatabaseQueryAgent

QUESTION = "How many users are there?"

ASKS_FOR_EVER = """
import json, sys
from db_query_agent import DatabaseQueryAgent

agent = DatabaseQueryAgent(sys.argv[1], **json.loads(sys.argv[2]))
number = 0
while True:
    agent.query("How many users are there?", session="ann")
    number += 1
    print(number, flush=True)
"""


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def options(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    if request.param == "sqlite":
        yield {"session_db_path": str(tmp_path / "chats.db")}
        return
    with (postgresql_database if request.param == "postgresql" else mysql_database)() as url:
        yield {"session_backend": "sqlalchemy", "session_url": url}


def test_kill_loses_no_finished_turn(options: dict[str, Any], url: str) -> None:
    import json

    asking = subprocess.Popen(
        [sys.executable, "-c", ASKS_FOR_EVER, url, json.dumps(options)], stdout=subprocess.PIPE, text=True
    )
    assert asking.stdout is not None
    told = 0
    while told < 25:
        told = int(asking.stdout.readline())
    os.kill(asking.pid, signal.SIGKILL)
    told = max([told, *map(int, asking.stdout.read().split())])
    asking.wait()
    with DatabaseQueryAgent(url, **options) as agent:
        history = agent.get_session_history("ann") or []
        # One more may have been kept whose answer nobody heard.
        assert len(history) in (2 * told, 2 * (told + 1))
        assert [message["role"] for message in history] == ["user", "assistant"] * (len(history) // 2)
        assert {message["content"] for message in history[::2]} == {QUESTION}
        # The dead process may hold the conversation for a few seconds; then it goes on.
        assert agent.query(QUESTION, session="ann")["result"] == [(3,)]
