"""What the demo page does without a browser: agents on loan, questions on threads, addresses, cells, texts."""

from __future__ import annotations

import datetime
import gc
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import scripts
from conftest import SLOW

from db_query_agent import ConfigurationError, DatabaseQueryAgent, DatabaseQueryAgentError, QueryResult
from db_query_agent.demo.ui import browser, cells, escape, start
from db_query_agent.demo.ui.agents import AgentPool
from db_query_agent.demo.ui.asking import Asking, unexpected
from db_query_agent.demo.ui.target import OTHER, Target, may_stay, with_password
from db_query_agent.demo.ui.visit import HISTORY, KEPT, Exchange, Remark, Visit
from db_query_agent.testing import ModelServer, Sql


@pytest.fixture
def pool() -> Iterator[AgentPool]:
    with closing(AgentPool()) as pool:
        yield pool


@pytest.fixture
def target(url: str) -> Target:
    return Target(OTHER, url)


def await_that(is_so: Callable[[], bool]) -> None:
    """Looks again until it is so."""
    end = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > end:
            pytest.fail("it did not become so")
        gc.collect()


def ended(visit: Visit) -> Exchange:
    """Waits for the question under way."""
    assert visit.asking is not None
    for _ in visit.asking.watch():
        pass
    visit.settle()
    assert visit.last is not None
    return visit.last


def is_closed(agent: DatabaseQueryAgent) -> bool:
    try:
        agent.query("How many users are there?")
    except DatabaseQueryAgentError as error:
        return error.code == "closed"
    return False


# -- agents ----------------------------------------------------------------------------------------


def test_browsers_share_an_agent_and_the_last_one_closes_it(pool: AgentPool, target: Target) -> None:
    one, other = pool.lease(target), pool.lease(target)
    assert one.agent is other.agent
    assert one.conversation != other.conversation
    one.release()
    one.release()
    assert other.agent.query("How many users are there?")["result"] == [(3,)]
    other.release()
    assert len(pool) == 0
    assert is_closed(other.agent)


def test_a_browser_that_goes_away_gives_its_agent_back(pool: AgentPool, target: Target) -> None:
    visit = Visit(pool, target)
    visit.open()
    assert visit.lease is not None
    visit.ask("How many users are there?")
    ended(visit)
    agent = visit.lease.agent
    assert agent.list_sessions() == [visit.lease.conversation]
    del visit
    await_that(lambda: len(pool) == 0)
    await_that(lambda: is_closed(agent))
    assert agent.list_sessions() == []


def test_another_engine_is_another_agent_and_conversation(pool: AgentPool, target: Target) -> None:
    visit = Visit(pool, target)
    visit.open()
    visit.ask("How many users are there?")
    assert ended(visit).result is not None
    with ModelServer(Sql("SELECT 41 + 1 AS n")) as server:
        visit.want(target.taught("", server.base_url, ""))
        visit.open()
        assert isinstance(visit.said[-1], Remark)
        visit.ask("How many users are there?")
        result = ended(visit).result
    assert result is not None
    assert result["result"] == [(42,)]
    assert len(pool) == 1


def test_a_database_that_cannot_be_opened_leaves_the_one_before(pool: AgentPool, target: Target) -> None:
    visit = Visit(pool, target)
    visit.open()
    for url in ("nonsense", "postgresql://ann:s3cret@127.0.0.1:1/x"):
        visit.want(target.on(OTHER, url))
        visit.open()
        assert visit.problem is not None
        assert visit.problem["hint"]
        assert "s3cret" not in str(visit.problem)
    assert len(pool) == 1
    visit.ask("How many users are there?")
    assert ended(visit).failure is None


# -- asking ----------------------------------------------------------------------------------------


def slow_agent(url: str, server: ModelServer) -> DatabaseQueryAgent:
    return DatabaseQueryAgent(url, base_url=server.base_url, model_strategy="model", max_query_timeout=600)


def test_a_question_that_nobody_holds_is_stopped(url: str) -> None:
    with ModelServer(Sql(SLOW)) as server, slow_agent(url, server) as agent:
        asking: Asking | None = Asking("How many?", agent.query_events("How many users?"), lambda job: job())
        assert asking is not None
        await_that(lambda: asking.progress.sql is not None)
        asking = None
        await_that(lambda: agent.get_stats()["errors"] == {"cancelled": 1})


def test_stop_ends_a_question_at_any_time(pool: AgentPool, target: Target) -> None:
    with ModelServer(Sql(SLOW), repeat=True) as server:
        visit = Visit(pool, target.taught("", server.base_url, ""))
        visit.open()
        for wait in (False, True):
            visit.ask("How many users are there?")
            assert visit.asking is not None
            if wait:
                await_that(lambda: visit.asking is not None and visit.asking.progress.sql is not None)
            visit.ask("And now?")
            visit.begin_anew()
            visit.stop()
            assert ended(visit).stopped
        assert visit.history == ["How many users are there?"]


def test_the_words_come_one_by_one(agent: DatabaseQueryAgent) -> None:
    asking = Asking("q", agent.query_events("How many users are there?"), lambda job: job(), delay=0.001)
    seen = [progress.text for progress in asking.watch()]
    assert asking.progress.result is not None
    assert seen[-1] == asking.progress.result["natural_response"]
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))


def test_what_is_kept_has_an_end(pool: AgentPool, target: Target) -> None:
    visit = Visit(pool, target)
    visit.open()
    for number in range(KEPT + 2):
        visit.ask(f"{'why ' * 2_000}{number}")
        assert ended(visit).failure is not None
    assert len(visit.said) == KEPT
    assert len(visit.history) == HISTORY
    numbers = [one.number for one in visit.said if isinstance(one, Exchange)]
    assert numbers == list(range(3, KEPT + 3))
    visit.begin_anew()
    assert visit.empty


def test_an_unexpected_failure_tells_no_value(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError("s3cret")
    except KeyError as error:
        failure = unexpected(error)
    assert failure["code"] == "internal"
    assert "KeyError" in failure["message"]
    assert "s3cret" not in f"{failure}{caplog.text}"
    assert "test_demo_page" in caplog.text


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "password", "whole"),
    [
        ("postgresql://ann@host:5432/x", "a/b@c:d", "postgresql://ann:a%2Fb%40c%3Ad@host:5432/x"),
        ("postgresql://ann:old@host/x?a=b", "new", "postgresql://ann:new@host/x?a=b"),
        ("postgresql://host/x", "p", "postgresql://:p@host/x"),
        ("postgresql://ann@host/x", "", "postgresql://ann@host/x"),
        ("no address", "p", "no address"),
        ("postgresql://[::1/x", "p", "postgresql://[::1/x"),
    ],
)
def test_a_password_that_is_typed_beside_the_url(url: str, password: str, whole: str) -> None:
    assert with_password(url, password) == whole


@pytest.mark.parametrize(
    ("url", "stays"),
    [
        ("postgresql://ann@host:5432/x", True),
        ("sqlite:////tmp/shop.db", True),
        ("postgresql://ann:pw@host/x", False),
        ("postgresql://ann@host/x?password=pw", False),
        ("postgresql://ann:p@w@host/x", False),
    ],
)
def test_what_may_hold_a_password_does_not_stay(url: str, stays: bool) -> None:
    assert may_stay(url) is stays


def test_a_target_shows_no_secret() -> None:
    target = Target(OTHER, "postgresql://ann:s3cret@host/x").taught("sk-s3cret", "http://ann:s3cret@host/v1", "m")
    assert "s3cret" not in repr(target)


def test_a_model_is_there_when_the_environment_says_so(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not target.has_model()
    assert target.taught("sk-1", "", "").has_model()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    assert target.has_model()


# -- cells and texts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ([1, None, 2], [1, None, 2]),
        ([2**53, 1], ["9007199254740992", "1"]),
        ([Decimal("49.90"), None], [49.9, None]),
        ([Decimal("12345678901234567.89")], ["12345678901234567.89"]),
        ([1, "a"], ["1", "a"]),
        ([True, False], [True, False]),
        ([b"\x01"], ["0x01"]),
        ([{"a": 1}], ['{"a": 1}']),
        ([datetime.date(1, 1, 1)], [datetime.date(1, 1, 1)]),
        ([datetime.datetime(2026, 1, 2, 3, 4)], ["2026-01-02T03:04:00"]),
        ([datetime.timedelta(seconds=90)], ["P0DT0H1M30S"]),
        ([None], [None]),
        ([], []),
    ],
)
def test_a_cell_keeps_every_digit(given: list[Any], shown: list[Any]) -> None:
    result = QueryResult({"columns": ["x"], "result": [(cell,) for cell in given]})
    assert cells.columns(result) == {"x": shown}
    assert [type(cell) for cell in cells.columns(result)["x"]] == [type(cell) for cell in shown]


def test_decimals_keep_their_places() -> None:
    rows = [(Decimal("1.50"), Decimal("1E+2"), 1.5), (Decimal("2.125"), None, 2.5)]
    result = QueryResult({"columns": ["a", "a", "c"], "result": rows})
    assert cells.places(result) == {"a": 3, "a_1": 0}


def test_a_label_is_one_line_without_marks() -> None:
    assert escape.label("**a**\n# b\x00\u202e") == "\\*\\*a\\*\\* \\# b��"
    assert escape.label("x" * 200, 10) == "x" * 9 + "…"
    assert escape.JOINER in escape.label(":smile:")
    assert escape.label("127.0.0.1:5432") == "127\\.0\\.0\\.1\\:5432"


def test_html_holds_no_mark_at_all() -> None:
    shown = escape.shown("<b>:x:\n\n$", "said", role="status")
    assert shown == '<div class="dbq-said" role="status">&#60;b&#62;&#58;x&#58;<br><br>&#36;</div>'


def test_a_schema_is_searched_by_words(agent: DatabaseQueryAgent) -> None:
    tables = agent.get_schema()
    assert browser.found(tables, "") == list(tables)
    assert browser.found(tables, "USER id") == ["users", "orders"]
    assert browser.found(tables, "status") == ["orders"]
    assert browser.found(tables, "nothing") == []
    many = {f"t{number}": tables["users"] | {"name": f"t{number}"} for number in range(100)}
    assert browser.drawn(many).count("<details") == browser.SHOWN
    assert "60 of 100 tables" in browser.drawn(many)


# -- starting --------------------------------------------------------------------------------------


def test_the_page_is_served_for_this_machine_and_tells_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    monkeypatch.setattr(start.os, "execve", lambda *arguments: begun.append(arguments))
    monkeypatch.delenv("STREAMLIT_SERVER_ADDRESS", raising=False)
    start.serve(["--server.port", "8502"])
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    start.serve([])
    (_, words, environment), (_, _, chosen) = begun
    assert words[-2:] == ["--server.port", "8502"]
    assert Path(words[4]).is_file()
    assert environment["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] == "false"
    assert environment["STREAMLIT_SERVER_ADDRESS"] == "127.0.0.1"
    assert chosen["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"


def test_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "streamlit", None)
    with pytest.raises(ConfigurationError) as caught:
        start.command([])
    assert (caught.value.code, caught.value.hint) == ("missing_package", "pip install 'db-query-agent[streamlit]'")


def test_a_shell_without_streamlit_gets_one_sentence() -> None:
    program = "import runpy, sys; sys.modules['streamlit'] = None; runpy.run_module('db_query_agent.demo.ui')"
    ended = scripts.finish(program.replace("ui')", "ui', run_name='__main__')"))
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "the demo page needs the package `streamlit`: pip install 'db-query-agent[streamlit]'"
    )


def test_nothing_of_the_page_is_imported_before_it_is_drawn() -> None:
    told = scripts.run("import sys, db_query_agent.demo.ui; print(*sys.modules)")
    assert not {"streamlit", "pandas", "db_query_agent.agent"} & set(told.split())


def test_the_programs_of_the_specification_only_start_the_page() -> None:
    top = Path(__file__).parents[2]
    for path in ("examples/streamlit_demo.py", "demo/streamlit_app.py"):
        assert (top / path).read_text("utf-8").endswith("from db_query_agent.demo.ui import page\n\npage()\n")
    done = subprocess.run([top / "scripts/find-chromium"], env={"TEST_CHROMIUM": "sh", "PATH": "/bin"}, check=False)
    assert done.returncode == 0
