"""What an agent is taught: examples, documentation and tools, as a user writes them."""

from __future__ import annotations

import enum
import sqlite3
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import pytest

from db_query_agent import ConfigurationError, DatabaseQueryAgent, ValidationError, _tools
from db_query_agent.testing import ModelServer, Sql


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as shop:
        shop.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, last_order DATE)")
        shop.execute("INSERT INTO customers VALUES (1, 'Ada', '2026-11-01'), (2, 'Bob', '2020-01-01')")
    shop.close()
    return f"sqlite:///{path}"


def test_what_is_taught_reaches_the_model_and_answers_its_own_question(url: str) -> None:
    statement = "SELECT name FROM customers WHERE last_order > '2026-08-01'"
    with (
        ModelServer(Sql("SELECT count(*) AS n FROM customers")) as server,
        DatabaseQueryAgent(url, base_url=server.base_url, model_strategy="model") as agent,
    ):
        agent.add_example("Who are our active customers?", statement)
        agent.add_documentation("A customer is dormant who has not ordered for a year.")
        assert agent.query("who are our active customers")["result"] == [("Ada",)]
        assert agent.examples == [("Who are our active customers?", statement)]
        agent.query("how many of the dormant and active customers are there by flumph?")
    told = server.requests[0].text
    assert statement in told
    assert "has not ordered for a year" in told


def test_what_may_not_run_is_not_taught(url: str) -> None:
    with DatabaseQueryAgent(url, model_strategy="offline") as agent:
        with pytest.raises(ValidationError):
            agent.add_example("tidy up", "DELETE FROM customers")
        with pytest.raises(ConfigurationError):
            agent.add_documentation(" ")
        agent.add_example("everyone", "SELECT name FROM customers")
        agent.clear_training()
        assert agent.examples == []


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


def test_a_function_becomes_a_tool() -> None:
    def paint(
        wall: Annotated[str, "which wall"],
        colour: Colour,
        coats: int = 1,
        finish: Literal["matt", "gloss"] = "matt",
        notes: Optional[list[str]] = None,  # noqa: UP045 - the older spelling counts too
    ) -> dict[str, Any]:
        """Paint a wall."""
        return {"wall": wall, "colour": colour.name, "coats": coats}

    name, about, schema = _tools.describe(paint, None, None)
    assert (name, about, schema["required"]) == ("paint", "Paint a wall.", ["wall", "colour"])
    assert schema["properties"] == {
        "wall": {"type": "string", "description": "which wall"},
        "colour": {"enum": ["red", "blue"]},
        "coats": {"type": "integer"},
        "finish": {"enum": ["matt", "gloss"]},
        "notes": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
    }
    assert _tools.caller(paint)('{"wall": "north", "colour": "blue"}') == (
        '{"wall": "north", "colour": "BLUE", "coats": 1}'
    )

    async def later(day: str) -> str:
        """Tell the day after."""
        return f"after {day}"

    assert _tools.caller(later)('{"day": "Monday"}') == "after Monday"


def test_a_function_that_no_model_can_call_is_refused(url: str) -> None:
    def silent(day: str) -> str:
        return day

    def untyped(day) -> str:  # type: ignore[no-untyped-def]
        """Tell the day."""
        return str(day)

    def greedy(*days: str) -> str:
        """Tell the days."""
        return str(days)

    def odd(day: complex) -> str:
        """Tell the day."""
        return str(day)

    with DatabaseQueryAgent(url, model_strategy="offline") as agent:
        for function in (silent, untyped, greedy, odd):
            with pytest.raises(ConfigurationError, match=f"`{function.__name__}`"):
                agent.add_tool(function)
        with pytest.raises(ConfigurationError, match="of its own"):
            agent.add_tool(silent, name="execute_query", description="Run it.")
        assert agent.add_tool(silent, description="Tell the day.") is silent
