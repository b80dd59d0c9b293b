"""Started as the specification writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from browser.conftest import TOP, serving
from browser.guest import Guest


def test_streamlit_runs_the_example(visit: Callable[..., Guest], tmp_path: Path) -> None:
    with serving(TOP, ["streamlit", "run", "examples/streamlit_demo.py"], tmp_path) as site:
        guest = visit(site).ready()
        expect(guest.page).to_have_title("Database Query Agent Demo")
        expect(guest.ask("How many stores are there?")).to_contain_text("10")
        guest.close()
    # The settings beside it hold: this machine alone, and nobody is told.
    assert "http://127.0.0.1" in site.log
    assert "Collecting usage statistics" not in site.log
