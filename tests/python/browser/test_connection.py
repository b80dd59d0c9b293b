"""Another database: by its address, good or bad, and never a password on the page again."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import expect
from servers import postgresql_database

from browser.conftest import Site
from browser.guest import Guest

SECRET = "s3cret:%@/w0rd"
QUOTED = "s3cret%3A%25%40%2Fw0rd"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann@127.0.0.1:1/shop", "refuses connections"),
        ("not an address", "invalid_"),
        ("gopher://somewhere/x", "unsupported_scheme"),
        ("postgresql://ann@[::1/x", "invalid_"),
        ("sqlite:////no/such/folder/shop.db", "What helps"),
    ],
)
def test_a_bad_address_is_explained(guest: Guest, site: Site, url: str, said: str) -> None:
    guest.connect(url, SECRET)
    expect(guest.sidebar.get_by_test_id("stAlert")).to_contain_text(said)
    expect(guest.sidebar.get_by_test_id("stAlert")).to_contain_text("What helps")
    expect(guest.page.get_by_label("Database password", exact=True)).to_have_value("")
    # What was open before still is.
    expect(guest.ask("How many stores are there?")).to_contain_text("10")
    for text in (guest.page.content(), site.log):
        assert SECRET not in text
        assert QUOTED not in text


def test_a_password_is_not_shown_again(guest: Guest, site: Site) -> None:
    with postgresql_database(["CREATE TABLE cats (name text)", "INSERT INTO cats VALUES ('Tom')"]) as url:
        role = f"reader_{os.getpid()}"
        quoted = SECRET.replace("'", "''")
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{quoted}'".encode())
            administrator.execute(f"GRANT SELECT ON cats TO {role}".encode())
            try:
                parts = urlsplit(url)
                place = f"{parts.hostname}:{parts.port}"
                for user, password in ((role, SECRET), (f"{role}:{QUOTED}", "")):
                    address = urlunsplit(parts._replace(netloc=f"{user}@{place}"))
                    guest.connect(address, password)
                    expect(guest.sidebar).to_contain_text(f"Connected to postgresql://{role}")
                    expect(guest.figure("Tables")).to_have_text("1")
                    expect(guest.ask("How many cats are there?")).to_contain_text("1")
                    expect(guest.page.get_by_label("Database password", exact=True)).to_have_value("")
                    if not password:
                        expect(guest.page.get_by_label("Database URL", exact=True)).to_have_value("")
                    for text in (guest.page.content(), site.log):
                        assert SECRET not in text
                        assert QUOTED not in text
                    guest.press("Back to the demo shop")
                    expect(guest.figure("Tables")).to_have_text("13")
                    expect(guest.answers).to_have_count(0)
            finally:
                administrator.execute(f"DROP OWNED BY {role}".encode())
                administrator.execute(f"DROP ROLE {role}".encode())


def test_bad_questions_are_explained_and_the_page_lives_on(guest: Guest) -> None:
    failed = guest.ask("why " * 2_000)
    expect(failed.get_by_test_id("stAlert")).to_contain_text("question_too_long")
    expect(guest.status).to_have_text("The question failed.")
    expect(guest.figure("Failed")).not_to_have_text("0")
    expect(guest.ask("How many stores are there?")).to_contain_text("10")
