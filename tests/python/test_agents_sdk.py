"""One store for conversations, read and written by this package and by the OpenAI Agents SDK."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from servers import mysql_database, postgresql_database, server_url

from db_query_agent import ChatSession, DatabaseQueryAgent
from db_query_agent.testing import ModelServer, Text

FIRST = "How many users are there?"
SECOND = "How many orders are there?"


@dataclass
class Place:
    """A store: the options that name it here, and the SDK's class and address for it."""

    options: dict[str, Any]
    kind: str
    address: str

    def sdk(self, name: str, *command: str) -> Any:
        """What the SDK makes of a command on the conversation `name`, see `agents_sdk.py`."""
        script = Path(__file__).with_name("agents_sdk.py")
        call = [sys.executable, script, self.kind, self.address, name, *command]
        done = subprocess.run(call, stdout=subprocess.PIPE, check=True, text=True, timeout=120)
        return json.loads(done.stdout)


@contextmanager
def sqlite_file(folder: Path) -> Iterator[Place]:
    path = folder / "chats.db"
    yield Place({"session_backend": "sqlite", "session_db_path": path}, "SQLiteSession", str(path))


@contextmanager
def sqlite_url(folder: Path) -> Iterator[Place]:
    path = folder / "chats.db"
    options = {"session_backend": "sqlalchemy", "session_url": sqlalchemy.create_engine(f"sqlite:///{path}")}
    yield Place(options, "SQLAlchemySession", f"sqlite+aiosqlite:///{path}")


@contextmanager
def postgresql(_folder: Path) -> Iterator[Place]:
    # Its clock is hours behind: both must write the same one, or the SDK puts messages in another order.
    zone = "ALTER DATABASE %I SET timezone = ''America/New_York''"
    with postgresql_database([f"DO $$ BEGIN EXECUTE format('{zone}', current_database()); END $$"]) as url:
        options = {"session_backend": "sqlalchemy", "session_url": url}
        yield Place(options, "SQLAlchemySession", url.replace("postgresql://", "postgresql+asyncpg://"))


@contextmanager
def mysql(_folder: Path) -> Iterator[Place]:
    with mysql_database() as url:
        options = {"session_backend": "sqlalchemy", "session_url": url}
        yield Place(options, "SQLAlchemySession", url.replace("mysql://", "mysql+aiomysql://"))


@contextmanager
def redis(_folder: Path) -> Iterator[Place]:
    url = server_url("REDIS")
    yield Place({"session_backend": "redis", "redis_url": url}, "RedisSession", url)


@pytest.fixture(params=[sqlite_file, sqlite_url, postgresql, mysql, redis])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with request.param(tmp_path) as place:
        yield place


@pytest.fixture
def chat(place: Place, url: str) -> Iterator[ChatSession]:
    """A conversation of this package in the store, which nobody else has."""
    with DatabaseQueryAgent(url, **place.options) as agent:
        name = f"ann {uuid.uuid4().hex}"
        yield agent.create_session(name)
        agent.delete_session(name)
        assert name not in agent.list_sessions()


def said(chat: ChatSession) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in chat.history()]


def test_each_reads_what_the_other_wrote(place: Place, chat: ChatSession) -> None:
    assert chat.ask(FIRST)["result"] == [(3,)]
    before = said(chat)
    assert before[0] == ("user", FIRST)

    with ModelServer(Text("It is sunny.")) as server:
        assert place.sdk(chat.session_id, "ask", server.base_url) == "It is sunny."
    (request,) = server.requests
    # What a model's server is sent is exactly what was said, without a member that it would refuse.
    past = [{"role": role, "content": content} for role, content in before]
    assert [message for message in request.body["messages"] if message in past] == past
    between = [*before, ("user", "And the weather?"), ("assistant", "It is sunny.")]
    assert said(chat) == between

    assert chat.ask(SECOND)["result"] == [(3,)]
    after = said(chat)
    assert after[:4] == between
    assert after[4] == ("user", SECOND)
    items = place.sdk(chat.session_id, "items")
    texts = [item["content"] for item in items]
    flat = [text if isinstance(text, str) else text[0]["text"] for text in texts]
    assert list(zip((item["role"] for item in items), flat, strict=True)) == after
    assert all(set(item) == {"role", "content"} for item in (*items[:2], *items[4:])), "nothing else of ours in an item"


def test_a_follow_up_keeps_its_plan_beside_the_messages(place: Place, chat: ChatSession, url: str) -> None:
    chat.ask("Show all orders")
    # Another agent, as another process would have, on the same store.
    with DatabaseQueryAgent(url, **place.options) as other:
        assert other.query("How many of them are open?", session=chat.session_id)["result"] == [(2,)]
    assert len(chat.history()) == 4
    assert [message["sql"] for message in chat.history() if message["role"] == "assistant"][1] is not None


def test_what_the_sdk_takes_back_is_gone(place: Place, chat: ChatSession) -> None:
    chat.ask(FIRST)
    chat.ask(SECOND)
    place.sdk(chat.session_id, "take back")
    assert [content for _, content in said(chat)][0::2] == [FIRST, "hm"]
    messages = chat.history()
    assert messages[1]["sql"] is not None
    assert messages[3].get("sql") is None, "the details of what was taken back are no longer told"
    assert place.sdk(chat.session_id, "clear") == []
    assert chat.history() == []
    chat.ask(FIRST)
    assert said(chat)[0] == ("user", FIRST)


@pytest.mark.parametrize("maker", [sqlite_file, sqlite_url, postgresql])
def test_tables_that_the_sdk_made_are_used(maker: Any, url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        place = stack.enter_context(maker(tmp_path))
        place.sdk("ann", "hello")
        agent = stack.enter_context(DatabaseQueryAgent(url, **place.options))
        assert agent.list_sessions() == ["ann"]
        chat = agent.create_session("ann")
        assert chat.ask(FIRST)["result"] == [(3,)]
        assert [content for role, content in said(chat) if role == "user"] == ["hello", FIRST]
