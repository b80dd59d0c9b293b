"""The key of a model's server: a text, several in turn, or a function."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from db_query_agent import AgentConfig, ConfigurationError, DatabaseQueryAgent, ModelError
from db_query_agent.testing import Fault, ModelServer, Sql

QUESTION = "How many users are there?"
ANSWER = Sql("SELECT count(*) AS n FROM users")

Key = str | Iterable[str] | Callable[[], str]


def agent(url: str, server: ModelServer, key: Key, **options: Any) -> DatabaseQueryAgent:
    given = {"model_strategy": "model", "model": "small", "enable_cache": False, **options}
    return DatabaseQueryAgent(url, key, base_url=server.base_url, **given)


def shown(server: ModelServer) -> list[str]:
    """The keys that came with the requests."""
    return [request.headers["authorization"].removeprefix("Bearer ") for request in server.requests]


def test_several_keys_take_turns_and_a_refused_one_gives_way(url: str) -> None:
    with (
        ModelServer(ANSWER, Fault(401), ANSWER, ANSWER) as server,
        agent(url, server, ("sk-a", "sk-b", "sk-c")) as asked,
    ):
        for _ in range(3):
            assert asked.query(QUESTION)["engine"] == "small"
        assert shown(server)[:3] == ["sk-a", "sk-b", "sk-c"]
        assert "sk-b" not in shown(server)[3:]


def test_several_keys_from_the_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a,sk-b")
    with ModelServer(ANSWER, ANSWER) as server:
        with DatabaseQueryAgent(url, base_url=server.base_url, model_strategy="model", enable_cache=False) as asked:
            asked.query(QUESTION)
            asked.query(QUESTION)
        assert shown(server) == ["sk-a", "sk-b"]
    assert AgentConfig.from_env(url).openai_api_key == ["sk-a", "sk-b"]


def test_a_function_gives_a_key_when_one_is_needed(url: str) -> None:
    callers = []

    def give() -> str:
        callers.append(threading.current_thread())
        return f"sk-{len(callers)}"

    with ModelServer(ANSWER, ANSWER, Fault(401), ANSWER) as server, agent(url, server, give) as asked:
        assert callers == []
        for _ in range(3):
            assert asked.query(QUESTION)["engine"] == "small"
        assert shown(server) == ["sk-1", "sk-1", "sk-1", "sk-2"]
        assert threading.main_thread() not in callers


def test_a_function_may_wait_for_other_threads(url: str) -> None:
    ready, go_on = threading.Event(), threading.Event()

    def give() -> str:
        ready.set()
        assert go_on.wait(30)
        return "sk-late"

    with ModelServer(ANSWER) as server, agent(url, server, give) as asked:
        asking = threading.Thread(target=lambda: asked.query(QUESTION).keys())
        asking.start()
        assert ready.wait(30)
        # Meanwhile this thread has the interpreter, and the runtime serves others.
        assert asked.get_schema_info()["total_tables"] == 2
        go_on.set()
        asking.join()
        assert shown(server) == ["sk-late"]


@pytest.mark.parametrize(
    ("give", "words"),
    [
        (lambda: {}["sk-canary"], "raised `KeyError`"),
        (lambda: 7, "gave something else than a text"),
        (lambda: " ", "gave an empty text"),
    ],
)
def test_a_function_that_fails_is_an_error_without_its_words(url: str, give: Any, words: str) -> None:
    with ModelServer() as server, agent(url, server, give) as asked:
        with pytest.raises(ModelError, match=words) as raised:
            asked.query(QUESTION)
        assert raised.value.code == "model_authentication"
        assert "sk-canary" not in f"{raised.value!r}{raised.value}{raised.value.hint}"


def test_a_function_counts_as_a_key(url: str) -> None:
    options = AgentConfig.from_env(url, give := (lambda: "sk-a"), model_strategy="model")
    assert options.openai_api_key is give
    with DatabaseQueryAgent.from_config(options):
        pass
    with pytest.raises(ConfigurationError, match="needs a model"):
        DatabaseQueryAgent(url, model_strategy="model")


def test_what_else_a_request_carries(url: str) -> None:
    options = {
        "openai_organization": "org-1",
        "openai_project": "proj-2",
        "model_headers": {"X-Team": "billing", "Api-Key": "sk-canary"},
    }
    with ModelServer(ANSWER) as server, agent(url, server, "sk-a", **options) as asked:
        asked.query(QUESTION)
        sent = server.requests[0].headers
        named = {name: sent[name] for name in ("openai-organization", "openai-project", "x-team", "api-key")}
        assert list(named.values()) == ["org-1", "proj-2", "billing", "sk-canary"]
    config = AgentConfig.from_env(url, ["sk-canary"], **options)
    assert "sk-canary" not in repr(config)
    assert config.model.model_headers == options["model_headers"]


def test_the_way_leads_through_a_proxy(url: str) -> None:
    with ModelServer(ANSWER) as proxy:
        address = proxy.base_url.replace("http://", "http://ann:secret@").removesuffix("/v1")
        with DatabaseQueryAgent(
            url, base_url="http://127.0.0.1:1/v1", model_proxy=address, model_strategy="model"
        ) as asked:
            assert asked.query(QUESTION)["result"] == [(3,)]
        assert proxy.requests[0].path == "http://127.0.0.1:1/v1/chat/completions"
        assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
