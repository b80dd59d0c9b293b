"""The model's answer as a Pydantic model."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pydantic
import pytest

from db_query_agent import DatabaseQueryAgent, QueryResponse
from db_query_agent.testing import ScriptedModel


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as shop:
        shop.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
        shop.execute("INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob')")
    shop.close()
    return f"sqlite:///{path}"


def test_a_strong_model_is_asked_for_this_form_and_its_answer_is_read(url: str) -> None:
    answer = QueryResponse(
        sql="SELECT count(*) AS n FROM users",
        explanation="Counts the users.",
        confidence=0.8,
        answer_template="There are {n} users.",
        assumptions=["robots are users, too"],
    )
    question = "for each flumph, how many users are there per glorp and quux?"
    with ScriptedModel({question: answer}) as model:
        options = model.options | {"model": None, "fast_model": "small", "complex_model": "large"}
        with DatabaseQueryAgent(url, balanced_model="large", **options) as agent:
            result = agent.query(question)
    form = model.requests[0].body["response_format"]["json_schema"]["schema"]
    assert form["properties"].keys() == QueryResponse.model_fields.keys()
    assert result["natural_response"] == "There are 2 users."
    response = result.to_response()
    assert (response.sql, response.confidence) == (answer.sql, answer.confidence)
    assert response.assumptions == answer.assumptions


def test_a_model_that_asks_back(url: str) -> None:
    back = QueryResponse(needs_clarification=True, clarification_question="Which users?", confidence=0.2)
    with ScriptedModel({"how many of them?": back}) as model, DatabaseQueryAgent(url, **model.options) as agent:
        response = agent.query("how many of them?").to_response()
    assert (response.needs_clarification, response.clarification_question) == (True, "Which users?")


def test_what_is_no_such_answer_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError):
        QueryResponse(sql="SELECT 1", confidence=2)
    with pytest.raises(pydantic.ValidationError):
        QueryResponse.model_validate({"sql": "SELECT 1", "mood": "good"})
