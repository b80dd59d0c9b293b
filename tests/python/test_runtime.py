"""The process around the agent: Ctrl-C, forks, threads, the end."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import psycopg
import pytest
import scripts
from conftest import SLOW
from servers import postgresql_database

from db_query_agent import DatabaseQueryAgent, DatabaseQueryAgentError

BUSY = """
import os, signal, sys, threading, time
from db_query_agent import DatabaseQueryAgent

agent = DatabaseQueryAgent(sys.argv[1])
slow = sys.argv[2]

def when_busy(act):
    def watch():
        while not agent._core.pool()["checked_out"]:
            time.sleep(0.005)
        act()
    threading.Thread(target=watch, daemon=True).start()

def until_idle():
    while agent._core.pool()["checked_out"]:
        time.sleep(0.005)
"""

USERS = ["CREATE TABLE users (id int)", "INSERT INTO users VALUES (1), (2)"]
SLOW_POSTGRESQL = "SELECT count(*) FROM generate_series(1, 10000000000) AS n"


def test_ctrl_c_stops_the_statement_and_the_agent_goes_on(url: str) -> None:
    told = scripts.run(
        BUSY
        + """
when_busy(lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    agent.run_sql(slow)
except KeyboardInterrupt:
    print("interrupted")
until_idle()
print(agent.query("How many users are there?")["result"])
""",
        url,
        SLOW,
    )
    assert told.splitlines() == ["interrupted", "[(3,)]"]


def test_ctrl_c_reaches_the_server() -> None:
    with postgresql_database(USERS) as url:
        told = scripts.run(
            BUSY
            + """
import psycopg
when_busy(lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    agent.run_sql(slow)
except KeyboardInterrupt:
    print("interrupted")
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    running = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    started = time.monotonic()
    while connection.execute(running).fetchone()[0]:
        time.sleep(0.01)
    print("gone" if time.monotonic() - started < 30 else "late")
""",
            url,
            SLOW_POSTGRESQL,
        )
    assert told.splitlines() == ["interrupted", "gone"]


RUNNING = (
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()"
    " AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()"
)


@pytest.mark.parametrize(
    ("asking", "code"),
    [
        ("agent.run_sql(slow)", -signal.SIGINT),
        ("with agent: agent.run_sql(slow)", -signal.SIGINT),
        ("import asyncio\nasync def ask(): await agent.run_sql(slow)\nasyncio.run(ask())", -signal.SIGINT),
    ],
    ids=["in a script", "in a with block", "in a loop"],
)
def test_a_process_that_ctrl_c_ends_leaves_nothing_on_the_server(asking: str, code: int) -> None:
    with postgresql_database(USERS) as url:
        program = f"{BUSY}\nwhen_busy(lambda: os.kill(os.getpid(), signal.SIGINT))\n{asking}\n"
        assert scripts.finish(program, url, SLOW_POSTGRESQL).returncode == code
        with psycopg.connect(url, autocommit=True) as connection:
            # The server was told before the process ended; it may need a moment to act.
            assert awaited(lambda: connection.execute(RUNNING.encode()).fetchone() == (0,))


def test_closing_an_agent_stops_what_it_runs() -> None:
    with postgresql_database(USERS) as url, psycopg.connect(url, autocommit=True) as connection:
        agent = DatabaseQueryAgent(url)
        codes = []

        def ask() -> None:
            with pytest.raises(DatabaseQueryAgentError) as caught:
                agent.run_sql(SLOW_POSTGRESQL)
            codes.append(caught.value.code)

        thread = threading.Thread(target=ask)
        thread.start()
        assert awaited(lambda: connection.execute(RUNNING.encode()).fetchone() == (1,))
        agent.close()
        thread.join(30)
        assert codes == ["closed"]
        assert awaited(lambda: connection.execute(RUNNING.encode()).fetchone() == (0,))
        assert agent._core.pool()["open"] == 0


def test_reading_values_takes_no_longer_than_a_statement_may() -> None:
    endless = "CREATE VIEW things AS SELECT n::text AS name FROM generate_series(1, 10000000000) AS n ORDER BY 1"
    with postgresql_database([*USERS, endless]) as url, psycopg.connect(url, autocommit=True) as connection:
        agent = DatabaseQueryAgent(url, max_query_timeout=0.5)
        assert agent.query("How many users are there?")["result"] == [(2,)]
        running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%things%'"
        mine = f"{running} AND datname = current_database() AND pid <> pg_backend_pid()".encode()
        assert awaited(lambda: connection.execute(mine).fetchone() == (0,))
        agent.close()


def awaited(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so; looks again until then, for ten seconds at most."""
    end = time.monotonic() + 10
    while not is_so():
        if time.monotonic() > end:
            return False
    return True


def test_other_threads_run_while_one_waits(url: str) -> None:
    told = scripts.run(
        BUSY
        + """
done = []
def work():
    for number in range(1000):
        done.append(number)
    os.kill(os.getpid(), signal.SIGINT)
when_busy(work)
try:
    agent.run_sql(slow)
except KeyboardInterrupt:
    print(len(done))
""",
        url,
        SLOW,
    )
    assert told == "1000"


FORK = """
import asyncio, os, sys
from db_query_agent import DatabaseQueryAgent, DatabaseQueryAgentError

agent = DatabaseQueryAgent(sys.argv[1])
question = "How many users are there?"

def ask():
    return agent.query(question)["result"][0][0]

async def ask_async():
    return (await agent.query(question))["result"][0][0]

def child(work):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def two_users(request: pytest.FixtureRequest, tmp_path: object) -> object:
    if request.param == "postgresql":
        with postgresql_database(USERS) as url:
            yield url
    else:
        import sqlite3

        path = f"{tmp_path}/two.db"
        connection = sqlite3.connect(path)
        connection.executescript(";".join(USERS))
        connection.close()
        yield f"sqlite:///{path}"


def test_a_forked_child_asks_with_an_agent_that_was_used_before(two_users: str) -> None:
    told = scripts.run(
        FORK
        + """
ask()
print(child(ask), child(lambda: asyncio.run(ask_async())), ask())
# A child of a child, and a child that leaves the agent alone.
print(child(lambda: child(ask)), child(lambda: 7), ask())
""",
        two_users,
    )
    assert told.splitlines() == ["2 2 2", "2 7 2"]


def test_a_forked_child_asks_with_an_agent_that_was_not_used(two_users: str) -> None:
    assert scripts.run(FORK + "print(child(ask), ask())", two_users) == "2 2"


def test_a_question_from_before_the_fork_is_refused_in_the_child(url: str) -> None:
    told = scripts.run(
        FORK
        + f"""
handle = agent._core.run_sql({SLOW!r})

def work():
    try:
        handle.wait()
    except DatabaseQueryAgentError as error:
        return 5 if error.code == "closed" and "fork" in str(error) else 6
    return 7

print(child(work))
handle.cancel()
handle.wait()
""",
        url,
    )
    assert told == "5"


def test_workers_of_a_pool_that_forks(two_users: str) -> None:
    told = scripts.run(
        FORK
        + """
import multiprocessing
ask()
def work(number):
    return ask() + number
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(sum(pool.map(work, range(8))))
""",
        two_users,
    )
    assert told == str(2 * 8 + sum(range(8)))


UNDER_WAY = """
def ask():
    try:
        agent.run_sql(slow)
    except DatabaseQueryAgentError:
        pass

from db_query_agent import DatabaseQueryAgentError
threading.Thread(target=ask, daemon=True).start()
while not agent._core.pool()["checked_out"]:
    time.sleep(0.005)
"""


@pytest.mark.parametrize(
    "ending", ["", "agent.close()", UNDER_WAY], ids=["agent left open", "agent closed", "question under way"]
)
def test_the_process_ends(url: str, ending: str) -> None:
    program = f"{BUSY}\nprint(agent.query('How many users are there?')['row_count'])\n{ending}\n"
    ended = scripts.finish(program, url, SLOW)
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "1", "")


def test_a_question_after_the_end_is_refused(url: str) -> None:
    told = scripts.run(
        """
        import atexit, sys

        def late():
            try:
                agent.query("How many users are there?")
            except DatabaseQueryAgentError as error:
                print(error.code)

        # What was registered first runs last.
        atexit.register(late)
        from db_query_agent import DatabaseQueryAgent, DatabaseQueryAgentError
        agent = DatabaseQueryAgent(sys.argv[1])
        """,
        url,
    )
    assert told == "closed"
