"""Django: the specification's view, behind WSGI and ASGI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django
import pytest
from django.conf import settings

from db_query_agent import DatabaseQueryAgent

if not settings.configured:
    settings.configure(DEBUG=False, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="for tests")
    django.setup()

from django.http import HttpRequest, JsonResponse
from django.test import AsyncClient, Client
from django.urls import path

agent: DatabaseQueryAgent


def query_database(request: HttpRequest) -> JsonResponse:
    question = request.POST.get("question")
    result = agent.query(question)  # type: ignore[arg-type]
    return JsonResponse(result)


async def query_database_async(request: HttpRequest) -> JsonResponse:
    return JsonResponse(await agent.query(request.POST["question"]))


async def query_database_unawaited(request: HttpRequest) -> JsonResponse:
    return JsonResponse(agent.query(request.POST["question"]))


urlpatterns = [
    path("query", query_database),
    path("awaited", query_database_async),
    path("unawaited", query_database_unawaited),
]


@pytest.fixture(autouse=True)
def _agent(url: str) -> Iterator[None]:
    global agent
    agent = DatabaseQueryAgent(database_url=url)
    yield
    agent.close()


VIEWS = ["/query", "/awaited", "/unawaited"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_behind_wsgi(view: str) -> None:
    answer: Any = Client().post(view, {"question": "How many users are there?"})
    assert answer.status_code == 200
    assert answer.json()["result"] == [[3]]


@pytest.mark.parametrize("view", VIEWS)
async def test_a_view_behind_asgi(view: str) -> None:
    answer: Any = await AsyncClient().post(view, {"question": "How many users are there?"})
    assert answer.status_code == 200
    assert answer.json()["result"] == [[3]]
    assert "users" in answer.json()["sql"]
