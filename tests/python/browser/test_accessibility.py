"""For everybody: names for what reads the screen, the keyboard alone, a telephone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from browser.conftest import NARROW, Site
from browser.guest import QUESTION, Guest


def test_no_grave_violation_in_a_wide_window(guest: Guest) -> None:
    assert guest.violations() == []
    guest.picture("start")
    answer = guest.ask("What is the total revenue by store?")
    answer.locator("summary", has_text="View SQL").click()
    answer.locator("summary", has_text="Export").click()
    expect(answer.get_by_role("button", name="Download CSV")).to_be_visible()
    guest.unfold("Connect to another database")
    guest.unfold("Use a model")
    guest.sidebar.locator(".dbq-schema summary", has_text="orders").click()
    assert guest.violations() == []
    guest.ask("show me the best")
    guest.ask("why " * 2_000)
    assert guest.violations() == []
    guest.picture("all-kinds")


def test_the_keyboard_alone_suffices(guest: Guest) -> None:
    page = guest.page

    def tab_to(there: str) -> None:
        """Presses Tab until what has the focus is `there`, in JavaScript of the focused element."""
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate(f"(element => {there})(document.activeElement)"):
                return
        raise AssertionError(f"Tab never comes to {there}")

    tab_to(f"element.placeholder === {QUESTION!r}")
    page.keyboard.type("What is the total revenue by store?")
    page.keyboard.press("Enter")
    answer = guest.answered(1)
    tab_to("element.tagName === 'SUMMARY' && element.innerText.includes('View SQL')")
    page.keyboard.press("Enter")
    expect(answer.locator("code.language-sql")).to_be_visible()
    tab_to(f"element.placeholder === {QUESTION!r}")
    page.keyboard.type("show me the best")
    page.keyboard.press("Enter")
    guest.answered(2)
    tab_to("element.innerText === 'How many stores are there?'")
    page.keyboard.press("Enter")
    expect(guest.answered(3)).to_contain_text("10")


def test_a_telephone_shows_all_of_it(visit: Callable[..., Guest], site: Site) -> None:
    guest = visit(site, NARROW).ready()
    guest.picture("start")
    expect(guest.button("What is the total revenue by store?")).to_be_in_viewport()
    answer = guest.ask("What is the total revenue by store?")
    answer.locator("summary", has_text="View SQL").click()
    expect(answer.locator("code.language-sql")).to_be_visible()
    expect(guest.input).to_be_in_viewport()
    guest.picture("answer")
    # Nothing sticks out at the side.
    assert guest.page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    assert guest.violations() == []
    guest.page.get_by_test_id("stExpandSidebarButton").click()
    expect(guest.sidebar.get_by_text("Statistics")).to_be_visible()
    guest.picture("sidebar")
    assert guest.violations() == []
