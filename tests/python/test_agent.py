"""The agent beside its answers: flags, streams, conversations, schema, statistics, its end."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest

from db_query_agent import (
    AgentConfig,
    ConfigurationError,
    DatabaseConfig,
    DatabaseQueryAgent,
    DatabaseQueryAgentError,
    QueryResult,
    QuestionError,
    SafetyConfig,
    ValidationError,
    _core,
)

QUESTION = "How many users are there?"


def test_flags_leave_out_what_is_not_wanted(agent: DatabaseQueryAgent) -> None:
    result = agent.query(QUESTION, return_sql=False, return_natural_response=False)
    assert result["sql"] is None
    assert result["natural_response"] is None
    assert result["result"] == [(3,)]


def test_the_clock_can_be_set(agent: DatabaseQueryAgent) -> None:
    now = datetime.datetime(2024, 3, 15, 12, 0)
    assert agent.query("How many users joined last month?", now=now)["result"] == [(1,)]
    # As web frameworks give it.
    there = now.replace(tzinfo=datetime.timezone.utc)
    assert agent.query("How many users joined last month?", now=there)["result"] == [(1,)]
    assert list(agent.query_events("How many users joined last month?", now=there))[-1].value["result"] == [(1,)]


def test_text_streams_in_a_script_and_in_a_loop(agent: DatabaseQueryAgent) -> None:
    whole = agent.query(QUESTION)["natural_response"]
    stream = agent.query_stream(QUESTION)
    assert "".join(stream) == whole
    assert stream.result is not None
    assert stream.result["result"] == [(3,)]

    async def main() -> str:
        return "".join([piece async for piece in agent.query_stream(QUESTION)])

    assert asyncio.run(main()) == whole


def test_events_come_in_order_and_end_with_the_answer(agent: DatabaseQueryAgent) -> None:
    events = list(agent.query_events(QUESTION))
    assert events[0].kind == "status"
    kinds = [event.kind for event in events]
    assert kinds.index("sql") < kinds.index("rows") < kinds.index("text") < kinds.index("done")
    assert kinds.count("done") == 1
    assert isinstance(events[-1].value, QueryResult)
    assert next(event.value for event in events if event.kind == "rows") == {
        "count": 1,
        "columns": ["count"],
        "truncated": False,
    }


def test_a_stream_raises_what_went_wrong(agent: DatabaseQueryAgent) -> None:
    with pytest.raises(QuestionError):
        list(agent.query_stream(""))
    stream = agent.query_events("")
    with pytest.raises(QuestionError):
        list(stream)


def test_a_stream_that_is_left_early_frees_the_agent(agent: DatabaseQueryAgent) -> None:
    stream = agent.query_events(QUESTION)
    next(stream)
    stream.close()
    assert list(stream) == []
    assert agent.query(QUESTION)["result"] == [(3,)]


def test_conversations_are_kept_by_name(agent: DatabaseQueryAgent) -> None:
    session = agent.create_session("ann")
    assert agent.list_sessions() == ["ann"]
    assert session.history() == []
    session.ask(QUESTION)
    user, assistant = session.history()
    assert (user["role"], user["content"]) == ("user", QUESTION)
    assert assistant["role"] == "assistant"
    assert "users" in assistant["sql"]
    agent.query(QUESTION, session="bob")
    agent.query(QUESTION, session=session.session)
    assert set(agent.list_sessions()) == {"ann", "bob"}
    assert len(session.history()) == 4
    session.clear()
    assert session.history() == []
    agent.delete_session("bob")
    assert agent.list_sessions() == ["ann"]
    assert agent.get_session_history("bob") is None


def test_a_conversation_can_be_cleared_with_await(agent: DatabaseQueryAgent) -> None:
    async def main() -> None:
        session = agent.create_session("ann")
        await session.ask(QUESTION)
        await session.clear()
        assert session.history() == []

    asyncio.run(main())


def test_conversations_in_a_file_outlive_the_agent(url: str, tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with DatabaseQueryAgent(url, session_db_path=path) as agent:
        agent.create_session("ann").ask(QUESTION)
    with DatabaseQueryAgent(url, session_db_path=path) as agent:
        assert next(message["content"] for message in agent.get_session_history("ann") or []) == QUESTION


def test_what_is_no_question_and_no_session_is_named(agent: DatabaseQueryAgent) -> None:
    with pytest.raises(TypeError, match="list"):
        agent.query(["how many?"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int"):
        agent.query(QUESTION, session=7)


def test_schema_has_the_shape_of_the_old_release(agent: DatabaseQueryAgent) -> None:
    schema = agent.get_schema()
    assert set(schema) == {"users", "orders"}
    orders = schema["orders"]
    assert orders["primary_keys"] == ["id"]
    assert [column["name"] for column in orders["columns"]] == ["id", "user_id", "total", "status"]
    assert "user_id" in orders["columns"]
    assert "missing" not in orders["columns"]
    assert orders["columns"]["total"]["nullable"] is False
    (key,) = orders["foreign_keys"]
    assert (key["columns"], key["referred_table"], key["referred_columns"]) == (["user_id"], "users", ["id"])
    assert [index["name"] for index in orders["indexes"]] == ["orders_status"]


def test_schema_info_counts_and_relates(agent: DatabaseQueryAgent) -> None:
    info = agent.get_schema_info()
    assert info["total_tables"] == 2
    assert info["relationships"] == [
        {"from_table": "orders", "from_columns": ["user_id"], "to_table": "users", "to_columns": ["id"]}
    ]
    assert info["tables"]["orders"]["foreign_keys"][0]["constrained_columns"] == ["user_id"]
    bare = agent.get_schema_info(include_foreign_keys=False)
    assert bare["relationships"] is None
    assert bare["tables"]["orders"]["foreign_keys"] is None


def test_blocked_tables_are_neither_shown_nor_read(url: str) -> None:
    with DatabaseQueryAgent(url, blocked_tables=("orders",)) as agent:
        assert set(agent.get_schema()) == {"users"}
        with pytest.raises(ValidationError) as caught:
            agent.run_sql("SELECT * FROM orders")
    assert (caught.value.code, caught.value.rule) == ("sql_rejected", "allowed_relation")
    assert caught.value.sql == "SELECT * FROM orders"


def test_statistics_count(agent: DatabaseQueryAgent, url: str) -> None:
    agent.query(QUESTION)
    with pytest.raises(QuestionError):
        agent.query("")
    stats = agent.get_stats()
    assert (stats["total_queries"], stats["successful_queries"], stats["failed_queries"]) == (2, 1, 1)
    assert stats["schema_tables"] == 2
    assert stats["pool"]["size"] == 10
    assert stats["sessions"]["total_sessions"] == 0
    # The schema; what the offline engine proposes costs nothing to propose again.
    assert stats["cache"] == {"total_entries": 1, "active_entries": 1, "expired_entries": 0, "hits": 0}
    with DatabaseQueryAgent(url, enable_statistics=False) as silent:
        silent.query(QUESTION)
        assert "total_queries" not in silent.get_stats()


def test_own_statements_pass_the_same_guard(agent: DatabaseQueryAgent) -> None:
    result = agent.run_sql("SELECT name FROM users ORDER BY id")
    assert result["result"] == [("Ann",), ("Bob",), ("Cleo",)]
    assert result["columns"] == ["name"]
    # Whoever shows answers need not know where they came from.
    assert set(result) == set(agent.query(QUESTION))
    assert result["execution_time"] > 0
    assert result["natural_response"] == ""
    with pytest.raises(ValidationError):
        agent.run_sql("DELETE FROM users")
    assert agent.query(QUESTION)["result"] == [(3,)]


def test_rows_are_capped_and_said_so(url: str) -> None:
    with DatabaseQueryAgent(url, max_result_rows=2) as agent:
        result = agent.run_sql("SELECT id FROM users ORDER BY id")
        assert result["result"] == [(1,), (2,)]
        assert result["truncated"] is True
        assert agent.run_sql("SELECT id FROM users WHERE id < 3")["truncated"] is False


def test_failures_can_come_back_in_the_result(url: str) -> None:
    with DatabaseQueryAgent(url, on_error="return") as agent:
        result = agent.query("")
        assert result["error"]["code"] == "empty_question"
        assert result["error"]["type"] == "QuestionError"
        assert result["result"] == []
        assert result["sql"] is None
        assert "".join(agent.query_stream("")) == result["natural_response"]
        assert asyncio.run(_awaited(agent))["error"]["code"] == "empty_question"
        assert agent.query(QUESTION)["error"] is None


async def _awaited(agent: DatabaseQueryAgent) -> QueryResult:
    return await agent.query("")


def test_a_closed_agent_says_so(url: str) -> None:
    agent = DatabaseQueryAgent(url)
    agent.close()
    agent.close()
    with pytest.raises(DatabaseQueryAgentError) as caught:
        agent.query(QUESTION)
    assert caught.value.code == "closed"


def test_an_agent_is_a_context_for_both_worlds(url: str) -> None:
    async def main() -> None:
        async with DatabaseQueryAgent(url) as agent:
            assert (await agent.query(QUESTION))["result"] == [(3,)]
        with pytest.raises(DatabaseQueryAgentError):
            await agent.query(QUESTION)

    asyncio.run(main())


def test_grouped_options_make_the_same_agent(url: str) -> None:
    config = AgentConfig(database=DatabaseConfig(url=url), safety=SafetyConfig(max_result_rows=1))
    with DatabaseQueryAgent.from_config(config) as agent:
        assert agent.run_sql("SELECT id FROM users")["row_count"] == 1


def test_every_option_of_the_core_is_an_argument() -> None:
    import inspect

    arguments = inspect.signature(DatabaseQueryAgent).parameters
    options = {option["name"] for option in _core.options()}
    assert options == set(arguments) - {"unknown"}
    docs = inspect.getdoc(DatabaseQueryAgent.__init__) or ""
    for option in options:
        assert f"    {option}: " in docs, f"`{option}` is not described"
    for option in _core.options():
        if option["environment"]:
            assert f"`{option['environment']}`" in docs


def test_positional_arguments_stand_where_they_stood() -> None:
    import inspect

    positional = [
        name
        for name, parameter in inspect.signature(DatabaseQueryAgent).parameters.items()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    assert positional[:3] == ["database_url", "openai_api_key", "model_strategy"]
    assert positional[-2:] == ["session_backend", "session_db_path"]


def test_options_that_do_less_than_they_say_warn(url: str) -> None:
    with pytest.warns(UserWarning, match="read_only"):
        DatabaseQueryAgent(url, read_only=False).close()


def test_warming_up_finds_what_is_wrong_at_once(tmp_path: Path) -> None:
    missing = f"sqlite:///{tmp_path / 'missing.db'}"
    DatabaseQueryAgent(missing).close()
    with pytest.raises(DatabaseQueryAgentError) as caught:
        DatabaseQueryAgent(missing, warmup_on_init=True)
    assert caught.value.code == "database_not_found"
    with pytest.raises(ConfigurationError):
        DatabaseQueryAgent()
