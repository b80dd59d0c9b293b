"""The demo: questions to a shop, with everything that comes of them."""

from __future__ import annotations

import shlex

import db_query_agent
from db_query_agent.cli import output, terminal
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Format
from db_query_agent.demo import QUESTIONS
from db_query_agent.demo.shop import default_path, ensure_sqlite
from db_query_agent.exceptions import DatabaseQueryAgentError

SHOWN_ROWS = 8
"""Rows of an answer that fit beside a dozen others."""


def play(question: str | None) -> Exit:
    """Asks the shop one question, or those it comes with. The worst of their ends is the end."""
    path = default_path()
    if not path.exists():
        terminal.talk("making the shop …")
    url = f"sqlite:///{ensure_sqlite(path)}"
    worst = Exit.FINE
    with db_query_agent.DatabaseQueryAgent(url) as agent:
        for one in [question] if question else QUESTIONS:
            worst = max(worst, _turn(agent, one))
    _what_next(url, asked=question is not None)
    return worst


def _turn(agent: db_query_agent.DatabaseQueryAgent, question: str) -> Exit:
    _say(f"\n? {question}", "bold")
    try:
        result = agent.query(question)
    except DatabaseQueryAgentError as error:
        terminal.complain(error)
        return Exit.of(error)
    if result["needs_clarification"]:
        _say(result["clarification_question"] or result["natural_response"])
        for choice in result["clarification_choices"]:
            _say(f"  - {choice}")
        return Exit.QUESTION
    _say(result["sql"] or "", "cyan")
    output.show(result, Format.TABLE, SHOWN_ROWS)
    if (more := result["row_count"] - SHOWN_ROWS) > 0:
        _say(f"… and {more} more", "dim")
    _say(result["natural_response"], "green")
    _say(f"({result['engine']}, {result['execution_time'] * 1000:.1f} ms)", "dim")
    for warning in result["warnings"]:
        _say(f"note: {warning}", "yellow")
    return Exit.FINE


def _what_next(url: str, *, asked: bool) -> None:
    _say("\nWhat to type next:", "bold")
    if not asked:
        _say('  db-query demo "Top 3 products by price"         a question of your own')
    database = shlex.quote(url)
    _say(f"  db-query schema --db {database}")
    _say(f'  db-query ask "How many customers are there?" --db {database}')
    _say("Put the URL of your own database behind --db, for example postgresql://user@localhost/name.")


def _say(text: str, style: str = "") -> None:
    """The whole show is data: it goes to the standard output."""
    import sys

    from rich.text import Text

    terminal.console(sys.stdout).print(Text(terminal.safe(text), style=style))
