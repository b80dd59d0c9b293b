"""A long question: nothing else can be done meanwhile, and Stop ends it on the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import expect
from servers import postgresql_database

from browser.guest import Guest
from db_query_agent.testing import ModelServer, Sql

USERS = ["CREATE TABLE users (id integer PRIMARY KEY, name text)", "INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob')"]
SLOW = "SELECT count(*) AS n FROM generate_series(1, 10000000000) AS g"
RUNNING = (
    b"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()"
    b" AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()"
)


@contextmanager
def busy(guest: Guest) -> Iterator[Callable[[], int]]:
    """A page whose question runs without an end, and how many such statements the server works on."""
    with (
        postgresql_database(USERS) as url,
        psycopg.connect(url, autocommit=True) as connection,
        ModelServer(Sql(SLOW), repeat=True) as server,
    ):

        def running() -> int:
            row = connection.execute(RUNNING).fetchone()
            assert row is not None
            count: int = row[0]
            return count

        guest.connect(url)
        expect(guest.sidebar).to_contain_text("(postgresql)")
        guest.use_model(server.base_url)
        guest.input.fill("How many users are there?")
        guest.input.press("Enter")
        expect(guest.button("Stop")).to_be_visible()
        await_that(lambda: running() == 1)
        yield running


def await_that(is_so: Callable[[], bool]) -> None:
    """Looks again until it is so."""
    end = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > end:
            pytest.fail("it did not become so")


def test_a_question_under_way_can_be_stopped(guest: Guest) -> None:
    with busy(guest) as running:
        expect(guest.input).to_be_disabled()
        for switch in ("Remember the conversation", "Stream the answer"):
            expect(guest.page.get_by_role("switch", name=switch)).to_be_disabled()
        for radio in ("Offline", "Model"):
            expect(guest.page.get_by_role("radio", name=radio)).to_be_disabled()
        expect(guest.button("New conversation")).to_be_disabled()
        expect(guest.sidebar.get_by_role("button", name="How many users are there?")).to_be_disabled()
        expect(guest.status).to_contain_text("Running the SQL …")
        expect(guest.answers.last.locator("code.language-sql")).to_contain_text("generate_series")
        guest.picture("busy")
        guest.press("Stop")
        stopped = guest.answered(1)
        expect(stopped).to_contain_text("Stopped.")
        await_that(lambda: running() == 0)
        # The same page goes on, with the other engine.
        guest.page.get_by_text("Offline", exact=True).click()
        expect(guest.page.get_by_text("in a new conversation")).to_be_visible()
        expect(guest.ask("How many users are there?")).to_contain_text("2")
