"""Callers: whose rows, whose columns, and what is said of the rest, as a program passes them."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import json
import logging
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import pytest

from db_query_agent import (
    AccessError,
    AgentConfig,
    Caller,
    ConfigurationError,
    DatabaseQueryAgent,
    QueryResult,
    SafetyConfig,
    ValidationError,
)

SHOP = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant TEXT, total INTEGER, card TEXT);
INSERT INTO orders VALUES (1, 'acme', 10, '4000-1'), (2, 'bolt', 20, '4000-2'), (3, 'acme', 30, '4000-3');
CREATE TABLE salaries (id INTEGER PRIMARY KEY, amount INTEGER);
INSERT INTO salaries VALUES (1, 900);
"""
FILTERS = {"orders": "tenant = :tenant"}
ROLES = {
    "clerk": {"allowed_tables": ("orders",), "masked_columns": {"card"}, "row_filters": FILTERS},
    "boss": {"blocked_tables": ["salaries"]},
}
ACME = Caller("ann", roles=["clerk"], attributes={"tenant": "acme"})
BOLT = Caller("bob", roles=["clerk"], attributes={"tenant": "bolt"})
COUNT = "how many orders are there?"


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(SHOP)
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture
def agent(url: str) -> Any:
    with DatabaseQueryAgent(url, model_strategy="offline", roles=ROLES) as agent:
        yield agent


def counted(result: QueryResult) -> Any:
    return result["result"][0][0]


def test_every_way_to_ask_takes_a_caller(agent: DatabaseQueryAgent) -> None:
    assert counted(agent.query(COUNT, caller=ACME)) == 2
    assert counted(agent.query(COUNT, caller=BOLT)) == 1
    assert agent.run_sql("SELECT id FROM orders ORDER BY id", caller=ACME)["result"] == [(1,), (3,)]
    stream = agent.query_stream(COUNT, caller=BOLT)
    assert "1" in "".join(stream)
    assert stream.result is not None
    assert counted(stream.result) == 1
    assert counted(list(agent.query_events(COUNT, caller=BOLT))[-1].value) == 1
    assert list(agent.get_schema(caller=ACME)) == ["orders"]
    assert agent.get_schema_info(caller=ACME)["total_tables"] == 1


def test_inside_an_event_loop_callers_do_not_mix(agent: DatabaseQueryAgent) -> None:
    async def ask() -> list[Any]:
        asked = [agent.query(COUNT, caller=caller) for caller in (ACME, BOLT) * 10]
        return [counted(await result) for result in asked]

    async def stream() -> Any:
        stream = agent.query_stream(COUNT, caller=ACME)
        async for _piece in stream:
            pass
        assert stream.result is not None
        return counted(stream.result)

    assert asyncio.run(ask()) == [2, 1] * 10
    assert asyncio.run(stream()) == 2


def test_a_conversation_is_its_callers(agent: DatabaseQueryAgent) -> None:
    chat = agent.create_session("hers", caller=ACME)
    assert counted(chat.ask(COUNT)) == 2
    assert counted(agent.query(COUNT, session="hers")) == 2, "by its name alone, as well"
    assert len(chat.history()) == 4
    for breach in (
        lambda: chat.ask(COUNT, caller=BOLT),
        lambda: agent.query(COUNT, session="hers", caller=BOLT),
        lambda: agent.create_session("hers", caller=BOLT),
        lambda: agent.get_session_history("hers", caller=BOLT),
    ):
        with pytest.raises(AccessError) as caught:
            breach()
        assert (caught.value.code, caught.value.category) == ("other_caller", "user")


def test_a_caller_without_a_role_or_an_attribute_is_refused(agent: DatabaseQueryAgent) -> None:
    for caller in (None, Caller("eve"), Caller("eve", ["guest"])):
        with pytest.raises(AccessError) as caught:
            agent.query(COUNT, caller=caller)
        assert (caught.value.code, caught.value.category) == ("no_role", "user")
        assert caught.value.hint
        assert "roles" in caught.value.hint
    with pytest.raises(ValidationError) as lacking:
        agent.query(COUNT, caller=Caller("ann", ["clerk"]))
    assert (lacking.value.code, lacking.value.rule) == ("sql_rejected", "row_filter")
    assert "`tenant`" in lacking.value.message


def test_masks_reach_rows_sentences_and_exports(agent: DatabaseQueryAgent, tmp_path: Path) -> None:
    result = agent.run_sql("SELECT id, card FROM orders ORDER BY id", caller=ACME)
    assert result["result"] == [(1, "***"), (3, "***")]
    assert result["warnings"] == ["column `card` is masked"]
    result.to_parquet(tmp_path / "orders.parquet")
    exports = [result.to_csv(), result.to_json(whole=True), result._repr_html_(), str(result.to_pandas())]
    exports += [str(result.to_polars()), str(result.to_arrow()), repr(result), json.dumps(result)]
    assert not any("4000" in str(text) for text in exports)
    assert b"4000-" not in (tmp_path / "orders.parquet").read_bytes()
    answer = agent.query("show the card of every order", caller=ACME)
    assert "4000-" not in repr(answer)
    assert "***" in repr(answer)
    boss = agent.run_sql("SELECT card FROM orders WHERE id = 1", caller=Caller("max", ["boss"]))
    assert boss["result"] == [("4000-1",)]


def test_hidden_and_absent_differ_unless_concealed(url: str) -> None:
    question = "how many salaries are there?"
    with DatabaseQueryAgent(url, model_strategy="offline", blocked_tables=["salaries"]) as agent:
        answer = agent.query(question)
        assert answer["needs_clarification"]
        assert "`salaries` may not be read" in answer["clarification_question"]
        with pytest.raises(ValidationError, match="`salaries` may not be read"):
            agent.run_sql("SELECT * FROM salaries")
    options: dict[str, Any] = {"blocked_tables": ["salaries"], "conceal_forbidden": True}
    with DatabaseQueryAgent(url, model_strategy="offline", **options) as agent:
        assert "salaries` may not be read" not in repr(agent.query(question))
        messages = []
        for name in ("salaries", "solaries"):
            with pytest.raises(ValidationError) as caught:
                agent.run_sql(f"SELECT id FROM {name}")
            messages.append(repr(caught.value.to_dict()).replace(name, "…"))
        assert messages[0] == messages[1]


def test_attributes_of_each_kind_are_bound(url: str) -> None:
    day, moment = datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 30)
    some = uuid.uuid4()
    values = [
        ("text", "it's", "'it''s'"),
        ("whole", 7, "7"),
        ("truth", True, "1"),
        ("number", 0.25, "0.25"),
        ("decimal", decimal.Decimal("1E+3"), "1000"),
        ("day", day, "'2024-02-29'"),
        ("moment", moment, "'2024-02-29 12:30:00'"),
        ("uuid", some, f"'{some}'"),
        ("caller_id", "zed", "'zed'"),
    ]
    conditions = [f":{name} = {literal}" for name, _value, literal in values]
    condition = " AND ".join([*conditions, "id IN (:ids)", ":nothing IS NULL"])
    attributes = {name: value for name, value, _literal in values if name != "caller_id"}
    caller = Caller("zed", attributes=attributes | {"ids": [1, 3], "nothing": None})
    with DatabaseQueryAgent(url, model_strategy="offline", row_filters={"orders": condition}) as agent:
        assert agent.run_sql("SELECT id FROM orders ORDER BY id", caller=caller)["result"] == [(1,), (3,)]
        for wrong in (object(), float("nan"), decimal.Decimal("NaN"), b"S3CR3T", {"S3CR3T": 1}, [[1]]):
            with pytest.raises(AccessError) as caught:
                agent.run_sql("SELECT id FROM orders", caller=Caller("zed", attributes={"ids": wrong}))
            assert caught.value.code == "invalid_caller"
            assert "`ids`" in caught.value.message
            assert "S3CR3T" not in repr(caught.value)


def test_values_of_attributes_stay_out_of_texts(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caller = Caller("ann", ["clerk"], {"tenant": "S3CR3T"})
    assert repr(caller) == "Caller('ann', roles=['clerk'], attributes=['tenant'])"
    with pytest.raises(AttributeError):
        caller.id = "max"  # type: ignore[misc]
    for arguments in ((7,), ("ann", "clerk")):
        with pytest.raises(TypeError):
            Caller(*arguments)  # type: ignore[arg-type]
    with caplog.at_level(logging.DEBUG), DatabaseQueryAgent(url, model_strategy="offline", roles=ROLES) as agent:
        answer = agent.query(COUNT, caller=caller)
        assert counted(answer) == 0
        with pytest.raises(ValidationError) as caught:
            agent.run_sql("SELECT nothing_of_the_kind(tenant) FROM orders", caller=caller)
    assert "S3CR3T" not in repr(answer) + caplog.text + repr(caught.value.to_dict())
    assert not {":", "?"} & {*answer["sql"]}, "the statement is shown as it was proposed"


def test_options_may_come_from_a_class_or_the_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESS_ROLES", json.dumps({"clerk": {"allowed_tables": ["orders"]}}))
    monkeypatch.setenv("BLOCKED_COLUMNS", "card")
    config = AgentConfig.from_env(url)
    assert isinstance(config.safety, SafetyConfig)
    assert config.safety.roles is not None
    assert config.safety.roles["clerk"]["allowed_tables"] == ["orders"]
    monkeypatch.delenv("ACCESS_ROLES")
    monkeypatch.delenv("BLOCKED_COLUMNS")
    with DatabaseQueryAgent.from_config(config) as agent:
        schema = agent.get_schema(caller=Caller("ann", ["clerk"]))
        assert list(schema) == ["orders"]
        assert "card" not in schema["orders"]["columns"]
    with pytest.raises(ConfigurationError, match=r"role `clerk` cannot have an option `row_filter`"):
        DatabaseQueryAgent(url, roles={"clerk": {"row_filter": {}}})
    with pytest.raises(ConfigurationError, match=r"`row_filters` of `orders`"):
        DatabaseQueryAgent(url, row_filters={"orders": "tenant = "})
