"""Asking on the page: questions, follow-ups, toggles, choices, history, files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow.parquet
from playwright.sync_api import expect

from browser.guest import Guest

REVENUE = "What is the total revenue by store?"


def test_an_example_is_asked_by_a_click(guest: Guest) -> None:
    guest.press(REVENUE)
    answer = guest.answered(1)
    expect(answer).to_contain_text("The total revenue for each store")
    expect(answer.get_by_test_id("stDataFrame")).to_be_visible()
    expect(answer.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()
    expect(guest.status).to_have_text("Answered.")
    answer.locator("summary", has_text="View SQL").click()
    code = answer.locator("code.language-sql")
    expect(code).to_contain_text("SELECT")
    # A highlighted word stands in an element of its own.
    expect(code.locator("span", has_text="SELECT").first).to_be_visible()
    guest.picture("answer")


def test_a_follow_up_builds_on_the_question_before(guest: Guest) -> None:
    guest.ask("How many customers are there?")
    followed = guest.ask("only those from Berlin")
    followed.locator("summary", has_text="View SQL").click()
    expect(followed.locator("code.language-sql")).to_contain_text("'Berlin'")


def test_without_a_session_each_question_stands_alone(guest: Guest) -> None:
    guest.ask("How many customers are there?")
    guest.page.get_by_text("Remember the conversation").click()
    alone = guest.ask("only those from Berlin")
    alone.locator("summary", has_text="View SQL").click()
    expect(alone.locator("code.language-sql")).not_to_contain_text("COUNT")


def test_the_answer_is_streamed_or_not(guest: Guest) -> None:
    toggle = guest.page.get_by_role("switch", name="Stream the answer")
    expect(toggle).to_be_checked()
    guest.page.get_by_text("Stream the answer").click()
    expect(toggle).not_to_be_checked()
    expect(guest.ask("How many stores are there?")).to_contain_text("10")


def test_a_choice_is_asked_by_a_click(guest: Guest) -> None:
    asked_back = guest.ask("show me the best")
    expect(guest.status).to_have_text("Please choose, or ask in other words.")
    choice = asked_back.get_by_role("button").first
    text = choice.inner_text()
    choice.click()
    expect(guest.answered(2)).to_contain_text("10" if "stores" in text else "are")
    expect(guest.page.get_by_label("Chat message from user").last).to_contain_text(text)


def test_history_asks_again_and_figures_count(guest: Guest, visit: Callable[..., Guest]) -> None:
    before = int(guest.figure("Questions").inner_text())
    guest.ask("How many stores are there?")
    expect(guest.figure("Questions")).to_have_text(str(before + 1))
    guest.sidebar.get_by_role("button", name="How many stores are there?").click()
    guest.answered(2)
    expect(guest.figure("Questions")).to_have_text(str(before + 2))
    expect(guest.sidebar.get_by_role("button", name="How many stores are there?")).to_have_count(1)


def test_each_browser_has_a_conversation_of_its_own(guest: Guest, visit: Callable[..., Guest], site: object) -> None:
    guest.ask("How many customers are there?")
    other = visit(site).ready()
    expect(other.answers).to_have_count(0)
    alone = other.ask("only those from Berlin")
    alone.locator("summary", has_text="View SQL").click()
    expect(alone.locator("code.language-sql")).not_to_contain_text("COUNT")


def test_a_new_conversation_forgets(guest: Guest) -> None:
    guest.ask("How many customers are there?")
    guest.press("New conversation")
    expect(guest.answers).to_have_count(0)
    alone = guest.ask("only those from Berlin")
    alone.locator("summary", has_text="View SQL").click()
    expect(alone.locator("code.language-sql")).not_to_contain_text("COUNT")


def test_rows_can_be_downloaded(guest: Guest, tmp_path: Path) -> None:
    answer = guest.ask("List the 5 most expensive products in Electronics")
    answer.locator("summary", has_text="Export").click()
    files = {}
    for kind in ("CSV", "Excel", "JSON", "Parquet"):
        answer.get_by_test_id("stRadio").get_by_text(kind, exact=True).click()
        with guest.page.expect_download() as download:
            answer.get_by_role("button", name=f"Download {kind}").click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    rows = list(csv.reader(io.StringIO(files["CSV"].read_text("utf-8"))))
    assert len(rows) == 6
    assert "name" in rows[0]
    assert {path.suffix for path in files.values()} == {".csv", ".xlsx", ".json", ".parquet"}
    column = rows[0].index("name")
    names = [row[column] for row in rows[1:]]
    assert [row["name"] for row in json.loads(files["JSON"].read_text("utf-8"))] == names
    sheet = openpyxl.load_workbook(files["Excel"]).active
    assert sheet is not None
    assert [row[column] for row in sheet.iter_rows(min_row=2, values_only=True)] == names
    assert pyarrow.parquet.read_table(files["Parquet"]).column("name").to_pylist() == names


def test_the_schema_is_searched_and_shows_foreign_keys(guest: Guest) -> None:
    expect(guest.figure("Tables")).to_have_text("13")
    field = guest.page.get_by_label("Search tables and columns")
    field.fill("shipments")
    field.press("Enter")
    tables = guest.sidebar.locator(".dbq-schema details")
    expect(tables).to_have_count(1)
    expect(tables).to_contain_text("→ orders.id")
    guest.picture("schema")
    field.fill("no such name")
    field.press("Enter")
    expect(guest.sidebar).to_contain_text("No table or column is named so.")
