"""Names and values that want to be more than text: they are shown, and nothing else happens."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Locator, expect

from browser.guest import Guest
from db_query_agent.testing import ModelServer, Sql

ENEMIES = (
    "[click](javascript:document.hacked=1)",
    "![see](https://enemy.example/p.png)",
    "<script>document.hacked=1</script>",
    "<img src=https://enemy.example/i.png onerror=document.hacked=1>",
    "<svg onload=document.hacked=1>",
    "</div></details><iframe srcdoc='<script>parent.document.hacked=1</script>'>",
    "$latex$ and $$\\frac{1}{2}$$",
    ":red[colour] :material/home: :smile: :streamlit: `code` **bold** ~~gone~~",
    "https://enemy.example/a www.enemy.example ann@enemy.example",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "# head\n\n- one\n- two\n\n<b>three</b>\n\n1. four",
    "&lt;b&gt; &amp; \\* \\",
)


def shows(place: Locator, text: str) -> None:
    """The place holds the text as it is; what has no width, and how lines break, does not count."""
    expect(place).to_be_visible()
    seen = "".join(place.inner_text().replace("\N{WORD JOINER}", "").split())
    assert "".join(text.split()) in seen


def harmless(guest: Guest) -> None:
    """Nothing ran, and nothing of the page leads elsewhere."""
    assert guest.page.evaluate("document.hacked") is None
    enemies = guest.page.locator(
        "[href*='enemy'], [src*='enemy'], [href^='javascript'], [onerror], [onload], iframe, .katex, "
        ".dbq-said b, .dbq-asked b, .dbq-schema b, .dbq-schema script, .dbq-said a, .dbq-asked a, .dbq-schema a"
    )
    assert enemies.count() == 0


def packed(texts: tuple[str, ...]) -> list[str]:
    """The texts in as few as a sentence shows whole."""
    lines: list[str] = []
    for text in sorted(texts, key=len):
        if lines and len(lines[-1]) + len(text) < 95:
            lines[-1] += f"\n{text}"
        else:
            lines.append(text)
    return lines


def test_a_question_is_text(guest: Guest) -> None:
    for number, enemy in enumerate(ENEMIES, 1):
        guest.input.fill(enemy)
        guest.input.press("Enter")
        guest.answered(number)
        shows(guest.page.get_by_label("Chat message from user").last, enemy)
        harmless(guest)
    for enemy in ENEMIES:
        start = " ".join(enemy.split())[:50]
        shows(guest.sidebar, start)
    guest.picture("questions")


def test_what_a_database_holds_is_text(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "enemies.db"
    bodies = packed(ENEMIES)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)")
        connection.executemany("INSERT INTO notes (body) VALUES (?)", [(body,) for body in bodies])
        for name in ENEMIES:
            connection.execute(f'CREATE TABLE "{name}" ("{name}" TEXT)')
        connection.commit()
    sentences = [
        Sql(f"SELECT max(body) AS body FROM notes WHERE id = {number}") for number in range(1, len(bodies) + 1)
    ]
    listing, wrong = f'SELECT body AS "{ENEMIES[0]}", id FROM notes', f'SELECT "{ENEMIES[2]}" FROM notes'
    with ModelServer(*sentences, Sql(listing), Sql(wrong), repeat=True) as server:
        guest.connect(f"sqlite:///{path}")
        schema = guest.sidebar.locator(".dbq-schema")
        expect(schema).to_contain_text("notes")
        for summary in schema.locator("summary").all():
            summary.click()
        for name in ENEMIES:
            shows(schema, name)
        expect(schema.locator("table:visible")).to_have_count(len(ENEMIES) + 1)
        harmless(guest)
        guest.use_model(server.base_url)
        for number, body in enumerate(bodies, 1):
            shows(guest.ask(f"What is the body of note {number}?").locator(".dbq-said"), body)
            harmless(guest)
        expect(guest.ask("Show all notes").get_by_test_id("stDataFrame")).to_be_visible()
        harmless(guest)
        guest.picture("values")
        expect(guest.ask("Show something that is not there").get_by_test_id("stAlert").first).to_be_visible()
        harmless(guest)
        guest.connect(f"sqlite:////{ENEMIES[2]}")
        expect(guest.sidebar.get_by_test_id("stAlert")).to_contain_text("What helps")
        harmless(guest)
        guest.picture("failure")
