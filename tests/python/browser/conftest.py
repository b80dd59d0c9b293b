"""A real browser on the real page."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from browser.guest import Guest
from db_query_agent import _core

TOP = Path(__file__).parents[3]
PICTURES = TOP / "build" / "screenshots"
"""What the page looked like in these tests; git ignores the folder."""
PATIENCE = 120_000
"""Milliseconds after which something will not happen any more, on a machine with much else to do."""
WIDE, NARROW = (1280, 800), (390, 844)


class Site:
    """A Streamlit server of a test's own."""

    def __init__(self, folder: Path, command: list[str], home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = home / "streamlit.log"
        known = {option["environment"] for option in _core.options()}
        bare = {name: value for name, value in os.environ.items() if name not in known}
        # The demo shop, Streamlit's own folder and whatever else a page may write go with the test.
        bare |= {"XDG_CACHE_HOME": str(home), "HOME": str(home)}
        bare |= {"STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_HEADLESS": "true"}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=bare,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Waits until it serves."""
        while self.process.poll() is None:
            if self._answers():
                return
        pytest.fail(f"the page cannot be served:\n{self.log}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health") as answer:
                healthy: bool = answer.status == 200
                return healthy
        except urllib.error.URLError:
            return False

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return self._log.read_text("utf-8", "replace")

    def close(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait()


@contextmanager
def serving(folder: Path, command: list[str], home: Path) -> Iterator[Site]:
    """Runs `command`, which serves a page, in `folder`."""
    site = Site(folder, [sys.executable, "-m", *command], home)
    try:
        site.wait()
        yield site
    finally:
        site.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page as a user starts it who has no key and no database of his own."""
    home = tmp_path_factory.mktemp("site")
    with serving(home, ["db_query_agent", "demo", "--ui"], home) as site:
        yield site
    assert "Traceback" not in site.log


# Playwright keeps an event loop in this thread as long as it runs, which other tests must not find.
@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    program = subprocess.run([TOP / "scripts/find-chromium"], stdout=subprocess.PIPE, text=True, check=False)
    assert program.returncode == 0, "no browser, see above"
    with sync_playwright() as playwright:
        # Chromium's own fence does not stand for root; the pages here are ours.
        options: dict[str, Any] = {"args": ["--no-sandbox", "--disable-gpu"] if os.geteuid() == 0 else []}
        browser = playwright.chromium.launch(executable_path=program.stdout.strip(), **options)
        # One context, so that Streamlit's own scripts are read once; each page is a session of its own all the same.
        context = browser.new_context(accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        yield context
        browser.close()


@pytest.fixture
def visit(browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Callable[..., Guest]]:
    """Opens pages. At the end none may have complained, called anyone else or shown a traceback."""
    guests: list[Guest] = []

    def open_page(site: Site, size: tuple[int, int] = WIDE) -> Guest:
        page = browser.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        guest = Guest(page, site.url, PICTURES / re.sub(r"\W+", "-", request.node.name).strip("-"))
        guests.append(guest)
        guest.page.goto(site.url)
        return guest

    yield open_page
    for guest in guests:
        guest.close()
    assert [guest.complaints for guest in guests] == [[]] * len(guests)


@pytest.fixture
def guest(visit: Callable[..., Guest], site: Site) -> Guest:
    """The page on the demo shop in a wide window."""
    return visit(site).ready()
