"""FastAPI: the specification's handler, and others that return a result, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from db_query_agent import DatabaseQueryAgent

QUESTION = "How many users are there?"


@pytest.fixture
def client(url: str) -> Iterator[TestClient]:
    app = FastAPI()
    agent = DatabaseQueryAgent(database_url=url)

    @app.post("/query")
    async def query_db(question: str):  # type: ignore[no-untyped-def]
        return agent.query(question)

    @app.post("/awaited")
    async def awaited(question: str) -> dict[str, Any]:
        return await agent.query(question)

    @app.post("/sync")
    def sync(question: str) -> dict[str, Any]:
        return agent.query(question)

    @app.post("/typed")
    async def typed(question: str) -> dict[str, Any]:
        return agent.query(question)

    @app.post("/nested")
    async def nested(question: str):  # type: ignore[no-untyped-def]
        return {"answer": agent.query(question)}

    @app.post("/response")
    async def response(question: str) -> JSONResponse:
        return JSONResponse(agent.query(question))

    @app.post("/several")
    async def several(question: str) -> list[Any]:
        return await asyncio.gather(*[agent.query(question) for _ in range(10)])

    @app.post("/everybody")
    async def everybody():  # type: ignore[no-untyped-def]
        return agent.run_sql("SELECT name, joined FROM users ORDER BY id")

    with TestClient(app) as client:
        yield client
    agent.close()


@pytest.mark.parametrize("path", ["/query", "/awaited", "/sync", "/typed", "/response"])
def test_a_handler_returns_the_answer(client: TestClient, path: str) -> None:
    for _ in range(3):
        response = client.post(path, params={"question": QUESTION})
        assert response.status_code == 200
        assert response.json()["result"] == [[3]]
        assert "users" in response.json()["sql"]


def test_a_handler_nests_the_answer(client: TestClient) -> None:
    assert client.post("/nested", params={"question": QUESTION}).json()["answer"]["result"] == [[3]]


def test_a_handler_asks_several_at_once(client: TestClient) -> None:
    answers = client.post("/several", params={"question": QUESTION}).json()
    assert [answer["result"] for answer in answers] == [[[3]]] * 10


def test_dates_are_written(client: TestClient) -> None:
    assert client.post("/everybody").json()["result"][0] == ["Ann", "2024-01-05"]
