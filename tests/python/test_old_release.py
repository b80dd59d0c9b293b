"""Names and behaviours of the released 0.1.4 that programs rely on."""

from __future__ import annotations

from typing import Any

import pytest

from db_query_agent import (
    AgentConfig,
    ConfigurationError,
    DatabaseConfig,
    DatabaseQueryAgent,
    ModelConfig,
    QueryValidator,
    SafetyConfig,
    SessionManager,
)

SECRET = "sk-s3cr3t"
QUESTION = "How many users are there?"


def test_options_can_be_read_from_an_agent(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAST_MODEL", "small")
    with DatabaseQueryAgent.from_env(
        database_url=url, openai_api_key=SECRET, enable_streaming=True, session_backend="memory", complex_model="large"
    ) as agent:
        assert isinstance(agent.config, AgentConfig)
        assert agent.config.openai_api_key == SECRET
        assert (agent.config.model.fast_model, agent.config.model.complex_model) == ("small", "large")
        assert agent.config.cache.enabled is True
        assert agent.config.safety.read_only is True
        assert (agent.enable_streaming, agent.enable_statistics) == (True, True)
        assert (agent.session_backend, agent.session_db_path) == ("memory", None)
        assert SECRET not in repr(agent.config)


def test_the_options_of_an_agent_do_not_hold_the_password_of_its_url() -> None:
    with DatabaseQueryAgent(f"postgresql://somebody:{SECRET}@127.0.0.1:1/nothing") as agent:
        assert "somebody" in agent.config.database.url
        assert SECRET not in str(agent.config.to_options())


def test_counts_can_be_read_by_their_old_name(agent: DatabaseQueryAgent, url: str) -> None:
    agent.query(QUESTION)
    assert agent.stats is not None
    assert agent.stats["total_queries"] == agent.get_stats()["total_queries"] == 1
    with DatabaseQueryAgent(url, enable_statistics=False) as silent:
        assert silent.stats is None


def test_groups_of_options_make_an_agent(url: str) -> None:
    config = AgentConfig(
        openai_api_key=SECRET,
        database=DatabaseConfig(url=url, pool_size=2),
        model=ModelConfig(strategy="offline", temperature=0.5),
        safety=SafetyConfig(allowed_tables=["users"], max_result_rows=2),
        use_embeddings=False,
        enable_streaming=True,
    )
    with DatabaseQueryAgent.from_config(config) as agent:
        assert list(agent.get_schema()) == ["users"]
        assert agent.query("Show all users")["row_count"] == 2
        assert agent.enable_streaming
    config.database.connect_args = {"sslmode": SECRET}
    with pytest.raises(ConfigurationError, match="connect_args") as caught:
        DatabaseQueryAgent.from_config(config)
    assert SECRET not in str(caught.value)


def test_flags_leave_their_part_out(agent: DatabaseQueryAgent) -> None:
    assert agent.query(QUESTION, return_sql=False)["sql"] is None
    assert agent.query(QUESTION, return_natural_response=False)["natural_response"] is None
    unread = agent.query(QUESTION, return_results=False)
    assert (unread["result"], unread["row_count"]) == (None, 0)
    assert unread["sql"]


def test_a_conversation_is_equal_to_itself(agent: DatabaseQueryAgent, url: str) -> None:
    manager = SessionManager()
    assert manager.create_session("a") == manager.create_session("a") == manager.get_session("a")
    assert manager.create_session("a") != manager.create_session("b")
    assert len({agent.create_session("a"), agent.create_session("a")}) == 1
    with DatabaseQueryAgent(url) as other:
        assert agent.create_session("a") != other.create_session("a")


@pytest.mark.parametrize(
    ("sql", "options", "words"),
    [
        ("", {}, ["Empty query"]),
        ("SELECT " + "x" * 100, {"max_query_length": 50}, ["too long"]),
        ("DROP TABLE users", {}, ["not allowed", "read-only"]),
        ("INSERT INTO users VALUES (1)", {}, ["not allowed", "read-only"]),
        ("SELECT * FROM admin", {"blocked_tables": ["admin", "secrets"]}, ["blocked"]),
        ("SELECT * FROM admin_log", {"blocked_tables": ["admin*"]}, ["blocked"]),
        ("SELECT * FROM products", {"allowed_tables": ["users"]}, ["not in allowed list"]),
    ],
)
def test_a_validator_says_why_in_words_that_were_looked_for(
    sql: str, options: dict[str, Any], words: list[str]
) -> None:
    verdict = QueryValidator(**options).validate(sql)
    assert not verdict.is_valid
    assert all(word in (verdict.error or "") for word in words), verdict.error


def test_the_tables_of_a_validator_are_sets() -> None:
    validator = QueryValidator(allowed_tables=["users", "orders"], blocked_tables=["admin"])
    assert (validator.allowed_tables, validator.blocked_tables) == ({"users", "orders"}, {"admin"})
