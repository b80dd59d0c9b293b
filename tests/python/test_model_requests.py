"""What goes out to a model, read from the requests that its server received."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db_query_agent import DatabaseQueryAgent
from db_query_agent.testing import ModelServer, Sql, Text

KEY = "sk-canary-1f0c9a"
VALUES = ("Quorbizant", "Velmitrope", "zeph@hidden.example", "8214-77-5561", "snarkled", "frumbious", "4711.25")
STORED = f"""
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, tax_number TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), status TEXT, total REAL);
INSERT INTO customers VALUES (1, '{VALUES[0]}', '{VALUES[2]}', '{VALUES[3]}'), (2, '{VALUES[1]}', NULL, NULL);
INSERT INTO orders VALUES (1, 1, '{VALUES[4]}', {VALUES[6]}), (2, 2, '{VALUES[5]}', 12), (3, 1, '{VALUES[4]}', 3);
"""


@pytest.fixture
def stored(tmp_path: Path) -> str:
    path = tmp_path / "stored.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(STORED)
    return f"sqlite:///{path}"


def leaked(server: ModelServer, *allowed: str) -> list[str]:
    """The secrets and stored values in the bodies that went out."""
    sent = "\n".join(json.dumps(request.body, ensure_ascii=False) for request in server.requests).lower()
    assert sent
    secrets = [KEY, *(value for value in VALUES if value not in allowed)]
    return [secret for secret in secrets if secret.lower() in sent]


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_no_key_and_no_stored_value_leaves_beyond_the_words_of_the_questions(stored: str, api: str) -> None:
    answers = [
        Sql("SELECT name, email, tax_number FROM customers"),
        Sql("SELECT nothing FROM customers"),
        Sql("SELECT * FROM orders"),
        Sql(f"SELECT count(*) AS n FROM orders WHERE status = '{VALUES[4]}'"),
        Sql("SELECT name, total FROM orders JOIN customers ON customers.id = customer_id"),
        Text("I do not know."),
    ]
    with (
        ModelServer(*answers, repeat=True) as server,
        DatabaseQueryAgent(
            stored,
            KEY,
            base_url=server.base_url,
            model="small",
            model_strategy="model",
            openai_api=api,
            on_error="return",
        ) as agent,
    ):
        session = agent.create_session("leaks")
        questions = (
            "show all customers",
            "show all orders",
            f"how many orders are {VALUES[4]}?",
            "which customers have paid the most?",
            "and how many orders is that for each status?",
        )
        said = [session.ask(question)["natural_response"] or "" for question in questions]
        "".join(agent.query_stream("list the names of customers with open orders"))
        assert leaked(server, VALUES[4]) == []
        # What stays at home was there to leak: the answers hold it.
        assert any(VALUES[0] in text for text in said)
        assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}


def test_a_value_that_is_allowed_to_leave_does(stored: str) -> None:
    """The test above can fail: what it looks for is found where it is allowed."""
    question = f"how many orders of {VALUES[0]} are there?"
    with (
        ModelServer(Sql("SELECT count(*) AS n FROM orders")) as server,
        DatabaseQueryAgent(stored, KEY, base_url=server.base_url, model="small", model_strategy="model") as agent,
    ):
        agent.query(question)
        assert leaked(server) == [VALUES[0]]
