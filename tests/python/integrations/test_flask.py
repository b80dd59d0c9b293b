"""Flask: the specification's view, plain and asynchronous, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient

from db_query_agent import DatabaseQueryAgent


@pytest.fixture
def client(url: str) -> Iterator[FlaskClient]:
    app = Flask(__name__)
    agent = DatabaseQueryAgent(database_url=url)

    @app.route("/query", methods=["POST"])
    def query():  # type: ignore[no-untyped-def]
        return agent.query(request.json["question"])  # type: ignore[index]

    @app.route("/awaited", methods=["POST"])
    async def awaited() -> Any:
        return await agent.query(request.json["question"])  # type: ignore[index]

    @app.route("/unawaited", methods=["POST"])
    async def unawaited() -> Any:
        return agent.query(request.json["question"])  # type: ignore[index]

    @app.route("/jsonify", methods=["POST"])
    def jsonified() -> Any:
        return jsonify(agent.query(request.json["question"]))  # type: ignore[index]

    yield app.test_client()
    agent.close()


@pytest.mark.parametrize("path", ["/query", "/awaited", "/unawaited", "/jsonify"])
def test_a_view_returns_the_answer(client: FlaskClient, path: str) -> None:
    response = client.post(path, json={"question": "How many users are there?"})
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["result"] == [[3]]
    assert "users" in response.json["sql"]
