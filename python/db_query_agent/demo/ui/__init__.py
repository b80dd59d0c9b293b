"""The demo page: questions to a database in a browser, by Streamlit.

    db-query demo --ui                  # from a shell
    streamlit run my_page.py            # a page of one's own, whose two lines are:
    from db_query_agent.demo.ui import page; page()

| module | what it holds |
| --- | --- |
| `layout` | the page from top to bottom, and what happens when it fails |
| `chat` | bubbles, the question under way, examples, the input |
| `answer` | one answer: sentence, SQL, rows, chart, export |
| `sidebar` | connection, toggles, engine, figures, history |
| `browser` | the schema, to be searched |
| `visit` | what one browser said and saw |
| `asking` | one question under way, on a thread of its own |
| `agents` | agents that browsers share, closed when the last one goes |
| `target` | which database and which engine |
| `escape` | text of others, which is never read as Markdown or HTML |
| `export` | rows as files |
| `start` | Streamlit with the settings the page wants |

Only `layout`, `chat`, `answer` and `sidebar` know Streamlit, and nothing here is imported before it is needed.
"""

from __future__ import annotations

__all__ = ["page"]


def page(database_url: str | None = None, *, connect: bool = True) -> None:
    """Draws the page; the whole of a Streamlit script.

    Args:
        database_url: what is asked at first; without it the demo shop
        connect: whether visitors may name another database or a model's server, which is then reached from the
            machine that serves the page
    """
    from db_query_agent.demo.ui.layout import draw

    draw(database_url, connect=connect)
