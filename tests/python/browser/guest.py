"""Somebody in front of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

expect.set_options(timeout=120_000)

QUESTION = "Ask a question about your database"
STILL = """document.getAnimations().every(
    one => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"""
GRAVE = ("serious", "critical")
EXCLUDED: dict[str, str] = {}
"""Places of Streamlit's own that have a violation which cannot be mended from here: selector and reason."""


class Guest:
    """Looks at a page and uses it as people do: by what is written on it."""

    def __init__(self, page: Page, url: str, pictures: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        """Errors on the console, and calls of anyone but the page's own server."""
        self._pictures = pictures
        self._url = url
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._called)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _called(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")

    def close(self) -> None:
        """Leaves; the last sight stays for whoever asks why a test failed."""
        if self.page.is_closed():
            return
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._pictures / "end.png")
        if "Traceback" in self.page.content():
            self.complaints.append("a traceback")
        self.page.close()

    # -- doing ---------------------------------------------------------------------------------

    def ready(self) -> Guest:
        """Waits until a question can be asked."""
        expect(self.input).to_be_enabled()
        self.settled()
        return self

    def ask(self, question: str) -> Locator:
        """Asks and waits for the end; gives the answer's bubble."""
        before = self.answers.count()
        self.input.fill(question)
        self.input.press("Enter")
        return self.answered(before + 1)

    def answered(self, count: int) -> Locator:
        """Waits until `count` answers stand there and nothing is under way; gives the last one."""
        expect(self.answers).to_have_count(count)
        expect(self.button("Stop")).to_have_count(0)
        self.ready()
        return self.answers.nth(count - 1)

    def settled(self) -> None:
        """Waits until nothing moves or fades any more, for a colour that is half there has no contrast."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        self.page.wait_for_function(STILL)

    def press(self, name: str) -> None:
        """Clicks a button."""
        self.button(name).click()

    def unfold(self, name: str) -> None:
        """Opens a part of the sidebar. No person is so quick that a page still being drawn would fold it again."""
        self.settled()
        self.sidebar.locator("summary", has_text=name).click()

    def connect(self, url: str, password: str = "") -> None:
        """Types an address and presses Connect."""
        field = self.page.get_by_label("Database URL", exact=True)
        if not field.is_visible():
            self.unfold("Connect to another database")
        field.fill(url)
        self.page.get_by_label("Database password", exact=True).fill(password)
        self.press("Connect")

    def use_model(self, base_url: str) -> None:
        """Types the address of a model's server."""
        self.unfold("Use a model")
        self.page.get_by_label("Server (OpenAI-compatible)").fill(base_url)
        self.press("Use this model")
        expect(self.page.get_by_role("radio", name="Model")).to_be_checked()

    def picture(self, name: str) -> None:
        """Keeps what the page looks like."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._pictures / f"{name}.png")

    # -- looking -------------------------------------------------------------------------------

    @property
    def input(self) -> Locator:
        return self.page.get_by_placeholder(QUESTION)

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_test_id("stSidebar")

    @property
    def main(self) -> Locator:
        return self.page.get_by_test_id("stMain")

    @property
    def answers(self) -> Locator:
        return self.page.get_by_label("Chat message from assistant")

    @property
    def status(self) -> Locator:
        return self.page.locator(".dbq-status")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def figure(self, name: str) -> Locator:
        """A figure of the statistics."""
        metric = self.sidebar.get_by_test_id("stMetric").filter(has=self.page.get_by_text(name, exact=True))
        return metric.get_by_test_id("stMetricValue")

    def violations(self) -> list[str]:
        """What axe-core calls a serious or critical fault, with the place."""
        self.settled()
        found: dict[str, Any] = Axe().run(self.page, context={"exclude": [[one] for one in EXCLUDED]}).response
        return [
            f"{fault['id']}: {node['target']} {node['html'][:300]}"
            for fault in found["violations"]
            if fault["impact"] in GRAVE
            for node in fault["nodes"]
        ]
